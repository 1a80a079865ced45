"""Child processes as values: the only import of `subprocess`."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Generator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from select import select
from typing import Any

from dot.errors import WorldError
from dot.system.interruption import Interruption, interrupting

_POLL_SECONDS = 0.5

Process = subprocess.Popen[bytes]


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


_announce: list[Callable[[tuple[str, ...]], None]] = []


def announce_with(announce: Callable[[tuple[str, ...]], None]) -> None:
    """From here on, tell the words of each captured child before it runs."""
    _announce[:] = [announce]


def run(command: Command, *, stdin: bytes = b"") -> Completed:
    """Run a child to its end and capture what it prints. Raises `FileNotFoundError` for no such program.

    A signal reaches it as in `stream`, so that it ends before dot does: a git that went on alone would be in the way
    of the next dot. It then ends dot.
    """
    for announce in _announce:
        announce(command.argv)
    with interrupting() as interruption:
        pipe = subprocess.PIPE
        with subprocess.Popen(
            command.argv, cwd=command.cwd, env=command.env, stdin=pipe, stdout=pipe, stderr=pipe
        ) as child:
            interruption.adopt(child)
            stdout, stderr = _communicate(child, stdin, interruption)
    interruption.end_dot()
    return Completed(child.returncode, stdout, stderr)


def _communicate(child: Process, stdin: bytes | None, interruption: Interruption) -> tuple[bytes, bytes]:
    while True:
        try:
            return child.communicate(stdin, timeout=_POLL_SECONDS)
        except subprocess.TimeoutExpired:
            stdin = None  # it is on its way
            interruption.enforce(child)


def stream(command: Command, *, to_stderr: bool = False) -> int:
    """Run a child whose output goes straight to the terminal; its exit code, or 128 + n after signal n.

    An interrupt, a termination or a hang-up reaches the child as an interrupt, because that is what makes dbt cancel
    its queries; dot then waits for it, and kills it after `GRACE_SECONDS`. `subprocess.run` would kill it after a
    quarter of a second.
    """
    _flush()
    stdout = sys.stderr.fileno() if to_stderr and sys.stderr else None
    with interrupting() as interruption:
        child = _start(command, stdout=stdout)
        interruption.adopt(child)
        exit_code = _wait(child, interruption)
    return interruption.exit_code or _shell_code(exit_code)


class Conversation:
    """A child that answers each request, a JSON line on one pipe, with a JSON line on another.

    Its output goes straight to the terminal. Signals reach it as in `stream`; it turns those that the whole process
    group gets into interrupts by itself.
    """

    def __init__(self, child: Process, requests: int, replies: int, interruption: Interruption) -> None:
        self._child = child
        self._requests = requests
        self._replies = replies
        self._interruption = interruption
        self._buffer = b""

    @property
    def exit_code(self) -> int:
        """128 + n after signal n, else 0."""
        return self._interruption.exit_code

    def wait(self) -> int:
        """What a shell would say of a child that has ended without an answer."""
        return _shell_code(_wait(self._child, self._interruption))

    def ask(self, request: Mapping[str, Any], on_line: Callable[[str], None] | None = None) -> dict[str, Any] | None:
        """The answer; None when the child has ended without one. `on_line` gets what comes as "printed" before it."""
        self._interruption.is_busy = True
        try:
            _write_all(self._requests, json.dumps(request).encode() + b"\n")
            while (reply := self._read_reply()) and "printed" in reply:
                if on_line:
                    on_line(reply["printed"])
        except BrokenPipeError:
            return None
        finally:
            self._interruption.is_busy = False
        return reply

    def _read_reply(self) -> dict[str, Any] | None:
        while b"\n" not in self._buffer:
            self._interruption.enforce(self._child)
            if select([self._replies], [], [], _POLL_SECONDS)[0]:
                chunk = os.read(self._replies, 1 << 16)
                if not chunk:
                    return None
                self._buffer += chunk
        line, _, self._buffer = self._buffer.partition(b"\n")
        return json.loads(line)


def _write_all(pipe: int, content: bytes) -> None:
    while content:
        content = content[os.write(pipe, content) :]


@contextmanager
def converse(command: Command) -> Generator[Conversation]:
    """Start a child to talk with; on the way out it is told that there is nothing more to do, and waited for.

    The child's last two words are the numbers of the pipes: requests to read, replies to write.
    """
    _flush()
    child_reads, requests = os.pipe()
    replies, child_writes = os.pipe()
    with ExitStack() as pipes, interrupting() as interruption:
        pipes.callback(os.close, replies)
        close_requests = pipes.enter_context(_closing(requests))
        with _closing(child_reads), _closing(child_writes):
            argv = (*command.argv, str(child_reads), str(child_writes))
            child = _start(replace(command, argv=argv), pass_fds=(child_reads, child_writes))
            interruption.adopt(child)
        interruption.is_busy = False
        try:
            yield Conversation(child, requests, replies, interruption)
        finally:
            interruption.is_busy = True
            close_requests()
            _wait(child, interruption)


@contextmanager
def _closing(number: int) -> Generator[Callable[[], None]]:
    """A file descriptor that is closed at the end, or before with what this gives."""
    stack = ExitStack()
    stack.callback(os.close, number)
    with stack:
        yield stack.close


def _start(command: Command, *, stdout: int | None = None, pass_fds: tuple[int, ...] = ()) -> Process:
    """Start a child. Raises `WorldError` when it cannot be started."""
    prepare = None if sys.platform == "win32" else _prepare_child
    try:
        return subprocess.Popen(
            command.argv,
            cwd=command.cwd,
            env=command.env,
            stdout=stdout,
            pass_fds=pass_fds,
            preexec_fn=prepare,  # noqa: PLW1509 - dot has no threads
        )
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise WorldError.of(
            f"cannot start {command.argv[0]}: {reason}", hint="install it again, or name another with `DOT_DBT`"
        ) from None


def _prepare_child() -> None:
    """Runs in the child: dot alone decides what a group-wide signal means to it, and an interrupt always reaches it.

    A dot in the background of a shell ignores interrupts, which a child would inherit.
    """
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def _flush() -> None:
    for standard in (sys.stdout, sys.stderr):
        if standard:
            standard.flush()


def _shell_code(exit_code: int) -> int:
    """A child killed by signal n ends with -n for Python and with 128 + n for a shell."""
    return 128 - exit_code if exit_code < 0 else exit_code


def _wait(child: Process, interruption: Interruption) -> int:
    while True:
        try:
            return child.wait(timeout=_POLL_SECONDS)
        except subprocess.TimeoutExpired:
            interruption.enforce(child)


def find_program(name: str, environ: Mapping[str, str], *, cwd: Path) -> Path | None:
    """The program that this name starts: a path relative to `cwd` when it has a separator, else from PATH."""
    import shutil  # noqa: PLC0415 - a start-up cost that most commands do not have

    path = str(cwd / name) if Path(name).name != name else name
    found = shutil.which(path, path=environ.get("PATH"))
    return Path(found).absolute() if found else None
