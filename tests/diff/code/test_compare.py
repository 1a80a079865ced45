"""What people changed between two builds, and what that touches."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from cases import each
from dot.diff.code.compare import CodeDiff
from dot.diff.report import CodeChange
from examples.codes import affected, compare, make_generic, make_model, make_source
from examples.manifests import Entry, make_macro, make_node

A, B, C = (f"model.shop.{name}" for name in "abc")
READS_A = make_model("b", "select * from {{ ref('a') }}", reads=[A])
READS_B = make_model("c", "select * from {{ ref('b') }}", reads=[B])
TEST_OF_B = make_generic("unique_b", B)


def make_unit_test(**given: Any) -> Entry:
    body = {"given": [{"input": "ref('a')", "rows": [{"id": 1}]}], "expect": {"rows": [{"id": 1}]}, "overrides": None}
    unique_id = "unit_test.shop.b.ut"
    entry = make_node("ut", resource_type="unit_test", unique_id=unique_id, config={"enabled": True})
    return entry | body | {"depends_on": {"nodes": [B], "macros": []}, "checksum": "abc"} | given


# -- kinds ---------------------------------------------------------------------------------------------------------


def test_what_reads_a_changed_model_is_changed_through_its_parent() -> None:
    chain = (READS_A, READS_B, TEST_OF_B, make_unit_test(), make_model("d"))
    diff = compare((make_model("a"), *chain), (make_model("a", "select 2 as id"), *chain))

    assert affected(diff) == {
        "model.a": ("changed", "sql: 1 line added, 1 line removed"),
        "model.b": ("parent",),
        "model.c": ("parent",),
        "test.unique_b": ("parent",),
        "unit_test.b.ut": ("parent",),
    }
    assert {node.unique_id: node.parents for node in diff.nodes} == {
        A: (),
        B: (A,),
        C: (B,),
        "test.shop.unique_b": (B,),
        "unit_test.shop.b.ut": (B,),
        "model.shop.d": (),
    }
    assert diff.nodes[0].changes == (CodeChange(part="sql", summary="1 line added, 1 line removed", diff=DIFF),)


DIFF = "@@ -1 +1 @@\n-select 1 as id\n+select 2 as id"


def test_a_node_says_what_it_is_and_where_on_both_sides() -> None:
    diff = compare(
        [
            make_model("a", relation_name="x.a"),
            make_model("gone", "select 3", relation_name="x.gone"),
            make_model("old", "select 42", relation_name="x.old"),
        ],
        [
            make_model("a", relation_name="y.a"),
            make_model("new", "select 4", relation_name="y.new"),
            make_model("z", "select 42", relation_name="y.z"),
        ],
    )

    assert [
        (
            *(node.unique_id, node.name, node.resource_type, node.materialized, node.file),
            *(node.code, node.relation_base, node.relation_head, node.renamed_from),
        )
        for node in diff.nodes
    ] == [
        (A, "a", "model", "view", "models/a.sql", "same", "x.a", "y.a", None),
        ("model.shop.gone", "gone", "model", "view", "models/gone.sql", "removed", "x.gone", None, None),
        ("model.shop.new", "new", "model", "view", "models/new.sql", "added", None, "y.new", None),
        ("model.shop.z", "z", "model", "view", "models/z.sql", "renamed", "x.old", "y.z", "model.shop.old"),
    ]


def test_a_test_that_changes_touches_nothing_else() -> None:
    model, other = make_model("a"), make_model("b", "select 5")
    tests = [make_model("t", code, resource_type="test", reads=[A]) for code in ("select 1", "select 2")]

    diff = compare([model, other, tests[0]], [model, other, tests[1]])

    assert affected(diff) == {"test.t": ("changed", "sql: 1 line added, 1 line removed")}


def test_what_is_disabled_is_not_there() -> None:
    enabled, disabled = make_model("a"), make_model("a", config={"enabled": False})

    assert affected(compare([enabled], [disabled])) == {"model.a": ("removed", "sql: 1 line removed")}
    assert affected(compare([disabled], [enabled])) == {"model.a": ("added", "sql: 1 line added")}
    assert affected(compare([disabled], [disabled])) == {}


def test_analyses_operations_and_metrics_are_ignored() -> None:
    analysis = make_model("x", resource_type="analysis")
    reader = make_model("a", reads=["metric.shop.m"])

    assert affected(compare([reader], [make_model("a"), analysis])) == {}


def test_of_what_one_side_alone_has_all_code_that_somebody_wrote_is_shown() -> None:
    written = [make_model("a", "select 1\nas id"), make_model("long", "x\n" * 3_001), make_model("empty", "")]
    diff = compare([], [*written, make_generic("unique_a", "model.shop.a")])

    changes = {node.name: [change.diff for change in node.changes] for node in diff.nodes}
    assert changes == {"a": ["@@ -0,0 +1,2 @@\n+select 1\n+as id"], "long": [], "empty": [], "unique_a": []}


def test_versions_of_a_model_are_nodes_of_their_own() -> None:
    one, two = (make_model("dim", f"select {v}", unique_id=f"model.shop.dim.v{v}", version=v) for v in (1, 2))
    before = [one | {"latest_version": 1}, make_model("a", "select {{ ref('dim') }}", reads=["model.shop.dim.v1"])]
    after = [
        one | {"latest_version": 2},
        two | {"latest_version": 2},
        make_model("a", "select {{ ref('dim') }}", reads=["model.shop.dim.v2"]),
    ]

    diff = compare(before, after)

    assert affected(diff) == {
        "model.a": ("parent",),
        "model.dim.v1": ("changed", "configuration: latest_version: 1 -> 2"),
        "model.dim.v2": ("added", "sql: 1 line added"),
    }
    assert diff.nodes[0].parents == ("model.shop.dim.v2",)


@each("kind", ["function", "seed", "snapshot"])
def test_functions_seeds_and_snapshots_are_read_like_models(kind: str) -> None:
    same = make_model("same", "select 5")
    reader = make_model("b", "select f(1)", reads=[f"{kind}.shop.f", "model.shop.same"])
    before, after = (make_model("f", code, resource_type=kind) for code in ("x", "x * 2"))

    diff = compare([before, same, reader], [after, same, reader])

    assert affected(diff) == {f"{kind}.f": ("changed", "sql: 1 line added, 1 line removed"), "model.b": ("parent",)}
    assert [node.parents for node in diff.nodes if node.unique_id == B] == [(f"{kind}.shop.f",)]


@each(("kind", "key"), [("function", "arguments"), ("function", "returns"), ("model", "deprecation_date")])
def test_what_is_said_of_a_node_is_its_configuration(kind: str, key: str) -> None:
    one, other = (make_model("f", "x", resource_type=kind, **{key: [{"name": name}]}) for name in "xy")

    assert affected(compare([one], [other])) == {
        f"{kind}.f": ("changed", f'configuration: {key}: [{{"name": "x"}}] -> [{{"name": "y"}}]')
    }


@each(
    ("change", "shown"),
    [
        (
            {"expect": {"rows": [{"id": 2}]}},
            '   "expect": {\n     "rows": [\n       {\n-        "id": 1\n+        "id": 2',
        ),
        (
            {"given": [{"input": "ref('ä')", "rows": [{"id": 1}]}]},
            """-      "input": "ref('a')",\n+      "input": "ref('ä')",""",
        ),
        ({"overrides": "x"}, '-  "overrides": null\n+  "overrides": "x"'),
    ],
)
def test_a_unit_test_is_what_it_gives_and_expects(change: Entry, shown: str) -> None:
    turned = [{"rows": [{"id": 1}], "input": "ref('a')"}]

    diff = compare([make_unit_test()], [make_unit_test(**{"given": turned} | change, checksum="def")])

    assert affected(diff) == {"unit_test.b.ut": ("changed", "sql: 1 line added, 1 line removed")}
    assert shown in diff.nodes[0].changes[0].diff


# -- SQL -----------------------------------------------------------------------------------------------------------


def test_line_ends_are_no_change_and_white_space_is() -> None:
    base = make_model("a", "select 1\nfrom x")

    assert affected(compare([base], [make_model("a", "select 1\r\nfrom x")])) == {}
    assert affected(compare([base], [make_model("a", "select  1\nfrom x")])) == {
        "model.a": ("changed", "sql: 1 line added, 1 line removed")
    }


CONFIGURED = "{{{{ config(materialized={kind!r}, tags=['x']) }}}}\nselect 1"


def test_a_configuration_inside_the_sql_is_told_as_one() -> None:
    base, head = (
        make_model("a", CONFIGURED.format(kind=kind), config={"materialized": kind}) for kind in ("view", "table")
    )

    diff = compare([base], [head])

    assert affected(diff) == {"model.a": ("changed", "configuration: materialized: view -> table")}
    assert diff.nodes[0].changes[0].diff == "@@ -1 +1 @@\n-materialized: view\n+materialized: table"
    bare = make_model("a", "select 1", config={"materialized": "view"})
    assert affected(compare([bare], [head])) == {"model.a": ("changed", "configuration: materialized: view -> table")}


def test_a_call_of_config_that_comes_to_the_same_is_a_change_of_sql() -> None:
    base, head = make_model("a", CONFIGURED.format(kind="view")), make_model("a", "{{ config() }}\nselect 1")

    assert affected(compare([base], [head])) == {"model.a": ("changed", "sql: 1 line added, 1 line removed")}


def test_what_dbt_renders_into_the_code_of_a_generic_test_is_not_written_by_hand() -> None:
    call = "{{ test_unique(**_dbt_generic_test_kwargs) }}"
    plain, loud, other = (
        make_generic("t", A) | {"raw_code": code}
        for code in (call, f"{call}{{{{ config(schema='a1b2c3d') }}}}", call.replace("unique", "own"))
    )

    assert affected(compare([plain], [loud])) == {}
    assert affected(compare([plain], [other])) == {"test.t": ("changed", "sql: 1 line added, 1 line removed")}


@each(("severity", "expected"), [("WARN", ()), ("error", ("changed", "configuration: severity: warn -> error"))])
def test_severities_are_equal_in_small_and_in_capital_letters(severity: str, expected: tuple[str, ...]) -> None:
    tests = [make_generic("t", A, config={"severity": given}) for given in ("warn", severity)]

    assert affected(compare([tests[0]], [tests[1]])) == ({"test.t": expected} if expected else {})


# -- configuration -------------------------------------------------------------------------------------------------

ON_OTHERS = (READS_A,)


@each(
    ("base", "head", "reason", "is_felt"),
    [
        ({"materialized": "view"}, {"materialized": "table"}, "materialized: view -> table", True),
        ({}, {"unique_key": "id"}, "unique_key: none -> id", True),
        ({"pre_hook": "a"}, {"pre_hook": "b"}, 'pre-hook: ["a"] -> ["b"]', True),
        ({"pre_hook": "a"}, {}, 'pre-hook: ["a"] -> none', True),
        ({"tags": ["x"]}, {}, 'tags: ["x"] -> none', False),
        ({"schema": "one"}, {"schema": "two"}, "schema: one -> two", False),
        ({}, {"meta": {"owner": "ada"}}, 'meta: none -> {"owner": "ada"} (documentation only)', False),
    ],
)
def test_a_setting_that_somebody_wrote(base: Entry, head: Entry, reason: str, *, is_felt: bool) -> None:
    models = [make_model("a", config=config) for config in (base, head)]
    for model in models:
        if "pre_hook" in model["config"]:
            sql = model["config"].pop("pre_hook")
            model["config"]["pre-hook"] = [{"sql": sql, "transaction": True, "index": None}]

    diff = compare([models[0], READS_A], [models[1], READS_A])

    felt = {"model.b": ("parent",)} if is_felt else {}
    assert affected(diff) == {"model.a": ("changed", f"configuration: {reason}"), **felt}


@each(
    "key",
    [
        *("access", "alias", "database", "deprecation_date", "docs", "grants", "group", "latest_version", "location"),
        *("location_root", "persist_docs", "target_database", "target_schema"),
    ],
)
def test_a_setting_that_does_not_say_which_rows_there_are_is_felt_by_nobody(key: str) -> None:
    diff = compare([make_model("a"), READS_A], [make_model("a", config={key: "x"}), READS_A])

    assert list(affected(diff)) == ["model.a"]


def test_a_hook_that_is_plain_text_is_shown_as_it_is() -> None:
    models = [make_model("a", config={"post-hook": [text]}) for text in ("a", "b")]

    assert affected(compare([models[0]], [models[1]])) == {
        "model.a": ("changed", 'configuration: post-hook: ["a"] -> ["b"]')
    }


def configured(rendered: Entry, written: Entry | None) -> Entry:
    return make_model("a", config=rendered) | {"unrendered_config": written}


OTHER = make_model("other", config={"materialized": "view"})
TREE = "Keyword(key='alias', value=Const(value='a'))"
SCHEMAS = ("analytics", "analytics_a1b2c3d")


@each(
    ("base", "head", "expected"),
    [
        # what is written is the same: the environment makes the difference
        (
            configured({"materialized": "view"}, {"materialized": "{{ x }}"}),
            configured({"materialized": "table"}, {"materialized": "{{ x }}"}),
            (),
        ),
        # what is written differs, and comes to the same
        (
            configured({"materialized": "view"}, {"materialized": "{{ x }}"}),
            configured({"materialized": "view"}, {"materialized": "view"}),
            (),
        ),
        # nobody wrote it: another version of dbt
        (configured({"lookback": 1}, {}), configured({"lookback": 2}, {}), ()),
        (configured({}, {}), configured({"lookback": 2}, {}), ()),
        # a schema of its own, written in a way that dbt keeps rendered
        (configured({"schema": "analytics_x"}, {"schema": "analytics_x"}), SCHEMAS[1], ()),
        # what only the build is called is shown as it was written, if somebody can read that
        (
            configured({"schema": "analytics_x"}, {"schema": "{{ target.schema }}_x"}),
            configured({"schema": "analytics_a1b2c3d_y"}, {"schema": "{{ target.schema }}_y"}),
            ("changed", "configuration: schema: {{ target.schema }}_x -> {{ target.schema }}_y"),
        ),
        (
            configured({"alias": "analytics_x"}, {"alias": TREE}),
            configured({"alias": "analytics_a1b2c3d_y"}, {"alias": TREE + " "}),
            ("changed", "configuration: alias: analytics_x -> analytics_a1b2c3d_y"),
        ),
    ],
)
def test_what_counts_as_written(base: Entry, head: Entry | str, expected: tuple[str, ...]) -> None:
    if isinstance(head, str):
        head = configured({"schema": f"{head}_x"}, {"schema": f"{head}_x"})

    diff = compare([base, OTHER], [head, OTHER], schema_name=SCHEMAS, short_hash=(None, "a1b2c3d"))

    assert affected(diff) == ({"model.a": expected} if expected else {})


@each(
    ("base", "head", "expected"),
    [
        ({"lookback": 1}, {"lookback": 2}, ("changed", "configuration: lookback: 1 -> 2")),
        ({}, {"lookback": 2}, ()),
        ({"lookback": 2}, {}, ()),
    ],
)
def test_where_dbt_keeps_nothing_of_what_was_written_both_must_know_a_setting(
    base: Entry, head: Entry, expected: tuple[str, ...]
) -> None:
    diff = compare([configured(base, None)], [configured(head, None)])

    assert affected(diff) == ({"model.a": expected} if expected else {})


def test_a_description_is_documentation_only() -> None:
    diff = compare([make_model("a"), READS_A], [make_model("a", description="All of them"), READS_A])

    assert affected(diff) == {
        "model.a": ("changed", "configuration: description: none -> All of them (documentation only)")
    }
    assert [node.parents for node in diff.nodes] == [(), ()]


# -- columns -------------------------------------------------------------------------------------------------------

KEY = {"type": "primary_key"}


def with_columns(*, contract: bool | None, constraints: Any = (), **columns: Entry) -> Entry:
    named = {name: {"name": name, "meta": {}, "config": {"meta": {}}, **column} for name, column in columns.items()}
    config = {} if contract is None else {"contract": {"enforced": contract}}
    return make_model("a", columns=named, constraints=list(constraints), config=config)


@each(
    ("base", "head", "loose", "strict"),
    [
        ({}, {"x": {"description": "one"}, "y": {"description": "two"}}, "2 columns described", "x added, y added"),
        ({"x": {}}, {"x": {"description": "one"}}, "1 column described", None),
        ({"x": {"description": "one"}}, {"x": {}}, "1 column described anew", None),
        (
            {"x": {"data_type": "int", "constraints": [KEY], "description": "one"}, "y": {}},
            {"x": {"data_type": "int", "constraints": [KEY]}, "y": {"description": "two"}},
            "2 columns described anew",
            None,
        ),
        ({"x": {"data_type": "int"}}, {"x": {"data_type": "text"}}, "1 column described", "x: int -> text"),
        ({"x": {"data_type": "int"}}, {}, "1 column described", "x removed"),
        ({"x": {}}, {"x": {"constraints": [KEY]}}, "1 column described", "constraints of x changed"),
        ({}, {"constraints": [KEY]}, "constraints changed", "constraints changed"),
        ({"constraints": [KEY]}, {}, "constraints changed", "constraints changed"),
        (
            {},
            {"a": {"data_type": "int"}, "b": {"quote": True}, "constraints": [KEY]},
            "2 columns described, constraints changed",
            "constraints changed, a added, b added",
        ),
        (
            {},
            {name: {"data_type": "int"} for name in "abcde"},
            "5 columns described",
            "a added, b added, c added and 2 more",
        ),
    ],
)
def test_columns(base: Any, head: Any, loose: str, strict: str | None) -> None:
    """Without a contract dbt does nothing with them; with one, types and constraints can be felt."""
    described, refused, enforced = (
        affected(compare([with_columns(contract=on, **base), READS_A], [with_columns(contract=on, **head), READS_A]))
        for on in (None, False, True)
    )

    documented = {"model.a": ("changed", f"columns: {loose} (documentation only)")}
    assert documented == described == refused
    assert (
        {"model.a": ("changed", f"columns: {strict}"), "model.b": ("parent",)} if strict else documented
    ) == enforced


def test_a_contract_of_either_side_can_be_felt() -> None:
    models = [with_columns(contract=on, x={"data_type": kind}) for on, kind in ((True, "int"), (False, "text"))]

    for base, head in (models, models[::-1]):
        (node,) = compare([base], [head]).nodes
        assert "x: " in node.changes[-1].summary


def test_columns_are_shown_one_below_the_other() -> None:
    base = with_columns(contract=False, id={"data_type": "int", "description": "", "granularity": None})
    head = with_columns(contract=False, id={"data_type": "int", "description": "The id"}, constraints=[KEY])

    assert compare([base], [head]).nodes[0].changes[0].diff == (
        "@@ -1,2 +1,6 @@\n"
        '+model:\n+  constraints:\n+    - {"type": "primary_key"}\n'
        " id:\n   data_type: int\n+  description: The id"
    )


def test_columns_that_dbt_says_in_other_words_are_the_same() -> None:
    base = with_columns(contract=True, x={"data_type": "int"})
    head = with_columns(
        contract=True,
        x={"data_type": "int", "granularity": None, "description": "", "doc_blocks": ["doc.shop.x"]},
        y={},
    )

    assert affected(compare([base], [make_model("a") | head | {"columns": {"x": head["columns"]["x"]}}])) == {}


# -- seeds ---------------------------------------------------------------------------------------------------------


def make_seed(checksum: str, name: str = "sha256") -> Entry:
    return make_model("s", "", resource_type="seed", checksum={"name": name, "checksum": checksum})


SEED = "seed.shop.s"


@each(
    ("base", "head", "texts", "expected"),
    [
        (make_seed("1"), make_seed("1"), ({}, {}), ()),
        (make_seed("1"), make_seed("2"), ({}, {}), ("changed", "seed: changed")),
        (make_seed("1"), make_seed("2"), ({SEED: "a"}, {}), ("changed", "seed: changed")),
        (make_seed("1"), make_seed("2"), ({SEED: "a\n1\n"}, {SEED: "a\n2\n3\n"}), ("2 rows added, 1 row removed",)),
        (make_seed("1"), make_seed("2"), ({SEED: "a\n1\n"}, {SEED: "a\r\n1\r\n"}), ()),
        # a large file, of which dbt keeps the path
        (make_seed("x.csv", "path"), make_seed("y.csv", "path"), ({}, {}), ()),
        (make_seed("x.csv", "path"), make_seed("1"), ({}, {}), ("changed", "seed: changed")),
        (make_seed("x", "path"), make_seed("x", "path"), ({SEED: "a"}, {SEED: "b"}), ("1 row added, 1 row removed",)),
    ],
)
def test_seeds(base: Entry, head: Entry, texts: Any, expected: tuple[str, ...]) -> None:
    reason = ("changed", f"seed: {expected[0]}") if len(expected) == 1 else expected

    assert affected(compare([base], [head], seeds=texts)) == ({"seed.s": reason} if reason else {})


def test_rows_of_a_seed_are_told_as_numbers_alone_where_no_rows_are_wanted() -> None:
    seeds = ({SEED: "a\n1\n"}, {SEED: "a\n2\n"})
    for shows_rows in (True, False):
        diff = compare([make_seed("1")], [make_seed("2")], seeds=seeds, shows_rows=(shows_rows,) * 2)
        ((change,),) = (node.changes for node in diff.nodes)
        assert (change.summary, "+2" in change.diff) == ("1 row added, 1 row removed", shows_rows)


# -- sources -------------------------------------------------------------------------------------------------------

READS_SOURCE = make_model("a", "select * from {{ source('raw', 't') }}", reads=["source.shop.raw.t"])


@each(
    ("base", "head", "reason"),
    [
        ({}, {}, None),
        ({"description": "old"}, {"description": "new"}, None),
        ({"schema": "analytics_raw"}, {"schema": "analytics_a1b2c3d_raw"}, None),
        ({"schema": "one"}, {"schema": "two"}, "schema: one -> two"),
        (
            {"unrendered_schema": "raw", "identifier": "t"},
            {"unrendered_schema": "raw", "identifier": "u"},
            "identifier: t -> u",
        ),
        (
            {"unrendered_schema": "{{ x }}", "schema": "a"},
            {"unrendered_schema": "{{ y }}", "schema": "b"},
            "schema: a -> b",
        ),
        ({"external": {"format": "csv"}}, {"external": None}, 'external: {"format": "csv"} -> none'),
        ({"database": "a"}, {"database": "b"}, "database: a -> b"),
        (
            {"unrendered_schema": None, "unrendered_database": "a", "database": "a"},
            {"unrendered_schema": None, "unrendered_database": "b", "database": "b"},
            "database: a -> b",
        ),
        # nobody wrote the database, which is that of the environment
        ({"unrendered_schema": None, "database": "a"}, {"unrendered_schema": None, "database": "b"}, None),
        ({"identifier": "t"}, {"identifier": "u"}, "identifier: t -> u"),
        ({"schema": "a", "unrendered_schema": "{{ x }}"}, {"schema": "b", "unrendered_schema": "{{ x }}"}, None),
        ({"quoting": {"schema": None}}, {"quoting": {}}, None),
        ({"quoting": {"schema": None}}, {"quoting": {"schema": True}}, 'quoting: {"schema": null} -> {"schema": true}'),
    ],
)
def test_a_source_that_is_another_table_counts_as_a_parent(base: Entry, head: Entry, reason: str | None) -> None:
    gone, new = (make_source(unique_id=f"source.shop.raw.{name}", name=name) for name in ("gone", "new"))
    diff = compare(
        [make_source(relation_name="x.t", **base), gone, READS_SOURCE, OTHER],
        [make_source(relation_name="y.t", **head), new, READS_SOURCE, OTHER],
        schema_name=SCHEMAS,
    )

    changed = {"model.a": ("parent",), "source.raw.t": ("changed", f"configuration: {reason}")}
    assert affected(diff) == (changed if reason else {})
    assert [node.parents for node in diff.nodes if node.name == "a"] == ([("source.shop.raw.t",)] if reason else [()])
    assert [(node.name, node.resource_type, node.relation_base, node.relation_head) for node in diff.sources] == (
        [("raw.t", "source", "x.t", "y.t")] if reason else []
    )


# -- macros and variables ------------------------------------------------------------------------------------------


def calling(name: str, *called: str, package: str = "shop", text: str = "1") -> Entry:
    return make_macro(name, package, text) | {"depends_on": {"macros": list(called)}}


USES = make_model("a", "select {{ one() }}", macros=["macro.shop.one"])
ONE = calling("one", "macro.utils.two")


def test_a_macro_touches_whatever_calls_it_even_through_others() -> None:
    before, after = (calling("two", "macro.shop.one", package="utils", text=text) for text in ("1", "2"))
    bystander = make_model("b", "select 5", macros=["macro.shop.three"])

    diff = compare([USES, bystander, ONE, before], [USES, bystander, ONE, after])

    assert affected(diff) == {"model.a": ("changed", "macro: macro utils.two changed")}
    assert diff.nodes[0].changes[0].diff == (
        "@@ -1 +1 @@\n-{% macro two(custom, node) %}1{% endmacro %}\n+{% macro two(custom, node) %}2{% endmacro %}"
    )


def test_a_macro_may_come_and_go() -> None:
    two, override = calling("two", package="utils"), calling("two")
    caller = [calling("one", f"macro.{package}.two") for package in ("utils", "shop")]

    assert affected(compare([USES, two, caller[0]], [USES, two, override, caller[1]])) == {
        "model.a": ("changed", "macro: macro two added")
    }
    assert affected(compare([USES, two, override, caller[1]], [USES, two, caller[0]])) == {
        "model.a": ("changed", "macro: macro two removed")
    }


def test_macros_of_dbt_and_its_adapters_change_with_their_versions_and_packages_do_not() -> None:
    def project(text: str) -> list[Entry]:
        packages = ("dbt", "dbt_duckdb", "dbt_odd", "dbt_utils")
        macros = [calling("m", package=package, text=text) for package in packages]
        return [make_model("a", macros=[macro["unique_id"] for macro in macros]), *macros]

    diff = compare(project("1"), project("2"))

    assert affected(diff) == {
        "model.a": ("changed", "macro: macro dbt_odd.m changed", "macro: macro dbt_utils.m changed")
    }


def test_a_project_may_override_what_writes_its_models() -> None:
    """dbt does not say which macro materializes a node; tests are not written by theirs."""
    internal = [
        calling("materialization_view_default", "macro.shop.default__create_view_as", package="dbt"),
        calling("materialization_test_default", "macro.shop.default__create_view_as", package="dbt"),
    ]
    own = [calling("default__create_view_as", text=text) for text in ("1", "2")]
    nodes = [make_model("a"), make_model("t", config={"materialized": "table"}), make_generic("unique_a", A)]
    nodes[2]["config"] = {"materialized": "test"}

    diff = compare([*nodes, *internal, own[0]], [*nodes, *internal, own[1]])

    assert affected(diff) == {
        "model.a": ("changed", "macro: macro default__create_view_as changed"),
        "test.unique_a": ("parent",),
    }


@each(
    ("node", "others"),
    [
        (make_model("a", "select {{ var('x') }}"), []),
        (make_model("a", 'select {{ var( "x", 5) }}'), []),
        (make_model("a", "{% if var.has_var('x') %}1{% endif %}"), []),
        (make_model("a", config={"materialized": "view"}) | {"unrendered_config": {"tags": "{{ var('x') }}"}}, []),
        (make_generic("a", B, kwargs={"values": "{{ var('x') }}"}), []),
        (USES, [ONE, calling("two", package="utils", text="{{ var('x') }}")]),
    ],
)
def test_a_variable_is_part_of_what_asks_for_it(node: Entry, others: list[Entry]) -> None:
    bystander = make_model("z", "select {{ var('xx') }}, {{ var('same') }}, x")
    entries = [node, *others, bystander]

    diff = compare(entries, entries, variables=({"same": 1}, {"x": 100, "same": 1}))

    kind = node["resource_type"]
    assert affected(diff) == {f"{kind}.a": ("changed", "configuration: var x: none -> 100")}


def test_a_source_may_ask_for_a_variable() -> None:
    source = make_source(unrendered_schema="{{ var('place') }}")

    diff = compare([source, READS_SOURCE], [source, READS_SOURCE], variables=({"place": "x"}, {}))

    assert affected(diff) == {
        "model.a": ("parent",),
        "source.raw.t": ("changed", "configuration: var place: x -> none"),
    }


def test_different_versions_of_dbt_and_adapters_can_be_compared() -> None:
    old = {"unique_id": A, "resource_type": "model", "name": "a", "raw_code": "select 1 as id"}
    new = make_model("a", description="", config={"materialized": "view"}, primary_key=None, columns=None)

    assert affected(compare([old], [new | {"unrendered_config": {}}])) == {}


# -- renames -------------------------------------------------------------------------------------------------------


def renamed(diff: CodeDiff) -> dict[str, str | None]:
    return {node.unique_id: node.renamed_from for node in diff.nodes if node.code == "renamed"}


def test_a_model_under_another_name_takes_its_tests_along() -> None:
    old, new = make_model("a", "select 42"), make_model("z", "select 42", config={"alias": "zed"})
    old_tests = [
        make_generic("unique_a", A),
        make_unit_test(unique_id="unit_test.shop.a.ut", depends_on={"nodes": [A]}),
    ]
    new_id = "model.shop.z"
    new_tests = [
        make_generic("unique_z", new_id),
        make_unit_test(unique_id="unit_test.shop.z.ut", depends_on={"nodes": [new_id]}),
    ]
    reader = make_model("b", "select * from {{ ref('z') }}", reads=[new_id])

    diff = compare([old, *old_tests, READS_A], [new, *new_tests, reader])

    assert renamed(diff) == {
        new_id: A,
        "test.shop.unique_z": "test.shop.unique_a",
        "unit_test.shop.z.ut": "unit_test.shop.a.ut",
    }
    assert affected(diff) == {
        "model.b": ("changed", "sql: 1 line added, 1 line removed"),
        "model.z": ("renamed", "configuration: alias: none -> zed"),
        "test.unique_z": ("renamed",),
        "unit_test.z.ut": ("renamed",),
    }
    assert {node.unique_id: node.parents for node in diff.nodes} == {
        B: (new_id,),
        new_id: (),
        "test.shop.unique_z": (new_id,),
        "unit_test.shop.z.ut": (new_id,),
    }


def test_what_reads_a_model_by_a_name_that_stays_is_the_same() -> None:
    """A model whose newest version has another number and nothing else."""
    old, new = (make_model("dim", "select 42", unique_id=f"model.shop.dim.v{version}") for version in (1, 2))
    reader = [make_model("b", "select * from {{ ref('dim') }}", reads=[node["unique_id"]]) for node in (old, new)]

    assert affected(compare([old, reader[0]], [new, reader[1]])) == {"model.dim.v2": ("renamed",)}


def test_what_is_gone_has_read_a_model_by_its_old_name() -> None:
    diff = compare([make_model("a", "select 42"), READS_A], [make_model("z", "select 42")])

    assert {node.unique_id: node.parents for node in diff.nodes} == {B: ("model.shop.z",), "model.shop.z": ()}


def test_a_seed_under_another_name_has_the_same_content() -> None:
    old, new, other = (make_seed(text) | {"unique_id": f"seed.shop.{name}"} for text, name in ("1a", "1b", "2c"))

    assert renamed(compare([old], [new, other])) == {"seed.shop.b": "seed.shop.a"}
    assert renamed(
        compare([old], [new, other], seeds=({"seed.shop.a": "x"}, {"seed.shop.c": "x", "seed.shop.b": "y"}))
    ) == {"seed.shop.c": "seed.shop.a"}


@each(
    ("base", "head"),
    [
        # two could be meant
        ([make_model("a", "select 42")], [make_model("y", "select 42"), make_model("z", "select 42")]),
        ([make_model("y", "select 42"), make_model("z", "select 42")], [make_model("a", "select 42")]),
        # other rows
        ([make_model("a", "select 42")], [make_model("z", "select 43")]),
        ([make_model("a", "select 42")], [make_model("z", "select 42", config={"materialized": "table"})]),
        # another kind, or nothing to compare
        ([make_model("a", "select 42")], [make_model("a", "select 42", resource_type="snapshot")]),
        ([make_model("a", "")], [make_model("z", "")]),
        # tests with other arguments, or of something else
        ([make_generic("a", A)], [make_generic("z", B)]),
        ([make_generic("a", A)], [make_generic("z", A, kwargs={"column_name": "name"})]),
    ],
)
def test_what_is_no_rename(base: list[Entry], head: list[Entry]) -> None:
    diff = compare(base, head)

    assert renamed(diff) == {}
    assert {node.code for node in diff.nodes} == {"added", "removed"}


def test_a_parent_that_is_gone_stands_no_longer_above_its_children() -> None:
    gone = make_model("c", "select * from {{ ref('b') }}", reads=[B])
    diff = compare([make_model("a"), READS_A, gone], [make_model("a", "select 2"), READS_A])

    assert {node.unique_id: node.parents for node in diff.nodes} == {A: (), B: (A,), C: (B,)}


# -- properties ----------------------------------------------------------------------------------------------------

PLACES = ("{schema}", "{schema}_marts", "x_{schema}", "x{suffix}", "marts", "")
VALUES = st.recursive(
    st.sampled_from(PLACES) | st.none() | st.booleans() | st.integers(0, 3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("ab"), inner, max_size=2),
    max_leaves=4,
)
CONFIGS = st.dictionaries(st.sampled_from(["schema", "alias", "meta", "tags", "location", "unique_key"]), VALUES)
NAMES = "abcdef"
PROJECTS = st.dictionaries(
    st.sampled_from(NAMES), st.tuples(st.sampled_from(["1", "2", "3"]), st.sets(st.sampled_from(NAMES)), CONFIGS)
)
BUILDS = (
    {"schema": "analytics", "suffix": ""},
    {"schema": "analytics_a1b2c3d", "suffix": "_a1b2c3d"},
    {"schema": "production_9f8e7d6", "suffix": "_9f8e7d6"},
)


def render(value: Any, build: Entry) -> Any:
    if isinstance(value, str):
        return value.format(**build)
    if isinstance(value, list):
        return [render(item, build) for item in value]
    return {key: render(item, build) for key, item in value.items()} if isinstance(value, dict) else value


def make_models(project: Any, build: Entry, *, keeps: bool = True) -> list[Entry]:
    """The project as dbt would write it for a build; one that keeps nothing has rendered all that it has."""
    return [
        make_model(
            name,
            f"select {code}",
            reads=sorted(f"model.shop.{read}" for read in reads if read < name),
            config=render(config, build),
            schema=build["schema"],
            relation_name=f"{build['schema']}.{name}",
        )
        | ({} if keeps else {"unrendered_config": None})
        for name, (code, reads, config) in project.items()
    ]


def sides(*builds: Entry) -> dict[str, Any]:
    return {
        "schema_name": [build["schema"] for build in builds],
        "short_hash": [build["suffix"].removeprefix("_") or None for build in builds],
    }


@given(PROJECTS, st.permutations(BUILDS), st.booleans())
def test_another_build_of_the_same_code_is_the_same(project: Any, builds: list[Entry], keeps: bool) -> None:  # noqa: FBT001
    base, head = (make_models(project, build, keeps=keeps) for build in builds[:2])

    diff = compare(base, head, **sides(*builds[:2]))

    assert affected(diff) == {}
    assert len(project) == len(diff.nodes)


@given(PROJECTS, PROJECTS)
def test_the_other_way_round_what_was_added_is_removed(one: Any, other: Any) -> None:
    base, head = make_models(one, BUILDS[0]), make_models(other, BUILDS[0])
    turned = {"added": "removed", "removed": "added"}

    forth, back = compare(base, head), compare(head, base)

    ids = {node.unique_id: node.renamed_from or node.unique_id for node in forth.nodes}
    assert {ids[node.unique_id]: turned.get(node.code, node.code) for node in forth.nodes} == {
        node.unique_id: node.code for node in back.nodes
    }
    assert {node.unique_id: node.renamed_from for node in back.nodes if node.renamed_from} == {
        node.renamed_from: node.unique_id for node in forth.nodes if node.renamed_from
    }


@given(PROJECTS, PROJECTS, st.data())
def test_the_order_of_a_manifest_means_nothing(one: Any, other: Any, data: Any) -> None:
    base, head = make_models(one, BUILDS[0]), make_models(other, BUILDS[1])
    given = sides(*BUILDS[:2])
    shuffled = (data.draw(st.permutations(entries)) for entries in (base, head))

    assert compare(base, head, **given) == compare(*shuffled, **given)


def test_a_manifest_without_anything_in_it() -> None:
    assert compare([], []) == CodeDiff(nodes=())
