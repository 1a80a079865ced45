"""The variables that dbt sees, of a `.env` and of the user's settings too; `tests/e2e/test_profiles.py` asks dbt."""

from pathlib import Path

import pytest

from builders import make_tree
from dot.base.errors import ConfigurationError
from dot.dbt.variables import read_variables

DOTENV = "# a comment\nexport ONE=1\nTWO='two words'\nSHELL_WINS=file\nNOTHING\n"


@pytest.mark.parametrize(
    ("version", "place", "is_read"),
    [
        (None, "models", False),
        ("1.11.16", "models", False),
        ("1.12.0", "models", True),
        ("1.12.0", ".", True),
        ("1.12.0", "..", True),
        ("2.0.0", "models", True),
        ("2.0.0", ".", False),
    ],
)
def test_a_dotenv_file_is_read_where_that_version_of_dbt_reads_it(
    version: str | None,
    place: str,
    is_read: bool,  # noqa: FBT001
    tmp_path: Path,
) -> None:
    folder = make_tree(tmp_path / "shop", {"models/x": "", f"{place}/.env": DOTENV}) / "models"
    environ = {"SHELL_WINS": "shell", "THREE": "3"}
    read = {"ONE": "1", "TWO": "two words"} if is_read else {}
    assert read_variables(folder, environ, version) == read | environ


def test_the_nearest_dotenv_file_is_the_only_one_that_counts(tmp_path: Path) -> None:
    make_tree(tmp_path, {".env": "ONE=far\nTWO=far", "shop/.env": "ONE=near"})
    assert read_variables(tmp_path / "shop", {}, "1.12.0") == {"ONE": "near"}


@pytest.mark.parametrize(("value", "expected"), [("0", {"A": "1"}), ("True", {})])
def test_a_dotenv_file_can_be_left_unread(value: str, expected: dict[str, str], tmp_path: Path) -> None:
    environ = {"PYTHON_DOTENV_DISABLED": value}
    make_tree(tmp_path, {".env": "A=1"})
    assert read_variables(tmp_path, environ, "1.12.0") == expected | environ


def test_a_dotenv_file_that_is_no_text_is_an_error(tmp_path: Path) -> None:
    make_tree(tmp_path, {".env": b"A=\xff"})
    with pytest.raises(ConfigurationError):
        read_variables(tmp_path, {}, "1.12.0")


USER_SETTINGS = "flags: {target: mine, profiles_dir: lib, defer: true, state: ~, threads: 3, vars: {a: 1}}\n"


@pytest.mark.parametrize(
    ("version", "environ", "expected"),
    [
        ("1.12.0", {}, {"DBT_TARGET": "mine", "DBT_PROFILES_DIR": "lib", "DBT_DEFER": "True"}),
        ("1.12.0", {"DBT_TARGET": ""}, {"DBT_TARGET": "mine", "DBT_PROFILES_DIR": "lib", "DBT_DEFER": "True"}),
        ("1.12.0", {"DBT_ENGINE_TARGET": "x", "DBT_DEFER": "0"}, {"DBT_PROFILES_DIR": "lib"}),
        ("1.11.16", {}, {}),
        ("2.0.0", {}, {}),
    ],
)
def test_the_users_settings_are_weaker_than_variables(
    version: str, environ: dict[str, str], expected: dict[str, str], tmp_path: Path, home: Path
) -> None:
    make_tree(home, {".dbt/user_settings.yml": USER_SETTINGS})
    assert read_variables(tmp_path, environ, version) == environ | expected


@pytest.mark.parametrize("content", ["", "- a\n", "flags: 5\n", "flags: {\n", b"\xff"])
def test_settings_that_are_none_are_passed_over(content: str | bytes, tmp_path: Path, home: Path) -> None:
    make_tree(home, {".dbt/user_settings.yml": content})
    assert read_variables(tmp_path, {}, "1.12.0") == {}
