"""What a manifest says about where a build writes: what is the build's own, what leaks, and what nobody can prove."""

from typing import Any

import pytest

from dot.dbt.manifest import Result, RunResults
from dot.isolation.leaks import (
    WRITES,
    Leak,
    describe_relation,
    find_broken_promises,
    find_leaks,
    find_long_schemas,
    is_own,
    promised_relations,
    written_nodes,
)
from examples.manifests import HASH, make_macro, make_manifest, make_node, make_rules

KINDS = ("model", "seed", "snapshot", "test", "function", "operation", "analysis", "unit_test")


def names_of(leaks: tuple[Leak, ...]) -> list[str]:
    return [leak.name for leak in leaks]


# -- what a command writes -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("command", "kinds"),
    [
        ("build", {"model", "seed", "snapshot", "test", "function"}),
        ("retry", {"model", "seed", "snapshot", "test", "function"}),
        ("clone", {"model", "seed", "snapshot"}),
        ("run", {"model"}),
        ("seed", {"seed"}),
        ("snapshot", {"snapshot"}),
        ("test", {"test"}),
        ("source freshness", set()),
    ],
)
def test_every_command_writes_its_own_kinds_of_nodes(command: str, kinds: set[str]) -> None:
    manifest = make_manifest(*(make_node(kind, resource_type=kind) for kind in KINDS))
    rules = make_rules(dbt_command=command, store_failures=True)

    assert kinds == {node.resource_type for _, node in written_nodes(manifest, rules)}


@pytest.mark.parametrize("command", ["compile", "docs generate", "list", "parse", "show", "run-operation"])
def test_other_commands_write_nothing_that_a_manifest_knows(command: str) -> None:
    manifest = make_manifest(*(make_node(kind, resource_type=kind) for kind in KINDS))
    rules = make_rules(dbt_command=command)

    assert () == WRITES.get(command, ())
    assert [] == list(written_nodes(manifest, rules))


def test_an_ephemeral_model_is_not_written() -> None:
    manifest = make_manifest(make_node("a", schema="live", config={"materialized": "ephemeral"}))

    assert () == find_leaks(manifest, make_rules())


@pytest.mark.parametrize(
    ("config", "flag", "stored"),
    [
        ({}, None, False),
        ({}, False, False),
        ({}, True, True),
        ({"store_failures": True}, None, True),
        ({"store_failures": True}, False, True),
        ({"store_failures": False}, True, False),
        ({"store_failures_as": "table"}, None, True),
        ({"store_failures_as": "view", "store_failures": False}, False, True),
        ({"store_failures_as": "ephemeral", "store_failures": True}, True, False),
    ],
)
def test_a_test_writes_when_it_stores_its_failures_and_its_own_word_is_stronger_than_the_flag(
    config: dict[str, Any], *, flag: bool | None, stored: bool
) -> None:
    manifest = make_manifest(make_node("unique", resource_type="test", schema="live", config=config))

    assert ["unique"] * stored == names_of(find_leaks(manifest, make_rules(store_failures=flag)))


# -- schemas -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("schema", "own"),
    [
        (f"analytics_{HASH}", True),
        (f"ANALYTICS_{HASH.upper()}_MARTS", True),
        (f"marts_{HASH}", True),
        ("analytics", False),
        (f"{HASH}_marts", True),
        (f"analytics_{HASH[:-1]}", False),
        (f"analytics_{HASH}4", False),
        (f"analytics{HASH}", False),
        ("", False),
        (None, False),
    ],
)
def test_a_schema_is_the_builds_own_when_it_carries_the_short_hash(schema: str | None, *, own: bool) -> None:
    manifest = make_manifest(make_node("orders", schema=schema))

    assert own == is_own(schema, make_rules())
    assert ["orders"] * (not own) == names_of(find_leaks(manifest, make_rules()))


@pytest.mark.parametrize(
    ("given", "leaks"),
    [
        ({"config": {"schema": "sales_2024"}, "unrendered_config": {"schema": "sales_2024"}}, True),
        ({"config": {"schema": "sales_2024"}, "raw_code": "{{ config(schema='sales_2024') }}"}, True),
        ({"config": {"target_schema": "sales_2024"}, "unrendered_config": {"target_schema": "sales_2024"}}, True),
        ({"config": {"schema": "sales_2024"}, "unrendered_config": {"schema": "sales{{ suffix }}"}}, False),
        (
            {
                "config": {"schema": "sales_2024"},
                "unrendered_config": {"schema": "sales_2024"},
                "raw_code": "{{ config(schema='sales' ~ suffix) }} select 2024",
            },
            False,
        ),
    ],
)
def test_the_digits_of_a_short_hash_in_a_name_that_somebody_wrote_are_not_the_builds(
    given: dict[str, Any], *, leaks: bool
) -> None:
    rules = make_rules(short_hash="2024")
    alone = make_node("orders", schema="sales_2024", resource_type="snapshot", **given)
    suffixed = make_node("orders", schema="analytics_2024_sales_2024", resource_type="snapshot", **given)

    assert ["orders"] * leaks == names_of(find_leaks(make_manifest(alone), rules))
    assert () == find_leaks(make_manifest(suffixed), rules)


@pytest.mark.parametrize(
    ("text", "leaks"), [("sales_2024", True), ("sales{{ suffix }} {# since 2024 #}", False), ("sales_20245", False)]
)
def test_the_digits_of_a_short_hash_in_a_macro_are_not_the_builds(text: str, *, leaks: bool) -> None:
    manifest = make_manifest(make_node("orders", schema="sales_2024"), macros=[make_macro(text=text)])

    assert leaks == bool(find_leaks(manifest, make_rules(short_hash="2024")))


def test_another_database_with_the_builds_schema_is_no_leak() -> None:
    assert () == find_leaks(make_manifest(make_node("orders", database="archive")), make_rules())


def test_leaks_are_found_among_nodes_and_functions_in_the_order_of_the_manifest() -> None:
    function = make_node("double", resource_type="function", schema="tools")
    manifest = make_manifest(
        make_node("b", schema="live"), make_node("own"), make_node("a", schema="live"), functions=(function,)
    )

    assert ["b", "a", "double"] == names_of(find_leaks(manifest, make_rules()))


@pytest.mark.parametrize(
    ("node", "relation"),
    [
        ({"database": "shop", "schema": "marts", "alias": "clients"}, "shop.marts.clients"),
        ({"database": "shop", "schema": "marts", "alias": None}, "shop.marts.orders"),
        ({"database": None, "schema": "marts"}, "marts.orders"),
        ({"database": "shop", "schema": None}, "shop.orders"),
    ],
)
def test_a_relation_is_described_by_what_it_has(node: dict[str, Any], relation: str) -> None:
    assert relation == describe_relation(make_manifest(make_node("orders", **node)).nodes["model.shop.orders"])


def test_what_is_written_is_promised_by_the_name_that_the_warehouse_knows() -> None:
    manifest = make_manifest(
        make_node("orders", relation_name='"shop"."marts"."orders"'),
        make_node("unnamed", relation_name=None),
        make_node("colors", resource_type="seed", relation_name='"shop"."marts"."colors"'),
    )

    assert {"model.shop.orders": '"shop"."marts"."orders"'} == promised_relations(
        manifest, make_rules(dbt_command="run")
    )


# -- names that are too long ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("schema", "limit", "refused"),
    [
        ("a" * 63, 63, False),
        ("a" * 64, 63, True),
        ("ä" * 32, 63, True),
        ("ä" * 31, 63, False),
        ("a" * 64, None, False),
    ],
)
def test_a_schema_longer_than_the_warehouse_allows_is_found_by_its_bytes(
    schema: str, limit: int | None, *, refused: bool
) -> None:
    manifest = make_manifest(
        make_node("orders", schema=schema), make_node("customers", schema=schema), make_node("own")
    )
    expected = {schema: ["orders", "customers"]} if refused else {}

    assert expected == find_long_schemas(manifest, make_rules(max_schema_bytes=limit))


def test_a_node_without_a_schema_is_not_too_long() -> None:
    assert {} == find_long_schemas(make_manifest(make_node("orders", schema=None)), make_rules(max_schema_bytes=1))


# -- promises ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("unique_id", "relation", "broken"),
    [
        ("model.shop.orders", '"shop"."live"."orders"', False),
        ("model.shop.orders", f'"shop"."live_{HASH}"."orders"', True),
        ("model.shop.orders", None, False),
        ("model.shop.new", '"shop"."live"."new"', True),
        ("model.shop.new", f'"SHOP"."LIVE_{HASH.upper()}"."NEW"', False),
        ("model.shop.new", f'"shop"."live"."new_{HASH}"', True),
        ("model.shop.new", f'"shop_{HASH}"."live"."new"', True),
        ("model.shop.new", f'"a.b"."live_{HASH}"."new.x"', False),
        ("model.shop.new", f"new_{HASH}", True),
        ("test.shop.unique.1", '"shop"."dbt_test__audit"."unique"', False),
    ],
)
def test_a_run_keeps_its_promises_when_it_writes_what_was_promised_or_into_its_own_schema(
    unique_id: str, relation: str | None, *, broken: bool
) -> None:
    results = RunResults(results=(Result(unique_id=unique_id, status="success", relation_name=relation),))
    promised = {"model.shop.orders": '"shop"."live"."orders"'}

    assert ({unique_id: relation} if broken else {}) == find_broken_promises(results, promised, make_rules())
