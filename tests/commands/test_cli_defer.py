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
    assert dot("build", "prod@main").exit_code == 0
    git(shop, "switch", "--quiet", "--create", "feature/x")
    commit(make_tree(shop, {"models/c.sql": "select 3\n"}), "newer")
    return shop


def target_of(project: Path) -> Path:
    return project / ".dot" / "build" / git(project, "rev-parse", "--short", "main") / "env" / "prod" / "target"


def words_of(project: Path, favor: str = "--no-favor-state") -> tuple[str, ...]:
    """How dbt is told of the build of `prod@main`."""
    state = str(target_of(project))
    return ("--defer", favor, "--state", state, "--defer-state", state)


@pytest.mark.parametrize("baseline", ["prod@main", "prod@HEAD~1", "prod@main@{0}"])
@pytest.mark.parametrize(("address", "favor"), [("dev@feature/x", "--no-favor-state"), ("dev", "--favor-state")])
def test_a_build_is_the_baseline_of_another(
    baseline: str, address: str, favor: str, built: Path, log: Path, dot: Dot
) -> None:
    assert dot("run", address, "--defer", baseline, "--", "--select", "c").exit_code == 0
    assert (*words_of(built, favor), "--select", "c") == read_calls(log)[-1].argv[-8:]


def test_a_baseline_without_environment_is_in_the_default_one(built: Path, log: Path, dot: Dot) -> None:
    assert dot("build", "dev@main").exit_code == 0
    assert dot("run", "prod@feature/x", "--defer", "@main").exit_code == 0
    assert str(target_of(built).parents[1] / "dev" / "target") == read_calls(log)[-1].argv[-1]


def test_a_baseline_is_the_same_under_every_name_of_its_commit(built: Path, log: Path, dot: Dot) -> None:
    git(built, "tag", "--annotate", "v1", "--message", "one", "main")
    make_tree(built, {"pyproject.toml": "[tool.dot]\nshort_hash_length = 20\n"})
    assert dot("run", "dev@feature/x", "--defer", "prod@v1").exit_code == 0
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
    assert (done.exit_code, done.stdout, len(read_calls(log))) == (2, "", calls)
    assert message in done.stderr
    assert hint in done.stderr


def test_the_three_ways_to_lack_a_part_of_the_baseline_are_three_errors(built: Path, dot: Dot) -> None:
    assert built.is_dir()
    assert len({dot("run", "--defer", baseline).stderr.splitlines()[0] for baseline in ("prod", "prod@", "@")}) == 3


@pytest.mark.parametrize("content", [None, "", "{}", '{"metadata": {"dbt_sch', "\0\xff"])
def test_a_baseline_without_readable_manifest_is_an_error_that_says_how_to_make_it(
    content: str | None, built: Path, dot: Dot
) -> None:
    shutil.rmtree(target_of(built))
    if content is not None:
        make_tree(target_of(built), {"manifest.json": content})
    done = dot("run", "dev@feature/x", "--defer", "prod@main")
    assert (done.exit_code, done.stdout) == (3, "")
    assert "manifest.json" in done.stderr
    assert "`dot build prod@main` makes it again" in done.stderr


def test_a_build_cannot_defer_to_itself(built: Path, dot: Dot) -> None:
    assert built.is_dir()
    done = dot("run", "prod@main", "--defer", "prod@HEAD~1")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "cannot defer to itself\n   = help: defer to another commit or environment" in done.stderr
    assert dot("run", "prod", "--defer", "prod@main").exit_code == 0


# -- what a build remembers ----------------------------------------------------------------------------------------


@pytest.fixture
def slim(built: Path, dot: Dot) -> Path:
    """The project with a build of `dev@feature/x` that has deferred to `prod@main`."""
    assert dot("run", "dev@feature/x", "--defer", "prod@main").exit_code == 0
    return built


READERS = ("show", "test", "compile", "docs generate", "list", "build", "run", "clone", "snapshot", "source freshness")


@pytest.mark.parametrize("command", READERS)
def test_a_build_remembers_its_baseline_in_every_command(command: str, slim: Path, log: Path, dot: Dot) -> None:
    done = dot(*command.split(), "dev@feature/x")
    assert done.exit_code == 0, done.stderr
    assert words_of(slim) == read_calls(log)[-1].argv[-6:]
    short_hash = git(slim, "rev-parse", "--short", "main")
    assert f"what it lacks is read from prod@{short_hash} (remembered; `--no-defer` leaves it out)" in done.stderr


@pytest.mark.parametrize("command", ["deps", "debug", "parse", "clean"])
def test_a_command_that_reads_no_relation_does_not_defer(command: str, slim: Path, log: Path, dot: Dot) -> None:
    assert slim.is_dir()
    done = dot(command, "dev@feature/x")
    assert (done.exit_code, "remembered" in done.stderr) == (0, False)
    assert not {"--defer", "--no-defer", "--state"}.intersection(read_calls(log)[-1].argv)


def test_a_baseline_is_forgotten_for_one_run(slim: Path, log: Path, dot: Dot) -> None:
    assert dot("show", "dev@feature/x", "--no-defer").exit_code == 0
    assert read_calls(log)[-1].argv[-1:] == ("--no-defer",)
    assert dot("show", "dev@feature/x").exit_code == 0
    assert words_of(slim) == read_calls(log)[-1].argv[-6:]


def test_a_baseline_that_is_given_anew_replaces_the_one_before(slim: Path, log: Path, dot: Dot) -> None:
    assert dot("build", "dev@main").exit_code == 0
    assert dot("show", "dev@feature/x", "--defer", "dev@main").exit_code == 0
    assert dot("test", "dev@feature/x").exit_code == 0
    assert str(target_of(slim).parents[1] / "dev" / "target") == read_calls(log)[-1].argv[-1]


def test_a_build_that_never_deferred_remembers_nothing(built: Path, log: Path, dot: Dot) -> None:
    assert built.is_dir()
    assert dot("show", "prod@main").exit_code == 0
    assert {"--defer", "--no-defer", "--state"}.intersection(read_calls(log)[-1].argv) == {"--no-defer"}


def test_words_of_dbts_own_take_the_place_of_what_is_remembered(slim: Path, log: Path, dot: Dot) -> None:
    assert slim.is_dir()
    assert dot("show", "dev@feature/x", "--", "--defer", "--state", "elsewhere").exit_code == 0
    assert read_calls(log)[-1].argv[-4:] == ("--no-favor-state", "--defer", "--state", "elsewhere")


def test_a_remembered_baseline_that_is_gone_is_an_error_with_both_ways_out(slim: Path, dot: Dot) -> None:
    shutil.rmtree(target_of(slim).parent)
    short_hash = git(slim, "rev-parse", "--short", "main")
    done = dot("show", "dev@feature/x")
    assert (done.exit_code, done.stdout) == (2, "")
    assert f"the build prod@{short_hash} is gone" in done.stderr
    assert f"`dot build prod@{short_hash}` makes it again; `--no-defer` does without it" in done.stderr
    assert dot("show", "dev@feature/x", "--no-defer").exit_code == 0
    assert dot("list", "dev@feature/x").exit_code == 0
    assert dot("deps", "dev@feature/x").exit_code == 0
    assert dot("build", f"prod@{short_hash}").exit_code == 0
    assert dot("show", "dev@feature/x").exit_code == 0


def test_a_remembered_baseline_is_found_after_the_project_was_moved(
    slim: Path, log: Path, dot: Dot, monkeypatch: pytest.MonkeyPatch
) -> None:
    moved = slim.rename(slim.with_name("moved"))
    monkeypatch.chdir(moved)
    done = dot("show", "dev@feature/x")
    assert done.exit_code == 0, done.stderr
    assert words_of(moved) == read_calls(log)[-1].argv[-6:]


# -- retry ---------------------------------------------------------------------------------------------------------


def test_a_retry_defers_as_the_run_did_that_it_repeats(slim: Path, log: Path, dot: Dot) -> None:
    assert dot("retry", "dev@feature/x").exit_code == 0
    assert ("--defer-state", str(target_of(slim))) == read_calls(log)[-1].argv[-2:]
    assert dot("run", "dev@feature/x", "--no-defer").exit_code == 0
    assert dot("retry", "dev@feature/x").exit_code == 0
    assert "--defer-state" not in read_calls(log)[-1].argv


@pytest.mark.parametrize("command", ["docs generate", "show"])
def test_what_dbt_cannot_retry_is_an_error_that_names_it(command: str, built: Path, log: Path, dot: Dot) -> None:
    assert built.is_dir()
    assert dot(*command.split(), "dev@feature/x").exit_code == 0
    calls = len(read_calls(log))
    done = dot("retry", "dev@feature/x")
    assert (done.exit_code, done.stdout, len(read_calls(log))) == (2, "", calls)
    assert f"the last run that left results was `{command}`, which dbt cannot retry" in done.stderr


@pytest.mark.parametrize("command", ["docs generate", "show", "compile", "source freshness"])
def test_a_command_that_only_reads_leaves_what_can_be_retried(command: str, slim: Path, dot: Dot) -> None:
    results = target_of(slim).parents[3] / git(slim, "rev-parse", "--short", "feature/x") / "env/dev/target"
    before = (results / "run_results.json").read_text()
    assert dot(*command.split(), "dev@feature/x").exit_code == 0
    assert (results / "run_results.json").read_text() == before
    assert dot("retry", "dev@feature/x").exit_code == 0


def test_where_nothing_ran_there_is_nothing_to_retry(built: Path, dot: Dot) -> None:
    assert built.is_dir()
    done = dot("retry", "dev@feature/x")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "nothing to retry: no run of dev@feature/x has left results" in done.stderr
    assert "`dot build dev@feature/x` runs everything" in done.stderr


@pytest.mark.parametrize("place", ["the default", "the project", "a variable", "an environment"])
def test_a_live_run_that_preferred_its_baseline_is_not_retried(
    place: str, built: Path, dot: Dot, monkeypatch: pytest.MonkeyPatch
) -> None:
    results = '{"args": {"which": "run", "defer": true, "favor_state": true}, "results": []}'
    folder = "target" if place == "the default" else "elsewhere"
    make_tree(built, {f"{folder}/run_results.json": results})
    if place == "the project":
        text = (built / "dbt_project.yml").read_text()
        make_tree(built, {"dbt_project.yml": f"{text}target-path: elsewhere\n"})
    if place == "a variable":
        monkeypatch.setenv("DBT_TARGET_PATH", "elsewhere")
    if place == "an environment":
        make_tree(built, {"dot_environments.yml": "environment: {dev: {target-path: elsewhere}}\n"})
    done = dot("retry", "dev")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "would read from the baseline what the run itself has built" in done.stderr
