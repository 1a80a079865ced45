"""A comparison as one HTML file: what is in it. tests/diff/render/test_page.py has what a browser makes of it."""

import base64
import hashlib
import json
from typing import Any

from hypothesis import given

from cases import each
from dot.diff.render.find_template import read_template
from dot.diff.render.html import Template, render_html
from dot.diff.render.words import PARTS, REORDERED, SAMPLES, TAGS, UNEXPLAINED
from dot.diff.report import CodeKind, Column, ColumnChange, DataDiff, DiffReport, Sample, SchemaDiff, ValueDiff
from examples.reports import (
    BASE,
    HEAD,
    REPORTS,
    demo_report,
    hostile_report,
    make_columns,
    make_node,
    make_report,
    make_row,
)

TEMPLATE = Template(page="$policy\n$style\n$script\n$data", style="p { }", script="let $ = 1")


NEW = {"status": "missing", "rows_head": 2}
NOTHING: Any = {"nodes": (), "unchanged": 0, "seconds": 0.0}
VALUES = [["a", {"word": "null"}], ["b", str(2**53 + 1)], ["c", "1.0"], ["d", {"word": "empty"}]]


def data_of(report: DiffReport) -> Any:
    return json.loads(render_html(report, TEMPLATE).split("\n")[-1])


def node_of(code: CodeKind = "changed", **fields: object) -> Any:
    (node,) = data_of(make_report(make_node("a", code=code, **fields)))["nodes"]
    return node


@given(REPORTS)
def test_no_report_can_end_the_element_that_it_stands_in(report: DiffReport) -> None:
    policy, style, script, data = render_html(report, TEMPLATE).split("\n")

    assert (style, script) == ("p { }", "let $ = 1")
    assert data.isascii()
    assert not set("<>&\u2028") & set(data)
    assert "default-src 'none'" in policy


@given(REPORTS)
def test_the_page_holds_every_node(report: DiffReport) -> None:
    nodes = data_of(report)["nodes"]
    assert sorted(node.unique_id for node in report.nodes) == sorted(node["unique_id"] for node in nodes)


def test_a_text_arrives_as_it_was() -> None:
    report = hostile_report()
    assert {node.name for node in report.nodes} == {node["name"] for node in data_of(report)["nodes"]}


def test_the_policy_allows_this_style_and_this_script_and_nothing_else() -> None:
    def source(text: str) -> str:
        return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"

    assert render_html(make_report(), TEMPLATE).split("\n")[0].split("; ") == [
        "default-src 'none'",
        f"style-src {source('p { }')}",
        f"script-src {source('let $ = 1')}",
        "img-src data:",
        "base-uri 'none'",
        "form-action 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    ]


def test_what_the_page_says_above_the_picture() -> None:
    data = data_of(demo_report())

    assert data["summary"] == "11 of 43 models affected · 4.1 s"
    assert {"tag": "parent", "label": "through a parent", "count": 3} in data["tags"]
    assert data["unchanged"] == 32
    assert data["headings"] == ["Name", "Code", "Rows", "Columns", "Values"]
    assert [(sign["kind"], sign["label"]) for sign in data["legend"]] == [
        ("changed", "changed"),
        ("renamed", "renamed"),
        ("parent", "through a parent"),
        ("added", "new"),
        ("removed", "removed"),
        ("same", "code unchanged"),
        ("different", "different data, filled"),
        ("equal", "same data"),
    ]


def test_the_commit_of_a_side_is_told_once() -> None:
    data = data_of(DiffReport(base=BASE, head=HEAD.model_copy(update={"typed": "dev@0671003"}), **NOTHING))
    assert [(side["name"], side["hash"]) for side in (data["base"], data["head"])] == [
        ("dev@main", "af8132b"),
        ("dev@0671003", None),
    ]


def test_what_the_page_says_about_a_node() -> None:
    (node,) = [node for node in data_of(demo_report())["nodes"] if node["name"] == "daily_revenue"]

    assert node["tags"] == ["changed", "different"]
    assert node["words"] == {
        "code": "changed",
        "rows": "36 → 30",
        "columns": "+ refunded, net_revenue",
        "values": "6 removed · revenue: 9 changed (30.0\u00a0%) · rentals: 3 changed (10.0\u00a0%)",
    }
    assert node["box"]["lines"] == ["36 → 30 rows", f"{node['words']['values']} · + refunded, net_revenue"]
    assert node["box"]["label"] == f"daily_revenue, changed, 36 → 30, {node['box']['lines'][1]}"
    assert [badge["label"] for badge in node["badges"]] == ["changed directly", "different data"]
    assert [part["label"] for part in node["data"]["parts"]] == ["21 unchanged", "9 changed", "6 removed"]
    assert node["data"]["common"] == 30
    assert [(column["words"], column["share"]) for column in node["data"]["columns"]] == [
        ("9 changed", "30.0 %"),
        ("3 changed", "10.0 %"),
    ]


def test_what_the_picture_says_below_a_name() -> None:
    quiet = {"status": "equal", "rows_base": 3, "rows_head": 3}
    cases: tuple[tuple[list[str], Any], ...] = (
        (["model", ""], {}),
        (["test", ""], {"resource_type": "test"}),
        (["3 → 3 rows", "same values"], {"data": quiet, "columns": SchemaDiff()}),
        (["2 rows", "1 column"], {"code": "added", "data": NEW, "columns": SchemaDiff(added=make_columns("a"))}),
        (["model", "failed"], {"data": {"status": "failed"}}),
    )
    for lines, fields in cases:
        assert node_of(**fields)["box"]["lines"] == lines, fields
    assert node_of(code="same", unexplained="chance")["box"]["label"] == "a, same, unexplained"


def test_the_badges_and_notes_of_a_node() -> None:
    for data, badges, notes in (
        (None, [], []),
        (NEW, [], []),
        ({"status": "equal"}, [("same", "equal", "same data")], []),
        (
            {"status": "missing", "message": "in head"},
            [("missing", "missing", "missing in the warehouse")],
            [("missing", "Missing", "in head")],
        ),
        (
            {"status": "failed", "message": "no such table"},
            [("failed", "failed", "data could not be compared")],
            [("failed", "Failed", "no such table")],
        ),
        (
            {"status": "not_proven", "message": "lent"},
            [("same", "not_proven", "data not proven to be the same")],
            [("not_compared", "Note", "lent")],
        ),
    ):
        node = node_of(code="added", data=data)
        assert [("added", "added", "new"), *badges] == [tuple(badge.values()) for badge in node["badges"]], data
        assert [tuple(note.values()) for note in node["notes"]] == notes, data
    (note,) = node_of(code="same", unexplained="chance")["notes"]
    assert note["text"] == "The data differs although nothing above it changed. Likely: chance"


def test_the_columns_that_differ() -> None:
    before, after = (Column(name="a", type=kind, is_nullable=null) for kind, null in (("int", True), ("text", None)))
    change = (ColumnChange(name="a", base=before, head=after),)
    fixed = Column(name="id", type="int", is_nullable=False)
    for schema, code, title, remark in (
        (SchemaDiff(), "changed", "Columns", "The same on both sides."),
        (SchemaDiff(), "added", "Columns", "The same on both sides."),
        (SchemaDiff(added=(fixed, before)), "added", "2 columns", None),
        (SchemaDiff(retyped=change, is_reordered=True), "changed", "Columns", "The columns stand in another order."),
    ):
        told = node_of(code=code, columns=schema)["columns"]
        assert (title, remark) == (told["title"], told["remark"]), schema
    assert node_of(columns=SchemaDiff(added=(fixed,), removed=(before,), retyped=change, nullability=change))[
        "columns"
    ]["changes"] == [
        {"kind": "added", "name": "id", "text": "int, never null"},
        {"kind": "removed", "name": "a", "text": "int"},
        {"kind": "changed", "name": "a", "from": "int", "to": "text"},
        {"kind": "changed", "name": "a", "from": "may be null", "to": "unknown"},
    ]


def test_what_is_told_of_keys_and_columns() -> None:
    column = ValueDiff(name="v", changed=3, nulls=2, tolerated=1_000)
    data = {"status": "different", "duplicates": (1, 2), "columns": (column,), "added": 2}
    told = node_of(data=data)["data"]

    assert [part["label"] for part in told["parts"]] == ["2 added"]
    assert told["key_remarks"] == (
        "No key tells rows apart, so a changed row counts as one removed and one added. "
        "1 key in base and 2 in head stand more than once, and are not used."
    )
    assert (
        told["columns"][0]["remarks"],
        told["columns"][0]["share"],
    ) == ("2 with null on one side · 1,000 more within the tolerance", None)


def test_no_text_that_is_told_here_stands_in_the_script_too() -> None:
    script = read_template().script
    told = [REORDERED, SAMPLES, UNEXPLAINED, *(words for words in (*TAGS.values(), *PARTS.values()) if " " in words)]
    assert [words for words in (*told, "null on one side", "the tolerance", "never null") if words in script] == []


def test_columns_stand_in_the_order_of_how_much_of_them_changed() -> None:
    columns = tuple(ValueDiff(name=name, changed=count) for name, count in {"a": 1, "b": 3, "c": 3}.items())
    (node,) = data_of(make_report(make_node("a", data=DataDiff(status="different", columns=columns))))["nodes"]
    assert [column["name"] for column in node["data"]["columns"]] == ["b", "c", "a"]


def test_a_node_without_data_has_none() -> None:
    assert data_of(make_report(make_node("a")))["nodes"][0]["data"] is None


@each(
    ("base", "shown"),
    [(None, None), (make_row(b=2**53 + 1, a=None, c=1.0, d=""), VALUES)],
)
def test_values_of_rows_are_texts(base: Any, shown: Any) -> None:
    sample = Sample(key=make_row(id=7), base=base, head=make_row())
    node = make_node("a", data=DataDiff(status="different", samples=(sample,)))

    (told,) = data_of(make_report(node))["nodes"][0]["data"]["samples"]
    kind = "changed" if base else "added"
    assert {"kind": kind, "key": [["id", "7"]], "base": shown, "head": []} == told
