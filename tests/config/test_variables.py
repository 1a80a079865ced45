"""`dot_vars.yml`, and the values that an environment and `--vars` give."""

import pytest

from cases import each
from dot.base.errors import ConfigurationError, Location, Problem
from dot.base.frozen import FrozenMapping
from dot.config.files import Variable, read_given_vars
from dot.config.resolution import show_value
from dot.system.yaml import load_document
from examples.plans import problems_of, read, resolve

FILE = "dot_vars.yml"


def place(text: str, line: int, column: int, file: str = FILE) -> Location:
    """A place in a file with its line, as an error shows it."""
    return Location(file, line, column, text.splitlines()[line - 1])


def refusals(environments: str, variables: str, given: str = "") -> tuple[Problem, ...]:
    """Why the environment `dev` has no valid variables."""
    configuration = read(environments, None, variables)
    with pytest.raises(ConfigurationError) as raised:
        resolve(configuration, "dev", given)
    return raised.value.problems


# -- specifications ------------------------------------------------------------------------------------------------


@each("text", [None, "", "vars:\n", "vars: {}\n"])
def test_without_specifications_there_is_nothing_wrong(text: str | None) -> None:
    assert read(variables=text).variables == {}


def test_every_part_of_a_specification_is_optional() -> None:
    text = "vars:\n  a:\n  b: {description: x, values: [1, true, '1', 1.0, {c: [d]}], strict: true, required: true}\n"

    assert read(variables=text).variables == {
        "a": Variable(),
        "b": Variable(description="x", values=(1, True, "1", 1.0, {"c": ["d"]}), strict=True, required=True),
    }


@each(
    ("specification", "column", "message", "hint"),
    [
        ("{strict: true}", 3, "`strict: true` needs `values`", None),
        ("{strict: true, values: []}", 3, "`strict: true` needs `values`", None),
        ("{description: 1}", 7, "`description` must be a text", None),
        ("{values: 5}", 7, "`values` must be a list", None),
        ("{values: {b: 1}}", 7, "`values` must be a list", None),
        ("{strict: 1}", 7, "`strict` must be `true` or `false`", None),
        ("{required: 'yes'}", 7, "`required` must be `true` or `false`", None),
        ("{requird: true}", 7, "unknown key `requird`", "did you mean `required`?"),
        ("{zzz: 1}", 7, "unknown key `zzz`", None),
        ("{values: [1], values: [2]}", 20, "duplicate key `values`, first used in line 2", None),
        ("5", 3, "`a` must be a mapping", None),
        ("[1]", 3, "`a` must be a mapping", None),
    ],
)
def test_a_wrong_specification_is_explained_at_its_place(
    specification: str, column: int, message: str, hint: str | None
) -> None:
    text = f"vars:\n  a: {specification}\n"

    assert (Problem(message, place(text, 2, column), hint=hint),) == problems_of(variables=text)


@each(
    ("text", "message", "hint"),
    [
        ("vars: [a]\n", "`vars` must be a mapping", None),
        ("vars: 5\n", "`vars` must be a mapping", None),
        ("specs: {}\n", "unknown key `specs`: the file has the one key `vars`", None),
        ("var: {}\n", "unknown key `var`: the file has the one key `vars`", "did you mean `vars`?"),
        ("[vars]\n", "the file must be a mapping with the one key `vars`", None),
    ],
)
def test_the_file_has_the_one_key_vars(text: str, message: str, hint: str | None) -> None:
    assert (Problem(message, place(text, 1, 1), hint=hint),) == problems_of(variables=text)


# -- values --------------------------------------------------------------------------------------------------------

ALIKE = ("1", "true", '"1"', "1.0", '"true"', "0", "false", "null", "[1]", "{b: 1}", "{b: 1.0}")


@pytest.mark.parametrize("allowed", ALIKE)
@pytest.mark.parametrize("value", ALIKE)
def test_a_strict_variable_is_compared_by_type_and_value(value: str, allowed: str) -> None:
    configuration = read(
        f"environment:\n  dev: {{vars: {{a: {value}}}}}\n",
        variables=f"vars:\n  a: {{strict: true, values: [x, {allowed}, y]}}\n",
    )

    if value == allowed:
        assert list(resolve(configuration).vars) == ["a"]
    else:
        with pytest.raises(ConfigurationError, match="must be one of"):
            resolve(configuration)


def test_a_value_that_is_not_allowed_is_shown_with_those_that_are() -> None:
    environments = "environment:\n  dev:\n    vars:\n      a: 1\n"
    problems = refusals(environments, "vars:\n  a: {strict: true, values: ['1', 1.0, true, é]}\n")

    message = 'the variable `a` must be one of "1", 1.0, true, "é", not 1'
    assert (Problem(message, place(environments, 4, 7, "dot_environments.yml")),) == problems


def test_a_variable_may_be_called_like_an_option_of_dbt() -> None:
    text = "vars:\n  threads: 5\n"

    assert (Problem("`threads` must be a mapping", place(text, 2, 3)),) == problems_of(variables=text)


def test_values_without_strict_are_suggestions() -> None:
    configuration = read("environment:\n  dev: {vars: {a: 3}}\n", variables="vars:\n  a: {values: [1, 2]}\n")

    assert resolve(configuration).vars == FrozenMapping({"a": 3})


def test_a_required_variable_must_have_a_value_in_the_environment_that_is_used() -> None:
    environments = "environment:\n  dev: {vars: {b: 1}}\n  prod: {vars: {a: 1}}\n"
    specification = "vars:\n  a: {required: true}\n"
    problems = refusals(environments, specification)

    message = "the variable `a` is required and has no value in environment `dev`"
    hint = "set it under `vars` of `dev`, or with `--vars 'a: …'`"
    assert (Problem(message, place(environments, 2, 3, "dot_environments.yml"), hint=hint),) == problems
    assert resolve(read(environments, None, specification), "prod").vars == FrozenMapping({"a": 1})


def test_a_required_variable_without_any_file_of_environments_is_missing_in_the_file_that_could_be() -> None:
    with pytest.raises(ConfigurationError) as raised:
        resolve(read(variables="vars:\n  a: {required: true}\n"))

    assert raised.value.problems[0].location == Location("dot_environments.yml")


def test_variables_that_nobody_specifies_pass_through_untouched() -> None:
    text = "environment:\n  dev:\n    vars: {a: 012, b: yes, c: y, d: 2026-01-01, e: {f: [null, 1.0]}}\n"

    assert resolve(read(text)).vars == FrozenMapping(
        {"a": 10, "b": True, "c": "y", "d": "2026-01-01", "e": {"f": [None, 1.0]}}
    )


def test_a_variable_that_is_neither_required_nor_set_is_no_problem() -> None:
    configuration = read("environment:\n  dev:\n", variables="vars:\n  a: {strict: true, values: [1]}\n")

    assert resolve(configuration).vars == FrozenMapping()


def test_every_variable_that_is_wrong_is_reported_in_the_order_of_lines() -> None:
    environments = "environment:\n  dev:\n    vars:\n      z: 9\n      a: 9\n"
    specifications = (
        "vars:\n  a: {strict: true, values: [1]}\n  z: {strict: true, values: [1]}\n  m: {required: true}\n"
    )

    problems = refusals(environments, specifications)

    assert [problem.location.line for problem in problems if problem.location] == [2, 4, 5]


# -- resolution ----------------------------------------------------------------------------------------------------


def test_an_environment_has_its_options_apart_from_its_variables() -> None:
    environment = resolve(read("environment:\n  all: {threads: 4}\n  dev: {full_refresh: true, vars: {a: 1}}\n"))

    assert (
        environment.name,
        environment.options,
        environment.vars,
    ) == ("dev", FrozenMapping({"threads": 4, "full-refresh": True}), FrozenMapping({"a": 1}))


def test_an_environment_that_no_file_defines_has_what_all_have() -> None:
    environment = resolve(read("environment:\n  all: {threads: 4, vars: {a: 1}}\n"), "prod")

    assert (
        environment.name,
        environment.options,
        environment.vars,
    ) == ("prod", FrozenMapping({"threads": 4}), FrozenMapping({"a": 1}))


@each(
    ("given", "expected"),
    [
        ("", {"a": {"b": 1, "c": 1}, "d": 1}),
        ("d: 2", {"a": {"b": 1, "c": 1}, "d": 2}),
        ("{a: {c: 2}}", {"a": {"b": 1, "c": 2}, "d": 1}),
        ('{"a": null}', {"a": None, "d": 1}),
        ("e: yes", {"a": {"b": 1, "c": 1}, "d": 1, "e": True}),
    ],
)
def test_given_variables_are_merged_on_top(given: str, expected: dict[str, object]) -> None:
    configuration = read("environment:\n  dev: {vars: {a: {b: 1, c: 1}, d: 1}}\n")

    assert resolve(configuration, "dev", given).vars == FrozenMapping(expected)


def test_given_variables_stand_where_there_are_none() -> None:
    assert resolve(read("environment:\n  dev:\n"), "dev", "a: 1").vars == FrozenMapping({"a": 1})


def test_given_variables_are_checked_like_all_others() -> None:
    (problem,) = refusals("environment:\n  dev: {vars: {a: 1}}\n", "vars:\n  a: {strict: true, values: [1]}\n", "a: 2")

    assert Problem("the variable `a` must be one of 1, not 2", place("a: 2", 1, 1, "--vars")) == problem


def test_a_given_variable_may_be_the_one_that_is_required() -> None:
    configuration = read("environment:\n  dev:\n", variables="vars:\n  a: {required: true}\n")

    assert resolve(configuration, "dev", "a: 1").vars == FrozenMapping({"a": 1})


@each(
    ("text", "message"),
    [
        ("5", "`vars` must be a mapping"),
        ("[a]", "`vars` must be a mapping"),
        ("a: 1\na: 2", "duplicate key `a`, first used in line 1"),
        ("a: {values: [1]}", "a specification belongs in dot_vars.yml; here stand values"),
        ("{", "invalid YAML: expected the node content, but found '<stream end>'"),
    ],
)
def test_what_is_given_must_be_a_mapping_of_values(text: str, message: str) -> None:
    with pytest.raises(ConfigurationError) as raised:
        read_given_vars(load_document(text, "--vars"))

    assert [(problem.message, problem.location.file) for problem in raised.value.problems if problem.location] == [
        (message, "--vars")
    ]


@each(("value", "text"), [(1, "1"), (1.0, "1.0"), (True, "true"), ("1", '"1"'), (None, "null"), (["é"], '["é"]')])
def test_a_value_is_shown_with_its_type(value: object, text: str) -> None:
    assert show_value(value) == text
