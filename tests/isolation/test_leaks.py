"""What a manifest says about where a build writes: what is the build's own, what leaks, and what nobody can prove."""

from typing import Any

from cases import each
from dot.dbt.manifest import Result, RunResults
from dot.isolation.leaks import (
    find_broken_promises,
    find_leaks,
    find_long_schemas,
    is_own,
    list_unpromised,
    promise_own,
)
from dot.isolation.rules import Leak
from examples.manifests import HASH, make_macro, make_manifest, make_node, make_rules


def names_of(leaks: tuple[Leak, ...]) -> list[str]:
    return [leak.name for leak in leaks]


def test_an_ephemeral_model_is_not_written() -> None:
    manifest = make_manifest(make_node("a", schema="live", config={"materialized": "ephemeral"}))

    assert find_leaks(manifest, make_rules()) == ()


# -- schemas -------------------------------------------------------------------------------------------------------


@each(
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

    assert is_own(schema, make_rules()) == own
    assert names_of(find_leaks(manifest, make_rules())) == ["orders"] * (not own)


@each(
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

    assert names_of(find_leaks(make_manifest(alone), rules)) == ["orders"] * leaks
    assert find_leaks(make_manifest(suffixed), rules) == ()


@each(("text", "leaks"), [("sales_2024", True), ("sales{{ suffix }} {# since 2024 #}", False), ("sales_20245", False)])
def test_the_digits_of_a_short_hash_in_a_macro_are_not_the_builds(text: str, *, leaks: bool) -> None:
    manifest = make_manifest(make_node("orders", schema="sales_2024"), macros=[make_macro(text=text)])

    assert bool(find_leaks(manifest, make_rules(short_hash="2024"))) == leaks


def test_another_database_with_the_builds_schema_is_no_leak() -> None:
    assert find_leaks(make_manifest(make_node("orders", database="archive")), make_rules()) == ()


def test_leaks_are_found_among_nodes_and_functions_in_the_order_of_the_manifest() -> None:
    function = make_node("double", resource_type="function", schema="tools")
    manifest = make_manifest(
        make_node("b", schema="live"), make_node("own"), make_node("a", schema="live"), functions=(function,)
    )

    assert names_of(find_leaks(manifest, make_rules())) == ["b", "a", "double"]


# -- names that are too long ---------------------------------------------------------------------------------------


@each(
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

    assert find_long_schemas(manifest, make_rules(max_schema_bytes=limit)) == expected


def test_a_node_without_a_schema_is_not_too_long() -> None:
    assert find_long_schemas(make_manifest(make_node("orders", schema=None)), make_rules(max_schema_bytes=1)) == {}


# -- promises ------------------------------------------------------------------------------------------------------

PROMISED = {"model.shop.orders": '"shop"."live"."orders"'}


@each(
    ("unique_id", "relation", "broken"),
    [
        ("model.shop.orders", '"shop"."live"."orders"', False),
        ("model.shop.orders", f'"shop"."live_{HASH}"."orders"', True),
        ("model.shop.orders", None, False),
        ("model.shop.new", '"shop"."live"."new"', True),
        ("model.shop.new", None, False),
        ("test.shop.unique.1", '"shop"."dbt_test__audit"."unique"', False),
    ],
)
def test_a_run_keeps_its_promises_when_it_writes_what_was_promised(
    unique_id: str, relation: str | None, *, broken: bool
) -> None:
    results = RunResults(results=(Result(unique_id=unique_id, status="success", relation_name=relation),))

    assert find_broken_promises(results, PROMISED) == ({unique_id: relation} if broken else {})


@each(
    ("parts", "relation", "is_promised"),
    [
        ({"schema": f"live_{HASH}"}, f'"shop"."live_{HASH}"."new"', True),
        ({"schema": f"LIVE_{HASH.upper()}", "alias": "a.b"}, f'"shop"."LIVE_{HASH.upper()}"."a.b"', True),
        ({"schema": f'a""b_{HASH}'}, f'"shop"."a""b_{HASH}"."new"', True),
        ({"schema": "live"}, '"shop"."live"."new"', False),
        ({"schema": "live", "alias": f"new_{HASH}"}, f'"shop"."live"."new_{HASH}"', False),
        ({"schema": "live", "database": f"shop_{HASH}"}, f'"shop_{HASH}"."live"."new"', False),
        ({"schema": None, "alias": f"new_{HASH}"}, f'"new_{HASH}"', False),
    ],
)
def test_what_had_no_promise_may_be_written_into_the_builds_own_schemas(
    parts: dict[str, Any], relation: str, *, is_promised: bool
) -> None:
    manifest = make_manifest(make_node("new", relation_name=relation, **parts))
    results = RunResults(results=(Result(unique_id="model.shop.new", status="success", relation_name=relation),))
    unpromised = list_unpromised(results, PROMISED)
    promised = promise_own((*unpromised, "model.shop.gone"), manifest, make_rules())

    assert unpromised == ("model.shop.new",)
    assert promised == ({"model.shop.new": relation} if is_promised else {})
    assert (not find_broken_promises(results, promised)) == is_promised


def test_a_promise_of_another_name_than_the_run_then_writes_is_broken() -> None:
    manifest = make_manifest(make_node("new", relation_name=f'"shop"."analytics_{HASH}"."new"'))
    written = f'"shop"."analytics_{HASH}"."newer"'
    results = RunResults(results=(Result(unique_id="model.shop.new", status="success", relation_name=written),))

    promised = promise_own(list_unpromised(results, {}), manifest, make_rules())
    assert find_broken_promises(results, promised) == {"model.shop.new": written}
