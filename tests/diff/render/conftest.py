"""A real browser. Where there is none the test is skipped, but for CI, where that is a failure."""

import os
import shutil
from collections.abc import Callable, Generator
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pytest

from dot.diff.render.find_template import read_template
from dot.diff.render.html import render_html
from dot.diff.report import DiffReport

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "chrome")
FLAWS = """
(() => {
  const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  const mix = (colours) => {
    canvas.clearRect(0, 0, 1, 1);
    for (const colour of colours) { canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1); }
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const light = (rgb) => rgb.slice(0, 3).map((part) => part / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
    .reduce((sum, part, i) => sum + part * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = (element) => {
    const box = element.closest(".node")?.querySelector(".box");
    const layers = box ? [getComputedStyle(box).fill] : [];
    for (let at = element; at; at = at.parentElement) layers.unshift(getComputedStyle(at).backgroundColor);
    return layers;
  };
  const flaws = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let text = walker.nextNode(); text; text = walker.nextNode()) {
    const element = text.parentElement;
    const isShown = text.data.trim() && element.checkVisibility() && !["SCRIPT", "title"].includes(element.tagName);
    if (!isShown) continue;
    const style = getComputedStyle(element), back = behind(element);
    const colour = element.namespaceURI.endsWith("svg") ? style.fill : style.color;
    const [one, other] = [light(mix(back)), light(mix([...back, colour]))].sort((a, b) => b - a);
    if ((one + 0.05) / (other + 0.05) < 4.5) flaws.push(`${text.data}: ${(one + 0.05) / (other + 0.05)}`);
  }
  return flaws;
})()
"""
"""Texts that stand out from what is behind them by less than 4.5 : 1 (WCAG AA)."""


@pytest.fixture(scope="session")
def browser() -> "Generator[Browser]":
    """Chromium, without a window."""
    program = next((found for name in CHROMIUM if (found := shutil.which(name))), None)
    if not program or not find_spec("playwright"):
        if os.environ.get("CI"):
            pytest.fail("Chromium or Playwright is not installed")
        pytest.skip("Chromium or Playwright is not installed")
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - slow to import, and it may be missing

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def show(browser: "Browser", tmp_path: Path) -> Generator[Callable[..., "Page"]]:
    """A report in a browser, as a file. At the end nothing has gone wrong in it, and it has asked for nothing."""
    problems: list[str] = []
    contexts = []

    def show(report: DiffReport, *, width: int = 1440, scheme: Literal["light", "dark"] = "light") -> "Page":
        file = tmp_path / "report.html"
        file.write_text(render_html(report, read_template()), encoding="utf-8", newline="\n")
        context = browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme=scheme, reduced_motion="reduce"
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(5_000)
        page.on("console", lambda message: problems.append(f"console: {message.text}"))
        page.on("pageerror", lambda error: problems.append(f"error: {error}"))
        page.on("dialog", lambda dialog: problems.append(f"dialog: {dialog.message}"))
        page.on("request", lambda request: problems.append(f"request: {request.url}"))
        page.goto(file.as_uri())
        assert problems == [f"request: {file.as_uri()}"]
        problems.clear()
        return page

    yield show
    for context in contexts:
        context.close()
    assert problems == []


@pytest.fixture
def faint_texts() -> Callable[["Page"], list[str]]:
    """The texts on a page that cannot be read well."""
    return lambda page: page.evaluate(FLAWS)
