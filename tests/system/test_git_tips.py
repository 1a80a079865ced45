"""What the refs of a repository say about its commits."""

from pathlib import Path

import pytest

from builders import commit, git, make_repo
from dot.system.git import read_nearest, read_tips

HEADS, REMOTES = "refs/heads/", "refs/remotes/"


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """Three commits on `main`, a branch with one more from the second of them."""
    folder = make_repo(tmp_path / "shop", {"a": "1"}, {"a": "2"}, {"a": "3"})
    git(folder, "switch", "--quiet", "--create", "feature/x", "main~1")
    commit(folder, "on the branch")
    git(folder, "switch", "--quiet", "main")
    return folder


def test_every_ref_stands_at_its_commit(shop: Path) -> None:
    git(shop, "tag", "light", "main")
    git(shop, "tag", "--annotate", "v1", "--message", "one", "main")
    git(shop, "tag", "--annotate", "of-a-tag", "--message", "two", "v1")
    git(shop, "update-ref", "refs/remotes/origin/main", "main")
    git(shop, "symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main")
    main, branch = git(shop, "rev-parse", "main", "feature/x").split()
    tags = ("refs/tags/light", "refs/tags/of-a-tag", "refs/tags/v1")
    expected = {main: ("refs/heads/main", "refs/remotes/origin/main", *tags), branch: ("refs/heads/feature/x",)}
    assert read_tips(shop) == expected


def test_a_commit_is_reached_from_the_nearest_branch(shop: Path) -> None:
    git(shop, "branch", "near", "main~1")
    commit(shop, "main goes on")
    first, third = git(shop, "rev-parse", "main~3", "main~1").split()
    assert read_nearest(shop, [first, third], below=HEADS) == {first: "refs/heads/near", third: "refs/heads/main"}


def test_a_commit_that_no_branch_reaches_has_none(shop: Path) -> None:
    gone = git(shop, "rev-parse", "feature/x")
    git(shop, "branch", "--quiet", "--delete", "--force", "feature/x")
    main = git(shop, "rev-parse", "main~2")
    assert read_nearest(shop, [gone, main], below=HEADS) == {main: "refs/heads/main"}
    assert read_nearest(shop, [gone], below=REMOTES) == {}


def test_a_remote_branch_is_named_with_its_remote_and_never_by_its_head(shop: Path, tmp_path: Path) -> None:
    git(tmp_path, "clone", "--quiet", str(shop), "clone")
    main, branch = git(shop, "rev-parse", "main", "feature/x").split()
    expected = {branch: "refs/remotes/origin/feature/x", main: "refs/remotes/origin/main"}
    assert read_nearest(tmp_path / "clone", [main, branch], below=REMOTES) == expected


def test_what_git_does_not_have_is_passed_over(shop: Path) -> None:
    main = git(shop, "rev-parse", "main")
    assert read_nearest(shop, ["0" * 40, main], below=HEADS) == {main: "refs/heads/main"}


def test_more_commits_than_fit_into_a_command_line_are_all_named(shop: Path) -> None:
    main = git(shop, "rev-parse", "main")
    many = [f"{number:040x}" for number in range(5000)]
    assert read_nearest(shop, [*many, main], below=HEADS) == {main: "refs/heads/main"}


def test_without_a_repository_there_is_nothing(tmp_path: Path) -> None:
    assert read_tips(tmp_path) == {}
    assert read_nearest(tmp_path, ["0" * 40], below=HEADS) == {}


def test_a_repository_without_commits_has_no_refs(tmp_path: Path) -> None:
    assert read_tips(make_repo(tmp_path / "empty")) == {}
