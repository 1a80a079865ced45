"""Changes of which dbt's manifest does not say whom they touch."""

from typing import Any

import pytest

from cases import each
from dot.base.frozen import FrozenMapping
from examples.codes import affected, compare, make_model, make_source
from examples.manifests import Entry, make_macro

READS_A = make_model("b", "select * from {{ ref('a') }}", reads=["model.shop.a"])


def make_called(name: str, text: str = "1", package: str = "shop", **given: Any) -> Entry:
    """A macro with this body, of which dbt noted no call."""
    return make_macro(name, package) | {"macro_sql": f"{{% macro {name}(m) %}}{text}{{% endmacro %}}"} | given


def reasons(model: Entry, *macros: Entry, name: str = "one", package: str = "shop", **given: Any) -> tuple[str, ...]:
    """Why a model differs whose macro does."""
    (base, head) = ([model, *macros, make_called(name, text, package)] for text in "12")
    return affected(compare(base, head, **given)).get("model.a", ())


# -- macros --------------------------------------------------------------------------------------------------------


@each(
    ("code", "package"),
    [
        ("{% set m = one %}{{ shape(m) }}", "shop"),
        ("{% if is_incremental() %} where {{ one() }} {% endif %}", "shop"),
        ("{{ shape(shop.one) }}", "shop"),
        ("{{ context['one']() }}", "shop"),
        ("{{ context.one() }}", "shop"),
        ("{{ house.one() }}", "house"),
        ("{% set h = house %}{{ h.one() }}", "house"),
        ("{{ config(pre_hook='{{ one() }}') }}", "shop"),
        ("{% set one = one %}{{ one() }}", "shop"),
        ("{{ one( }}", "shop"),
    ],
)
def test_a_macro_that_a_model_may_call_touches_it(code: str, package: str) -> None:
    called = f"{'' if package == 'shop' else f'{package}.'}one"
    assert reasons(make_model("a", code), package=package) == ("changed", f"macro: macro {called} changed")


@each(
    ("code", "package"),
    [
        ("select one from x", "shop"),
        ("{# one() #} select {{ two() }}", "shop"),
        ("{{ two(one=1) }}", "shop"),
        ("{{ 1 | one }}", "shop"),
        ("{% for one in [1] %}{{ one }}{% endfor %}", "shop"),
        ("{% macro inner(one) %}{{ one }}{% endmacro %}", "shop"),
        ("{% set one = 1 %}{{ one }}", "shop"),
        ("{{ one() }}", "house"),
        ("{{ shop.one() }}", "house"),
        ("{{ 'one' }}", "shop"),
    ],
)
def test_a_word_that_is_no_call_touches_nothing(code: str, package: str) -> None:
    assert reasons(make_model("a", code), make_called("two"), package=package) == ()


def test_a_macro_is_touched_by_what_it_may_call_and_by_what_it_dispatches() -> None:
    between = make_called("two", "{% if execute %}{{ one() }}{% endif %}")
    assert reasons(make_model("a", "{{ two() }}"), between) == ("changed", "macro: macro one changed")

    between = make_called("two", "{{ adapter.dispatch('one', 'house')() }}", "house")
    found = reasons(make_model("a", "{{ house.two() }}"), between, name="duckdb__one")
    assert found == ("changed", "macro: macro duckdb__one changed")


@each(
    ("config", "name"),
    [
        ({"materialized": "incremental", "incremental_strategy": "swap"}, "get_incremental_swap_sql"),
        ({"materialized": "snapshot", "strategy": "own"}, "snapshot_own_strategy"),
        ({"materialized": "swap"}, "materialization_swap_postgres"),
        ({"materialized": "view", "pre-hook": [{"sql": "{{ mine() }}"}]}, "mine"),
        ({"materialized": "view", "post-hook": ["{{ mine() }}"]}, "mine"),
    ],
)
def test_a_macro_that_dbt_looks_up_by_the_configuration_touches_it(config: Entry, name: str) -> None:
    assert reasons(make_model("a", config=config), name=name) == ("changed", f"macro: macro {name} changed")


def test_a_materialization_of_what_the_adapter_builds_on_is_taken_too() -> None:
    spark = make_called("materialization_table_spark", package="dbt_spark")
    model = make_model("a", config={"materialized": "swap"})

    assert reasons(model, spark, name="materialization_swap_spark") == (
        "changed",
        "macro: macro materialization_swap_spark changed",
    )
    assert reasons(model, name="materialization_swap_spark") == ()


def test_a_macro_of_dbts_that_the_project_replaces_touches_what_is_written_by_it() -> None:
    writer = make_called("materialization_view_default", "{{ get_create_view_as_sql() }}", "dbt")
    found = reasons(make_model("a", config={"materialized": "view"}), writer, name="get_create_view_as_sql")
    assert found == ("changed", "macro: macro get_create_view_as_sql changed")


# -- variables -----------------------------------------------------------------------------------------------------


@each(
    ("code", "touched"),
    [
        ("{{ var('cut') }}", True),
        ("{{ var.has_var('cut') }}", True),
        ("{% set name = 'cut' %}{{ var(name) }}", True),
        ("{{ var('other') }}", False),
        ("var('cut')", False),
        ("{# var('cut') #}", False),
    ],
)
def test_a_variable_touches_what_may_ask_for_it(code: str, *, touched: bool) -> None:
    values = (FrozenMapping({"cut": 1}), FrozenMapping({"cut": 2}))
    by_model = compare([make_model("a", code)], [make_model("a", code)], variables=values)
    both = [make_model("a", "{{ one() }}"), make_called("one", code)]
    by_macro = compare(both, both, variables=values)

    expected = {"model.a": ("changed", "configuration: var cut: 1 -> 2")} if touched else {}
    assert expected == affected(by_model) == affected(by_macro)


# -- the order in which packages are searched ----------------------------------------------------------------------

DISPATCH = (FrozenMapping(), FrozenMapping({"house": ["shop", "house"]}))


@each(
    ("package", "text", "touched"),
    [
        ("shop", "{{ adapter.dispatch('two')() }}", True),
        ("shop", "2", False),
        ("yard", "{{ adapter.dispatch('two')() }}", False),
    ],
)
def test_another_order_of_search_touches_what_may_be_found_elsewhere_now(
    package: str, text: str, *, touched: bool
) -> None:
    entries = [
        make_model("a", "{{ house.two() }}"),
        make_called("two", text, "house"),
        make_called("default__two", "1", "house"),
        make_called("default__two", "2", package),
    ]
    reason = ("changed", 'configuration: dispatch of house: none -> ["shop", "house"]')
    assert affected(compare(entries, entries, dispatch=DISPATCH)) == ({"model.a": reason} if touched else {})


# -- files ---------------------------------------------------------------------------------------------------------


@each(
    ("code", "file", "touched"),
    [
        ("select * from read_csv('data/x.csv')", "data/x.csv", True),
        ("select * from read_csv('../data/x.csv')", "dbt/data/x.csv", True),
        ("select * from read_csv('{{ root }}/x.csv')", "data/x.csv", True),
        ("select * from read_csv('data/*.csv')", "data/x.csv", True),
        ("select * from read_csv('data/**/*.csv')", "dbt/data/a/b/x.csv", True),
        ("select * from read_csv('./data/' || name)", "data/x.csv", True),
        ('select * from "data/x.parquet"', "data/x.parquet", True),
        ("select * from read_csv('data/x.csv')", "data/y.csv", False),
        ("select * from read_csv('data/*.csv')", "other/x.csv", False),
        ("select * from read_csv('data/*.csv')", "data/x.json", False),
        ("select '*' as star, 'data' as kind", "data/x.csv", False),
        ("select data_x.csv", "x.csv", False),
        ("select '{{ var(\"start\") }}' as since from {{ ref('a') }}", "data/x.csv", False),
        ("select * from {{ load('data/*.csv') }}", "data/x.csv", True),
        ("select orders from x", "models/orders.py", False),
        ("select * from read_csv('data/{a,b}[0-9].csv')", "data/a1.csv", True),
        ("select * from read_csv('{{ root }}/*.csv')", "data/x.csv", True),
        ("""select * from read_csv('{{ var("root", "data/") }}')""", "data/x.csv", True),
        ("select '{{ run_started_at }}'", "data/x.csv", False),
        ("select '{{ a }} and {{ b }}', '{{ a }}_{{ b }}', '{{ a }}.{{ b }}'", "data/x_y.csv", False),
        ("select * from t where x = '{% if y %}{% endif %}'", "data/x.csv", False),
    ],
)
def test_a_file_touches_what_reads_it_by_its_name(code: str, file: str, *, touched: bool) -> None:
    model, macro = make_model("a", code), [make_model("a", "{{ one() }}"), make_called("one", code)]

    expected = {"model.a": ("changed", f"file: {file} changed")} if touched else {}
    assert (
        expected == affected(compare([model], [model], files=(file,))) == affected(compare(macro, macro, files=(file,)))
    )


@each("value", ["data/x.csv", ["data/"], {"of": "data/*.csv"}])
def test_a_file_touches_what_asks_for_the_variable_that_names_it(value: object) -> None:
    entries = [make_model("a", "select * from read_csv('{{ var(\"file\") }}')"), make_model("b", "{{ var('other') }}")]
    given = FrozenMapping({"file": value, "other": "y.csv"})

    diff = compare(entries, entries, files=("data/x.csv",), variables=(given, given))
    assert affected(diff) == {"model.a": ("changed", "file: data/x.csv changed")}


def test_a_file_touches_no_source_whose_schema_is_the_targets() -> None:
    entries = [make_source(unrendered_schema="{{ target.schema }}"), READS_SOURCE]

    assert affected(compare(entries, entries, files=("models/a.sql",))) == {}


def test_a_module_touches_the_python_model_that_imports_it() -> None:
    model = make_model("a", "from tools import shape\ndef model(dbt, session): ...", language="python")
    diff = compare([model], [model], files=("macros/tools.py", "macros/other.py"))

    assert affected(diff) == {"model.a": ("changed", "file: macros/tools.py changed")}


# -- sources -------------------------------------------------------------------------------------------------------

READS_SOURCE = make_model("a", reads=["source.shop.raw.t"])


@each(
    ("base", "head", "reason"),
    [
        (
            {"meta": {"external_location": "a.csv"}},
            {"meta": {"external_location": "b.csv"}},
            "external_location: a.csv -> b.csv",
        ),
        ({}, {"config": {"external_location": "a.csv"}}, "external_location: none -> a.csv"),
        ({}, {"source_meta": {"external_location": "a.csv"}}, "external_location: none -> a.csv"),
        (
            {"meta": {"plugin": "excel", "sheet": "one"}},
            {"meta": {"plugin": "excel", "sheet": "two"}},
            "sheet: one -> two",
        ),
        (
            {"meta": {"external_location": "a"}},
            {"meta": {"external_location": "a", "formatter": "oldstyle"}},
            "formatter: none -> oldstyle",
        ),
        ({"config": {"event_time": "a"}}, {"config": {"event_time": "b"}}, "event_time: a -> b"),
        (
            {"external": {"format": "csv"}, "columns": {"id": {"data_type": "int"}}},
            {"external": {"format": "csv"}, "columns": {"id": {"data_type": "text"}}},
            'columns: {"id": "int"} -> {"id": "text"}',
        ),
        ({"columns": {"id": {"data_type": "int"}}}, {"columns": {"id": {"data_type": "text"}}}, None),
        ({"meta": {"owner": "ada"}}, {"meta": {"owner": "bob"}}, None),
        ({"config": {"tags": ["a"], "freshness": 1}}, {"config": {"tags": ["b"], "loaded_at_field": "t"}}, None),
        (
            {
                "meta": {"external_location": "x_a1b2c3d.csv"},
                "unrendered_config": {"meta": {"external_location": "{{ x }}"}},
            },
            {"meta": {"external_location": "y.csv"}, "unrendered_config": {"meta": {"external_location": "{{ x }}"}}},
            None,
        ),
    ],
)
def test_what_an_adapter_reads_of_a_source_is_part_of_it(base: Entry, head: Entry, reason: str | None) -> None:
    diff = compare([make_source(**base), READS_SOURCE], [make_source(**head), READS_SOURCE])

    expected = {"model.a": ("parent",), "source.raw.t": ("changed", f"configuration: {reason}")} if reason else {}
    assert affected(diff) == expected


def test_a_file_that_a_source_is_read_from_touches_what_reads_it() -> None:
    entries = [make_source(meta={"external_location": "data/{name}.csv"}), READS_SOURCE]
    diff = compare(entries, entries, files=("data/t.csv",))

    assert affected(diff) == {"model.a": ("parent",), "source.raw.t": ("changed", "file: data/t.csv changed")}


# -- doubts --------------------------------------------------------------------------------------------------------

HOOK = {"unique_id": "operation.shop.shop-on-run-end-0", "resource_type": "operation", "name": "shop-on-run-end-0"}


def make_hook(code: str) -> Entry:
    return make_model("x", code) | HOOK


def doubts(base: list[Entry], head: list[Entry], **given: Any) -> dict[str, Any]:
    return dict(compare(base, head, **given).doubts)


def test_a_hook_of_the_project_that_changed_lets_everything_be_doubted_that_is_the_same() -> None:
    models = [make_model("a"), READS_A]
    diff = compare([*models, make_hook("select 1")], [*models, make_hook("select 2")])

    assert affected(diff) == {"operation.shop-on-run-end-0": ("changed", "sql: 1 line added, 1 line removed")}
    assert dict(diff.doubts) == {
        "model.shop.a": "on-run-end of shop changed",
        "model.shop.b": "on-run-end of shop changed",
    }


@pytest.mark.parametrize(("base", "head"), [([make_hook("1")], []), ([], [make_hook("1")])], ids=["removed", "added"])
def test_a_hook_that_is_new_or_gone_is_a_reason_too(base: list[Entry], head: list[Entry]) -> None:
    model = make_model("a")
    assert doubts([model, *base], [model, *head]) == {"model.shop.a": "on-run-end of shop changed"}


def test_a_hook_whose_macro_changed_has_changed() -> None:
    entries = [[make_model("a"), make_hook("{{ one() }}"), make_called("one", text)] for text in "12"]
    assert doubts(*entries) == {"model.shop.a": "on-run-end of shop changed"}


def test_other_flags_fewer_rows_and_another_dbt_let_everything_be_doubted() -> None:
    model = make_model("a")
    flags = (FrozenMapping(), FrozenMapping({"x": True}))
    assert doubts([model], [model], flags=flags) == {"model.shop.a": "the flags of dbt_project.yml changed"}

    limits = ("--empty", None)
    assert doubts([model], [model], limit=limits) == {"model.shop.a": "base was built with --empty"}
    assert doubts([model], [model], limit=limits[::-1]) == {"model.shop.a": "head was built with --empty"}

    dbts = [[model, make_called("one", text, "dbt")] for text in "12"]
    assert doubts(*dbts) == {"model.shop.a": "dbt's own macros differ: dbt None -> None"}


@each(
    ("code", "reason"),
    [
        ("{{ env_var('X') }}", "uses env_var() of X"),
        ("{{ env_var(name) }}", "uses env_var()"),
        ("{{ one() }}", "uses env_var() of Y"),
        ("{{ env_var('DOT_COMMIT') }}", None),
        ("env_var('X')", None),
        ("{{ target.name }}", "uses `target`, which is dev -> prod"),
        ("{{ f(target) }}", "uses `target`, which is dev -> prod"),
        ("{{ target.schema }}{{ target['database'] }}", None),
        ("{{ f(target) }}{{ target.schema }}", "uses `target`, which is dev -> prod"),
        ("{% raw %}{{ target.name }}{% endraw %}{{ 1 }}", None),
    ],
)
def test_what_asks_for_its_surroundings_is_doubted_and_what_reads_it(code: str, reason: str | None) -> None:
    entries = [make_model("a", code), READS_A, make_model("c"), make_called("one", "{{ env_var('Y') }}")]
    expected = {"model.shop.a": reason, "model.shop.b": reason} if reason else {}

    assert doubts(entries, entries, output=("dev", "prod")) == expected


def test_where_the_output_is_the_same_nothing_that_asks_for_it_is_doubted() -> None:
    entries = [make_model("a", "{{ target.name }}")]
    assert doubts(entries, entries, output=("dev", "dev")) == {}


def test_a_setting_that_was_rendered_otherwise_is_doubted_unless_it_says_where_rows_are() -> None:
    written = {"unrendered_config": {"materialized": "{{ x }}", "alias": "{{ y }}"}}
    one, two, three = (
        make_model("a", config=config) | written
        for config in ({"materialized": "view"}, {"materialized": "table"}, {"materialized": "view", "alias": "z"})
    )
    assert doubts([one], [two]) == {"model.shop.a": "materialized was rendered otherwise"}
    assert doubts([one], [three]) == {}


@each(
    ("base", "head", "reason"),
    [
        ({"relation_name": "a.t"}, {"relation_name": "b.t"}, "its source raw.t is a.t -> b.t"),
        (
            {"config": {"event_time": "a"}, "unrendered_config": {"event_time": "{{ x }}"}},
            {"config": {"event_time": "b"}, "unrendered_config": {"event_time": "{{ x }}"}},
            "event_time of its source raw.t was rendered otherwise",
        ),
        ({"relation_name": "raw_a1b2c3d.t"}, {"relation_name": "raw.t"}, None),
    ],
)
def test_a_source_that_is_another_by_its_surroundings_lets_its_readers_be_doubted(
    base: Entry, head: Entry, reason: str | None
) -> None:
    sources = [make_source(unrendered_schema="{{ x }}", **given) for given in (base, head)]
    found = doubts([sources[0], READS_SOURCE], [sources[1], READS_SOURCE], short_hash=("a1b2c3d", None))

    assert ({"model.shop.a": reason} if reason else {}) == found
