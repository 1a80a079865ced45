"""Why a relation leaks, which macro is to blame, and what to change."""

from typing import Any

from cases import each
from dot.isolation.leaks import find_leaks, suspects_of
from dot.isolation.rules import Leak
from dot.isolation.schema_macro import Suspect
from examples.manifests import HASH, Entry, make_macro, make_manifest, make_node, make_rules

SUFFIX = "env_var('DOT_SCHEMA_SUFFIX', '')"


def leak_of(node: Entry, *macros: Entry, **rules: Any) -> Leak:
    """The only leak of a project with this node and these macros."""
    (leak,) = find_leaks(make_manifest(node, macros=macros), make_rules(**rules))
    return leak


# -- schemas -------------------------------------------------------------------------------------------------------


def test_a_leak_names_node_file_relation_cause_and_change() -> None:
    node = make_node("orders", schema="marts", alias="clients", config={"schema": "marts"})

    assert leak_of(node, make_macro()) == Leak(
        unique_id="model.shop.orders",
        name="orders",
        file="models/orders.sql",
        relation="shop.marts.clients",
        cause="generate_schema_name returns 'marts' for the custom schema 'marts'",
        hint=f"add {{{{ {SUFFIX} }}}} wherever that macro leaves target.schema out",
        macro="macro.shop.generate_schema_name",
    )


@each(
    ("schema", "custom", "cause"),
    [
        ("live", None, "generate_schema_name returns 'live' for a node without a custom schema"),
        (None, None, "generate_schema_name returns nothing for a node without a custom schema"),
        ("", "marts", "generate_schema_name returns nothing for the custom schema 'marts'"),
    ],
)
def test_the_cause_says_what_the_macro_returned_for_what(schema: str | None, custom: str | None, cause: str) -> None:
    assert leak_of(make_node("orders", schema=schema, config={"schema": custom}), make_macro()).cause == cause


def test_without_a_macro_of_the_projects_the_adapter_is_the_cause() -> None:
    """Older versions of dbt-sqlserver put a node into its custom schema alone."""
    leak = leak_of(make_node("orders", schema="marts", config={"schema": "marts"}))

    assert leak.cause == "the adapter puts it into the schema 'marts' by itself"
    assert leak.hint == "write a generate_schema_name macro that starts with target.schema"
    assert None is leak.macro


def test_a_snapshot_with_a_literal_schema_is_its_own_cause_whatever_the_macros() -> None:
    node = make_node("history", resource_type="snapshot", schema="old", config={"target_schema": "old"})
    leak = leak_of(node, make_macro())

    assert leak.cause == "the snapshot names its schema literally (target_schema='old')"
    assert leak.hint.split("\n") == [
        f"keep builds apart with  target_schema='old' ~ {SUFFIX}",
        "or leave snapshots out with `-- --exclude resource_type:snapshot`",
    ]
    assert None is leak.macro


@each(("kind", "config"), [("model", {"target_schema": "old", "schema": "marts"}), ("snapshot", {"schema": "marts"})])
def test_only_a_snapshot_has_a_literal_schema_and_not_every_one(kind: str, config: dict[str, str]) -> None:
    node = make_node("orders", resource_type=kind, schema="marts", config=config)

    assert leak_of(node, make_macro()).macro == "macro.shop.generate_schema_name"


# -- which macro ---------------------------------------------------------------------------------------------------

DISPATCHED = ("default__generate_schema_name", "duckdb__generate_schema_name")


@each(
    ("macros", "package", "expected"),
    [
        ([("generate_schema_name", "shop"), ("generate_schema_name", "house")], "house", "house.generate_schema_name"),
        ([("generate_schema_name", "shop"), ("generate_schema_name", "house")], "shop", "shop.generate_schema_name"),
        ([("generate_schema_name", "shop")], "house", "shop.generate_schema_name"),
        ([("generate_schema_name", "house")], "shop", None),
        ([("generate_schema_name", "dbt"), ("default__generate_schema_name", "dbt")], "shop", None),
        ([("postgres__generate_schema_name", "dbt_postgres")], "shop", None),
        ([(DISPATCHED[0], "shop"), (DISPATCHED[1], "shop")], "shop", f"shop.{DISPATCHED[1]}"),
        ([(DISPATCHED[1], "shop"), (DISPATCHED[0], "shop")], "shop", f"shop.{DISPATCHED[1]}"),
        ([(DISPATCHED[1], "shop"), ("generate_schema_name", "shop")], "shop", "shop.generate_schema_name"),
        ([(DISPATCHED[1], "house"), (DISPATCHED[0], "shop")], "house", f"shop.{DISPATCHED[0]}"),
        ([(DISPATCHED[0], "house")], "shop", f"house.{DISPATCHED[0]}"),
        ([("generate_alias_name", "shop"), ("generate_schema_name_for_env", "shop")], "shop", None),
    ],
)
def test_the_macro_to_blame_is_the_one_that_dbt_asks(
    macros: list[tuple[str, str]], package: str, expected: str | None
) -> None:
    node = make_node("orders", package_name=package, schema="marts")
    found = leak_of(node, *(make_macro(name, package) for name, package in macros)).macro

    assert (found and found.removeprefix("macro.")) == expected


def test_a_project_may_be_called_like_a_part_of_dbt() -> None:
    node = make_node("orders", package_name="dbt_shop", schema="marts")
    macros = {name: make_macro(name, "dbt_shop") for name in ("generate_schema_name", *DISPATCHED)}

    for macro in macros.values():
        manifest = make_manifest(node, macros=(macro,), project="dbt_shop")
        assert [leak.macro for leak in find_leaks(manifest, make_rules())] == [macro["unique_id"]]


def test_the_macro_to_blame_shows_the_line_to_change() -> None:
    manifest = make_manifest(macros=(make_macro(text="\n{{ custom }}\n"),))
    macro, suspects = suspects_of(manifest, "macro.shop.generate_schema_name")

    assert macro.original_file_path == "macros/generate_schema_name.sql"
    assert suspects == (Suspect(2, "{{ custom }}", f"{{{{ custom }}}}{{{{ {SUFFIX} }}}}", None),)


# -- places --------------------------------------------------------------------------------------------------------


@each(
    ("adapter", "config", "cause", "hint"),
    [
        (
            "duckdb",
            {"materialized": "external", "location": "/lake/orders.csv.gz"},
            "its files go to the same place in every build (location)",
            f"keep builds apart with  location='/lake/orders.csv' ~ {SUFFIX} ~ '.gz'",
        ),
        (
            "duckdb",
            {"materialized": "external", "location": "{{ var('lake') }}/x"},
            "its files go to the same place in every build (location)",
            f"put  {{{{ {SUFFIX} }}}}  into location",
        ),
        (
            "duckdb",
            {"materialized": "external", "location": "{% if x %}y{% endif %}/x"},
            "its files go to the same place in every build (location)",
            f"put  {{{{ {SUFFIX} }}}}  into location",
        ),
        (
            "duckdb",
            {"materialized": "external"},
            "its files go to the same place in every build (the profile's external_root)",
            f"end `external_root` in profiles.yml with  {{{{ {SUFFIX} }}}}\na local folder has to be there first",
        ),
        (
            "athena",
            {"external_location": "s3://lake/orders/"},
            "its files go to the same place in every build (external_location)",
            f"keep builds apart with  external_location='s3://lake/orders' ~ {SUFFIX}",
        ),
        (
            "athena",
            {"s3_data_naming": "table"},
            "its files go into one folder in every build (s3_data_naming: table)",
            "use  s3_data_naming: schema_table",
        ),
        (
            "duckdb",
            {"materialized": "external", "location": "x.csv", "plugin": "sheets"},
            "it is stored under the same name in every build (by a plugin of dbt-duckdb)",
            f"keep builds apart with  alias='orders' ~ {SUFFIX}",
        ),
        (
            "spark",
            {"location_root": "/mnt/lake"},
            "its files go to the same place in every build (location_root)",
            f"keep builds apart with  location_root='/mnt/lake' ~ {SUFFIX}",
        ),
    ],
)
def test_a_place_is_explained_by_its_setting_with_the_smallest_change(
    adapter: str, config: dict[str, Any], cause: str, hint: str
) -> None:
    leak = leak_of(make_node("orders", config=config), adapter=adapter, external_root="/shared")

    assert (leak.cause, leak.hint, leak.macro) == (cause, hint, None)


@each(
    ("kind", "config", "change"),
    [
        ("snapshot", {"target_schema": "old"}, f'target_schema: "old{{{{ {SUFFIX} }}}}"'),
        ("model", {"location": "/lake/x.csv"}, f'location: "/lake/x{{{{ {SUFFIX} }}}}.csv"'),
        ("model", {"plugin": "sheets", "location": "x.csv"}, f"alias='orders' ~ {SUFFIX}"),
        ("model", {"plugin": "sheets", "location": "x.csv", "alias": "x"}, f'alias: "x{{{{ {SUFFIX} }}}}"'),
    ],
)
def test_what_yaml_says_of_a_node_is_mended_in_yaml(kind: str, config: dict[str, str], change: str) -> None:
    node = make_node(
        "orders",
        resource_type=kind,
        schema="old" if kind == "snapshot" else f"s_{HASH}",
        alias=config.get("alias", "orders"),
        raw_code="select 1",
        config={"materialized": "external", **config},
    )

    assert leak_of(node, adapter="duckdb").hint.split("\n")[0] == f"keep builds apart with  {change}"


def test_a_python_model_is_mended_in_yaml_because_its_own_settings_are_literal() -> None:
    code = "dbt.config(materialized='external', location='/lake/x.csv')"
    config = {"materialized": "external", "location": "/lake/x.csv"}
    leak = leak_of(make_node("orders", language="python", raw_code=code, config=config), adapter="duckdb")

    assert leak.hint == f'keep builds apart with  location: "/lake/x{{{{ {SUFFIX} }}}}.csv"'


def test_what_a_node_says_of_itself_is_mended_there() -> None:
    code = "{{ config(materialized='external', location='/lake/x.csv') }} select 1"
    node = make_node("orders", raw_code=code, config={"materialized": "external", "location": "/lake/x.csv"})

    assert leak_of(node, adapter="duckdb").hint == f"keep builds apart with  location='/lake/x' ~ {SUFFIX} ~ '.csv'"


def test_a_place_in_jinja_is_mended_where_it_stands() -> None:
    leak = leak_of(
        make_node("orders", config={"materialized": "external"}),
        adapter="duckdb",
        external_root="{{ env_var('LAKE') }}",
    )

    assert leak.hint == f"put  {{{{ {SUFFIX} }}}}  into the profile's external_root"


def test_the_proposed_place_is_the_builds_own() -> None:
    mended = {"materialized": "external", "location": f"/lake/orders_{HASH}.parquet"}

    assert find_leaks(make_manifest(make_node("orders", config=mended)), make_rules(adapter="duckdb")) == ()
