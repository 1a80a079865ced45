"""What is asked of the warehouse, and what its answers mean."""

import json
from typing import Any

import pytest
import yaml

from cases import each
from dot.base.frozen import FrozenMapping, thaw
from dot.diff.data.compare import (
    Begun,
    ComparisonResult,
    RelationPair,
    compare_columns,
    describe_data,
    parse_keys,
    parse_printed,
    parse_tolerances,
    render_arguments,
)
from dot.diff.data.row_keys import Key
from dot.diff.report import Column, DataDiff, Sample, ValueDiff
from dot.relation.relation import Relation

KEYS = (Key(columns=("id",), source="unique_key"), Key(columns=("Id",), source="unique test"))


def answer(**fields: Any) -> ComparisonResult:
    printed = parse_printed("dot:" + json.dumps({"id": "model.shop.a", "status": "different"} | fields))
    assert isinstance(printed, ComparisonResult)
    return printed


def columns(*names: str, type: str = "integer", is_nullable: bool | None = True) -> list[dict[str, Any]]:  # noqa: A002
    return [{"name": name, "type": type, "is_nullable": is_nullable} for name in names]


# -- what is asked -------------------------------------------------------------------------------------------------


def test_the_macro_gets_what_it_needs_under_the_names_that_it_knows() -> None:
    place = Relation(database="shop", schema_name="analytics", identifier='a"b')
    tolerance = FrozenMapping({"n": 0.5})
    asked = RelationPair(
        id="model.shop.a",
        adapter="duckdb",
        base=None,
        head=place,
        candidates=(("id",),),
        tolerance=tolerance,
        where="x",
    )

    relation = {"database": "shop", "schema": "analytics", "identifier": 'a"b'}
    relation["relation"] = '"shop"."analytics"."a""b"'
    comparison = {"id": "model.shop.a", "base": None, "head": relation, "candidates": [["id"]], "where": "x"}
    assert json.loads(render_arguments((asked,), budget=2.5, rows=3)) == {
        "comparisons": [comparison | {"tolerance": {"n": 0.5}}],
        "budget": 2.5,
        "rows": 3,
    }


def test_arguments_are_ascii_that_yaml_reads_as_the_same() -> None:
    where = "ключ = '😀' and x = '\x00\x7f\x85\u2028\ufeff\uffff\\ud83d'"
    rendered = render_arguments(
        (RelationPair(id="a", adapter="duckdb", base=None, head=None, where=where),), budget=None, rows=0
    )
    assert rendered.isascii()
    assert yaml.safe_load(rendered)["comparisons"][0]["where"] == where


def test_a_key_is_read_by_its_model() -> None:
    assert parse_keys(("a=id", " b = x , y ")) == {"a": ("id",), "b": ("x", "y")}


@each("word", ["a", "=id", "a=", "a=id,", "", " =x"])
def test_a_key_that_cannot_be_read_is_named(word: str) -> None:
    with pytest.raises(ValueError, match=f"^{word}$"):
        parse_keys(("b=id", word))


def test_a_tolerance_is_read_by_its_column_whatever_its_case() -> None:
    given = ("Amount=0.01", "a=b = 2", "tiny=1e-7")
    assert thaw(parse_tolerances(given)) == {"amount": "0.01", "a=b": "2.0", "tiny": "0.0000001"}


def test_no_tolerance_is_one_too() -> None:
    assert thaw(parse_tolerances(("a=0",))) == {"a": "0.0"}


@each("word", ["a", "=1", "a=", "a=x", "a=-1", "a=nan", "a=inf", " =1"])
def test_a_tolerance_that_cannot_be_read_is_named(word: str) -> None:
    with pytest.raises(ValueError, match=f"^{word}$"):
        parse_tolerances(("b=1", word))


# -- what is answered ----------------------------------------------------------------------------------------------


def test_a_line_is_read_if_it_is_the_macros_own() -> None:
    assert parse_printed('dot:{"id": "a", "status": "started"}') == Begun(id="a", status="started")
    known = json.dumps({"id": "a", "status": "started", "head_columns": columns("n")})
    assert (parse_printed(f"dot:{known}")) == Begun(
        id="a", status="started", head_columns=(Column(name="n", type="integer", is_nullable=True),)
    )
    assert parse_printed('dot:{"id": "a", "status": "not_compared"}') == ComparisonResult(id="a", status="not_compared")


@each("line", ["hello", "dot:hello", "dot:{}", 'dot:{"id": "a", "status": "fine"}', '{"id": "a", "status": "started"}'])
def test_any_other_line_says_nothing(line: str) -> None:
    assert parse_printed(line) is None


def test_nothing_is_said_of_columns_that_nobody_saw() -> None:
    assert compare_columns(answer(status="failed")) is None


def test_equal_columns_do_not_differ() -> None:
    found = compare_columns(answer(base_columns=columns("a", "b"), head_columns=columns("a", "b")))
    assert found
    assert found.is_empty


def test_columns_differ_by_name_type_nullability_and_order() -> None:
    base = [*columns("gone", "a", "b"), *columns("c", type="date"), *columns("d", is_nullable=None)]
    head = [
        *columns("b", "a"),
        *columns("c", type="text", is_nullable=False),
        *columns("d", is_nullable=None),
        *columns("new"),
    ]
    found = compare_columns(answer(base_columns=base, head_columns=head))

    assert found
    assert [column.name for column in found.added] == ["new"]
    assert [column.name for column in found.removed] == ["gone"]
    assert [(pair.name, pair.base.type, pair.head.type) for pair in found.retyped] == [("c", "date", "text")]
    assert [(one.name, one.base.is_nullable, one.head.is_nullable) for one in found.nullability] == [("c", True, False)]
    assert found.is_reordered


def test_a_column_that_moves_because_another_goes_is_in_no_other_order() -> None:
    found = compare_columns(answer(base_columns=columns("gone", "a", "b"), head_columns=columns("a", "new", "b")))
    assert found
    assert not found.is_reordered


def test_every_column_of_the_only_side_is_new_or_gone() -> None:
    added = compare_columns(answer(head_columns=columns("a", "b")))
    removed = compare_columns(answer(base_columns=columns("a", "b")))
    assert added
    assert removed
    assert ([column.name for column in added.added], added.removed) == (["a", "b"], ())
    assert (removed.added, [column.name for column in removed.removed]) == ((), ["a", "b"])


def test_rows_that_differ_are_described_with_who_said_what_tells_them_apart() -> None:
    changed = {"name": "n", "changed": 2, "nulls": 1, "tolerated": 3}
    numbers: dict[str, Any] = {"rows_base": 5, "rows_head": 6, "added": 2, "removed": 1, "changed": 2}
    numbers |= {"duplicates": (1, 2)}
    rows = [
        {"key": ["1"], "base": ["x", "same"], "head": [None, "same"]},
        {"key": ["2"], "base": None, "head": ["y", "a"]},
        {"key": ["3"], "base": ["z", "a"], "head": None},
        {"key": ["4"], "base": ["1", "a"], "head": ["1", "a"]},
    ]
    samples = {"key": ["ID"], "columns": ["n", "m"], "rows": rows}
    known = (Key(columns=("other",), source="constraint"), *KEYS)
    alike = FrozenMapping({"n": "1", "m": "a"})

    assert describe_data(answer(key=["ID"], columns=[changed], samples=samples, **numbers), known) == DataDiff(
        status="different",
        key=("ID",),
        key_source="unique_key",
        columns=(ValueDiff(name="n", changed=2, nulls=1, tolerated=3),),
        samples=(
            Sample(key=FrozenMapping({"ID": "1"}), base=FrozenMapping({"n": "x"}), head=FrozenMapping({"n": None})),
            Sample(key=FrozenMapping({"ID": "2"}), base=None, head=FrozenMapping({"n": "y", "m": "a"})),
            Sample(key=FrozenMapping({"ID": "3"}), base=FrozenMapping({"n": "z", "m": "a"}), head=None),
            Sample(key=FrozenMapping({"ID": "4"}), base=alike, head=alike),
        ),
        **numbers,
    )


@each(
    ("fields", "expected"),
    [
        ({}, None),
        ({"status": "failed", "message": "no such column"}, "no such column"),
        ({"status": "missing", "base_columns": columns("a")}, "its relation is not there in head"),
        ({"status": "missing", "head_columns": columns("a")}, "its relation is not there in base"),
        ({"status": "missing"}, "its relation is not there in base and head"),
        (
            {"rejected": ["id", "day"], "duplicates": [1200, 0]},
            "id, day is no key, its values stand in several rows (1,200 in base, 0 in head); whole rows were compared",
        ),
        (
            {"rejected": ["id"], "duplicates": [0, 1], "key": ["id", "since"]},
            "id is no key, its values stand in several rows (0 in base, 1 in head); rows were told apart by id, since",
        ),
    ],
)
def test_what_one_would_wonder_about_is_explained(fields: dict[str, Any], expected: str | None) -> None:
    assert describe_data(answer(**fields), KEYS).message == expected


@each(
    ("fields", "is_told"),
    [({}, True), ({"key": ["id"]}, False), ({"status": "equal"}, False), ({"head_columns": columns("id")}, False)],
)
def test_a_tolerance_that_says_nothing_is_told(fields: dict[str, Any], is_told: bool) -> None:  # noqa: FBT001
    found = answer(**({"status": "different", "head_columns": columns("id", "N", "m")} | fields))
    expected = "without a key, `--tolerance` of N says nothing: whole rows were compared" if is_told else None
    assert describe_data(found, (), ("n",)).message == expected


def test_a_key_that_was_asked_for_is_not_passed_over_in_silence() -> None:
    asked = (Key(columns=("Id", "X", "nowhere"), source="--key"), Key(columns=("other",), source="constraint"))
    sides = {"base_columns": columns("ID", "x"), "head_columns": columns("ID")}

    expected = "`--key` names X, nowhere, which base and head do not both have"
    assert describe_data(answer(**sides), asked).message == expected
    both = describe_data(answer(**sides, rejected=["x"]), asked).message
    assert both
    assert both.startswith(f"{expected}; x is no key")
    assert describe_data(answer(base_columns=columns("ID"), head_columns=columns("ID")), KEYS).message is None
    assert describe_data(answer(status="failed"), asked).message is None


def test_a_column_may_be_of_unknown_nullability() -> None:
    assert answer(base_columns=[{"name": "a", "type": "text"}]).base_columns[0] == Column(name="a", type="text")
