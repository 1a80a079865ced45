"""What a check found, how long it holds, and what two builds would both write."""

from pathlib import PurePosixPath
from typing import Any

import pytest

from core.manifests import HASH, WORKTREE, Entry, make_macro, make_manifest, make_node, make_rules
from dot.core.isolation import Leak
from dot.core.model import FrozenMapping
from dot.core.proof import Proof, Proofs, find_shared, parse_proofs, proof_key, prove

DIGEST = "5f2c"
HOOKS = {"pre-hook": [{"sql": "select 1"}]}


def make_proof(*nodes: Entry, manifest: str = DIGEST, **rules: Any) -> Proof:
    return prove(manifest, make_manifest(*nodes), make_rules(**rules))


def make_relation(name: str = "orders", schema: str = "analytics", **more: Any) -> Entry:
    return make_node(name, relation_name=f'"shop"."{schema}_{HASH}"."{name}"', **more)


# -- a proof -------------------------------------------------------------------------------------------------------


def test_a_proof_holds_all_that_a_manifest_says_about_where_a_command_writes() -> None:
    orders = make_relation(config={"materialized": "external", "location": "out/../orders.csv"} | HOOKS)
    live = make_node("live", schema="l" * 64, relation_name='"shop"."live"')
    manifest = make_manifest(orders, make_relation("colors", resource_type="seed"), live, macros=[make_macro()])
    rules = make_rules(dbt_command="run", adapter="duckdb", max_schema_bytes=63)

    proof = prove(DIGEST, manifest, rules)

    assert proof_key(DIGEST, rules) == proof.key
    assert ("run", DIGEST, rules.connection) == (proof.dbt_command, proof.manifest, proof.connection)
    assert FrozenMapping(
        {"model.shop.orders": f'"shop"."analytics_{HASH}"."orders"', "model.shop.live": '"shop"."live"'}
    ) == (proof.relations)
    assert (("model.shop.orders", f"{WORKTREE}/shop/orders.csv"),) == proof.places
    assert (f"analytics_{HASH}", "l" * 64) == proof.schemas
    assert ["macro.shop.generate_schema_name"] == [leak.macro for leak in proof.leaks]
    assert (("pre-hook", "orders"),) == proof.unproved
    assert (("l" * 64, ("live",)),) == proof.long_schemas


def test_schemas_are_sorted_and_a_node_without_one_is_proved_like_any_other() -> None:
    nodes = [make_node(name, schema=schema) for name, schema in (("a", "z"), ("b", "x"), ("c", "y"), ("d", None))]

    assert ("", "x", "y", "z") == make_proof(*nodes).schemas


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

    kept = Proofs().keep(old).keep(run).keep(new)
    read = Proofs.model_validate_json(kept.model_dump_json())

    assert Proofs(proofs=(run, new)) == kept == read
    assert [None, new, run] == [read.find(proof.key) for proof in (old, new, run)]


def test_a_hook_is_news_once_for_each_manifest() -> None:
    orders, colors = make_node("orders", config=HOOKS), make_node("colors", resource_type="seed", config=HOOKS)
    build, run = make_proof(orders, colors), make_proof(orders, colors, dbt_command="run")

    assert (("pre-hook", "orders"), ("pre-hook", "colors")) == Proofs().news(build)
    assert () == Proofs(proofs=(build,)).news(run)
    assert (("pre-hook", "colors"),) == Proofs(proofs=(run,)).news(build)
    assert (("pre-hook", "orders"),) == Proofs(proofs=(build,)).news(make_proof(orders, manifest="new"))


# -- what two builds would both write ------------------------------------------------------------------------------


def make_external(location: str) -> Entry:
    return make_node("orders", config={"materialized": "external", "location": location})


def test_a_relation_that_another_build_writes_too_is_a_leak_that_names_that_build() -> None:
    mine = make_proof(make_relation(), make_relation("stg"), make_relation("unique", resource_type="test"))
    others = {"dev@a1b2c3d": Proofs(proofs=(make_proof(make_relation(), make_relation("else")),))}

    assert (
        Leak(
            unique_id="model.shop.orders",
            name="orders",
            file="",
            relation=f"shop.analytics_{HASH}.orders",
            cause="the build dev@a1b2c3d writes it too",
            hint="give each environment an output of its own (`target`) whose schema differs",
        ),
    ) == find_shared(mine, others)


def test_a_relation_is_named_without_the_quotes_of_its_warehouse() -> None:
    proof = make_proof(make_node("orders", relation_name=f"`shop`.`analytics_{HASH}`.`orders`"))

    assert [f"shop.analytics_{HASH}.orders"] == [
        leak.relation for leak in find_shared(proof, {"dev@a1b2c3d": Proofs(proofs=(proof,))})
    ]


@pytest.mark.parametrize(
    ("theirs", "rules", "shared"),
    [
        (make_relation(), {}, True),
        (make_relation(), {"dbt_command": "run"}, True),
        (make_relation(), {"connection": "another"}, False),
        (make_relation(schema="production"), {}, False),
        (make_relation(schema="ANALYTICS"), {}, True),
        (make_node("orders"), {}, False),
    ],
)
def test_relations_are_the_same_when_name_and_warehouse_are(
    theirs: Entry, rules: dict[str, Any], *, shared: bool
) -> None:
    others = {"dev@a1b2c3d": Proofs(proofs=(make_proof(theirs, **rules),))}

    assert shared == bool(find_shared(make_proof(make_relation()), others))


@pytest.mark.parametrize(
    ("mine", "theirs", "shared"),
    [
        (f"s3://lake/{HASH}.csv", f"s3://lake/{HASH}.csv", True),
        (f"s3://lake/{HASH}.csv", f"s3://pond/{HASH}.csv", False),
        ("orders.csv", f"{WORKTREE}/shop/orders.csv", True),
        ("orders.csv", "../orders.csv", False),
        ("{{ target.schema }}.csv", "{{ target.schema }}.csv", False),
        ("{{ env_var('DOT_SHORT_HASH') }}.csv", "{{ env_var('DOT_SHORT_HASH') }}.csv", True),
    ],
)
def test_files_are_the_same_in_whatever_warehouse(mine: str, theirs: str, *, shared: bool) -> None:
    """What dbt renders only when it runs, from the target, is another file in each environment."""
    other = make_proof(make_external(theirs), adapter="duckdb", connection="another")
    proof = make_proof(make_external(mine), adapter="duckdb")

    assert shared == bool(find_shared(proof, {"dev@a1b2c3d": Proofs(proofs=(other,))}))


def test_each_place_of_a_node_may_be_shared() -> None:
    """The same file, but another database of the catalog in each environment."""
    config = {"materialized": "external", "location": f"s3://lake/{HASH}.csv", "glue_register": True}
    mine, theirs = (
        make_proof(make_node("orders", config={**config, "glue_database": name}), adapter="duckdb", connection=name)
        for name in ("dev", "ci")
    )

    assert [f"s3://lake/{HASH}.csv"] == [
        leak.relation for leak in find_shared(mine, {"ci@a1b2c3d": Proofs(proofs=(theirs,))})
    ]


def test_what_several_builds_and_commands_share_is_named_once() -> None:
    proof = make_proof(make_relation())
    others = {name: Proofs(proofs=(proof, proof)) for name in ("ci@a1b2c3d", "dev@a1b2c3d")}

    assert ["the build ci@a1b2c3d writes it too"] == [leak.cause for leak in find_shared(proof, others)]


def test_a_first_build_shares_nothing() -> None:
    assert () == find_shared(make_proof(make_relation()), {})


# -- on disk -------------------------------------------------------------------------------------------------------


def test_proofs_go_through_json_unchanged() -> None:
    proofs = Proofs(proofs=(make_proof(make_relation()),))
    assert proofs == parse_proofs(proofs.model_dump_json())


@pytest.mark.parametrize("text", [None, "", "{", "null", '{"proofs": 1}', '{"of another version": []}'])
def test_what_holds_no_proofs_is_none(text: str | None) -> None:
    assert Proofs() == parse_proofs(text)
