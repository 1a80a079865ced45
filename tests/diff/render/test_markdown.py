"""A comparison as Markdown, read again as GitHub would read it."""

import re
from itertools import pairwise
from typing import Any

from hypothesis import given
from markdown_it.token import Token

from base.test_markdown import MARKDOWN
from cases import each
from dot.diff.render.markdown import LIMIT, render_markdown
from dot.diff.render.words import is_affected, is_changed_above_only, render_counts, select_relations, sort_nodes
from dot.diff.report import CodeChange, DataDiff, DiffReport, Sample, SchemaDiff, ValueDiff
from examples.reports import (
    BASE,
    HEAD,
    LIVE,
    REPORTS,
    demo_report,
    hostile_report,
    make_change,
    make_node,
    make_report,
    make_row,
    synthetic_report,
    wordy_report,
)

BLOCKS = {"heading", "paragraph", "inline", "html_block", "table", "thead", "tbody", "tr", "th", "td", "fence"}
LISTS = {"bullet_list", "list_item", "blockquote"}
INLINE = {"text", "code_inline", "html_inline", "strong_open", "strong_close", "em_open", "em_close", "softbreak"}
OWN_TAGS = re.compile(r"<!-- dot diff -->|</?(?:details|summary|code)>")


def parse(report: DiffReport) -> list[Token]:
    return MARKDOWN.parse(render_markdown(report))


def tables_of(tokens: list[Token]) -> list[list[list[str]]]:
    """The cells of each row of each table, as they are written, without the header."""
    tables: list[list[list[str]]] = []
    for before, token in pairwise(tokens):
        if token.type == "tbody_open":
            tables.append([])
        elif before.type == "tr_open" and token.type == "td_open":
            tables[-1].append([])
        if before.type == "td_open":
            tables[-1][-1].append(token.content)
    return tables


def rows_of(report: DiffReport) -> list[list[str]]:
    return tables_of(parse(report))[0]


def left_out(text: str) -> str:
    return match[1] if (match := re.search(r"\n_Left out, .*?: (.*)\. `dot diff", text)) else ""


# -- for every report ----------------------------------------------------------------------------------------------


@given(REPORTS)
def test_a_comment_is_never_too_long(report: DiffReport) -> None:
    assert len(render_markdown(report)) < LIMIT


@given(REPORTS)
def test_a_comment_begins_with_the_line_that_it_is_found_by(report: DiffReport) -> None:
    assert render_markdown(report).startswith("<!-- dot diff -->\n### ")


@given(REPORTS)
def test_every_affected_node_has_a_row_of_five_cells(report: DiffReport) -> None:
    relations = [node for node in select_relations(report).nodes if is_affected(node)]
    quiet = sum(map(is_changed_above_only, relations))
    tables = tables_of(parse(report))

    assert [len(relations) - quiet] * (quiet < len(relations)) == [
        len(table) for table in tables[: quiet < len(relations)]
    ]
    assert all(len(row) == 5 for table in tables for row in table)


@given(REPORTS)
def test_a_report_makes_nothing_but_what_dot_means(report: DiffReport) -> None:
    tokens = parse(report)
    children = [child for token in tokens for child in token.children or ()]
    pieces = [token.content for token in tokens if token.type == "html_block"]
    pieces += [child.content for child in children if child.type == "html_inline"]

    assert {token.type.removesuffix("_open").removesuffix("_close") for token in tokens} <= BLOCKS | LISTS
    assert {child.type for child in children} <= INLINE
    assert not [piece for piece in pieces if "<" in OWN_TAGS.sub("", piece)]


@given(REPORTS)
def test_whatever_is_unfolded_is_folded_again(report: DiffReport) -> None:
    html = "".join(token.content for token in parse(report) if token.type == "html_block")
    assert html.count("<details>") == html.count("</details>") == html.count("<summary>")


@given(REPORTS)
def test_a_comment_can_be_written_as_utf_8(report: DiffReport) -> None:
    text = render_markdown(report)
    assert text.encode().decode() == text


# -- one report ----------------------------------------------------------------------------------------------------


def test_the_beginning_of_a_comment() -> None:
    assert render_markdown(demo_report()).split("\n")[:15] == [
        "<!-- dot diff -->",
        "### `dev@main` → `dev@feature/net-revenue`",
        "",
        f"`af8132b` {BASE.subject} → `0671003` {HEAD.subject}",
        "",
        "Base: never built · no test results. Head: never built · no test results.",
        "",
        f"**11 of 43 models affected**: {render_counts(demo_report())} · 4.1 s",
        "",
        "Affected, too: new test assert_refunds_stay_within_revenue",
        "",
        "> **Unexplained:** `craft_usage` differs although nothing above it changed: its SQL uses current_timestamp",
        "",
        "| Name | Code | Rows | Columns | Values |",
        "| :-- | :-- | --: | :-- | :-- |",
    ]
    assert rows_of(demo_report())[0] == [
        *("`daily_revenue`", "changed", "36 → 30", "+ refunded, net_revenue"),
        "6 removed · revenue: 9 changed (30.0 %) · rentals: 3 changed (10.0 %)",
    ]


def test_rows_stand_in_the_order_of_the_report_and_those_with_the_same_data_are_folded() -> None:
    report = demo_report()
    nodes = [node for node in sort_nodes(select_relations(report)) if is_affected(node)]
    table, folded, *_ = tables_of(parse(report))

    assert [f"`{node.name}`" for node in nodes if node.name != "pier_ranking"] == [row[0] for row in table]
    assert folded == [["`pier_ranking`", "parent", "12 → 12", "=", "="]]
    assert "<summary>1 model changed through a parent, with the same data</summary>" in render_markdown(report)


def test_where_everything_is_folded_there_is_no_empty_table() -> None:
    quiet = make_node("a", code="parent", data=DataDiff(status="equal"))
    assert tables_of(parse(make_report(quiet))) == [[["`a`", "parent", "", "", "="]]]


def test_a_report_in_which_nothing_differs() -> None:
    lines = render_markdown(make_report(unchanged=42)).splitlines()
    assert lines[-1] == "**0 of 42 models affected** · 4.1 s"


def test_a_live_build_is_the_working_tree() -> None:
    text = render_markdown(make_report().model_copy(update={"head": LIVE}))

    assert "### `dev@main` → `dev`" in text
    assert text.splitlines()[3].endswith("→ working tree")


def test_what_is_unfolded_about_a_node() -> None:
    node = next(node for node in demo_report().nodes if node.name == "fct_rentals")
    text = render_markdown(make_report(node)).partition("<details>")[2]

    assert [line for line in text.splitlines() if line][:22] == [
        "<summary><code>fct&#95;rentals</code> changed</summary>",
        "`models/marts/fct_rentals.sql`",
        "- column added: `net_revenue` decimal(18,2)",
        "- column removed: `charged` decimal(18,2)",
        "- type changed: `hours_booked` double → decimal(6,2)",
        "- column `revenue`: may be null → never null",
        "- the columns stand in another order",
        "- key: `rental_id`, from a test of uniqueness",
        "- `revenue`: 11 changed (28.9 %), 2 with null on one side",
        "- `refunded`: 6 changed (15.8 %)",
        "- `hours_booked`: 1 changed (2.6 %), 37 more within the tolerance",
        "<details>",
        "<summary>Sample rows</summary>",
        "| Key | Row | Column | base | head |",
        "| :-- | :-- | :-- | :-- | :-- |",
        "| `rental_id=2012` | changed | `refunded` | `168.0` | `84.0` |",
        "| `rental_id=2012` | changed | `revenue` | `-84.0` | `84.0` |",
        "| `rental_id=2004` | changed | `revenue` | `0.0` | `44.0` |",
        "| `rental_id=2031` | changed | `revenue` | _null_ | `0.0` |",
        "</details>",
        "**SQL**: 2 lines added, 2 removed",
        "```diff",
    ]


def test_a_row_that_one_side_alone_has() -> None:
    samples = (
        Sample(key=make_row(id=1), base=None, head=make_row(a="")),
        Sample(key=make_row(id=2), base=make_row(a=2), head=None),
        Sample(key=make_row(), base=make_row(a=3), head=None),
    )
    node = make_node("a", data=DataDiff(status="different", samples=samples))

    assert tables_of(parse(make_report(node)))[1] == [
        ["`id=1`", "added", "`a`", "", "_empty_"],
        ["`id=2`", "removed", "`a`", "`2`", ""],
        ["`row 3`", "removed", "`a`", "`3`", ""],
    ]


def test_no_values_are_shown_without_samples() -> None:
    nodes = tuple(
        node.model_copy(update={"data": node.data and node.data.model_copy(update={"samples": ()})})
        for node in demo_report().nodes
    )
    assert "Sample rows" not in render_markdown(make_report(*nodes))


@each(
    ("fields", "line"),
    [
        ({"renamed_from": "old", "columns": SchemaDiff(is_reordered=True)}, "- was `old`"),
        ({"data": DataDiff(status="failed", message="no such table")}, "- note: no such table"),
        ({"data": DataDiff(status="equal", message="x", key=("a", "b"))}, "- key: `a, b`"),
        (
            {"data": DataDiff(status="equal", message="x", duplicates=(1, 2))},
            "- 1 key in base and 2 in head stand more than once, and are not used",
        ),
        (
            {"data": DataDiff(status="different", columns=(ValueDiff(name="a", changed=3),))},
            "- `a`: 3 changed",
        ),
        (
            {"data": DataDiff(status="different", columns=(ValueDiff(name="a", changed=3),))},
            "- no key tells rows apart, so a changed row counts as one removed and one added",
        ),
        ({"changes": (CodeChange(part="macro", summary="`cents` changed", diff=""),)}, "**Macro**: "),
    ],
)
def test_a_fact_about_a_node(fields: dict[str, Any], line: str) -> None:
    assert line in "\n".join(
        f"{text}\n" for text in render_markdown(make_report(make_node("a", **fields))).splitlines()
    )


@each("fields", [{}, {"columns": SchemaDiff()}, {"data": DataDiff(status="equal")}])
def test_nothing_is_unfolded_where_the_row_says_all(fields: dict[str, Any]) -> None:
    assert "<details>" not in render_markdown(make_report(make_node("a", **fields)))


def test_a_few_unexplained_differences_are_told_and_the_others_counted() -> None:
    nodes = tuple(make_node(f"a{number}", code="same", unexplained="chance") for number in range(7))
    quoted = [line for line in render_markdown(make_report(*nodes)).splitlines() if line.startswith(">")]

    assert len(quoted) == 6
    assert quoted[-1] == "> … and 2 more"


# -- what does not fit ---------------------------------------------------------------------------------------------


@each("report", [demo_report(), hostile_report(), wordy_report()])
def test_what_fits_is_there(report: DiffReport) -> None:
    assert left_out(render_markdown(report)) == ""


def make_large(*, nodes: int, lines: int) -> DiffReport:
    change = make_change("", "x\n" * lines, "much")
    return make_report(*(make_node(f"a{number:05}", changes=(change,)) for number in range(nodes)))


def test_code_is_left_out_first() -> None:
    text = render_markdown(make_large(nodes=2, lines=12_000))

    assert left_out(text) == "1 code diff"
    assert (text.count("<summary>"), text.count("```diff")) == (2, 1)


def test_a_small_piece_of_code_after_one_that_is_too_large_is_there() -> None:
    large = make_node("a", changes=(make_change("", "x\n" * 40_000, "much"),))
    text = render_markdown(make_report(large, make_node("b", changes=(make_change("1\n", "2\n", "little"),))))

    assert left_out(text) == "1 code diff"
    assert "+2" in text


def test_details_are_left_out_then() -> None:
    text = render_markdown(make_large(nodes=500, lines=1))
    rows = len(rows_of(make_large(nodes=500, lines=1)))

    assert rows == 500
    assert re.fullmatch(r"\d+ details, (499|500) code diffs", left_out(text))
    assert 0 < text.count("<summary>") < 500


def test_rows_are_left_out_last() -> None:
    report = make_large(nodes=3_000, lines=1)
    text = render_markdown(report)

    assert "<summary>" not in text
    assert left_out(text) == f"{3_000 - len(rows_of(report)):,} rows, 3,000 details, 3,000 code diffs"


def test_two_tables_that_are_full_leave_room_for_their_headings_and_for_the_note() -> None:
    quiet = [make_node(f"q{number}", code="parent", data=DataDiff(status="equal")) for number in range(3_000)]
    loud = [make_node(f"l{number}", changes=(make_change("a", "b" * 80, "x"),)) for number in range(40)]
    text = render_markdown(make_report(*loud, *quiet))

    assert tuple(left_out(text).split(", ")[-2:]) == ("40 details", "40 code diffs")
    assert len(text) < LIMIT


def test_a_large_report_is_short_enough() -> None:
    assert LIMIT - 1_000 < len(render_markdown(synthetic_report(2_000))) < LIMIT


def test_exposures_are_named_above_the_table_with_their_owners() -> None:
    ids = [f"exposure.s.e{number}" for number in range(12)]
    read = {"resource_type": "exposure", "parents": ("model.tideline.a",), "owner": "Ada"}
    boards = [make_node(f"Board {one[-1]}", "parent", unique_id=one, **read) for one in ids]
    text = render_markdown(make_report(make_node("a"), *boards))

    assert "**12 exposures reached**\n\n- Board 0, through a, owner Ada\n" in text
    assert "\n- … and 2 more\n" in text
