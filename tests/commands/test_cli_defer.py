"""`--defer`: an existing build as the baseline, or an error that says what to type."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from builders import Outcome, commit, git, make_tree, read_calls

Dot = Callable[..., Outcome]


@pytest.fixture
def built(shop: Path, dot: Dot) -> Path:
    """The project with a build of `prod@main`, and a newer commit on `feature/x`."""
    assert 0 == dot("build", "prod@main").exit_code
    git(shop, "switch", "--quiet", "--create", "feature/x")
    commit(make_tree(shop, {"models/c.sql": "select 3\n"}), "newer")
    return shop


def target_of(project: Path) -> Path:
    return project / ".dot" / "build" / git(project, "rev-parse", "--short", "main") / "env" / "prod" / "target"


@pytest.mark.parametrize("baseline", ["prod@main", "prod@HEAD~1", "prod@main@{0}"])
@pytest.mark.parametrize("address", ["dev@feature/x", "dev"])
def test_a_build_is_the_baseline_of_another(baseline: str, address: str, built: Path, log: Path, dot: Dot) -> None:
    assert 0 == dot("run", address, "--defer", baseline, "--", "--select", "c").exit_code
    expected = ("--defer", "--favor-state", "--state", str(target_of(built)), "--select", "c")
    assert expected == read_calls(log)[-1].argv[-6:]


def test_a_baseline_without_environment_is_in_the_default_one(built: Path, log: Path, dot: Dot) -> None:
    assert 0 == dot("build", "dev@main").exit_code
    assert 0 == dot("run", "prod@feature/x", "--defer", "@main").exit_code
    assert str(target_of(built).parents[1] / "dev" / "target") == read_calls(log)[-1].argv[-1]


def test_a_baseline_is_the_same_under_every_name_of_its_commit(built: Path, log: Path, dot: Dot) -> None:
    git(built, "tag", "--annotate", "v1", "--message", "one", "main")
    make_tree(built, {"pyproject.toml": "[tool.dot]\nshort_hash_length = 20\n"})
    assert 0 == dot("run", "dev@feature/x", "--defer", "prod@v1").exit_code
    assert str(target_of(built)) == read_calls(log)[-1].argv[-1]


WRONG = {
    "prod": ("needs a git ref", "--defer prod@<ref>"),
    "prod@": ("git ref is empty", "--defer prod@<ref>"),
    "@": ("both environment and git ref", "--defer <environment>@<ref>"),
    "": ("both environment and git ref", "--defer <environment>@<ref>"),
    "dev@main": ("no build dev@", "`dot build dev@main` makes it"),
    "prod@feature/x": ("no build prod@", "`dot build prod@feature/x` makes it"),
    "prdo@main": ("environment `prdo` is not defined", "did you mean `prod`"),
    "prod@mian": ("`mian` names no commit", "did you mean `main`"),
    "a/b@main": ("cannot be the name of an environment", ""),
}


@pytest.mark.parametrize("baseline", WRONG)
def test_a_baseline_that_is_none_is_an_error_that_says_what_to_type(
    baseline: str, built: Path, log: Path, dot: Dot
) -> None:
    assert built.is_dir()
    calls = len(read_calls(log))
    message, hint = WRONG[baseline]
    done = dot("run", "dev@feature/x", "--defer", baseline)
    assert (2, "", calls) == (done.exit_code, done.stdout, len(read_calls(log)))
    assert message in done.stderr
    assert hint in done.stderr


def test_the_three_ways_to_lack_a_part_of_the_baseline_are_three_errors(built: Path, dot: Dot) -> None:
    assert built.is_dir()
    assert 3 == len({dot("run", "--defer", baseline).stderr.splitlines()[0] for baseline in ("prod", "prod@", "@")})


@pytest.mark.parametrize("content", [None, "", "{}", '{"metadata": {"dbt_sch', "\0\xff"])
def test_a_baseline_without_readable_manifest_is_an_error_that_says_how_to_make_it(
    content: str | None, built: Path, dot: Dot
) -> None:
    shutil.rmtree(target_of(built))
    if content is not None:
        make_tree(target_of(built), {"manifest.json": content})
    done = dot("run", "dev@feature/x", "--defer", "prod@main")
    assert (3, "") == (done.exit_code, done.stdout)
    assert "manifest.json" in done.stderr
    assert "`dot build prod@main` makes it again" in done.stderr


def test_a_build_cannot_defer_to_itself(built: Path, dot: Dot) -> None:
    assert built.is_dir()
    done = dot("run", "prod@main", "--defer", "prod@HEAD~1")
    assert (2, "") == (done.exit_code, done.stdout)
    assert "cannot defer to itself\n   = help: defer to another commit or environment" in done.stderr
    assert 0 == dot("run", "prod", "--defer", "prod@main").exit_code
