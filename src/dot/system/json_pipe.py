"""A child process to talk with, in JSON lines."""

import json
import os
import socket
from collections.abc import Callable, Generator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from select import select
from typing import Any

from dot.base.errors import OutsideError
from dot.system.process import POLL_SECONDS, Command, Process, flush, list_lasting, shell_code, start, wait
from dot.system.signals import Interruption, interrupting


@dataclass(frozen=True)
class Listening:
    """A child that was started to be talked with, and the two ways to it."""

    child: Process
    requests: socket.socket
    replies: int

    def dismiss(self) -> None:
        """End a child of which nothing was asked, at once."""
        self.child.kill()
        self.child.wait()
        self.requests.close()
        os.close(self.replies)


class Conversation:
    """A child that answers each request, a JSON line through a socket, with a JSON line through a pipe.

    With each request it gets the locks that dot holds, which thus last as long as its work, should dot be killed.
    Its output goes straight to the terminal. Signals reach it as in `stream`; it turns those that the whole process
    group gets into interrupts by itself.
    """

    def __init__(self, listening: Listening, interruption: Interruption) -> None:
        self._child = listening.child
        self._requests = listening.requests
        self._replies = listening.replies
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
            self._send(json.dumps(request).encode() + b"\n")
            while (reply := self._read_reply()) and "printed" in reply:
                if on_line:
                    on_line(reply["printed"])
        except ConnectionError:
            return None
        finally:
            self._interruption.is_busy = False
        return reply

    def _send(self, content: bytes) -> None:
        sent = socket.send_fds(self._requests, [content], list_lasting())
        self._requests.sendall(content[sent:])

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


def start_listening(command: Command) -> Listening:
    """Start a child to talk with; its last two words are the numbers of a socket to read from and a pipe to write to.

    Raises `OutsideError` when it cannot be started.
    """
    flush()
    requests, child_reads = socket.socketpair()
    replies, child_writes = os.pipe()
    with ExitStack() as ends:
        ends.callback(child_reads.close)
        ends.callback(os.close, child_writes)
        numbers = (child_reads.fileno(), child_writes)
        argv = (*command.argv, *map(str, numbers))
        try:
            return Listening(start(replace(command, argv=argv), pass_fds=numbers), requests, replies)
        except OutsideError:
            requests.close()
            os.close(replies)
            raise


@contextmanager
def converse(listen: Callable[[], Listening]) -> Generator[Conversation]:
    """Talk with the child that `listen` gives; in the end it is told that there is no more to do, and waited for."""
    with interrupting() as interruption, ExitStack() as stack:
        listening = listen()
        stack.callback(os.close, listening.replies)
        interruption.adopt(listening.child)
        interruption.is_busy = False
        try:
            yield Conversation(listening, interruption)
        finally:
            interruption.is_busy = True
            listening.requests.close()
            wait(listening.child, interruption)
