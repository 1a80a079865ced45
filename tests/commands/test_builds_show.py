"""`dot builds show`: all that is known of one build, under any name that its commit has."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from builders import Outcome, commit, git, make_tree, read_calls
from dot.isolation.proof import Proof, Proofs
from dot.relation.relation import Relation

Dot = Callable[..., Outcome]

CONFIGURED = {
    "dot_environments.yml": (
        "environment:\n  default: prod\n  dev: {threads: 2, vars: {sample: 10, deep: {a: [1, 'x']}}}\n  prod: {}\n"
    )
}


@pytest.fixture
def built(shop: Path, dot: Dot) -> Path:
    """The project with builds of `main` in both environments, dev deferring to prod."""
    commit(make_tree(shop, CONFIGURED), "Count refunds once")
    git(shop, "tag", "v1", "main~1")
    assert dot("build", "prod@v1").exit_code == 0
    assert dot("build", "prod@main").exit_code == 0
    assert dot("build", "dev@main", "--defer", "prod@v1").exit_code == 0
    assert dot("test", "dev@main").exit_code == 0
    return shop


def short(project: Path, ref: str) -> str:
    return git(project, "rev-parse", "--short", ref)


def shown(dot: Dot, *words: str) -> dict[str, Any]:
    done = dot("builds", "show", *words, "--json")
    assert (done.exit_code, done.stderr) == (0, "")
    return json.loads(done.stdout)


def keep_proof(project: Path, address: str, relations: int, hooks: tuple[tuple[str, str], ...] = ()) -> None:
    """What the check of a manifest with so many models would have left."""
    name, _, ref = address.partition("@")
    proof = Proof(
        key="",
        dbt_command="build",
        manifest="",
        owner="",
        relations=tuple(
            (f"model.shop.m{n:02}", Relation(database="shop", schema_name="analytics", identifier=f"m{n:02}"))
            for n in range(relations)
        ),
        claims=(),
        schemas=(),
        leaks=(),
        unproved=hooks,
        lost_sources=(),
        long_schemas=(),
    )
    folder = project / ".dot" / "build" / short(project, ref) / "env" / name
    (folder / "isolation.json").write_text(Proofs(proofs=(proof,)).model_dump_json())


# -- data ----------------------------------------------------------------------------------------------------------


def test_a_build_is_shown_as_it_is_listed(built: Path, dot: Dot) -> None:
    listed = {build["address"]: build for build in json.loads(dot("builds", "--json").stdout)["builds"]}
    address = f"dev@{short(built, 'main')}"
    details = shown(dot, "dev@main")
    assert {key: details[key] for key in listed[address]} == listed[address]
    assert details["format_version"] == "1.0"


def test_a_build_is_shown_with_what_it_was_made_from(built: Path, dot: Dot) -> None:
    assert built.is_dir()
    details = shown(dot, "dev@main")
    assert {
        "author": "Ada",
        "options": {"target": "dev", "threads": 2},
        "vars": {"sample": 10, "deep": {"a": [1, "x"]}},
        "leaks": [],
        "unproved": [],
        "relations": [],
    }.items() <= details.items()
    assert [run["command"] for run in details["runs"]] == ["test", "build"]


def test_the_baseline_that_a_build_remembers_is_shown(built: Path, dot: Dot) -> None:
    assert dot("test", "dev@main", "--no-defer").exit_code == 0
    baseline = shown(dot, "dev@main")["baseline"]
    assert (baseline["address"], baseline["is_remembered"]) == (f"prod@{short(built, 'v1')}", True)
    assert shown(dot, "prod@main")["baseline"] is None


def test_all_relations_and_hooks_are_data(built: Path, dot: Dot) -> None:
    keep_proof(built, "dev@main", 50, (("post-hook", "m01"),))
    details = shown(dot, "dev@main")
    assert [f"m{number:02}" for number in range(50)] == [relation["name"] for relation in details["relations"]]
    assert details["unproved"] == [{"kind": "post-hook", "of": "m01"}]


@pytest.mark.parametrize("content", ["", "{", '{"proofs": 1}'])
def test_a_proof_that_cannot_be_read_is_none(content: str, built: Path, dot: Dot) -> None:
    folder = built / ".dot" / "build" / short(built, "main") / "env" / "dev"
    make_tree(folder, {"isolation.json": content})
    assert shown(dot, "dev@main")["relations"] == []


# -- which build ---------------------------------------------------------------------------------------------------


def test_a_build_is_found_under_every_name_of_its_commit(built: Path, dot: Dot) -> None:
    name = short(built, "main")
    refs = ("main", "HEAD", "main@{0}", "refs/heads/main", name, name[:5], git(built, "rev-parse", "main"))
    assert {shown(dot, f"dev@{ref}")["address"] for ref in refs} == {f"dev@{name}"}


def test_an_address_without_environment_means_the_default_one(built: Path, dot: Dot) -> None:
    assert shown(dot, "@main")["address"] == f"prod@{short(built, 'main')}"
    (built / "dot_environments.yml").unlink()
    assert shown(dot, "@main")["address"] == f"dev@{short(built, 'main')}"


def test_a_named_environment_needs_no_configuration(built: Path, log: Path, dot: Dot) -> None:
    calls = len(read_calls(log))
    make_tree(built, {"dot_environments.yml": "environment: [broken\n", "profiles.yml": "{{"})
    assert shown(dot, "dev@main")["environment"] == "dev"
    assert len(read_calls(log)) == calls


@pytest.mark.parametrize(
    "words", [("--json", "builds", "show"), ("builds", "--json", "show"), ("builds", "show", "--json")]
)
def test_options_may_stand_anywhere(words: tuple[str, ...], built: Path, dot: Dot) -> None:
    assert json.loads(dot(*words, "dev@main").stdout)["address"] == f"dev@{short(built, 'main')}"


@pytest.mark.parametrize(
    "words", [("builds", "--project-dir", "shop", "show"), ("builds", "show", "--project-dir", "shop")]
)
def test_the_project_may_be_named(
    words: tuple[str, ...], built: Path, dot: Dot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(built.parent)
    done = dot(*words, "@main")
    assert (done.exit_code, done.stderr) == (0, "")
    assert f"shop/.dot/build/{short(built, 'main')}/env/prod" in done.stdout


def test_a_build_whose_commit_is_gone_is_found_by_its_hash(built: Path, dot: Dot) -> None:
    name, commit_hash = short(built, "main"), git(built, "rev-parse", "main")
    before = shown(dot, "dev@main")
    shutil.rmtree(built / ".git")
    for ref in (name, commit_hash):
        assert shown(dot, f"dev@{ref}") == before | {"author": None, "author_date": None, "reached_from": []}


@pytest.mark.parametrize("ref", ["main", "{short}"])
def test_a_build_whose_worktree_is_not_complete_is_found(ref: str, built: Path, dot: Dot) -> None:
    name = short(built, "main")
    (built / ".dot" / "build" / name / "commit").unlink()
    assert shown(dot, f"dev@{ref.format(short=name)}")["address"] == f"dev@{name}"


def test_the_folder_of_another_commit_is_not_taken_for_a_half_made_one(built: Path, dot: Dot) -> None:
    name = short(built, "main")
    (built / ".dot" / "build" / name / "commit").write_text(name.ljust(40, "0") + "\n")
    assert dot("builds", "show", "dev@main").exit_code == 2


# -- errors --------------------------------------------------------------------------------------------------------

WRONG = {
    "dev": ("`dev` names no build: a git ref is required", "`dot builds show dev@<ref>`"),
    "": ("names no build", "`dot builds` lists"),
    "dev@": ("the git ref is empty", "dev@<branch, tag or commit>"),
    "dev@mian": ("`mian` names no commit", "did you mean `main`?"),
    "dev@v1": ("there is no build dev@{v1}", "`dot build dev@v1` makes it; there is `prod@{v1}`"),
    "prdo@main": ("there is no build prdo@{main}", "makes it; there is `dev@{main}` and `prod@{main}`"),
    "a/b@main": ("cannot be the name of an environment", ""),
    "../..@main": ("cannot be the name of an environment", ""),
}


@pytest.mark.parametrize("address", WRONG)
def test_a_build_that_does_not_exist_is_an_error_that_says_what_makes_it(address: str, built: Path, dot: Dot) -> None:
    done = dot("builds", "show", address)
    message, hint = (text.format(v1=short(built, "v1"), main=short(built, "main")) for text in WRONG[address])
    assert (done.exit_code, done.stdout) == (2, "")
    assert message in done.stderr
    assert hint in done.stderr


def test_an_error_is_data_where_data_was_asked_for(built: Path, dot: Dot) -> None:
    assert built.is_dir()
    done = dot("builds", "show", "dev@v1", "--json")
    assert (
        *(done.exit_code, done.stderr),
        [error["code"] for error in json.loads(done.stdout)["errors"]],
    ) == (2, "", ["address"])


def test_where_no_build_is_near_none_is_named(shop: Path, dot: Dot) -> None:
    done = dot("builds", "show", "dev@main")
    assert (
        done.stderr == f"error: there is no build dev@{short(shop, 'main')}\n   = help: `dot build dev@main` makes it\n"
    )


# -- for a person --------------------------------------------------------------------------------------------------


def test_a_person_sees_what_matters(built: Path, dot: Dot, monkeypatch: pytest.MonkeyPatch) -> None:
    keep_proof(built, "dev@main", 22, (("post-hook", "m01"), ("post-hook", "m02")))
    monkeypatch.chdir(built / "models")
    done = dot("builds", "show", "dev@main")
    name = short(built, "main")
    assert (done.exit_code, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[0] == f"dev@{name}"
    assert f"  folder         ../.dot/build/{name}/env/dev" in lines
    assert "  subject        Count refunds once" in lines
    assert '                 deep: {"a": [1, "x"]}' in lines or '  variables      deep: {"a": [1, "x"]}' in lines
    assert any(line.startswith("  last runs      just now   test   ok   ") for line in lines)
    assert "  unproved       post-hook of m01, m02" in lines
    (writes,) = (line for line in lines if "writes" in line)
    assert writes.endswith(", m19 and 2 more")
    assert writes.startswith("  writes         shop.analytics: m00, m01, ")
