"""dbt 1 is started before dot knows what it is to do, and ends where nothing is asked of it."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from builders import Outcome, make_tree
from dot.base.errors import OutsideError
from dot.dbt.engine import Dbt
from dot.dbt.head_start import HeadStart, starting_early
from dot.dbt.program import find_dbt
from dot.dbt.session import OneProcess, open_session
from dot.system import store

IMPORTED = """
import json, os, pathlib, time

def note(**said):
    with open(os.environ["NOTES"], "a") as notes:
        notes.write(json.dumps({"pid": os.getpid(), **said}) + "\\n")

note(did="imported")
if "IMPORT_TAKES" in os.environ:
    time.sleep(float(os.environ["IMPORT_TAKES"]))

class Outcome:
    success, exception, result = True, None, None

class dbtRunner:
    def __init__(self, manifest, callbacks):
        pass

    def invoke(self, args):
        note(did=args[0], env={name: value for name, value in os.environ.items() if name.startswith("DOT_SAID_")})
        try:
            while args[0] == "wait":
                time.sleep(0.05)
        except KeyboardInterrupt:
            until = time.monotonic() + 30
            while not pathlib.Path(os.environ["NOTES"] + ".end").exists() and time.monotonic() < until:
                time.sleep(0.05)
        return Outcome()
"""
"""What stands for dbt: it says when it was imported, and what it is asked in which environment."""


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """A dbt 1 whose Python imports the one above."""
    python = f'#!/bin/sh\nPYTHONPATH={tmp_path}/packages exec {sys.executable} "$@"\n'
    venv = make_tree(tmp_path / "venv", {"bin/python3": python, "bin/dbt": f"#!{tmp_path}/venv/bin/python3\n"})
    (venv / "lib" / "python3.12" / "site-packages" / "dbt_core-1.11.16.dist-info").mkdir(parents=True)
    make_tree(tmp_path / "packages" / "dbt", {"__init__.py": "", "cli/__init__.py": "", "cli/main.py": IMPORTED})
    for name in ("python3", "dbt"):
        (venv / "bin" / name).chmod(0o755)
    return venv / "bin" / "dbt"


@pytest.fixture
def environ(program: Path, tmp_path: Path) -> dict[str, str]:
    """An environment in which that dbt is the one that is meant."""
    path = os.pathsep.join((str(program.parent), os.environ["PATH"]))
    return {"PATH": path, "HOME": str(tmp_path), "NOTES": str(tmp_path / "notes")}


def read_notes(environ: Mapping[str, str]) -> list[dict[str, object]]:
    file = Path(environ["NOTES"])
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


def wait_for(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def is_alive(pid: object) -> bool:
    """Whether this process is there, and no zombie."""
    done = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return bool(done.stdout.strip()) and not done.stdout.startswith("Z")


def name_child(head_start: HeadStart | None) -> int:
    """The process that waits to be asked."""
    assert head_start
    assert head_start.listening
    return head_start.listening.child.pid


def test_what_was_started_early_is_asked_in_the_environment_of_the_plan(
    environ: dict[str, str], tmp_path: Path
) -> None:
    environ |= {"DOT_SAID_OLD": "1", "DOT_SAID_GONE": "1", "DOT_SAID_KEPT": "1"}
    dbt = find_dbt("dbt", environ, tmp_path)
    with starting_early(tmp_path, environ) as head_start:
        child = name_child(head_start)
        planned = {name: value for name, value in environ.items() if name != "DOT_SAID_GONE"}
        planned |= {"DOT_SAID_OLD": "2", "DOT_SAID_NEW": "1", "DBT_ENV_SECRET_DOT_1": "a literal of the profile"}
        with open_session(dbt, tmp_path, planned, head_start=head_start) as session:
            assert isinstance(session, OneProcess)
            assert (session.run(("parse",)), session.run(("build",))) == (0, 0)
    imported, *asked = read_notes(environ)
    assert imported == {"pid": child, "did": "imported"}
    env = {"DOT_SAID_KEPT": "1", "DOT_SAID_NEW": "1", "DOT_SAID_OLD": "2"}
    assert asked == [{"pid": child, "did": did, "env": env} for did in ("parse", "build")]
    assert not is_alive(child)


def test_a_plan_with_another_value_that_dbt_may_have_read_already_starts_it_again(
    environ: dict[str, str], tmp_path: Path
) -> None:
    dbt = find_dbt("dbt", environ, tmp_path)
    with starting_early(tmp_path, environ) as head_start:
        child = name_child(head_start)
        planned = environ | {"DBT_PACKAGE_HUB_URL": "https://hub.example"}
        with open_session(dbt, tmp_path, planned, head_start=head_start) as session:
            assert not is_alive(child)
            assert session.run(("deps",)) == 0
    (asked,) = (note for note in read_notes(environ) if note["did"] == "deps")
    assert asked["pid"] != child


def test_what_nobody_asks_ends_at_once(environ: dict[str, str], tmp_path: Path) -> None:
    since = time.monotonic()
    with starting_early(tmp_path, environ | {"IMPORT_TAKES": "60"}) as head_start:
        child = name_child(head_start)
        wait_for(lambda: read_notes(environ))
    assert (is_alive(child), time.monotonic() - since < 30) == (False, True)


def test_a_plan_that_means_another_dbt_starts_that_one(environ: dict[str, str], tmp_path: Path) -> None:
    other = tmp_path / "other"
    (tmp_path / "venv" / "bin" / "python4").symlink_to("python3")
    other.write_text(f"#!{tmp_path}/venv/bin/python4\n")
    dbt = Dbt(command=(str(other),), version="1.11.16")
    with starting_early(tmp_path, environ) as head_start:
        child = name_child(head_start)
        with open_session(dbt, tmp_path, environ, head_start=head_start) as session:
            assert session.run(("build",)) == 0
    (asked,) = (note for note in read_notes(environ) if note["did"] == "build")
    assert asked["pid"] != child
    assert not is_alive(child)


def test_nothing_is_started_that_the_project_could_have_brought_or_that_is_no_dbt_1(
    environ: dict[str, str], tmp_path: Path
) -> None:
    for named in ("venv/bin/dbt", "uv run dbt", "no-such-dbt", "'"):
        with starting_early(tmp_path, environ | {"DOT_DBT": named}) as head_start:
            assert head_start is None, named


def test_a_second_dbt_is_not_started_early(environ: dict[str, str], program: Path, tmp_path: Path) -> None:
    packages = program.parent.parent / "lib" / "python3.12" / "site-packages"
    (packages / "dbt_core-1.11.16.dist-info").rename(packages / "dbt_core-2.0.0.dist-info")
    with starting_early(tmp_path, environ) as head_start:
        assert head_start is None


DIES = """
import os, sys, time
from pathlib import Path
from dot.dbt.head_start import HeadStart, starting_early
with starting_early(Path.cwd(), os.environ) as head_start:
    while not Path(os.environ["NOTES"]).exists():
        time.sleep(0.02)
    os._exit(9)
"""


def test_it_does_not_outlive_a_dot_that_has_asked_for_nothing(environ: dict[str, str], tmp_path: Path) -> None:
    environ |= {"IMPORT_TAKES": "60", "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", DIES], cwd=tmp_path, env=environ, check=False)
    assert done.returncode == 9
    (note,) = read_notes(environ)
    wait_for(lambda: not is_alive(note["pid"]))


LOCKS = """
import os, sys
from pathlib import Path
from dot.dbt.head_start import HeadStart, starting_early
from dot.dbt.program import find_dbt
from dot.dbt.session import open_session
from dot.system import store
here = Path.cwd()
dbt = find_dbt("dbt", os.environ, here)
with starting_early(here, os.environ) as head_start:
    with store.lock(here / "a.lock", root=here, timeout=0, on_wait=print):
        with open_session(dbt, here, dict(os.environ), head_start=head_start) as session:
            session.run(("wait",))
"""


def test_a_lock_that_dot_took_later_lasts_until_dbt_has_ended(environ: dict[str, str], tmp_path: Path) -> None:
    environ |= {"PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen([sys.executable, "-c", LOCKS], cwd=tmp_path, env=environ) as dot:
        wait_for(lambda: len(read_notes(environ)) > 1)
        dot.kill()
    assert dot.returncode == -signal.SIGKILL
    owners = tmp_path / "a.owner"
    assert len(store.read_living_owners([owners])) == 1
    (tmp_path / "notes.end").touch()
    wait_for(lambda: not store.read_living_owners([owners]))


STARTING = (("build", "dev@no-such-ref"), ("show", "@no-such-ref"), ("diff", "dev@main", "prod@main"))
"""What would ask dbt more than once, but for what is wrong with it."""

NOT_STARTING = (
    ("plan", "build", "dev@main"),
    ("build", "dev@main", "--dry-run"),
    ("plan", "diff", "dev@main", "prod@main"),
    ("diff", "dev@main", "prod@main", "--dry-run"),
    ("build", "dev"),
    ("list", "dev@main"),
)


@pytest.mark.usefixtures("shop")
def test_a_command_that_will_ask_dbt_more_than_once_starts_it_early(
    environ: dict[str, str], dot: Callable[..., Outcome], monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[object] = []

    def note_start(command: object) -> None:
        started.append(command)
        raise OutsideError.of("enough is known")

    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("dot.dbt.head_start.start_listening", note_start)
    for words in (*STARTING, *NOT_STARTING):
        started.clear()
        dot(*words)
        assert bool(started) == (words in STARTING), words
