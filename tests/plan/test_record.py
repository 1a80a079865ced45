"""What a finished run leaves behind about itself."""

import json
from collections.abc import Mapping

import pytest
from pydantic import ValidationError

from cases import each
from dot.base.address import Address
from dot.base.frozen import FrozenMapping
from dot.isolation.rules import Leak
from dot.plan.planner import plan_build
from dot.plan.record import Outcome, Record, find_inherited, find_limit, keeps_from_writing, make_record
from dot.plan.request import DbtRequest
from dot.plan.run_summary import RunSummary
from dot.plan.step import RunDbt
from examples.plans import BASELINE, make_isolated_facts

LEAK = Leak(unique_id="model.shop.a", name="a", file="models/a.sql", relation="db.marts.a", cause="why", hint="what")
TIMES = {"started_at": "2026-11-20T10:00:00Z", "finished_at": "2026-11-20T10:01:00Z"}
TESTS = FrozenMapping({"pass": 2, "fail": 1})
OUTCOME = Outcome(**TIMES, exit_code=1, leaks=(LEAK,), size=14_000_000, tests=TESTS)
PLAN = plan_build(
    DbtRequest(dbt_command="build", address=Address(environment="dev", ref="main")),
    make_isolated_facts(baseline=BASELINE),
)


def test_a_record_says_what_ran_and_what_became_of_it() -> None:
    (run,) = [step for step in PLAN.steps if isinstance(step, RunDbt)]

    assert Record(
        format_version="1.0",
        build_id=PLAN.build_id,
        address="dev@main",
        dbt_command="build",
        argv=run.argv,
        environment=PLAN.environment,
        commit=PLAN.commit,
        baseline=BASELINE,
        dbt=PLAN.dbt,
        dot_version="0.1.0",
        started_at="2026-11-20T10:00:00Z",
        finished_at="2026-11-20T10:01:00Z",
        exit_code=1,
        leaks=(LEAK,),
        size=14_000_000,
        tests=TESTS,
    ) == make_record(PLAN, OUTCOME)


def test_a_record_goes_through_json_unchanged_and_is_one_line() -> None:
    record = make_record(PLAN, OUTCOME)
    text = record.model_dump_json()

    assert "\n" not in text
    assert Record.model_validate_json(text) == record


def test_a_record_of_a_newer_minor_format_can_be_read() -> None:
    record = make_record(PLAN, OUTCOME)
    data = json.loads(record.model_dump_json()) | {"new": 1}

    assert Record.model_validate_json(json.dumps(data)) == record


def test_a_record_from_before_sizes_were_kept_can_be_read() -> None:
    data = json.loads(make_record(PLAN, OUTCOME).model_dump_json())
    del data["size"]

    assert make_record(PLAN, OUTCOME.model_copy(update={"size": None})) == Record.model_validate_json(json.dumps(data))


def test_a_record_cannot_change() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        make_record(PLAN, OUTCOME).exit_code = 0  # pyrefly: ignore


def recall(
    words: str, exit_code: int = 0, *, has_run: bool = True, inherited: Mapping[str, str] | None = None
) -> Record:
    dbt_command, *argv = words.split()
    left_out = find_inherited(inherited or {})
    record = make_record(PLAN, Outcome(**TIMES, exit_code=exit_code, has_run=has_run, inherited=left_out))
    return record.model_copy(update={"dbt_command": dbt_command, "argv": ("dbt", dbt_command, *argv)})


@each(
    ("record", "has_built"),
    [
        (recall("build"), True),
        (recall("run", 1), True),
        (recall("build", 1, has_run=False), False),
        (recall("test"), False),
    ],
)
def test_only_a_run_that_came_to_its_nodes_has_built(record: Record, has_built: bool) -> None:  # noqa: FBT001
    assert record.has_built == has_built
    assert RunSummary.model_validate_json(record.model_dump_json()).has_built == has_built


@each(
    ("records", "limit"),
    [
        ([], None),
        ([recall("build --empty")], "--empty"),
        ([recall("test --select a"), recall("run --sample 3d")], "--sample"),
        ([recall("build --no-empty"), recall("build")], None),
        ([recall("build --no-empty -f"), recall("build --empty")], None),
        ([recall("build --full-refresh"), recall("build --empty")], None),
        ([recall("build"), recall("build --empty")], "--empty"),
        ([recall("run --full-refresh"), recall("build --empty")], "--empty"),
        ([recall("build --full-refresh", 1), recall("build --empty")], "--empty"),
        ([recall("build --select a"), recall("run --event-time-start 2026-01-01")], "--event-time-start"),
        ([recall("build --empty", 1, has_run=False)], None),
        ([recall("build -f --resource-type model"), recall("build --empty")], "--empty"),
        ([recall("build -f --select a"), recall("build --empty")], "--empty"),
        ([recall("build", inherited={"DBT_EMPTY": "1"})], "--empty"),
        ([recall("build -f --no-empty", inherited={"DBT_EMPTY": "1"}), recall("build --empty")], None),
        ([recall("build", inherited={"DBT_ENGINE_SAMPLE": "3d"})], "--sample"),
        ([recall("build -f", inherited={"DBT_EMPTY": "False", "DBT_SAMPLE": ""}), recall("build --empty")], None),
        ([recall("build -f", inherited={"DBT_RESOURCE_TYPES": "model"}), recall("build --empty")], "--empty"),
    ],
)
def test_rows_are_kept_out_until_everything_is_built_without_that(records: list[Record], limit: str | None) -> None:
    assert find_limit(records) == limit


@each(
    ("word", "expected"),
    [("--no-write-json", True), ("DBT_WRITE_JSON", True), ("DBT_ENGINE_WRITE_JSON", True), ("--write", False)],
)
def test_a_word_or_a_variable_may_keep_dbt_from_writing(word: str, expected: bool) -> None:  # noqa: FBT001
    assert keeps_from_writing(word) == expected
