"""The plan is what runs: `dot plan` and `--dry-run` show it, `--json` is the contract."""

import json
import shlex
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from builders import (
    Outcome,
    commit,
    dbt_steps,
    git,
    make_repo,
    make_tree,
    read_calls,
    read_commands,
    read_times,
    run_dot,
    snapshot,
)
from dot.plan.plan import parse_plan, render_plan
from dot.plan.record import Record
from dot.plan.step import RunDbt

Dot = Callable[..., Outcome]

FILES = {
    "packages.yml": "packages: [{local: house}]\n",
    "dot_environments.yml": (
        "environment:\n"
        "  default: dev\n"
        "  dev: {threads: 4, full-refresh: true, vars: {since: 2025}}\n"
        "  ci: {target: dev, fail_fast: true}\n"
    ),
}


@pytest.fixture
def configured(shop: Path) -> Path:
    """The project with packages and environments of its own."""
    commit(make_tree(shop, FILES), "configured")
    return shop


@pytest.mark.parametrize("words", [("run", "dev@main"), ("build", "ci"), ("test", "@main", "--no-deps")], ids=" ".join)
def test_what_the_plan_says_is_what_runs(words: tuple[str, ...], configured: Path, log: Path, dot: Dot) -> None:
    extra = ("--", "--select", "a b", "")
    plan = parse_plan(dot("plan", *words, "--json", *extra).stdout)
    assert dot(*words, *extra).exit_code == 0
    planned = [(plan.dbt.words_of(step.argv), Path(step.cwd)) for step in dbt_steps(plan)]
    assert [(call.argv, call.cwd) for call in read_calls(log)] == planned
    assert planned[-1][0][-3:] == ("--select", "a b", "")
    if plan.commit and plan.environment:
        folder = configured / ".dot" / "build" / plan.commit.short_hash / "env" / plan.environment.name
        record = Record.model_validate_json((folder / "runs.jsonl").read_text())
        assert (plan.build_id, plan.environment, plan.commit) == (record.build_id, record.environment, record.commit)


def test_the_same_facts_give_the_same_plan_before_and_after_a_build(configured: Path, dot: Dot) -> None:
    assert configured.is_dir()
    before = dot("plan", "build", "dev@main", "--json")
    assert dot("build", "dev@main").exit_code == 0
    assert (0, before.stdout) == ((after := dot("plan", "build", "dev@main", "--json")).exit_code, after.stdout)


def test_a_plan_reads_back_as_itself(configured: Path, dot: Dot) -> None:
    assert configured.is_dir()
    done = dot("plan", "build", "dev@main", "--json", "--", "--select", "日本")
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout == render_plan(parse_plan(done.stdout)) + "\n"
    assert json.loads(done.stdout)["format_version"] == "1.2"


def test_a_plan_says_what_it_was_made_from(configured: Path, dot: Dot) -> None:
    plan = json.loads(dot("plan", "build", "dev@main", "--json").stdout)
    found = git(configured, "rev-parse", "main")
    assert tuple(plan["commit"][key] for key in ("hash", "short_hash", "subject")) == (found, found[:7], "configured")
    assert {"name": "shop", "folder": str(configured)} == plan["project"]
    assert {str(configured / name) for name in ("dot_environments.yml", "profiles.yml")} == set(plan["files"])
    assert plan["environment"]["vars"] == {"since": 2025}


RUNNING = {name.removeprefix("plan ") for name in read_commands() if name.startswith("plan ")}
DRY = [name for name in sorted(RUNNING) if any(param.name == "dry_run" for param in read_commands()[name].params)]


def test_every_dbt_command_has_a_dry_run() -> None:
    assert set(DRY) == RUNNING


@pytest.mark.parametrize("command", [name for name in DRY if name not in ("diff", "retry")])  # which need a build
def test_a_dry_run_prints_the_plan_and_starts_nothing(command: str, shop: Path, log: Path, dot: Dot) -> None:
    words = [*command.split(), *(["grant_all"] if command == "run-operation" else [])]
    address = [] if command == "init" else ["dev@main"]
    done = dot(*words, *address, "--dry-run")
    assert (done.exit_code, done.stderr) == (0, "")
    assert dot("plan", *words, *address).stdout == done.stdout
    assert command in done.stdout
    assert done.stdout.endswith("nothing was written\n")
    assert (read_calls(log), (shop / ".dot").exists()) == ([], False)


def test_options_that_a_command_does_not_take_are_shown(configured: Path, dot: Dot) -> None:
    assert configured.is_dir()
    for address in ("dev", "dev@main"):
        text = dot("test", address, "--dry-run").stdout
        assert "left out for test: full-refresh" in text
        assert json.loads(dot("plan", "test", address, "--json").stdout)["options_not_applied"] == ["full-refresh"]
        assert "left out for build: nothing" in dot("build", address, "--dry-run").stdout


def test_an_option_that_an_isolated_build_decides_is_shown_as_left_out(shop: Path, dot: Dot) -> None:
    make_tree(shop, {"dot_environments.yml": "environment: {dev: {target-path: elsewhere}}\n"})
    assert "left out for build: target-path" in dot("plan", "build", "dev@main").stdout
    assert "--target-path elsewhere" in dot("plan", "build", "dev").stdout


def test_a_plan_shows_its_steps_in_order(configured: Path, dot: Dot) -> None:
    assert configured.is_dir()
    lines = dot("plan", "parse", "dev@main").stdout.splitlines()
    assert lines[0].startswith("dev@main → commit ")
    labels = [line.split()[1] for line in lines if line[:3].strip().isdigit()]
    assert labels == ["worktree", "profile", "packages", "dbt", "record"]
    assert "analytics_" in "".join(lines)


def test_a_relative_database_is_the_one_seen_from_here_and_another_than_before_is_told(
    shop: Path, dot: Dot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """dbt opens it from where it is started, in a live build and in an isolated one."""
    planned = [json.loads(dot("plan", "run", address, "--json").stdout) for address in ("dev", "dev@main")]
    assert [step["databases"] for plan in planned for step in plan["steps"] if step["kind"] == "run_dbt"] == [
        [str(shop / "shop.duckdb")]
    ] * 2
    assert [plan["warnings"] for plan in planned] == [[], []]
    assert dot("run", "dev@main").exit_code == 0
    monkeypatch.chdir(shop / "models")
    for address in ("dev", "dev@main"):
        shown = dot("plan", "run", address).stdout
        assert f"\n{'':16}on shop.duckdb\n" in shown
        opened = f"this opens {shop / 'models' / 'shop.duckdb'}, and the last build of the environment opened "
        assert f"warning: {opened}{shop / 'shop.duckdb'}: " in shown
    assert "warning" not in dot("plan", "parse", "dev").stdout


def test_planning_changes_nothing_in_the_repository_in_git_or_at_home(configured: Path, home: Path) -> None:
    make_tree(configured, {"models/a.sql": "select 2\n", "models/new.sql": "select 3\n"})
    (configured / "models" / "b.sql").touch()
    for _ in range(2):
        before = [(snapshot(folder), read_times(folder)) for folder in (configured.parent, home)]
        for words in (("plan", "build", "dev@main", "--json"), ("build", "dev@main", "--dry-run")):
            assert run_dot(configured, *words).exit_code == 0
        assert [(snapshot(folder), read_times(folder)) for folder in (configured.parent, home)] == before
        assert run_dot(configured, "build", "dev@main").exit_code == 0


HOOK = """#!/bin/sh
cd '{shop}' && {dot} plan build @HEAD --json > '{out}/plan.json' && {dot} build @HEAD 2> '{out}/errors'
"""


def test_a_build_in_a_hook_of_another_repository_touches_only_its_own(shop: Path, tmp_path: Path, log: Path) -> None:
    other = make_repo(tmp_path / "other", {"x.txt": "x"})
    dot = f"{shlex.quote(sys.executable)} -m dot"
    make_tree(other / ".git" / "hooks", {"pre-commit": HOOK.format(shop=shop, dot=dot, out=tmp_path)})
    (other / ".git" / "hooks" / "pre-commit").chmod(0o755)
    commit(make_tree(other, {"y.txt": "y"}), "with a hook")
    plan = parse_plan((tmp_path / "plan.json").read_text())
    assert git(shop, "rev-parse", "HEAD") == (plan.commit.hash if plan.commit else None)
    (step,) = (step for step in plan.steps if isinstance(step, RunDbt))
    assert step.argv[1:] == read_calls(log)[-1].argv
    assert git(other, "ls-tree", "--name-only", "HEAD") == "x.txt\ny.txt"
    assert not (other / ".git" / "worktrees").exists()
    assert [path.name for path in (shop / ".git" / "worktrees").iterdir()] == ["worktree"]
    assert {name for name in ("GIT_DIR", "GIT_INDEX_FILE") if name in read_calls(log)[-1].env} == set()
    assert git(shop, "status", "--porcelain") == ""
