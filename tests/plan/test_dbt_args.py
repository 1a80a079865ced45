"""What every dbt gets from dot, and what a person is told of its words and databases."""

from pathlib import PurePath

import pytest

from cases import each
from dot.base.errors import IsolationError, UsageError
from dot.config.files import read_given_vars
from dot.config.resolution import lay_over
from dot.dbt.options import check_words
from dot.plan.facts import Facts
from dot.plan.step import RunDbt
from dot.system.process import change_variables
from dot.system.yaml import load_document
from examples.plans import dbt_step, make_facts, make_profile, plan, read, resolve, with_output

DUCK = make_profile({"type": "duckdb", "path": "/srv/shop.duckdb"})


def test_a_variable_that_is_null_is_taken_out_of_the_environment() -> None:
    changes = {"SET": "1", "OUT": None, "NEW": 2, "NONE": None}
    assert change_variables({"KEPT": "k", "SET": "0", "OUT": "o"}, changes) == {"KEPT": "k", "SET": "1", "NEW": "2"}


@each(
    ("facts", "command", "expected"),
    [
        (make_facts(profile=DUCK), "run", (PurePath("/srv/shop.duckdb"),)),
        (make_facts(profile=DUCK), "parse", ()),
        (make_facts(), "run", ()),
        (make_facts(profile=make_profile({"type": "duckdb", "path": "s3://x/shop.duckdb", "schema": ""})), "run", ()),
    ],
)
def test_a_live_build_names_the_files_that_its_dbt_opens(
    facts: Facts, command: str, expected: tuple[PurePath, ...]
) -> None:
    assert dbt_step(plan(command, facts=facts)).databases == expected


@each(
    ("last", "expected"),
    [((), 0), ((PurePath("/srv/shop.duckdb"),), 0), ((PurePath("/old/shop.duckdb"),), 1)],
)
def test_another_database_than_that_of_the_last_build_is_told(last: tuple[PurePath, ...], expected: int) -> None:
    facts = make_facts(profile=DUCK, last_databases=last)
    warnings = [text for text in plan("run", facts=facts).warnings if "opened /old/shop.duckdb" in text]
    assert len(warnings) == expected


def test_an_operation_is_refused_where_what_cannot_be_proved_is() -> None:
    facts = with_output(type="postgres").model_copy(update={"refuses_unproved": True})
    with pytest.raises(IsolationError, match="an operation runs SQL of its own"):
        plan("run-operation", facts=facts, arguments=("grant",))


@each(
    ("words", "message"),
    [
        (("--threads",), "`--threads` needs a value"),
        (("--select", "--threads", "4"), "`--select` needs a value"),
        (("--target", "--threads", "4"), "`--threads` after it is an option itself"),
        (("--threads", "x"), "`--threads` cannot be `x`"),
        (("--log-format", "xml"), "`--log-format` cannot be `xml`"),
    ],
)
def test_an_option_without_its_value_or_with_a_wrong_one_is_refused(words: tuple[str, ...], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        check_words("build", words, is_known=True)


def test_after_the_dashes_a_value_may_be_a_newer_dbts() -> None:
    check_words("build", ("--full-refresh", "--log-format", "xml", "--threads", "4"), is_known=False)


def test_variables_of_a_run_lie_over_those_of_every_environment() -> None:
    configuration = read("environment:\n  all: {vars: {a: 1}}\n  dev: {vars: {b: 2}}\n")
    given = read_given_vars(load_document("{a: 9}", "--vars"))

    laid = lay_over(configuration, given)

    assert laid.common.plain()["vars"] == {"a": 9}
    assert dict(resolve(laid).vars) == {"a": 9, "b": 2}


def test_a_plan_has_one_step_that_runs_dbt() -> None:
    assert isinstance(dbt_step(plan("run")), RunDbt)
