"""git says whether the user's own files have it ignore `.dot/`, in whatever spelling, and whatever `.dot/` says."""

from pathlib import Path

import pytest

from builders import git, make_repo, make_tree
from dot.system.git import is_ignored

SPELLINGS = (".dot", ".dot/", "/.dot/", "**/.dot/", ".d*", ".*", "*")


@pytest.fixture(params=["not there", "there"])
def shop(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """A project in a folder of a repository, with and without a `.dot/` that ignores itself."""
    folder = make_tree(make_repo(tmp_path / "around"), {"shop/dbt_project.yml": ""}) / "shop"
    if request.param == "there":
        make_tree(folder, {".dot/.gitignore": "*\n", ".dot/build/a/commit": "a"})
    return folder


def test_a_folder_that_no_file_of_the_users_names_is_not_ignored(shop: Path) -> None:
    make_tree(shop, {".gitignore": "target/\n.dot/build/x\n.dotted/\n", "../.gitignore": "/.dot/\n"})
    assert is_ignored(shop, ".dot/") is False


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_every_spelling_counts(spelling: str, shop: Path) -> None:
    make_tree(shop, {".gitignore": f"{spelling}\n"})
    assert is_ignored(shop, ".dot/") is True


@pytest.mark.parametrize("spelling", [*SPELLINGS, "shop/.dot", "shop/"])
def test_the_top_of_the_repository_counts(spelling: str, shop: Path) -> None:
    make_tree(shop.parent, {".gitignore": f"{spelling}\n"})
    assert is_ignored(shop, ".dot/") is (spelling != "/.dot/")


def test_what_is_ignored_for_this_clone_or_this_person_counts(shop: Path, home: Path) -> None:
    make_tree(shop.parent, {".git/info/exclude": ".dot/\n"})
    assert is_ignored(shop, ".dot/") is True
    make_tree(shop.parent, {".git/info/exclude": ""})
    assert is_ignored(shop, ".dot/") is False
    git(shop, "config", "--global", "core.excludesFile", str(make_tree(home, {"ignored": ".dot\n"}) / "ignored"))
    assert is_ignored(shop, ".dot/") is True


def test_the_last_word_counts(shop: Path) -> None:
    make_tree(shop, {".gitignore": ".dot/\n!.dot/\n"})
    assert is_ignored(shop, ".dot/") is False


def test_a_file_that_is_tracked_may_be_ignored_too(shop: Path) -> None:
    make_tree(shop, {".gitignore": "user.yml\n", "user.yml": ""})
    git(shop, "add", "--force", "user.yml")
    assert is_ignored(shop, "user.yml") is True
    assert is_ignored(shop, "dbt_project.yml") is False


def test_without_a_repository_there_is_no_answer(tmp_path: Path) -> None:
    assert is_ignored(tmp_path, ".dot/") is None
