"""Leaks beside the schema: what dbt-duckdb's external materialisation writes into files."""

from e2e.leaks.case import LAKE, Case, model

PROFILE = """\
shop:
  target: prod
  outputs:
    prod: {type: duckdb, path: shop.duckdb, schema: production, attach: [{path: archive.duckdb}], external_root: ROOT}
"""


def external(location: str | None = None, **config: str) -> str:
    """A model in a file; the location is Jinja."""
    places = {"location": location} if location else {}
    return model(materialized="'external'", **places, **config)


CASES = (
    Case(
        kind="files at a literal place, and in the worktree",
        leaky={
            "models/orders.sql": external(f"'{LAKE}/orders.parquet'"),
            "models/events.sql": external("'../../../../../lake/events.csv'"),
            "models/customers.sql": external("'customers.parquet'"),
        },
        leaks={"orders": f"{LAKE}/orders.parquet", "events": "../../../../../lake/events.csv"},
        says=(
            "its files go to the same place in every build (location)",
            f"keep builds apart with  location='{LAKE}/orders' ~ env_var('DOT_SCHEMA_SUFFIX', '') ~ '.parquet'\n",
        ),
        twin={
            "models/orders.sql": external(f"'{LAKE}/orders' ~ env_var('DOT_SCHEMA_SUFFIX', '') ~ '.parquet'"),
            "models/events.sql": external("'events.csv'"),
        },
        writes=(
            "shop.production_{hash}.orders",
            "shop.production_{hash}.events",
            "shop.production_{hash}.customers",
        ),
    ),
    Case(
        mark="matrix",
        kind="files without a place of their own, with a shared root in the profile and without",
        leaky={
            "shared/profiles.yml": PROFILE.replace("ROOT", f"'{LAKE}'"),
            "models/orders.sql": external(),
            "models/events.sql": external(format="'csv'"),
            "models/customers.sql": external("'customers.parquet'"),
        },
        env={"DBT_PROFILES_DIR": "shared"},
        leaks={"orders": f"{LAKE}/orders.parquet", "events": f"{LAKE}/events.csv"},
        says=(
            "its files go to the same place in every build (the profile's external_root)",
            "= help: end `external_root` in profiles.yml with  {{ env_var('DOT_SCHEMA_SUFFIX', '') }}\n",
        ),
        writes=(
            "shop.production_{hash}.orders",
            "shop.production_{hash}.events",
            "shop.production_{hash}.customers",
        ),
    ),
    Case(
        kind="a place that dbt renders only when it runs, without and with the schema in it",
        leaky={
            "shared/profiles.yml": PROFILE.replace("ROOT", "\"{{ env_var('LAKE') }}\""),
            "models/orders.sql": external("\"{{ env_var('LAKE') }}/orders.parquet\""),
            "models/customers.sql": external(),
        },
        env={"DBT_PROFILES_DIR": "shared", "LAKE": LAKE},
        leaks={
            "orders": "{{ env_var('LAKE') }}/orders.parquet",
            "customers": f"{LAKE}/customers.parquet",
        },
        says=(
            "put  {{ env_var('DOT_SCHEMA_SUFFIX', '') }}  into location\n",
            "= help: end `external_root` in profiles.yml with  {{ env_var('DOT_SCHEMA_SUFFIX', '') }}\n",
        ),
        twin={"models/orders.sql": external("\"{{ env_var('LAKE') }}/{{ target.schema }}_orders.parquet\"")},
        twin_env={"LAKE": LAKE},
        writes=("shop.production_{hash}.orders", "shop.production_{hash}.customers"),
    ),
)
