"""A comparison as one HTML file: what is in it. tests/diff/render/test_page.py has what a browser makes of it."""

import base64
import hashlib
import json
from typing import Any

import pytest
from hypothesis import given

from dot.diff.render.html import Template, render_html
from dot.diff.report import DataDiff, DiffReport, Sample, ValueDiff
from examples.reports import REPORTS, demo_report, hostile_report, make_node, make_report, make_row

TEMPLATE = Template(page="$policy\n$style\n$script\n$data", style="p { }", script="let $ = 1")


def data_of(report: DiffReport) -> Any:
    return json.loads(render_html(report, TEMPLATE).split("\n")[-1])


@given(REPORTS)
def test_no_report_can_end_the_element_that_it_stands_in(report: DiffReport) -> None:
    policy, style, script, data = render_html(report, TEMPLATE).split("\n")

    assert ("p { }", "let $ = 1") == (style, script)
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

    assert [
        "default-src 'none'",
        f"style-src {source('p { }')}",
        f"script-src {source('let $ = 1')}",
        "img-src data:",
        "base-uri 'none'",
        "form-action 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    ] == render_html(make_report(), TEMPLATE).split("\n")[0].split("; ")


def test_what_the_page_says_above_the_picture() -> None:
    data = data_of(demo_report())

    assert "11 of 43 models affected · 4.1 s" == data["summary"]
    assert {"tag": "parent", "label": "through a parent", "count": 3} in data["tags"]
    assert ("dev@main", "0671003", 32) == (data["base"]["address"], data["head"]["short_hash"], data["unchanged"])


def test_what_the_page_says_about_a_node() -> None:
    (node,) = [node for node in data_of(demo_report())["nodes"] if node["name"] == "daily_revenue"]

    assert ["changed", "different"] == node["tags"]
    assert {
        "code": "changed",
        "rows": "36 → 30",
        "columns": "+ refunded, net_revenue",
        "values": "6 removed · revenue: 9 changed (30.0 %) · rentals: 3 changed (10.0 %)",
    } == node["words"]
    assert 30 == node["data"]["common"]
    assert ["30.0 %", "10.0 %"] == [column["share"] for column in node["data"]["columns"]]


def test_columns_stand_in_the_order_of_how_much_of_them_changed() -> None:
    columns = tuple(ValueDiff(name=name, changed=count) for name, count in {"a": 1, "b": 3, "c": 3}.items())
    (node,) = data_of(make_report(make_node("a", data=DataDiff(status="different", columns=columns))))["nodes"]
    assert ["b", "c", "a"] == [column["name"] for column in node["data"]["columns"]]


def test_a_node_without_data_has_none() -> None:
    assert data_of(make_report(make_node("a")))["nodes"][0]["data"] is None


@pytest.mark.parametrize(
    ("base", "shown"),
    [(None, None), (make_row(b=2**53 + 1, a=None, c=1.0), [["a", None], ["b", str(2**53 + 1)], ["c", "1.0"]])],
)
def test_values_of_rows_are_texts(base: Any, shown: Any) -> None:
    sample = Sample(key=make_row(id=7), base=base, head=make_row())
    node = make_node("a", data=DataDiff(status="different", samples=(sample,)))

    assert {"key": [["id", "7"]], "base": shown, "head": []} == data_of(make_report(node))["nodes"][0]["data"][
        "samples"
    ][0]
