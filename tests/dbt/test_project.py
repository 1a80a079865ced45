"""The project and its profiles are found as dbt finds them."""

from pathlib import Path

import pytest

from builders import make_tree
from cases import each
from dot.base.errors import ConfigurationError, ProfileError, UsageError
from dot.dbt.project import (
    DbtProject,
    find_profiles_folder,
    find_project,
    load_profiles,
    parse_project,
)

# -- the project ---------------------------------------------------------------------------------------------------


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """A folder in a project, with another project beside it."""
    make_tree(tmp_path, {"shop/dbt_project.yml": "", "shop/models/marts/x": "", "other/dbt_project.yml": ""})
    return tmp_path / "shop" / "models"


@pytest.mark.parametrize(
    ("given", "environ", "found"),
    [
        (None, {}, "shop"),
        (None, {"DBT_PROJECT_DIR": ""}, "shop"),
        (None, {"DBT_PROJECT_DIR": "../../other"}, "other"),
        (None, {"DBT_PROJECT_DIR": "nowhere", "DBT_ENGINE_PROJECT_DIR": "../../other"}, "other"),
        ("../../other", {"DBT_PROJECT_DIR": "nowhere"}, "other"),
        ("..", {}, "shop"),
    ],
)
def test_the_project_is_the_one_named_or_the_nearest_above(
    given: str | None, environ: dict[str, str], found: str, here: Path
) -> None:
    assert here.parent.parent / found == find_project(here, given, environ)


@pytest.mark.parametrize(("given", "environ"), [("marts", {}), (None, {"DBT_PROJECT_DIR": "marts"})])
def test_a_named_folder_without_project_is_never_replaced_by_another(
    given: str | None, environ: dict[str, str], here: Path
) -> None:
    with pytest.raises(UsageError, match=r"no dbt_project\.yml in .*marts") as caught:
        find_project(here, given, environ)
    assert caught.value.problems[0].hint


def test_a_folder_in_no_project_is_an_error_that_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no dbt_project\.yml") as caught:
        find_project(tmp_path, None, {})
    assert "--project-dir" in (caught.value.problems[0].hint or "")


def test_a_project_file_is_read_for_its_name_profile_packages_folder_and_variables() -> None:
    text = b"name: shop\nprofile: \"{{ env_var('P') }}\"\npackages-install-path: lib\nversion: 1\nvars: {x: 1}\n"
    assert parse_project(text, "dbt_project.yml") == DbtProject("shop", "{{ env_var('P') }}", "lib", {"x": 1})
    assert parse_project(b"name: shop\nvars:", "dbt_project.yml") == DbtProject("shop", None, "dbt_packages")


@each("content", [b"", b"- a", b"name: 3", b"profile: shop", b"name: [", b"name: \0"])
def test_a_project_file_that_is_none_is_an_error_in_that_file(content: bytes) -> None:
    with pytest.raises(ConfigurationError) as caught:
        parse_project(content, "abc:dbt_project.yml")
    assert "abc:dbt_project.yml" in str(caught.value.problems[0].location)


# -- profiles ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "environ", "has_file", "version", "found"),
    [
        (None, {}, True, "1.11.16", "shop"),
        (None, {}, False, "1.11.16", "~/.dbt"),
        (None, {"DBT_PROFILES_DIR": ""}, True, "1.11.16", "shop"),
        (None, {"DBT_PROFILES_DIR": "../named"}, True, "1.11.16", "shop/../named"),
        (None, {"DBT_PROFILES_DIR": "~/.dbt"}, True, "1.11.16", "shop/~/.dbt"),
        (None, {"DBT_ENGINE_PROFILES_DIR": "engine", "DBT_PROFILES_DIR": "older"}, True, "1.11.8", "shop/engine"),
        (None, {"DBT_ENGINE_PROFILES_DIR": "engine", "DBT_PROFILES_DIR": "older"}, True, "1.11.7", "shop/older"),
        (None, {"DBT_ENGINE_PROFILES_DIR": "engine"}, True, None, "shop/engine"),
        ("given", {"DBT_ENGINE_PROFILES_DIR": "engine"}, True, "1.12.0", "shop/given"),
    ],
)
def test_the_profiles_folder_is_the_one_that_dbt_would_take(  # a row of the table
    given: str | None,
    environ: dict[str, str],
    has_file: bool,  # noqa: FBT001
    version: str | None,
    found: str,
    tmp_path: Path,
    home: Path,
) -> None:
    make_tree(tmp_path / "shop", {"profiles.yml" if has_file else "other.yml": ""})
    expected = home / ".dbt" if found == "~/.dbt" else tmp_path / found
    assert find_profiles_folder(tmp_path / "shop", given, environ, version) == expected


def test_profiles_are_read_with_their_jinja_unrendered(tmp_path: Path) -> None:
    make_tree(tmp_path, {"profiles.yml": "shop: {target: \"{{ env_var('T') }}\"}\n"})
    assert load_profiles(tmp_path / "profiles.yml") == {"shop": {"target": "{{ env_var('T') }}"}}


@pytest.mark.parametrize("content", ["- a\n", "shop: [\n", "a text", b"\0", "a: 1\na: {\n"])
def test_profiles_that_are_none_are_an_error_in_that_file(content: str | bytes, tmp_path: Path) -> None:
    path = make_tree(tmp_path, {"profiles.yml": content}) / "profiles.yml"
    with pytest.raises(ConfigurationError) as caught:
        load_profiles(path)
    assert str(path) in str(caught.value.problems[0].location)
    with pytest.raises(ProfileError):
        load_profiles(tmp_path / "nowhere.yml")
