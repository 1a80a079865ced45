"""Child processes as values: the only import of `subprocess`."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

GRACE_SECONDS = 30.0
"""How long an interrupted child may take to cancel its queries before it is killed."""


@dataclass(frozen=True)
class Command:
    """A child process to start: words, working directory, and its whole environment (None: dot's own)."""

    argv: tuple[str, ...]
    cwd: Path
    env: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Completed:
    """What a captured child left: exit code and everything it printed."""

    exit_code: int
    stdout: bytes
    stderr: bytes


def run(command: Command, *, stdin: bytes = b"") -> Completed:
    """Run a short child to its end and capture what it prints. Raises `FileNotFoundError` if there is no such program."""
    done = subprocess.run(
        command.argv, cwd=command.cwd, env=command.env, input=stdin, capture_output=True, check=False
    )
    return Completed(done.returncode, done.stdout, done.stderr)


def stream(command: Command, *, to_stderr: bool = False) -> int:
    """Run a child whose output goes straight to the terminal; its exit code, or 128 + n after signal n.

    An interrupt, a termination or a hang-up reaches the child as an interrupt, because that is what makes dbt cancel
    its queries; dot then waits for it, and kills it after `GRACE_SECONDS`. `subprocess.run` would kill it after a
    quarter of a second.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    stdout = sys.stderr.fileno() if to_stderr else None
    child = subprocess.Popen(command.argv, cwd=command.cwd, env=command.env, stdout=stdout)
    with _interrupting(child) as received:
        exit_code = _wait(child, received)
    return 128 + received[0] if received else _shell_code(exit_code)


def _shell_code(exit_code: int) -> int:
    """A child killed by signal n ends with -n for Python and with 128 + n for a shell."""
    return 128 - exit_code if exit_code < 0 else exit_code


def _wait(child: "subprocess.Popen[bytes]", received: Sequence[int]) -> int:
    while not received:
        try:
            return child.wait(timeout=0.5)
        except subprocess.TimeoutExpired:
            continue
    try:
        return child.wait(timeout=GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()
        return child.wait()


@contextmanager
def _interrupting(child: "subprocess.Popen[bytes]") -> Iterator[list[int]]:
    """While the child runs, signals to dot are collected and passed on as interrupts.

    The handlers are installed after the start: a child inherits ignored signals and could never be interrupted.
    """
    received: list[int] = []

    def on_signal(number: int, _frame: FrameType | None) -> None:
        # The terminal sends Ctrl-C to the whole foreground group, so the first one reaches the child by itself.
        if number != signal.SIGINT or received or not _is_foreground():
            _interrupt(child)
        received.append(number)

    previous = {number: signal.signal(number, on_signal) for number in _signals()}
    try:
        yield received
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


def _signals() -> tuple[int, ...]:
    names = ("SIGINT", "SIGTERM", "SIGHUP")
    return tuple(getattr(signal, name) for name in names if hasattr(signal, name))


def _interrupt(child: "subprocess.Popen[bytes]") -> None:
    if child.poll() is None:
        child.send_signal(signal.CTRL_C_EVENT if sys.platform == "win32" else signal.SIGINT)


def _is_foreground() -> bool:
    """Whether dot's process group owns the terminal, so that Ctrl-C there reaches the child too."""
    if sys.platform == "win32":
        return True
    try:
        terminal = os.open("/dev/tty", os.O_RDONLY | os.O_NOCTTY)
    except OSError:
        return False
    try:
        return os.tcgetpgrp(terminal) == os.getpgrp()
    except OSError:
        return False
    finally:
        os.close(terminal)


def find_program(name: str, environ: Mapping[str, str], *, cwd: Path) -> Path | None:
    """The program that this name starts: a path relative to `cwd` when it has a separator, else from PATH."""
    import shutil  # noqa: PLC0415 - a start-up cost that most commands do not have

    path = str(cwd / name) if os.path.dirname(name) else name
    found = shutil.which(path, path=environ.get("PATH"))
    return Path(os.path.abspath(found)) if found else None

