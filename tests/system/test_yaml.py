"""dot reads a YAML file as dbt does, which uses PyYAML, and what it writes is read back the same by both."""

import json
from typing import Any

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from cases import each
from dot.base.errors import Location
from dot.base.yaml_document import Path
from dot.system.yaml import MAX_NODES, dump, load_document, load_values
from examples.plans import JSON_OBJECTS, as_text

NASTY = (
    *("yes", "Yes", "YES", "no", "on", "On", "off", "OFF", "true", "True", "TRUE", "tRue", "false", "y", "n", "Y", "N"),
    *("~", "null", "Null", "NULL", "nUll", "none", "None", ""),
    *(
        "0",
        "-0",
        "+0",
        "00",
        "007",
        "012345",
        "08",
        "09",
        "0_7",
        "0_",
        "0o17",
        "-0o7",
        "0x1F",
        "0xg",
        "-0x1f_ff",
        "0b11",
    ),
    *("0b12", "0b1_0", "1_000", "_1", "1__0", "-_", "+_1", "+12", "-12", "12345678901234567890", "١"),
    *("1:30", "-1:30", "01:30", "1:60", "12:30:45", "1_0:30", "1:5_0", "0:0", "00:10", "190:20:30.15", "1:30.5"),
    *(
        "1.5",
        "1.",
        ".5",
        "-.5",
        "+.5",
        "1e3",
        "1.e3",
        "1.e+3",
        "1.5e3",
        "1.5e+3",
        "1.5E-3",
        "1.5e+",
        "1_0.5",
        "._5",
        "1._5",
    ),
    *("..", ".", "1..2", "-", "+", ".e1", "0.0e+0", "685_230.15e+03", "1e+20", "+12e03"),
    *("'1'", '"1"', "'yes'", '"null"', "!!str 1", "!!str yes", "!!int '1'", "!!bool yes", "!!null x", "!!float 1.5"),
    *(
        "a b",
        "a:b",
        "a#b",
        "a # b",
        "http://x/y?z=1",
        "C:\\x",
        "'it''s'",
        '"a\\nb"',
        '"\\u00e9"',
        "é",
        "'%x'",
        "'{{ x }}'",
    ),
    *("2 days", "1.2.3", "v1", "=x", "<", "<<x", "-x", "?x", ":x"),
)
"""Scalars that YAML 1.1, YAML 1.2 and PyYAML do not all read alike."""

NO_TEXTS = ("=", "<<", "2026-01-01", "2001-12-14t21:59:43.10-05:00", ".inf", "-.INF", ".NaN", "0x_", "0b_", "+.inf")
"""Scalars that PyYAML refuses, or of which it makes what JSON cannot hold, unless they are quoted."""


def by_pyyaml(text: str) -> Any:
    """What dbt would read."""
    return yaml.load(text, Loader=yaml.CSafeLoader)


def is_for_json(text: str) -> bool:
    """Whether PyYAML makes something of this that JSON can hold, which a date for one is not."""
    try:
        json.dumps(by_pyyaml(text), allow_nan=False)
    except (ValueError, TypeError, yaml.YAMLError):
        return False
    return True


FORMS = ("{}", "k: {}", "[{}]", "- {}", "{{k: {}}}")


# -- scalars -------------------------------------------------------------------------------------------------------


@each("scalar", NASTY)
def test_a_scalar_is_read_as_dbt_reads_it(scalar: str) -> None:
    texts = [text for form in FORMS if is_for_json(text := form.format(scalar))]
    sources = [load_document(text, "f.yml") for text in texts]

    assert texts
    assert [as_text(by_pyyaml(text)) for text in texts] == [as_text(source.data) for source in sources]
    assert [()] * len(texts) == [source.problems for source in sources]


@each("date", ["2026-01-01", "2026-1-1", "2001-12-14t21:59:43.10-05:00", "2026-01-01 10:00:00"])
def test_a_date_stays_the_text_that_it_is(date: str) -> None:
    source = load_document(f"k: {date}", "f.yml")

    assert (source.data, source.problems) == ({"k": date}, ())


@each(
    ("scalar", "message"),
    [
        (".inf", "`.inf` has no equal in JSON, which is how dbt gets its values"),
        ("-.INF", "`-.INF` has no equal in JSON, which is how dbt gets its values"),
        (".NaN", "`.NaN` has no equal in JSON, which is how dbt gets its values"),
        ("0x_", "`0x_` is no number"),
        ("!!int ''", "`` is no number"),
        ("<<", "the YAML tag `tag:yaml.org,2002:merge` is not supported"),
        ("=", "the YAML tag `tag:yaml.org,2002:value` is not supported"),
        ("!x y", "the YAML tag `!x` is not supported"),
        ("!!binary aGk=", "the YAML tag `tag:yaml.org,2002:binary` is not supported"),
    ],
)
def test_what_dbt_cannot_use_is_a_problem_at_its_place(scalar: str, message: str) -> None:
    (problem,) = load_document(f"a: 1\nk: {scalar}", "f.yml").problems

    assert (problem.message, problem.location) == (message, Location("f.yml", 2, 4, f"k: {scalar}"))


@each("text", ["!x {a: 1}", "k: !x [1]", "k: !!set {a, b}", "k: !!omap [a: 1]"])
def test_a_tag_on_a_mapping_or_list_is_a_problem_too(text: str) -> None:
    assert [problem.message[-13:] for problem in load_document(text, "f.yml").problems] == ["not supported"]


# -- documents -----------------------------------------------------------------------------------------------------


@each(
    "text",
    [
        "",
        "# nothing\n",
        "---\n",
        "a: 1\nb: 2\n",
        "a: 1\r\nb: [1, 2]\r\n",
        "\ufeffa: 1\n",
        "---\na: 1\n...\n",
        "%YAML 1.1\n---\na: yes\n",
        "%YAML 1.2\n---\na: yes\nb: 010\n",
        "a: |\n  x\n   y\n\nb: >-\n  x\n  y\n",
        'a: "x\\\n  y"\n',
        "? a\n: b\n",
        "a: {b: [c, {d: e}], f: }\n",
        "a:\n- b\n-\n  c: d\n",
        "a: &x [1, {b: 2}]\nc: *x\nd: [*x, *x]\n",
        "base: &b {x: 1, y: {z: 1}}\ndev:\n  <<: *b\n  y: 2\n",
        "dev:\n  y: 2\n  <<: &b {x: 1, y: 1}\n",
        "a: &a {x: 1, p: 1}\nb: &b {x: 2, q: 2}\nc: {<<: [*a, *b], q: 3}\n",
        "a: &a {x: 1}\nb: &b {<<: *a, y: 2}\nc: {<<: *b, z: 3}\n",
        "a: {<<: {}}\n",
        "'<<': 1\na: {'<<': {b: 1}}\n",
    ],
)
def test_a_document_is_read_as_dbt_reads_it(text: str) -> None:
    source = load_document(text, "f.yml")

    assert (as_text(by_pyyaml(text)), ()) == (as_text(source.data), source.problems)


@each(
    "text",
    ["a: b: c", "a: [", "a: *x", "a: 1\n---\nb: 2", "a: @x", "a: '", "a: \x01", "\ta: 1", "a: `x`", 'a: "\\ud800"'],
)
def test_what_dbt_cannot_read_is_one_problem(text: str) -> None:
    source = load_document(text, "f.yml")

    with pytest.raises(yaml.YAMLError):
        by_pyyaml(text)
    assert (source.data, len(source.problems)) == (None, 1)
    assert source.problems[0].message.startswith("invalid YAML: ")


def test_a_duplicate_key_is_a_problem_and_the_last_one_wins_as_in_dbt() -> None:
    text = "a: 1\nb: {c: 1, c: 2}\na: {d: 1}\na: 3\n"
    source = load_document(text, "f.yml")

    assert by_pyyaml(text) == source.data
    assert [(problem.message, (at.line, at.column)) for problem in source.problems if (at := problem.location)] == [
        ("duplicate key `c`, first used in line 2", (2, 11)),
        ("duplicate key `a`, first used in line 1", (3, 1)),
        ("duplicate key `a`, first used in line 1", (4, 1)),
    ]


@each(
    ("text", "column"),
    [
        ("a: &a {x: 1}\nb: &b {y: 2}\nc: {<<: *a, <<: *b}\n", 13),
        ("a: &a {x: 1}\nc: {<<: *a, y: 1, <<: [*a]}\nd: [1]\ne: 5\n", 19),
        ("a: &a {x: 1}\nb: {<<: *a}\nc: {<<: {<<: *a, <<: *a}}\n", 18),
    ],
)
def test_a_second_merge_is_a_duplicate_key_too(text: str, column: int) -> None:
    (problem,) = load_document(text, "f.yml").problems

    assert problem.location
    assert (problem.message.partition(",")[0], problem.location.column) == ("duplicate key `<<`", column)


@each("text", ["a: 1\na: 2\n", "a: &a {x: 1}\nb: {<<: *a, <<: *a}\n"])
def test_in_a_file_of_dbts_a_key_given_twice_is_left_to_dbt(text: str) -> None:
    source = load_values(text, "f.yml")

    assert (by_pyyaml(text), ()) == (source.data, source.problems)


def test_places_in_a_file_of_dbts_are_found_when_they_are_asked_for() -> None:
    assert load_values("a:\n  b: 1\n", "f.yml").locate(("a", "b")) == Location("f.yml", 2, 3, "  b: 1")
    assert dict(load_values("a: 1\n", "f.yml").positions) == {("a",): (1, 1), (): (1, 1)}
    assert dict(load_values("", "f.yml").positions) == {}


def test_a_file_that_only_dbt_can_read_has_no_places() -> None:
    source = load_values("a:\t1\n", "f.yml")
    assert (source.data, source.locate(("a",)), len(source.positions)) == ({"a": 1}, Location("f.yml"), 0)


def test_a_key_of_the_mapping_itself_is_no_duplicate_of_one_that_is_merged_in() -> None:
    assert load_document("a: &a {x: 1}\nb: {<<: *a, x: 2}\n", "f.yml").problems == ()


@each("key", ["1", "yes", "null", "1.5", "[a]", "{a: 1}"])
def test_a_key_that_is_no_text_is_a_problem_and_left_out(key: str) -> None:
    source = load_document(f"? {key}\n: 1\nb: 2\n", "f.yml")
    (problem,) = source.problems

    assert source.data == {"b": 2}
    assert problem.message.endswith("is used as a key, but keys must be texts")
    assert (problem.hint, problem.location) == ("put it in quotes", Location("f.yml", 1, 3, f"? {key}"))


@each("value", ["5", "[5]", "[{a: 1}, 5]", "null"])
def test_only_mappings_can_be_merged_in(value: str) -> None:
    (problem,) = load_document(f"a:\n  <<: {value}\n", "f.yml").problems

    assert problem.message == "`<<` needs a mapping or a list of mappings"
    assert problem.location == Location("f.yml", 2, 7, f"  <<: {value}")


@each("text", ["a: &x [*x]", "a: &x {b: *x}", "a: &x {b: [{c: *x}]}"])
def test_an_alias_of_what_contains_it_is_a_problem(text: str) -> None:
    assert [problem.message for problem in load_document(text, "f.yml").problems] == [
        "an alias refers to what contains it"
    ]


def test_an_avalanche_of_aliases_is_stopped() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 10)}]" for level in range(1, 7)]

    (problem,) = load_document("\n".join(lines), "f.yml").problems

    assert problem.message == f"more than {MAX_NODES:,} values (counting every use of an alias)"


def test_a_file_that_nests_too_deeply_is_a_problem() -> None:
    source = load_document("a: " + "[" * 1000 + "]" * 1000, "f.yml")

    assert (source.data, len(source.problems)) == (None, 1)


# -- places --------------------------------------------------------------------------------------------------------


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text("a é😀:#-'\"{[,<*&?\\", max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text("ab é😀:#'\"[<*=", max_size=3), inner, max_size=3)
    ),
)
Places = dict[Path, tuple[int, int]]


def spell(data: Any, path: Path, text: str, places: Places) -> str:
    """The text, and behind it this data: lists and what is in them in one line, mappings in lines; and the places."""
    is_block = isinstance(data, dict) and data and not any(isinstance(step, int) for step in path)
    before, after, (first, last) = ("\n" + "  " * len(path), "", ("", "")) if is_block else ("", ", ", "{}")
    if not isinstance(data, dict | list):
        return text + json.dumps(data, ensure_ascii=False)
    text += first if isinstance(data, dict) else "["
    for step in data if isinstance(data, dict) else range(len(data)):
        text += before
        places[(*path, step)] = (text.count("\n") + 1, len(text) - text.rfind("\n"))
        text += f"{json.dumps(step, ensure_ascii=False)}: " if isinstance(data, dict) else ""
        text = spell(data[step], (*path, step), text, places) + after
    return text + (last if isinstance(data, dict) else "]")


@given(VALUES)
@example({"<<": {"a": [{"<<": [1, {}]}], "😀": None}, "b": {"a": "😀: #"}})
def test_everything_is_found_where_it_is_written(data: Any) -> None:
    places: Places = {}
    text = spell(data, (), "", places)
    source = load_document(text, "f.yml")

    assert {path: place for path, place in source.positions.items() if path} == places
    assert (as_text(by_pyyaml(text)), ()) == (as_text(source.data), source.problems)


@each(
    ("text", "places"),
    [
        ("a: &x {b: 1}\nc: *x\n", {("c",): (2, 1), ("c", "b"): (1, 8)}),
        ("a: &x {b: 1, d: 2}\nc:\n  <<: *x\n  d: 3\n", {("c", "b"): (1, 8), ("c", "d"): (4, 3)}),
        ("a: &x {b: 1}\nd: &y {b: 2}\nc: {<<: [*x, *y]}\n", {("c", "b"): (1, 8)}),
        ("a: &x {<<: *x, b: 1}\n", {("a", "b"): (1, 16)}),
        (
            "\ufeffa: 1\r\n😀: {b: [http://x/y?z=1, c]}\r\n",
            {("a",): (1, 1), ("😀", "b"): (2, 5), ("😀", "b", 1): (2, 25)},
        ),
    ],
)
def test_what_is_shared_stands_where_it_is_written(text: str, places: Places) -> None:
    assert places.items() <= dict(load_document(text, "f.yml").positions).items()


@each(
    ("text", "place"),
    [
        ("a: 1\nb:\t2\n", (2, 3)),
        ("a: 1\x85b: 2\n", (1, 7)),
        ("-\x85- \n", (None, None)),
        ("#\n\ufeff- 1\n", (None, None)),
    ],
)
def test_what_two_parsers_read_in_two_ways_is_refused_in_a_file_of_dots_own(text: str, place: tuple[Any, Any]) -> None:
    (problem,) = load_document(text, "f.yml").problems

    assert problem.location
    assert problem.message.startswith("invalid YAML: ")
    assert (problem.location.line, problem.location.column) == place
    assert by_pyyaml(text) == load_values(text, "f.yml").data


# -- writing -------------------------------------------------------------------------------------------------------


@given(JSON_OBJECTS)
@example({"a\x85b": "a\x85b", "\u2028": "\u2029", "\ufeff": "\x00"})
@example({text: [text] for text in (*NASTY, *NO_TEXTS)})
@example({"a": [1e20, 1e-7, -0.0, 5e-324, 1.7976931348623157e308, 10**30]})
@example({"x": "a " * 500, "y": "line\nline\n\n", "z": " \t ", "": ""})
def test_what_is_written_is_read_back_the_same_by_dbt_and_by_dot(data: dict[str, Any]) -> None:
    text = dump(data)
    source = load_document(text, "f.yml")

    assert (as_text(data), ()) == (as_text(source.data), source.problems)
    assert as_text(data) == as_text(by_pyyaml(text))


def test_what_is_written_is_block_yaml_without_a_head() -> None:
    assert (
        dump({"shop": {"outputs": {"dev": {"type": "duckdb"}}}}) == "shop:\n  outputs:\n    dev:\n      type: duckdb\n"
    )
