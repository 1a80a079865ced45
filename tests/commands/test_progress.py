"""A line on the terminal says what is going on and for how long; nowhere else."""

import os
import pty
import subprocess
import sys

import pexpect
import pytest

SCRIPT = """
import sys, time
from dot.console import Console
console = Console({verbosity})
with console.progress("checking out a1b2c3d") as is_shown:
    time.sleep({seconds})
    console.say("waiting for somebody")
    time.sleep({seconds})
print("is shown:", is_shown)
"""


def run_in_terminal(*, verbosity: int = 0, seconds: float = 0.8, **env: str) -> str:
    """What a terminal got to see."""
    script = SCRIPT.format(verbosity=verbosity, seconds=seconds)
    child = pexpect.spawn(sys.executable, ["-c", script], encoding="utf-8", timeout=20, env={"TERM": "xterm", **env})
    child.expect(pexpect.EOF)
    return str(child.before)


def test_what_takes_long_is_told_with_its_seconds_and_then_gone() -> None:
    seen = run_in_terminal()
    assert "checking out a1b2c3d · 1 s" in seen
    assert "waiting for somebody\r\n" in seen
    assert seen.endswith("\x1b[2Kis shown: True\r\n")


@pytest.mark.parametrize(
    ("given", "expected"), [({"seconds": 0.05}, True), ({"verbosity": -1}, False), ({"TERM": "dumb"}, False)]
)
def test_there_is_no_line_for_what_is_quick_or_where_it_is_not_wanted(given: dict[str, object], expected: bool) -> None:  # noqa: FBT001
    seen = run_in_terminal(**given)  # pyrefly: ignore
    assert "checking out" not in seen
    assert f"is shown: {expected}" in seen


def test_there_is_no_line_where_there_is_no_terminal() -> None:
    script = SCRIPT.format(verbosity=0, seconds=0.4)
    done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("is shown: False\n", "dot  waiting for somebody\n")


def test_a_terminal_that_is_closed_meanwhile_does_no_harm() -> None:
    ours, theirs = pty.openpty()
    argv = [sys.executable, "-c", SCRIPT.format(verbosity=0, seconds=0.8)]
    env = os.environ | {"TERM": "xterm"}
    with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=theirs, env=env, text=True) as child:
        os.close(theirs)
        seen = b""
        while b"checking out" not in seen:
            seen += os.read(ours, 1 << 10)
        os.close(ours)
        output, _ = child.communicate(timeout=20)
    assert output == "is shown: True\n"
