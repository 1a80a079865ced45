"""What of a bundle has to be deployed, in a real repository."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from builders import Outcome, call_dot, commit, git, make_repo, make_tree
from dot.base.errors import AddressError
from dot.base.tree_change import TreeChange
from dot.bundle.gather_scope import BundleScopeRequest, gather_bundle_scope
from dot.bundle.scope import BundleFacts, BundleScope, render_bundle_scope, scope_bundle
from dot.console.shell import read_shell
from dot.scope.commits import CommitRange, NamedCommit

Dot = Callable[..., Outcome]
Change = Callable[[Path], object]

CRM_JOB = "resources/sales/crm/jobs/sales_crm_raw_customers.py"
CRM_PIPELINE = "resources/sales/crm/pipelines/sales_crm_base_customers.py"
WEB_JOB = "resources/sales/web/jobs/sales_web_raw_hits.py"
HR_JOB = "resources/people/hr/jobs/people_hr_raw_staff.py"
CRM = ["jobs.sales_crm_raw_customers_job", "pipelines.sales_crm_base_customers_pipeline"]
WEB, HR = ["jobs.sales_web_raw_hits_job"], ["jobs.people_hr_raw_staff_job"]


def module(path: str) -> str:
    """What a module holds, as far as the scope goes by it."""
    kind = "job" if "/jobs/" in path else "pipeline"
    return f'{path.rpartition("/")[2].removesuffix(".py")}_{kind} = {kind.title()}.from_dict({{"name": "x"}})\n'


BUNDLE = {
    "databricks.yml": "bundle: {name: shop}\ninclude: [targets/*.yml]\n",
    "targets/dev.yml": "targets: {dev: {mode: development}}\n",
    "README.md": "a bundle\n",
    "docs/x.md": "",
    "tests/test_x.py": "",
    "justfile": "",
    "resources/__init__.py": "",
    "resources/sales/__init__.py": "",
    **{path: module(path) for path in (CRM_JOB, CRM_PIPELINE, WEB_JOB, HR_JOB)},
    "src/sales/crm/raw/load.py": "print('a load of so many lines that git calls it the same when it is moved')\n" * 9,
    "src/sales/web/raw/load.py": "",
    "src/sales/empty/raw/load.py": "",
    "src/people/hr/raw/load.py": "",
    "specs/jobs/sales/crm/customers.yml": "",
}


def ask(folder: Path, base: str = "base", **given: Any) -> BundleScope:
    return gather_bundle_scope(BundleScopeRequest(base=base, bundle_dir=str(folder), **given), read_shell()).scope


def write(path: str, text: str = "changed\n") -> Change:
    return lambda folder: make_tree(folder, {path: text})


def move(old: str, new: str) -> Change:
    def change(folder: Path) -> None:
        make_tree(folder, {new: ""})
        git(folder, "mv", "--force", old, new)

    return change


def link(path: str, target: str) -> Change:
    def change(folder: Path) -> None:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).symlink_to(target)

    return change


def both(*changes: Change) -> Change:
    return lambda folder: [change(folder) for change in changes]


ODD = ("a b.sql", "a\nb.sql", 'quote"d.sql', "ünï.sql", "-x.sql", "*.sql", "a\\b.sql", "tab\t.sql", "\udcff.sql")

CASES: dict[str, tuple[Change, list[str], list[str]]] = {
    # what changes, the codes of the reasons, what is selected
    "a source file": (write("src/sales/crm/raw/load.py"), [], CRM),
    "a spec": (write("specs/jobs/sales/crm/customers.yml"), [], CRM),
    "a module": (write(CRM_JOB, module(CRM_JOB) + "#\n"), [], CRM),
    "a new source": (both(write("resources/sales/new/jobs/x.py", module("/jobs/x.py"))), [], ["jobs.x_job"]),
    "two scopes": (both(write("src/sales/crm/x.sql"), write("src/people/hr/x.sql")), [], HR + CRM),
    "a file of a domain": (write("resources/people/__init__.py"), [], HR),
    "odd names": (both(*(write(f"src/sales/crm/{name}") for name in ODD)), [], CRM),
    "a mode": (lambda folder: (folder / "src/sales/crm/raw/load.py").chmod(0o755), [], CRM),
    "a move to another scope": (move("src/sales/crm/raw/load.py", "src/sales/web/raw/moved.py"), [], CRM + WEB),
    "a deleted source file": (lambda folder: (folder / "src/sales/crm/raw/load.py").unlink(), [], CRM),
    "pages and tests": (both(write("docs/x.md"), write("tests/test_x.py"), write("README.md")), [], []),
    "a kept folder": (write("src/sales/crm/raw/.gitkeep"), [], []),
    "a workflow": (write(".github/workflows/x.yml"), [], []),
    "nothing": (lambda _: None, [], []),
    "a domain whose scope has nothing": (write("src/sales/x.py"), ["nothing-selectable"], CRM + WEB),
    "a scope without resources": (write("src/sales/empty/raw/load.py"), ["nothing-selectable"], []),
    "the bundle's file": (write("databricks.yml"), ["other-file"], []),
    "a target": (write("targets/dev.yml"), ["other-file"], []),
    "the loader": (write("resources/__init__.py"), ["other-file"], []),
    "a file at the top": (write("justfile"), ["other-file"], []),
    "a scope that has no such name": (write("src/sales/C-R-M/x.py"), ["other-file"], []),
    "a spec of no kind": (write("specs/sales/crm/x.yml"), ["other-file"], []),
    "a deleted module": (lambda folder: (folder / WEB_JOB).unlink(), ["deleted-resource", "nothing-selectable"], []),
    "a module with another name": (
        move(CRM_JOB, "resources/sales/crm/jobs/other.py"),
        ["deleted-resource", "foreign-module"],
        ["jobs.other_job", CRM[1]],
    ),
    "a module that somebody else wrote": (write(CRM_JOB, "other_job = 1\n"), ["foreign-module"], CRM),
    "a module with two resources": (write(CRM_JOB, module(CRM_JOB) + "more_job = Job()\n"), ["foreign-module"], CRM),
    "a module with a job that is made of a function": (
        write(CRM_JOB, module(CRM_JOB) + "@job\ndef more():\n    pass\n"),
        ["foreign-module"],
        CRM,
    ),
    "a module with a resource in a condition": (
        write(CRM_JOB, module(CRM_JOB) + "if True:\n    more_job = Job()\n"),
        ["foreign-module"],
        CRM,
    ),
    "a module that only says so in a text": (write(CRM_JOB, f'"""\n{module(CRM_JOB)}"""\n'), ["foreign-module"], CRM),
    "a module that is no Python": (write(CRM_JOB, f"{module(CRM_JOB)}def\n"), ["foreign-module"], CRM),
    "a module with values of its own": (
        write(CRM_JOB, f'"""Text."""\nTASKS = [{{"x": f()}}]\nimport os\ndef f(): ...\n{module(CRM_JOB)}'),
        [],
        CRM,
    ),
    "a module where none belongs": (write("resources/sales/crm/jobs/deep/x.py"), ["foreign-module"], CRM),
    "resources in YAML": (write("resources/sales/crm/jobs/x.yml"), ["yaml-resource"], CRM),
    "a link to another scope": (link("src/sales/crm/x", "../web/raw"), [], CRM),
    "a link out of the repository": (link("src/sales/crm/x", "/etc/hosts"), ["outside-file"], CRM),
    "a way out in a target": (
        write("targets/dev.yml", "sync: {paths: [../../lib]}\n"),
        ["other-file", "outside-file"],
        [],
    ),
}


@pytest.fixture
def bundle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A bundle that is a repository, at the tag `base`; the current folder."""
    folder = make_repo(tmp_path / "bundle", BUNDLE)
    git(folder, "tag", "base")
    monkeypatch.chdir(folder)
    return folder


def test_what_is_deployed_for_each_change(bundle: Path) -> None:
    found = {}
    for name, (change, _, _) in CASES.items():
        git(bundle, "reset", "--quiet", "--hard", "base")
        change(bundle)
        commit(bundle, name)
        scope = ask(bundle)
        found[name] = (sorted({reason.code for reason in scope.reasons}), list(scope.select))
    assert found == {name: (codes, sorted(select)) for name, (_, codes, select) in CASES.items()}


def test_a_resource_that_was_in_a_module_of_another_is_not_forgotten_when_it_goes(bundle: Path) -> None:
    commit(make_tree(bundle, {CRM_JOB: module(CRM_JOB) + "more_job = Job()\n"}), "two")
    commit(make_tree(bundle, {CRM_JOB: module(CRM_JOB)}), "one")
    assert [(one.code, one.path) for one in ask(bundle, base="HEAD~1").reasons] == [("foreign-module", CRM_JOB)]


def test_a_rollback_is_compared_as_it_is_and_has_no_difference_from_where_both_part(bundle: Path) -> None:
    commit(make_tree(bundle, {"src/sales/crm/raw/load.py": "broken\n"}), "deployed")
    rolled_back = ask(bundle, base="main", head="base")
    assert ([*rolled_back.reasons], [*rolled_back.select]) == ([], CRM)
    assert ask(bundle, base="main", head="base", mode="merge-base").select == ()


def test_a_pull_request_is_compared_with_where_it_began(bundle: Path) -> None:
    git(bundle, "switch", "--quiet", "--create", "feature")
    commit(make_tree(bundle, {"src/people/hr/raw/load.py": "x\n"}), "feature")
    git(bundle, "switch", "--quiet", "main")
    commit(make_tree(bundle, {"src/sales/crm/raw/load.py": "x\n"}), "meanwhile")
    assert list(ask(bundle, base="main", head="feature", mode="merge-base").select) == HR
    assert list(ask(bundle, base="main", head="feature").select) == HR + CRM


def test_a_range_that_cannot_be_told_deploys_all(bundle: Path, tmp_path: Path) -> None:
    def codes(folder: Path, base: str, **given: Any) -> list[str]:
        scope = ask(folder, base=base, **given)
        assert scope.is_full
        assert scope.command == ("databricks", "bundle", "deploy")
        return [reason.code for reason in scope.reasons]

    assert codes(bundle, "") == ["no-base"]
    assert codes(bundle, "0" * 40) == ["no-base"]
    git(bundle, "switch", "--quiet", "--orphan", "unrelated")
    commit(make_tree(bundle, {**BUNDLE, "src/sales/crm/raw/load.py": "other\n"}), "unrelated")
    assert codes(bundle, "base", mode="merge-base") == ["no-merge-base"]
    assert list(ask(bundle).select) == CRM  # which needs no history
    for side in ("left", "right"):
        git(bundle, "switch", "--quiet", "--create", side, "base")
        commit(make_tree(bundle, {f"src/sales/crm/{side}.py": ""}), side)
    for name, start, other in (("one", "left", "right"), ("two", "right", "left")):
        git(bundle, "switch", "--quiet", "--create", name, start)
        git(bundle, "merge", "--quiet", "--no-edit", other)
    assert codes(bundle, "one", head="two", mode="merge-base") == ["several-merge-bases"]
    shallow = tmp_path / "shallow"
    git(tmp_path, "clone", "--quiet", "--depth=1", "--no-single-branch", bundle.as_uri(), str(shallow))
    assert codes(shallow, "origin/left", head="origin/right", mode="merge-base") == ["shallow-history"]
    assert list(ask(shallow, base="origin/left", head="origin/right").select) == CRM


def test_an_unknown_ref_is_no_range(bundle: Path, tmp_path: Path, dot: Dot) -> None:
    for base, head in (("nowhere", "HEAD"), ("base", "nowhere"), ("f" * 40, "HEAD"), ("--output=x", "HEAD")):
        with pytest.raises(AddressError):
            ask(bundle, base=base, head=head)
    assert dot("bundle", "scope", "nowhere").exit_code == 2
    first = git(bundle, "rev-parse", "base")
    commit(bundle, "more")
    git(tmp_path, "clone", "--quiet", "--depth=1", bundle.as_uri(), "shallow")
    done = dot("bundle", "scope", first, "--bundle-dir", "../shallow")
    assert (done.exit_code, "git fetch --unshallow" in done.stderr) == (2, True)


def test_a_submodule_deploys_all_whatever_git_is_told_to_ignore(bundle: Path, tmp_path: Path) -> None:
    library = make_repo(tmp_path / "library", {"x.py": "1\n"}, {"x.py": "2\n"})
    git(bundle, "submodule", "--quiet", "add", str(library), "src/sales/crm/library")
    git(bundle, "config", "--file", ".gitmodules", "submodule.src/sales/crm/library.ignore", "all")
    commit(bundle, "with a library")
    git(bundle, "tag", "--force", "base")
    git(bundle / "src/sales/crm/library", "checkout", "--quiet", "HEAD~1")
    git(bundle, "update-index", "--cacheinfo", f"160000,{git(library, 'rev-parse', 'HEAD~1')},src/sales/crm/library")
    git(bundle, "commit", "--quiet", "--message", "another library")
    scope = ask(bundle)
    assert [(reason.code, reason.path) for reason in scope.reasons] == [("submodule", "src/sales/crm/library")]


def test_a_bundle_is_asked_about_alone_but_for_what_it_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repository = make_repo(
        tmp_path / "mono", {f"{name}/{path}": text for name in "ab" for path, text in BUNDLE.items()}
    )
    git(repository, "tag", "base")
    monkeypatch.chdir(repository)
    commit(make_tree(repository, {"b/src/sales/crm/raw/load.py": "x\n", "README.txt": "", "lib/x.py": ""}), "b alone")
    assert (ask(repository / "a").files, ask(repository / "a").command) == ((), ())
    assert list(ask(repository / "b").select) == CRM
    assert [file.path for file in ask(repository / "b").files] == ["src/sales/crm/raw/load.py"]
    commit(make_tree(repository, {"a/targets/dev.yml": "sync:\n  paths:\n    - ../../lib\n    - ../src\n"}), "named")
    (repository / "a/src/sales/crm/other").symlink_to("../../../../b/src")
    git(repository, "tag", "--force", "base", commit(repository, "linked"))
    assert ask(repository / "a").command == ()
    commit(make_tree(repository, {"lib/x.py": "changed\n"}), "the library")
    assert [(one.code, one.path) for one in ask(repository / "a").reasons] == [("outside-file", "../lib")]
    commit(make_tree(repository, {"b/src/sales/crm/raw/load.py": "y\n"}), "the other bundle")
    assert [one.path for one in ask(repository / "a", base="HEAD~1").reasons] == ["../b/src"]


def test_a_link_counts_when_what_it_leads_to_changes(bundle: Path) -> None:
    (bundle / "src/sales/crm/web").symlink_to("../web/raw")
    commit(bundle, "linked")
    git(bundle, "tag", "--force", "base")
    commit(make_tree(bundle, {"src/sales/web/raw/load.py": "x\n"}), "web")
    assert [(one.code, one.path) for one in ask(bundle).reasons] == [("linked-file", "src/sales/crm/web")]


def test_the_answer_as_data_says_everything_in_order(bundle: Path, dot: Dot) -> None:
    shutil.rmtree(bundle / "resources/sales/web")
    shutil.rmtree(bundle / "src/sales/web")
    hash_ = commit(make_tree(bundle, {"src/sales/crm/x\udcff.py": ""}), "x")
    done = dot("bundle", "scope", "base", "--json")
    data = json.loads(done.stdout)
    assert data == {
        "version": 1,
        "base": {"ref": "base", "commit": git(bundle, "rev-parse", "base")},
        "head": {"ref": "HEAD", "commit": hash_},
        "mode": "direct",
        "compare_from": git(bundle, "rev-parse", "base"),
        "full_deploy": True,
        "reasons": [{"code": "deleted-resource", "resource": WEB[0]}],
        "scopes": [{"domain": "sales", "source": "crm"}, {"domain": "sales", "source": "web"}],
        "removed_scopes": [{"domain": "sales", "source": "web"}],
        "deleted_resources": WEB,
        "select": CRM,
        "files": [
            {"path": WEB_JOB, "status": "D", "class": "scope"},
            {"path": "src/sales/crm/x\\xff.py", "status": "A", "class": "scope"},
            {"path": "src/sales/web/raw/load.py", "status": "D", "class": "scope"},
        ],
    }
    assert dot("bundle", "scope", "base", "--json").stdout == done.stdout


def test_the_answer_for_people_ends_in_the_command(bundle: Path, dot: Dot) -> None:
    commit(make_tree(bundle, {"src/sales/crm/x.py": ""}), "x")
    command = f"databricks bundle deploy --select {','.join(CRM)}"
    assert dot("bundle", "scope", "base").stdout.splitlines()[1:] == ["touched: sales.crm", command]
    assert dot("bundle", "scope", "base", "--format", "command").stdout == f"{command}\n"
    assert dot("bundle", "scope", "HEAD").stdout.splitlines()[-1] == "nothing to deploy"
    assert dot("bundle", "scope", "HEAD", "--format", "command").stdout == "\n"
    shutil.rmtree(bundle / "src/people")
    shutil.rmtree(bundle / "resources/people")
    commit(bundle, "no people")
    assert "removed: people.hr" in dot("bundle", "scope", "base").stdout.splitlines()
    full = dot("bundle", "scope", "", "--format", "text").stdout.splitlines()
    assert full[-1] == "databricks bundle deploy"
    make_tree(bundle, {"src/sales/web/x.py": ""})
    assert "1 edited or new file of the working tree" in dot("bundle", "scope", "base").stderr
    assert (call_dot("bundle", "scope", "base", "--format", "jsno"), call_dot("bundle", "scope")) == (2, 2)


def test_ten_thousand_paths_are_no_long_wait() -> None:
    paths = tuple(f"src/domain{number % 50}/source{number % 7}/raw/file{number}.sql" for number in range(10_000))
    changes = tuple(TreeChange(path, "M", base_blob="a", head_blob="b") for path in paths)
    commits = (NamedCommit(ref=ref, commit="c") for ref in ("base", "head"))
    found = CommitRange(base=next(commits), head=next(commits), mode="direct", compare_from="c")
    scope = scope_bundle(found, BundleFacts(changes, paths, paths))
    assert (len(scope.files), len(scope.scopes), scope.is_full) == (10_000, 350, True)
    assert render_bundle_scope(scope).splitlines()[-2:] == ["  and 330 more, see `--json`", "databricks bundle deploy"]
