"""Edits of the user's files: lines are added in the file's own style, and shown as a unified diff."""

from pathlib import PurePath

from hypothesis import given
from hypothesis import strategies as st

from cases import each
from dot.base.file_edit import File, add_lines, newline_of, put_on_top, render_diff

LINES = st.lists(st.text("ab #*/!", max_size=5), max_size=4)


@each(
    ("text", "newline"),
    [
        ("", "\n"),
        ("a", "\n"),
        ("a\nb\r\n", "\n"),
        ("a\r\nb\n", "\r\n"),
        ("\r\n", "\r\n"),
        ("\n\r\n", "\n"),
        ("\r", "\n"),
    ],
)
def test_lines_end_as_the_first_one_does(text: str, newline: str) -> None:
    assert newline_of(text) == newline


@each(
    ("text", "expected"),
    [
        ("", "x\ny\n"),
        ("a\n", "a\nx\ny\n"),
        ("a", "a\nx\ny\n"),
        ("a\r\nb\r\n", "a\r\nb\r\nx\r\ny\r\n"),
        ("a\r\nb", "a\r\nb\r\nx\r\ny\r\n"),
        ("a\n\n", "a\n\nx\ny\n"),
    ],
)
def test_lines_are_added_at_the_end(text: str, expected: str) -> None:
    assert add_lines(text, ("x", "y")) == expected


@given(LINES, st.sampled_from(("\n", "\r\n")), st.booleans())
def test_what_stands_in_the_file_stays(lines: list[str], newline: str, is_ended: bool) -> None:  # noqa: FBT001
    text = newline.join(lines) + (newline if is_ended else "")
    assert add_lines(text, ("x",)).startswith(text)
    assert put_on_top(text, "x").endswith(text)
    assert [*text.splitlines(), "x"] == add_lines(text, ("x",)).splitlines()
    assert ["x", *text.splitlines()] == put_on_top(text, "x").splitlines()


def test_a_byte_order_mark_stays_in_front() -> None:
    assert put_on_top("\ufeffa: 1\r\n", "x") == "\ufeffx\r\na: 1\r\n"


def test_a_diff_says_what_is_added_to_which_file() -> None:
    file = File(path=PurePath("/srv/shop/.gitignore"), name="shop/.gitignore", text="a\r\nb")
    expected = "--- shop/.gitignore\n+++ shop/.gitignore\n@@ -1,2 +1,3 @@\n a\n b\n+x"
    assert render_diff(file.edit(add_lines("a\r\nb", ("x",)))) == expected


@each(("text", "old"), [(None, "/dev/null"), ("", ".gitignore")])
def test_a_diff_of_a_file_that_holds_nothing_is_all_new(text: str | None, old: str) -> None:
    file = File(path=PurePath(".gitignore"), name=".gitignore", text=text)
    assert render_diff(file.edit("x\ny\n")) == f"--- {old}\n+++ .gitignore\n@@ -0,0 +1,2 @@\n+x\n+y"
