"""Worktrees as git makes them: whole, detached, and without the user's hooks."""

import shutil
import stat
from pathlib import Path

import pytest

from builders import Tree, commit, git, make_repo, make_tree, snapshot
from dot.base.errors import GitError
from dot.system.git import (
    add_worktree,
    fill_worktree,
    forget_worktree,
    read_changes,
    restore_files,
    update_submodules,
)

STRANGE = "Größe mit Leerzeichen/日本"
FILES: Tree = {"a.sql": "select 1\n", f"{STRANGE}/b.sql": "select 2\n", "data/x.bin": b"\0\r\n\xff"}


def checked_out(repository: Path, path: Path, ref: str = "main") -> str:
    """Make a whole worktree; its commit."""
    found = git(repository, "rev-parse", f"{ref}^{{commit}}")
    add_worktree(repository, path, found)
    fill_worktree(path)
    return found


def content_of(folder: Path) -> dict[str, bytes]:
    """Every file but git's own, by name."""
    found = snapshot(folder, without=(".git",)).items()
    return {name: content for name, (mode, content) in found if stat.S_ISREG(mode)}


def registered(repository: Path) -> list[str]:
    """The worktrees that git knows of besides the first."""
    lines = git(repository, "worktree", "list", "--porcelain").splitlines()
    return [line.removeprefix("worktree ") for line in lines if line.startswith("worktree ")][1:]


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """Two commits, the second without `a.sql`."""
    folder = make_repo(tmp_path / STRANGE / "shop", FILES)
    (folder / "a.sql").unlink()
    commit(folder, "without a")
    return folder


def test_a_worktree_holds_what_the_commit_holds_and_is_detached(shop: Path) -> None:
    path = shop / ".dot" / STRANGE
    found = checked_out(shop, path, "main~1")
    assert {name: content.encode() if isinstance(content, str) else content for name, content in FILES.items()} == (
        content_of(path)
    )
    assert git(path, "rev-parse", "--abbrev-ref", "HEAD") == "HEAD"
    assert (git(path, "rev-parse", "HEAD"), git(path, "status", "--porcelain")) == (found, "")
    assert git(shop, "rev-parse", "--abbrev-ref", "HEAD") == "main"


def test_many_files_are_all_checked_out(tmp_path: Path) -> None:
    files: Tree = {f"models/{number % 9}/m{number}.sql": f"select {number}\n" for number in range(500)}
    shop = make_repo(tmp_path / "shop", files)
    checked_out(shop, tmp_path / "worktree")
    assert content_of(shop) == content_of(tmp_path / "worktree")


def test_a_commit_can_have_two_worktrees(shop: Path, tmp_path: Path) -> None:
    assert checked_out(shop, tmp_path / "one") == checked_out(shop, tmp_path / "two")
    assert registered(shop) == [str(tmp_path / "one"), str(tmp_path / "two")]


def test_a_worktree_can_be_made_from_a_linked_worktree(shop: Path, tmp_path: Path) -> None:
    git(shop, "worktree", "add", "--quiet", "-b", "other", str(tmp_path / "linked"), "main~1")
    found = checked_out(tmp_path / "linked", tmp_path / "linked" / ".dot" / "worktree", "other")
    assert read_changes(tmp_path / "linked" / ".dot" / "worktree", found) == ()


def test_hooks_of_the_user_are_not_run(shop: Path, home: Path, tmp_path: Path) -> None:
    hook = f"#!/bin/sh\ntouch '{tmp_path}/ran'\n"
    for folder in (shop / ".git" / "hooks", home / "hooks"):
        for name in ("post-checkout", "post-index-change", "reference-transaction"):
            make_tree(folder, {name: hook})
            (folder / name).chmod(0o755)
    checked_out(shop, tmp_path / "one")
    git(shop, "config", "--global", "core.hooksPath", str(home / "hooks"))
    (tmp_path / "ran").unlink(missing_ok=True)
    checked_out(shop, tmp_path / "two")
    forget_worktree(shop, tmp_path / "two")
    assert not (tmp_path / "ran").exists()
    git(shop, "checkout", "--quiet", "-b", "other")
    assert (tmp_path / "ran").exists()


def test_a_file_system_monitor_of_the_user_is_not_asked(shop: Path, tmp_path: Path) -> None:
    monitor = make_tree(tmp_path, {"monitor": f"#!/bin/sh\ntouch '{tmp_path}/ran'\nprintf 'token\\0'\n"}) / "monitor"
    monitor.chmod(0o755)
    git(shop, "config", "core.fsmonitor", str(monitor))
    path = tmp_path / "worktree"
    found = checked_out(shop, path)
    assert read_changes(path, found) == ()
    make_tree(path, {"data/x.bin": "edited"})
    assert read_changes(path, found) == ("data/x.bin",), "it says that nothing has changed"
    restore_files(path, ("data/x.bin",))
    assert (path / "data" / "x.bin").read_bytes() == b"\0\r\n\xff"
    assert not (tmp_path / "ran").exists()


def test_a_sparse_work_tree_of_the_user_does_not_make_the_worktree_sparse(shop: Path, tmp_path: Path) -> None:
    git(shop, "sparse-checkout", "set", "nothing")
    assert not (shop / "data").exists()
    checked_out(shop, tmp_path / "worktree")
    assert set(content_of(tmp_path / "worktree")) == {"data/x.bin", f"{STRANGE}/b.sql"}


@pytest.mark.parametrize("recurse", ["false", "true"])
def test_submodules_are_checked_out_as_the_commit_has_them(recurse: str, tmp_path: Path) -> None:
    inner = make_repo(tmp_path / "inner", {"inner.sql": "1"})
    library = make_repo(tmp_path / "library", {"macro.sql": "old"})
    git(library, "submodule", "--quiet", "add", str(inner), "inner")
    commit(library, "with inner")
    shop = make_repo(tmp_path / "shop", {"a.sql": "1"})
    git(shop, "submodule", "--quiet", "add", str(library), "lib")
    commit(shop, "with a submodule")
    commit(make_tree(library, {"macro.sql": "new"}), "newer, which the shop does not use")
    git(shop, "config", "submodule.recurse", recurse)
    checked_out(shop, tmp_path / "worktree")
    update_submodules(tmp_path / "worktree")
    assert {
        name: content for name, content in content_of(tmp_path / "worktree" / "lib").items() if name.endswith(".sql")
    } == {"macro.sql": b"old", "inner/inner.sql": b"1"}


def test_a_worktree_stands_at_one_commit_only(shop: Path, tmp_path: Path) -> None:
    path = tmp_path / "worktree"
    found = checked_out(shop, path)
    other = git(shop, "rev-parse", "main~1")
    assert [read_changes(path, each) for each in (found, other)] == [(), None]
    assert read_changes(path / "data", found) is None
    assert read_changes(tmp_path / "nowhere", found) is None
    assert read_changes(shop, found) is None, "the user's own work tree is none of dot's"
    git(path, "checkout", "--quiet", other)
    assert read_changes(path, found) is None


NAMES = ("a b.sql", "-x.sql", ":(glob)*", "Größe/日本.sql", "two\nlines.sql", '"quoted".sql', "tab\t.sql", " ")


def test_changes_are_the_tracked_files_that_are_not_as_in_the_commit(tmp_path: Path) -> None:
    shop = make_repo(tmp_path / "shop", {"same.sql": "1", "gone.sql": "1", "mode.sql": "1"} | dict.fromkeys(NAMES, "1"))
    path = tmp_path / "worktree"
    found = checked_out(shop, path)
    make_tree(path, {"untracked.sql": "2", "target/x": "2"} | dict.fromkeys(NAMES, "2"))
    (path / "gone.sql").unlink()
    (path / "mode.sql").chmod(0o755)
    git(path, "add", "--", "a b.sql", "untracked.sql")
    git(path, "mv", "same.sql", "moved.sql")
    changed = {*NAMES, "gone.sql", "mode.sql", "same.sql", "moved.sql", "untracked.sql"}
    assert set(read_changes(path, found) or ()) == changed


def test_restored_files_are_as_in_the_commit_and_all_others_stay(tmp_path: Path) -> None:
    shop = make_repo(tmp_path / "shop", {"kept.sql": "1", "gone.sql": "1"} | dict.fromkeys(NAMES, "1"))
    path = tmp_path / "worktree"
    found = checked_out(shop, path)
    make_tree(path, {"kept.sql": "2", "untracked.sql": "2"} | dict.fromkeys(NAMES, "2"))
    (path / "gone.sql").unlink()
    restore_files(path, ("gone.sql", *NAMES))
    expected = {"kept.sql": b"2", "untracked.sql": b"2", "gone.sql": b"1"} | dict.fromkeys(NAMES, b"1")
    assert content_of(path) == expected
    assert read_changes(path, found) == ("kept.sql",)


@pytest.mark.parametrize("damage", ["nothing", "link", "entry", "locked"])
def test_a_worktree_in_any_state_is_forgotten_and_can_be_made_again(damage: str, shop: Path, tmp_path: Path) -> None:
    path = tmp_path / "worktree"
    checked_out(shop, path)
    match damage:
        case "link":
            (path / ".git").unlink()
        case "entry":
            (shop / ".git" / "worktrees" / "worktree" / "HEAD").write_text("broken")
        case "locked":
            git(shop, "worktree", "lock", str(path))
    shutil.rmtree(path)
    forget_worktree(shop, path)
    found = checked_out(shop, path)
    assert read_changes(path, found) == ()
    assert registered(shop) == [str(path)]


def test_what_git_refuses_is_an_error_with_gits_own_reason(shop: Path, tmp_path: Path) -> None:
    with pytest.raises(GitError, match="add a worktree") as caught:
        add_worktree(shop, tmp_path / "worktree", "0" * 40)
    assert caught.value.problems[0].notes
    assert not any(note.startswith("fatal: ") for note in caught.value.problems[0].notes)
