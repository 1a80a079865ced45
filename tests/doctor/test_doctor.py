"""The doctor says what is wrong and what mends it, changes nothing unless asked to, and then mends it."""

import platform
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from builders import PROJECT, Outcome, commit, git, make_tree, snapshot

Dot = Callable[..., Outcome]
Damage = Callable[[Path], object]


def entry_of(build: Path) -> Path:
    """git's own folder for the build's worktree."""
    return build.parents[2] / ".git" / "worktrees" / "worktree"


def edit(build: Path) -> None:
    (build / "worktree" / "models" / "a.sql").write_text("edited")


# What is done to a build, and what the doctor says of it.
DAMAGES: dict[str, tuple[Damage, str]] = {
    "edited files": (edit, "files of the worktree of build {short} were edited: models/a.sql"),
    "edited files, and a git that was killed": (
        lambda build: [edit(build), (entry_of(build) / "index.lock").touch()],
        "files of the worktree of build {short} were edited: models/a.sql",
    ),
    "no link": (
        lambda build: (build / "worktree" / ".git").unlink(),
        "the worktree of build {short} is gone or has lost its repository",
    ),
    "no entry in git": (
        lambda build: shutil.rmtree(entry_of(build)),
        "the worktree of build {short} is gone or has lost its repository",
    ),
    "no worktree": (
        lambda build: shutil.rmtree(build / "worktree"),
        "the worktree of build {short} is gone or has lost its repository",
    ),
    "no marker": (lambda build: (build / "commit").unlink(), "build {short} is half made"),
    "a marker full of zeros": (lambda build: (build / "commit").write_bytes(b"\0" * 41), "build {short} is half made"),
    "an empty folder": (lambda build: [shutil.rmtree(build), build.mkdir()], "build {short} is half made"),
    "no build": (shutil.rmtree, "git lists a worktree that is gone: {build}/worktree"),
    "no folder": (lambda build: shutil.rmtree(build.parents[1]), "git lists a worktree that is gone: {build}/worktree"),
    "answers that are none": (
        lambda build: (build.parents[1] / "config.yml").write_text("prompts: x\n"),
        "{root}/config.yml: is not as dot writes it",
    ),
    "an open folder": (lambda build: build.parents[1].chmod(0o755), "{root} is open to others"),
}


def findings(done: Outcome) -> list[tuple[str, str]]:
    """Each finding that is not simply well, with its level."""
    lines = [line for line in done.stdout.splitlines() if not line.startswith((" ", "ok "))]
    return [(level, text.strip()) for level, _, text in (line.partition(" ") for line in lines)]


@pytest.fixture
def build(shop: Path, dot: Dot) -> Path:
    """The folder of a build."""
    assert dot("build", "dev@main").exit_code == 0
    return shop / ".dot" / "build" / git(shop, "rev-parse", "--short", "main")


@pytest.mark.parametrize("damage", DAMAGES)
def test_what_is_wrong_is_told_with_what_mends_it_and_then_mended(
    damage: str, build: Path, shop: Path, dot: Dot
) -> None:
    do, text = DAMAGES[damage]
    expected = text.format(short=build.name, build=build, root=build.parents[1])
    do(build)
    before = snapshot(shop)

    told = dot("doctor")
    assert expected in [text for _, text in findings(told)]
    assert told.stdout.count(" = help: ") == len(findings(told)) > 0
    assert (3 if told.stdout.startswith("wrong") or "\nwrong" in told.stdout else 0) == told.exit_code
    assert snapshot(shop) == before

    mended = dot("doctor", "--fix")
    assert ("mended", expected) in findings(mended)
    assert {level for level, _ in findings(mended)} == {"mended"}
    assert ((again := dot("doctor")).exit_code, findings(again)) == (0, [])
    assert dot("build", "dev@main").exit_code == 0
    assert ((again := dot("doctor")).exit_code, findings(again)) == (0, [])


def test_what_cannot_be_mended_is_told_and_the_rest_is_mended(build: Path, dot: Dot) -> None:
    shutil.rmtree(build)
    build.write_text("mine")
    done = dot("doctor", "--fix")
    assert (done.exit_code, [level for level, _ in findings(done)]) == (3, ["wrong", "mended"])
    assert "move it away" in done.stdout
    assert build.read_text() == "mine"


@pytest.mark.parametrize(
    ("make", "what"),
    [(Path.touch, "no folder"), (lambda path: path.symlink_to("nowhere"), "a link, which dot does not follow")],
    ids=["a file", "a dead link"],
)
def test_what_stands_in_place_of_the_folder_is_told(
    make: Callable[[Path], None], what: str, shop: Path, dot: Dot
) -> None:
    make(shop / ".dot")
    done = dot("doctor", "--fix")
    assert (done.exit_code, findings(done)) == (3, [("wrong", f"{shop}/.dot is {what}")])


def test_what_is_no_build_is_left_alone(build: Path, dot: Dot) -> None:
    make_tree(build.parent, {"mine/notes.txt": "mine", ".DS_Store": ""})
    before = snapshot(build.parent)
    assert ((done := dot("doctor", "--fix")).exit_code, findings(done)) == (0, [])
    assert snapshot(build.parent) == before


def test_a_build_that_is_being_made_is_left_alone(shop: Path, tmp_path: Path, dot: Dot) -> None:
    make_tree(shop, {".gitattributes": "b.sql filter=slow\n"})
    short = commit(shop, "with a slow file")[:7]
    wait = f"touch '{tmp_path}/started'; until test -e '{tmp_path}/go'; do sleep 0.05; done; cat"
    git(shop, "config", "filter.slow.smudge", wait)
    argv = [sys.executable, "-m", "dot", "build", "dev@main"]
    with subprocess.Popen(argv, cwd=shop, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as other:
        while not (tmp_path / "started").exists():
            assert other.poll() is None
            time.sleep(0.01)
        done = dot("doctor", "--fix")
        (tmp_path / "go").touch()
        other.communicate(timeout=60)
    assert f"build {short} is being made" in done.stdout
    assert f"at work: `dot build dev@main` (process {other.pid} on {platform.node()}," in done.stdout
    assert (done.exit_code, findings(done)) == (0, [])
    assert other.returncode == 0


def test_a_lock_that_a_dead_process_left_is_nothing(build: Path, dot: Dot) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as dead:
        dead.wait()
    text = f"`dot build dev@main` (process {dead.pid} on {platform.node()}, since 2026-01-01 00:00:00+00:00)"
    make_tree(build.parents[1], {f"locks/{build.name}.owner": text})
    (build / "commit").unlink()
    done = dot("doctor")
    assert findings(done) == [("warning", f"build {build.name} is half made")]
    assert "at work" not in done.stdout


def test_the_project_may_stand_in_another_repository_than_the_current_folder(
    build: Path, tmp_path: Path, dot: Dot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    named = dot("doctor", "--project-dir", str(build.parents[2]))
    monkeypatch.setenv("DBT_PROJECT_DIR", str(build.parents[2]))
    for done in (named, dot("doctor")):
        assert (done.exit_code, findings(done)) == (0, [])
        assert f"build {build.name}: dev" in done.stdout


def test_outside_of_a_repository_that_is_said_once(
    tmp_path: Path, log: Path, dot: Dot, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not log.exists()
    monkeypatch.chdir(make_tree(tmp_path / "alone", PROJECT))
    done = dot("doctor")
    assert (done.exit_code, done.stdout.count("wrong")) == (3, 1)
    assert f"{tmp_path}/alone is not in a git work tree" in done.stdout
