"""A file's data with the place of everything in it, and the merge of two such trees."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from cases import each
from dot.base.errors import Location
from dot.base.yaml_document import Path, Tree, YamlDocument, merge_deep
from dot.system.yaml import load_document
from examples.plans import JSON_OBJECTS, JSON_VALUES, as_text

TEXT = """\
# what dev is
environment:
  dev:
    threads: 4
    select: [a, b]
    vars: {region: eu}
"""
HERE, THERE = Location("weak.yml", 1, 1), Location("strong.yml", 2, 2)

# Mappings that agree on which keys hold mappings: those in upper case do.
LEAVES = st.integers() | st.text() | st.none() | st.lists(st.integers(), max_size=2)
SHAPED = st.recursive(
    st.dictionaries(st.sampled_from("abc"), LEAVES, max_size=3),
    lambda inner: st.builds(
        dict.__or__,
        st.dictionaries(st.sampled_from("abc"), LEAVES, max_size=3),
        st.dictionaries(st.sampled_from("XYZ"), inner, max_size=3),
    ),
    max_leaves=6,
)


def plant(data: Any, location: Location = HERE) -> Tree:
    """A tree in which everything stands at the same place."""
    if isinstance(data, dict):
        data = {key: plant(value, location) for key, value in data.items()}
    return Tree(data, location)


# -- places --------------------------------------------------------------------------------------------------------


@each(
    ("path", "line", "column", "text"),
    [
        (("environment",), 2, 1, "environment:"),
        (("environment", "dev", "threads"), 4, 5, "    threads: 4"),
        (("environment", "dev", "select", 1), 5, 17, "    select: [a, b]"),
        (("environment", "dev", "vars", "region"), 6, 12, "    vars: {region: eu}"),
        (("environment", "dev", "vars", "country"), 6, 5, "    vars: {region: eu}"),
        (("environment", "dev", "vars", "country", "code"), 6, 5, "    vars: {region: eu}"),
        (("environment", "prod"), 2, 1, "environment:"),
        ((), 2, 1, "environment:"),
    ],
)
def test_a_path_stands_where_it_is_written_or_where_its_nearest_parent_is(
    path: Path, line: int, column: int, text: str
) -> None:
    assert load_document(TEXT, "e.yml").locate(path) == Location("e.yml", line, column, text)


def test_in_an_empty_file_everything_stands_in_the_file() -> None:
    assert load_document("# nothing\n", "e.yml").locate(("environment", "dev")) == Location("e.yml")


def test_a_place_past_the_last_line_has_no_text() -> None:
    source = YamlDocument("e.yml", None, ("a:",), {("a",): (2, 1)})

    assert source.locate(("a",)) == Location("e.yml", 2, 1, None)


@given(JSON_VALUES)
def test_a_tree_holds_the_data_it_was_made_of(data: Any) -> None:
    assert as_text(data) == as_text(YamlDocument("e.yml", data, (), {}).tree().plain())


def test_every_entry_of_a_tree_knows_its_place_and_a_list_is_one_value() -> None:
    tree = load_document(TEXT, "e.yml").tree()
    dev = tree.children["environment"].children["dev"]

    assert dev.children["threads"] == Tree(4, Location("e.yml", 4, 5, "    threads: 4"))
    assert dev.children["select"] == Tree(["a", "b"], Location("e.yml", 5, 5, "    select: [a, b]"))


@each(("data", "expected"), [({}, True), (None, True), ([], False), ("", False), (0, False)])
def test_a_mapping_or_nothing_counts_as_a_mapping(data: Any, expected: bool) -> None:  # noqa: FBT001
    assert plant(data).is_mapping == expected


@each(
    ("path", "found", "value"),
    [
        ((), (), {"a": {"b": [1]}}),
        (("a",), ("a",), {"b": [1]}),
        (("a", "b"), ("a", "b"), [1]),
        (("a", "b", 0, "int"), ("a", "b"), [1]),
        (("a", "x", "b"), ("a",), {"b": [1]}),
        (("x",), (), {"a": {"b": [1]}}),
    ],
)
def test_a_path_is_followed_as_far_as_the_tree_goes(path: Path, found: tuple[str, ...], value: Any) -> None:
    tree = plant({"a": {"b": [1]}})

    assert (found, plant(value)) == tree.follow(path)


# -- merging -------------------------------------------------------------------------------------------------------


@given(SHAPED, SHAPED, SHAPED)
def test_merging_deeply_is_associative_where_a_key_holds_mappings_in_all_trees_or_in_none(
    one: Any, two: Any, three: Any
) -> None:
    left, middle, right = plant(one), plant(two), plant(three)

    assert merge_deep(merge_deep(left, middle), right) == merge_deep(left, merge_deep(middle, right))


@given(JSON_OBJECTS)
def test_an_empty_mapping_changes_nothing(data: dict[str, Any]) -> None:
    assert plant(data) == merge_deep(plant(data), plant({}))
    assert plant(data) == merge_deep(plant({}), plant(data))


@given(JSON_OBJECTS, JSON_OBJECTS)
def test_a_merge_has_every_key_and_prefers_the_stronger(weak: dict[str, Any], strong: dict[str, Any]) -> None:
    merged = merge_deep(plant(weak, HERE), plant(strong, THERE))

    assert weak.keys() | strong.keys() == merged.children.keys()
    assert {
        key: child for key, child in plant(strong, THERE).children.items() if not isinstance(child.value, dict)
    } == {key: merged.children[key] for key, value in strong.items() if not isinstance(value, dict)}


@each(
    ("weak", "strong", "merged"),
    [
        ({"a": {"x": 1, "y": 2}}, {"a": {"y": 3}}, {"a": {"x": 1, "y": 3}}),
        ({"a": {"x": {"p": 1}}}, {"a": {"x": {"q": 2}}}, {"a": {"x": {"p": 1, "q": 2}}}),
        ({"a": [1, 2]}, {"a": [3]}, {"a": [3]}),
        ({"a": {"x": 1}}, {"a": None}, {"a": None}),
        ({"a": {"x": 1}}, {"a": 5}, {"a": 5}),
        ({"a": 5}, {"a": {"x": 1}}, {"a": {"x": 1}}),
        (None, {"a": 1}, {"a": 1}),
        ({"a": 1}, "text", "text"),
    ],
)
def test_mappings_are_merged_deeply_and_anything_else_is_replaced(weak: Any, strong: Any, merged: Any) -> None:
    assert merge_deep(plant(weak), plant(strong)).plain() == merged


def test_what_is_merged_stands_where_it_was_set() -> None:
    merged = merge_deep(plant({"a": {"x": 1, "y": 1}}, HERE), plant({"a": {"y": 2}}, THERE))

    assert merged.children["a"].children == {"x": Tree(1, HERE), "y": Tree(2, THERE)}
