"""What a text with dbt's Jinja in it names."""

import pytest

from dot.core.jinja_names import DYNAMIC, UNREADABLE, read_mentions


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("select 1", set()),
        ("{{ run_query('x') }} {# statement #}", {"run_query"}),
        ("{% call statement('a') %}{{ b }}{% endcall %}", {"statement", "b"}),
        ("{% do adapter.drop_schema(x) %}", {"adapter.drop_schema", "x"}),
        ("{{ adapter['drop_schema'](x) }}", {"adapter.drop_schema", "x"}),
        ("{{ adapter[x](1) }}", {"adapter", "x"}),
        ("{% set a = adapter %}{{ a.execute('x') }}", {"adapter", "a", "a.execute"}),
        ("{{ adapter | attr('execute') }}", {"adapter"}),
        ("{{ adapter.dispatch('x', 'house')() }}", {"adapter.dispatch", "dispatch x"}),
        ("{{ adapter.dispatch(macro_name='x')() }}", {"adapter.dispatch", "dispatch x"}),
        ("{{ adapter.dispatch(x)() }}", {"adapter.dispatch", DYNAMIC, "x"}),
        ("{{ adapter.dispatch()() }}", {"adapter.dispatch", DYNAMIC}),
        ("{% set m = one %}{{ shape(m) }}", {"one", "shape", "m"}),
        ("{% macro f(statement) %}{{ statement }}{{ g() }}{% endmacro %}", {"g"}),
        ("{% materialization a, default %}{{ g() }}{% endmaterialization %}", {"g"}),
        ("{% materialization a, adapter='x', supported_languages=['sql'] -%}{{ g() }}{%- endmaterialization %}", {"g"}),
        ("{% test a(model) %}{{ g() }}{% endtest %}", {"g"}),
        ("{% data_test a(model) %}{{ g() }}{% enddata_test %}", {"g"}),
        ("{% snapshot a %}{{ g() }}{% endsnapshot %}{% docs a %}{{ h() }}{% enddocs %}", {"g", "h"}),
        ("{% for a in b %}{% if a %}{% continue %}{% endif %}{% endfor %}", {"a", "b"}),
        ("{{ config(pre_hook=f()) }}", {"config", "f"}),
        ("{{ x | as_number | default(y) }}", {"x", "y"}),
        ("{% if %}", {UNREADABLE}),
        ("{{ " + "(" * 2000, {UNREADABLE}),
    ],
)
def test_what_a_text_takes_from_outside(text: str, names: set[str]) -> None:
    assert names - {"a", "m"} == read_mentions(text) - {"a", "m"}
