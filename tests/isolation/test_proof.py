"""What a check found, and how long it holds."""

from pathlib import PurePosixPath
from typing import Any

import pytest

from cases import each
from dot.isolation.claims import find_claimed_twice
from dot.isolation.proof import Proof, Proofs, parse_proofs, proof_key, prove
from dot.relation.relation import Relation
from examples.manifests import HASH, WORKTREE, Entry, make_macro, make_manifest, make_node, make_rules

DIGEST = "5f2c"
HOOKS = {"pre-hook": [{"sql": "select 1"}]}


def make_proof(*nodes: Entry, manifest: str = DIGEST, **rules: Any) -> Proof:
    return prove(manifest, make_manifest(*nodes), make_rules(**rules))


def make_relation(name: str = "orders", schema: str = "analytics", **more: Any) -> Entry:
    return make_node(name, relation_name=f'"shop"."{schema}_{HASH}"."{name}"', **more)


def make_value(schema: str, name: str, **more: Any) -> Relation:
    return Relation(database="shop", schema_name=schema, identifier=name, **more)


# -- a proof -------------------------------------------------------------------------------------------------------


def test_a_proof_holds_all_that_a_manifest_says_about_where_a_command_writes() -> None:
    orders = make_relation(config={"materialized": "external", "location": "out/../orders.csv"} | HOOKS)
    live = make_node("live", schema="l" * 64, relation_name='"shop"."live"')
    manifest = make_manifest(orders, make_relation("colors", resource_type="seed"), live, macros=[make_macro()])
    rules = make_rules(dbt_command="run", adapter="duckdb", max_schema_bytes=63)

    proof = prove(DIGEST, manifest, rules)

    assert proof_key(DIGEST, rules) == proof.key
    assert (proof.dbt_command, proof.manifest, proof.owner) == ("run", DIGEST, "mine")
    assert (
        ("model.shop.orders", make_value(f"analytics_{HASH}", "orders", kind="view")),
        ("model.shop.live", make_value("l" * 64, "live", spelling='"shop"."live"')),
    ) == proof.relations
    assert proof.names == {
        "model.shop.orders": f'"shop"."analytics_{HASH}"."orders"',
        "model.shop.live": '"shop"."live"',
    }
    assert proof.claims == (
        ("model.shop.orders", f"db/shop\nanalytics_{HASH}\norders"),
        ("model.shop.live", f"db/shop\n{'l' * 64}\nlive"),
    )
    assert proof.files == (("model.shop.orders", f"{WORKTREE}/shop/orders.csv"),)
    assert proof.schemas == (f"analytics_{HASH}", "l" * 64)
    assert [leak.macro for leak in proof.leaks] == ["macro.shop.generate_schema_name"]
    assert proof.unproved == (("pre-hook", "orders"),)
    assert proof.long_schemas == (("l" * 64, ("live",)),)


def test_schemas_are_sorted_and_a_node_without_one_is_proved_like_any_other() -> None:
    nodes = [make_node(name, schema=schema) for name, schema in (("a", "z"), ("b", "x"), ("c", "y"), ("d", None))]

    assert make_proof(*nodes).schemas == ("", "x", "y", "z")


@pytest.mark.parametrize(
    "changes",
    [
        {"short_hash": "a1b2c3e"},
        {"dbt_command": "run"},
        {"store_failures": True},
        {"adapter": "duckdb"},
        {"external_root": "/lake"},
        {"s3_data_naming": "table"},
        {"max_schema_bytes": 63},
        {"connection": "{}"},
        {"databases": (("shop", "/x.duckdb"),)},
        {"owner": "another"},
        {"folder": PurePosixPath("/srv")},
        {"worktree": PurePosixPath("/srv")},
    ],
    ids=str,
)
def test_a_proof_holds_for_the_same_manifest_under_the_same_rules_only(changes: dict[str, Any]) -> None:
    assert proof_key(DIGEST, make_rules()) == proof_key(DIGEST, make_rules())
    assert proof_key(DIGEST, make_rules()) != proof_key(DIGEST, make_rules(**changes))
    assert proof_key(DIGEST, make_rules()) != proof_key("another", make_rules())


# -- proofs that are kept ------------------------------------------------------------------------------------------


def test_the_last_proof_of_every_command_is_kept_and_survives_being_written_down() -> None:
    old, new = make_proof(make_relation(), manifest="old"), make_proof(make_relation(config=HOOKS), manifest="new")
    run = make_proof(make_node("live", schema="live"), dbt_command="run")

    kept = Proofs().with_proof(old).with_proof(run).with_proof(new)
    read = Proofs.model_validate_json(kept.model_dump_json())

    assert Proofs(proofs=(run, new)) == kept == read
    assert [read.find(proof.key) for proof in (old, new, run)] == [None, new, run]


def test_a_hook_is_news_once_for_each_manifest() -> None:
    orders, colors = make_node("orders", config=HOOKS), make_node("colors", resource_type="seed", config=HOOKS)
    build, run = make_proof(orders, colors), make_proof(orders, colors, dbt_command="run")

    assert Proofs().find_untold(build) == (("pre-hook", "orders"), ("pre-hook", "colors"))
    assert Proofs(proofs=(build,)).find_untold(run) == ()
    assert Proofs(proofs=(run,)).find_untold(build) == (("pre-hook", "colors"),)
    assert Proofs(proofs=(build,)).find_untold(make_proof(orders, manifest="new")) == (("pre-hook", "orders"),)


# -- on disk -------------------------------------------------------------------------------------------------------


def test_proofs_go_through_json_unchanged() -> None:
    proofs = Proofs(proofs=(make_proof(make_relation()),))
    assert parse_proofs(proofs.model_dump_json()) == proofs
    assert parse_proofs(proofs.model_dump_json(exclude_defaults=True)) == proofs


OLDER = """{"proofs": [{
    "key": "0f", "dbt_command": "build", "manifest": "5f2c", "owner": "theirs", "left_out": [], "parsed": null,
    "relations": {"model.shop.orders": "\\"shop\\".\\"analytics_a1b2c3d\\".\\"orders\\""},
    "claims": [["model.shop.orders", "db/shop\\nanalytics_a1b2c3d\\norders"], ["model.shop.orders", "s3://lake/x"]],
    "schemas": ["analytics_a1b2c3d"], "leaks": [], "unproved": [["pre-hook", "orders"]], "lost_sources": [],
    "long_schemas": []
}]}"""
"""What a dot wrote that kept whole names."""


def test_a_proof_of_an_older_dot_is_made_anew_but_what_it_claims_holds() -> None:
    kept = parse_proofs(OLDER)
    proof = make_proof(make_relation(), owner="mine")

    assert kept.find(proof.key) is None
    assert [leak.name for leak in find_claimed_twice(proof, {"dev@a1b2c3d": kept})] == ["orders"]
    assert kept.proofs[0].unproved == (("pre-hook", "orders"),)
    assert kept.proofs[0].relations == ()


@each(
    "text",
    [None, "", "{", "null", "[]", '{"proofs": 1}', '{"proofs": [1]}', '{"proofs": [{}]}', '{"of another version": []}'],
)
def test_what_holds_no_proofs_is_none(text: str | None) -> None:
    assert parse_proofs(text) == Proofs()


def test_the_schemas_of_a_build_are_those_that_its_last_check_found() -> None:
    first = make_proof(make_relation(schema="live"), manifest="1")
    last = make_proof(make_relation(schema=f"live_{HASH}"), dbt_command="run", manifest="2")
    (schema,) = Proofs().with_proof(first).with_proof(last).own_schemas(f"_{HASH}")
    assert schema.endswith(f"_{HASH}")
    assert Proofs().own_schemas(f"_{HASH}") == ()
    assert Proofs().with_proof(last).own_schemas("_0000000") == ()
