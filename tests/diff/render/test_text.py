"""A comparison as the terminal shows it."""

from datetime import UTC, datetime
from typing import Any

from hypothesis import given

from cases import each
from dot.base.frozen import FrozenMapping
from dot.diff.render.text import HEADERS, notes, rows, samples, summary, title
from dot.diff.report import DataDiff, DiffReport, NodeDiff, Sample, SchemaDiff
from examples.reports import (
    BASE,
    HEAD,
    LIVE,
    REPORTS,
    demo_report,
    make_change,
    make_columns,
    make_node,
    make_report,
    make_row,
)

MISSING = DataDiff(status="missing", message="its relation is not there in head", rows_base=3)


def noted(*nodes: NodeDiff, **given: Any) -> list[str]:
    return list(notes(make_report(*nodes, **given)))


NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
TESTED = {"typed": "dev@af8132b", "built_at": "2026-11-20T10:00:00Z", "tests": FrozenMapping({"pass": 24})}


def test_both_sides_are_named_as_they_were_typed_and_when_they_were_built() -> None:
    base = BASE.model_copy(update=TESTED)
    found = make_report().model_copy(update={"base": base, "head": LIVE})
    assert (
        title(found, NOW)
        == f'dev@af8132b "{BASE.subject}"\n    built 2 hours ago · 24 tests passed\n  → dev\n    working tree'
    )
    assert f'\n  → dev@feature/net-revenue is 0671003 "{HEAD.subject}"\n    never built · no test results' in title(
        make_report(), NOW
    )


def test_the_summary_says_how_much_is_affected_and_how_long_it_took() -> None:
    assert summary(demo_report()) == "11 of 43 models affected · 4.1 s"


def test_there_is_a_row_for_each_model() -> None:
    changes = (make_change("a", "b", "y", "configuration"), make_change("a", "b", "z", "macro"))
    data = DataDiff(status="different", rows_base=730, rows_head=731, added=1, removed=0, key=("id",))
    found = make_report(
        make_node("by_parent", code="parent", columns=SchemaDiff(), data=data),
        make_node("by_hand", changes=changes, columns=SchemaDiff(added=make_columns("net"))),
        make_node("by_hand_too", changes=(make_change("a", "b", "x"), *changes)),
        make_node("chance", code="same"),
        make_node("test_of_it", resource_type="test"),
    )

    assert rows(found) == [
        ("by_hand", "changed (configuration, macro)", "", "+ net", ""),
        ("by_hand_too", "changed", "", "", ""),
        ("by_parent", "parent", "730 → 731", "=", "1 added"),
        ("chance", "=", "", "", ""),
    ]


def test_of_too_many_rows_those_are_left_out_about_which_the_warehouse_has_nothing_to_tell() -> None:
    equal = DataDiff(status="equal")
    quiet = [make_node(name, code="parent", data=equal) for name in "ac"]
    found = make_report(*quiet, make_node("b", data=equal), make_node("d", code="added"))

    assert [row[0] for row in rows(found, 2)] == ["b", "d"]
    assert [row[0] for row in rows(found, 3)] == ["b", "a", "d"]
    assert [row[0] for row in rows(found)] == ["b", "a", "c", "d"]


def test_what_differs_without_a_reason_is_told_first() -> None:
    found = noted(make_node("b", data=MISSING), make_node("a", code="same", unexplained="uses random()"))
    assert found[0] == "unexplained: a differs although nothing above it changed (uses random())"


@each(
    ("code", "data", "expected"),
    [
        ("changed", MISSING, ["its relation is not there in head: a"]),
        ("same", MISSING, ["its relation is not there in head: a"]),
        ("added", MISSING, ["its relation is not there in head: a"]),
        ("added", DataDiff(status="missing"), []),
        ("added", DataDiff(status="failed", message="permission denied"), ["a: permission denied"]),
        ("changed", DataDiff(status="different"), []),
        ("changed", None, []),
    ],
)
def test_what_the_warehouse_said_is_told_unless_it_goes_without_saying(
    code: Any, data: DataDiff | None, expected: list[str]
) -> None:
    assert noted(make_node("a", code=code, data=data)) == expected


@each(
    ("message", "expected"),
    [
        ("one\ntwo", "one"),
        ("Encountered an error while running operation: Database Error\n  permission denied\n", "permission denied"),
        ("Database Error", "Database Error"),
        ("Encountered an error:\nRuntime Error\n  it is gone", "it is gone"),
        ("Encountered an error:\nRuntime Error", "Encountered an error:"),
        ("\n \n", "\n \n"),
    ],
)
def test_of_many_lines_the_first_that_says_something_is_told(message: str, expected: str) -> None:
    assert noted(make_node("a", data=DataDiff(status="failed", message=message))) == [f"a: {expected}"]


def test_no_more_is_told_than_fits_a_screen() -> None:
    failed = DataDiff(status="failed", message="permission denied")
    found = noted(*(make_node(f"m{number:02}", data=failed, unexplained="x") for number in range(12)))
    more = "and 7 more such notes, see `--html FILE` or `--json`"
    told = "unexplained: m04 differs although nothing above it changed (x)"
    assert (found[4:6], found[10:], len(found)) == ([told, more], ["m04: permission denied", more], 12)


def test_what_has_no_rows_of_its_own_is_named() -> None:
    tests = [make_node(f"t{number}", unique_id=f"test.shop.t{number}", resource_type="test") for number in range(5)]
    assert noted(*tests) == ["affected, too: 5 changed tests"]
    assert noted(make_node("raw.orders", resource_type="source")) == ["affected, too: changed source raw.orders"]


def test_what_there_was_no_time_for_is_named() -> None:
    assert noted(not_compared=("a", "b")) == ["no time was left for 2: a, b"]
    assert noted(not_compared=("a", "b", "c", "d")) == ["no time was left for 4: a, b, c and 1 more"]


def test_what_is_not_there_is_told_together() -> None:
    nodes = [make_node(name, data=MISSING) for name in "abcde"]
    assert noted(*nodes) == ["its relation is not there in head: a, b, c and 2 more"]


def test_rows_that_differ_are_shown_below_their_model() -> None:
    rows = (
        Sample(key=make_row(id="1"), base=make_row(v="a\n\x1b[31m\u202eé\ud800"), head=make_row(v=None)),
        Sample(key=make_row(id="2"), base=make_row(n="1"), head=None),
        Sample(key=make_row(id=None), base=None, head=make_row(n="y" * 61)),
        Sample(key=make_row(), base=make_row(id="1", n=""), head=None),
        Sample(key=make_row(id="3"), base=None, head=make_row()),
    )
    found = make_report(
        make_node("quiet", data=DataDiff(status="different")),
        make_node("shown", data=DataDiff(status="different", samples=rows)),
    )

    assert list(samples(found)) == [
        "shown",
        r"  id=1 v: a\n\x1b[31m\u202eé\ud800 → null",
        "  id=2 removed (n=1)",
        f"  id=null added (n={'y' * 59}…)",
        "  removed (id=1, n=)",
        "  id=3 added",
    ]


@given(REPORTS)
def test_every_report_can_be_shown(report: DiffReport) -> None:
    assert all(len(row) == len(HEADERS) for row in rows(report))
    assert all(isinstance(line, str) for line in (*notes(report), *samples(report)))


def test_exposures_are_told_with_their_owners_those_whose_data_may_differ_first() -> None:
    def exposure(name: str, *parents: str, **given: Any) -> NodeDiff:
        ids = tuple(f"model.tideline.{parent}" for parent in parents)
        return make_node(name, "parent", resource_type="exposure", unique_id=f"exposure.s.{name}", parents=ids, **given)

    found = make_report(
        make_node("a"),
        make_node("quiet", "parent", columns=SchemaDiff(), data=DataDiff(status="equal")),
        exposure("Again", "quiet"),
        exposure("Board", "a", "quiet", owner="Ada <ada@example.com>"),
        make_node("New", "added", resource_type="exposure", unique_id="exposure.s.New"),
    )
    assert list(notes(found)) == [
        "reaches the exposure Board, through a, quiet, owner Ada <ada@example.com>",
        "reaches the exposure Again, through quiet, owner unknown",
        "reaches the exposure New, new, owner unknown",
    ]
