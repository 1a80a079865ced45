"""git is asked about the folder that dot means, whatever a hook or an alias has put into the environment."""

import shutil
from pathlib import Path

import pytest

from builders import git, make_repo
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
    "GIT_CEILING_DIRECTORIES": "../shop",
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
    assert shop == read_repository(shop).toplevel
    assert heads == [resolve_commit(shop, "HEAD"), resolve_commit(hooked, "HEAD")]
    assert heads[0] != heads[1]


def test_a_worktree_is_registered_in_the_repository_that_is_meant(
    shop: Path, hooked: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    head = resolve_commit(shop, "HEAD") or ""
    index = (hooked / ".git" / "index").read_bytes()
    add_worktree(shop, tmp_path / "added", head)
    fill_worktree(tmp_path / "added")
    assert {"shop.txt", ".git"} == {path.name for path in (tmp_path / "added").iterdir()}
    assert not (hooked / ".git" / "worktrees").exists()
    assert index == (hooked / ".git" / "index").read_bytes()
    shutil.rmtree(tmp_path / "added")
    forget_worktree(shop, tmp_path / "added")
    listed = read_privately(shop, "worktree", "list", monkeypatch=monkeypatch)
    assert 1 == len(listed.splitlines())


def test_what_carries_credentials_and_configuration_is_kept_and_all_else_of_git_is_gone() -> None:
    kept = {
        "PATH": "/bin",
        "GIT_SSH_COMMAND": "ssh -i key",
        "GIT_SSH": "ssh",
        "GIT_ASKPASS": "ask",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_CONFIG_GLOBAL": "config",
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "a.b",
        "GIT_CONFIG_VALUE_0": "c",
    }
    assert kept == scrub(kept | dict.fromkeys(POISON, "x") | {"GIT_QUARANTINE_PATH": "x"})


def test_configuration_from_the_environment_reaches_git(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "core.abbrev")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "11")
    assert 11 == len(abbreviate(shop, git(shop, "rev-parse", "HEAD"), None))
