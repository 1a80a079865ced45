"""What a comparison says in a few words."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from cases import each
from dot.base.frozen import FrozenMapping, freeze
from dot.diff.render.words import (
    TAGS,
    count_tags,
    is_affected,
    is_changed_above_only,
    render_affected,
    render_columns,
    render_counts,
    render_moment,
    render_others,
    render_percent,
    render_rows,
    render_side,
    render_value,
    render_values,
    sort_nodes,
    tag_node,
)
from dot.diff.report import Column, ColumnChange, DataDiff, SchemaDiff, ValueDiff
from examples.reports import BASE, DATA, NODES, REPORTS, demo_report, make_columns, make_node, make_report


def data(**fields: Any) -> DataDiff:
    return DataDiff.model_validate({"status": "different"} | fields)


def retyped(*names: str) -> tuple[ColumnChange, ...]:
    return tuple(
        ColumnChange(name=name, base=Column(name=name, type="x"), head=Column(name=name, type="y")) for name in names
    )


def nullable(name: str, *, now: bool) -> tuple[ColumnChange, ...]:
    base, head = (Column(name=name, type="int", is_nullable=side) for side in (not now, now))
    return (ColumnChange(name=name, base=base, head=head),)


# -- tags and their counts -----------------------------------------------------------------------------------------


@each(
    ("fields", "tags"),
    [
        ({"code": "changed"}, ("changed",)),
        ({"code": "parent", "data": data()}, ("parent", "different")),
        ({"code": "same", "data": data(), "unexplained": "chance"}, ("different", "unexplained")),
        ({"code": "same", "data": data(status="equal")}, ()),
        ({"code": "added", "data": data(status="missing")}, ("added",)),
        ({"code": "added", "data": data(status="missing", message="in base and head")}, ("added", "missing")),
        ({"code": "same", "data": data(status="missing", message="in head")}, ("missing",)),
        ({"code": "parent", "data": data(status="not_compared")}, ("parent", "not_compared")),
        ({"code": "removed", "data": data(status="failed")}, ("removed", "failed")),
        ({"code": "renamed"}, ("renamed",)),
    ],
)
def test_a_node_has_the_tags_of_its_code_and_of_its_data(fields: dict[str, Any], tags: tuple[str, ...]) -> None:
    node = make_node("a", **fields)
    assert tag_node(node) == tags


def test_what_there_was_no_time_for_is_counted_and_no_other_of_its_name() -> None:
    left_out, equal = (make_node("a", code="same", data=data(status=status)) for status in ("not_compared", "equal"))

    assert [tag_node(node) for node in (left_out, equal)] == [("not_compared",), ()]
    assert not is_affected(left_out)
    assert count_tags(make_report(left_out, equal, not_compared=("a", "a", "b")))["not_compared"] == 3


def test_nodes_without_a_tag_are_unchanged() -> None:
    assert count_tags(make_report(make_node("a", code="same"), make_node("b"), unchanged=7))["unchanged"] == 8


@given(REPORTS)
def test_every_node_is_counted(report: Any) -> None:
    counts = count_tags(report)
    tagged = [node for node in report.nodes if tag_node(node)]

    assert list(counts) == [*TAGS, "unchanged"]
    assert report.unchanged + len(report.nodes) == len(tagged) + counts["unchanged"]


def test_nodes_stand_in_the_order_of_what_happened_to_them() -> None:
    codes = ("same", "removed", "added", "parent", "renamed", "changed")
    nodes = tuple(make_node(f"{name}_{code}", code=code) for name in "ba" for code in codes)

    names = [node.name for node in sort_nodes(make_report(*nodes))]

    assert [f"{name}_{code}" for code in reversed(codes) for name in "ab"] == names


def test_the_summary_of_the_demo() -> None:
    assert render_affected(demo_report()) == "11 of 43 models affected"
    assert render_counts(demo_report()) == (
        "4 changed, 1 renamed, 3 through a parent, 1 new, 1 removed, 5 with different data, 1 unexplained, "
        "1 failed to compare, 1 not compared"
    )


def test_there_is_nothing_to_count_where_nothing_differs() -> None:
    assert (
        render_affected(make_report(unchanged=42)),
        render_counts(make_report(unchanged=42)),
    ) == ("0 of 42 models affected", "")


def test_what_has_no_rows_of_its_own_is_counted_and_the_only_one_of_its_kind_named() -> None:
    def other(name: str, kind: str, code: Any = "changed") -> Any:
        return make_node(name, code, resource_type=kind, unique_id=f"{kind}.{name}")

    tests = [other(f"t{number}", "test", "added") for number in range(1_200)]
    nodes = (make_node("a"), *tests, other("u", "unit_test"), other("raw.t", "source"), other("s", "test", "same"))

    assert render_others(make_report(*nodes)) == "changed source raw.t, changed unit test u, 1,200 new tests"
    assert render_affected(make_report(*nodes)) == "1 of 1 model affected"
    assert render_counts(make_report(*nodes)) == "1 changed"


@each(
    ("fields", "expected"),
    [
        ({"code": "parent", "data": data(status="equal")}, True),
        ({"code": "parent", "data": data(status="equal"), "columns": SchemaDiff()}, True),
        ({"code": "parent", "data": data(status="equal"), "columns": SchemaDiff(is_reordered=True)}, False),
        ({"code": "parent", "data": data()}, False),
        ({"code": "parent"}, False),
        ({"code": "changed", "data": data(status="equal")}, False),
    ],
)
def test_a_model_below_a_change_is_quiet_when_the_warehouse_has_the_same(
    fields: dict[str, Any],
    expected: bool,  # noqa: FBT001
) -> None:
    assert is_changed_above_only(make_node("a", **fields)) == expected


# -- the cells of a table ------------------------------------------------------------------------------------------


@each(
    ("data", "text"),
    [
        (None, ""),
        (data(), ""),
        (data(rows_base=1204, rows_head=0), "1,204 → 0"),
        (data(rows_head=12), "12 rows"),
        (data(rows_base=1), "1 row"),
    ],
)
def test_rows(data: DataDiff | None, text: str) -> None:
    assert render_rows(data) == text


@each(
    ("code", "columns", "text"),
    [
        ("changed", None, ""),
        ("changed", SchemaDiff(), "="),
        ("changed", SchemaDiff(added=make_columns("a", "b", "c", "d", "e")), "+ a, b, c, 2 more"),
        ("changed", SchemaDiff(added=make_columns("a"), removed=make_columns("b", "c")), "+ a · − b, c"),
        ("changed", SchemaDiff(retyped=retyped("a")), "a: x → y"),
        ("changed", SchemaDiff(retyped=retyped("a", "b", "c")), "a: x → y · b: x → y · c: x → y"),
        ("changed", SchemaDiff(added=make_columns("a", "b", "c")), "+ a, b, c"),
        ("changed", SchemaDiff(nullability=nullable("a", now=False)), "a: never null now"),
        ("changed", SchemaDiff(nullability=nullable("a", now=True)), "a: may be null now"),
        ("changed", SchemaDiff(is_reordered=True), "other order"),
        (
            "parent",
            SchemaDiff(retyped=retyped(*"abcd"), nullability=nullable("e", now=False)),
            "a: x → y · b: x → y · c: x → y · 2 more",
        ),
        ("added", SchemaDiff(added=make_columns("a", "b")), "2 columns"),
        ("removed", SchemaDiff(removed=make_columns("a")), "1 column"),
        ("added", SchemaDiff(), ""),
    ],
)
def test_columns(code: Any, columns: SchemaDiff | None, text: str) -> None:
    assert render_columns(make_node("a", code=code, columns=columns)) == text


def values(**counts: int) -> tuple[ValueDiff, ...]:
    return tuple(ValueDiff(name=name, changed=count) for name, count in counts.items())


@each(
    ("data", "text"),
    [
        (None, ""),
        (data(status="missing"), ""),
        (data(status="missing", message="its relation is not there in head"), "its relation is not there in head"),
        (data(status="equal"), "="),
        (data(status="not_compared"), "not compared"),
        (data(status="failed"), "failed"),
        (data(status="not_proven"), "not proven"),
        (data(), "different"),
        (data(added=1, removed=2, changed=0, key=("id",)), "1 added · 2 removed"),
        (data(added=1, removed=2), "1 added · 2 removed · no key known"),
        (data(added=1, changed=0, key=("id",), columns=(ValueDiff(name="n", changed=0, tolerated=3),)), "1 added"),
        (data(changed=1_009), "1,009 changed"),
        (data(columns=values(amount=37)), "amount: 37 changed"),
        (data(changed=37, columns=values(amount=37)), "amount: 37 changed"),
        (data(rows_base=98_112, removed=0, columns=values(net=1_009)), "net: 1,009 changed (1.0 %)"),
        (data(rows_base=2, removed=2, key=("id",), columns=values(net=1)), "2 removed · net: 1 changed"),
        (data(columns=values(a=1, b=3, c=2)), "b: 3 changed · c: 2 changed · 1 more column"),
        (data(columns=values(dbt_scd_id=9, DBT_VALID_FROM=9, a=1)), "a: 1 changed · 2 columns of dbt's own"),
        (data(columns=values(a=1, b=1, c=1, d=1)), "a: 1 changed · b: 1 changed · 2 more columns"),
    ],
)
def test_values(data: DataDiff | None, text: str) -> None:
    assert render_values(data) == text


@given(DATA, NODES)
def test_there_are_words_for_whatever_is_found(data: DataDiff, node: Any) -> None:
    assert all(isinstance(text, str) for text in (render_rows(data), render_values(data), render_columns(node)))


# -- numbers and values --------------------------------------------------------------------------------------------


@each(
    ("part", "whole", "text"),
    [
        (0, 10, "0.0 %"),
        (1, 1001, "< 0.1 %"),
        (1, 1000, "0.1 %"),
        (1, 3, "33.3 %"),
        (999, 1000, "99.9 %"),
        (9_999, 10_000, "> 99.9 %"),
        (10, 10, "100.0 %"),
    ],
)
def test_a_percentage_is_neither_0_nor_100_when_it_is_only_nearly_so(part: int, whole: int, text: str) -> None:
    assert render_percent(part, whole) == text


@each(
    ("value", "text"),
    [
        (None, None),
        ("null", "null"),
        (9_007_199_254_740_993, "9007199254740993"),
        (1, "1"),
        (1.0, "1.0"),
        (True, "true"),
        ([1, {"é": None}], '[1, {"é": null}]'),
    ],
)
def test_a_value_is_text_that_loses_nothing(value: Any, text: str | None) -> None:
    assert render_value(freeze(value)) == text


@given(st.text())
def test_a_text_is_itself(text: str) -> None:
    assert render_value(text) == text


@each(
    ("given", "expected"),
    [
        ({}, "never built · no test results"),
        ({"built_at": "x"}, "built NOW · no test results"),
        ({"built_at": "x", "exit_code": 1}, "built NOW, exit code 1 · no test results"),
        ({"tests": {"pass": 1}}, "never built · 1 test passed"),
        ({"tests": {"pass": 22, "fail": 1, "error": 1}}, "never built · 2 of 24 tests failed"),
        ({"tests": {"pass": 22, "warn": 2, "skipped": 1}}, "never built · 22 of 25 tests passed, 2 warned, 1 skipped"),
        ({"built_at": "x", "dbt": "2.0.9"}, "built NOW · dbt 2.0.9 · no test results"),
        ({"commit": None}, "working tree"),
        ({"commit": None, "dbt": "1.12.6"}, "working tree · dbt 1.12.6"),
    ],
)
def test_a_side_says_when_it_was_built_and_how_its_tests_went(given: dict[str, Any], expected: str) -> None:
    if "tests" in given:
        given = given | {"tests": FrozenMapping(given["tests"])}
    assert render_side(BASE.model_copy(update=given), "NOW") == expected


def test_a_moment_is_told_in_utc_to_whoever_reads_it_later() -> None:
    assert render_moment("2026-11-20T10:30:00+01:00") == "2026-11-20 09:30 UTC"
    assert render_moment(None) == ""


def test_kinds_of_relations_are_counted_apart() -> None:
    nodes = (make_node("a"), make_node("s", resource_type="seed"), make_node("h", "same", resource_type="snapshot"))
    report = make_report(*nodes).model_copy(update={"unchanged_kinds": FrozenMapping({"model": 2, "seed": 1})})

    assert render_affected(report) == "1 of 3 models, 1 of 2 seeds affected"
