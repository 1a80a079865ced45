"""Leaks by what a node says of itself: snapshots, stored test failures, functions, and what is not selected."""

from e2e.leaks.case import Case, marts, model
from e2e.leaks.macros import IN_PROD_ONLY, SUFFIX

STORED = model("select * from {{ ref('orders') }} where id > 1", store_failures="true")
NOT_STORED = STORED.replace("true", "false")

FUNCTIONS = """\
functions:
  - name: double
    arguments: [{name: x, data_type: int}]
    returns: {data_type: int}
    config: {schema: tools}
"""
DUCKDB_FUNCTION = """\
{% macro duckdb__scalar_function_sql(target_relation) %}
create or replace function {{ target_relation }}(x) as {{ model.compiled_code }}
{% endmacro %}
"""
"""What dbt-duckdb lacks: dbt's own SQL for functions is not DuckDB's."""


def snapshot(name: str, **config: str) -> str:
    """A snapshot of the orders; the values of its configuration are Jinja."""
    values = ", ".join(f"{name}={value}" for name, value in config.items())
    keys = f"unique_key='id', strategy='check', check_cols='all', {values}"
    return f"{{% snapshot {name} %}}{{{{ config({keys}) }}}} from {{{{ ref('orders') }}}}{{% endsnapshot %}}\n"


SNAPSHOTS = {
    "models/orders.sql": model(),
    "snapshots/history.sql": snapshot("history", target_schema="'snapshots'"),
    "snapshots/far.sql": snapshot("far", target_schema="'snapshots'", target_database="'archive'"),
    "snapshots/moved.sql": snapshot("moved", target_database="'archive'"),
    "snapshots/custom.sql": snapshot("custom", schema="'snapshots'"),
}

CASES = (
    Case(
        kind="snapshots with a literal schema or database",
        leaky=SNAPSHOTS,
        leaks={"history": "shop.snapshots.history", "far": "archive.snapshots.far"},
        says=(
            "the snapshot names its schema literally (target_schema='snapshots')",
            "target_schema='snapshots' ~ env_var('DOT_SCHEMA_SUFFIX', '')\n",
            "`-- --exclude resource_type:snapshot`",
        ),
        twin={
            "snapshots/history.sql": snapshot("history", target_schema=f"'snapshots' ~ {SUFFIX[3:-3]}"),
            "snapshots/far.sql": snapshot("far", target_schema="target.schema", target_database="'archive'"),
        },
        writes=(
            "shop.production_{hash}.orders",
            "shop.snapshots_{hash}.history",
            "archive.production_{hash}.far",
            "archive.production_{hash}.moved",
            "shop.production_{hash}_snapshots.custom",
        ),
    ),
    Case(
        kind="a leaking snapshot, and a command that writes no snapshots",
        leaky=SNAPSHOTS,
        words=("snapshot", "prod@main~1"),
        leaks={"history": "shop.snapshots.history", "far": "archive.snapshots.far"},
        says=("target_schema='snapshots'",),
        twin_words=("run", "prod@main"),
        writes=("shop.production_{hash}.orders",),
    ),
    Case(
        kind="tests that store their failures, and the same that do not",
        leaky={
            "macros/naming.sql": IN_PROD_ONLY,
            "models/orders.sql": model(),
            "models/orders.yml": "models: [{name: orders, columns: [{name: id, data_tests: [unique]}]}]\n",
            "tests/no_orders.sql": STORED,
            "tests/few_orders.sql": STORED.replace("store_failures=true", "store_failures_as='view'"),
        },
        leaks={"no_orders": "shop.dbt_test__audit.no_orders", "few_orders": "shop.dbt_test__audit.few_orders"},
        says=("tests/no_orders.sql", "macros/naming.sql:8"),
        twin={
            "tests/no_orders.sql": NOT_STORED,
            "tests/few_orders.sql": STORED.replace("store_failures=true", "store_failures_as='ephemeral'"),
        },
        writes=("shop.production_{hash}.orders",),
    ),
    Case(
        kind="--store-failures, with and without a macro that keeps the schema of the failures",
        leaky={
            "macros/naming.sql": IN_PROD_ONLY,
            "models/orders.sql": model(),
            "tests/no_orders.sql": "select * from {{ ref('orders') }} where id > 1\n",
            "tests/few_orders.sql": NOT_STORED,
        },
        words=("build", "prod@main~1", "--", "--store-failures"),
        leaks={"no_orders": "shop.dbt_test__audit.no_orders"},
        says=("tests/no_orders.sql", "macros/naming.sql:8"),
        twin={"macros/naming.sql": ""},
        twin_words=("build", "prod@main", "--", "--store-failures"),
        writes=("shop.production_{hash}.orders", "shop.production_{hash}_dbt_test__audit.no_orders"),
        mark="both",
    ),
    Case(
        kind="failures stored because the environment says so",
        leaky={
            "macros/naming.sql": IN_PROD_ONLY,
            "models/orders.sql": model(),
            "tests/no_orders.sql": "select * from {{ ref('orders') }} where id > 1\n",
        },
        env={"DBT_STORE_FAILURES": "true"},
        leaks={"no_orders": "shop.dbt_test__audit.no_orders"},
        says=("tests/no_orders.sql",),
        twin_env={"DBT_STORE_FAILURES": "false"},
        writes=("shop.production_{hash}.orders",),
    ),
    Case(
        kind="functions",
        leaky={
            "macros/naming.sql": IN_PROD_ONLY,
            "macros/functions.sql": DUCKDB_FUNCTION,
            "functions/double.sql": "x * 2\n",
            "functions/functions.yml": FUNCTIONS,
            "models/orders.sql": model("select {{ function('double') }}(21) as id"),
        },
        words=("build", "prod@main~1", "--", "--select", "+orders"),
        leaks={"double": "shop.tools.double"},
        says=("functions/double.sql", "macros/naming.sql:8"),
        twin={"macros/naming.sql": ""},
        writes=("shop.production_{hash}_tools.double", "shop.production_{hash}.orders"),
    ),
    Case(
        kind="a leaking model, selected and excluded",
        leaky={
            "macros/naming.sql": IN_PROD_ONLY.replace("\n", "\r\n"),
            "models/orders.sql": model(schema="'marts'", tags="var('layer', 'none')"),
            "models/stg.sql": model(),
        },
        words=("build", "prod@main~1", "--", "--vars", "layer: marts", "--select", "tag:marts"),
        env={"DBT_LOG_FORMAT": "json", "DBT_LOG_LEVEL": "error"},
        leaks={"orders": "shop.marts.orders"},
        says=("macros/naming.sql:8",),
        twin_words=("build", "prod@main", "--", "--exclude", "orders"),
        writes=("shop.production_{hash}.stg",),
    ),
    Case(
        kind="a model in a schema of production, and the same when it is ephemeral or disabled",
        leaky={
            "macros/naming.sql": IN_PROD_ONLY,
            "models/orders.sql": marts(),
            "models/customers.sql": marts(),
            "models/stg.sql": model("select * from {{ ref('orders') }}"),
        },
        leaks={"orders": "shop.marts.orders", "customers": "shop.marts.customers"},
        says=("macros/naming.sql:8",),
        twin={
            "models/orders.sql": marts("ephemeral"),
            "models/customers.sql": model(schema="'marts'", enabled="false"),
        },
        writes=("shop.production_{hash}.stg",),
    ),
)
