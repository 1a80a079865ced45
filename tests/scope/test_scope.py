"""Which nodes of a dbt project a range of commits touches, in a real repository."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from builders import PROJECT, Outcome, call_dot, commit, git, make_repo, make_tree
from dot.console.shell import read_shell
from dot.scope.dbt_scope import DbtScope
from dot.scope.gather_dbt import DbtScopeRequest, gather_dbt_scope

Dot = Callable[..., Outcome]
Change = Callable[[Path], object]

DBT_PROJECT = "name: shop\nprofile: shop\n"
SCHEMA = "models: [{name: a}, {name: b}]\nsources: [{name: raw, tables: [{name: t}]}]\n"
FILES = {
    **PROJECT,
    "dbt_project.yml": DBT_PROJECT,
    "models/schema.yml": SCHEMA,
    "seeds/s.csv": "id\n1\n",
    "snapshots/n.sql": "{% snapshot n %}{% endsnapshot %}\n",
    "tests/t.sql": "select 1\n",
    "macros/m.sql": "",
    "data/x.csv": "1\n",
    "README.md": "",
}


def ask(folder: Path, base: str = "base", **given: Any) -> DbtScope:
    return gather_dbt_scope(DbtScopeRequest(base=base, project_dir=str(folder), **given), read_shell()).scope


def write(path: str, text: str = "select 99 as id\n") -> Change:
    return lambda folder: make_tree(folder, {path: text})


def remove(path: str) -> Change:
    return lambda folder: (folder / path).unlink()


def rename(old: str, new: str) -> Change:
    def change(folder: Path) -> None:
        (folder / new).parent.mkdir(parents=True, exist_ok=True)
        (folder / old).rename(folder / new)

    return change


def embed(path: str) -> Change:
    """Another repository at this path, of which this one has the commit alone."""

    def change(folder: Path) -> None:
        (folder / path).mkdir()
        git(folder, "update-index", "--add", "--cacheinfo", f"160000,{git(folder, 'rev-parse', 'HEAD')},{path}")

    return change


CASES: dict[str, tuple[Change, list[str], str]] = {
    # what changes, the codes of the reasons, what dbt selects then
    "a model": (write("models/a.sql"), [], "path:models/a.sql"),
    "a new model": (write("models/deep/c.sql"), [], "path:models/deep/c.sql"),
    "a seed": (write("seeds/s.csv", "id\n2\n"), [], "path:seeds/s.csv"),
    "a snapshot": (write("snapshots/n.sql"), [], "path:snapshots/n.sql"),
    "a test": (write("tests/t.sql"), [], "path:tests/t.sql"),
    "a mode": (lambda folder: (folder / "models/a.sql").chmod(0o755), [], "path:models/a.sql"),
    "properties of one": (
        write("models/schema.yml", SCHEMA.replace("{name: a}", "{name: a, tests: []}")),
        [],
        "a",
    ),
    "a source": (
        write("models/schema.yml", SCHEMA.replace("name: t", "name: u")),
        [],
        "source:raw+1",
    ),
    "properties that are no YAML": (write("models/schema.yml", "models: [\n"), ["unreadable-properties"], "fqn:*"),
    "properties that are no text": (
        lambda folder: (folder / "models/schema.yml").write_bytes(b"models: [{name: \xff}]\n"),
        ["unreadable-properties"],
        "fqn:*",
    ),
    "properties beside analyses": (write("analyses/p.yml", "models: [{name: a, tests: []}]\n"), [], "a"),
    "properties of a group": (write("models/g.yml", "groups: [{name: g}]\n"), ["unreadable-properties"], "fqn:*"),
    "a moved model": (rename("models/a.sql", "models/deep/a.sql"), [], "path:models/deep/a.sql"),
    "a renamed model": (rename("models/a.sql", "models/c.sql"), ["deleted-file"], "fqn:*"),
    "a deleted model": (remove("models/b.sql"), ["deleted-file"], "fqn:*"),
    "a macro": (write("macros/m.sql"), ["other-file"], "fqn:*"),
    "the project": (write("dbt_project.yml", DBT_PROJECT + "vars: {x: 1}\n"), ["other-file"], "fqn:*"),
    "data that a model may read": (write("data/x.csv"), ["other-file"], "fqn:*"),
    "a name that dbt takes for two": (write("models/a b.sql"), ["unselectable-name"], "fqn:*"),
    "a model that is a link": (lambda folder: (folder / "models/l.sql").symlink_to("a.sql"), ["other-file"], "fqn:*"),
    "folders named by Jinja": (
        write("dbt_project.yml", DBT_PROJECT + "model-paths: [\"{{ var('x') }}\"]\n"),
        ["other-file", "project-paths"],
        "fqn:*",
    ),
    "a submodule": (embed("models/sub"), ["submodule"], "fqn:*"),
    "pages": (write("README.md"), [], ""),
    "nothing": (lambda _: None, [], ""),
}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = make_repo(tmp_path / "shop", FILES)
    git(folder, "tag", "base")
    monkeypatch.chdir(folder)
    return folder


def test_what_is_touched_by_the_paths_alone(project: Path) -> None:
    found = {}
    for name, (change, _, _) in CASES.items():
        git(project, "reset", "--quiet", "--hard", "base")
        change(project)
        commit(project, name)
        scope = ask(project)
        found[name] = (sorted({reason.code for reason in scope.reasons}), scope.select(with_children=False))
    assert found == {name: (codes, select) for name, (_, codes, select) in CASES.items()}


def test_a_project_in_a_subfolder_is_asked_about_alone_but_for_what_it_names(tmp_path: Path) -> None:
    inside = {f"transform/{name}": text for name, text in FILES.items()}
    repository = make_repo(tmp_path / "mono", {**inside, "house/dbt_project.yml": "name: house\n", "app.py": ""})
    git(repository, "tag", "base")
    commit(make_tree(repository, {"app.py": "1\n", "house/macros/x.sql": "", "transform/models/a.sql": "1\n"}), "all")
    scope = ask(repository / "transform")
    assert (scope.select(with_children=True), [file.path for file in scope.files]) == (
        "path:models/a.sql+",
        ["models/a.sql"],
    )
    commit(make_tree(repository, {"transform/packages.yml": "packages: [{local: ../house}]\n"}), "packages")
    git(repository, "tag", "--force", "base")
    commit(make_tree(repository, {"house/macros/x.sql": "changed\n"}), "the package")
    assert [(one.code, one.path) for one in ask(repository / "transform").reasons] == [("outside-file", "../house")]


OUTSIDE: dict[str, tuple[str, str]] = {
    # a local package, and the file that changes
    "the package": ("../house", "house/macros/x.sql"),
    "what a link leads to": ("../link", "house/macros/x.sql"),
    "what a link on the way leads to": ("../link/macros", "house/macros/x.sql"),
    "what a link below leads to": ("../near", "far/x.sql"),
    "something, where the package is in no commit": ("../ignored", "app.py"),
    "a submodule that the package is in": ("../sub/house", "app.py"),
    "something, where a link leads to itself": ("../loop", "app.py"),
}


def test_what_lies_outside_counts_wherever_links_lead_to_it(tmp_path: Path) -> None:
    inside = {f"transform/{name}": text for name, text in FILES.items()}
    repository = make_repo(tmp_path / "mono", {**inside, "house/macros/x.sql": "", "near/a.sql": "", "far/x.sql": ""})
    for link, target in {"link": "house", "near/macros": "../far", "loop": "loop/x"}.items():
        (repository / link).symlink_to(target)
    commit(repository, "links")
    embed("sub")(repository)
    git(repository, "commit", "--quiet", "--message=a submodule")
    for place, path in OUTSIDE.values():
        make_tree(repository, {"transform/packages.yml": f"packages: [{{local: {place}}}]\n"})
        commit(repository, "the package")
        git(repository, "tag", "--force", "base")
        commit(make_tree(repository, {path: f"for {place}\n"}), "what it is made of")
        assert [(one.code, one.path) for one in ask(repository / "transform").reasons] == [("outside-file", place)]
        commit(make_tree(repository, {"unused.py": f"for {place}\n"}), "something else")
        is_unknown = path == "app.py"
        assert bool(ask(repository / "transform", base="HEAD~1").reasons) == is_unknown


def test_what_cannot_be_told_is_everything(project: Path, dot: Dot) -> None:
    assert dot("scope", "", "--format", "dbt-select").stdout == "fqn:*\n"
    assert [one.code for one in ask(project, base="0" * 40).reasons] == ["no-base"]
    git(project, "switch", "--quiet", "--orphan", "unrelated")
    commit(make_tree(project, FILES), "unrelated")
    assert [one.code for one in ask(project, mode="merge-base").reasons] == ["no-merge-base"]
    assert [call_dot("scope", *words) for words in (["nowhere"], ["base", "nowhere"], [])] == [2, 2, 2]
    assert call_dot("scope", "base", "--format", "selector") == 2
    git(project, "rm", "--quiet", "dbt_project.yml")
    commit(project, "no project")
    make_tree(project, {"dbt_project.yml": DBT_PROJECT})
    assert call_dot("scope", "base") == 2


def test_the_answer_in_words_and_as_data(project: Path, dot: Dot) -> None:
    commit(make_tree(project, {"models/a.sql": "select 2 as id\n"}), "a")
    lines = dot("scope", "base").stdout.splitlines()
    assert lines[0].endswith("(HEAD) · 1 file, by their paths")
    assert lines[1:] == ["  model     changed  a"]
    data = json.loads(dot("scope", "base", "--json").stdout)
    assert (data["full"], data["by"], data["select"], data["reasons"]) == (False, "paths", ["path:models/a.sql"], [])
    assert data["files"] == [{"path": "models/a.sql", "status": "M", "class": "model"}]
    (node,) = data["nodes"]
    assert (node["name"], node["resource_type"], node["change"]) == ("a", "model", "changed")
    assert dot("scope", "HEAD").stdout.splitlines()[1:] == ["no node is touched"]
    assert dot("scope", "HEAD", "--format", "dbt-select").stdout == "\n"
    make_tree(project, {"models/new.sql": ""})
    assert "1 edited or new file is in no commit" in dot("scope", "base").stderr


# -- by the manifests of two builds --------------------------------------------------------------------------------


def write_manifest(project: Path, ref: str, code: str, **more: Any) -> None:
    """What a parse of this commit would have left: a model and a test of it, the model with this code."""
    short_hash = git(project, "rev-parse", "--short", ref)
    model = {"resource_type": "model", "name": "a", "package_name": "shop", "raw_code": code, **more}
    reader = {"resource_type": "model", "name": "b", "depends_on": {"nodes": ["model.shop.a"]}, "raw_code": "b"}
    nodes = {"model.shop.a": model, "model.shop.b": reader}
    manifest = {"metadata": {"dbt_schema_version": "v12", "project_name": "shop"}, "nodes": nodes}
    (file,) = (project / ".dot" / "build" / short_hash).glob("env/*/target/manifest.json")
    file.write_text(json.dumps(manifest))


def test_with_both_builds_it_goes_by_their_code(project: Path, log: Path, dot: Dot) -> None:
    assert not log.exists()
    commit(make_tree(project, {"macros/m.sql": "{% macro m() %}2{% endmacro %}\n"}), "a macro")
    for ref in ("base", "main"):
        assert call_dot("parse", f"dev@{ref}") == 0
        write_manifest(project, ref, "select 1 as id")
    scope = ask(project)
    assert (scope.by, scope.environment, scope.is_full, scope.select(with_children=False)) == ("code", "dev", False, "")
    write_manifest(project, "main", "select 2 as id")
    scope = ask(project)
    assert [(node.unique_id, node.change) for node in scope.nodes] == [("model.shop.a", "changed")]
    assert (scope.select(with_children=False), scope.select(with_children=True)) == ("a", "a+")
    assert "by the code of the builds in environment dev" in dot("scope", "base").stdout
    assert ask(project, environment="prod").by == "paths"
    assert "by paths alone, since there is no build prod@" in dot("scope", "base", "--environment", "prod").stderr
    assert call_dot("scope", "base", "--environment", "nowhere") == 2
    for manifest in project.glob(".dot/build/*/env/dev/target/manifest.json"):
        manifest.write_text("{")
    assert [one.code for one in ask(project).reasons] == ["other-file"]


def test_no_dbt_and_no_profile_is_needed_to_go_by_paths(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    git(project, "rm", "--quiet", "profiles.yml")
    commit(project, "no profile")
    git(project, "tag", "--force", "base")
    commit(make_tree(project, {"models/a.sql": "select 2 as id\n"}), "a")
    monkeypatch.setenv("PATH", os.pathsep.join(("/usr/bin", "/bin")))
    assert ask(project).select(with_children=False) == "path:models/a.sql"
