"""The quick look at a YAML file sees what the parser sees, or nothing."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from cases import each
from dot.dbt.plain_yaml import scan_yaml
from dot.system.yaml import dump, load_document

READ = (
    ("", {}),
    ("# only a comment\n", {}),
    ("---\na: 1\n", {"a": "1"}),
    ("a: 1\r\nb: 2\r\n", {"a": "1", "b": "2"}),
    ("a:\n  b:\n    c: d\n  e: f\ng: h\n", {"a": {"b": {"c": "d"}, "e": "f"}, "g": "h"}),
    ("a: b#c # d\n\n  # e\nf:\n", {"a": "b#c", "f": {}}),
    ("a: 'b: c'\n\"d\": \"e\"\n'f': http://g\n", {"a": "b: c", "d": "e", "f": "http://g"}),
    ("a: {b: [c, 'd{', {e: f}]}\ng: []\n", {"a": "{b: [c, 'd{', {e: f}]}", "g": "[]"}),
    ("a:\n- b\n- c: d\n  e: f\n-\n  g: h\ni: j\n", {"a": {}, "i": "j"}),
    ("a:\n  - b: |\n      c: d\n    e: f\n  - g\nh: i\n", {"a": {}, "h": "i"}),
    ('a: |\n  b: c\n    d\n\n e: "\nf: >-\n  g\nh: i\n', {"a": {}, "f": {}, "h": "i"}),
    ("a:\n  +b: c\n  d-e: -f\n", {"a": {"+b": "c", "d-e": "-f"}}),
    ("größe: ü\n", {"größe": "ü"}),
)
UNUSUAL = (
    *("a: *b\n", "a: &b c\n", "&a b: c\n", "<<: {a: b}\n", "a: !b c\n", "? a\n: b\n", "%YAML 1.1\n---\na: b\n"),
    *(
        "a: {b\n",
        "a: {b: c}}\n",
        "a: [b}\n",
        "a: {b: {\n  c: d}}\n",
        'a: "b\n  c: d"\n',
        "a: b\n  c\n",
        "a: b\n  c: d\n",
    ),
    *("a:\n\tb: c\n", "  a: b\nc: d\n", "a:\n    b: c\n  d: e\n", "a: b\n---\nc: d\n", "{{ a }}: b\n", "a: b: c\n"),
    *("a: {b: *c}\n", "just a text\n", "\ufeffa: b\n", "1: a\n", "- a\n"),
)


@each(("text", "expected"), READ)
def test_what_is_usual_is_read(text: str, expected: dict[str, Any]) -> None:
    assert scan_yaml(text) == expected


@each("text", UNUSUAL)
def test_what_is_unusual_is_left_to_the_parser(text: str) -> None:
    assert not scan_yaml(text)


NAMES = st.from_regex(r"[a-z_]{1,4}", fullmatch=True)
TREES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.lists(st.text(max_size=4), max_size=2),
    lambda children: st.dictionaries(NAMES, children, min_size=1, max_size=3),
)
LINES = st.lists(
    st.tuples(
        st.sampled_from(["", "  ", "    ", "- ", "  - "]),
        st.sampled_from(["a:", "b:", '"c":', "d", "", "e: #", "all:"]),
        st.sampled_from(["", " x", " 'y'", ' "z', " {a: b}", " {a", "}", " |", " [b]", " # c", "'"]),
    ).map("".join),
    max_size=7,
).map("\n".join)


def agrees(text: str) -> bool:
    """Whether the quick look gives up, or has what the parser has; nothing is said of files that are wrong."""
    found, source = scan_yaml(text), load_document(text, "x.yml")
    return found is None or bool(source.problems) or covers(found, source.data)


def covers(found: Any, data: Any) -> bool:
    """Whether the same keys stand below one another, for all that is not in braces."""
    if isinstance(found, dict) and found:
        return isinstance(data, dict) and set(found) == set(data) and all(covers(found[key], data[key]) for key in data)
    return isinstance(found, str) or not isinstance(data, dict) or not data


@given(st.dictionaries(NAMES, TREES, max_size=3))
def test_what_is_read_of_a_file_is_what_the_parser_reads(tree: dict[str, Any]) -> None:
    assert agrees(dump(tree))


@given(LINES)
def test_of_lines_thrown_together_nothing_is_read_that_the_parser_does_not_read(text: str) -> None:
    assert agrees(text)
