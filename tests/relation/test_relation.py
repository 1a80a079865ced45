"""A relation as a value, and as a person reads it."""

from hypothesis import given
from hypothesis import strategies as st

from cases import each
from dot.relation.relation import Relation, describe_name, describe_relation

ORDERS = Relation(database="shop", schema_name="marts", identifier="orders")


@each(
    ("changes", "text"),
    [
        ({}, "shop.marts.orders"),
        ({"database": None}, "marts.orders"),
        ({"schema_name": None}, "shop.orders"),
        ({"database": "my-project"}, "my-project.marts.orders"),
        ({"identifier": "Ördérs"}, "shop.marts.Ördérs"),
        ({"schema_name": "a.b"}, 'shop."a.b".orders'),
        ({"identifier": 'a"b'}, 'shop.marts."a""b"'),
        ({"identifier": "a b"}, 'shop.marts."a b"'),
        ({"identifier": "a`b"}, 'shop.marts."a`b"'),
        ({"identifier": "[a]"}, 'shop.marts."[a]"'),
    ],
)
def test_a_person_reads_the_parts_and_sees_where_each_ends(changes: dict[str, str | None], text: str) -> None:
    assert describe_relation(ORDERS.model_copy(update=changes)) == text


@given(st.lists(st.text(min_size=1), min_size=1, max_size=3), st.lists(st.text(min_size=1), min_size=1, max_size=3))
def test_two_names_are_never_described_alike(one: list[str], other: list[str]) -> None:
    assert (one == other) == (describe_name(*one) == describe_name(*other))


def test_a_relation_has_the_parts_that_its_warehouse_has() -> None:
    assert ORDERS.parts == (("database", "shop"), ("schema", "marts"), ("identifier", "orders"))
    assert ORDERS.model_copy(update={"database": None, "schema_name": None}).parts == (("identifier", "orders"),)


@each(
    ("changes", "is_same"),
    [
        ({"identifier": "ORDERS"}, True),
        ({"database": "Shop", "schema_name": "Marts", "kind": "view"}, True),
        ({"database": None}, False),
        ({"schema_name": None}, False),
        ({"schema_name": "shop.marts", "database": None}, False),
    ],
)
def test_relations_have_one_key_when_they_differ_in_case_alone(
    changes: dict[str, str | None], *, is_same: bool
) -> None:
    assert (ORDERS.key == ORDERS.model_copy(update=changes).key) == is_same


def test_another_name_for_a_part_has_another_spelling() -> None:
    spelled = ORDERS.model_copy(update={"spelling": "elsewhere"})

    assert spelled is spelled.with_parts({"identifier": "orders"})
    assert ORDERS.model_copy(update={"schema_name": "live"}) == spelled.with_parts({"schema": "live"})


def test_a_relation_goes_through_json_unchanged() -> None:
    relation = ORDERS.model_copy(update={"kind": "view", "bare": ("schema", "identifier"), "spelling": "x"})
    assert Relation.model_validate_json(relation.model_dump_json(exclude_defaults=True)) == relation
