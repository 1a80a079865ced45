"""A plan as it is shown and kept has no secret among its words and variables."""

import pytest

from cases import each
from dot.base.errors import ConfigurationError
from dot.base.frozen import FrozenMapping
from dot.config.files import Environment
from dot.plan.facts import Facts
from dot.plan.plan import BuildPlan, mask_environment, mask_plan, parse_plan, render_plan
from dot.plan.record import Outcome, make_record
from dot.plan.request import DbtRequest
from examples.plans import COMMIT, dbt_step, make_commit, make_isolated_facts, plan, read, resolve

SECRET = "hunter2"
VARIABLES = FrozenMapping({"api_token": SECRET, "nested": {"pin": SECRET}, "size": 3})


def with_variables(**options: object) -> Facts:
    environment = Environment(name="dev", options=FrozenMapping({"target": "dev", **options}), vars=VARIABLES)
    return make_isolated_facts(environment=environment, commit=make_commit(packages="digest"))


def secrets_of(built: BuildPlan) -> int:
    return built.model_dump_json().count(SECRET)


@each(
    "built",
    [
        plan("build", facts=with_variables()),
        plan("run-operation", facts=with_variables(args={"password": SECRET}), arguments=("grant",)),
        plan("build", "--vars", f"{{api_token: {SECRET}}}"),
        plan("run-operation", f"--args={{password: {SECRET}}}", arguments=("grant",)),
        plan("show", typed=("--inline", f"attach 'postgres://ada:{SECRET}@db'")),
        plan("build", vars=f"pin: {SECRET}"),
    ],
)
def test_no_secret_is_in_what_is_shown_and_kept(built: BuildPlan) -> None:
    assert secrets_of(built), "or there is nothing to hide"
    masked = mask_plan(built)
    record = make_record(masked, Outcome(started_at="", finished_at="", exit_code=0))

    assert secrets_of(masked) == 0
    assert SECRET not in record.model_dump_json()
    assert masked == mask_plan(masked) == parse_plan(render_plan(masked))
    assert masked.commit == COMMIT


def test_what_is_no_secret_is_shown() -> None:
    masked = mask_plan(plan("build", "--threads", "4", facts=with_variables(threads=4), vars="size: 3"))
    shown = '{"api_token": "*****", "nested": {"pin": "*****"}, "size": 3}'

    assert masked.environment
    assert str(masked.environment.vars) == shown
    assert shown in dbt_step(masked).argv
    assert isinstance(masked.request, DbtRequest)
    assert masked.request.vars == "size: 3"
    assert masked.environment.options == FrozenMapping({"target": "dev", "threads": 4})
    assert plan() == mask_plan(plan())
    assert None is mask_environment(None)


def test_a_value_that_is_not_allowed_is_not_shown_where_the_name_is_a_secrets() -> None:
    configuration = read(
        f"environment:\n  dev:\n    vars:\n      api_token: {SECRET}\n",
        variables="vars: {api_token: {values: [other], strict: true}}\n",
    )
    with pytest.raises(ConfigurationError) as raised:
        resolve(configuration)

    (problem,) = raised.value.problems
    assert problem.message == "the variable `api_token` has none of the values that dot_vars.yml allows"
    assert SECRET not in repr(problem)
