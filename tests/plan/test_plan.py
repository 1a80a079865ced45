"""A plan is an immutable value: it can be hashed, goes through JSON unchanged, and is the same for the same facts."""

import json
from collections.abc import Iterator
from pathlib import PurePath
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from cases import each
from dot.base.address import Address
from dot.base.errors import ExitCode, OutsideError
from dot.base.frozen import FrozenMapping
from dot.config.files import Environment
from dot.dbt.engine import Dbt
from dot.plan.plan import BuildPlan, Project, build_id, is_edited, parse_plan, render_plan
from dot.plan.planner import plan_build
from dot.plan.request import DbtRequest
from dot.plan.staleness import find_staleness
from examples.plans import (
    BASELINE,
    COMMIT,
    HASH,
    JSON_OBJECTS,
    dbt_step,
    make_commit,
    make_facts,
    make_isolated_facts,
    make_profile,
)

LIVE = plan_build(DbtRequest(dbt_command="build", address=Address(environment="dev")), make_facts(baseline=BASELINE))
ISOLATED = plan_build(
    DbtRequest(dbt_command="build", address=Address(environment="dev", ref="main"), extra=("--full-refresh",)),
    make_isolated_facts(
        commit=make_commit(packages="digest", submodules=True),
        baseline=BASELINE,
        files=FrozenMapping({"/srv/shop/dot_vars.yml": "digest"}),
    ),
)
PLANS = pytest.mark.parametrize("plan", [LIVE, ISOLATED], ids=["live", "isolated"])


# -- identity ------------------------------------------------------------------------------------------------------


def test_the_id_of_a_build_never_changes() -> None:
    assert build_id("shop", HASH, "dev") == UUID("e30b5a21-451f-5161-93ab-d8d4787d530c")
    assert build_id("shop", HASH, "dev").version == 5


BUILDS = st.tuples(st.sampled_from(["shop", "bank"]), st.sampled_from(["a1", "b2"]), st.sampled_from(["dev", "prod"]))


@given(BUILDS, BUILDS)
def test_builds_of_another_project_commit_or_environment_have_another_id(
    one: tuple[str, str, str], other: tuple[str, str, str]
) -> None:
    assert (one == other) == (build_id(*one) == build_id(*other))


# -- JSON ----------------------------------------------------------------------------------------------------------


@PLANS
def test_a_plan_has_one_step_that_runs_dbt(plan: BuildPlan) -> None:
    assert [dbt_step(plan)] == [step for step in plan.steps if step.kind == "run_dbt"]


def test_a_plan_of_the_format_before_has_no_kind_of_request_and_is_of_a_dbt_command() -> None:
    data = json.loads(render_plan(ISOLATED)) | {"format_version": "1.0"}
    del data["request"]["kind"], data["sides"], data["before"], data["locks"], data["folders"]
    assert parse_plan(json.dumps(data)).request == ISOLATED.request


@PLANS
def test_a_plan_that_is_rendered_reads_back_as_itself(plan: BuildPlan) -> None:
    again = parse_plan(render_plan(plan))

    assert plan == again
    assert hash(plan) == hash(again)
    assert render_plan(plan) == render_plan(again)


@given(JSON_OBJECTS, JSON_OBJECTS)
def test_any_options_and_variables_go_through_json_unchanged(
    options: dict[str, Any], variables: dict[str, Any]
) -> None:
    environment = Environment(name="dev", options=FrozenMapping(options), vars=FrozenMapping(variables))
    plan = LIVE.model_copy(update={"environment": environment})

    assert parse_plan(render_plan(plan)) == plan


def objects_in(data: Any) -> Iterator[dict[str, Any]]:
    """Every JSON object in the data but for those that hold whatever a user wrote."""
    if isinstance(data, dict):
        yield data
        for key, value in data.items():
            if key not in ("options", "vars", "files", "content", "env"):
                yield from objects_in(value)
    elif isinstance(data, list):
        for item in data:
            yield from objects_in(item)


@PLANS
def test_a_reader_ignores_what_a_newer_minor_format_added_at_any_depth(plan: BuildPlan) -> None:
    data = json.loads(render_plan(plan))
    for found in list(objects_in(data)):
        found["new_in_1_7"] = {"x": [1]}

    assert plan.model_copy(update={"format_version": "1.7"}) == parse_plan(json.dumps(data | {"format_version": "1.7"}))


@each("version", ["2.0", "0.9", "10.0", "x"])
def test_an_unknown_major_format_is_refused(version: str) -> None:
    data = json.loads(render_plan(LIVE)) | {"format_version": version}

    with pytest.raises(OutsideError) as raised:
        parse_plan(json.dumps(data))

    (problem,) = raised.value.problems
    assert problem.message == f"the plan has format {version}; this dot knows format 1.2"
    assert problem.hint == "make the plan again with this version of dot"
    assert raised.value.exit_code == ExitCode.WORLD


def test_an_unknown_major_format_is_named_even_when_nothing_else_fits() -> None:
    with pytest.raises(OutsideError, match=r"the plan has format 2\.0"):
        parse_plan('{"format_version": "2.0", "stages": []}')


@each(
    ("text", "message"),
    [
        ("", "this is no plan of dot: it is not JSON"),
        ("format_version: 1", "this is no plan of dot: it is not JSON"),
        (render_plan(LIVE)[:-9], "this is no plan of dot: it is not JSON"),
        ("{}", "this is no plan of dot"),
        ("[]", "this is no plan of dot"),
        ('"1.0"', "this is no plan of dot"),
        ('{"format_version": ""}', "this is no plan of dot"),
        ('{"format_version": "1.0"}', "this is no plan of dot"),
        (render_plan(ISOLATED).replace("ensure_worktree", "ensure_wonders"), "this is no plan of dot"),
    ],
)
def test_what_is_no_plan_is_refused(text: str, message: str) -> None:
    with pytest.raises(OutsideError) as raised:
        parse_plan(text)

    assert [problem.message for problem in raised.value.problems] == [message]


def test_a_plan_can_be_read_by_people_and_says_first_which_format_it_has() -> None:
    text = render_plan(LIVE.model_copy(update={"warnings": ("größer",)}))

    assert text.splitlines()[:2] == ["{", '  "format_version": "1.2",']
    assert "größer" in text


# -- immutability and determinism ----------------------------------------------------------------------------------


@PLANS
def test_a_plan_cannot_change(plan: BuildPlan) -> None:
    with pytest.raises(ValidationError, match="frozen"):
        plan.address = "prod"  # pyrefly: ignore
    with pytest.raises(ValidationError, match="frozen"):
        plan.steps[0].kind = "run_dbt"  # pyrefly: ignore
    with pytest.raises(TypeError):
        plan.steps[0] = plan.steps[-1]  # pyrefly: ignore


@PLANS
def test_every_plan_has_one_step_that_runs_the_dbt_command(plan: BuildPlan) -> None:
    assert [dbt_step(plan)] == [step for step in plan.steps if step.kind == "run_dbt"]


def test_different_plans_are_different() -> None:
    assert LIVE != ISOLATED
    assert hash(LIVE) != hash(ISOLATED)


OPTIONS = {"threads": 4, "select": ["a", "b"], "target": "dev", "state": "s", "args": {"x": 1, "y": 2}}
VARIABLES = {"a": {"x": 1, "y": 2}, "b": [1, 2], "c": None}
OUTPUT = {"type": "duckdb", "path": "x.db", "schema": "a", "token": "t", "password": "p", "settings": {"q": 1, "r": 2}}
FILES = {"/srv/shop/dot_vars.yml": "1", "/srv/shop/dot_environments.yml": "2"}


@given(
    st.permutations(list(OPTIONS.items())),
    st.permutations(list(VARIABLES.items())),
    st.permutations(list(OUTPUT.items())),
    st.permutations(list(FILES.items())),
)
def test_the_same_facts_give_the_same_bytes_in_whatever_order_they_were_read(
    options: Any, variables: Any, output: Any, files: Any
) -> None:
    def plan(options: Any, variables: Any, output: Any, files: Any) -> BuildPlan:
        environment = Environment(name="dev", options=FrozenMapping(options), vars=FrozenMapping(variables))
        profile = make_profile(output)
        facts = make_isolated_facts(environment=environment, profile=profile, files=FrozenMapping(files))
        return plan_build(DbtRequest(dbt_command="build", address=Address(ref="main")), facts)

    one, other = plan(OPTIONS, VARIABLES, OUTPUT, FILES), plan(*map(dict, (options, variables, output, files)))

    assert render_plan(one) == render_plan(other)
    assert hash(one) == hash(other)


@each("key", ["path", "host", "database", "server"])
def test_a_plan_holds_no_secret(key: str) -> None:
    output = {"type": "duckdb", "schema": "a", "password": "hunter2", key: "md:shop?motherduck_token=hunter2"}
    facts = make_isolated_facts(profile=make_profile(output))

    assert "hunter2" not in render_plan(plan_build(DbtRequest(dbt_command="build"), facts))


@PLANS
def test_a_plan_has_one_step_that_runs_the_dbt_command(plan: BuildPlan) -> None:
    assert [dbt_step(plan)] == [step for step in plan.steps if step.kind == "run_dbt"]


# -- saved plans ---------------------------------------------------------------------------------------------------


def test_a_change_of_any_value_in_a_saved_plan_is_seen() -> None:
    text = render_plan(ISOLATED)
    assert not is_edited(text)
    data = json.loads(text)
    assert not is_edited(json.dumps(data, sort_keys=True))
    assert [key for key in data if not is_edited(json.dumps(data | {key: "x"}))] == []
    assert is_edited(json.dumps({key: value for key, value in data.items() if key != "digest"}))


MOVES: tuple[tuple[dict[str, Any], str], ...] = (
    ({"dot_version": "0.2.0"}, "it was made by dot 0.1.0, and this is dot 0.2.0"),
    ({"commit": COMMIT.model_copy(update={"hash": "e" * 40, "short_hash": "eeeeeee"})}, "`main` was a1b2c3d, and is"),
    ({"project": Project(name="bank", folder=PurePath("/srv/shop"))}, "the project was shop in /srv/shop"),
    ({"dbt": Dbt(command=("dbt",), version="1.10.0")}, "dbt was /env/bin/dbt 1.11.16, and is dbt 1.10.0 now"),
    ({"dbt": Dbt(command=("uv", "run", "dbt"), version=None)}, "dbt was /env/bin/dbt 1.11.16, and is uv run dbt of"),
    ({"format_version": "1.7"}, "it has format 1.2, and this dot writes format 1.7"),
    ({"baseline": None}, "the baseline was prod@9d8c7b6, and is none now"),
    ({"baseline": BASELINE.model_copy(update={"state": PurePath("/x")})}, "the baseline has changed"),
    ({"files": FrozenMapping({})}, "/srv/shop/dot_vars.yml is gone"),
    ({"files": FrozenMapping({"/srv/shop/dot_vars.yml": "other"})}, "/srv/shop/dot_vars.yml has changed"),
    ({"files": FrozenMapping({"/srv/shop/dot_vars.yml": "digest", "/x": "new"})}, "/x is new"),
    ({"before": (ISOLATED,)}, "there is no build of dev@main any more"),
    ({"steps": (), "warnings": ("x",)}, "warnings, steps would be different now"),
)


@each(("change", "reason"), MOVES)
def test_whatever_moved_under_a_plan_is_named(change: dict[str, Any], reason: str) -> None:
    (found,) = find_staleness(ISOLATED, ISOLATED.model_copy(update=change))
    assert found.startswith(reason)


def test_what_moved_is_listed_in_one_order() -> None:
    saved = ISOLATED.model_copy(update={"dbt": Dbt(command=("uv", "run", "dbt"), version=None)})
    files = FrozenMapping(dict.fromkeys(("/c", "/d", "/b", "/a"), "x"))
    was = "dbt was uv run dbt of an unknown version, and is /env/bin/dbt 1.11.16 now"
    expected = [was, *(f"/{name} is new" for name in "abcd"), "/srv/shop/dot_vars.yml is gone"]

    assert list(find_staleness(saved, ISOLATED.model_copy(update={"files": files}))) == expected


@PLANS
def test_a_plan_holds_while_nothing_moves(plan: BuildPlan) -> None:
    assert find_staleness(plan, parse_plan(render_plan(plan))) == ()


@each(
    ("version", "major"),
    [(None, None), ("", None), ("dev", None), ("1.11.16", 1), ("2.0.0-alpha.4", 2), ("2.0.0a4", 2)],
)
def test_the_engine_is_told_by_the_version(version: str | None, major: int | None) -> None:
    assert Dbt(command=("dbt",), version=version).major == major
