"""Which relations a dbt command writes, and which relation each node is."""

from typing import Any

from cases import each
from dot.dbt.writes import WRITES
from dot.relation.relation import Kind, Relation
from dot.relation.written import list_written, relation_of, relation_of_source
from examples.codes import make_project, make_source
from examples.manifests import Entry, make_manifest, make_node

KINDS = ("model", "seed", "snapshot", "test", "function", "operation", "analysis", "unit_test")


def relation(adapter: str = "postgres", quoting: Any = None, **given: Any) -> Relation:
    """The relation of a model `orders`."""
    manifest = make_project(make_node("orders", **given), adapter_type=adapter, quoting=quoting)
    (node,) = manifest.everything.values()
    return relation_of(node, manifest)


# -- what a command writes -----------------------------------------------------------------------------------------


@each(
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

    assert {one.node.resource_type for one in list_written(manifest, command, store_failures=True)} == kinds


@each("command", ["compile", "docs generate", "list", "parse", "show", "run-operation"])
def test_other_commands_write_nothing_that_a_manifest_knows(command: str) -> None:
    manifest = make_manifest(*(make_node(kind, resource_type=kind) for kind in KINDS))

    assert WRITES.get(command, ()) == ()
    assert list(list_written(manifest, command, store_failures=True)) == []


def test_an_ephemeral_model_is_not_written() -> None:
    manifest = make_manifest(make_node("a", schema="live", config={"materialized": "ephemeral"}))

    assert list(list_written(manifest, "build", store_failures=None)) == []


@each(
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

    assert [one.node.name for one in list_written(manifest, "build", store_failures=flag)] == ["unique"] * stored


# -- which relation a node is --------------------------------------------------------------------------------------


def test_what_a_command_writes_has_a_relation() -> None:
    manifest = make_manifest(make_node("orders", schema="marts", config={"materialized": "view"}))

    (written,) = list_written(manifest, "run", store_failures=None)
    assert written.unique_id == "model.shop.orders"
    assert written.relation == Relation(database="shop", schema_name="marts", identifier="orders", kind="view")


@each(
    ("given", "expected"),
    [
        ({"database": "shop", "schema": "marts", "alias": "clients"}, ("shop", "marts", "clients")),
        ({"database": "shop", "schema": "marts", "alias": None}, ("shop", "marts", "orders")),
        ({"database": None, "schema": "marts"}, (None, "marts", "orders")),
        ({"database": "", "schema": "marts"}, (None, "marts", "orders")),
        ({"database": "shop", "schema": None}, ("shop", None, "orders")),
        (
            {"schema": 'a""b', "alias": "a.b", "relation_name": '"shop"."a""b"."a.b"'},
            ("shop", 'a"b', "a.b"),
        ),
    ],
)
def test_a_relation_has_the_names_that_the_manifest_gives(
    given: Entry, expected: tuple[str | None, str | None, str]
) -> None:
    found = relation(**given)
    assert (*expected, None) == (found.database, found.schema_name, found.identifier, found.spelling)


@each(
    ("given", "expected"),
    [
        ({"config": {"materialized": "view"}}, "view"),
        ({"config": {"materialized": "table"}}, "table"),
        ({"config": {"materialized": "incremental"}}, "table"),
        ({"config": {"materialized": "external"}}, "view"),
        ({"config": {"materialized": "materialized_view"}}, "materialized_view"),
        ({"config": {"materialized": "dynamic_table"}}, "dynamic_table"),
        ({"config": {"materialized": "streaming_table"}}, "streaming_table"),
        ({"config": {"materialized": "own"}}, "unknown"),
        ({"config": {}}, "unknown"),
        ({"resource_type": "seed", "config": {"materialized": "seed"}}, "table"),
        ({"resource_type": "snapshot", "config": {"materialized": "snapshot"}}, "table"),
        ({"resource_type": "function"}, "function"),
        ({"resource_type": "test", "config": {"materialized": "test", "store_failures_as": "view"}}, "view"),
        ({"resource_type": "test", "config": {"materialized": "test"}}, "table"),
    ],
)
def test_a_relation_is_what_dbts_own_materialization_makes(given: Entry, expected: Kind) -> None:
    assert relation(**given).kind == expected


@each(
    ("adapter", "project", "node", "bare"),
    [
        ("postgres", None, None, ()),
        ("postgres", {}, {"database": None}, ()),
        ("postgres", {"database": False, "schema": False, "identifier": False, "column": None}, {}, "dsi"),
        ("postgres", {"schema": False}, {"schema": True, "identifier": False}, "i"),
        ("snowflake", None, None, "dsi"),
        ("snowflake", {"identifier": True}, {"schema": True, "snowflake_ignore_case": False}, "d"),
        ("sqlite", None, None, "ds"),
    ],
)
def test_a_part_is_bare_where_adapter_project_and_node_say_so(adapter: str, project: Any, node: Any, bare: str) -> None:
    found = relation(adapter, project, config={"quoting": node})
    assert [*bare] == [part[0] for part in found.bare]


def test_a_source_is_a_relation_too() -> None:
    given = {"schema": "raw", "identifier": 'a""b', "relation_name": 'shop."raw"."a""b"'}
    manifest = make_project(make_source(database="shop", quoting={"database": False}, **given), adapter_type="duckdb")
    (source,) = manifest.sources.values()

    expected = Relation(database="shop", schema_name="raw", identifier='a"b', bare=("database",))
    assert relation_of_source(source, manifest) == expected
    unnamed = source.model_copy(update={"identifier": None})
    assert relation_of_source(unnamed.model_copy(update={"relation_name": None}), manifest).identifier == "t"


def test_a_manifest_that_names_no_adapter_is_read_as_any_other() -> None:
    manifest = make_project(make_node("orders"), adapter_type=None)
    assert relation_of(manifest.nodes["model.shop.orders"], manifest).identifier == "orders"
