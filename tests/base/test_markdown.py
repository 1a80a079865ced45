"""Texts that somebody else wrote, as Markdown."""

import html
import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from cases import each
from dot.base.markdown import render_code, render_fence, render_html_code, render_text
from examples.reports import HOSTILE, TEXTS

MARKDOWN = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
MOST = 40
Render = Callable[[str, int], str]
NASTY = TEXTS | st.text("`|\\_*<>@#[]():!~ \n\ta.w&;\u202e", max_size=30)


def shown(text: str) -> str:
    """The text as a reader has to see it: on one line, cut, without control characters and what turns the direction."""
    unseen = "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
    line = " ".join(re.sub(unseen, "\ufffd", " ".join(text.split())).split())
    return line if len(line) <= MOST else line[: MOST - 1] + "…"


def cell_of(markdown: str) -> str:
    """What a table's only cell says, as a browser shows it."""
    tokens = MARKDOWN.parse(f"| x |\n| - |\n| {markdown} |\n")
    assert sum(token.type == "td_open" for token in tokens) == 1
    assert [tokens[0].type, tokens[-1].type] == ["table_open", "table_close"]
    page = MARKDOWN.render(f"| x |\n| - |\n| {markdown} |\n")
    return html.unescape(re.sub("<[^>]*>", "", page.split("<td>")[1].split("</td>")[0]))


@given(NASTY)
@pytest.mark.parametrize("render", [render_code, render_html_code, render_text])
def test_a_text_in_a_table_is_shown_as_it_is(render: Render, text: str) -> None:
    seen = cell_of(render(text, MOST))
    assert shown(text) == ("" if seen == "–" and not shown(text) else seen)


@given(NASTY)
@pytest.mark.parametrize("render", [render_code, render_html_code, render_text])
def test_a_text_makes_nothing_but_code(render: Render, text: str) -> None:
    page = MARKDOWN.render(f"text: {render(text, MOST)}")
    assert set(re.findall("<[^>]*>", page)) <= {"<p>", "</p>", "<code>", "</code>"}


@pytest.mark.parametrize("render", [render_code, render_html_code, render_text])
@pytest.mark.parametrize("text", ["@everyone", "a #12", "see http://example.com", "www.example.com", ":tada:", "a@b.c"])
def test_what_github_looks_for_after_rendering_stands_in_code(render: Render, text: str) -> None:
    assert re.search(r"<code>.*</code>|^`.*`$", render(text, MOST))


@each("text", ["36 → 30", "net: 1,009 changed (1.0 %)", "+ a · − b", "< 0.1 %", "decimal(6,2)", "a_b"])
def test_what_dot_says_stays_as_it_is(text: str) -> None:
    assert render_text(text, MOST) == text


@each(
    ("text", "code"),
    [
        ("stg_refunds", "`stg_refunds`"),
        ("<b>", "`<b>`"),
        ("a|b", "<code>a&#124;b</code>"),
        ("", "–"),
        (" \n", "–"),
        ("x" * 41, f"`{'x' * 39}…`"),
        ("x" * 40, f"`{'x' * 40}`"),
    ],
)
def test_a_name_is_code(text: str, code: str) -> None:
    assert render_code(text, MOST) == code


@given(
    st.lists(NASTY | st.sampled_from(["```", "````", "~~~", "</details>", "    x", "- y"]), min_size=1).map("\n".join)
)
def test_no_line_ends_the_fence_around_it(text: str) -> None:
    tokens = MARKDOWN.parse(render_fence(text, "diff"))

    assert [(token.type, token.info) for token in tokens] == [("fence", "diff")]
    assert len(re.split("\r\n?|\n", text.rstrip("\r\n"))) == len(tokens[0].content.removesuffix("\n").split("\n"))


def test_the_hostile_texts_are_code_at_most() -> None:
    assert all(render_text(text, 200).startswith(("`", "<code>", r"\_\_proto")) for text in HOSTILE)
