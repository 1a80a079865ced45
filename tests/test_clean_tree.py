"""No command changes what is not its own, whatever command it is: a new one that nobody classified fails here."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from builders import (
    PROJECT,
    Call,
    call_dot,
    git,
    make_fake_dbt,
    make_repo,
    make_tree,
    read_calls,
    read_commands,
    read_times,
    snapshot,
)
from dot.bundle.find_scaffold import read_scaffold
from dot.plan.plan import parse_plan
from examples.specs import JOB, JOB_PATH, PIPELINE, PIPELINE_PATH

ISOLATED = "dev@main"

# -- every command of dot stands in one of these -------------------------------------------------------------------

RUNS_DBT = (
    *("build", "clean", "clone", "compile", "debug", "deps", "docs generate", "docs serve", "init", "list", "ls"),
    *("parse", "retry", "run", "run-operation", "seed", "show", "snapshot", "source freshness", "test"),
)
"""What these write stands under `.dot/` and in the warehouse; with `--dry-run` they only read."""

TAKES_NO_ADDRESS = ("init",)
ARGUMENTS = {"run-operation": ("grant_all",)}


def addressed(dbt_command: str) -> list[tuple[str, ...]]:
    """The words after a dbt command, for a live run and for an isolated one."""
    arguments = ARGUMENTS.get(dbt_command, ())
    return [arguments] if dbt_command in TAKES_NO_ADDRESS else [arguments, (*arguments, ISOLATED)]


READS: dict[str, list[tuple[str, ...]]] = {
    f"plan {name}": [(*words, *more) for words in addressed(name) for more in ((), ("--json",))] for name in RUNS_DBT
}
DIFFS: list[tuple[str, ...]] = [(ISOLATED,), (ISOLATED, "dev", "--select", "a"), (ISOLATED, "prod", "--html", "x.html")]
"""Comparisons of a build with a live environment, for which the build must be there."""

READS |= {
    "plan diff": [(*words, *more) for words in DIFFS for more in ((), ("--json",))],
    "builds": [(), ("--json",)],
    "builds show": [(ISOLATED,), (ISOLATED, "--json")],
    "check": [(), ("--json",)],
    "doctor": [(), ("--dry-run",), ("--fix", "--dry-run")],
    "setup": [(), ("--dry-run",), ("--yes", "--dry-run")],
    "schema": [("environments",), ("vars",), ("plan",), ("job",), ("pipeline",)],
    "scope": [("main",), ("main", "main", "--merge-base", "--json"), ("", "--format", "dbt-select")],
    "bundle check": [("--bundle-dir", "bundle")],
    "bundle scope": [("main", "--bundle-dir", "bundle"), ("", "--json", "--bundle-dir", "bundle")],
}
"""These write nothing at all. Each with the words to try it with."""

NEEDS_A_BUILD = ("builds show", "plan diff", "plan retry", "retry")

WRITES_BY_ITSELF = ("demo", "apply", "diff", "bundle submit")
"""These have a test of their own, below or, for what Databricks runs, in tests/run/test_submission.py."""

WRITES_A_BUNDLE: dict[str, tuple[str, ...]] = {
    "bundle add": ("sales", "crm"),
    "bundle init": ("../bundle/below", "--name", "below"),
    "bundle generate": (),
    "bundle job": (f"../bundle/{JOB_PATH}",),
    "bundle pipeline": (f"../bundle/{PIPELINE_PATH}",),
}
"""What these write stands in the bundle; with `--dry-run` they only read."""

# ------------------------------------------------------------------------------------------------------------------

MORE_TARGETS = ("targets/staging.yml", "targets/prod.yml")
COMMITTED = {
    **PROJECT,
    "packages.yml": "packages: [{local: house}]\n",
    "dot_environments.yml": "environment: {default: dev, dev: {threads: 2}, prod: {vars: {since: 2025}}}\n",
    "dot_vars.yml": "vars: {since: {description: The first year}}\n",
    **{f"bundle/{path}": text for path, text in read_scaffold("shop").items() if path not in MORE_TARGETS},
}
# Where a build may leave something: its own folder, git's list of worktrees, and locks that worktrees share.
OWN = ("shop/.dot", "shop/.git/worktrees", "shop/.git/dot-*.lock")


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A dirty work tree, the current folder: changed, staged, deleted, untracked, ignored and merely touched files."""
    project = make_repo(tmp_path / "around" / "shop", COMMITTED, {"models/c.sql": "select 3 as id\n"})
    make_tree(
        project,
        {
            "models/a.sql": "select 2 as id\n",
            "models/staged.sql": "select 1\n",
            "notes.txt": "todo\n",
            "shop.duckdb": "",
        },
    )
    git(project, "add", "models/staged.sql")
    (project / "models" / "c.sql").unlink()
    (project / "models" / "b.sql").touch()  # a careless `git status` would now write the index
    make_tree(Path.home(), {".dbt/profiles.yml": "other: {}\n"})
    monkeypatch.setenv("PATH", str(make_fake_dbt(tmp_path / "bin").parent), prepend=os.pathsep)
    monkeypatch.setenv("FAKE_DBT_LOG", str(tmp_path / "calls.jsonl"))
    monkeypatch.chdir(project)
    return project


def read_everything(shop: Path) -> tuple[object, ...]:
    """All that a command that reads must leave as it is: every file around the project and at home, with its times."""
    folders = (shop.parent, Path.home())
    files = [(snapshot(folder), read_times(folder)) for folder in folders]
    return (files, git(shop, "worktree", "list", "--porcelain"))


def read_what_is_not_dots(shop: Path) -> tuple[object, ...]:
    """All that a command that writes must leave as it is, and what git says of the work tree."""
    status = git(shop, "--no-optional-locks", "status", "--porcelain", "--untracked-files=all")
    return (snapshot(shop.parent, without=OWN), snapshot(Path.home()), status)


def calls(shop: Path) -> list[Call]:
    return read_calls(shop.parent.parent / "calls.jsonl")


def test_every_command_is_known_to_read_or_to_write() -> None:
    assert sorted([*READS, *RUNS_DBT, *WRITES_BY_ITSELF, *WRITES_A_BUNDLE]) == sorted(read_commands())


@pytest.mark.parametrize("builds", [0, 1])
@pytest.mark.parametrize("command", READS)
def test_a_command_that_reads_leaves_everything_as_it_was(command: str, builds: int, shop: Path) -> None:
    for _ in range(builds):
        assert call_dot("build", ISOLATED) == 0
    before = read_everything(shop)
    for words in READS[command]:
        expected = 2 if command in NEEDS_A_BUILD and ISOLATED in words and not builds else 0
        assert (words, call_dot(*command.split(), *words)) == (words, expected)
    assert read_everything(shop) == before


@pytest.mark.parametrize("line", ["dot ", "dot build ", "dot run prod@", "dot run --defer ", "dot run @main --select "])
def test_completion_leaves_everything_as_it_was(line: str, shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert call_dot("build", ISOLATED) == 0
    before, started = read_everything(shop), calls(shop)
    monkeypatch.setenv("_TYPER_COMPLETE_ARGS", line)
    for shell in ("zsh", "fish"):
        monkeypatch.setenv("_DOT_COMPLETE", f"complete_{shell}")
        assert call_dot() == 0
    assert (read_everything(shop), calls(shop)) == (before, started)


@pytest.mark.parametrize("command", RUNS_DBT)
def test_a_dry_run_leaves_everything_as_it_was(command: str, shop: Path) -> None:
    before = read_everything(shop)
    for words in addressed(command):
        expected = 2 if command in NEEDS_A_BUILD and ISOLATED in words else 0
        assert (words, call_dot(*command.split(), *words, "--dry-run")) == (words, expected)
    assert read_everything(shop) == before
    assert calls(shop) == []


@pytest.mark.parametrize("command", [name for name in RUNS_DBT if name not in TAKES_NO_ADDRESS])
def test_an_isolated_run_writes_only_in_dots_folder(command: str, shop: Path) -> None:
    before = read_what_is_not_dots(shop)
    assert command not in NEEDS_A_BUILD or call_dot("build", ISOLATED) == 0
    assert call_dot(*command.split(), *addressed(command)[-1]) == 0
    assert read_what_is_not_dots(shop) == before
    assert {path.name for path in (shop / ".dot").iterdir()} - {"config.yml"} == {".gitignore", "build", "locks"}
    assert calls(shop)


@pytest.mark.parametrize("command", RUNS_DBT)
def test_a_live_run_writes_nothing_besides_what_dbt_writes(command: str, shop: Path) -> None:
    before = (snapshot(shop.parent), snapshot(Path.home()))
    assert call_dot(*command.split(), *addressed(command)[0]) == 0
    assert (snapshot(shop.parent, without=("shop/dbt_packages",)), snapshot(Path.home())) == before
    assert calls(shop)


@pytest.mark.parametrize("command", WRITES_A_BUNDLE)
def test_a_command_for_bundles_writes_only_in_the_bundle_and_nothing_in_a_dry_run(command: str, shop: Path) -> None:
    bundle = shop.parent / "bundle"
    files = {"databricks.yml": "bundle: {name: platform}\n", JOB_PATH: JOB, PIPELINE_PATH: PIPELINE}
    make_tree(bundle, files)
    named = () if command == "bundle init" else ("--bundle-dir", "../bundle")
    words = (*command.split(), *WRITES_A_BUNDLE[command], *named)
    before, outside = read_everything(shop), read_what_is_not_dots(shop)
    assert call_dot(*words, "--dry-run") == 0
    assert read_everything(shop) == before
    kept = snapshot(bundle)
    assert call_dot(*words) == 0
    assert snapshot(bundle) != kept
    shutil.rmtree(bundle)
    make_tree(bundle, files)
    assert read_what_is_not_dots(shop) == outside


REFUSED = (["build", "dev@main", "--", "--target", "x"], ["build", "nowhere@main"], ["run", "@"], ["test", "dev@none"])


@pytest.mark.parametrize("words", REFUSED)
def test_a_refused_command_leaves_everything_as_it_was(words: list[str], shop: Path) -> None:
    before = read_everything(shop)
    assert call_dot(*words) == 2
    assert read_everything(shop) == before


def test_a_build_that_fails_leaves_the_work_tree_as_it_was(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAKE_DBT_EXIT", "1")
    before = read_what_is_not_dots(shop)
    assert call_dot("build", ISOLATED) == 1
    assert read_what_is_not_dots(shop) == before


def test_the_demo_writes_only_in_the_folder_that_it_is_given(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAKE_DBT_EXIT", "1")
    before = read_everything(shop)
    assert call_dot("demo", "../demo", "--dry-run") == 0
    assert (read_everything(shop), calls(shop)) == (before, [])
    before = read_what_is_not_dots(shop)
    assert call_dot("demo", "../demo") == 1
    assert (shop.parent / "demo" / "dbt_project.yml").is_file()
    shutil.rmtree(shop.parent / "demo")
    assert read_what_is_not_dots(shop) == before


@pytest.mark.parametrize("words", [(ISOLATED, "dev@main~1"), (ISOLATED,)])
def test_a_comparison_that_is_refused_leaves_everything_as_it_was(words: tuple[str, ...], shop: Path) -> None:
    before = read_everything(shop)
    assert call_dot("diff", *words) == 2
    assert read_everything(shop) == before
    assert calls(shop) == []


def test_a_comparison_with_the_working_tree_writes_only_in_dots_folder(shop: Path) -> None:
    """There is nothing to compare: what a real dbt leaves is looked at in tests/e2e/test_diff.py."""
    assert call_dot("build", ISOLATED) == 0
    before = read_what_is_not_dots(shop)
    assert call_dot("diff", ISOLATED) == 0
    assert read_what_is_not_dots(shop) == before
    assert {"build", "live"} <= {path.name for path in (shop / ".dot").iterdir()}
    assert call_dot("diff", ISOLATED, "--html", "../page.html") == 0
    (shop.parent / "page.html").unlink()
    assert read_what_is_not_dots(shop) == before


@pytest.mark.parametrize("words", DIFFS)
def test_a_dry_run_of_a_comparison_leaves_everything_as_it_was(words: tuple[str, ...], shop: Path) -> None:
    assert call_dot("build", ISOLATED) == 0
    before, started = read_everything(shop), calls(shop)
    assert call_dot("diff", *words, "--dry-run") == 0
    assert call_dot("diff", "dev@main~0", "--build", "--dry-run", "--json") == 0
    assert (read_everything(shop), calls(shop)) == (before, started)


@pytest.mark.parametrize("words", [("build", ISOLATED), ("clean", ISOLATED), ("diff", ISOLATED, "dev")])
def test_all_that_a_plan_writes_is_below_the_folders_that_it_names(
    words: tuple[str, ...], shop: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert words[0] == "build" or call_dot("build", ISOLATED) == 0
    capfd.readouterr()
    assert call_dot("plan", *words, "--json") == 0
    plan = parse_plan(capfd.readouterr().out)
    before = snapshot(shop)
    assert call_dot(*words) == 0
    after = snapshot(shop)
    changed = {shop / name for name in before | after if before.get(name) != after.get(name)}
    named = (*plan.folders, *(folder for path in plan.folders for folder in path.parents), shop / ".dot" / ".gitignore")
    strays = {path for path in changed if not any(path.is_relative_to(one) for one in plan.folders)} - {*named}
    assert strays == set()
    assert changed


def test_the_doctor_mends_only_what_is_dots_own(shop: Path) -> None:
    assert call_dot("build", ISOLATED) == 0
    (shop / ".dot").chmod(0o755)
    (worktree,) = (shop / ".dot" / "build").glob("*/worktree")
    (worktree / ".git").unlink()
    before = read_what_is_not_dots(shop)
    assert call_dot("doctor") == 3
    assert call_dot("doctor", "--fix") == 0
    assert read_what_is_not_dots(shop) == before
    assert call_dot("doctor") == 0


def changed_files(shop: Path, before: dict[str, tuple[int, bytes]]) -> set[str]:
    """The files around the project that are new, gone or not what they were, but for dot's own."""
    after = snapshot(shop.parent, without=OWN)
    return {name for name in before | after if before.get(name) != after.get(name) and (shop.parent / name).is_file()}


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_the_prompts_on_a_terminal_are_the_one_exception_and_need_consent(shop: Path) -> None:
    from terminal import answer  # noqa: PLC0415 - nothing else here needs a terminal

    make_tree(shop, {".vscode/extensions.json": "{}"})
    before, home = snapshot(shop.parent, without=OWN), snapshot(Path.home())
    answer(shop, "build", ISOLATED, typed=("n\r", "v\r"))
    assert changed_files(shop, before) == set()
    (shop / ".dot" / "config.yml").unlink()
    answer(shop, "build", ISOLATED, typed=("y\r", "y\r"))
    assert changed_files(shop, before) == {"shop/.gitignore", "shop/.vscode/settings.json"}
    assert snapshot(Path.home()) == home


def test_setup_writes_what_it_shows_and_nothing_else(shop: Path, capfd: pytest.CaptureFixture[str]) -> None:
    make_tree(shop, {".pre-commit-config.yaml": "repos:\n- repo: meta\n  hooks: []\n"})
    before, home = snapshot(shop.parent, without=OWN), snapshot(Path.home())
    assert call_dot("setup", "--yes") == 0
    lines = capfd.readouterr().out.splitlines()
    shown = {f"shop/{line.removeprefix('+++ ')}" for line in lines if line.startswith("+++ ")}
    assert len(shown) == 5
    assert changed_files(shop, before) == shown
    assert snapshot(Path.home()) == home
    assert {path.name for path in (shop / ".dot").iterdir()} == {".gitignore", "locks", "schemas"}


def test_a_plan_that_is_saved_is_the_one_file_written_and_applying_it_writes_what_the_command_would(shop: Path) -> None:
    before = read_what_is_not_dots(shop)
    plan = shop.parent / "plan.json"
    assert call_dot("plan", "build", ISOLATED, "--out", str(plan)) == 0
    assert not (shop / ".dot").exists()
    assert call_dot("apply", str(plan), "--dry-run") == 0
    assert not (shop / ".dot").exists()
    assert call_dot("apply", str(plan)) == 0
    plan.unlink()
    assert read_what_is_not_dots(shop) == before


TRACES: tuple[Callable[[Path], object], ...] = (
    lambda shop: (shop / "notes.txt").touch(),
    lambda shop: (shop / "models" / "a.sql").chmod(0o600),
    lambda shop: (shop / ".dot").mkdir(),
    lambda shop: make_tree(shop, {"target/x": ""}) / "target" / "x",
    lambda shop: [make_tree(shop, {"passing": ""}), (shop / "passing").unlink()],
    lambda _: make_tree(Path.home(), {".dot/config.yml": ""}),
    lambda shop: git(shop, "status"),
    lambda shop: git(shop, "update-ref", "refs/dot/main", "HEAD"),
    lambda shop: git(shop, "worktree", "add", "--detach", "../elsewhere"),
)


@pytest.mark.parametrize("leave_trace", TRACES)
def test_any_trace_would_be_seen(leave_trace: Callable[[Path], object], shop: Path) -> None:
    before = read_everything(shop)
    assert read_everything(shop) == before
    leave_trace(shop)
    assert read_everything(shop) != before
