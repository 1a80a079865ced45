"""Leaks by a macro that names schemas, and macros that look alike."""

from e2e.leaks.case import Case, marts, model

SUFFIX = "{{ env_var('DOT_SCHEMA_SUFFIX', '') }}"

IN_PROD_ONLY = """\
{% macro cents(column) %}{{ column }} / 100{% endmacro %}

{% macro generate_schema_name(custom_schema_name, node) -%}
    {%- set default_schema = target.schema -%}
    {%- if custom_schema_name is none -%}
        {{ default_schema }}
    {%- elif target.name == 'prod' -%}
        {{ custom_schema_name | trim }}
    {%- else -%}
        {{ default_schema }}_{{ custom_schema_name | trim }}
    {%- endif -%}
{%- endmacro %}
"""
"""The form that most projects copy: the custom schema alone, but only in production."""

MENDED = IN_PROD_ONLY.replace(
    "        {{ custom_schema_name | trim }}\n", f"        {{{{ custom_schema_name | trim }}}}{SUFFIX}\n"
)

FOR_ENV = """\
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ generate_schema_name_for_env(custom_schema_name, node) }}
{%- endmacro %}
"""

LITERAL = """\
{% macro generate_schema_name(custom_schema_name, node) -%}
    {%- if target.name == 'prod' -%} live {%- else -%} {{ target.schema }} {%- endif -%}
{%- endmacro %}
"""

RETURNS = """\
{% macro generate_schema_name(custom_schema_name, node) %}
    {% if target.name == 'prod' and custom_schema_name is not none %}
        {{ return(custom_schema_name | trim) }}
    {% endif %}
    {{ return(target.schema) }}
{% endmacro %}
"""

ONE_LINE = "{% macro generate_schema_name(custom, node) %}{{ custom if custom else target.schema }}{% endmacro %}\n"

DISGUISED = """\
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ target.schema | replace(target.schema, 'live') }}
{%- endmacro %}
"""
"""No single line of it can be called the one to change."""

ALIAS = "{% macro generate_alias_name(custom, node) %}{{ target.schema }}_{{ custom or node.name }}{% endmacro %}\n"

DATABASE = "{% macro generate_database_name(custom, node) %}archive{% endmacro %}\n"

NAMED_DBT = "name: dbt_shop\nprofile: shop\nflags: {send_anonymous_usage_stats: false}\n"

CASES = (
    Case(
        kind="the custom schema alone, in production only",
        leaky={
            "macros/naming.sql": IN_PROD_ONLY,
            "models/stg.sql": model(),
            "models/orders.sql": marts("table"),
            "models/customers.sql": marts("view"),
            "models/events.sql": marts("incremental"),
        },
        leaks={"orders": "shop.marts.orders", "customers": "shop.marts.customers", "events": "shop.marts.events"},
        says=(
            "generate_schema_name (macros/naming.sql:8) leaves the target's schema out when target.name == 'prod'",
            "8 | {{ custom_schema_name | trim }}\n",
            f"= help: keep builds apart with  {{{{ custom_schema_name | trim }}}}{SUFFIX}\n",
        ),
        twin={"macros/naming.sql": MENDED},
        writes=(
            "shop.production_{hash}.stg",
            "shop.marts_{hash}.orders",
            "shop.marts_{hash}.customers",
            "shop.marts_{hash}.events",
        ),
        mark="both",
    ),
    Case(
        kind="generate_schema_name_for_env, which is harmless in another target",
        leaky={"macros/naming.sql": FOR_ENV, "models/stg.sql": model(), "models/orders.sql": marts()},
        leaks={"orders": "shop.marts.orders"},
        says=(
            "generate_schema_name (macros/naming.sql:2)",
            "generate_schema_name_for_env(custom_schema_name ~ env_var('DOT_SCHEMA_SUFFIX', '')",
        ),
        twin_words=("build", "dev@main"),
        writes=("shop.analytics_{hash}.stg", "shop.analytics_{hash}.orders"),
    ),
    Case(
        kind="the macro of an installed package, which names the nodes of that package alone",
        leaky={
            "packages.yml": "packages: [{local: house}]\n",
            "house/dbt_project.yml": "name: house\n",
            "house/macros/naming.sql": IN_PROD_ONLY,
            "house/models/customers.sql": marts(),
            "models/orders.sql": marts(),
        },
        leaks={"customers": "shop.marts.customers"},
        says=(
            "models/customers.sql in package house",
            "generate_schema_name (dbt_packages/house/macros/naming.sql:8) leaves the target's schema out",
        ),
        twin={"house/macros/naming.sql": "{% macro cents(column) %}{{ column }} / 100{% endmacro %}\n"},
        writes=("shop.production_{hash}_marts.customers", "shop.production_{hash}_marts.orders"),
    ),
    Case(
        kind="a literal schema for production, and a custom schema that only looks like production",
        leaky={
            "macros/naming.sql": LITERAL,
            "models/stg.sql": model(),
            "models/orders.sql": model(schema="'production'"),
            "models/customers.sql": model(alias="'clients'"),
            "seeds/colors.csv": "id\n1\n",
        },
        leaks={
            "stg": "shop.live.stg",
            "orders": "shop.live.orders",
            "customers": "shop.live.clients",
            "colors": "shop.live.colors",
        },
        says=("shop.live.clients (customers)", "live{{ env_var('DOT_SCHEMA_SUFFIX', '') }}"),
        twin={"macros/naming.sql": ""},
        writes=(
            "shop.production_{hash}.stg",
            "shop.production_{hash}_production.orders",
            "shop.production_{hash}.clients",
            "shop.production_{hash}.colors",
        ),
    ),
    Case(
        kind="a macro that returns the name, in a project whose own name starts with dbt",
        leaky={"dbt_project.yml": NAMED_DBT, "macros/naming.sql": RETURNS, "models/orders.sql": marts()},
        leaks={"orders": "shop.marts.orders"},
        says=(
            "(macros/naming.sql:3) leaves the target's schema out when target.name == 'prod' and custom_schema_name",
            "{{ return(custom_schema_name | trim ~ env_var('DOT_SCHEMA_SUFFIX', '')) }}",
        ),
        twin={"macros/naming.sql": RETURNS.replace("| trim)", "| trim ~ env_var('DOT_SCHEMA_SUFFIX', ''))")},
        writes=("shop.marts_{hash}.orders",),
    ),
    Case(
        kind="a macro in one line that honours any custom schema, of models, seeds and tests",
        leaky={
            "macros/naming.sql": ONE_LINE,
            "models/stg.sql": model(),
            "models/orders.sql": model(schema="'finance'"),
            "seeds/colors.csv": "id\n1\n",
            "seeds/seeds.yml": "seeds: [{name: colors, config: {schema: reference}}]\n",
            "tests/no_orders.sql": model(
                "select * from {{ ref('orders') }} where id > 1", schema="'quality'", store_failures="true"
            ),
        },
        leaks={
            "orders": "shop.finance.orders",
            "colors": "shop.reference.colors",
            "no_orders": "shop.quality.no_orders",
        },
        says=("generate_schema_name (macros/naming.sql:1)", f"else target.schema }}}}{SUFFIX}{{% endmacro %}}"),
        twin={"macros/naming.sql": "{% macro generate_schema(custom, node) %}{{ custom }}{% endmacro %}\n"},
        writes=(
            "shop.production_{hash}.stg",
            "shop.production_{hash}_finance.orders",
            "shop.production_{hash}_reference.colors",
            "shop.production_{hash}_quality.no_orders",
        ),
    ),
    Case(
        kind="a macro that dbt's own dispatches to, and one in a package that dbt never asks",
        leaky={
            "macros/naming.sql": ONE_LINE.replace("generate", "duckdb__generate"),
            "models/orders.sql": marts(),
        },
        leaks={"orders": "shop.marts.orders"},
        says=("duckdb__generate_schema_name (macros/naming.sql:1) leaves the target's schema out",),
        twin={
            "macros/naming.sql": "",
            "packages.yml": "packages: [{local: house}]\n",
            "house/dbt_project.yml": "name: house\n",
            "house/macros/naming.sql": ONE_LINE,
        },
        writes=("shop.production_{hash}_marts.orders",),
    ),
    Case(
        kind="the target's schema in the alias, where the schema is fixed and where it is not",
        leaky={"macros/naming.sql": DISGUISED + ALIAS, "models/orders.sql": model(alias="'clients'")},
        leaks={"orders": "shop.live.production_{hash}_clients"},
        says=(
            "generate_schema_name returns 'live' for a node without a custom schema\n",
            "= help: add {{ env_var('DOT_SCHEMA_SUFFIX', '') }} wherever that macro leaves target.schema out\n",
        ),
        twin={"macros/naming.sql": ALIAS},
        writes=("shop.production_{hash}.production_{hash}_clients",),
    ),
    Case(
        kind="another database, with a schema of production and with one of the build",
        leaky={
            "macros/naming.sql": IN_PROD_ONLY + DATABASE,
            "models/orders.sql": marts(),
            "models/customers.sql": model(database="'archive'"),
        },
        leaks={"orders": "archive.marts.orders"},
        says=("macros/naming.sql:8",),
        twin={"macros/naming.sql": DATABASE},
        writes=("archive.production_{hash}_marts.orders", "archive.production_{hash}.customers"),
    ),
)
