"""What a browser makes of a comparison."""

from collections.abc import Callable
from typing import Any

import pytest

from dot.diff.report import DataDiff
from examples.reports import (
    demo_report,
    hostile_report,
    make_node,
    make_report,
    synthetic_report,
    wordy_report,
)

pytestmark = pytest.mark.e2e

Show = Callable[..., Any]


def names(page: Any, selector: str) -> list[str]:
    """The names of the nodes that match, in the picture."""
    return page.eval_on_selector_all(selector, "nodes => nodes.map((node) => node.querySelector('title').textContent)")


def focused(page: Any) -> str:
    return page.evaluate("document.activeElement.querySelector('title')?.textContent ?? document.activeElement.id")


def listed(page: Any) -> list[str]:
    return page.locator("#rows tr:not([hidden]) .link").all_inner_texts()


def test_all_nodes_are_in_the_picture_and_in_the_list(show: Show) -> None:
    page = show(demo_report())
    expected = sorted(node.name for node in demo_report().nodes)

    assert page.title() == "dev@main → dev@feature/net-revenue · dot diff"
    assert sorted(names(page, ".node")) == expected
    assert sorted(listed(page)) == expected
    assert sum(len(node.parents) for node in demo_report().nodes) == page.locator(".edges path").count()


def test_nodes_stand_to_the_right_of_what_they_read_and_never_on_each_other(show: Show) -> None:
    report = demo_report()
    page = show(report)
    boxes = dict(
        zip(names(page, ".node"), (box.bounding_box() for box in page.locator(".node .box").all()), strict=True)
    )
    by_id = {node.unique_id: node.name for node in report.nodes}

    for node in report.nodes:
        for parent in node.parents:
            left = boxes[by_id[parent]]
            assert left["x"] + left["width"] < boxes[node.name]["x"]
    sides = [(box["x"], box["y"], box["x"] + box["width"], box["y"] + box["height"]) for box in boxes.values()]
    overlaps = [
        (one, other)
        for one in sides
        for other in sides
        if one < other and one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
    ]
    assert overlaps == []


def test_a_click_shows_everything_about_a_node_and_escape_closes_it(show: Show) -> None:
    page = show(demo_report())
    page.click(".node:has-text('fct_rentals')")
    text = page.inner_text("#details")

    for piece in (
        *("changed directly", "different data", "models/marts/fct_rentals.sql", "Key rental_id, from a test of"),
        *("11 changed · 28.9 %", "2 with null on one side", "37 more within the tolerance", "may be null → never null"),
        *("double → decimal(6,2)", "another order", "168.0", "null", "2 lines added, 2 removed", "Declared columns"),
    ):
        assert piece in text.replace("\n", " ")
    assert page.locator("h3:text-is('Reads') + div button").all_inner_texts() == ["stg_payments", "stg_customers"]
    assert page.locator("#details .diff").count() == 2
    assert page.url.endswith("#model.tideline.fct_rentals")
    assert names(page, ".node.open") == ["fct_rentals"]

    page.keyboard.press("Escape")
    assert page.locator("#details").is_hidden()
    assert names(page, ".node.open") == []
    assert "#" not in page.url


def test_everything_can_be_done_with_the_keyboard(show: Show) -> None:
    page = show(demo_report())
    page.focus(".node:has-text('stg_payments')")
    page.keyboard.press("ArrowRight")
    assert focused(page) == "fct_rentals"
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowDown")
    assert focused(page) == "stg_customers"
    page.keyboard.press("Enter")
    assert (page.inner_text("#details h2"), focused(page)) == ("stg_customers", "details-name")
    page.keyboard.press("Escape")
    assert focused(page) == "stg_customers"
    page.keyboard.press("/")
    assert focused(page) == "search"
    page.keyboard.type("refund_reasons")
    page.keyboard.press("Enter")
    assert page.inner_text("#details h2") == "refund_reasons"
    page.keyboard.press("Tab")
    page.keyboard.press("Shift+Tab")
    page.focus("#rows tr:not([hidden]) button")
    page.keyboard.press("Enter")
    assert page.inner_text("#details h2") == "refund_reasons"


def test_what_is_searched_and_filtered_stays_and_the_rest_fades(show: Show) -> None:
    page = show(demo_report())
    page.fill("#search", "LIFETIME_revenue")
    assert listed(page) == ["dim_customers"]
    assert names(page, ".node:not(.dim)") == ["dim_customers"]
    assert page.inner_text("#shown") == "1 of 13 nodes"
    page.press("#search", "Escape")
    assert len(listed(page)) == 13
    page.click("[data-tag=unexplained]")
    page.click("[data-tag=removed]")
    assert listed(page) == ["weekly_charges", "craft_usage"]
    page.click("[data-tag=removed]")
    assert listed(page) == ["craft_usage"]


def test_the_list_can_be_sorted(show: Show) -> None:
    page = show(demo_report())
    by_name = sorted(node.name for node in demo_report().nodes)

    page.click("[data-sort=name]")
    assert listed(page) == by_name
    page.click("[data-sort=name]")
    assert listed(page) == by_name[::-1]
    page.click("[data-sort=columns]")
    assert listed(page)[0] == "fct_refunds"
    assert page.eval_on_selector_all("thead th", "all => all.map((th) => th.ariaSort)") == [
        "none",
        "none",
        "none",
        "ascending",
        "none",
    ]


def test_it_can_be_moved_and_zoomed(show: Show) -> None:
    page = show(demo_report())
    node = page.locator(".node .box").first
    before = node.bounding_box()
    page.mouse.move(before["x"] + 20, before["y"] + 20)
    page.mouse.down()
    page.mouse.move(before["x"] + 120, before["y"] + 50, steps=4)
    page.mouse.up()
    page.wait_for_function(
        "x => document.querySelector('.node .box').getBoundingClientRect().x > x + 90", arg=before["x"]
    )
    assert page.locator("#details").is_hidden()
    page.click("[aria-label='Zoom in']")
    page.wait_for_function(
        "w => document.querySelector('.node .box').getBoundingClientRect().width > w", arg=before["width"] * 1.3
    )
    page.click("[aria-label=Fit]")
    page.wait_for_function(
        "x => Math.abs(document.querySelector('.node .box').getBoundingClientRect().x - x) < 1", arg=before["x"]
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_can_be_read_in_both_themes(
    show: Show, faint_texts: Callable[[Any], list[str]], scheme: str
) -> None:
    page = show(demo_report(), scheme=scheme)
    shown = page.evaluate("getComputedStyle(document.body).backgroundColor")
    for name in ("stg_payments", "fct_rentals", "fct_refunds", "weather_and_rentals", "refund_reasons", "craft_usage"):
        page.click(f"#rows tr:has(.link:text-is('{name}')) .link")
        assert faint_texts(page) == []
    page.keyboard.press("Escape")
    page.click("#theme")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != shown
    assert faint_texts(page) == []


def test_hostile_texts_are_shown_and_run_nothing(show: Show) -> None:
    report = hostile_report()
    page = show(report)
    for row in page.locator("#rows .link").all():
        row.click()

    assert page.evaluate("window.hacked === undefined && !document.querySelector('img, a, iframe')")
    assert len(report.nodes) == page.locator(".node").count()
    assert "<img src=x onerror='window.hacked = 1'>" in page.inner_text("#rows")


def test_five_hundred_nodes_can_be_used(show: Show) -> None:
    page = show(synthetic_report(500))
    assert page.locator(".node").count() == 500
    page.fill("#search", "model_0210")
    page.press("#search", "Enter")
    assert page.inner_text("#details h2").endswith("model_0210")
    assert page.locator(".node.open .name:not(.large)").is_visible()
    assert page.locator(".node.open .large").is_hidden()


@pytest.mark.parametrize(("width", "shown"), [(1440, [".name:not(.large)"]), (700, [".large"]), (400, [])])
def test_names_are_as_large_as_the_picture_has_room_for(show: Show, width: int, shown: list[str]) -> None:
    page = show(demo_report(), width=width)
    page.evaluate("new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))")
    names = [f".node:has-text('fct_rentals') {name}" for name in (".name:not(.large)", ".large")]
    assert [name.split()[-1] for name in names if page.locator(name).is_visible()] == shown


def test_what_has_no_rows_is_drawn_smaller_and_not_filled(show: Show) -> None:
    page = show(demo_report())
    boxes = [
        page.locator(f".node:has-text('{name}') .box") for name in ("assert_refunds", "fct_refunds", "pier_ranking")
    ]
    test, model, _ = (box.bounding_box() for box in boxes)
    filled = [box.evaluate("box => getComputedStyle(box).fill") for box in boxes]

    assert (model["width"], test["height"] < model["height"] / 2 + 1) == (test["width"], True)
    assert (filled[0] == filled[2], filled[1] == filled[2]) == (True, False)


def test_a_relation_that_should_be_there_is_missed_and_one_that_should_not_is_not(show: Show) -> None:
    missing = DataDiff(status="missing", message="its relation is not there in head", rows_base=3)
    added = DataDiff(status="missing", rows_head=2)
    page = show(make_report(make_node("lost", data=missing), make_node("fresh", code="added", data=added)))

    assert page.inner_text("[data-tag=missing]").replace("\n", " ") == "1 missing in the warehouse"
    page.click(".node:has-text('lost')")
    text = page.inner_text("#details").replace("\n", " ")
    assert "Missing its relation is not there in head" in text
    assert "3 in base" in text
    page.click(".node:has-text('fresh')")
    assert "issing" not in page.inner_text("#details")


@pytest.mark.parametrize(
    ("report", "nodes"), [(make_report(unchanged=42), 0), (make_report(make_node("a")), 1), (wordy_report(), 6)]
)
def test_odd_reports_fit_into_a_narrow_window(show: Show, report: Any, nodes: int) -> None:
    page = show(report, width=700)

    assert page.locator(".node").count() == nodes
    assert (nodes == 0) == page.get_by_text("Nothing differs").is_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_on_paper_the_whole_picture_and_the_list_are_shown_and_no_buttons(show: Show) -> None:
    page = show(demo_report(), scheme="dark")
    page.click("[aria-label='Zoom in']")
    page.emulate_media(media="print")
    page.wait_for_selector("#picture[viewBox]")
    frame = page.locator("#picture").bounding_box()
    boxes = [box.bounding_box() for box in page.locator(".node .box").all()]

    assert all(frame["x"] <= box["x"] and box["x"] + box["width"] <= frame["x"] + frame["width"] + 1 for box in boxes)
    assert all(frame["y"] <= box["y"] and box["y"] + box["height"] <= frame["y"] + frame["height"] + 1 for box in boxes)
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert not any(page.locator(selector).first.is_visible() for selector in ("#theme", "#search", ".controls"))


def test_a_link_to_a_node_opens_it(show: Show) -> None:
    page = show(demo_report())
    page.evaluate("location.hash = 'model.tideline.craft_usage'")
    page.wait_for_selector("#details h2")
    assert "its SQL uses current_timestamp" in page.inner_text("#details")
