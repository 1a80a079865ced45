"""What a live build does, what any build tells dbt, and what an isolated build refuses."""

from pathlib import PurePath
from typing import Any

import pytest
import yaml
from hypothesis import example, given

from cases import each
from dot.base.address import Address
from dot.base.errors import ExitCode, UsageError
from dot.base.frozen import FrozenMapping
from dot.config.files import Environment
from dot.dbt.engine import Dbt
from dot.dbt.options import OWNED
from dot.plan.deferral import NO_DEFERRING
from dot.plan.facts import Facts
from dot.plan.plan import BuildPlan, build_id
from dot.plan.planner import plan_build
from dot.plan.request import DbtRequest
from dot.plan.step import RunDbt
from examples.plans import (
    BASELINE,
    COMMIT,
    DEFER,
    HASH,
    JSON_OBJECTS,
    VARS,
    as_text,
    make_environment,
    make_facts,
    make_isolated_facts,
    plan,
    step_of,
)

DEV = ("--target", "dev", "--threads", "4")
VARS_WARNING = "`--vars` after `--` replaces every variable of the environment; before it, it adds to them"


def run_of(built: BuildPlan) -> RunDbt:
    """The one step of the plan that runs the dbt command."""
    return step_of(built, RunDbt)


# -- live builds ---------------------------------------------------------------------------------------------------


def test_a_live_build_is_dbt_where_the_user_stands_and_nothing_else() -> None:
    built = plan("build", "--full-refresh", facts=make_facts())

    assert built.steps == (
        RunDbt(
            argv=("/env/bin/dbt", "build", *DEV, *VARS, "--full-refresh"),
            cwd=PurePath("/srv/shop/models"),
            env=FrozenMapping(
                {
                    "DOT_ENVIRONMENT": "dev",
                    "DOT_COMMIT": "",
                    "DOT_SHORT_HASH": "",
                    "DOT_SCHEMA_SUFFIX": "",
                    "DOT_BUILD_ID": "",
                }
            ),
        ),
    )
    assert (built.build_id, built.commit, built.baseline) == (None, None, None)
    assert (built.options_not_applied, built.warnings) == ((), ())


@each(
    ("facts", "request_", "words"),
    [
        ({"environment": None}, {"dbt_command": "init", "extra": ("shop",)}, ("init", "shop")),
        ({"environment": Environment(name="dev")}, {"dbt_command": "run"}, ("run",)),
        (
            {"flags": ("--profiles-dir", "/p")},
            {"dbt_command": "run-operation", "arguments": ("grant",), "extra": ("--args", "{}")},
            ("run-operation", "grant", "--profiles-dir", "/p", *DEV, *VARS, "--args", "{}"),
        ),
        (
            {"dbt": Dbt(command=("uv", "run", "dbt"), version=None), "baseline": BASELINE},
            {"dbt_command": "docs generate"},
            ("run", "dbt", "docs", "generate", *DEV, *VARS, *DEFER),
        ),
        (
            {"environment": make_environment(select=["a", "-b"], full_refresh=False, partial_parse=False)},
            {"dbt_command": "run", "extra": ("-x",)},
            ("run", "--no-partial-parse", "--select", "a", "--select=-b", *VARS, "-x"),
        ),
    ],
)
def test_the_words_of_a_live_build_stand_in_order(
    facts: dict[str, Any], request_: dict[str, Any], words: tuple[str, ...]
) -> None:
    built = plan_build(DbtRequest(**request_), make_facts(**facts))

    assert run_of(built).argv[1:] == words


def test_options_that_the_command_does_not_take_are_listed() -> None:
    facts = make_facts(environment=make_environment(target="dev", threads=4, select="a", output_keys="name"))

    assert plan("deps", facts=facts).options_not_applied == ("output-keys", "select", "threads")
    assert plan("build", facts=facts).options_not_applied == ("output-keys",)


@each("name", [*OWNED, "-t"])
def test_in_a_live_build_every_option_may_stand_after_the_dashes(name: str) -> None:
    assert run_of(plan("build", name, "x", facts=make_facts())).argv[-2:] == (name, "x")


def test_a_live_build_passes_on_every_option_of_its_environment() -> None:
    facts = make_facts(environment=make_environment(target_path="t", log_path="l", project_dir="p", profile="shop"))

    assert run_of(plan(facts=facts)).argv[2:-2] == (
        "--log-path",
        "l",
        "--profile",
        "shop",
        "--project-dir",
        "p",
        "--target-path",
        "t",
    )
    assert plan(facts=facts).options_not_applied == ()


@given(JSON_OBJECTS.filter(bool))
@example({"tolerance": 0.00001, "text": "a\x85b"})
def test_variables_reach_dbt_which_reads_yaml_as_the_same_data(variables: dict[str, Any]) -> None:
    environment = Environment(name="dev", vars=FrozenMapping(variables))
    *_, name, text = run_of(plan(facts=make_facts(environment=environment))).argv

    assert ("--vars", as_text(variables)) == (name, as_text(yaml.safe_load(text)))


# -- any build -----------------------------------------------------------------------------------------------------


def test_a_plan_says_what_it_was_made_from() -> None:
    facts = make_isolated_facts(baseline=BASELINE, files=FrozenMapping({"/srv/shop/dot_vars.yml": "digest"}))
    built = plan("seed", facts=facts, address=Address(environment="dev", ref="main"))

    assert (built.dot_version, built.command, built.address) == ("0.1.0", "seed", "dev@main")
    assert (facts.project, facts.dbt, facts.environment) == (built.project, built.dbt, built.environment)
    assert (COMMIT, BASELINE, facts.files) == (built.commit, built.baseline, built.files)
    assert build_id("shop", HASH, "dev") == built.build_id


def test_macros_are_told_of_the_build() -> None:
    built = plan()

    assert (
        FrozenMapping(
            {
                **NO_DEFERRING,
                "DOT_ENVIRONMENT": "dev",
                "DOT_COMMIT": HASH,
                "DOT_SHORT_HASH": "a1b2c3d",
                "DOT_SCHEMA_SUFFIX": "_a1b2c3d",
                "DOT_BUILD_ID": str(build_id("shop", HASH, "dev")),
            }
        )
        == run_of(built).env
    )


def test_without_an_environment_the_variables_are_empty_and_still_set() -> None:
    assert (
        FrozenMapping(
            dict.fromkeys(("DOT_ENVIRONMENT", "DOT_COMMIT", "DOT_SHORT_HASH", "DOT_SCHEMA_SUFFIX", "DOT_BUILD_ID"), "")
        )
        == run_of(plan("init", facts=make_facts(environment=None))).env
    )


@pytest.mark.parametrize("facts", [make_facts(), make_isolated_facts()], ids=["live", "isolated"])
@pytest.mark.parametrize("extra", [("--vars", "{a: 1}"), ("--vars={a: 1}",)])
def test_variables_after_the_dashes_are_warned_of(facts: Facts, extra: tuple[str, ...]) -> None:
    assert plan("build", *extra, facts=facts).warnings == (VARS_WARNING,)
    assert run_of(plan("build", *extra, facts=facts)).argv[-len(extra) :] == extra


# -- what an isolated build refuses --------------------------------------------------------------------------------

TARGET_HINT = "set `target` in an environment of dot_environments.yml"


@each(
    ("extra", "name", "hint"),
    [
        (("--target", "prod"), "--target", TARGET_HINT),
        (("--target=prod",), "--target", TARGET_HINT),
        (("-t", "prod"), "--target", TARGET_HINT),
        (("-tprod",), "--target", TARGET_HINT),
        (("-xt", "prod"), "--target", TARGET_HINT),
        (("-xtprod",), "--target", TARGET_HINT),
        (("--full-refresh", "--select", "a", "b", "--target", "prod"), "--target", TARGET_HINT),
        (("--profile", "other"), "--profile", TARGET_HINT),
        *(
            ((*words,), name, f"leave `{name}` out, or run a live build (an address without `@`)")
            for name in ("--project-dir", "--profiles-dir", "--target-path", "--log-path")
            for words in ((name, "x"), (f"{name}=x",))
        ),
    ],
)
def test_an_option_that_an_isolated_build_decides_is_refused_in_every_spelling(
    extra: tuple[str, ...], name: str, hint: str
) -> None:
    with pytest.raises(UsageError) as raised:
        plan("build", *extra)

    (problem,) = raised.value.problems
    assert problem.message == f"`{name}` cannot be given: an isolated build decides it"
    assert problem.hint == hint
    assert raised.value.exit_code == ExitCode.USAGE


@each("word", ["--help", "-h", "--version"])
def test_a_word_with_which_dbt_builds_nothing_and_ends_well_is_refused(word: str) -> None:
    with pytest.raises(UsageError, match=f"with `{word}` dbt would do nothing"):
        plan("build", "--select", "a", word)


@each("extra", [("--vars", "--target"), ("--select", "t"), ("-x",), ("--state", "--target", "x")])
def test_what_only_looks_like_such_an_option_is_passed_on(extra: tuple[str, ...]) -> None:
    assert run_of(plan("build", *extra)).argv[-len(extra) :] == extra


@each("missing", ["environment", "profile"])
def test_a_commit_is_never_built_live_for_want_of_facts(missing: str) -> None:
    with pytest.raises(ValueError, match="an isolated build has a commit, an environment and a profile"):
        plan(facts=make_isolated_facts(**{missing: None}))
