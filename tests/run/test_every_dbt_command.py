"""Every dbt command gets its words: live with the target alone, isolated with everything that a build decides."""

import os
from pathlib import Path

import pytest

from builders import carry_out, git, make_repo, make_tree, read_calls
from dot.base.address import Address
from dot.base.errors import UsageError
from dot.cli.dbt import DBT_COMMANDS, DBT_GROUPS
from dot.console.shell import read_shell
from dot.dbt.session import Call, SeparateProcesses
from dot.diff.gather_sides import gather_diff, gather_side
from dot.diff.planner import plan_diff
from dot.plan.deferral import DEFERRING
from dot.plan.gather_workspace import survey
from dot.plan.request import DiffRequest
from dot.plan.step import ReadProject
from dot.system.process import Command

COMMANDS = (
    *DBT_COMMANDS,
    *(f"{group} {name}" for group, (_, commands) in DBT_GROUPS.items() for name in commands),
)
# `dbt clean` takes one, and then refuses to run because it is outside the project.
TAKES_NO_TARGET_PATH = ("clean", "debug", "deps", "init")
MACRO = {"run-operation": ("grant_all",)}


@pytest.mark.parametrize("command", COMMANDS)
def test_a_live_command_runs_where_the_user_stands_with_only_its_target(
    command: str, shop: Path, log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(shop / "models")
    monkeypatch.setenv("DBT_PROFILES_DIR", str(shop))
    macro = MACRO.get(command, ())
    assert carry_out(command, arguments=macro)[1] == 0
    (call,) = read_calls(log)
    assert (*command.split(), *macro, "--target", "dev") == call.argv
    assert call.cwd == shop / "models"


@pytest.mark.parametrize("command", [name for name in COMMANDS if name not in ("init", "retry")])
def test_an_isolated_command_runs_in_the_worktree_with_everything_that_the_build_decides(
    command: str, shop: Path, log: Path
) -> None:
    macro = MACRO.get(command, ())
    assert carry_out(command, "prod@main", arguments=macro)[1] == 0
    build = shop / ".dot" / "build" / git(shop, "rev-parse", "--short", "main")
    folder = build / "env" / "prod"
    places = ("--project-dir", build / "worktree", "--profiles-dir", folder, "--profile", "shop", "--target", "prod")
    target = () if command in TAKES_NO_TARGET_PATH else ("--target-path", folder / "target")
    safe = ("--clean-project-files-only",) if command == "clean" else ()
    not_deferring = ("--no-defer",) if command in DEFERRING else ()
    words = map(str, (*places, *target, "--log-path", folder / "logs", *safe, *not_deferring))
    call = read_calls(log)[-1]
    assert (*command.split(), *macro, *words) == call.argv
    assert call.cwd == build / "worktree"


def test_init_takes_no_address(shop: Path, log: Path) -> None:
    assert shop.is_dir()
    with pytest.raises(UsageError, match="init"):
        carry_out("init", "dev@main")
    assert read_calls(log) == []


def test_init_needs_no_project(log: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(make_tree(tmp_path / "empty", {"x": ""}))
    assert carry_out("init", extra=("jaffle",))[1] == 0
    (call,) = read_calls(log)
    assert (call.argv, call.cwd) == (("init", "jaffle"), tmp_path / "empty")


@pytest.mark.parametrize("command", ["clean", "debug", "deps"])
def test_what_dbt_runs_without_a_profile_needs_none_when_live(command: str, shop: Path, log: Path) -> None:
    (shop / "profiles.yml").unlink()
    assert carry_out(command)[1] == 0
    assert [call.argv for call in read_calls(log)] == [(command,)]


def test_a_live_dbt_is_told_what_it_would_not_find(
    shop: Path, log: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert carry_out("build", project_dir="shop")[1] == 0
    (call,) = read_calls(log)
    assert call.argv == ("build", "--project-dir", str(shop), "--profiles-dir", str(shop), "--target", "dev")
    assert call.cwd == tmp_path


def test_words_after_the_dashes_stand_last_and_untouched(shop: Path, log: Path) -> None:
    assert shop.is_dir()
    extra = ("--select", "a b", "", "--", "--full-refresh", "$HOME", "日本", "'")
    for address in ("dev", "dev@main"):
        assert carry_out("run", address, extra=extra)[1] == 0
        assert read_calls(log)[-1].argv[-len(extra) :] == extra


@pytest.mark.parametrize("address", ["dev", "dev@main"])
def test_no_option_is_given_to_dbt_twice_by_environment_typed_words_and_dot(
    address: str, shop: Path, log: Path
) -> None:
    text = "environment: {dev: {threads: 4, log-level: warn, vars: {a: 1}}}\n"
    make_tree(shop, {"dot_environments.yml": text})
    words = ("--threads", "8", "--quiet", "--vars", "{b: 2}", "--log-level", "debug", "--log-format", "json")
    assert carry_out("build", address, typed=words[:3], extra=(*words[3:], "--threads=9"))[1] == 0
    calls = read_calls(log)
    assert (["build"] if address == "dev" else ["parse", "build"]) == [call.argv[0] for call in calls]
    for call in calls:
        names = [word.partition("=")[0] for word in call.argv if word.startswith("--")]
        assert sorted(set(names)) == sorted(names)
    assert calls[-1].argv[-8:] == ("--quiet", "--vars", "{b: 2}", *words[5:], "--threads=9")


@pytest.mark.parametrize("address", ["ci", "ci@main"])
def test_options_of_an_environment_reach_the_commands_that_take_them(address: str, shop: Path, log: Path) -> None:
    text = (
        "environment: {default: ci, ci: {target: dev, threads: 4, full-refresh: true, warn_error: true, "
        "vars: {since: 2025, name: 'Größe'}}}\n"
    )
    make_tree(shop, {"dot_environments.yml": text})
    plan, exit_code = carry_out("run", address)
    words = ("--full-refresh", "--threads", "4", "--warn-error", "--vars", '{"name": "Größe", "since": 2025}')
    argv = read_calls(log)[-1].argv
    assert (exit_code, tuple(word for word in words if word not in argv)) == (0, ())
    assert argv[argv.index("--target") + 1] == "dev"
    assert plan.options_not_applied == ()
    plan, _ = carry_out("test", address)
    assert "--full-refresh" not in read_calls(log)[-1].argv
    assert plan.options_not_applied == ("full-refresh",)


def test_two_projects_of_one_repository_share_nothing(
    log: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    profile = "p: {target: dev, outputs: {dev: {type: duckdb, schema: s}}}\n"
    project = {"dbt_project.yml": "name: x\nprofile: p\n", "profiles.yml": profile}
    files = {f"{place}/{name}": text for place in ("dbt/shop", "dbt/stock") for name, text in project.items()}
    top = make_repo(tmp_path / "mono", files)
    for place in ("dbt/shop", "dbt/stock"):
        monkeypatch.chdir(top / place)
        assert carry_out("parse", "@HEAD")[1] == 0
        call = read_calls(log)[-1]
        worktree = top / place / ".dot" / "build" / git(top, "rev-parse", "--short", "HEAD") / "worktree"
        assert call.cwd == worktree / place
        assert call.argv[call.argv.index("--project-dir") + 1] == str(worktree / place)
    assert not (top / ".dot").exists()
    assert git(top, "status", "--porcelain") == ""


def test_a_dbt_that_dot_reads_is_told_its_form_once(shop: Path, log: Path) -> None:
    session = SeparateProcesses(Command(("dbt",), shop, dict(os.environ)))
    words = ("list", "--log-level", "error", "--select", "a", "--log-format=json", "--select", "b")
    assert session.select(Call(words, shop))[0] == 0
    (call,) = read_calls(log)
    assert call.argv == (
        *("list", "--select", "a", "--select", "b"),
        *("--log-format", "text", "--log-level", "info"),
    )


def test_the_live_side_of_a_comparison_has_one_target_and_one_log_folder(shop: Path) -> None:
    make_tree(shop, {"dot_environments.yml": "environment: {dev: {log-path: mine, target-path: yours}}\n"})
    request = DiffRequest(base=Address(environment="dev"))
    side = gather_side(survey(read_shell(), None), request.base)
    step, _ = plan_diff(request, gather_diff(request, (side, side))).steps_of(ReadProject)
    args = step.argv[1:]
    places = ("--target-path", str(side.folder.target), "--log-path", str(side.folder.logs))
    assert ("parse", "--target", "dev", "--write-json", *places) == args
