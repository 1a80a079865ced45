"""Settings of dot itself: `DOT_*` variables, then `[tool.dot]` in the nearest `pyproject.toml`."""

import os
from pathlib import Path

import pytest

from builders import make_tree
from dot.base.errors import ConfigurationError, ExitCode, Location
from dot.config.find_settings import find_pyproject, load_settings
from dot.config.settings import Settings

ALL = Settings(dbt="uv run dbt", short_hash_length=12, disable_prompts=True, lock_timeout=2.5, color="never")
IN_FILE = (
    '[tool.dot]\ndbt = "uv run dbt"\nshort_hash_length = 12\ndisable_prompts = true\nlock_timeout = 2.5\n'
    'color = "never"\n'
)
IN_VARIABLES = {
    "DOT_DBT": "uv run dbt",
    "DOT_SHORT_HASH_LENGTH": "12",
    "DOT_DISABLE_PROMPTS": "true",
    "DOT_LOCK_TIMEOUT": "2.5",
    "DOT_COLOR": "never",
}


def test_nothing_set_gives_the_defaults(tmp_path: Path) -> None:
    assert load_settings(tmp_path, os.environ) == Settings()
    assert (
        Settings().dbt,
        Settings().short_hash_length,
        Settings().disable_prompts,
        Settings().color,
    ) == ("dbt", None, False, "auto")


def test_every_setting_can_be_a_variable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in IN_VARIABLES.items():
        monkeypatch.setenv(name, value)
    assert load_settings(tmp_path, os.environ) == ALL


def test_every_setting_can_stand_in_the_file(tmp_path: Path) -> None:
    assert load_settings(make_tree(tmp_path, {"pyproject.toml": IN_FILE}), os.environ) == ALL


def test_the_environment_that_is_given_counts_and_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOT_DBT", "another")
    assert load_settings(tmp_path, {"DOT_DBT": "given"}).dbt == "given"


def test_a_variable_is_stronger_than_the_file_each_by_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_tree(tmp_path, {"pyproject.toml": IN_FILE})
    monkeypatch.setenv("DOT_SHORT_HASH_LENGTH", "8")
    assert (
        load_settings(tmp_path, os.environ).short_hash_length,
        load_settings(tmp_path, os.environ).dbt,
    ) == (8, "uv run dbt")


@pytest.mark.parametrize("name", IN_VARIABLES)
def test_an_empty_variable_counts_as_unset(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "")
    assert load_settings(tmp_path, os.environ) == Settings()


@pytest.mark.parametrize(
    "text",
    [
        "[tool.dot]\ndbt = 'mine'",
        "[ tool.dot ]\ndbt = 'mine'",
        "[tool]\ndot.dbt = 'mine'",
        "[tool]\ndot = {dbt = 'mine'}",
        "tool.dot.dbt = 'mine'",
        '["tool"."dot"]\ndbt = "mine"',
    ],
)
def test_the_table_counts_in_every_form_that_toml_has(text: str, tmp_path: Path) -> None:
    assert load_settings(make_tree(tmp_path, {"pyproject.toml": text}), os.environ).dbt == "mine"


@pytest.mark.parametrize("name", ["DOT_ENVIRONMENT", "DOT_COMMIT", "DOT_SCHEMA_SUFFIX", "DOT_BUILD_ID", "DOT_X"])
def test_a_variable_of_dot_that_is_no_setting_does_no_harm(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, "x")
    assert load_settings(tmp_path, os.environ) == Settings()
    make_tree(tmp_path, {"pyproject.toml": IN_FILE})
    assert load_settings(tmp_path, os.environ) == ALL


WRONG = (
    ("short_hash_length", "3"),
    ("short_hash_length", "65"),
    ("short_hash_length", "seven"),
    ("short_hash_length", "7.5"),
    ("disable_prompts", "perhaps"),
    ("lock_timeout", "-1"),
    ("lock_timeout", "soon"),
    ("lock_timeout", "nan"),
    ("color", "blue"),
)


@pytest.mark.parametrize(("name", "value"), WRONG)
def test_a_wrong_variable_is_an_error_that_names_it(
    name: str, value: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_tree(tmp_path, {"pyproject.toml": IN_FILE})
    monkeypatch.setenv(f"DOT_{name.upper()}", value)
    with pytest.raises(ConfigurationError) as caught:
        load_settings(tmp_path, os.environ)
    (problem,) = caught.value.problems
    assert (caught.value.exit_code, f"`{name}`" in problem.message) == (ExitCode.USAGE, True)
    assert f"`DOT_{name.upper()}`" in (problem.hint or "")
    assert problem.location is None, "the file is not to blame"


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, value in WRONG if value != "nan"])
def test_a_wrong_value_in_the_file_is_an_error_that_names_the_file(name: str, value: str, tmp_path: Path) -> None:
    make_tree(tmp_path, {"pyproject.toml": f'[tool.dot]\n{name} = "{value}"\n'})
    with pytest.raises(ConfigurationError) as caught:
        load_settings(tmp_path, os.environ)
    (problem,) = caught.value.problems
    assert f"`{name}`" in problem.message
    assert (problem.location or Location("")).file == str(tmp_path / "pyproject.toml")


def test_an_unknown_key_is_an_error_that_names_the_nearest(tmp_path: Path) -> None:
    make_tree(tmp_path, {"pyproject.toml": "[tool.dot]\nlock_timeot = 3\ncolour = 'never'\n"})
    with pytest.raises(ConfigurationError) as caught:
        load_settings(tmp_path, os.environ)
    assert [near for near in ("lock_timeout", "color") if f"did you mean `{near}`?" in str(caught.value.problems)] == [
        "lock_timeout",
        "color",
    ]


def test_all_problems_are_told_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_tree(tmp_path, {"pyproject.toml": "[tool.dot]\nunknown = 1\ncolor = 'blue'\n"})
    monkeypatch.setenv("DOT_LOCK_TIMEOUT", "soon")
    with pytest.raises(ConfigurationError) as caught:
        load_settings(tmp_path, os.environ)
    assert len(caught.value.problems) == 3


def test_toml_that_cannot_be_read_is_an_error_in_that_file(tmp_path: Path) -> None:
    make_tree(tmp_path, {"pyproject.toml": "[tool.dot]\ndbt = \n"})
    with pytest.raises(ConfigurationError, match="invalid TOML") as caught:
        load_settings(tmp_path, os.environ)
    assert (caught.value.problems[0].location or Location("")).file == str(tmp_path / "pyproject.toml")


def test_the_file_is_the_nearest_at_or_above_the_project_but_not_above_its_repository(tmp_path: Path) -> None:
    make_tree(tmp_path, {"pyproject.toml": "", "outer/.git/HEAD": "", "outer/dbt/shop/x": ""})
    project = tmp_path / "outer" / "dbt" / "shop"
    assert find_pyproject(project) is None
    make_tree(tmp_path / "outer", {"pyproject.toml": ""})
    assert find_pyproject(project) == tmp_path / "outer" / "pyproject.toml"
    make_tree(project, {"pyproject.toml": ""})
    assert find_pyproject(project) == project / "pyproject.toml"
