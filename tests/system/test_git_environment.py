"""git is asked about the folder that dot means, whatever a hook or an alias has put into the environment."""

import shutil
from pathlib import Path

import pytest

from builders import commit, git, make_repo, make_tree
from dot.base.errors import GitError
from dot.system.git import (
    abbreviate,
    add_worktree,
    fill_worktree,
    forget_worktree,
    read_repository,
    resolve_commit,
    scrub,
)

POISON = {
    "GIT_DIR": ".git",
    "GIT_WORK_TREE": ".",
    "GIT_INDEX_FILE": ".git/index",
    "GIT_COMMON_DIR": ".git",
    "GIT_OBJECT_DIRECTORY": ".git/objects",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES": ".git/objects",
    "GIT_NAMESPACE": "elsewhere",
    "GIT_PREFIX": "models/",
}


@pytest.fixture
def hooked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository in one of whose hooks dot seems to run."""
    folder = make_repo(tmp_path / "hooked", {"hooked.txt": "hooked"})
    for name, value in POISON.items():
        monkeypatch.setenv(name, value if name in ("GIT_NAMESPACE", "GIT_PREFIX") else str(folder / value))
    return folder


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """The repository that dot means."""
    return make_repo(tmp_path / "shop", {"shop.txt": "shop"})


def read_privately(folder: Path, *words: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """What git says of the folder, without the poison."""
    with monkeypatch.context() as clean:
        for name in POISON:
            clean.delenv(name, raising=False)
        return git(folder, *words)


# The order of the fixtures matters: the repository that is meant is made before the environment is poisoned.
def test_questions_are_answered_by_the_repository_that_is_meant(
    shop: Path, hooked: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    heads = [read_privately(folder, "rev-parse", "HEAD", monkeypatch=monkeypatch) for folder in (shop, hooked)]
    assert read_repository(shop).toplevel == shop
    assert [resolve_commit(shop, "HEAD"), resolve_commit(hooked, "HEAD")] == heads
    assert heads[0] != heads[1]


def test_a_worktree_is_registered_in_the_repository_that_is_meant(
    shop: Path, hooked: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    head = resolve_commit(shop, "HEAD") or ""
    index = (hooked / ".git" / "index").read_bytes()
    add_worktree(shop, tmp_path / "added", head)
    fill_worktree(tmp_path / "added")
    assert {path.name for path in (tmp_path / "added").iterdir()} == {"shop.txt", ".git"}
    assert not (hooked / ".git" / "worktrees").exists()
    assert (hooked / ".git" / "index").read_bytes() == index
    shutil.rmtree(tmp_path / "added")
    forget_worktree(shop, tmp_path / "added")
    listed = read_privately(shop, "worktree", "list", monkeypatch=monkeypatch)
    assert len(listed.splitlines()) == 1


def test_what_ties_git_to_a_repository_is_gone_and_all_that_people_set_is_kept(shop: Path) -> None:
    names = (
        *("PATH", "GIT_SSH_COMMAND", "GIT_SSH", "GIT_ASKPASS", "GIT_TERMINAL_PROMPT", "GIT_ALLOW_PROTOCOL"),
        *("GIT_CONFIG_GLOBAL", "GIT_CONFIG_PARAMETERS", "GIT_CONFIG_COUNT", "GIT_CONFIG_KEY_0"),
        *("GIT_LFS_SKIP_SMUDGE", "GIT_SSL_CERT", "GIT_HTTP_USER_AGENT", "GIT_CEILING_DIRECTORIES"),
    )
    kept = dict.fromkeys(names, "x")
    ties = {*git(shop, "rev-parse", "--local-env-vars").split(), *POISON, "GIT_QUARANTINE_PATH", "GIT_ICASE_PATHSPECS"}
    assert scrub(kept | dict.fromkeys(ties - kept.keys(), "x")) == kept


def test_configuration_from_the_environment_reaches_git(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "core.abbrev")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "11")
    assert len(abbreviate(shop, git(shop, "rev-parse", "HEAD"), None)) == 11


def test_configuration_of_the_git_that_started_dot_reaches_git(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CONFIG_PARAMETERS", "'core.abbrev'='11'")
    assert len(abbreviate(shop, git(shop, "rev-parse", "HEAD"), None)) == 11


@pytest.mark.parametrize(
    ("said", "hint"),
    [
        ("echo 'No space left on device' >&2; exit 1", "free some space"),
        ("exit 1", "`.gitattributes`"),
        ("echo 'git-crypt: Error: Unable to open key file' >&2; exit 1", "`git-crypt unlock`"),
    ],
)
def test_what_helps_goes_by_what_git_says(said: str, hint: str, shop: Path, tmp_path: Path) -> None:
    git(shop, "config", "filter.broken.smudge", said)
    git(shop, "config", "filter.broken.clean", "cat")
    git(shop, "config", "filter.broken.required", "true")
    make_tree(shop, {".gitattributes": "shop.txt filter=broken\n"})
    add_worktree(shop, tmp_path / "added", commit(shop, "with a filter"))
    with pytest.raises(GitError) as refused:
        fill_worktree(tmp_path / "added")
    assert hint in (refused.value.problems[0].hint or "")


def test_a_commit_whose_objects_cannot_be_fetched_is_said_to_be_incomplete(shop: Path, tmp_path: Path) -> None:
    git(shop, "config", "uploadpack.allowFilter", "true")
    git(tmp_path, "clone", "--quiet", "--no-checkout", "--filter=blob:none", shop.as_uri(), "partial")
    shop.rename(tmp_path / "gone")
    add_worktree(tmp_path / "partial", tmp_path / "added", resolve_commit(tmp_path / "partial", "HEAD") or "")
    with pytest.raises(GitError) as refused:
        fill_worktree(tmp_path / "added")
    assert "not in this clone" in (refused.value.problems[0].hint or "")
