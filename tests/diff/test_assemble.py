"""From what changed in the code to what is asked, and from the answers to the report."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from hypothesis import given

from cases import each
from dot.base.frozen import FrozenMapping
from dot.diff.assemble import (
    Builds,
    DiffOptions,
    assemble,
    find_unknown_keys,
    find_unknown_tolerances,
    judge,
    plan_comparisons,
)
from dot.diff.data.compare import ComparisonResult
from dot.diff.report import Column, DataDiff, DiffReport, SchemaDiff
from dot.relation.relation import Relation
from examples.codes import compare, make_generic, make_model, make_project, make_source
from examples.manifests import Entry
from examples.reports import BASE, HEAD, LIVE, REPORTS, make_columns, make_node, make_report

ALL = DiffOptions(everything=True)
BUILT = {
    name: side.model_copy(update={"built_at": "2026-11-20T10:00:00Z"})
    for name, side in (("base", BASE), ("head", HEAD))
}
A, B = "model.shop.a", "model.shop.b"


def place(name: str, **given: Any) -> Entry:
    return make_model(name, given.pop("code", f"select '{name}' as id"), relation_name=f'"shop"."x"."{name}"', **given)


BASES = [
    place("a"),
    place("b", reads=[A]),
    place("gone"),
    place("old", code="select 42 as id"),
    place("same", config={"unique_key": "id"}),
    make_model("passing", config={"materialized": "ephemeral"}),
    make_generic("unique_b", B, relation_name='"shop"."x"."unique_b"'),
    make_source(),
]
HEADS = [
    place("a", code="select 2 as id"),
    place("b", reads=[A, "source.shop.raw.t"]),
    place("fresh"),
    place("color", resource_type="seed"),
    place("young", code="select 42 as id"),
    place("same", config={"unique_key": "id"}, alias="like"),
    make_model("passing", "select 3", config={"materialized": "ephemeral"}),
    make_generic("unique_b", B, relation_name='"shop"."y"."unique_b"'),
    make_source(schema="other"),
]


def asked(wanted: DiffOptions) -> dict[str, tuple[bool, bool]]:
    """What would be compared, by name, and which sides it has."""
    comparisons = plan_comparisons(compare(BASES, HEADS), builds(), wanted)
    return {one.id.rsplit(".")[-1]: (one.base is not None, one.head is not None) for one in comparisons}


def builds(base: Iterable[Entry] = BASES, head: Iterable[Entry] = HEADS) -> Builds:
    return Builds((BASE, HEAD), (make_project(*base), make_project(*head)))


def report(wanted: DiffOptions = ALL, **answers: Mapping[str, Any]) -> DiffReport:
    """The report if that is answered of these models."""
    known = {f"model.shop.{name}": ComparisonResult(id=name, **fields) for name, fields in answers.items()}
    return assemble(compare(BASES, HEADS), builds(), known, wanted)


@each(
    ("versions", "told"),
    [
        (("1.12.6", "2.0.9"), ("1.12.6", "2.0.9")),
        (("2.0.0-alpha.4", "1.10.0"), ("2.0.0-alpha.4", "1.10.0")),
        (("1.10.0", "1.12.6"), (None, None)),
        ((None, "2.0.9"), (None, None)),
    ],
)
def test_both_engines_are_told_where_they_differ(
    versions: tuple[str | None, str | None], told: tuple[str | None, str | None]
) -> None:
    plain = builds()
    base, head = (
        manifest.model_copy(update={"metadata": manifest.metadata.model_copy(update={"dbt_version": version})})
        for manifest, version in zip(plain.manifests, versions, strict=True)
    )
    found = assemble(compare(BASES, HEADS), replace(plain, manifests=(base, head)), {}, ALL)
    assert (found.base.dbt, found.head.dbt) == told


@each(
    ("lacking", "baselines", "node", "message"),
    [
        ("head", (None, "dev@0000000"), "a", "dev@feature/net-revenue reads it from its baseline dev@0000000"),
        ("base", ("dev@0000000", None), "young", "dev@main reads it from its baseline dev@0000000"),
        ("head", (None, None), "a", None),
        ("head", ("dev@0000000", None), "a", None),
        ("head", (None, "dev@0000000"), "fresh", None),
        ("head", (None, "dev@0000000"), "folded", None),
    ],
)
def test_what_a_build_lacks_and_its_baseline_lends_is_not_compared_and_never_equal(
    lacking: str, baselines: tuple[str | None, str | None], node: str, message: str | None
) -> None:
    bases, heads = [*BASES, place("folded")], [*HEADS, make_model("folded", config={"materialized": "ephemeral"})]
    sides = [side.model_copy(update={"baseline": of}) for side, of in zip((BASE, HEAD), baselines, strict=True)]
    two = replace(builds(bases, heads), sides=(sides[0], sides[1]))
    there: dict[str, Any] = {f"{side}_columns": make_columns("id") for side in ("base", "head") if side != lacking}
    there = {} if node == "fresh" else there
    answer = ComparisonResult(id=node, status="missing", **there)

    found = assemble(compare(bases, heads), two, {f"model.shop.{node}": answer}, ALL)

    (data,) = (one.data for one in found.nodes if one.name == node and one.data)
    assert data.status == ("not_proven" if message else "missing")
    assert (f"not compared: {message}" if message else data.message) == data.message
    is_told = judge(found, "data")
    assert is_told
    assert is_told.result == ("not_proven" if message else "different")


# -- what is asked -------------------------------------------------------------------------------------------------

AFFECTED = {
    "a": (True, True),
    "b": (True, True),
    "color": (False, True),
    "fresh": (False, True),
    "gone": (True, False),
    "young": (True, True),
}


def test_what_is_affected_and_has_rows_is_compared_in_the_order_of_names() -> None:
    found = asked(DiffOptions())
    assert found == AFFECTED
    assert sorted(found) == list(found)


def test_what_is_the_same_is_compared_only_where_that_is_asked_for() -> None:
    assert asked(ALL) == AFFECTED | {"same": (True, True)}


def test_only_what_is_selected_is_compared() -> None:
    assert asked(DiffOptions(selected=frozenset({A, "model.shop.same"}))) == {"a": (True, True)}
    assert asked(DiffOptions(selected=frozenset({"model.shop.old"}))) == {"young": (True, True)}
    assert asked(DiffOptions(selected=frozenset())) == {}


def test_a_comparison_knows_its_relations_its_keys_and_what_was_asked_for() -> None:
    wanted = replace(ALL, keys={"same": ("n",)}, tolerance=FrozenMapping({"n": 1.0}), where="id > 1")
    (same,) = (one for one in plan_comparisons(compare(BASES, HEADS), builds(), wanted) if one.id.endswith("same"))

    assert same.head
    assert Relation(
        database="shop",
        schema_name="analytics_a1b2c3d",
        identifier="like",
        kind=same.head.kind,
        spelling='"shop"."x"."same"',
    ) == (same.head)
    assert same.adapter == "postgres"
    assert same.candidates == (("n",), ("id",))
    assert (wanted.tolerance, "id > 1") == (same.tolerance, same.where)


def test_what_was_renamed_is_compared_with_what_it_was() -> None:
    (young,) = (one for one in plan_comparisons(compare(BASES, HEADS), builds(), ALL) if one.id.endswith("young"))
    assert young.base
    assert young.head
    assert (young.base.identifier, young.head.identifier) == ("old", "young")


def test_a_relation_without_alias_or_schema_is_called_as_it_is() -> None:
    bare = [place("a", alias=None, schema=None)]
    (only,) = plan_comparisons(compare(bare, bare), builds(bare, bare), ALL)
    assert only.base
    assert (only.base.schema_name, only.base.identifier) == (None, "a")


def test_a_view_that_became_ephemeral_has_one_relation_left() -> None:
    heads = [make_model("a", config={"materialized": "ephemeral"})]
    (only,) = plan_comparisons(compare([place("a")], heads), builds([place("a")], heads), DiffOptions())
    assert (only.base is not None, only.head) == (True, None)


def test_a_key_for_what_nobody_has_is_found() -> None:
    wanted = DiffOptions(keys={"a": ("id",), "gone": ("id",), "old": ("id",), "unique_b": ("id",), "nowhere": ("id",)})
    assert find_unknown_keys(compare(BASES, HEADS), wanted) == ("unique_b", "nowhere")


# -- what is reported ----------------------------------------------------------------------------------------------

EQUAL = {"status": "equal"}
LEFT_OUT = {"status": "not_compared"}
DIFFERENT = {"status": "different", "added": 1}
TYPES = {"base_columns": (Column(name="id", type="date"),), "head_columns": (Column(name="id", type="text"),)}


def names(found: DiffReport) -> set[str]:
    return {node.name for node in found.nodes}


def test_what_is_affected_is_reported_and_the_rest_is_counted() -> None:
    found = report(DiffOptions())
    assert names(found) == {"a", "b", "color", "fresh", "gone", "young", "passing", "raw.t"}
    assert found.unchanged == 1
    assert ((found.base, found.head), found.not_compared) == ((BASE, HEAD), ())


@each(
    ("answer", "is_shown"),
    [
        (EQUAL, False),
        (LEFT_OUT, False),
        (DIFFERENT, True),
        ({"status": "missing"}, True),
        ({"status": "failed"}, True),
        (EQUAL | TYPES, True),
        (EQUAL | dict.fromkeys(TYPES, TYPES["head_columns"]), False),
    ],
)
def test_what_is_the_same_in_code_is_reported_if_it_differs(answer: Mapping[str, Any], is_shown: bool) -> None:  # noqa: FBT001
    found = report(same=answer)
    assert ("same" in names(found), found.unchanged) == (is_shown, 0 if is_shown else 1)


def test_only_what_is_selected_is_reported_and_counted() -> None:
    found = report(DiffOptions(selected=frozenset({A, "model.shop.same"})))
    assert (names(found), found.unchanged) == ({"a", "raw.t"}, 1)


def test_only_different_data_under_the_same_code_is_unexplained() -> None:
    for answer, code, is_unexplained in (
        (DIFFERENT, "same", True),
        ({"status": "missing"}, "same", False),
        (DIFFERENT, "a", False),
    ):
        found = report(ALL, **{code: answer})
        reasons = {node.name for node in found.nodes if node.unexplained}
        assert reasons == ({code} if is_unexplained else set())


def test_an_answer_is_described_with_its_key_and_its_columns() -> None:
    (same,) = (node for node in report(same=DIFFERENT | TYPES | {"key": ("ID",)}).nodes if node.name == "same")
    assert same.data
    assert same.columns
    assert (same.data.key, same.data.key_source, len(same.columns.retyped)) == (("ID",), "unique_key", 1)


@each(
    ("code", "side", "expected"),
    [
        ("gone", "base", ((0, 1), None)),
        ("fresh", "head", ((1, 0), None)),
        ("fresh", None, (None, "its relation is not there in base and head")),
        ("a", "base", (None, "its relation is not there in head")),
        ("same", "head", (None, "its relation is not there in base")),
    ],
)
def test_a_relation_that_is_missing_has_lost_no_columns_and_is_missed_where_it_should_be(
    code: str, side: str | None, expected: tuple[tuple[int, int] | None, str | None]
) -> None:
    missing = {"status": "missing"} | ({f"{side}_columns": TYPES["base_columns"]} if side else {})
    (node,) = (node for node in report(ALL, **{code: missing}).nodes if node.name == code)
    assert node.data
    assert (node.columns and (len(node.columns.added), len(node.columns.removed)), node.data.message) == expected


def test_what_the_budget_left_out_is_named() -> None:
    assert report(a=EQUAL, b=LEFT_OUT, same=LEFT_OUT).not_compared == ("b", "same")


def test_parents_are_nodes_of_the_report() -> None:
    found = report(DiffOptions(selected=frozenset({B})))
    assert [node.parents for node in found.nodes if node.name == "b"] == [("source.shop.raw.t",)]
    assert [node.parents for node in report(DiffOptions()).nodes if node.name == "b"] == [(A, "source.shop.raw.t")]


# -- what fails ----------------------------------------------------------------------------------------------------

SCHEMA = SchemaDiff(added=make_columns("n"))
EQUALS = DataDiff(status="equal")


@each(
    ("fields", "expected"),
    [
        ({"columns": SchemaDiff(), "data": EQUALS}, ("same", "same", "different")),
        ({"columns": SCHEMA, "data": EQUALS}, ("different", "same", "different")),
        ({"columns": SCHEMA, "data": DataDiff(status="failed")}, ("different", "not_proven", "different")),
        ({"columns": SchemaDiff(), "data": DataDiff(status="different")}, ("same", "different", "different")),
        ({"data": DataDiff(status="missing")}, ("not_proven", "different", "different")),
        ({"columns": SCHEMA, "data": DataDiff(status="missing")}, ("different", "different", "different")),
        ({"data": DataDiff(status="not_compared")}, ("not_proven", "not_proven", "different")),
        ({"data": DataDiff(status="failed")}, ("not_proven", "not_proven", "different")),
        ({"data": DataDiff(status="not_proven")}, ("not_proven", "not_proven", "different")),
        ({"code": "same", "data": DataDiff(status="failed")}, ("not_proven", "not_proven", "not_proven")),
    ],
)
def test_a_gate_has_three_results(fields: dict[str, Any], expected: tuple[str, ...]) -> None:
    assert gates(make_report(make_node("a", **fields))) == expected


def gates(found: DiffReport) -> tuple[str, ...]:
    return judge_all(found.model_copy(update=BUILT))


def judge_all(found: DiffReport) -> tuple[str, ...]:
    judged = [judge(found, name) for name in ("schema", "data", "any")]
    return tuple(gate.result for gate in judged if gate)


def test_what_is_not_shown_may_not_be_proven_either() -> None:
    assert gates(make_report(unchanged=3)) == ("same",) * 3
    assert gates(make_report(unchanged=3, not_compared=("a",))) == ("not_proven",) * 3


@each("unbuilt", ["base", "head"])
def test_a_build_that_was_never_built_proves_nothing_by_having_the_same_code(unbuilt: str) -> None:
    found = make_report(unchanged=3).model_copy(update=BUILT)
    assert judge_all(found) == ("same",) * 3
    assert judge_all(found.model_copy(update={unbuilt: LIVE})) == ("same",) * 3

    never = BUILT[unbuilt].model_copy(update={"built_at": None})
    assert judge_all(found.model_copy(update={unbuilt: never})) == ("not_proven",) * 3
    changed = make_report(make_node("a", columns=SCHEMA, data=DataDiff(status="different")))
    assert judge_all(changed.model_copy(update={**BUILT, unbuilt: never})) == ("different",) * 3


def test_none_is_no_gate() -> None:
    assert judge(make_report(make_node("a", data=DataDiff(status="failed"))), "none") is None


@each(
    ("answers", "expected"),
    [
        ({}, ()),
        ({"a": EQUAL | TYPES}, ("amuont",)),
        ({"a": {"status": "failed"} | TYPES}, ("amuont",)),
        ({"a": EQUAL | TYPES, "b": {"status": "failed"}}, ()),
    ],
)
def test_a_tolerance_for_what_nobody_has_is_found(
    answers: Mapping[str, Mapping[str, Any]], expected: tuple[str, ...]
) -> None:
    wanted = DiffOptions(tolerance=FrozenMapping({"amuont": "1", "id": "1"}))
    found = {name: ComparisonResult(id=name, **fields) for name, fields in answers.items()}
    assert find_unknown_tolerances(found, wanted) == expected


@each(
    ("code", "sides", "expected"),
    [
        ("a", "base head", (0, 0)),
        ("a", "base", None),
        ("fresh", "head", (1, 0)),
    ],
)
def test_columns_are_told_where_rows_could_not_be_compared(
    code: str, sides: str, expected: tuple[int, int] | None
) -> None:
    failed = {"status": "failed", **{f"{side}_columns": TYPES["base_columns"] for side in sides.split()}}
    (node,) = (node for node in report(ALL, **{code: failed}).nodes if node.name == code)
    assert node.data
    assert node.data.status == "failed"
    assert (node.columns and (len(node.columns.added), len(node.columns.removed))) == expected


@given(REPORTS.filter(lambda found: "ud800" not in ascii(found)))  # which is in no JSON that is read
def test_a_report_can_be_read_again(found: DiffReport) -> None:
    assert DiffReport.model_validate_json(found.model_dump_json()) == found


def test_what_depends_on_the_folder_of_its_reader_is_not_asked_for_and_not_proven() -> None:
    pair = [[place("a", code=code)] for code in ("select * from 'x.csv'", "select 2 from 'x.csv'")]
    code = compare(*pair)
    base, head = (make_project(*one, adapter_type="duckdb") for one in pair)
    builds = Builds((BASE, HEAD), (base, head))

    assert plan_comparisons(code, builds, ALL) == ()
    (node,) = assemble(code, builds, {}, ALL).nodes
    assert node.data
    message = "cannot be compared, as it reads x.csv in the folder of whoever asks: "
    assert (node.data.status, (node.data.message or "").startswith(message)) == ("not_proven", True)
    gate = judge(assemble(code, builds, {}, ALL), "data")
    assert gate is not None
    assert gate.result == "not_proven"
