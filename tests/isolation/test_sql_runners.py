"""What runs SQL when a body is compiled: dbt's functions, and macros that come to them through however many others."""

from cases import each
from dot.isolation.sql_runners import UNREADABLE, find_sql_runners, list_sql_calls
from examples.manifests import Entry, make_macro, make_manifest

OWN = (
    ("dbt", "statement", "{{ adapter.execute(caller()) }}"),
    ("dbt", "run_query", "{% call statement('q') %}{% endcall %}"),
    ("dbt", "create_schema", "{{ adapter.dispatch('create_schema', 'dbt')(relation) }}"),
    ("dbt", "default__create_schema", "{% call statement('create') %}{% endcall %}"),
    ("dbt", "load_relation", "{# statement #}{{ adapter.get_relation(relation.run_query()) }}"),
    ("dbt", "date_spine", "{{ dbt.get_intervals_between(a, b) }}"),
    ("dbt", "get_intervals_between", "{{ adapter.dispatch('get_intervals_between', 'dbt')(a, b) }}"),
    ("dbt", "default__get_intervals_between", "{% call statement('a') %}{% endcall %}"),
)
HOUSE = (
    ("house", "values_of", "{{ return(adapter.dispatch('values_of', 'house')(column)) }}"),
    ("house", "default__values_of", "{{ dbt.run_query('select 1') }}"),
    ("house", "harmless", "{{ adapter.get_columns_in_relation(relation) }}"),
    ("house", "passes", "{{ shape(run_query) }}"),
    ("house", "broken", "{% if statement %}"),
)


def entries(*macros: tuple[str, str, str]) -> list[Entry]:
    return [make_macro(name, package, text) for package, name, text in (*OWN, *HOUSE, *macros)]


@each(
    ("text", "calls"),
    [
        ("select 1", ()),
        ("select statement, adapter from run_query", ()),
        ("{{ ref('run_query') }}", ()),
        ("{# run_query() #}{{ ref('a') }}", ()),
        ("{% set a = '{#' %}{{ run_query('x') }}{% set b = '#}' %}", ("run_query",)),
        ("{{ run_query('drop table x') }}", ("run_query",)),
        ("{{ dbt.run_query('drop table x') }}", ("run_query",)),
        ("{{ config(pre_hook=run_query('x')) }}", ("run_query",)),
        ("{% set q = run_query %}", ("run_query",)),
        ("{% call statement('x') %}{% endcall %}", ("statement",)),
        ("{% do adapter.drop_schema(x) %}", ("adapter.drop_schema",)),
        ("{% do adapter.unheard_of(x) %}", ("adapter.unheard_of",)),
        ("{{ adapter.quote(x) }}{{ adapter.get_relation(x) }}", ()),
        ("{{ adapter.dispatch('create_schema', 'dbt')(x) }}", ("create_schema",)),
        ("{{ adapter.dispatch(x)() }}", ("adapter.dispatch of a computed name",)),
        ("{% set a = adapter %}", ("adapter",)),
        ("{{ context['run_' ~ 'query']('x') }}", ("context",)),
        ("{{ context.get(name)('x') }}", ("context",)),
        ("{{ context['run_query']('x') }}{{ context.adapter.execute('x') }}", ("adapter.execute", "run_query")),
        ("{% raw %}{{ run_query('x') }}{% endraw %}{{ ref('a') }}", ()),
        ("{% macro f(sql: str, n: optional[int] = 1) %}{{ run_query(sql) }}{% endmacro %}", ("run_query",)),
        ("{% set d = adapter.dispatch %}{{ d('create_schema')() }}", ("adapter.dispatch of a computed name",)),
        ("{{ render('{{ run' ~ '_query() }}') }}", ("render",)),
        ("{{ create_schema(x) }}", ("create_schema",)),
        ("{{ load_relation(this) }}{{ dbt.date_spine(1, 2) }}", ()),
        ("{{ house.values_of('a') }}", ("house.values_of",)),
        ("{{ values_of('a') }}{{ run_query('b') }}", ("house.values_of", "run_query")),
        ("{{ house.harmless('a') }}", ()),
        ("{{ model.values_of }}", ()),
        ("{{ passes() }}", ("house.passes",)),
        ("{{ broken() }}", ("house.broken",)),
        ("{% if run_query %}", (UNREADABLE,)),
        ("{% call set_sql_header(config) %}drop table x{% endcall %}", ("set_sql_header",)),
    ],
)
def test_what_a_body_calls_that_runs_sql(text: str, calls: tuple[str, ...]) -> None:
    running = find_sql_runners(make_manifest(macros=entries()))

    assert list_sql_calls(text, running) == calls


def test_a_macro_runs_sql_through_however_many_others_and_whatever_their_order() -> None:
    chain = [("shop", f"m{n}", f"{{{{ m{n + 1}() }}}}") for n in range(9)]
    last = ("shop", "m9", "{{ house.values_of('a') }}")

    for macros in ((*chain, last), (last, *reversed(chain))):
        assert list_sql_calls("{{ m0() }}", find_sql_runners(make_manifest(macros=entries(*macros)))) == ("shop.m0",)
