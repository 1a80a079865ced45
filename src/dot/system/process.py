"""Child processes as values: the only import of `subprocess`."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from dot.base.errors import OutsideError
from dot.system.signals import Interruption, interrupting

POLL_SECONDS = 0.5
"""How often a child that was interrupted is looked at."""

SIGNALLED = 128
"""What a shell adds to the number of the signal that ended a child."""

Process = subprocess.Popen[bytes]


@dataclass(frozen=True)
class Command:
    """A child process to start: words, working directory, and its whole environment (None: dot's own)."""

    argv: tuple[str, ...]
    cwd: Path
    env: Mapping[str, str] | None = None


class Completed(NamedTuple):
    """What a captured child left: exit code and everything it printed."""

    exit_code: int
    stdout: bytes
    stderr: bytes


_lasting: ContextVar[tuple[int, ...]] = ContextVar("_lasting", default=())
"""The files that children keep open: of this run of dot, and gone with it."""


@contextmanager
def lasting(handle: int) -> Generator[None]:
    """Each child that is started meanwhile keeps this file open, and so the lock on it, should dot be killed."""
    if os.name == "nt":  # where a lock ends with the process that took it
        yield
        return
    _lasting.set((*_lasting.get(), handle))
    try:
        yield
    finally:  # locks need not end in the order in which they began
        _lasting.set(tuple(other for other in _lasting.get() if other != handle))


def list_lasting() -> list[int]:
    """The files that are to stay open in children."""
    return list(_lasting.get())


_announce: ContextVar[Callable[[tuple[str, ...]], None]] = ContextVar("_announce")
"""Who is told of children in this run of dot."""


def announce_with(announce: Callable[[tuple[str, ...]], None]) -> None:
    """From here on, tell the words of each captured child before it runs."""
    _announce.set(announce)


def run(command: Command, *, stdin: bytes = b"") -> Completed:
    """Run a child to its end and capture what it prints. Raises `FileNotFoundError` for no such program.

    A signal reaches it as in `stream`, so that it ends before dot does: a git that went on alone would be in the way
    of the next dot. It then ends dot.
    """
    if announce := _announce.get(None):
        announce(command.argv)
    with interrupting() as interruption:
        pipe = subprocess.PIPE
        with subprocess.Popen(
            command.argv,
            cwd=command.cwd,
            env=command.env,
            stdin=pipe,
            stdout=pipe,
            stderr=pipe,
            pass_fds=_lasting.get(),
        ) as child:
            interruption.adopt(child)
            stdout, stderr = _communicate(child, stdin, interruption)
    interruption.end_dot()
    return Completed(shell_code(child.returncode), stdout, stderr)


def _communicate(child: Process, stdin: bytes | None, interruption: Interruption) -> tuple[bytes, bytes]:
    while True:
        try:
            return child.communicate(stdin, timeout=POLL_SECONDS)
        except subprocess.TimeoutExpired:
            stdin = None  # it is on its way
            interruption.enforce(child)


def run_briefly(command: Command, *, stdin: bytes, seconds: float) -> bytes | None:
    """What a child prints that nobody needs to be told of; None when it fails or takes longer."""
    with suppress(subprocess.TimeoutExpired, subprocess.CalledProcessError):
        return subprocess.run(
            command.argv,
            cwd=command.cwd,
            env=command.env,
            input=stdin,
            capture_output=True,
            check=True,
            timeout=seconds,
        ).stdout
    return None


def stream(command: Command, *, to_stderr: bool = False) -> int:
    """Run a child whose output goes straight to the terminal; its exit code, or 128 + n after signal n.

    An interrupt, a termination or a hang-up reaches the child as an interrupt, because that is what makes dbt cancel
    its queries; dot then waits for it, and kills it after `GRACE_SECONDS`. `subprocess.run` would kill it after a
    quarter of a second.
    """
    flush()
    stdout = sys.stderr.fileno() if to_stderr and sys.stderr else None
    with interrupting() as interruption:
        child = start(command, stdout=stdout)
        interruption.adopt(child)
        exit_code = wait(child, interruption)
    return interruption.exit_code or shell_code(exit_code)


def start(command: Command, *, stdout: int | None = None, pass_fds: tuple[int, ...] = ()) -> Process:
    """Start a child. Raises `OutsideError` when it cannot be started."""
    prepare = None if sys.platform == "win32" else _prepare_child
    try:
        return subprocess.Popen(
            command.argv,
            cwd=command.cwd,
            env=command.env,
            stdout=stdout,
            pass_fds=(*_lasting.get(), *pass_fds),
            preexec_fn=prepare,  # noqa: PLW1509 - dot has no threads
        )
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise OutsideError.of(
            f"cannot start {command.argv[0]}: {reason}", hint="install it again, or name another with `DOT_DBT`"
        ) from None


def _prepare_child() -> None:
    """Runs in the child: dot alone decides what a group-wide signal means to it, and an interrupt always reaches it.

    A dot in the background of a shell ignores interrupts, which a child would inherit.
    """
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def flush() -> None:
    """Let what dot has printed come before what a child prints."""
    for standard in (sys.stdout, sys.stderr):
        if standard:
            standard.flush()


def shell_code(exit_code: int) -> int:
    """A child killed by signal n ends with -n for Python and with 128 + n for a shell."""
    return SIGNALLED - exit_code if exit_code < 0 else exit_code


def wait(child: Process, interruption: Interruption) -> int:
    """The exit code of a child, which is killed if it goes on for too long after an interrupt."""
    while True:
        try:
            return child.wait(timeout=POLL_SECONDS)
        except subprocess.TimeoutExpired:
            interruption.enforce(child)


def find_program(name: str, environ: Mapping[str, str], *, cwd: Path) -> Path | None:
    """The program that this name starts: a path relative to `cwd` when it has a separator, else from PATH."""
    import shutil  # noqa: PLC0415 - a start-up cost that most commands do not have

    path = str(cwd / name) if Path(name).name != name else name
    found = shutil.which(path, path=environ.get("PATH"))
    return Path(found).absolute() if found else None


def change_variables(environ: Mapping[str, str], changes: Mapping[str, object]) -> dict[str, str]:
    """The environment with these variables set, or taken out where they are null."""
    kept = {name: value for name, value in environ.items() if name not in changes}
    return kept | {name: str(value) for name, value in changes.items() if value is not None}
