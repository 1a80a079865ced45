"""Several invocations of dbt that belong together: in one process where dbt is a Python program, else in several."""

import json
import os
import re
import sys
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from dot.dbt.engine import Dbt
from dot.dbt.head_start import HeadStart, driver_command
from dot.dbt.options import merge_call
from dot.dbt.program import find_interpreter
from dot.system.json_pipe import Conversation, converse, start_listening
from dot.system.process import Command, Completed, change_variables, run, stream

_STAMP = re.compile(r"^(?:\x1b\[[\d;]*m)*\d\d:\d\d:\d\d +|\x1b\[[\d;]*m")
"""What dbt puts before its lines, and its colours."""

_LEVEL = re.compile(r"^\[ERROR\]: ", re.MULTILINE)
"""What dbt 1.12 puts before an error as well."""

_FAILED = "[error] "
"""What dbt 2 puts before an error, on stderr."""

_FRAME = re.compile(r" +\d+: |  +at ")
"""A line of the stack that dbt 2 may print below an error, and which names nothing."""

_READABLE = ("--log-format", "text", "--log-level", "info")
"""What lets dbt's output be read, whatever its environment and the words before say."""


@dataclass(frozen=True)
class Call:
    """One invocation: its words, where it happens, and what changes in dbt's environment from then on.

    A variable that is None is taken out of it.
    """

    args: tuple[str, ...]
    cwd: Path
    env: Mapping[str, str | None] = field(default_factory=dict)


class Selection(NamedTuple):
    """What `dbt list` names, by unique id; or why it could not."""

    exit_code: int
    unique_ids: frozenset[str]
    message: str | None = None


class Session(Protocol):
    """A dbt that can be asked more than once. Every method gives dbt's exit code, or 128 + n after signal n.

    Those that capture what dbt answers end dot where it was asked to end meanwhile.
    """

    can_hold: bool
    """Whether output can be held back, so that something else can be shown meanwhile."""

    longest_word: int
    """How many characters one of the words of an invocation may have."""

    def run(self, args: tuple[str, ...], *, to_stderr: bool = False, is_held: bool = False) -> int:
        """One invocation, its output streamed unless it is held."""
        ...

    def parse(self, args: tuple[str, ...], *, is_held: bool = False) -> int:
        """`dbt parse`, whose manifest later invocations of this session use."""
        ...

    def select(self, call: Call) -> Selection:
        """`dbt list --output json --output-keys unique_id`, and the nodes that it names."""
        ...

    def listen(self, call: Call, on_line: Callable[[str], None]) -> tuple[int, str | None]:
        """One invocation that shows nothing; each line that its macros print, and in the end why it failed."""
        ...

    def take_held(self) -> str:
        """What was held since it was last asked for."""
        ...


@contextmanager
def open_session(
    dbt: Dbt, cwd: Path, env: dict[str, str], *, head_start: HeadStart | None = None
) -> Generator[Session]:
    """A session in the engine that suits this dbt, which may have a `head_start`."""
    python = find_interpreter(dbt)
    if python is None:
        yield SeparateProcesses(Command(dbt.command, cwd, env))
        return
    # Importing dbt takes longer than checking out the worktree, so it goes on beside it.
    command = driver_command(python, cwd, env)
    taken = head_start.take(command) if head_start else None
    with converse(lambda: taken[0] if taken else start_listening(command)) as conversation:
        yield OneProcess(conversation, cwd, taken[1] if taken else {})


@dataclass
class SeparateProcesses:
    """One process for each invocation. After an interrupted one, none is started."""

    command: Command
    can_hold: bool = False
    longest_word: int = 24_000 if os.name == "nt" else 120_000  # of the 32 kB, or 128 kB, that the system allows

    def run(self, args: tuple[str, ...], *, to_stderr: bool = False, is_held: bool = False) -> int:  # noqa: ARG002
        return stream(self._with(args), to_stderr=to_stderr)

    def parse(self, args: tuple[str, ...], *, is_held: bool = False) -> int:
        return self.run(args, is_held=is_held)

    def select(self, call: Call) -> Selection:
        done = self._capture(call)
        return Selection(done.exit_code, _unique_ids(_lines(done.stdout)), read_error(done))

    def listen(self, call: Call, on_line: Callable[[str], None]) -> tuple[int, str | None]:
        done = self._capture(call)
        for line in _lines(done.stdout):
            on_line(line)
        return done.exit_code, read_error(done)

    def take_held(self) -> str:
        return ""

    def _capture(self, call: Call) -> Completed:
        env = change_variables(self.command.env or {}, call.env)
        return run(replace(self._with(merge_call((*call.args, *_READABLE))), cwd=call.cwd, env=env))

    def _with(self, args: tuple[str, ...]) -> Command:
        return replace(self.command, argv=(*self.command.argv, *args))


@dataclass
class OneProcess:
    """dbt's own interpreter with the driver in it: dbt is imported once, and the project parsed once.

    `changes` are for the environment of all that it is asked.
    """

    conversation: Conversation
    cwd: Path
    changes: Mapping[str, str | None] = field(default_factory=dict)
    can_hold: bool = True
    longest_word: int = sys.maxsize
    has_manifest: bool = False
    held: str = ""

    def run(self, args: tuple[str, ...], *, to_stderr: bool = False, is_held: bool = False) -> int:
        output = "hold" if is_held else "stderr" if to_stderr else None
        return self._ask(args, output, "use" if self.has_manifest else None)

    def parse(self, args: tuple[str, ...], *, is_held: bool = False) -> int:
        exit_code = self._ask(args, "hold" if is_held else None, "keep")
        self.has_manifest = not exit_code
        return exit_code

    def select(self, call: Call) -> Selection:
        exit_code, answer = self._call(call, lambda _: None, manifest="use")
        return Selection(exit_code, _unique_ids(answer["result"] or []), _clean(answer["message"] or "") or None)

    def listen(self, call: Call, on_line: Callable[[str], None]) -> tuple[int, str | None]:
        exit_code, answer = self._call(call, on_line)
        return exit_code, _clean(answer["message"]) if answer["message"] else None

    def _call(
        self, call: Call, on_line: Callable[[str], None] | None = None, *, manifest: str | None = None
    ) -> tuple[int, Mapping[str, Any]]:
        quiet = {"output": "none", "manifest": manifest, "events": on_line is not None}
        env = {**self._take_changes(), **call.env}
        answer = self.conversation.ask({"args": call.args, "cwd": str(call.cwd), "env": env, **quiet}, on_line)
        self.conversation.end_dot()
        return self._exit_code(answer), answer or {"result": None, "message": None}

    def take_held(self) -> str:
        held, self.held = self.held, ""
        return held

    def _ask(self, args: tuple[str, ...], output: str | None, manifest: str | None) -> int:
        asked = {"args": args, "cwd": str(self.cwd), "env": self._take_changes()}
        answer = self.conversation.ask({**asked, "output": output, "manifest": manifest})
        if interrupted := self.conversation.exit_code:
            return interrupted  # what dbt says of it while it is held back is a traceback
        self.held += answer["held"] if answer else ""
        return self._exit_code(answer)

    def _take_changes(self) -> Mapping[str, str | None]:
        changes, self.changes = self.changes, {}
        return changes

    def _exit_code(self, answer: Mapping[str, Any] | None) -> int:
        # A signal is told as `stream` tells it; a driver that failed has said why, and 1 would mean failed tests.
        return answer["exit_code"] if answer else max(self.conversation.wait(), 2)


def _clean(said: str) -> str:
    return _LEVEL.sub("", _STAMP.sub("", said))


def read_error(done: Completed) -> str | None:
    """Why dbt failed, as it says at the end of its output, without the time, the colours and a stack."""
    if not done.exit_code:
        return None
    lines, complaints = _lines(done.stdout), [_clean(line) for line in _lines(done.stderr)]
    plain = [_clean(line) for line in lines]
    start = max((number for number, line in enumerate(plain) if line.startswith("Encountered an error")), default=None)
    if start is not None:
        end = next((number for number in range(start + 1, len(lines)) if _STAMP.match(lines[number])), len(lines))
        return "\n".join(plain[start:end])
    start = next((number for number, line in enumerate(complaints) if line.startswith(_FAILED)), None)
    if start is not None:
        said = (line.removeprefix(_FAILED) for line in complaints[start:] if not _FRAME.match(line))
        return "\n".join(line for line in said if line.strip())
    return "\n".join((plain or complaints)[-5:])


def _lines(output: bytes) -> list[str]:
    return output.decode("utf-8", "replace").splitlines()


def _unique_ids(lines: list[str]) -> frozenset[str]:
    """The nodes that `dbt list` names, one JSON object a line; dbt's log lines may stand between them."""
    return frozenset(json.loads(line)["unique_id"] for line in lines if line.startswith('{"unique_id"'))
