"""What is let through, what is found afterwards, what two builds would share, and what cannot be proved."""

import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from builders import commit, make_tree
from e2e.leaks.case import marts, model
from e2e.leaks.files import external
from e2e.leaks.macros import IN_PROD_ONLY
from e2e.leaks.stage import ONE_PROCESS, SEPARATE_PROCESSES, Stage, make_stage, read_named

pytestmark = pytest.mark.e2e

DBT = Path(sys.executable).with_name("dbt")

TWO_ENVIRONMENTS = "environment:\n  default: dev\n  dev: {target: dev}\n  ci: {target: dev}\n  prod: {target: prod}\n"

ANEW_IN_BUILD = """\
{% macro generate_schema_name(custom_schema_name, node) -%}
    {%- if flags.WHICH == 'build' -%} marts {%- else -%} {{ target.schema }} {%- endif -%}
{%- endmacro %}
"""
"""A name that `dbt parse` and `dbt build` disagree about."""

HOOKED = """\
name: shop
profile: shop
flags: {send_anonymous_usage_stats: false}
on-run-start: select 1
on-run-end: ['select 2', 'select 3']
models: {shop: {+post-hook: select 4}}
"""


SWAP = """\
{% materialization swap, default %}
    {% call statement('main') %}create or replace view {{ this }} as {{ sql }}{% endcall %}
    {{ return({'relations': [this]}) }}
{% endmaterialization %}
"""


def read_records(stage: Stage, ref: str = "main") -> list[dict[str, Any]]:
    file = stage.project / ".dot" / "build" / stage.short_hash(ref) / "env" / "prod" / "runs.jsonl"
    return [json.loads(line) for line in file.read_text().splitlines()]


def test_leaks_that_are_allowed_are_named_written_and_recorded(tmp_path: Path, production: Path) -> None:
    files = {"macros/naming.sql": IN_PROD_ONLY, "models/orders.sql": marts("table"), "models/stg.sql": model()}
    stage = make_stage(tmp_path, production, files)

    outcome = stage.run("build", "prod@main", "--allow-leaks")

    assert outcome.exit_code == 0, outcome
    assert "warning: 1 relation is written outside this build, as `--allow-leaks` allows" in outcome.stderr
    assert read_named(outcome.stderr) == {"shop.marts.orders"}
    relations, _ = stage.production()
    assert {name for name, rows in relations.items() if rows != stage.before[name]} == {"shop.marts.orders"}
    (record,) = read_records(stage)
    assert [(leak["unique_id"], leak["relation"]) for leak in record["leaks"]] == [
        ("model.shop.orders", "shop.marts.orders")
    ]


def test_a_relation_that_was_written_elsewhere_than_promised_is_an_error(
    tmp_path: Path, production: Path, dbt_major: int
) -> None:
    """Only a dbt that parses twice can break its promise: in one process, the manifest that was proved is what runs."""
    files = {"macros/naming.sql": ANEW_IN_BUILD, "models/orders.sql": model(materialized="'table'")}
    stage = make_stage(tmp_path, production, files)
    engine = SEPARATE_PROCESSES if dbt_major == 1 else ONE_PROCESS

    outcome = stage.run("build", "prod@main", env={"DBT_PARTIAL_PARSE": "false"}, engine=engine)

    schema = f"production_{stage.short_hash('main')}"
    assert outcome.exit_code == 4, outcome
    assert dbt_major == 2 or "Done. PASS=1" in outcome.stdout
    assert "error: 1 relation was written elsewhere than the manifest had promised" in outcome.stderr
    assert f'"shop"."marts"."orders"  model.shop.orders, promised: "shop"."{schema}"."orders"\n' in outcome.stderr
    assert [record["exit_code"] for record in read_records(stage)] == [4]


@pytest.mark.both
def test_a_command_that_writes_nothing_has_written_nothing_elsewhere(tmp_path: Path, production: Path) -> None:
    files = {"macros/naming.sql": IN_PROD_ONLY, "models/orders.sql": marts("table")}
    stage = make_stage(tmp_path, production, files)

    outcome = stage.run("compile", "prod@main")

    assert outcome.exit_code == 0, outcome
    assert "written elsewhere" not in outcome.stderr


@pytest.mark.matrix
def test_what_runs_although_it_was_not_selected_is_an_error(tmp_path: Path, production: Path) -> None:
    files = {"macros/naming.sql": IN_PROD_ONLY, "models/orders.sql": marts("table")}
    stage = make_stage(tmp_path, production, files)
    program = make_tree(tmp_path, {"dbt": f"#!/bin/sh\n[ $1 = list ] || exec '{DBT}' \"$@\"\n"}) / "dbt"
    program.chmod(0o755)

    outcome = stage.run("run", "prod@main", "--", "--select", "orders", env={"DOT_DBT": str(program)})

    assert outcome.exit_code == 4, outcome
    assert '"shop"."marts"."orders"  model.shop.orders, promised: nothing\n' in outcome.stderr


def test_a_run_that_leaves_no_results_is_not_judged_by_those_of_the_run_before(
    tmp_path: Path, production: Path
) -> None:
    stage = make_stage(tmp_path, production, {"models/orders.sql": model(alias="var('name')")})

    first = stage.run("build", "prod@main", "--vars", "name: old")
    second = stage.run("build", "prod@main", "--vars", "name: new", "--", "--no-write-json")

    schema = f"shop.production_{stage.short_hash('main')}"
    assert [first.exit_code, second.exit_code] == [0, 0], second
    assert stage.builds() == {f"{schema}.old", f"{schema}.new"}


def test_what_another_environment_of_the_commit_has_written_is_refused_and_the_first_goes_on(
    tmp_path: Path, production: Path
) -> None:
    files = {"dot_environments.yml": TWO_ENVIRONMENTS, "models/orders.sql": model(), "models/stg.sql": model()}
    stage = make_stage(tmp_path, production, files)
    schema = f"analytics_{stage.short_hash('main')}"

    first, tested = stage.run("run", "dev@main"), stage.run("test", "dev@main")
    refused = stage.run("build", "ci@main", "--", "--select", "orders")
    again, other = stage.run("run", "dev@main"), stage.run("run", "prod@main")

    exit_codes = [outcome.exit_code for outcome in (first, tested, refused, again, other)]
    assert exit_codes == [0, 0, 4, 0, 0], refused
    assert read_named(refused.stderr) == {f"shop.{schema}.orders"}
    assert f"the build dev@{stage.short_hash('main')} writes it too" in refused.stderr
    assert "an output of its own (`target`)" in refused.stderr


def test_a_retry_is_judged_by_what_the_run_before_had_selected(tmp_path: Path, production: Path) -> None:
    files = {"macros/naming.sql": IN_PROD_ONLY, "models/orders.sql": marts(), "models/stg.sql": model("from nowhere")}
    stage = make_stage(tmp_path, production, files)

    failed = stage.run("build", "prod@main", "--", "--exclude", "orders")
    retried, from_elsewhere = (stage.run("retry", "prod@main", *words) for words in ((), ("--", "--state", "..")))

    assert [outcome.exit_code for outcome in (failed, retried, from_elsewhere)] == [1, 1, 4], retried
    assert f"isolated: 1 relation, in production_{stage.short_hash('main')}\n" in failed.stderr
    assert read_named(from_elsewhere.stderr) == {"shop.marts.orders"}


def test_a_retry_is_judged_by_the_options_and_variables_of_the_run_before(tmp_path: Path, production: Path) -> None:
    files = {
        "dot_environments.yml": "environment: {default: prod, prod: {store-failures: false}}\n",
        "macros/naming.sql": IN_PROD_ONLY,
        "models/orders.sql": model(alias="var('name')"),
        "tests/no_orders.sql": "select * from {{ ref('orders') }}\n",
    }
    stage = make_stage(tmp_path, production, files)

    failed = stage.run("build", "prod@main", "--allow-leaks", "--vars", "name: clients", "--", "--store-failures")
    retried = stage.run("retry", "prod@main")

    assert [outcome.exit_code for outcome in (failed, retried)] == [1, 4], retried
    assert read_named(retried.stderr) == {"shop.dbt_test__audit.no_orders"}


def test_hooks_are_said_to_be_unproved_once_for_each_manifest(tmp_path: Path, production: Path) -> None:
    hooked = {
        "macros/swap.sql": SWAP,
        "models/orders.sql": model(pre_hook="'select 5'", materialized="'swap'"),
        "models/stg.sql": model(),
    }
    stage = make_stage(tmp_path, production, {"dbt_project.yml": HOOKED, **hooked})
    cannot = "which cannot be proved to stay inside the build"
    where = f"see `dot builds show prod@{stage.short_hash('main')}`"

    commands = (("source", "freshness"), ("build",), ("run",), ("build",))

    outcomes = [stage.run(*command, "prod@main") for command in commands]
    shown = stage.run("builds", "show", "prod@main")

    assert [outcome.exit_code for outcome in (*outcomes, shown)] == [0, 0, 0, 0, 0], outcomes
    assert [outcome.stderr.count("run SQL") for outcome in outcomes] == [1, 1, 0, 0]
    assert f"warning: 2 hooks run SQL of their own, {cannot}; {where}\n" in outcomes[0].stderr
    assert f"warning: 3 hooks and 1 materialization run SQL of their own, {cannot}; {where}\n" in outcomes[1].stderr
    lines = (
        *("pre-hook of orders", "post-hook of orders, stg", "on-run-start of shop", "on-run-end of shop"),
        "materialization swap of shop",
    )
    assert [line for line in lines if not re.search(rf" {line}$", shown.stdout, re.MULTILINE)] == []


def test_an_operation_is_said_to_be_unproved(tmp_path: Path, production: Path) -> None:
    stage = make_stage(tmp_path, production, {"macros/hello.sql": "{% macro hello() %}{% endmacro %}\n"})

    outcome = stage.run("run-operation", "hello", "prod@main")

    assert outcome.exit_code == 0, outcome
    assert (
        "warning: an operation runs SQL of its own, which cannot be proved to stay inside the build" in outcome.stderr
    )


def test_a_file_in_the_worktree_is_where_a_link_of_the_commit_leads(tmp_path: Path, production: Path) -> None:
    stage = make_stage(tmp_path, production, {"models/orders.sql": external("'out/orders.parquet'")})
    (stage.project / "out").symlink_to(stage.lake)
    commit(stage.project, "a link")

    refused = stage.run("build", "prod@main")

    assert refused.exit_code == 4, refused
    assert f"which a link of the commit leads to {stage.lake.as_posix()}/orders.parquet" in refused.stderr
    assert (stage.before, stage.files) == stage.production()
