"""Which differences nobody wrote."""

from typing import Any

from cases import each
from dot.base.frozen import FrozenMapping, thaw
from dot.diff.code.side import CodeSide, is_same_value, merge_variables
from examples.manifests import make_manifest

MANIFEST = make_manifest()
BASE = CodeSide(MANIFEST, schema_name="analytics")
HEAD = CodeSide(MANIFEST, schema_name="analytics_a1b2c3d", short_hash="a1b2c3d")


@each(
    ("base", "head", "expected"),
    [
        ("a", "a", True),
        ("a", "b", False),
        ("analytics", "analytics_a1b2c3d", True),
        ("analytics_x", "analytics_a1b2c3d_x", True),
        ("analytics_x", "ANALYTICS_A1B2C3D_x", True),
        ("analytics_x", "analytics_a1b2c3d_y", False),
        # written by hand, and by chance the schema of one side
        ("analytics_marts", "analytics_marts", True),
        # with DOT_SCHEMA_SUFFIX or DOT_SHORT_HASH in it
        ("literal", "literal_a1b2c3d", True),
        (["analytics", "analytics"], ["analytics", "analytics_a1b2c3d"], True),
        (["a"], ["a", "b"], False),
        (("a",), ["a"], True),
        ({"a": "analytics"}, {"a": "analytics_a1b2c3d", "b": None}, True),
        ({"a": "analytics"}, {"a": "analytics_a1b2c3d", "b": 1}, False),
        ("analytics.x", "analytics_a1b2c3d.x_a1b2c3d", True),
        (None, None, True),
        (None, [], True),
        ((), None, True),
        ({}, None, True),
        ({"a": None, "b": 1}, None, False),
        ({"a": {"b": None}}, None, True),
        (None, False, False),
        (0, None, False),
        (1, 1.0, True),
        (1, True, False),
        (1, "1", False),
    ],
)
def test_is_same_value(base: Any, head: Any, expected: bool) -> None:  # noqa: FBT001
    assert is_same_value((BASE, HEAD), base, head) == expected
    assert is_same_value((HEAD, BASE), head, base) == expected


def test_a_name_may_be_the_start_of_another() -> None:
    side = CodeSide(MANIFEST, schema_name="shop", short_hash="shop_dev")

    assert is_same_value((side, HEAD), "shop_dev.x", "a1b2c3d.x")


@each(
    ("projects", "given", "expected"),
    [
        ([("shop", {"x": 1})], {}, {"x": 1}),
        ([("shop", {"x": 1})], {"x": 2, "y": 3}, {"x": 2, "y": 3}),
        ([("shop", {"x": {"y": 1}, "shop": 3})], {}, {"x": {"y": 1}, "shop": 3}),
        ([("shop", {"shop": {"x": 1}})], {}, {"x": 1}),
        ([("shop", {"x": 1, "shop": {"x": 2}})], {}, {"x": {"": 1, "shop": 2}}),
        ([("utils", {"x": 1}), ("shop", {"utils": {"x": 2}})], {}, {"x": 2}),
        ([("utils", {"x": 1}), ("dates", {"x": 2}), ("shop", {})], {}, {"x": {"utils": 1, "dates": 2}}),
        ([], {"x": 1}, {"x": 1}),
    ],
)
def test_a_variable_has_the_value_that_dbt_finds(projects: Any, given: Any, expected: Any) -> None:
    assert thaw(merge_variables(projects, FrozenMapping(given))) == expected


def test_a_manifest_may_keep_what_people_wrote_or_not() -> None:
    node = {"unique_id": "model.shop.a", "resource_type": "model", "name": "a"}
    written = make_manifest(node | {"unrendered_config": {"materialized": "table"}})
    silent = make_manifest(node | {"unrendered_config": None})

    assert (CodeSide(written).keeps_unrendered, CodeSide(silent).keeps_unrendered) == (True, False)
