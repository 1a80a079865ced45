"""The schemas accept the files that dot accepts, and refuse those that it refuses."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from cases import each
from dot.base.address import Address
from dot.base.errors import ConfigurationError, UsageError
from dot.dbt.options import known_options
from dot.plan.plan import BuildPlan, render_plan
from dot.plan.planner import plan_build
from dot.plan.request import DbtRequest
from dot.setup.json_schema import SCHEMAS, environments_schema, plan_schema, render_schema, vars_schema
from dot.system.yaml import load_document
from examples.plans import BASELINE, make_facts, make_isolated_facts, read


def is_valid(schema: dict[str, Any], text: str) -> bool:
    """Whether the schema accepts the file with this text."""
    return Draft202012Validator(schema).is_valid(load_document(text, "file").data)


def is_accepted(environments: str | None = None, variables: str | None = None) -> bool:
    """Whether dot accepts the file with this text."""
    try:
        read(environments, None, variables)
    except ConfigurationError:
        return False
    return True


def environment(settings: str) -> str:
    return f"environment:\n  dev:\n    {settings}\n"


GOOD_ENVIRONMENTS = (
    "",
    "environment:\n",
    "environment: {}\n",
    "environment:\n  default: dev\n  all:\n  dev:\n",
    "environment:\n  default: dev\n  all: {threads: 4}\n  dev: {target: live}\n",
    "environment:\n  default: null\n",
    "environment:\n  _dev-2.x: {}\n  '2026': {}\n  vars: {}\n",
    environment("threads: 8"),
    environment("full-refresh: true\n    fail_fast: false"),
    environment("send-anonymous_usage-stats: false"),
    environment("models: [a, 1, 1.5]"),
    environment("resource_type: model"),
    environment("exclude-resource-type: [model, seed]"),
    environment("event-time-start: 2026-01-01"),
    environment("warn-error-options: {error: all}"),
    environment("args: '{a: 1}'"),
    environment("threads: null\n    vars: null"),
    environment("vars: {a: 1, b: [1], c: {d: {values: 1}}, e: null, f: {values: 1, other: 2}, g: {}}"),
)
BAD_ENVIRONMENTS = (
    "- dev\n",
    "dev\n",
    "environments: {}\n",
    "vars: {}\n",
    "environment: {}\nextra: 1\n",
    "environment: [dev]\n",
    "environment: {default: 1}\n",
    "environment: {default: {a: 1}}\n",
    "environment: {all: 5}\n",
    "environment: {dev: 5}\n",
    "environment: {a b: }\n",
    "environment: {.x: {}}\n",
    "environment: {-x: {}}\n",
    "environment: {é: {}}\n",
    "environment: {'': {}}\n",
    environment("thread: 4"),
    environment("Threads: 4"),
    environment("threads: '8'"),
    environment("threads: true"),
    environment("threads: 1.5"),
    environment("full_refresh: 1"),
    environment("no-print: true"),
    environment("no_print: true"),
    environment("x: true"),
    environment("-x: true"),
    environment("--threads: 4"),
    environment("models: {a: 1}"),
    environment("models: [true]"),
    environment("resource_type: nope"),
    environment("resource_type: [model, nope]"),
    environment("vars: [a]"),
    environment("vars: a"),
    environment("vars: {a: {values: [1]}}"),
    environment("vars: {a: {strict: true, values: [1], description: x, required: true}}"),
    "environment: {all: {vars: {a: {required: true}}}}\n",
)
GOOD_VARS = (
    "",
    "vars:\n",
    "vars: {}\n",
    "vars: {a: , b: {}}\n",
    "vars: {a: {description: x, values: [1, true, '1', 1.0, null, {c: [d]}], strict: true, required: true}}\n",
    "vars: {a: {description: null, values: null}}\n",
    "vars: {a: {strict: false}}\n",
    "vars: {a: {strict: false, values: []}}\n",
)
BAD_VARS = (
    "[vars]\n",
    "var: {}\n",
    "vars: {}\nenvironment: {}\n",
    "vars: [a]\n",
    "vars: 5\n",
    "vars: {a: 5}\n",
    "vars: {a: [1]}\n",
    "vars: {a: {requird: true}}\n",
    "vars: {a: {description: 1}}\n",
    "vars: {a: {values: 5}}\n",
    "vars: {a: {values: {b: 1}}}\n",
    "vars: {a: {strict: 1}}\n",
    "vars: {a: {strict: null}}\n",
    "vars: {a: {required: 'yes'}}\n",
    "vars: {a: {strict: true}}\n",
    "vars: {a: {strict: true, values: []}}\n",
    "vars: {a: {strict: true, values: null}}\n",
)


@each("text", GOOD_ENVIRONMENTS)
def test_what_environments_may_be_passes(text: str) -> None:
    assert (is_accepted(text), is_valid(environments_schema(), text)) == (True, True)


@each("text", BAD_ENVIRONMENTS)
def test_what_environments_may_not_be_is_refused(text: str) -> None:
    assert (is_accepted(text), is_valid(environments_schema(), text)) == (False, False)


@each("text", GOOD_VARS)
def test_what_variables_may_be_passes(text: str) -> None:
    assert (is_accepted(None, text), is_valid(vars_schema(), text)) == (True, True)


@each("text", BAD_VARS)
def test_what_variables_may_not_be_is_refused(text: str) -> None:
    assert (is_accepted(None, text), is_valid(vars_schema(), text)) == (False, False)


VALUES = (True, 1, 1.5, "a", "model", "json", "eager", "hub", None, [], ["a"], ["model"], [1], [True], {}, {"a": 1})


@pytest.mark.parametrize("value", VALUES, ids=json.dumps)
def test_every_option_may_have_the_values_that_dot_takes(value: object) -> None:
    keys = {name.removeprefix("--") for name in known_options() if name.startswith("--")}
    schema = environments_schema()
    for key in keys | {key.replace("-", "_") for key in keys}:
        text = json.dumps({"environment": {"dev": {key: value}}})
        assert (key, is_accepted(text)) == (key, is_valid(schema, text))


# -- what editors show ---------------------------------------------------------------------------------------------


PARTS = (
    environments_schema(),
    environments_schema()["properties"]["environment"],
    environments_schema()["$defs"]["EnvironmentSettings"],
    vars_schema(),
    vars_schema()["$defs"]["Variable"],
)


@each("part", PARTS)
def test_every_key_of_a_file_has_a_description(part: dict[str, Any]) -> None:
    assert part["description"]
    assert [key for key, schema in part["properties"].items() if not schema.get("description")] == []


def test_an_option_is_described_as_in_help() -> None:
    options = environments_schema()["$defs"]["EnvironmentSettings"]["properties"]
    assert options["threads"]["description"] == "How many nodes run at once"


# -- the plan ------------------------------------------------------------------------------------------------------

LIVE = plan_build(DbtRequest(dbt_command="build", address=Address(environment="dev")), make_facts(baseline=BASELINE))
ISOLATED = plan_build(DbtRequest(dbt_command="build", address=Address(ref="main")), make_isolated_facts())


@pytest.mark.parametrize("plan", [LIVE, ISOLATED], ids=["live", "isolated"])
def test_a_plan_passes(plan: BuildPlan) -> None:
    Draft202012Validator(plan_schema()).validate(json.loads(render_plan(plan)))


def without(key: str) -> Callable[[dict[str, Any]], object]:
    return lambda plan: plan.pop(key)


WRONG: tuple[Callable[[dict[str, Any]], object], ...] = (
    without("format_version"),
    without("steps"),
    lambda plan: plan.update(format_version="2.0"),
    lambda plan: plan.update(format_version="11.0"),
    lambda plan: plan.update(files=[]),
    lambda plan: plan["steps"][0].pop("kind"),
    lambda plan: plan["steps"][0].update(kind="ensure_wonders"),
    lambda plan: plan["steps"][0].update(commit=5),
)


@each("spoil", WRONG)
def test_what_is_no_plan_is_refused(spoil: Callable[[dict[str, Any]], object]) -> None:
    plan = json.loads(render_plan(ISOLATED))
    spoil(plan)
    assert not Draft202012Validator(plan_schema()).is_valid(plan)


def test_a_plan_of_a_newer_minor_format_passes() -> None:
    plan = json.loads(render_plan(ISOLATED)) | {"format_version": "1.7", "new_in_1_7": {"x": [1]}}
    Draft202012Validator(plan_schema()).validate(plan)


# -- names ---------------------------------------------------------------------------------------------------------


@each("name", SCHEMAS)
def test_a_schema_is_one_by_its_own_standard(name: str) -> None:
    schema = json.loads(render_schema(name))
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    Draft202012Validator.check_schema(schema)


@each(
    ("name", "hint"),
    [("environment", "did you mean `environments`?"), ("", "write `dot schema environments`")],
)
def test_a_name_that_is_no_schemas_is_refused_with_those_that_are(name: str, hint: str) -> None:
    with pytest.raises(UsageError) as raised:
        render_schema(name)
    (problem,) = raised.value.problems
    assert (
        problem.message,
        problem.notes,
        problem.hint,
    ) == (f"there is no schema `{name}`", ("schemas: environments, vars, plan, job, pipeline",), hint)
