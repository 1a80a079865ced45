"""Texts and settings side by side."""

from typing import Any

from cases import each
from dot.base.text_diff import count_lines, describe_change, diff_texts, render_count, render_setting, unify_line_ends


@each(
    ("base", "head", "expected"),
    [
        ("a", "a", ""),
        ("a\nb", "a\nc", "@@ -1,2 +1,2 @@\n a\n-b\n+c"),
        ("", "a\n", "@@ -0,0 +1 @@\n+a"),
        ("a\n", "", "@@ -1 +0,0 @@\n-a"),
        ("a\x0cb", "a\x0cc", "@@ -1 +1 @@\n-a\x0cb\n+a\x0cc"),
        ("a\n" * 2000, "b\n" * 2000, ""),
    ],
)
def test_diff_texts(base: str, head: str, expected: str) -> None:
    assert diff_texts(base, head) == expected


@each(
    ("diff", "expected"),
    [
        ("@@ -1 +1,2 @@\n-a\n+b\n+c", "2 lines added, 1 line removed"),
        ("@@ -1 +0,0 @@\n--- a comment", "1 line removed"),
        ("@@ -0,0 +1,1204 @@\n" + "+a\n" * 1_204, "1,204 lines added"),
        ("", "changed"),
    ],
)
def test_count_lines(diff: str, expected: str) -> None:
    assert count_lines(diff) == expected


@each(("count", "text"), [(0, "0 rows"), (1, "1 row"), (12_000, "12,000 rows")])
def test_a_count_is_in_the_singular_or_the_plural(count: int, text: str) -> None:
    assert render_count(count, "row") == text


@each(("text", "expected"), [(None, ""), ("a\r\nb\rc\n", "a\nb\nc\n")])
def test_unify_ends(text: str | None, expected: str) -> None:
    assert unify_line_ends(text) == expected


@each(
    ("base", "head", "expected"),
    [
        ("view", "table", "key: view -> table"),
        (None, ["a", "ü"], 'key: none -> ["a", "ü"]'),
        ({}, {"a": True}, 'key: none -> {"a": true}'),
        ("a\nb", "c", "key changed"),
        ("a" * 41, None, "key changed"),
        (None, "a" * 41, "key changed"),
    ],
)
def test_describe_change(base: Any, head: Any, expected: str) -> None:
    assert describe_change("key", base, head) == expected


@each(
    ("value", "expected"),
    [
        (None, ""),
        (5, "key: 5\n"),
        ("a\nb", "key: a\nb\n"),
        (["a", {"b": 1}], 'key:\n  - a\n  - {"b": 1}\n'),
        ({"a": {"b": ["c"]}, "d": None}, "key:\n  a:\n    b:\n      - c\n"),
    ],
)
def test_render_setting(value: Any, expected: str) -> None:
    assert render_setting("key", value) == expected
