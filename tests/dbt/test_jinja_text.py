"""What a text with dbt's Jinja in it takes from outside."""

import re

import jinja2
import jinja2.nodes
from hypothesis import given
from hypothesis import strategies as st

from cases import each
from dot.dbt.jinja_text import (
    Mentions,
    has_jinja,
    list_macro_names,
    may_have_jinja,
    read_mentions,
    read_nested_mentions,
    replace_jinja,
    split_jinja,
    strip_comments,
)


@each(
    ("text", "names"),
    [
        ("select 1", ""),
        ("{# statement() #}", ""),
        ("{{ run_query('x') }} {# statement #}", "run_query"),
        ("{% raw %}{{ run_query() }}{% endraw %}{{ g() }}", "g"),
        ("{% call statement('a') %}{{ b }}{{ caller() }}{% endcall %}", "statement b"),
        ("{% set m = one %}{{ shape(m) }}", "one shape"),
        ("{% set one = one() %}{{ one }}", "one"),
        ("{% set a, b = c %}{{ a }}{{ b }}", "c"),
        ("{% set a %}{{ a }}{% endset %}{{ a }}", "a"),
        ("{% set a = 1 %}{{ a }}", ""),
        ("{% set ns = namespace(x=1) %}{% set ns.x = a %}{{ ns.x }}", "namespace a"),
        ("{% if a %}{% set b = 1 %}{% endif %}{{ b }}", "a b"),
        ("{% if a %}{% set b = 1 %}{% else %}{% set b = 2 %}{% endif %}{{ b }}", "a"),
        ("{% if a %}{% set b = 1 %}{% elif c %}{% set b = 2 %}{% else %}{% set b = 3 %}{% endif %}{{ b }}", "a c"),
        ("{% for a in b %}{% if a %}{% continue %}{% endif %}{{ loop.index }}{% endfor %}{{ a }}", "b a"),
        ("{% for a, b in c if b %}{{ a }}{% else %}{{ d }}{% endfor %}", "c d"),
        ("{% with a = b %}{{ a }}{% endwith %}{{ a }}", "a b"),
        ("{% filter upper %}{{ a }}{% set b = 1 %}{% endfilter %}{{ b }}", "a b"),
        ("{% macro f(statement) %}{{ statement }}{{ g() }}{{ f() }}{% endmacro %}", "g"),
        ("{% macro f(a=b) %}{{ a }}{{ varargs }}{{ kwargs }}{% endmacro %}{{ f() }}{{ a }}", "b a"),
        ("{% macro f(a: str, b: dict[str, int] = c) %}{{ a }}{{ b }}{% endmacro %}", "c"),
        ("{% materialization a, default %}{{ g() }}{% endmaterialization %}", "g"),
        ("{% materialization a, adapter='x', supported_languages=['sql'] -%}{{ g() }}{%- endmaterialization %}", "g"),
        ("{% test a(model) %}{{ g(model) }}{% endtest %}", "g"),
        ("{% data_test a(model, column: str) %}{{ g(column) }}{% enddata_test %}", "g"),
        ("{% snapshot a %}{{ g() }}{% endsnapshot %}{% docs a %}{{ h() }}{% enddocs %}", "g h"),
        ("{{ config(pre_hook=f()) }}{% do log(x) %}", "config f log x"),
        ("{{ x | as_number | default(y) }}{{ z is divisibleby(3) }}", "x y z"),
        ("{{ adapter | attr('execute') }}", "adapter"),
        ("{{ adapter[x](1) }}", "adapter x"),
        ("{{ context['one']() }}{{ context.two() }}{{ builtins.ref('a') }}", "one two ref"),
        ("{{ context.get('one')() }}", "context"),
        ("{{ context[a] }}", "context a"),
        ("{{ 1 if a else b }}{{ [c, {'d': e}] }}{{ f()() }}", "a b c e f"),
    ],
)
def test_names_that_a_text_does_not_define_itself(text: str, names: str) -> None:
    assert set(names.split()) == read_mentions(text).names


@each(
    ("text", "members", "names"),
    [
        ("{% do adapter.drop_schema(x) %}", {("adapter", "drop_schema")}, {"x"}),
        ("{{ adapter['drop_schema'](x) }}", {("adapter", "drop_schema")}, {"x"}),
        ("{% set a = adapter %}{{ a.execute('x') }}", {("a", "execute")}, {"adapter"}),
        ("{{ a.b.c }}", {("a", "b"), ("b", "c")}, set()),
        ("{{ f().a }}{{ (g | first).b }}", {("?", "a"), ("?", "b")}, {"f", "g"}),
        ("{{ context.adapter.execute('x') }}", {("adapter", "execute")}, set()),
        ("{{ a[0].b }}", {("?", "b")}, {"a"}),
    ],
)
def test_what_is_taken_of_an_object(text: str, members: set[tuple[str, str]], names: set[str]) -> None:
    found = read_mentions(text)
    assert (found.members, found.names) == (members, names)


@each(
    ("text", "dispatched"),
    [
        ("{{ adapter.dispatch('x', 'house')() }}", {"x"}),
        ("{{ adapter.dispatch(macro_name='x')() }}", {"x"}),
        ("{{ adapter['dispatch']('x')() }}", {"x"}),
        ("{{ context.adapter.dispatch('x')() }}", {"x"}),
        ("{{ adapter.dispatch(x)() }}", {None}),
        ("{{ adapter.dispatch()() }}", {None}),
        ("{% set d = adapter.dispatch %}{{ d('x')() }}", {None}),
        ("{{ dispatch('x') }}", set()),
    ],
)
def test_what_is_asked_for_by_dispatch(text: str, dispatched: set[str | None]) -> None:
    found = read_mentions(text)
    assert found.dispatched - {"x"} == dispatched - {"x"}
    assert ("x" in dispatched) == ("x" in found.dispatched and "dispatch" not in found.names)


@each(
    ("text", "variables", "env_variables"),
    [
        ("{{ var('x') }}{{ var('y', 1) }}", {"x", "y"}, set()),
        ("{{ var.has_var('x') }}", {"x"}, set()),
        ("{{ context['var']('x') }}{{ builtins.var('y') }}", {"x", "y"}, set()),
        ("{{ var(x) }}", {None}, set()),
        ("{% set v = var %}", {None}, set()),
        ("{{ var.has_var }}", {None}, set()),
        ("{{ var('x' ~ y) }}", {None}, set()),
        ("{% macro f(var) %}{{ var('x') }}{% endmacro %}", set(), set()),
        ("{{ env_var('x', 'y') }}{{ env_var(y) }}", set(), {"x", None}),
        ("{{ model.var }}{{ f(var=1) }}", set(), set()),
    ],
)
def test_the_variables_that_are_asked_for(
    text: str, variables: set[str | None], env_variables: set[str | None]
) -> None:
    found = read_mentions(text)
    assert (found.variables, found.env_variables) == (variables, env_variables)


def test_texts_are_those_in_the_jinja_and_those_with_jinja_in_them_may_be_read_too() -> None:
    text = "select 'a' {{ f('b', c={'d': \"{{ g('e') }}\"}) }}"

    assert read_mentions(text).texts == {"b", "d", "{{ g('e') }}"}
    assert read_mentions(text).names == {"f"}
    assert read_nested_mentions(text).names == {"f", "g"}
    assert read_nested_mentions(text).texts == {"b", "d", "{{ g('e') }}", "e"}


@each("text", ["{% if a %}", "{{ " + "(" * 2000 + "a", "{{ a", "{{ a | }}", "{% unheard a %}"])
def test_what_cannot_be_read_may_mention_everything(text: str) -> None:
    found = read_mentions(text + " 'b' \"c\"")

    anything = frozenset({None})
    assert (
        Mentions(found.names, frozenset(), anything, frozenset({"b", "c"}), anything, anything, is_readable=False)
        == found
    )
    assert {"a", "b", "c"} <= found.names
    assert not (read_mentions("{{ d }}") | found).is_readable


# -- pieces --------------------------------------------------------------------------------------------------------

PIECES = {
    "": [],
    "plain": ["text plain"],
    "{{ unclosed": ["text {{ unclosed"],
    "a {{ b {# c #}": ["text a {{ b {# c #}"],  # which Jinja cannot read
    "a {{ b": ["text a ", "text {{ b"],
    "a {{- b(1) -}}  c": ["text a ", "output b ( 1 )", "text   c"],
    "{# {{ a }} #}{{ b }}\n": ["comment {# {{ a }} #}", "output b", "text \n"],
    "{% if a == '%}' %}{{ 'x }}' }}{% endif %}": ["tag if a == '%}'", "output 'x }}'", "tag endif"],
    "{% set x\r\n= 1 -%} d\r\n": ["tag set x = 1", "text  d\r\n"],
    "x{% raw %} {{ a }} {% endraw %}": ["text x", "comment {% raw %}", "text  {{ a }} ", "comment {% endraw %}"],
    "{% raw %}{% endraw %} {{ b }}": ["comment {% raw %}", "comment {% endraw %}", "text  ", "output b"],
}


def test_a_text_is_taken_apart_as_jinja_does_it() -> None:
    found = {text: split_jinja(text) for text in PIECES}
    shown = {
        text: [f"{piece.kind} {' '.join(piece.words) or piece.text}" for piece in pieces]
        for text, pieces in found.items()
    }
    assert shown == PIECES


@given(
    st.lists(st.sampled_from(["a", " ", "\n", "\r\n", "'", "{", "}", "{{", "}}", "{%-", "%}", "{#", "#}", "-", "raw"]))
)
def test_the_pieces_are_the_whole_text(parts: list[str]) -> None:
    text = "".join(parts)
    pieces = split_jinja(text)
    assert "".join(piece.text for piece in pieces) == text
    assert all(text.startswith(piece.text, piece.start) and piece.inside in piece.text for piece in pieces)


SHARDS = st.sampled_from(
    [
        *(
            "{{",
            "}}",
            "{%",
            "%}",
            "{#",
            "#}",
            "{{-",
            "-}}",
            "{%-",
            "-%}",
            "{% raw %}",
            "{% endraw %}",
            "'",
            '"',
            "\n",
            " ",
        ),
        *(
            "{{ env_var('A') }}",
            '{{ var("a.b") | int }}',
            "{{env_var( 'A' )|as_bool}}",
            "{# statement #}",
            "'{#'",
            '"#}"',
        ),
        *(
            "{{ statement('x') }}",
            "{% macro a() %}",
            "{%+ macro b(c) -%}",
            "{% endmacro %}",
            "a",
            "|",
            "(",
            ")",
            "-",
            "\r\n",
        ),
    ]
)
TEXTS = st.lists(SHARDS, max_size=8).map("".join)
PLAIN = jinja2.Environment(extensions=["jinja2.ext.do"])  # noqa: S701 - nothing is rendered


def lex(text: str) -> list[tuple[str, str]] | None:
    """Kind and text of each token as jinja2 itself gives them; None where it cannot read the text."""
    try:
        return [(kind, value) for _, kind, value in PLAIN.lex(text)]
    except jinja2.TemplateError:
        return None


@given(TEXTS)
def test_what_jinja2_takes_apart_is_jinja_and_nothing_else(text: str) -> None:
    tokens = lex(text)
    is_jinja = tokens is None or any(kind.endswith(("_end", "raw_begin")) for kind, _ in tokens)
    assert has_jinja(text) == is_jinja
    assert may_have_jinja(text) or not is_jinja
    assert "".join(piece.text for piece in split_jinja(text)) == text
    assert replace_jinja(text, lambda piece: piece.text) == text


@given(TEXTS)
def test_words_are_those_of_jinja2(text: str) -> None:
    spaces = ("whitespace", "data", "comment", "raw_begin", "raw_end")
    marks = ("comment_begin", "comment_end", "variable_begin", "variable_end", "block_begin", "block_end")
    tokens = lex(text) or []
    words = [value for kind, value in tokens if kind not in (*spaces, *marks)]
    if all(piece.kind != "text" or not may_have_jinja(piece.text) for piece in split_jinja(text)):  # with an end to all
        assert [word for piece in split_jinja(text) for word in piece.words] == words


@given(TEXTS)
def test_no_mention_is_lost_with_the_comments(text: str) -> None:
    found = read_mentions(text)
    assert not found.is_readable or found.names <= set(re.findall(r"\w+", strip_comments(text)))


@given(TEXTS)
def test_every_macro_is_found_without_jinja2(text: str) -> None:
    try:
        macros = [node.name for node in PLAIN.parse(text).find_all(jinja2.nodes.Macro)]
    except jinja2.TemplateError:
        return
    assert set(macros) <= set(list_macro_names(text))


def test_what_looks_like_a_comment_within_quotes_is_none() -> None:
    text = """{% set a = '{#' %}{{ statement('x') }}{% set b = '#}' %}"""
    assert strip_comments(text) == text
    assert strip_comments("a {# b #}{{ c }}") == "a {{ c }}"
