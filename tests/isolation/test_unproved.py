"""What no manifest can prove: hooks, and materializations that neither dbt nor its adapter brings."""

from typing import Any

from cases import each
from dot.isolation.unproved import describe_unproved, list_unproved, runs_always
from examples.manifests import Entry, make_macro, make_manifest, make_node, make_rules


def test_hooks_of_the_project_and_of_what_is_written_cannot_be_proved() -> None:
    manifest = make_manifest(
        make_node("orders", config={"pre-hook": [{"sql": "select 1"}], "post-hook": [{"sql": "select 2"}]}),
        make_node("colors", resource_type="seed", config={"post-hook": ["select 3"]}),
        make_node("plain", config={"post-hook": []}),
        make_node("shop-on-run-start-0", resource_type="operation"),
        make_node("shop-on-run-end-0", resource_type="operation"),
        make_node("shop-on-run-end-1", resource_type="operation"),
        make_node("on-run-house-on-run-end-12", resource_type="operation", package_name="on-run-house"),
    )
    operations = (("on-run-start", "shop"), ("on-run-end", "shop"), ("on-run-end", "on-run-house"))
    hooks = (("pre-hook", "orders"), ("post-hook", "orders"))

    assert (*hooks, *operations) == list_unproved(manifest, make_rules(dbt_command="run"))
    assert (*hooks, ("post-hook", "colors"), *operations) == list_unproved(manifest, make_rules())
    for command in ("source freshness", "parse"):
        assert list_unproved(manifest, make_rules(dbt_command=command)) == operations


@each(
    ("macro", "package", "listed"),
    [
        ("materialization_swap_default", "shop", True),
        ("materialization_swap_postgres", "dbt_house", True),
        ("materialization_swap_snowflake", "shop", False),
        ("materialization_other_default", "shop", False),
        ("materialization_swap_default", "dbt", False),
        ("materialization_swap_postgres", "dbt_postgres", False),
        ("materialization_swap_default", "dbt_rare", False),
    ],
)
def test_a_materialization_of_the_projects_own_cannot_be_proved(macro: str, package: str, *, listed: bool) -> None:
    nodes = [make_node(name, config={"materialized": "swap"}) for name in ("orders", "customers")]
    manifest = make_manifest(*nodes, macros=[make_macro(macro, package)], adapter="rare")

    assert list_unproved(manifest, make_rules()) == (("materialization swap", package),) * listed


def test_a_materialization_for_what_the_adapter_builds_on_cannot_be_proved() -> None:
    macros = [make_macro("materialization_swap_spark"), make_macro("materialization_table_spark", "dbt_spark")]
    manifest = make_manifest(make_node("orders", config={"materialized": "swap"}), macros=macros)

    assert list_unproved(manifest, make_rules(adapter="databricks")) == (("materialization swap", "shop"),)


def test_every_package_with_a_materialization_of_this_name_is_listed() -> None:
    macros = [make_macro("materialization_table_default", package) for package in ("shop", "house")]
    manifest = make_manifest(make_node("orders", config={"materialized": "table"}), macros=macros)

    assert [package for _, package in list_unproved(manifest, make_rules())] == ["shop", "house"]


RUN_QUERY = make_macro("run_query", "dbt", "{{ adapter.execute(sql) }}")


def make_body(name: str, code: str = "{{ run_query('x') }}", **given: Any) -> Entry:
    return make_node(name, raw_code=code, **given)


@each(
    ("command", "names"),
    [
        ("run", ["orders"]),
        ("build", ["orders", "history", "check"]),
        ("snapshot", ["history"]),
        ("test", ["check"]),
        *((command, ["orders", "history", "check", "sketch"]) for command in ("compile", "docs generate", "show")),
        *((command, []) for command in ("seed", "clone", "source freshness")),
    ],
)
def test_a_body_that_runs_sql_cannot_be_proved_where_a_command_compiles_it(command: str, names: list[str]) -> None:
    kinds = {"orders": "model", "history": "snapshot", "check": "test", "sketch": "analysis"}
    nodes = [make_body(name, resource_type=kind) for name, kind in kinds.items()]
    manifest = make_manifest(*nodes, make_node("plain", raw_code="select 1"), macros=[RUN_QUERY])

    assert [("call of run_query", name) for name in names] == [
        *list_unproved(manifest, make_rules(dbt_command=command))
    ]


def test_hooks_are_no_matter_to_commands_that_only_compile() -> None:
    manifest = make_manifest(
        make_node("orders", config={"pre-hook": [{"sql": "select 1"}]}),
        make_node("shop-on-run-start-0", resource_type="operation"),
    )

    assert list_unproved(manifest, make_rules(dbt_command="compile")) == ()


def test_a_body_that_a_unit_test_mocks_runs_with_the_tests() -> None:
    orders = make_body("orders")
    test = make_node("mocks", resource_type="unit_test", depends_on={"nodes": [orders["unique_id"]]})
    manifest = make_manifest(orders, make_body("other"), macros=[RUN_QUERY], unit_tests=[test])

    assert list_unproved(manifest, make_rules(dbt_command="test")) == (("call of run_query", "orders"),)


def test_the_arguments_of_a_test_are_compiled_too() -> None:
    metadata = {"name": "accepted_values", "kwargs": {"values": ["a", {"b": "{{ run_query('x') }}"}], "n": 1}}
    check = make_node("check", resource_type="test", raw_code="{{ test_accepted_values() }}", test_metadata=metadata)

    found = list_unproved(make_manifest(check, macros=[RUN_QUERY]), make_rules(dbt_command="test"))

    assert found == (("call of run_query", "check"),)


def test_python_models_and_headers_of_sql_cannot_be_proved() -> None:
    model = make_node("orders", language="python", raw_code="run_query = '{{'")
    header = make_node("headed", config={"sql_header": "create function f()"})
    manifest = make_manifest(model, header, macros=[RUN_QUERY])

    assert list_unproved(manifest, make_rules()) == (("sql_header", "headed"), ("Python model", "orders"))
    assert list_unproved(manifest, make_rules(dbt_command="compile")) == ()


def test_macros_in_place_of_dbts_own_cannot_be_proved() -> None:
    macros = [make_macro("drop_relation", "dbt"), make_macro("postgres__drop_relation", "house")]

    found = list_unproved(make_manifest(macros=macros), make_rules())

    assert found == (("macro in place of dbt's", "house.postgres__drop_relation"),)
    assert tuple(map(runs_always, found)) == (True,)
    assert not runs_always(("pre-hook", "orders"))


def test_what_is_unproved_is_described_by_kind() -> None:
    found = [
        *(("pre-hook", "orders"), ("call of house.f", "a"), ("call of house.f", "b"), ("call of house.f", "c")),
        *(("macro in place of dbt's", "shop.drop_relation"), ("Python model", "p")),
    ]

    assert describe_unproved(found, 2) == (
        "pre-hook of orders",
        "call of house.f in a, b and 1 more",
        "macro in place of dbt's: shop.drop_relation",
        "Python model: p",
    )


@each(
    ("constraint", "enforced", "listed"),
    [
        ({"type": "foreign_key", "expression": "prod.orders (id) on delete cascade"}, True, True),
        ({"type": "custom", "expression": "references prod.orders (id)"}, True, True),
        ({"type": "foreign_key", "expression": "prod.orders (id)"}, False, False),
        ({"type": "foreign_key", "expression": None, "to": "ref('orders')"}, True, False),
        ({"type": "check", "expression": "id > 0"}, True, False),
    ],
)
def test_a_foreign_key_in_sql_of_its_own_cannot_be_proved(constraint: Entry, *, enforced: bool, listed: bool) -> None:
    config, expected = {"contract": {"enforced": enforced}}, (("constraint", "a"),) * listed
    of_column = make_node("a", config=config, columns={"id": {"name": "id", "constraints": [constraint]}})

    assert list_unproved(make_manifest(of_column), make_rules()) == expected
    assert (
        list_unproved(make_manifest(make_node("a", config=config, constraints=[constraint])), make_rules()) == expected
    )
