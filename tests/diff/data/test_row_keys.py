"""Which columns tell rows apart, and who says so."""

from typing import Any

from cases import each
from dot.diff.code.compare import compare_code
from dot.diff.code.side import CodeSide
from dot.diff.data.row_keys import list_keys
from examples.codes import make_generic, make_model, make_project
from examples.manifests import Entry

A = "model.shop.a"
PRIMARY = {"type": "primary_key"}
COMBINATION = "unique_combination_of_columns"
COMPOUND = "expect_compound_columns_to_be_unique"


def keys(base: list[Entry], head: list[Entry], **given: tuple[str, ...]) -> list[tuple[tuple[str, ...], str]]:
    """The keys of the last node, which is the only model, seed or snapshot."""
    manifests = make_project(*base), make_project(*head)
    base_side, head_side = map(CodeSide, manifests)
    nodes = compare_code(base_side, head_side).nodes
    (node,) = (node for node in nodes if node.resource_type != "test")
    return [(key.columns, key.source) for key in list_keys(node, *manifests, given)]


def columns(**constraints: Any) -> Entry:
    return {"columns": {name: {"name": name, "constraints": rules} for name, rules in constraints.items()}}


@each(
    ("entries", "expected"),
    [
        ([make_model()], []),
        ([make_model(config={"unique_key": "id"})], [(("id",), "unique_key")]),
        ([make_model(config={"unique_key": ["id", '"Day of week"']})], [(("id", "Day of week"), "unique_key")]),
        ([make_model(config={"unique_key": " `id` "})], [(("id",), "unique_key")]),
        ([make_model(config={"unique_key": "[id]"})], [(("id",), "unique_key")]),
        ([make_model(config={"unique_key": "a || b"})], []),
        ([make_model(config={"unique_key": ["id", "lower(name)"]})], []),
        ([make_model(config={"unique_key": []})], []),
        ([make_model(config={"unique_key": [1]})], []),
        ([make_model(constraints=[PRIMARY | {"columns": ["a", "b"]}])], [(("a", "b"), "constraint")]),
        ([make_model(constraints=[{"type": "check", "columns": ["a"]}])], []),
        ([make_model(**columns(id=[PRIMARY], name=[{"type": "not_null"}], other=None))], [(("id",), "constraint")]),
        ([make_model(primary_key=["b", "a"])], [(("a", "b"), "primary_key")]),
        ([make_model(), make_generic("t", A)], [(("id",), "unique test")]),
        (
            [make_model(), make_generic("t", A, "expect_column_values_to_be_unique")],
            [(("id",), "expect_column_values_to_be_unique test")],
        ),
        ([make_model(), make_generic("t", A, kwargs={"column_name": "a || b"})], []),
        ([make_model(), make_generic("t", A, kwargs={"column_name": None})], []),
        ([make_model(), make_generic("t", A, config={"where": "id > 1"})], []),
        ([make_model(), make_generic("t", A, config={"where": None})], [(("id",), "unique test")]),
        ([make_model(), make_generic("t", A, "not_null")], []),
        (
            [make_model(), make_generic("t", A, COMBINATION, kwargs={"combination_of_columns": ["a", "b"]})],
            [(("a", "b"), f"{COMBINATION} test")],
        ),
        (
            [make_model(), make_generic("t", A, COMPOUND, kwargs={"column_list": ["a", "b"]})],
            [(("a", "b"), f"{COMPOUND} test")],
        ),
        (
            [make_model(), make_generic("t", A, COMPOUND, kwargs={"column_list": ["a"], "row_condition": "a > 1"})],
            [],
        ),
    ],
)
def test_a_key_is_said_by(entries: list[Entry], expected: list[Any]) -> None:
    assert keys(entries, entries) == expected


def test_the_best_key_comes_first() -> None:
    tests = [
        make_generic("t1", A, COMBINATION, kwargs={"combination_of_columns": ["a", "b"]}),
        make_generic("t2", A, kwargs={"column_name": "email"}),
        make_generic("t3", A, kwargs={"column_name": "id"}),
        make_generic("t4", A, "not_null", kwargs={"column_name": "id"}),
    ]
    model = make_model(
        config={"unique_key": "x"}, primary_key=["id", "email"], **columns(y=[PRIMARY]), constraints=[PRIMARY]
    )

    assert keys([model, *tests], [model, *tests], a=("given",), b=("other",)) == [
        (("given",), "--key"),
        (("x",), "unique_key"),
        (("y",), "constraint"),
        (("id",), "unique test"),
        (("email",), "unique test"),
        (("a", "b"), f"{COMBINATION} test"),
        (("email", "id"), "primary_key"),
    ]


def test_what_head_says_comes_before_what_base_says() -> None:
    base, head = (make_model(config={"unique_key": key}, primary_key=["id"]) for key in ("old", "new"))

    assert keys([base], [head]) == [(("new",), "unique_key"), (("id",), "primary_key"), (("old",), "unique_key")]


def test_a_new_model_has_what_head_says() -> None:
    assert keys([], [make_model(primary_key=["id"])]) == [(("id",), "primary_key")]


def test_a_model_under_another_name_keeps_what_was_said_of_the_old_one() -> None:
    old = make_model("a", "select 42", primary_key=["old"])

    assert keys([old], [make_model("z", "select 42")]) == [(("old",), "primary_key")]


@each("name", ["old", "new"])
def test_a_key_may_be_given_by_the_old_name_and_by_the_new(name: str) -> None:
    entries = ([make_model(one)] for one in ("old", "new"))
    assert keys(*entries, **{name: ("x",)}) == [(("x",), "--key")]


@each(
    ("config", "expected"),
    [
        ({"strategy": "check"}, [("id",), ("id", "dbt_valid_from")]),
        ({"strategy": "timestamp"}, [("id", "dbt_valid_from"), ("id",)]),
        ({"snapshot_meta_column_names": {"dbt_valid_from": "since"}}, [("id",), ("id", "since")]),
    ],
)
def test_a_snapshot_has_a_row_for_each_version(config: Entry, expected: list[Any]) -> None:
    snapshot = make_model("s", resource_type="snapshot", config={"unique_key": "id", **config})

    assert [(names, "unique_key") for names in expected] == keys([snapshot], [snapshot])
