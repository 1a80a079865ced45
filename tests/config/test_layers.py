"""How the layers of the environments files become one, before anything is validated."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from cases import each
from dot.base.errors import Location, Problem
from dot.base.yaml_document import Tree
from dot.config.layers import merge_environments, merge_files, spell_as_dbt
from dot.system.yaml import load_document

NOWHERE = Location("nowhere.yml")
PROJECT, USER = Location("project.yml", 1, 1), Location("user.yml", 1, 1)

OPTION_VALUES = st.none() | st.booleans() | st.integers() | st.text() | st.lists(st.text(), max_size=2)
# Variables in upper case hold mappings, the others do not.
VARIABLES = st.dictionaries(st.sampled_from("abc"), OPTION_VALUES, max_size=3)
VARS = st.none() | st.builds(dict.__or__, VARIABLES, st.dictionaries(st.sampled_from("XYZ"), VARIABLES, max_size=2))
ENVIRONMENTS = st.none() | st.builds(
    dict.__or__,
    st.dictionaries(st.sampled_from(["threads", "select", "target"]), OPTION_VALUES),
    st.fixed_dictionaries({}, optional={"vars": VARS}),
)
WRONG = st.integers() | st.lists(st.text(), max_size=2)
"""What stands where a mapping should."""


def plant(data: Any, location: Location = PROJECT) -> Tree:
    """A tree in which everything stands at the same place."""
    if isinstance(data, dict):
        data = {key: plant(value, location) for key, value in data.items()}
    return Tree(data, location)


def merge(project: Any, user: Any = None) -> Any:
    """What becomes of two files, without places."""
    files = [plant(project, PROJECT)] if user is None else [plant(project, PROJECT), plant(user, USER)]
    return merge_files(files, NOWHERE).plain()


# -- properties ----------------------------------------------------------------------------------------------------


@given(ENVIRONMENTS, ENVIRONMENTS, ENVIRONMENTS)
def test_merging_environments_is_associative(one: Any, two: Any, three: Any) -> None:
    left, middle, right = plant(one), plant(two), plant(three)

    assert (
        merge_environments(merge_environments(left, middle), right).plain()
        == merge_environments(left, merge_environments(middle, right)).plain()
    )


@given(ENVIRONMENTS)
def test_an_empty_layer_changes_nothing(data: Any) -> None:
    environment = plant(data)

    assert environment.children == merge_environments(environment, plant({})).children
    assert environment.children == merge_environments(plant({}), environment).children


@given(ENVIRONMENTS, ENVIRONMENTS)
def test_the_stronger_layer_decides_every_option_that_it_names(weak: Any, strong: Any) -> None:
    merged = merge_environments(plant(weak, PROJECT), plant(strong, USER)).children

    expected = plant(weak, PROJECT).children | plant(strong, USER).children
    assert expected.keys() == merged.keys()
    assert {key: expected[key] for key in expected if key != "vars"} == {
        key: merged[key] for key in merged if key != "vars"
    }


@given(ENVIRONMENTS, WRONG, ENVIRONMENTS)
def test_what_is_no_mapping_survives_every_layer_to_be_reported(weak: Any, wrong: Any, strong: Any) -> None:
    kept = plant(wrong, USER)

    assert merge_environments(merge_environments(plant(weak), kept), plant(strong)) == kept


@given(VARS, WRONG, VARS)
def test_variables_that_are_no_mapping_survive_every_layer_to_be_reported(weak: Any, wrong: Any, strong: Any) -> None:
    merged = merge_environments(plant({"vars": weak}), plant({"vars": wrong}, USER))

    assert plant(wrong, USER) == merge_environments(merged, plant({"vars": strong})).children["vars"]


# -- tables --------------------------------------------------------------------------------------------------------


@each(
    ("project", "user", "merged"),
    [
        ({"all": {"threads": 1}, "dev": {}}, None, {"threads": 1}),
        ({"all": {"threads": 1}, "dev": {"threads": 2}}, None, {"threads": 2}),
        ({"all": {"threads": 1}, "dev": {"threads": 2}}, {"all": {"threads": 3}}, {"threads": 3}),
        (
            {"all": {"threads": 1}, "dev": {"threads": 2}},
            {"all": {"threads": 3}, "dev": {"threads": 4}},
            {"threads": 4},
        ),
        (
            {"all": {"threads": 1}, "dev": {"select": "a"}},
            {"dev": {"state": "s"}},
            {"threads": 1, "select": "a", "state": "s"},
        ),
        ({"all": {"threads": 1}, "dev": {"threads": None}}, None, {}),
        ({"all": {"threads": 1}, "dev": {"threads": None}}, {"all": {"threads": 3}}, {"threads": 3}),
        ({"all": {}, "dev": {"threads": 2}}, {"all": {"threads": None}}, {}),
        ({"all": {"select": ["a"]}, "dev": {"select": ["b"]}}, None, {"select": ["b"]}),
        ({"all": {"args": {"a": 1}}, "dev": {"args": {"b": 2}}}, None, {"args": {"b": 2}}),
        ({"all": None, "dev": None}, {"all": None, "dev": None}, {}),
        ({"dev": {}}, {"prod": {}}, {}),
    ],
)
def test_the_layers_from_weakest_to_strongest_are_project_all_and_environment_then_user_all_and_environment(
    project: Any, user: Any, merged: Any
) -> None:
    assert merge(project, user)["environments"]["dev"] == merged


@each(
    ("weak", "strong", "merged"),
    [
        ({"a": 1, "b": 1}, {"b": 2}, {"a": 1, "b": 2}),
        ({"a": {"x": 1, "y": 1}}, {"a": {"y": 2}}, {"a": {"x": 1, "y": 2}}),
        ({"a": {"x": {"p": 1}}}, {"a": {"x": {"q": 2}}}, {"a": {"x": {"p": 1, "q": 2}}}),
        ({"a": [1]}, {"a": [2]}, {"a": [2]}),
        ({"a": 1}, {"a": None}, {"a": None}),
        ({"a": 1}, None, {"a": 1}),
        (None, {"a": 1}, {"a": 1}),
    ],
)
def test_variables_are_merged_deeply_and_null_is_a_value(weak: Any, strong: Any, merged: Any) -> None:
    assert merge({"all": {"vars": weak}, "dev": {"vars": strong}})["environments"]["dev"] == {"vars": merged}


def test_every_environment_of_either_file_is_there_after_the_layer_for_all() -> None:
    merged = merge({"dev": {}, "all": {}, "ci": {}}, {"prod": {}, "dev": {}})

    assert list(merged["environments"]) == ["all", "dev", "ci", "prod"]


@each(
    ("project", "user", "default"),
    [
        ({"default": "dev"}, None, {"default": "dev"}),
        ({"default": "dev"}, {}, {"default": "dev"}),
        ({"default": "dev"}, {"default": "prod"}, {"default": "prod"}),
        ({"default": "dev"}, {"default": None}, {"default": None}),
        ({}, {"default": "prod"}, {"default": "prod"}),
        ({}, {}, {}),
    ],
)
def test_the_default_of_the_user_file_wins(project: Any, user: Any, default: Any) -> None:
    assert merge(project, user) == {"environments": {"all": {}}, **default}


def test_an_environment_stands_where_it_was_first_named_and_its_values_where_they_were_set() -> None:
    environments = merge_files(
        [
            plant({"all": {"state": "s"}, "dev": {"threads": 1}}, PROJECT),
            plant({"dev": {"threads": 2}, "ci": {}}, USER),
        ],
        NOWHERE,
    ).children["environments"]

    assert environments.children["dev"].location == PROJECT
    assert environments.children["ci"].location == USER
    assert environments.children["dev"].children == {"threads": Tree(2, USER), "state": Tree("s", PROJECT)}


def test_without_files_there_is_an_empty_layer_for_all_and_it_stands_nowhere() -> None:
    assert merge_files([], NOWHERE) == Tree({"environments": Tree({"all": Tree({}, NOWHERE)}, NOWHERE)}, NOWHERE)


# -- spelling ------------------------------------------------------------------------------------------------------


def spell(text: str) -> tuple[Any, list[Problem]]:
    """What is under `environment` in the text, under dbt's own names, and what is wrong."""
    problems: list[Problem] = []
    return spell_as_dbt(load_document(text, "e.yml").tree(), problems).plain(), problems


@each(
    ("text", "expected"),
    [
        ("dev: {full_refresh: true}", {"dev": {"full-refresh": True}}),
        (
            "dev: {resource_type: model, vars: {full_refresh: 1}}",
            {"dev": {"resource-types": "model", "vars": {"full_refresh": 1}}},
        ),
        ("dev: {model: a}", {"dev": {"select": "a"}}),
        ("all: {full_refresh: true}", {"all": {"full-refresh": True}}),
        ("default: dev", {"default": "dev"}),
        ("default: {full_refresh: 1}", {"default": {"full_refresh": 1}}),
        ("{dev: , ci: 5, prod: [a]}", {"dev": None, "ci": 5, "prod": ["a"]}),
    ],
)
def test_options_are_spelled_as_dbt_spells_them(text: str, expected: Any) -> None:
    assert spell(text) == (expected, [])


def test_what_is_no_option_is_reported_and_left_out() -> None:
    text = "dev: {thread: 4, select: a}"
    hint = "did you mean `threads`?"

    assert spell(text) == (
        {"dev": {"select": "a"}},
        [Problem("no dbt command has an option `thread`", Location("e.yml", 1, 7, text), hint=hint)],
    )


@each("text", ["dev: {full-refresh: true, full_refresh: false}", "dev: {select: a,     model: b}"])
def test_an_option_in_two_spellings_is_given_twice(text: str) -> None:
    _, (problem,) = spell(text)

    assert problem.location
    assert "is given twice, in two spellings" in problem.message
    assert text.index(",") < (problem.location.column or 0)


def test_the_first_of_two_spellings_is_kept() -> None:
    assert spell("dev: {select: a, model: b}")[0] == {"dev": {"select": "a"}}
