"""Settings of editors are read as editors read them, and added to without touching any other byte."""

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases import each
from dot.setup.jsonc import JsonError, merge, parse

WANTED = {"search.exclude": {"**/.dot": True, "**/.dot/**": True}, "files.watcherExclude": {"**/.dot/**": True}}

COMMENTS = st.sampled_from(("/**/", "/* a: {1} */", "/* two\n lines */", "// a, b: [\n", '// "c"\r\n', "//\n"))
SPACES = st.text("\t \r\n", max_size=3)
TRIVIA = st.lists(COMMENTS | SPACES, max_size=3).map("".join)
KEYS = st.sampled_from((*WANTED, "**/.dot", "a", "b // c", "", "Größe")) | st.text(max_size=3)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)
SECTIONS = st.dictionaries(st.sampled_from(("**/.dot", "**/.dot/**", "**/target", "**/x")), st.booleans(), max_size=4)


@st.composite
def written(draw: st.DrawFn, value: Any) -> str:
    """The value as JSON with comments, spaces and trailing commas anywhere."""
    if isinstance(value, dict):
        items = [f"{json.dumps(key)}{draw(TRIVIA)}:{draw(TRIVIA)}{draw(written(item))}" for key, item in value.items()]
    elif isinstance(value, list):
        items = [draw(written(item)) for item in value]
    else:
        return json.dumps(value, ensure_ascii=draw(st.booleans()))
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    between = f"{draw(TRIVIA)},{draw(TRIVIA)}"
    after = draw(st.sampled_from(("", ","))) if items else ""
    return f"{opening}{draw(TRIVIA)}{between.join(items)}{draw(TRIVIA)}{after}{draw(TRIVIA)}{closing}"


@st.composite
def settings_files(draw: st.DrawFn) -> tuple[dict[str, Any], str]:
    """Settings, and a file that holds them; what is wanted is there, in part, or not."""
    others = draw(st.dictionaries(KEYS.filter(lambda key: key not in WANTED), VALUES, max_size=3))
    sections = draw(st.dictionaries(st.sampled_from(tuple(WANTED)), SECTIONS, max_size=2))
    keys = draw(st.permutations([*others, *sections]))
    data = {key: (others | sections)[key] for key in keys}
    mark = draw(st.sampled_from(("", "\ufeff")))
    return data, f"{mark}{draw(TRIVIA)}{draw(written(data))}{draw(TRIVIA)}"


def plain(text: str) -> Any:
    """The value in the text."""
    node = parse(text)
    return node.value if node else None


def is_kept(before: str, after: str) -> bool:
    """Whether `before` is `after` without some of its letters."""
    letters = iter(after)
    return all(letter in letters for letter in before)


def comments_of(text: str) -> list[str]:
    strings_or_comments = re.findall(r'"(?:[^"\\]|\\.)*"|//[^\r\n]*|/\*.*?\*/', text, re.DOTALL)
    return [found for found in strings_or_comments if found.startswith("/")]


@given(settings_files())
def test_what_is_missing_is_added_and_every_other_byte_is_kept(file: tuple[dict[str, Any], str]) -> None:
    data, before = file
    after = merge(before, WANTED)
    expected = data | {key: WANTED[key] | data.get(key, {}) for key in WANTED}
    assert plain(after) == expected
    assert list(plain(after)) == list(expected), "what is new stands last"
    assert is_kept(before, after)
    assert comments_of(before) == comments_of(after)


@given(settings_files())
def test_what_is_there_is_added_once(file: tuple[dict[str, Any], str]) -> None:
    once = merge(file[1], WANTED)
    assert merge(once, WANTED) == once


@given(st.text('{}[]:,/*"\\ntrue01. \n\r\ufeffé', max_size=20) | st.text())
def test_what_is_no_such_settings_is_refused_and_never_a_crash(text: str) -> None:
    try:
        after = merge(text, WANTED)
    except JsonError:
        return
    assert is_kept(text, after)
    assert plain(after).keys() >= WANTED.keys()


@given(VALUES)
def test_json_is_read_as_json(value: Any) -> None:
    assert json.dumps(value) == json.dumps(plain(json.dumps(value, indent=1)))


STYLES = {
    "nothing": (
        "",
        '{\n    "a": {\n        "x": true,\n        "y": true\n    },\n    "b": {\n        "z": true\n    }\n}\n',
    ),
    "comments alone": ("// mine", '// mine\n{\n    "a": {\n        "x": true,\n        "y": true\n    },\n    "b"'),
    "comments alone, to the end of their line": (
        "// mine\n",
        '// mine\n{\n    "a": {\n        "x": true,\n        "y": true\n    },\n    "b"',
    ),
    "a mark alone": (
        "\ufeff",
        '\ufeff{\n    "a": {\n        "x": true,\n        "y": true\n    },\n    "b"',
    ),
    "an empty object": (
        "{}\n",
        '{\n    "a": {\n        "x": true,\n        "y": true\n    },\n    "b": {\n        "z": true\n    }\n}\n',
    ),
    "one line": ('{"c": 1}', '{"c": 1, "a": {"x": true, "y": true}, "b": {"z": true}}'),
    "one line that ends in a comma": ('{"c": 1,}', '{"c": 1, "a": {"x": true, "y": true}, "b": {"z": true},}'),
    "tabs and line ends of Windows": (
        '{\r\n\t"c": 1\r\n}\r\n',
        (
            '{\r\n\t"c": 1,\r\n\t"a": {\r\n\t\t"x": true,\r\n\t\t"y": true\r\n\t},'
            '\r\n\t"b": {\r\n\t\t"z": true\r\n\t}\r\n}\r\n'
        ),
    ),
    "a trailing comma, and comments behind and below": (
        '{\n  "b": {"z": false}, // why\n  /* c */ "c": 1,\n  // "d": 1\n}\n',
        '{\n  "b": {"z": false}, // why\n  /* c */ "c": 1, "a": {"x": true, "y": true},\n  // "d": 1\n}\n',
    ),
    "a comment behind the last": (
        '{\n  "a": {\n    "x": false /* not me */ // and why\n  }, "b": {"z": true}\n}',
        '{\n  "a": {\n    "x": false, /* not me */ // and why\n    "y": true\n  }, "b": {"z": true}\n}',
    ),
    "a comment of two lines behind the last": (
        '{\n  "b": {"z": 1},\n  "c": 1 /* one\n two */\n}',
        '{\n  "b": {"z": 1},\n  "c": 1,\n  "a": {\n    "x": true,\n    "y": true\n  } /* one\n two */\n}',
    ),
    "objects with nothing but comments in them": (
        '{\n  "a": { /* none */ },\n  "b": {\n    // none\n  }\n}',
        ('{\n  "a": { /* none */ \n    "x": true,\n    "y": true\n  },\n  "b": {\n    // none\n    "z": true\n  }\n}'),
    ),
    "a key that stands there twice": (
        '{"b": {"z": 1}, "a": {"x": 1, "y": 1}, "a": {"x": 2}}',
        '{"b": {"z": 1}, "a": {"x": 1, "y": 1}, "a": {"x": 2, "y": true}}',
    ),
}


@pytest.mark.parametrize(("before", "after"), STYLES.values(), ids=STYLES)
def test_what_is_added_looks_like_what_is_there(before: str, after: str) -> None:
    merged = merge(before, {"a": {"x": True, "y": True}, "b": {"z": True}})
    assert (merged if after.endswith(("}", "\n")) else merged[: len(after)]) == after


@each(
    ("text", "reason"),
    [
        ("[]", "it is no object"),
        ("null", "it is no object"),
        ('{"a": 1}', "`a` in it is no object"),
        ('{"a": null}', "`a` in it is no object"),
        ('{"a": ["x"]}', "`a` in it is no object"),
        ("{\n\n'a': 1}", "it is no valid JSON in line 3"),
        ('{"c": 1 "d": 2}', "it is no valid JSON in line 1"),
        ('{"c": 1,, "d": 2}', "it is no valid JSON in line 1"),
        ('{\r\n"c" 1\r\n}\r\n', "it is no valid JSON in line 2"),
        ('{"c": }', "it is no valid JSON in line 1"),
        ('{"c": 1', "it is no valid JSON in line 1"),
        ("{} {}", "it is no valid JSON in line 1"),
        ("{1: 2}", "it is no valid JSON in line 1"),
        (r'{"c": "\x"}', "it is no valid JSON in line 1"),
        ('{"c": "a\tb"}', "it is no valid JSON in line 1"),
        ('{"c": 01}', "it is no valid JSON in line 1"),
        ("/* open", "it is no valid JSON in line 1"),
        ("{" * 100_000, "it is no valid JSON in line 1"),
        ("[" * 100_000, "it nests too deeply"),
    ],
)
def test_what_cannot_be_added_to_is_refused_with_the_reason(text: str, reason: str) -> None:
    with pytest.raises(JsonError) as raised:
        merge(text, {"a": {"x": True}})
    assert str(raised.value) == reason
