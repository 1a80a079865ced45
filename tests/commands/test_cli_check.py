"""`dot check`: everything that is wrong with the configuration, at once, each where it stands."""

import json
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from builders import PROJECT, Outcome, Tree, make_tree, read_calls, run_dot

Dot = Callable[..., Outcome]

ENVIRONMENTS = "dot_environments.yml"
USER = "dot_environments.user.yml"
VARIABLES = "dot_vars.yml"
MISSING = "the variable `since` is required and has no value in environment"
REQUIRED = "vars: {since: {required: true}}\n"
GOOD = {
    ENVIRONMENTS: "environment:\n  default: dev\n  dev: {vars: {since: 2025}}\n  prod: {vars: {since: 2024}}\n",
    USER: "environment: {ci: {target: dev, vars: {since: 1}}}\n",
    VARIABLES: REQUIRED,
}
PLACE = ("message", "file", "line", "column")


def check(dot: Dot, *words: str) -> list[tuple[Any, ...]]:
    """What is wrong: message, file, line and column of each problem."""
    outcome = dot("check", "--json", *words)
    problems = json.loads(outcome.stdout)["errors"]
    assert (outcome.stderr, outcome.exit_code) == ("", 2 if problems else 0)
    return [tuple(problem[key] for key in PLACE) for problem in problems]


def profiles(**outputs: str) -> dict[str, str]:
    """A profile with these outputs, each as the value of its schema, in YAML."""
    listed = ", ".join(f"{name}: {{type: duckdb, schema: {schema}}}" for name, schema in outputs.items())
    return {"profiles.yml": f"shop: {{outputs: {{{listed}}}}}\n"}


# -- nothing is wrong ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("files", "line"),
    [
        ({}, "2 environments are fine: dev, prod (profiles.yml)"),
        ({VARIABLES: "vars: {since: }\n"}, "2 environments are fine: dev, prod (dot_vars.yml, profiles.yml)"),
        (GOOD, f"3 environments are fine: dev, prod, ci ({ENVIRONMENTS}, {USER}, {VARIABLES})"),
        ({ENVIRONMENTS: "environment: {dev: }\n"}, f"1 environment is fine: dev ({ENVIRONMENTS})"),
        (
            {
                "dbt_project.yml": "name: shop\nprofile: \"{{ var('profile') }}\"\n",
                "profiles.yml": "shop: {outputs: {dev: {type: duckdb, schema: \"{{ var('schema') }}\"}}}\n",
                ENVIRONMENTS: "environment: {all: {vars: {profile: shop}}, dev: {vars: {schema: a}}}\n",
            },
            f"1 environment is fine: dev ({ENVIRONMENTS})",
        ),
        (profiles(dev="a", ci="b"), "2 environments are fine: dev, ci (profiles.yml)"),
    ],
)
def test_what_is_fine_is_named_in_a_line(files: Tree, line: str, shop: Path, log: Path, dot: Dot) -> None:
    make_tree(shop, files)
    assert dot("check") == Outcome(0, f"{line}\n", "")
    assert dot("check", "--json") == Outcome(0, '{"errors": []}\n', "")
    assert read_calls(log) == []


def test_neither_git_nor_dbt_is_needed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = make_tree(tmp_path / "shop", PROJECT)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("DOT_DBT", "dbt-nowhere")
    assert run_dot(project, "check") == Outcome(0, "2 environments are fine: dev, prod (profiles.yml)\n", "")


def test_the_project_may_be_in_another_folder(shop: Path, dot: Dot, monkeypatch: pytest.MonkeyPatch) -> None:
    make_tree(shop, {ENVIRONMENTS: "environment: {dev: , ci: }\n"})
    monkeypatch.chdir(shop.parent)
    assert check(dot, "--project-dir", "shop") == [
        ("profile `shop` has no output `ci`", "shop/dot_environments.yml", 1, 22)
    ]


def test_a_profile_in_dbts_own_folder_is_found(shop: Path, home: Path, dot: Dot) -> None:
    (home / ".dbt").mkdir()
    shutil.move(shop / "profiles.yml", home / ".dbt")
    assert check(dot) == []


def test_variables_given_with_vars_lie_on_top_of_every_environment(shop: Path, dot: Dot) -> None:
    make_tree(
        shop,
        {
            ENVIRONMENTS: "environment: {dev: , prod: {vars: {since: 1}}}\n",
            VARIABLES: "vars: {since: {required: true, values: [1, 2], strict: true}}\n",
            "profiles.yml": (
                "shop: {outputs: {dev: {type: duckdb, schema: \"a{{ var('since') }}\"}, prod: {type: duckdb}}}\n"
            ),
        },
    )

    assert check(dot) != []
    assert check(dot, "--vars", "since: 2") == []
    assert [place for _, *place in check(dot, "--vars", "since: 3")] == [["--vars", 1, 1]]
    assert "--vars" in dot("check", "--vars", "{").stderr


# -- something is wrong --------------------------------------------------------------------------------------------

JINJA = "\"{{ env_var('NOWHERE') }}\""
UNSET = "`schema` cannot be rendered: the environment variable `NOWHERE` is not set"

CASES: dict[str, tuple[Tree, list[tuple[Any, ...]]]] = {
    "an option": (
        {ENVIRONMENTS: "environment:\n  dev:\n    thread: 4\n"},
        [("no dbt command has an option `thread`", ENVIRONMENTS, 3, 5)],
    ),
    "a value in the user file": (
        {ENVIRONMENTS: "environment: {dev: }\n", USER: "environment:\n  dev: {threads: x}\n"},
        [("`threads` must be a whole number", USER, 2, 9)],
    ),
    "a specification": (
        {VARIABLES: "vars:\n  since: {requird: true}\n"},
        [("unknown key `requird`", VARIABLES, 2, 11)],
    ),
    "a required variable, once for each environment without it": (
        {ENVIRONMENTS: "environment:\n  dev:\n  prod: {vars: {since: 1}}\n  ci: {target: dev}\n", VARIABLES: REQUIRED},
        [(f"{MISSING} `dev`", ENVIRONMENTS, 2, 3), (f"{MISSING} `ci`", ENVIRONMENTS, 4, 3)],
    ),
    "a required variable where outputs are the environments": (
        {VARIABLES: REQUIRED},
        [(f"{MISSING} `{name}`", ENVIRONMENTS, None, None) for name in ("dev", "prod")],
    ),
    "a value that several environments have from one line": (
        {
            ENVIRONMENTS: "environment:\n  all: {vars: {since: 1}}\n  dev:\n  prod:\n",
            VARIABLES: "vars: {since: {values: [2], strict: true}}\n",
        },
        [("the variable `since` must be one of 2, not 1", ENVIRONMENTS, 2, 16)],
    ),
    "a target that several environments have from one line": (
        {ENVIRONMENTS: "environment:\n  all: {target: nope}\n  dev:\n  prod:\n"},
        [("profile `shop` has no output `nope`", ENVIRONMENTS, 2, 9)],
    ),
    "a name that is no output": (
        {ENVIRONMENTS: "environment:\n  dev:\n  ci:\n"},
        [("profile `shop` has no output `ci`", ENVIRONMENTS, 3, 3)],
    ),
    "a default that is no output": (
        {ENVIRONMENTS: "environment:\n  default: ci\n"},
        [("environment `ci` is not defined", "profiles.yml", None, None)],
    ),
    "a target of the profile that is no output": (
        {"profiles.yml": "shop: {target: ci, outputs: {dev: {type: duckdb, schema: a}}}\n"},
        [("environment `ci` is not defined", "profiles.yml", None, None)],
    ),
    "a profile without outputs": (
        {"profiles.yml": "shop: {outputs: {}}\n"},
        [("profile `shop` has no outputs", "profiles.yml", None, None)],
    ),
    "an output that is none": (
        {"profiles.yml": "shop: {target: dev, outputs: {dev: x, prod: {type: duckdb}}}\n"},
        [("output `dev` of profile `shop` must be a mapping (environment `dev`)", "profiles.yml", None, None)],
    ),
    "another profile": (
        {"profiles.yml": "other: {}\n", ENVIRONMENTS: "environment: {dev: , prod: }\n"},
        [("there is no profile `shop`", "profiles.yml", None, None)],
    ),
    "no profile in a folder that one environment names": (
        {ENVIRONMENTS: "environment: {dev: , prod: {profiles-dir: elsewhere}}\n"},
        [("there is no profiles.yml: looked at {shop}/elsewhere/profiles.yml (environment `prod`)", None, None, None)],
    ),
    "a profile that is no YAML": (
        {"profiles.yml": "shop: {\n", ENVIRONMENTS: "environment: {dev: , prod: }\n"},
        [("invalid YAML: expected the node content, but found '<stream end>'", "profiles.yml", 2, 1)],
    ),
    "a variable of the shell that one environment needs": (
        profiles(dev="a", prod=JINJA),
        [(f"{UNSET} (environment `prod`)", "profiles.yml", None, None)],
    ),
    "a variable of the shell that some environments need": (
        profiles(dev="a", prod=JINJA) | {ENVIRONMENTS: "environment: {dev: , prod: , ci: {target: prod}}\n"},
        [(f"{UNSET} (environments `prod`, `ci`)", "profiles.yml", None, None)],
    ),
    "a variable of the shell that all environments need": (
        profiles(dev=JINJA, prod=JINJA),
        [(UNSET, "profiles.yml", None, None)],
    ),
    "a variable of the shell that the choice of the output needs": (
        {"profiles.yml": f"shop: {{target: {JINJA}, outputs: {{dev: {{type: duckdb, schema: a}}}}}}\n"},
        [(UNSET.replace("schema", "target"), "profiles.yml", None, None)],
    ),
    "a variable of the shell that the choice of the profile needs": (
        {"dbt_project.yml": f"name: shop\nprofile: {JINJA}\n"},
        [(UNSET.replace("schema", "profile"), "dbt_project.yml", None, None)],
    ),
    "a number for the name of a folder": (
        {ENVIRONMENTS: "environment: {dev: {profiles-dir: 1}}\n"},
        [("there is no profiles.yml: looked at {shop}/1/profiles.yml", None, None, None)],
    ),
    "no schema": (
        {"profiles.yml": "shop: {outputs: {dev: {type: postgres, host: h}, prod: {type: duckdb, schema: a}}}\n"},
        [("output `dev` of profile `shop` names no `schema` (environment `dev`)", "profiles.yml", None, None)],
    ),
    "a project without a name": (
        {"dbt_project.yml": "profile: shop\n", ENVIRONMENTS: "environment: {dev: }\n", VARIABLES: REQUIRED},
        [
            ("a dbt project must have a `name`", "dbt_project.yml", None, None),
            (f"{MISSING} `dev`", ENVIRONMENTS, 1, 15),
        ],
    ),
    "a setting": (
        {"pyproject.toml": "[tool.dot]\nlock_timeuot = 5\n"},
        [("there is no setting `lock_timeuot`", "pyproject.toml", None, None)],
    ),
    "settings of other kinds": (
        {"pyproject.toml": '[tool.dot]\nlock_timeout = "soon"\ncolor = "blue"\n'},
        [
            ("setting `lock_timeout`: it must be a valid number", "pyproject.toml", None, None),
            ("setting `color`: it must be 'auto', 'always' or 'never'", "pyproject.toml", None, None),
        ],
    ),
    "a command that is none": (
        {"pyproject.toml": '[tool.dot]\ndbt = ""\n'},
        [("the setting `dbt` is no command: ``", None, None, None)],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_problem_is_reported_once_where_it_stands(case: str, shop: Path, log: Path, dot: Dot) -> None:
    files, expected = CASES[case]
    make_tree(shop, files)
    assert [(found[0].format(shop=shop), *found[1:]) for found in expected] == check(dot)
    assert read_calls(log) == []


def test_everything_is_reported_at_once_in_the_order_of_files_and_lines(shop: Path, dot: Dot) -> None:
    make_tree(
        shop,
        {
            ENVIRONMENTS: (
                "environment:\n  default: nope\n  dev: {threads: x}\n  prod: {target: nope, zzz: 1}\n  a b:\n  ci:\n"
            ),
            USER: "environment:\n  prod: {vars: {since: 5}}\n",
            VARIABLES: "vars:\n  a: {strict: true}\n  since: {required: true, values: [6], strict: true}\n",
            "pyproject.toml": "[tool.dot]\nlock_timeout = -1\n",
            "dbt_project.yml": "name: shop\nprofile: other\n",
        },
    )
    make_tree(shop, {"profiles.yml": f"other: {{outputs: {{ci: {{type: duckdb, schema: {JINJA}}}}}}}\n"})

    found = check(dot)

    assert [place for _, *place in found] == [
        [USER, 2, 17],
        [ENVIRONMENTS, 2, 3],
        [ENVIRONMENTS, 3, 9],
        [ENVIRONMENTS, 4, 10],
        [ENVIRONMENTS, 4, 24],
        [ENVIRONMENTS, 5, 3],
        [ENVIRONMENTS, 6, 3],
        [VARIABLES, 2, 3],
        ["profiles.yml", None, None],
        ["pyproject.toml", None, None],
    ]
    assert f"{UNSET} (environment `ci`)" in [message for message, *_ in found]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("environment:\n  dev: {\n", "invalid YAML: expected the node content, but found '<stream end>'"),
        ("environments:\n  dev:\n", "unknown key `environments`: the file has the one key `environment`"),
        ("environment:\n  all: 5\n  ci:\n", "`all` must be a mapping"),
        ("\0", "is no text file in UTF-8"),
    ],
)
def test_what_follows_from_an_illegible_file_is_not_reported(text: str, message: str, shop: Path, dot: Dot) -> None:
    make_tree(shop, {ENVIRONMENTS: text, VARIABLES: REQUIRED})
    assert [found for found, *_ in check(dot)] == [message]


def test_people_are_told_on_stderr(shop: Path, dot: Dot) -> None:
    make_tree(shop, {ENVIRONMENTS: "environment:\n  ci: {target: prd}\n  dev: {thread: 4}\n"})
    outcome = dot("check")
    assert (outcome.exit_code, outcome.stdout) == (2, "")
    assert [line.removeprefix(" ") for line in outcome.stderr.splitlines()[:9]] == [
        "error: profile `shop` has no output `prd`",
        " --> dot_environments.yml:2:8",
        "  |",
        "2 |   ci: {target: prd}",
        "  |        ^^^^^^",
        "  = outputs: dev, prod",
        f"  = profile: {shop}/profiles.yml",
        "  = help: did you mean `prod`?",
        "error: no dbt command has an option `thread`",
    ]


def test_a_folder_without_a_project_is_wrong_usage(tmp_path: Path, dot: Dot) -> None:
    assert check(dot, "--project-dir", str(tmp_path)) == [
        (f"there is no dbt_project.yml in {tmp_path}, which `--project-dir` names", None, None, None)
    ]


@pytest.mark.parametrize(
    ("environ", "message"),
    [
        ({"DOT_LOCK_TIMEOUT": "soon"}, "setting `lock_timeout`"),
        ({"DBT_TARGET": "ci"}, "environment `ci` is not defined"),
        ({"DBT_PROFILE": "other"}, "there is no profile `other`"),
        ({"DBT_PROFILES_DIR": "elsewhere"}, "there is no profiles.yml"),
    ],
)
def test_the_shell_is_checked_too(
    environ: Mapping[str, str], message: str, shop: Path, dot: Dot, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert shop.is_dir()
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    ((found, *_),) = check(dot)
    assert found.startswith(message)
