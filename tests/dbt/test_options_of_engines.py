"""dbt 1 and dbt 2 take different options: which of them dot gives, and which of them it refuses."""

from typing import Any

import pytest

from cases import each
from dot.base.errors import UsageError
from dot.dbt.engine import Dbt
from dot.dbt.option_table import COMMANDS, COMMON, OPTIONS
from dot.dbt.options import (
    describe_choices,
    engine_of,
    find_option,
    known_options,
    merge_words,
    options_of,
    refuse_foreign,
    render_options,
    takes,
    takes_everywhere,
)
from dot.plan.plan import BuildPlan
from dot.plan.step import CheckIsolation, RunDbt
from examples.plans import dbt_step, make_environment, make_facts, make_isolated_facts, plan, step_of

DBT2 = Dbt(command=("/env/bin/dbt",), version="2.0.9")
UNKNOWN = Dbt(command=("/env/bin/dbt",), version=None)


def plan_with(dbt: Dbt, command: str, *words: str, **options: Any) -> BuildPlan:
    """An isolated build with this dbt, in an environment with these options."""
    return plan(command, *words, facts=make_isolated_facts(dbt=dbt, environment=make_environment(**options)))


@each(
    ("version", "engine"),
    [
        ("1.10.0", 1),
        ("1.12.6", 1),
        ("2.0.0a4", 2),
        ("2.0.0-alpha.4", 2),
        ("3.1", 2),
        ("0.21", 1),
        (None, None),
        ("x", None),
    ],
)
def test_a_version_is_one_of_an_engine(version: str | None, engine: int | None) -> None:
    assert engine == engine_of(version) == Dbt(command=(), version=version).major
    assert (engine or 1) == Dbt(command=(), version=version).dialect


@each(
    ("command", "option", "engines"),
    [
        ("build", "--threads", {1, 2}),
        ("build", "--sqlparse", {1}),
        ("build", "--static-analysis", {2}),
        ("build", "--no-such", set()),
        ("list", "--threads", {2}),
        ("deps", "--target-path", {2}),
        ("retry", "--full-refresh", {1}),
        ("clone", "--resource-types", {1}),
        ("clean", "--clean-project-files-only", {1}),
        ("test", "--resource-types", {1, 2}),
        ("compile", "--infer-schemas", {2}),
        ("source snapshot-freshness", "--select", {1}),
        ("build", "--deprecated-state", {1}),
    ],
)
def test_each_option_of_a_command_knows_its_engines(command: str, option: str, engines: set[int]) -> None:
    assert {engine for engine in OPTIONS if takes(command, option, engine)} == engines
    assert bool(engines) == takes(command, option)


def test_every_command_of_dbt_2_can_be_told_where_it_happens_and_to_leave_its_service_out() -> None:
    assert {"--project-dir", "--profiles-dir", "--profile", "--target", "--log-path", "--vars"} <= COMMON[2]
    assert OPTIONS[2]["--manage-state"][1] == "--no-manage-state"
    assert takes_everywhere("--manage-state")
    assert not takes_everywhere("--manage-state", 1)
    assert set(COMMANDS[1]) - set(COMMANDS[2]) == {"source snapshot-freshness"}


def test_an_option_means_what_it_means_to_its_engine() -> None:
    one, two = (known_options(engine)["--log-level"] for engine in (1, 2))
    assert "none" in one.choices
    assert {"off", "trace"} <= set(two.choices)
    assert {*one.choices, *two.choices} == set(known_options()["--log-level"].choices)
    assert find_option("sqlparse", 2) is None
    assert "--no-open" in {option.name for option in options_of("docs serve", 2)}
    assert describe_choices(two) == "debug|error|info|off|trace|warn"


def test_of_a_short_name_that_means_two_things_dbt_1_decides_unless_the_engine_is_known() -> None:
    assert merge_words("init", ("-s", "a", "-s"), 2) == ("-s", "a", "-s")
    assert merge_words("init", ("-s", "a", "-s")) == ("a", "-s")


# -- environments --------------------------------------------------------------------------------------------------


@each(
    ("engine", "words", "left_out"),
    [
        (1, ("--log-level", "none", "--sqlparse", "{}"), ("static-analysis",)),
        (2, ("--log-level", "none", "--static-analysis", "off"), ("sqlparse",)),
        (None, ("--log-level", "none", "--sqlparse", "{}", "--static-analysis", "off"), ()),
    ],
)
def test_what_an_environment_sets_for_another_engine_is_left_out(
    engine: int | None, words: tuple[str, ...], left_out: tuple[str, ...]
) -> None:
    options = {"log-level": "none", "sqlparse": "{}", "static-analysis": "off"}
    assert render_options("build", options, engine=engine) == (words, left_out)


@each("is_live", [True, False])
def test_the_plan_names_what_this_dbt_does_not_take(is_live: bool) -> None:  # noqa: FBT001
    make = make_facts if is_live else make_isolated_facts
    environment = make_environment(target="dev", sqlparse="{}", static_analysis="off", threads=4)
    built = {name: plan("run", facts=make(dbt=dbt, environment=environment)) for name, dbt in DBTS.items()}
    assert built["2"].options_not_applied == ("sqlparse",)
    assert ("static-analysis",) == built["1"].options_not_applied == built["unknown"].options_not_applied
    assert {"--static-analysis", "--threads"} < set(dbt_step(built["2"]).argv)


DBTS = {"1": Dbt(command=("dbt",), version="1.12.6"), "2": DBT2, "unknown": UNKNOWN}


# -- typed words ---------------------------------------------------------------------------------------------------


@each(
    ("engine", "words", "message", "hint"),
    [
        (2, ("--sqlparse", "{}"), "`build` of dbt 2 has no option `--sqlparse`", "dbt 1 has it"),
        (1, ("--select", "a", "--compute", "inline"), "`build` of dbt 1 has no option `--compute`", "dbt 2 has it"),
        (1, ("--no-warn-error",), "`build` of dbt 1 has no option `--no-warn-error`", "dbt 2 has it"),
        (2, ("--log-level", "none"), "`--log-level` cannot be `none`", "with dbt 2 it takes one of debug, error, info"),
    ],
)
def test_what_is_typed_for_another_engine_is_an_error_with_the_reason(
    engine: int, words: tuple[str, ...], message: str, hint: str
) -> None:
    with pytest.raises(UsageError) as raised:
        refuse_foreign("build", words, engine)
    (problem,) = raised.value.problems
    assert problem.message == message
    assert hint in (problem.hint or "")


@each(
    ("engine", "words"),
    [
        (None, ("--sqlparse", "{}", "--compute", "inline")),
        (1, ("--sqlparse", "{}", "--warn-error", "--no-print", "-x")),
        (2, ("--compute", "inline", "--no-warn-error", "-x", "--log-level", "off", "--threads", "8")),
    ],
)
def test_what_the_engine_takes_or_may_take_is_no_error(engine: int | None, words: tuple[str, ...]) -> None:
    refuse_foreign("build", words, engine)


# -- what dot says by itself ---------------------------------------------------------------------------------------


@each("command", ["build", "clean", "debug", "deps", "docs generate", "list", "run-operation", "show"])
def test_every_isolated_command_leaves_the_service_of_dbt_2_out(command: str) -> None:
    built = plan(command, facts=make_isolated_facts(dbt=DBT2, environment=make_environment()), arguments=())
    assert "--no-manage-state" in step_of(built, RunDbt).argv
    for dbt in (DBTS["1"], UNKNOWN):
        assert "--no-manage-state" not in dbt_step(plan(command, facts=make_isolated_facts(dbt=dbt))).argv


def test_that_service_cannot_be_asked_for() -> None:
    with pytest.raises(UsageError, match="isolated build decides it"):
        plan_with(DBT2, "build", "--manage-state")
    assert plan_with(DBT2, "build", manage_state=True).options_not_applied == ("manage-state",)


def test_before_a_build_dbt_2_says_its_errors_and_dbt_1_its_warnings_too() -> None:
    loudness = {name: step_of(plan_with(dbt, "build"), CheckIsolation).argv[-3:-1] for name, dbt in DBTS.items()}
    assert loudness["1"] == ("--log-level", "warn")
    assert "--quiet" == loudness["2"][1] == loudness["unknown"][1]


def test_what_only_dbt_1_has_is_not_said_to_dbt_2() -> None:
    assert "--clean-project-files-only" not in dbt_step(plan_with(DBT2, "clean")).argv
    assert "--clean-project-files-only" in dbt_step(plan_with(UNKNOWN, "clean")).argv


def test_a_dbt_of_unknown_version_gets_the_words_of_dbt_1() -> None:
    check = step_of(plan_with(UNKNOWN, "run", threads=4, compute="inline"), CheckIsolation)
    assert "--threads" not in check.select_argv
    assert "--compute" not in check.argv
    assert "--threads" in step_of(plan_with(DBT2, "run", threads=4), CheckIsolation).select_argv
