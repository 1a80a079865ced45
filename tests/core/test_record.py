"""What a finished run leaves behind about itself."""

import json

import pytest
from pydantic import ValidationError

from core.examples import BASELINE, make_isolated_facts
from dot.core.address import Address
from dot.core.isolation import Leak
from dot.core.model import FrozenMapping
from dot.core.planner import plan_build
from dot.core.record import Outcome, Record, make_record
from dot.core.request import Request
from dot.core.step import RunDbt

LEAK = Leak(unique_id="model.shop.a", name="a", file="models/a.sql", relation="db.marts.a", cause="why", hint="what")
TIMES = {"started_at": "2026-11-20T10:00:00Z", "finished_at": "2026-11-20T10:01:00Z"}
TESTS = FrozenMapping({"pass": 2, "fail": 1})
OUTCOME = Outcome(**TIMES, exit_code=1, leaks=(LEAK,), size=14_000_000, tests=TESTS)
PLAN = plan_build(
    Request(dbt_command="build", address=Address(environment="dev", ref="main")), make_isolated_facts(baseline=BASELINE)
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
    assert record == Record.model_validate_json(text)


def test_a_record_of_a_newer_minor_format_can_be_read() -> None:
    record = make_record(PLAN, OUTCOME)
    data = json.loads(record.model_dump_json()) | {"new": 1}

    assert record == Record.model_validate_json(json.dumps(data))


def test_a_record_from_before_sizes_were_kept_can_be_read() -> None:
    data = json.loads(make_record(PLAN, OUTCOME).model_dump_json())
    del data["size"]

    assert make_record(PLAN, OUTCOME.model_copy(update={"size": None})) == Record.model_validate_json(json.dumps(data))


def test_a_record_cannot_change() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        make_record(PLAN, OUTCOME).exit_code = 0  # pyrefly: ignore
