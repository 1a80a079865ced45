"""Whatever asks dot to end reaches dbt as an interrupt, so that no query stays behind in the warehouse."""

import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from builders import make_repo
from postgres import Server

pytestmark = pytest.mark.e2e

SLOW = "select 1 as done from pg_sleep(120)"
RUNNING = "select count(*) from pg_stat_activity where query like '%pg_sleep(120)%' and query not like '%pg_stat%'"


@pytest.fixture
def project(tmp_path: Path, postgres: Server) -> Path:
    files = {
        "dbt_project.yml": "name: slow\nprofile: slow\nflags: {send_anonymous_usage_stats: false}\n",
        "profiles.yml": f"slow: {{target: dev, outputs: {{dev: {postgres.profile()}}}}}\n",
        "models/slow.sql": f"{{{{ config(materialized='table') }}}}\n{SLOW}\n",
    }
    return make_repo(tmp_path / "project", files)


class Terminal:
    """dot in a terminal of its own, its output thrown away."""

    def __init__(self, folder: Path, *words: str) -> None:
        self.pid, self.master = pty.fork()
        if self.pid == 0:
            os.chdir(folder)
            os.execv(sys.executable, [sys.executable, "-m", "dot", *words, "--disable-prompts"])
        os.set_blocking(self.master, False)

    def drain(self) -> None:
        try:
            while os.read(self.master, 65536):
                pass
        except OSError:
            pass

    def wait(self, seconds: float = 60) -> int:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            self.drain()
            done, status = os.waitpid(self.pid, os.WNOHANG)
            if done:
                return os.waitstatus_to_exitcode(status)
            time.sleep(0.1)
        raise AssertionError("dot did not end")


def wait_until(condition: Callable[[], bool], terminal: Terminal | None = None) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        if terminal:
            terminal.drain()
        time.sleep(0.2)


def members(group: int) -> list[str]:
    """The processes of a process group."""
    done = subprocess.run(["ps", "-eo", "pgid=,pid=,args="], capture_output=True, text=True, check=True)
    return [line for line in done.stdout.splitlines() if line.split()[0] == str(group)]


def press_ctrl_c(terminal: Terminal) -> None:
    os.write(terminal.master, b"\x03")


def terminate_dot(terminal: Terminal) -> None:
    os.kill(terminal.pid, signal.SIGTERM)


def terminate_group(terminal: Terminal) -> None:
    os.killpg(terminal.pid, signal.SIGTERM)


def close_terminal(terminal: Terminal) -> None:
    os.close(terminal.master)


WAYS = [(press_ctrl_c, 130), (terminate_dot, 143), (terminate_group, 143), (close_terminal, 129)]


@pytest.mark.parametrize("words", [("build", "dev@HEAD"), ("build", "dev")], ids=["isolated", "live"])
@pytest.mark.parametrize(("end", "exit_code"), WAYS, ids=[end.__name__ for end, _ in WAYS])
def test_dbt_cancels_its_query_and_no_process_stays(
    project: Path, postgres: Server, words: tuple[str, ...], end: Callable[[Terminal], None], exit_code: int
) -> None:
    terminal = Terminal(project, *words)
    wait_until(lambda: postgres.query(RUNNING) == [(1,)], terminal)

    end(terminal)

    assert terminal.wait() == exit_code
    assert postgres.query(RUNNING) == [(0,)]
    wait_until(lambda: members(terminal.pid) == [])


def test_an_interrupted_group_without_a_terminal_interrupts_dbt_once(project: Path, postgres: Server) -> None:
    argv = [sys.executable, "-m", "dot", "build", "dev@HEAD"]
    with subprocess.Popen(argv, cwd=project, start_new_session=True, stdout=subprocess.DEVNULL) as dot:
        wait_until(lambda: postgres.query(RUNNING) == [(1,)])
        os.killpg(dot.pid, signal.SIGINT)
        assert dot.wait(timeout=60) == 130
    assert postgres.query(RUNNING) == [(0,)]
    wait_until(lambda: members(dot.pid) == [])


def test_when_dot_is_killed_dbt_cancels_its_query_by_itself(project: Path, postgres: Server) -> None:
    terminal = Terminal(project, "build", "dev@HEAD")
    wait_until(lambda: postgres.query(RUNNING) == [(1,)], terminal)

    os.kill(terminal.pid, signal.SIGKILL)

    assert -signal.SIGKILL == terminal.wait()
    wait_until(lambda: postgres.query(RUNNING) == [(0,)])
    wait_until(lambda: members(terminal.pid) == [])
