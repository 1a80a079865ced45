"""The likely reason why data differs where no code does."""

from cases import each
from dot.diff.unexplained import NO_REASON, explain_difference
from examples.codes import make_model, make_project, make_source
from examples.manifests import Entry, make_macro

A, B = "model.shop.a", "model.shop.b"
DRIFTED = "its sources may have changed in between"


def why(*entries: Entry, of: str = A) -> str:
    return explain_difference(of, make_project(*entries))


@each(
    ("code", "expected"),
    [
        ("select 1", NO_REASON),
        ("select current_timestamp", "uses current_timestamp"),
        ("select {{ dbt.current_timestamp() }}", "uses current_timestamp"),
        ("select CURRENT_DATE as d", "uses CURRENT_DATE"),
        ("select now()", "uses now()"),
        ("select snow(), now, known()", NO_REASON),
        ("select getdate (), 1", "uses getdate()"),
        ("select sysdate", "uses sysdate"),
        ("select random()", "uses random()"),
        ("select rand(), uuid()", "uses rand()"),
        ("select gen_random_uuid()", "uses gen_random_uuid()"),
        ("select '{{ invocation_id }}', {{ invocation_id }}", "uses invocation_id"),
        ("select {{ run_started_at }}", "uses run_started_at"),
        ("select {{ env_var('X') }}", "uses env_var()"),
        ("select 1 -- now()\n/* now() */ {# now() #}, 'now()', 'it''s now()'", NO_REASON),
        ("select row_number() over (partition by lower(a)) from x", "uses row_number() without an order"),
        ("select row_number() over () from x", "uses row_number() without an order"),
        ("select row_number() over (partition by lower(a) ORDER  BY b) from x", NO_REASON),
        ("select * from x limit 10", "uses limit without an order"),
        ("select * from x limit {{ n }}", "uses limit without an order"),
        ("select * from x order by a limit 10", NO_REASON),
        ("select limit from x", NO_REASON),
    ],
)
def test_what_its_code_says(code: str, expected: str) -> None:
    assert why(make_model("a", code)) == expected


@each(
    ("model", "expected"),
    [
        (make_model(config={"materialized": "incremental"}), "incremental: it keeps rows from earlier runs"),
        (make_model(config={"materialized": "snapshot"}), "snapshot: it keeps rows from earlier runs"),
        (make_model(language="python"), "python model: its code may read anything"),
        (make_model(language="sql", checksum={"name": "sha256", "checksum": "1"}), NO_REASON),
    ],
)
def test_what_a_node_is(model: Entry, expected: str) -> None:
    assert why(model) == expected


@each(
    ("name", "expected"),
    [
        ("sha256", "seed: its table may have been changed since it was loaded"),
        ("path", "seed: dbt does not look into files that large for changes"),
    ],
)
def test_a_seed(name: str, expected: str) -> None:
    seed = make_model("s", "", resource_type="seed", checksum={"name": name, "checksum": "x"})

    assert why(seed, of="seed.shop.s") == expected


def test_a_macro_that_it_calls_may_be_the_reason_but_not_one_of_dbts_own() -> None:
    below = make_macro("below", text="now()")
    own = make_macro("own", "dbt", text="random()") | {"depends_on": {"macros": ["macro.shop.below", "macro.x.gone"]}}

    assert why(make_model(macros=["macro.dbt.own"]), own, below) == "uses now() in the macro below"
    assert why(make_model(macros=["macro.dbt.own"]), own) == NO_REASON


def test_the_reason_may_lie_above_it_and_its_own_comes_first() -> None:
    parent = make_model("b", "select now()", reads=["model.shop.c", "model.shop.nowhere"])
    grandparent = make_model("c", config={"materialized": "incremental"})

    assert why(make_model("a", reads=[B]), parent, grandparent) == "uses now() (b, above it)"
    assert why(make_model("z", "select rand()", reads=[B]), parent, grandparent, of="model.shop.z") == "uses rand()"
    assert (
        why(make_model("a", reads=[B]), parent | {"raw_code": "select 1"}, grandparent)
        == "incremental: it keeps rows from earlier runs (c, above it)"
    )


READER = make_model("a", reads=["source.shop.raw.t"])


def test_a_source_may_have_drifted() -> None:
    assert why(READER, make_source()) == DRIFTED


@each(
    ("base", "head", "expected"),
    [
        ([make_source(relation_name="x.t")], [make_source(relation_name="x.t")], DRIFTED),
        ([make_source(relation_name="x.t")], [make_source(relation_name="y.t")], "its source raw.t is x.t -> y.t"),
        ([], [make_source(relation_name="y.t")], DRIFTED),
    ],
)
def test_the_two_builds_may_read_other_sources(base: list[Entry], head: list[Entry], expected: str) -> None:
    assert explain_difference(A, make_project(READER, *head), make_project(READER, *base)) == expected


def test_the_versions_of_dbt_may_differ() -> None:
    base, head, own = (
        make_project(READER, make_source(), make_macro("m", package, text), dbt_version=version)
        for package, text, version in (("dbt_duckdb", "1", "1.10.0"), ("dbt_duckdb", "2", "1.11.0"), ("shop", "2", "1"))
    )
    other = make_project(READER, make_source(), make_macro("m", "shop", "3"), dbt_version="2")

    assert explain_difference(A, head, base) == "dbt's own macros differ: dbt 1.10.0 -> 1.11.0"
    assert explain_difference(A, head, head) == DRIFTED
    assert explain_difference(A, other, own) == DRIFTED


def test_what_is_not_there_has_no_reason() -> None:
    assert why(of="model.shop.nowhere") == NO_REASON
