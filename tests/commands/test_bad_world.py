"""A world that refuses: dot says so, and leaves nothing half-made."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Generator
from pathlib import Path

import pytest

from builders import PROJECT, Outcome, git, make_repo, make_tree, read_calls, snapshot, waiting_dot

Dot = Callable[..., Outcome]

PRIVILEGED = () if os.geteuid() == 0 else ("sudo", "-n")


def administer(*words: str) -> bool:
    """Whether this command, which needs an administrator's rights, went well."""
    try:
        return subprocess.run([*PRIVILEGED, *words], check=False, capture_output=True).returncode == 0
    except FileNotFoundError:
        return False


@pytest.fixture
def disk(tmp_path: Path, log: Path, monkeypatch: pytest.MonkeyPatch) -> Generator[Path]:
    """A small file system of its own with a dbt project on it, the current folder."""
    assert not log.exists()
    folder = make_tree(tmp_path, {"disk/x": ""}) / "disk"
    options = f"size=2m,uid={os.getuid()},gid={os.getgid()}"
    if not administer("mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)):
        pytest.skip("a file system cannot be mounted here")
    try:
        project = make_repo(folder / "shop", PROJECT)
        monkeypatch.chdir(project)
        yield project
    finally:
        monkeypatch.undo()
        administer("umount", "--lazy", str(folder))


def is_untouched(project: Path) -> bool:
    """Whether there is no build, not even a half-made one."""
    worktrees = git(project, "worktree", "list", "--porcelain").count("worktree ")
    return worktrees == 1 and not list(project.glob(".dot/build/*/worktree")) + list(
        project.glob(".dot/build/*/commit")
    )


def is_whole(project: Path) -> bool:
    """Whether the one build is there as its commit has it."""
    (build,) = (project / ".dot" / "build").iterdir()
    found = git(project, "rev-parse", "main")
    changes = git(build / "worktree", "status", "--porcelain", "--untracked-files=no")
    return (found, "", found) == (
        (build / "commit").read_text().strip(),
        changes,
        git(build / "worktree", "rev-parse", "HEAD"),
    )


def test_a_folder_that_can_only_be_read_can_be_planned_in_but_not_built_in(disk: Path, log: Path, dot: Dot) -> None:
    assert administer("mount", "-o", "remount,ro", str(disk.parent))
    before = snapshot(disk)
    assert ((done := dot("plan", "build", "dev@main", "--json")).exit_code, done.stderr) == (0, "")
    done = dot("build", "dev@main")
    assert (done.exit_code, done.stdout, read_calls(log)) == (3, "", [])
    assert "read-only file system" in done.stderr
    assert f"{disk}/.dot" in done.stderr
    assert "put the project on a file system that can be written" in done.stderr
    assert "Traceback" not in done.stderr
    assert snapshot(disk) == before
    assert dot("build", "dev").exit_code == 0


def fill(folder: Path, *, leave: int) -> Path:
    """A file that takes all the space but for so many blocks."""
    space = os.statvfs(folder)
    file = folder / "filler"
    file.write_bytes(b"\0" * (space.f_bavail - leave) * space.f_frsize)
    return file


@pytest.mark.parametrize("leave", range(20))
def test_a_full_disk_leaves_a_whole_build_or_none_and_the_next_run_heals(
    leave: int, disk: Path, log: Path, dot: Dot
) -> None:
    filler = fill(disk.parent, leave=leave)
    done = dot("parse", "dev@main")
    if not read_calls(log):
        assert (done.exit_code, done.stdout) == (3, ""), done.stderr
        assert "space" in done.stderr.rpartition(" = help: ")[2], done.stderr
        assert "Traceback" not in done.stderr
    assert done.exit_code != 5
    filler.unlink()
    assert is_untouched(disk) or is_whole(disk)
    assert dot("parse", "dev@main").exit_code == 0
    assert is_whole(disk)


def test_a_disk_that_is_too_small_for_the_commit_leaves_no_build(disk: Path, log: Path, dot: Dot) -> None:
    make_tree(disk, {"seeds/large.csv": "0" * 900_000, "seeds/more.csv": "1" * 300_000})
    git(disk, "add", "--all")
    git(disk, "commit", "--quiet", "--message", "large")
    done = dot("build", "dev@main")
    assert (done.exit_code, done.stdout, read_calls(log)) == (3, "", [])
    assert "unable to write file" in done.stderr
    assert "see that the disk has space" in done.stderr
    assert is_untouched(disk)


@pytest.mark.parametrize("blocks", [0, 1, 2, 4, 8])
def test_a_limit_on_the_size_of_files_leaves_a_whole_build_or_none_and_the_next_run_heals(
    blocks: int, shop: Path, log: Path, dot: Dot
) -> None:
    """Stands for a quota, which comes back from the same calls; a block has 512 bytes, and git is limited too."""
    make_tree(shop, {"seeds/large.csv": os.urandom(5_000)})
    git(shop, "add", "--all")
    git(shop, "commit", "--quiet", "--message", "large")
    script = f'ulimit -f {blocks} && exec "$0" -m dot parse dev@main'
    done = subprocess.run(["sh", "-c", script, sys.executable], check=False, capture_output=True, text=True)
    assert (done.returncode, done.stdout, read_calls(log)) == (3, "", [])
    assert "run the same command again" in done.stderr
    assert "Traceback" not in done.stderr
    assert is_untouched(shop)
    assert dot("parse", "dev@main").exit_code == 0
    assert is_whole(shop)


@pytest.mark.parametrize("room", [45, 65, 75, 85])
def test_a_path_over_the_length_limit_leaves_a_whole_build_or_none(
    room: int, log: Path, tmp_path: Path, dot: Dot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So many characters are left below the project's folder, which a build needs about a hundred of."""
    assert not log.exists()
    length = os.pathconf("/", "PC_PATH_MAX") - room - len(str(tmp_path))
    folder = tmp_path.joinpath(*["x" * 99] * (length // 100), "y" * (length % 100 or 1))
    monkeypatch.chdir(make_repo(folder, PROJECT))
    for _ in range(2):
        done = dot("build", "dev@main")
        assert "Traceback" not in done.stderr
        assert ("error: " in done.stderr) is bool(done.exit_code)
        assert is_whole(folder) if not done.exit_code else (done.exit_code, is_untouched(folder)) == (3, True)


def test_a_name_over_the_length_limit_is_an_error_that_says_what_is_too_long(shop: Path, log: Path, dot: Dot) -> None:
    name = "e" * 300
    make_tree(shop, {"dot_environments.yml": f"environment: {{{name}: {{target: dev}}}}\n"})
    for _ in range(2):
        refused(dot("build", f"{name}@main"), "file name too long", "use a shorter name for the environment")
        assert read_calls(log) == []


@pytest.mark.parametrize("place", [".dot", ".dot/build", ".dot/locks", ".dot/build/{short}", ".dot/build/{short}/env"])
def test_a_file_where_dot_needs_a_folder_is_left_alone(place: str, shop: Path, log: Path, dot: Dot) -> None:
    name = place.format(short=git(shop, "rev-parse", "--short", "main"))
    make_tree(shop, {name: "mine\n"})
    done = dot("build", "dev@main")
    assert (done.exit_code, done.stdout, read_calls(log)) == (3, "", [])
    assert f"{shop}/{name}" in done.stderr
    assert "move it away" in done.stderr
    assert (shop / name).read_text() == "mine\n"
    assert git(shop, "worktree", "list").count("\n") + 1 == 1 or place.endswith("env")
    assert dot("plan", "build", "dev@main").exit_code == 0


@pytest.mark.parametrize(
    "place",
    [
        *(".dot/.gitignore", ".dot/locks/{short}-dev.lock", ".dot/locks/{short}-dev.owner"),
        *(
            ".dot/build/{short}/commit",
            ".dot/build/{short}/env/dev/profiles.yml",
            ".dot/build/{short}/env/dev/runs.jsonl",
        ),
    ],
)
def test_a_folder_where_dot_needs_a_file_is_left_alone(place: str, shop: Path, dot: Dot) -> None:
    name = place.format(short=git(shop, "rev-parse", "--short", "main"))
    make_tree(shop, {f"{name}/mine": "mine\n"})
    done = dot("build", "dev@main")
    assert done.exit_code == 3
    assert f"{shop}/{name}" in done.stderr
    assert "move it away" in done.stderr.rpartition(" = help: ")[2]
    assert (shop / name / "mine").read_text() == "mine\n"


def refused(done: Outcome, *said: str) -> None:
    """What every refusal of the world has in common."""
    assert (done.exit_code, done.stdout) == (3, ""), done.stderr
    assert [text for text in said if text not in done.stderr] == []
    assert "Traceback" not in done.stderr


def test_a_link_that_leads_to_itself_is_an_error_and_no_crash(shop: Path, dot: Dot) -> None:
    make_tree(shop, {".dot/x": ""})
    (shop / ".dot" / "build").symlink_to("build")
    for words in (("plan", "build", "dev@main"), ("build", "dev@main")):
        refused(dot(*words), f"{shop}/.dot/build")
    assert is_untouched(shop)


def test_a_current_folder_that_is_gone_is_an_error_and_no_crash(
    log: Path, tmp_path: Path, dot: Dot, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not log.exists()
    monkeypatch.chdir(make_tree(tmp_path, {"gone/x": ""}) / "gone")
    shutil.rmtree(tmp_path / "gone")
    refused(dot("build", "dev@main"), "current folder")


def test_a_folder_whose_name_is_no_text_is_an_error_and_no_crash(
    log: Path, tmp_path: Path, dot: Dot, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not log.exists()
    project = make_repo(tmp_path / os.fsdecode(b"caf\xe9"), PROJECT)
    monkeypatch.chdir(project)
    for words in (("plan", "build", "dev@main"), ("build", "dev@main")):
        refused(dot(*words), "UTF-8")
    assert not (project / ".dot").exists()


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_closed_standard_streams_do_no_harm(closed: str, shop: Path, log: Path) -> None:
    script = f'exec "$0" -m dot parse dev@main {closed}'
    done = subprocess.run(["sh", "-c", script, sys.executable], cwd=shop, check=False, capture_output=True, text=True)
    assert (done.returncode, len(read_calls(log))) == (0, 1), done.stderr
    assert "Traceback" not in done.stderr


def test_a_build_that_is_going_on_is_waited_for_and_then_given_up(
    shop: Path, log: Path, dot: Dot, monkeypatch: pytest.MonkeyPatch
) -> None:
    with waiting_dot(shop, "parse", "dev@main") as other:
        monkeypatch.setenv("DOT_LOCK_TIMEOUT", "0.1")
        refused(dot("run", "dev@main"), f"process {other.pid}", "`DOT_LOCK_TIMEOUT=<seconds>`")
        assert dot("parse", "prod@main").exit_code == 0
    assert [call.argv[0] for call in read_calls(log)] == ["parse", "parse"]
    assert dot("run", "dev@main").exit_code == 0
