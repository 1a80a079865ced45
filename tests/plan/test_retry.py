"""What dbt can retry, and what it would retry wrongly."""

import json
from typing import Any

import pytest

from cases import each
from dot.base.address import Address
from dot.base.errors import UsageError
from dot.base.frozen import FrozenMapping
from dot.base.secrets import MASK
from dot.dbt.engine import Dbt
from dot.dbt.manifest import RunResults, parse_run_results
from dot.dbt.options import scan_options
from dot.plan.record import Outcome, Record
from dot.plan.record import make_record as record_run
from dot.plan.request import DbtRequest
from dot.plan.retry import (
    REPEATABLE,
    Retried,
    find_repeated,
    read_retried,
    refuse_retry,
    repeat_variables,
    repeated_words,
)
from dot.plan.step import CheckIsolation
from examples.plans import BASELINE, dbt_step, make_environment, make_facts, make_isolated_facts, plan, step_of

BUILD = Address(environment="dev", ref="main")
FAILED = Retried(command="build", is_deferred=True, favors_state=False)


def results_of(**args: Any) -> RunResults | None:
    return parse_run_results(json.dumps({"args": args, "results": []}))


@each(
    ("args", "expected"),
    [
        ({"which": "build"}, Retried(command="build", is_deferred=True, favors_state=False)),
        ({"which": "generate"}, Retried(command="docs generate", is_deferred=True, favors_state=False)),
        (
            {"which": "run", "defer": True, "favor_state": False},
            Retried(command="run", is_deferred=True, favors_state=False),
        ),
        (
            {"which": "run", "defer": True, "favor_state": True},
            Retried(command="run", is_deferred=True, favors_state=True),
        ),
        (
            {"which": "run", "defer": False, "favor_state": True},
            Retried(command="run", is_deferred=False, favors_state=False),
        ),
        ({}, None),
    ],
)
def test_results_say_which_command_left_them_and_where_it_read(args: dict[str, Any], expected: Retried | None) -> None:
    assert read_retried(results_of(**args)) == expected


def test_results_say_which_variables_and_failures_there_were() -> None:
    found = read_retried(results_of(which="test", store_failures=True, vars={"rate": 2}))
    assert found
    assert (found.stores_failures, found.variables) == (True, FrozenMapping({"rate": 2}))


def test_without_results_there_is_nothing_to_repeat() -> None:
    assert read_retried(None) is None


def refusal_of(retried: Retried | None, *extra: str, address: Address = BUILD) -> str:
    """The message, and the hint; nothing when it is not refused."""
    try:
        refuse_retry(DbtRequest(dbt_command="retry", address=address, extra=extra), retried)
    except UsageError as error:
        return f"{error.problems[0].message}; {error.problems[0].hint}"
    return ""


@pytest.mark.parametrize("command", ["docs generate", "show"])
@pytest.mark.parametrize("address", [BUILD, Address()])
def test_what_dbt_cannot_retry_is_refused_by_name(command: str, address: Address) -> None:
    retried = Retried(command=command, is_deferred=False, favors_state=False)

    assert f"was `{command}`, which dbt cannot retry; run the command again that failed" in refusal_of(
        retried, address=address
    )


@each("command", REPEATABLE)
def test_what_dbt_can_retry_is_retried(command: str) -> None:
    assert refusal_of(Retried(command=command, is_deferred=True, favors_state=False)) == ""


def test_a_build_in_which_nothing_ran_has_nothing_to_retry() -> None:
    assert (
        refusal_of(None)
        == "nothing to retry: no run of dev@main has left results; `dot build dev@main` runs everything"
    )
    assert refusal_of(None, "--state", "elsewhere") == ""
    assert refusal_of(None, address=Address(environment="dev")) == ""  # dbt knows where the results of a live run are


@each("address", [BUILD, Address()])
def test_a_run_that_preferred_its_baseline_is_not_retried(address: Address) -> None:
    retried = Retried(command="run", is_deferred=True, favors_state=True)

    assert "would read from the baseline what the run itself has built" in refusal_of(retried, address=address)


def test_a_plan_of_a_retry_asks_whether_it_can_be_repeated() -> None:
    with pytest.raises(UsageError, match="nothing to retry"):
        plan("retry", address=BUILD)
    assert plan("retry", facts=make_facts()).steps


def test_a_retry_is_told_where_the_baseline_is_and_not_where_another_runs_results_are() -> None:
    words = dbt_step(plan("retry", facts=make_isolated_facts(baseline=BASELINE, retried=FAILED))).argv[1:]

    assert [(one.option.name, one.values) for one in scan_options("retry", words) if "state" in one.option.name] == [
        ("--defer-state", (str(BASELINE.state),))
    ]


def make_record(dbt_command: str, *words: str, version: str | None = "2.0.9") -> Record:
    facts = make_isolated_facts(dbt=Dbt(command=("dbt",), version=version))
    outcome = Outcome(started_at="2026-11-20T10:00:00", finished_at="2026-11-20T10:00:01", exit_code=1)
    return record_run(plan(dbt_command, *words, facts=facts), outcome)


def test_the_run_to_repeat_is_the_newest_of_its_command_or_a_retry_of_it() -> None:
    records = [make_record(command) for command in ("show", "retry", "build", "run")]
    assert [find_repeated(records, FAILED), find_repeated(records[1:], FAILED)] == [records[1], records[1]]
    assert find_repeated(records[2:], FAILED) == records[2]
    assert find_repeated(records[3:], FAILED) is None
    assert find_repeated([records[2].model_copy(update={"has_run": False})], FAILED) is None


@each(
    ("words", "version", "expected"),
    [
        ((), "2.0.9", ()),
        (("--store-failures", "--empty", "--full-refresh"), "2.0.9", ("--store-failures", "--empty")),
        (("--empty",), None, ("--empty",)),
        (("--store-failures", "--empty"), "1.11.16", ()),
        (("--no-store-failures",), "2.0.9", ()),
    ],
)
def test_options_are_repeated_that_dbt_2_forgets(
    words: tuple[str, ...], version: str | None, expected: tuple[str, ...]
) -> None:
    assert repeated_words(make_record("build", *words, version=version)) == expected


@each(
    ("recorded", "today", "given", "expected"),
    [
        ({"n": 5}, {"n": 1, "new": 2}, (), {"n": 5}),
        ({"n": 5, "m": 1}, {"n": 6, "m": 7}, ("n",), {"n": 6, "m": 1}),
        ({"token": MASK, "n": 5}, {"token": "s3cret", "n": 1}, (), {"token": "s3cret", "n": 5}),
        ({"in": {"token": MASK}}, {"in": {"token": "s3cret"}}, (), {"in": {"token": "s3cret"}}),
        ({"token": MASK}, {"token": "new"}, ("token",), {"token": "new"}),
    ],
)
def test_a_retry_has_the_variables_of_the_run_that_it_repeats(
    recorded: dict[str, Any], today: dict[str, Any], given: tuple[str, ...], expected: dict[str, Any]
) -> None:
    assert repeat_variables(recorded, today, given) == expected


def test_a_secret_that_nobody_kept_has_to_be_given_again() -> None:
    with pytest.raises(UsageError, match="`token` of the run to repeat held a secret"):
        repeat_variables({"token": MASK}, {}, ())


@each(("then", "now"), [(True, False), (False, True)])
def test_a_retry_stores_failures_if_the_run_before_did(*, then: bool, now: bool) -> None:
    retried = FAILED.model_copy(update={"favors_state": False, "stores_failures": then})
    facts = make_isolated_facts(retried=retried, stores_failures=now)
    assert step_of(plan("retry", facts=facts), CheckIsolation).rules.store_failures is then


def test_the_check_of_a_retry_reads_the_project_with_the_variables_of_the_run_before() -> None:
    retried = FAILED.model_copy(update={"favors_state": False, "variables": FrozenMapping({"rate": 2})})
    environment = make_environment().model_copy(update={"vars": FrozenMapping()})
    planned = plan("retry", facts=make_isolated_facts(retried=retried, environment=environment))
    assert step_of(planned, CheckIsolation).argv[-2:] == ("--vars", '{"rate": 2}')
    assert "--vars" not in dbt_step(planned).argv


def test_failures_are_stored_again_by_a_retry() -> None:
    retried = FAILED.model_copy(update={"favors_state": False, "words": ("--store-failures",)})
    planned = plan("retry", facts=make_isolated_facts(retried=retried))
    assert step_of(planned, CheckIsolation).rules.store_failures
    assert "--store-failures" in dbt_step(planned).argv
