"""What two builds would both write, whatever they call it."""

from typing import Any

from cases import each
from dot.isolation.claims import find_claimed_twice
from dot.isolation.proof import Proof, Proofs, prove
from dot.isolation.rules import Leak
from examples.manifests import HASH, WORKTREE, Entry, make_manifest, make_node, make_rules


def make_proof(*nodes: Entry, owner: str = "theirs", **rules: Any) -> Proof:
    return prove("5f2c", make_manifest(*nodes), make_rules(owner=owner, **rules))


def make_relation(name: str = "orders", schema: str = "analytics", **more: Any) -> Entry:
    where = {"relation_name": f'"shop"."{schema}_{HASH}"."{name}"', "schema": f"{schema}_{HASH}"}
    return make_node(name, **(where | more))


def make_external(location: str) -> Entry:
    return make_node("orders", config={"materialized": "external", "location": location})


def test_a_relation_that_another_build_writes_too_is_a_leak_that_names_that_build() -> None:
    mine = make_proof(
        make_relation(), make_relation("stg"), make_relation("unique", resource_type="test"), owner="mine"
    )
    others = {"dev@a1b2c3d": Proofs(proofs=(make_proof(make_relation(), make_relation("else")),))}

    assert find_claimed_twice(mine, others) == (
        Leak(
            unique_id="model.shop.orders",
            name="orders",
            file="",
            relation=f"shop.analytics_{HASH}.orders",
            cause="the build dev@a1b2c3d writes it too",
            hint="give each project, and each environment, an output of its own (`target`) whose schema differs",
        ),
    )


def test_a_relation_is_named_without_the_quotes_of_its_warehouse() -> None:
    node = make_node("orders", relation_name=f"`shop`.`analytics_{HASH}`.`orders`")
    proof = make_proof(node, owner="mine")

    assert [
        leak.relation for leak in find_claimed_twice(proof, {"dev@a1b2c3d": Proofs(proofs=(make_proof(node),))})
    ] == [f"shop.analytics_{HASH}.orders"]


@each(
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

    assert bool(find_claimed_twice(make_proof(make_relation(), owner="mine"), others)) == shared


@each(
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
    proof = make_proof(make_external(mine), adapter="duckdb", owner="mine")

    assert bool(find_claimed_twice(proof, {"dev@a1b2c3d": Proofs(proofs=(other,))})) == shared


def test_each_place_of_a_node_may_be_shared() -> None:
    """The same file, but another database of the catalog in each environment."""
    config = {"materialized": "external", "location": f"s3://lake/{HASH}.csv", "glue_register": True}
    mine, theirs = (
        make_proof(make_node("orders", config={**config, "glue_database": name}), adapter="duckdb", owner=name)
        for name in ("dev", "ci")
    )

    assert [leak.relation for leak in find_claimed_twice(mine, {"ci@a1b2c3d": Proofs(proofs=(theirs,))})] == [
        f"s3://lake/{HASH}.csv"
    ]


def test_what_several_builds_and_commands_share_is_named_once() -> None:
    proof, other = make_proof(make_relation(), owner="mine"), make_proof(make_relation())
    others = {name: Proofs(proofs=(other, other)) for name in ("ci@a1b2c3d", "dev@a1b2c3d")}

    assert [leak.cause for leak in find_claimed_twice(proof, others)] == ["the build ci@a1b2c3d writes it too"]


def test_a_first_build_shares_nothing() -> None:
    assert find_claimed_twice(make_proof(make_relation()), {}) == ()


def test_the_same_build_from_another_work_tree_is_no_other() -> None:
    proof = make_proof(make_relation())
    assert find_claimed_twice(proof, {"dev@a1b2c3d of /srv/other": Proofs(proofs=(proof,))}) == ()


def test_what_a_build_left_to_another_it_has_not_claimed() -> None:
    proof = make_proof(make_relation(), make_relation("stg"))
    other = proof.model_copy(update={"owner": "another", "left_out": ("model.shop.orders",)})
    assert [leak.name for leak in find_claimed_twice(proof, {"ci@a1b2c3d": Proofs(proofs=(other,))})] == ["stg"]


@each(
    ("mine", "theirs", "shared"),
    [
        (("wh", {"wh": "/d/wh.db"}), ("wh", {"wh": "/d/wh.db"}), True),
        (("wh", {"wh": "/d/wh.db"}), ("link", {"link": "/d/wh.db"}), True),
        (("wh", {"wh": "/d/wh.db"}), ("side", {"main": "/x.db", "side": "/d/wh.db"}), True),
        (("wh", {"wh": "/d/wh.db"}), ("wh", {"wh": "/e/wh.db"}), False),
        (("wh", {}), ("wh", {}), True),
        (("wh", {}), ("other", {}), False),
    ],
)
def test_a_database_in_a_file_is_that_file_by_whatever_name(
    mine: tuple[str, dict[str, str]], theirs: tuple[str, dict[str, str]], *, shared: bool
) -> None:
    proofs = [
        make_proof(make_relation(database=name), databases=tuple(databases.items()), owner=owner)
        for (name, databases), owner in ((mine, "mine"), (theirs, "theirs"))
    ]
    assert bool(find_claimed_twice(proofs[0], {"ci@a1b2c3d": Proofs(proofs=(proofs[1],))})) == shared
