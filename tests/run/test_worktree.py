"""A build's worktree is complete and as its commit has it, whatever happened before."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from builders import PROJECT, call_dot, carry_out, commit, git, make_repo, make_tree, read_calls, snapshot
from dot.base.errors import DotError, LockTimeoutError
from dot.system import store


def build_of(project: Path, ref: str = "main") -> Path:
    return project / ".dot" / "build" / git(project, "rev-parse", "--short", f"{ref}^{{commit}}")


def registered(repository: Path) -> list[Path]:
    """The worktrees that git knows of besides the first."""
    lines = git(repository, "worktree", "list", "--porcelain").splitlines()
    return [Path(line.removeprefix("worktree ")) for line in lines if line.startswith("worktree ")][1:]


def is_whole(project: Path, ref: str = "main") -> bool:
    """Whether marker, worktree and git's entry of the build all say that it is there as its commit has it."""
    build, found = build_of(project, ref), git(project, "rev-parse", f"{ref}^{{commit}}")
    worktree = build / "worktree"
    return (
        (build / "commit").read_text().strip() == found == git(worktree, "rev-parse", "HEAD")
        and not git(worktree, "status", "--porcelain", "--untracked-files=no")
        and registered(project).count(worktree) == 1
    )


def test_a_build_has_a_detached_worktree_of_its_commit(shop: Path) -> None:
    git(shop, "tag", "--annotate", "v1", "--message", "one")
    commit(make_tree(shop, {"models/a.sql": "select 2 as id\n"}), "newer")
    make_tree(shop, {"models/a.sql": "select 3 as id\n"})
    assert carry_out("parse", "dev@v1")[1] == 0
    worktree = build_of(shop, "v1") / "worktree"
    assert git(worktree, "rev-parse", "--abbrev-ref", "HEAD") == "HEAD"
    assert (worktree / "models" / "a.sql").read_text() == "select 1 as id\n"
    assert is_whole(shop, "v1")
    assert (shop / "models" / "a.sql").read_text() == "select 3 as id\n"


def test_environments_and_refs_of_one_commit_share_its_worktree(shop: Path) -> None:
    commit(make_tree(shop, {"package-lock.yml": "one"}), "locked")
    git(shop, "branch", "feature/x")
    carry_out("parse", "dev@main")
    make_tree(build_of(shop) / "worktree", {"kept": "", "package-lock.yml": "two, which dbt deps wrote"})
    for address in ("prod@feature/x", f"dev@{git(shop, 'rev-parse', 'HEAD')}"):
        carry_out("parse", address)
    assert [build_of(shop) / "worktree"] == registered(shop)
    kept = [build_of(shop) / "worktree" / name for name in ("kept", "package-lock.yml")]
    assert [path.read_text() for path in kept] == ["", "two, which dbt deps wrote"]
    assert {path.name for path in (build_of(shop) / "env").iterdir()} == {"dev", "prod"}


def edit(worktree: Path) -> None:
    """What a person may do in a worktree, by mistake."""
    (worktree / "models" / "a.sql").write_text("edited")
    (worktree / "models" / "b.sql").unlink()
    git(worktree, "add", "--all")
    (worktree / "dbt_project.yml").write_text("edited")


DAMAGES: dict[str, Callable[[Path], object]] = {
    "no marker": lambda build: (build / "commit").unlink(),
    "an empty marker": lambda build: (build / "commit").write_text(""),
    "a marker full of zeros": lambda build: (build / "commit").write_bytes(b"\0" * 41),
    "no worktree": lambda build: shutil.rmtree(build / "worktree"),
    "an empty worktree": lambda build: [shutil.rmtree(build / "worktree"), (build / "worktree").mkdir()],
    "a file for a worktree": lambda build: [shutil.rmtree(build / "worktree"), (build / "worktree").write_text("")],
    "a worktree alone": lambda build: [shutil.rmtree(build / "env"), (build / "commit").unlink()],
    "a marker alone": lambda build: [shutil.rmtree(build / "env"), shutil.rmtree(build / "worktree")],
    "no link": lambda build: (build / "worktree" / ".git").unlink(),
    "a broken link": lambda build: (build / "worktree" / ".git").write_text("gitdir: /nowhere\n"),
    "another commit": lambda build: git(build / "worktree", "checkout", "--quiet", "--detach", "main~1"),
    "a branch": lambda build: git(build / "worktree", "checkout", "--quiet", "-b", "mine"),
    "edited files": lambda build: edit(build / "worktree"),
    "edited files, and a git that was killed": lambda build: [
        edit(build / "worktree"),
        (build.parents[2] / ".git" / "worktrees" / "worktree" / "index.lock").touch(),
    ],
    "no index": lambda build: (build.parents[2] / ".git" / "worktrees" / "worktree" / "index").unlink(),
    "a broken index": lambda build: (build.parents[2] / ".git" / "worktrees" / "worktree" / "index").write_text("x"),
    "no entry in git": lambda build: shutil.rmtree(build.parents[2] / ".git" / "worktrees"),
    "no worktree and no entry": lambda build: [
        shutil.rmtree(build / "worktree"),
        git(build.parents[2], "worktree", "prune"),
    ],
    "a locked worktree": lambda build: [
        git(build.parents[2], "worktree", "lock", str(build / "worktree")),
        shutil.rmtree(build / "worktree"),
    ],
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_build_is_healed(damage: str, shop: Path, log: Path) -> None:
    commit(make_tree(shop, {"models/c.sql": "select 3\n"}), "second")
    carry_out("parse", "dev@main")
    DAMAGES[damage](build_of(shop))
    assert carry_out("parse", "dev@main")[1] == 0
    assert is_whole(shop)
    worktree = build_of(shop) / "worktree"
    assert registered(shop) == [worktree]
    assert (shop / "models" / "a.sql").read_text() == (worktree / "models" / "a.sql").read_text()
    assert read_calls(log)[-1].cwd == worktree


def test_a_repository_that_was_moved_heals(shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    carry_out("parse", "dev@main")
    kept, parsed, packages = "worktree/dbt_packages/x.sql", "env/dev/target/partial_parse.msgpack", "packages"
    make_tree(build_of(shop), dict.fromkeys((kept, parsed, packages), ""))
    monkeypatch.chdir(tmp_path)
    shop.rename(tmp_path / "moved")
    monkeypatch.chdir(tmp_path / "moved")
    assert carry_out("parse", "dev@main")[1] == 0
    assert is_whole(tmp_path / "moved")
    # It is mended and not made anew; what dbt keeps with absolute paths in it is gone.
    build = build_of(tmp_path / "moved")
    assert [(build / name).exists() for name in (kept, parsed, packages)] == [True, False, False]


def test_a_repository_that_was_copied_leaves_the_original_alone(
    shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    carry_out("parse", "dev@main")
    make_tree(build_of(shop), {"env/dev/target/partial_parse.msgpack": "with absolute paths"})
    copy = shutil.copytree(shop, tmp_path / "copy", symlinks=True)
    before = snapshot(shop)
    monkeypatch.chdir(copy)
    assert call_dot("doctor") == 3 or "copied from" in capfd.readouterr().out
    assert carry_out("parse", "dev@main")[1] == 0
    assert snapshot(shop) == before
    assert is_whole(copy)
    assert list(copy.rglob("partial_parse.msgpack")) == []
    (copy / ".git" / "config").write_text("broken")  # which the original's git never reads
    monkeypatch.chdir(shop)
    assert carry_out("parse", "dev@main")[1] == 0


def test_a_build_that_was_copied_in_its_repository_gets_a_worktree_of_its_own(shop: Path) -> None:
    commit(make_tree(shop, {"models/c.sql": "select 3\n"}), "second")
    carry_out("parse", "dev@main~1")
    shutil.copytree(build_of(shop, "main~1"), build_of(shop))
    (build_of(shop) / "commit").write_text(git(shop, "rev-parse", "main"))
    git(build_of(shop) / "worktree", "checkout", "--quiet", "--detach", "main")
    carry_out("parse", "dev@main")
    carry_out("parse", "dev@main~1")
    assert is_whole(shop)
    assert is_whole(shop, "main~1")


@pytest.mark.parametrize("attributes", ["*.csv text\n", "*.csv filter=upper\n"])
def test_a_file_that_no_checkout_gives_back_as_its_commit_has_it_is_not_taken_for_edited(
    attributes: str, shop: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    commit(make_tree(shop, {"s.csv": "a,b\r\n", "t.csv": "a,b\r\n"}), "raw files")
    git(shop, "config", "filter.upper.clean", "tr a-z A-Z")
    make_tree(shop, {".gitattributes": attributes})
    git(shop, "add", ".gitattributes")
    git(shop, "commit", "--quiet", "--message", "a later rule")
    for _ in range(3):
        carry_out("parse", "dev@main")
        os.utime(build_of(shop) / "worktree" / "s.csv")  # so that git looks at the content
        call_dot("doctor")
    output, errors = capfd.readouterr()
    assert errors.count("worktree ready") == 1
    assert "edited" not in output + errors
    (build_of(shop) / "worktree" / "s.csv").write_text("edited")
    carry_out("parse", "dev@main")
    assert "had been edited and are restored: s.csv\n" in capfd.readouterr().err
    assert (build_of(shop) / "worktree" / "s.csv").read_bytes() == b"a,b\r\n"


def test_a_worktree_that_cannot_be_made_leaves_nothing(shop: Path) -> None:
    make_tree(shop, {".gitattributes": "*.sql filter=broken\n"})
    commit(shop, "with a filter")
    git(shop, "config", "filter.broken.smudge", "false")
    git(shop, "config", "filter.broken.clean", "cat")
    git(shop, "config", "filter.broken.required", "true")
    with pytest.raises(DotError, match="check out"):
        carry_out("parse", "dev@main")
    assert registered(shop) == []
    assert not build_of(shop).exists()
    git(shop, "config", "filter.broken.smudge", "cat")
    assert carry_out("parse", "dev@main")[1] == 0
    assert is_whole(shop)


def test_a_partial_clone_that_lacks_files_of_the_commit_is_told_so_and_leaves_nothing(
    shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit(make_tree(shop, {"models/a.sql": "select 2 as id\n"}), "newer")
    git(shop, "config", "uploadpack.allowFilter", "true")
    clone, gone = tmp_path / "clone", tmp_path / "gone"
    git(tmp_path, "clone", "--quiet", "--no-checkout", "--filter=blob:none", shop.as_uri(), str(clone))
    git(clone, "checkout", "--quiet", "main~1")
    shop.rename(gone)
    monkeypatch.chdir(clone)
    with pytest.raises(DotError, match="check out") as caught:
        carry_out("parse", "dev@main")
    assert "objects of the commit are not in this clone" in str(caught.value.problems[0].hint)
    assert registered(clone) == []
    assert not build_of(clone).exists()


def start_dot(folder: Path, *words: str) -> "subprocess.Popen[bytes]":
    """dot in a process and a process group of its own."""
    argv = [sys.executable, "-m", "dot", *words]
    return subprocess.Popen(argv, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True)


def test_a_build_that_was_killed_while_it_was_checked_out_heals(shop: Path, tmp_path: Path) -> None:
    make_tree(shop, {".gitattributes": "b.sql filter=slow\n"})
    commit(shop, "with a slow file")
    git(shop, "config", "filter.slow.smudge", f"touch '{tmp_path}/started'; sleep 60")
    with start_dot(shop, "parse", "dev@main") as child:
        while not (tmp_path / "started").exists():
            assert child.poll() is None
            time.sleep(0.01)
        os.killpg(child.pid, signal.SIGKILL)
    assert not (build_of(shop) / "commit").exists()
    git(shop, "config", "filter.slow.smudge", "cat")
    assert carry_out("parse", "dev@main")[1] == 0
    assert is_whole(shop)


def test_a_git_that_outlives_the_dot_that_was_killed_is_waited_for(
    shop: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    make_tree(shop, {".gitattributes": "*.sql filter=slow\n"})
    commit(shop, "with slow files")
    started = tmp_path / "started"
    git(shop, "config", "filter.slow.smudge", f"[ -e '{started}' ] || {{ touch '{started}'; sleep 3; }}; cat")
    with start_dot(shop, "parse", "dev@main") as child:
        while not started.exists():
            assert child.poll() is None
            time.sleep(0.01)
        child.kill()
    assert carry_out("parse", "dev@main")[1] == 0
    assert "waiting for `dot parse dev@main`" in capfd.readouterr().err
    assert is_whole(shop)


def test_many_at_once_make_every_build_once(shop: Path) -> None:
    git(shop, "branch", "old")
    commit(make_tree(shop, {"models/c.sql": "select 3\n"}), "second")
    addresses = ("dev@main", "dev@old", "prod@main", "prod@old", "dev@main", "dev@old")
    children = [start_dot(shop, "parse", address) for address in addresses]
    done = [(*child.communicate(timeout=60), child.returncode) for child in children]
    assert [0] * len(addresses) == [code for _, _, code in done], done
    assert is_whole(shop, "main")
    assert is_whole(shop, "old")
    assert {build_of(shop, "main") / "worktree", build_of(shop, "old") / "worktree"} == set(registered(shop))
    assert b"".join(errors for _, errors, _ in done).count(b"worktree ready") == 2


@pytest.mark.parametrize("name", [".git/dot-worktrees.lock", ".dot/locks/{}.lock"])
def test_a_worktree_and_the_list_of_them_are_changed_by_one_dot_at_a_time(
    name: str, shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOT_LOCK_TIMEOUT", "0")
    lock = shop / name.format(build_of(shop).name)
    with store.lock(lock, root=shop, timeout=0, on_wait=pytest.fail), pytest.raises(LockTimeoutError):
        carry_out("parse", "dev@main")
    assert registered(shop) == []
    assert carry_out("parse", "dev@main")[1] == 0
    assert is_whole(shop)


def test_a_command_that_holds_the_build_mends_its_worktree_without_waiting_for_itself(
    shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for environment in ("dev", "prod"):  # of which each has a lock that says who uses the worktree
        assert carry_out("parse", f"{environment}@main")[1] == 0
    (build_of(shop) / "worktree" / ".git").unlink()
    monkeypatch.setenv("DOT_LOCK_TIMEOUT", "0")
    assert carry_out("deps", "dev@main")[1] == 0
    assert is_whole(shop)


def test_a_project_in_a_linked_worktree_has_builds_of_its_own(
    shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    git(shop, "worktree", "add", "--quiet", "-b", "other", str(tmp_path / "linked"))
    monkeypatch.chdir(tmp_path / "linked")
    assert carry_out("parse", "dev@other")[1] == 0
    assert (build_of(tmp_path / "linked", "other") / "commit").is_file()
    assert not (shop / ".dot").exists()
    assert {tmp_path / "linked", build_of(tmp_path / "linked", "other") / "worktree"} == set(registered(shop))


def test_a_project_that_is_a_submodule_can_be_built(
    shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outer = make_repo(tmp_path / "outer", {"x": ""})
    git(outer, "submodule", "--quiet", "add", str(shop), "inner")
    monkeypatch.chdir(outer / "inner")
    assert carry_out("parse", "dev@main")[1] == 0
    assert is_whole(outer / "inner")


def test_submodules_are_part_of_a_build_and_mended_like_the_rest(
    log: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    library = make_repo(tmp_path / "library", {"macro.sql": "whole"})
    project = make_repo(tmp_path / "project", PROJECT)
    git(project, "submodule", "--quiet", "add", str(library), "lib")
    commit(project, "with a submodule")
    monkeypatch.chdir(project)
    carry_out("parse", "dev@main")
    file = build_of(project) / "worktree" / "lib" / "macro.sql"
    assert file.read_text() == "whole"
    file.write_text("edited")
    carry_out("parse", "dev@main")
    assert file.read_text() == "whole"
    assert "files of the build's worktree had been edited and are restored: lib\n" in capfd.readouterr().err
    assert file.parents[1] == read_calls(log)[-1].cwd
