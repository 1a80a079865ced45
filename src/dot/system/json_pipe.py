"""A child process to talk with, in JSON lines."""

import json
import os
from collections.abc import Callable, Generator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from select import select
from typing import Any

from dot.system.process import POLL_SECONDS, Command, Process, flush, shell_code, start, wait
from dot.system.signals import Interruption, interrupting


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

    def end_dot(self) -> None:
        """End dot if it was asked to end."""
        self._interruption.end_dot()

    def wait(self) -> int:
        """What a shell would say of a child that has ended without an answer."""
        return shell_code(wait(self._child, self._interruption))

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
            if select([self._replies], [], [], POLL_SECONDS)[0]:
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
    flush()
    child_reads, requests = os.pipe()
    replies, child_writes = os.pipe()
    with ExitStack() as pipes, interrupting() as interruption:
        pipes.callback(os.close, replies)
        close_requests = pipes.enter_context(_closing(requests))
        with _closing(child_reads), _closing(child_writes):
            argv = (*command.argv, str(child_reads), str(child_writes))
            child = start(replace(command, argv=argv), pass_fds=(child_reads, child_writes))
            interruption.adopt(child)
        interruption.is_busy = False
        try:
            yield Conversation(child, requests, replies, interruption)
        finally:
            interruption.is_busy = True
            close_requests()
            wait(child, interruption)


@contextmanager
def _closing(number: int) -> Generator[Callable[[], None]]:
    """A file descriptor that is closed at the end, or before with what this gives."""
    stack = ExitStack()
    stack.callback(os.close, number)
    with stack:
        yield stack.close
