"""The environments files: what is wrong with them, where, and what to do about it."""

import pytest

from cases import each
from dot.base.errors import ConfigurationError, ExitCode, Location, Problem
from dot.base.wording import did_you_mean
from dot.config.files import Variable
from examples.plans import problems_of, read, read_what_is_right

PROJECT, USER = "dot_environments.yml", "dot_environments.user.yml"
SPECIFICATION = "a specification belongs in dot_vars.yml; here stand values"
NAME_RULE = "only letters, digits, `_`, `-` and `.` are allowed, and the first is no `-` or `.`"


def place(text: str, line: int, column: int, file: str = PROJECT) -> Location:
    """A place in a file with its line, as an error shows it."""
    return Location(file, line, column, dict(enumerate(text.splitlines(), 1)).get(line))


# -- what is read --------------------------------------------------------------------------------------------------


@each("text", [None, "", "# nothing yet\n", "environment:\n", "environment: {}\n"])
def test_without_environments_there_is_nothing_wrong(text: str | None) -> None:
    configuration = read(text, text)

    assert configuration.environments == {}
    assert configuration.default is None
    assert configuration.common.plain() == {}
    assert configuration.location.file == PROJECT


def test_the_files_become_one_configuration() -> None:
    configuration = read(
        "environment:\n  default: dev\n  all: {threads: 4}\n  dev:\n  prod: {target: live, vars: {a: {b: 1}}}\n",
        "environment:\n  default: prod\n  prod: {threads: 8, vars: {a: {c: 2}}}\n",
    )

    assert configuration.default == "prod"
    assert configuration.common.plain() == {"threads": 4}
    assert {name: tree.plain() for name, tree in configuration.environments.items()} == {
        "dev": {"threads": 4},
        "prod": {"threads": 8, "target": "live", "vars": {"a": {"b": 1, "c": 2}}},
    }


def test_environments_of_the_user_file_alone_are_enough() -> None:
    configuration = read(None, "environment:\n  mine: {threads: 1}\n")

    assert list(configuration.environments) == ["mine"]
    assert configuration.location.file == USER


@each(
    "option",
    [
        "threads: 8",
        "full-refresh: true",
        "full_refresh: false",
        "select: a",
        "select: [a, 1, 1.5]",
        "state: 1",
        "state: 1.5",
        "event-time-start: 2026-01-01",
        "log-format: json",
        "resource-type: model",
        "resource-types: [model, seed]",
        "warn-error-options: {error: all}",
        "args: '{a: 1}'",
        "log-level: none",
        "threads: null",
        "vars:",
        "vars: {a: 1, b: [1], c: {d: {values: 1}}, e: null, f: {values: 1, other: 2}, g: {}}",
    ],
)
def test_an_environment_may_have(option: str) -> None:
    assert list(read(f"environment:\n  dev:\n    {option}\n").environments) == ["dev"]


@each("name", ["dev", "DEV", "_dev", "1dev", "dev-2.x", '"2026"', "vars", "environment"])
def test_an_environment_may_be_called(name: str) -> None:
    assert [name.strip('"')] == list(read(f"environment:\n  {name}: {{threads: 1}}\n").environments)


# -- one problem ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ("threads: '8'", "`threads` must be a whole number"),
        ("threads: 8.0", "`threads` must be a whole number"),
        ("threads: true", "`threads` must be a whole number"),
        ("full-refresh: 1", "`full-refresh` must be `true` or `false`"),
        ("full-refresh: 'yes'", "`full-refresh` must be `true` or `false`"),
        ("select: {a: 1}", "`select` must be a text or a list of texts"),
        ("select: [true]", "`select` must be a text or a list of texts"),
        ("select: [[a]]", "`select` must be a text or a list of texts"),
        ("state: true", "`state` must be a text or a number"),
        ("state: [a]", "`state` must be a text or a number"),
        ("args: 5", "`args` must be a mapping"),
        ("args: [a]", "`args` must be a mapping"),
        ("log-format: xml", "`log-format` must be one of debug, default, json, otel, text"),
        ("source: [hub]", "`source` must be one of git, hub, local"),
        ("vars: [a]", "`vars` must be a mapping"),
        ("vars: a", "`vars` must be a mapping"),
        ("no-print: true", "`no-print` is the negative form of `print`"),
        ("zzz: 1", "no dbt command has an option `zzz`"),
    ],
)
@pytest.mark.parametrize("layer", ["all", "dev"])
def test_a_wrong_option_is_reported_where_it_stands(layer: str, option: str, message: str) -> None:
    text = f"environment:\n  {layer}:\n    {option}\n"

    found = {(problem.message, problem.location) for problem in problems_of(text)}

    assert {(message, place(text, 3, 5))} == found


@each("value", ["nope", "[model, nope]", "{a: 1}"])
def test_a_wrong_choice_names_the_choices_once(value: str) -> None:
    (problem,) = problems_of(f"environment:\n  dev: {{resource_type: {value}}}\n")

    assert problem.message.startswith("`resource-types` must be one of all, analysis, default, ")


@each(
    ("text", "at", "message", "hint"),
    [
        (
            "environment:\n  dev: {thread: 4}\n",
            (2, 9),
            "no dbt command has an option `thread`",
            "did you mean `threads`?",
        ),
        (
            "environment:\n  dev: {no_print: true}\n",
            (2, 9),
            "`no_print` is the negative form of `print`",
            "write `print: false`",
        ),
        (
            "environment:\n  dev: {full-refresh: true, full_refresh: true}\n",
            (2, 29),
            "`full-refresh` is given twice, in two spellings",
            None,
        ),
        ("environment:\n  dev:\n  dev:\n", (3, 3), "duplicate key `dev`, first used in line 2", None),
        ("environment:\n  dev: 5\n", (2, 3), "`dev` must be a mapping", None),
        ("environment:\n  dev: [a]\n", (2, 3), "`dev` must be a mapping", None),
        ("environment:\n  all: 5\n", (2, 3), "`all` must be a mapping", None),
        ("environment:\n  a b:\n", (2, 3), f"`a b` cannot be the name of an environment: {NAME_RULE}", None),
        ("environment:\n  .x: {}\n", (2, 3), f"`.x` cannot be the name of an environment: {NAME_RULE}", None),
        ("environment:\n  yes:\n", (2, 3), "`yes` is used as a key, but keys must be texts", "put it in quotes"),
        ("environment:\n  2026:\n", (2, 3), "`2026` is used as a key, but keys must be texts", "put it in quotes"),
        ("environment:\n  default: {a: 1}\n", (2, 3), "`default` must be a text", None),
        ("environment:\n  default: 1\n", (2, 3), "`default` must be a text", None),
        ("environment: [dev]\n", (1, 1), "`environment` must be a mapping", None),
        ("environment: dev\n", (1, 1), "`environment` must be a mapping", None),
        (
            "environments:\n  dev:\n",
            (1, 1),
            "unknown key `environments`: the file has the one key `environment`",
            "did you mean `environment`?",
        ),
        ("vars: {}\n", (1, 1), "unknown key `vars`: the file has the one key `environment`", None),
        ("- dev\n", (1, 1), "the file must be a mapping with the one key `environment`", None),
        ("dev\n", (1, 1), "the file must be a mapping with the one key `environment`", None),
        (
            "environment:\n  dev: {threads: 1\n",
            (2, 8),
            "invalid YAML: expected ',' or '}', but got '<stream end>'",
            None,
        ),
        ("environment:\n  dev: {vars: {a: 'x}\n}}\n", (2, 19), "invalid YAML: found unexpected end of stream", None),
        ("environment:\r\n  dev: \x01\r\n", (2, 8), "invalid YAML: the character U+0001 is not allowed", None),
        (
            "environment:\n---\n",
            (2, 1),
            "invalid YAML: expected a single document in the stream, but found another document",
            None,
        ),
        ("environment:\n\tdev:\n", (2, 1), "invalid YAML: found character '\\t' that cannot start any token", None),
        (
            "environment:\n  dev: {vars: {a: .inf}}\n",
            (2, 19),
            "`.inf` has no equal in JSON, which is how dbt gets its values",
            None,
        ),
        ("environment:\n  state: 5\n", (2, 3), "`state` must be a mapping", None),
        ("environment:\n  dev:\n    vars: {a: {values: [1]}}\n", (3, 12), SPECIFICATION, None),
        ("environment:\n  dev:\n    vars: {threads: {strict: true, values: [1]}}\n", (3, 12), SPECIFICATION, None),
        (
            "environment:\n  all: {vars: {a: {description: x, values: [], strict: true, required: true}}}\n",
            (2, 16),
            SPECIFICATION,
            None,
        ),
    ],
)
def test_a_mistake_is_explained_at_its_place(text: str, at: tuple[int, int], message: str, hint: str | None) -> None:
    assert (Problem(message, place(text, *at), hint=hint),) == problems_of(text)


@each(("name", "hint"), [("prd", "did you mean `prod`?"), ("zzz", None), ("all", None), ("default", None)])
def test_the_default_must_be_defined(name: str, hint: str | None) -> None:
    text = f"environment:\n  default: {name}\n  dev:\n  prod:\n"
    message = f"the default environment `{name}` is not defined"

    assert (Problem(message, place(text, 2, 3), ("environments: dev, prod",), hint),) == problems_of(text)


def test_the_default_may_be_an_output_of_the_profile_where_no_environment_is_defined() -> None:
    assert read("environment: {default: dev}\n").default == "dev"


def test_a_default_that_only_the_user_file_defines_is_defined() -> None:
    assert read("environment: {default: mine, dev: }\n", "environment: {mine: }\n").default == "mine"


# -- several files and problems ------------------------------------------------------------------------------------


def test_a_wrong_value_is_reported_in_the_file_that_it_came_from() -> None:
    project, user = "environment:\n  dev: {threads: 1}\n", "environment:\n  dev:\n    threads: x\n"

    assert (Problem("`threads` must be a whole number", place(user, 3, 5, USER)),) == problems_of(project, user)


def test_a_wrong_value_that_a_stronger_layer_replaces_is_no_problem() -> None:
    assert read("environment:\n  dev: {threads: x}\n", "environment:\n  dev: {threads: 1}\n").environments[
        "dev"
    ].plain() == {"threads": 1}


def test_a_wrong_value_for_all_is_reported_once() -> None:
    text = "environment:\n  all: {threads: x}\n  dev:\n  prod:\n"

    assert (Problem("`threads` must be a whole number", place(text, 2, 9)),) == problems_of(text)


def test_all_problems_are_reported_at_once_in_the_order_of_files_and_lines() -> None:
    project = "environment:\n  default: prod\n  dev: {zzz: 1, threads: x}\n  a b:\nextra: 1\n"
    user = "environment:\n  dev: {print: 1}\n  dev: {print: true}\n"
    variables = "vars:\n  a: {strict: true}\n  b: 5\n"

    problems = problems_of(project, user, variables)

    assert [(at.file, at.line, at.column) for problem in problems if (at := problem.location)] == [
        (USER, 3, 3),
        (PROJECT, 2, 3),
        (PROJECT, 3, 9),
        (PROJECT, 3, 17),
        (PROJECT, 4, 3),
        (PROJECT, 5, 1),
        ("dot_vars.yml", 2, 3),
        ("dot_vars.yml", 3, 3),
    ]


def test_a_problem_of_configuration_is_wrong_usage() -> None:
    assert ExitCode.USAGE == ConfigurationError.exit_code


@each("file", [0, 1])
def test_a_layer_for_all_that_is_no_mapping_is_no_fault_of_the_environments(file: int) -> None:
    texts = ["environment:\n  all: 5\n  dev: {threads: 1}\n", "environment: {prod: }\n"]

    problems = problems_of(texts[file], texts[1 - file])

    assert [problem.message for problem in problems] == ["`all` must be a mapping"]


# -- what is right beside what is wrong ----------------------------------------------------------------------------


def test_what_is_right_is_read_although_something_else_is_wrong() -> None:
    configuration, problems = read_what_is_right(
        "environment:\n  default: prod\n  all: {threads: 4}\n  dev: {threads: x}\n  prod: {zzz: 1}\n  a b:\n",
        variables="vars: {a: {strict: true}, b: {required: true}, c: }\n",
    )

    assert configuration
    assert {name: tree.plain() for name, tree in configuration.environments.items()} == {"prod": {"threads": 4}}
    assert configuration.variables == {"b": Variable(required=True), "c": Variable()}
    assert len(problems) == 4


@each(
    "text",
    [
        "environment: {\n",
        "environment: {dev: , dev: }\n",
        "environments: {dev: }\n",
        "environment: 5\n",
        "environment: {dev: 5}\n",
        "environment: {all: 5, dev: }\n",
        "environment: {all: {threads: x}, dev: {threads: 4}}\n",
    ],
)
def test_nothing_is_read_where_it_cannot_be_told_what_the_environments_are(text: str) -> None:
    configuration, problems = read_what_is_right(text)

    assert configuration is None
    assert len(problems) == 1


def test_a_wrong_default_leaves_the_environments() -> None:
    configuration, problems = read_what_is_right("environment: {default: 5, dev: }\n")

    assert configuration
    assert (configuration.default, list(configuration.environments), len(problems)) == (None, ["dev"], 1)


# -- extremes ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", ["1.0e+400", "-1.0e+999", "0x" + "f" * 5000], ids=["huge", "tiny", "hex"])
def test_a_value_that_no_json_can_carry_is_an_error_at_its_place(value: str) -> None:
    (problem,) = problems_of(f"environment:\n  dev:\n    vars: {{a: {value}}}\n")

    assert problem.location
    assert (problem.location.line, problem.location.column) == (3, 15)


@each(
    ("name", "names", "hint"),
    [("prd", ["dev", "prod"], "did you mean `prod`?"), ("zzz", ["dev"], None), ("dev", [], None)],
)
def test_a_near_name_is_suggested(name: str, names: list[str], hint: str | None) -> None:
    assert did_you_mean(name, names) == hint
