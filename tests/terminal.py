"""dot in a terminal, as a person sees it and types into it."""

import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pexpect

SECONDS = 60
MARK = re.compile(r"(?:\[y\]es / \[n\]o(?: / ne\[v\]er)?)\S* ")
_HIDDEN = ("CI", "NO_COLOR", "FORCE_COLOR", "TERM_PROGRAM")


def _environ(env: Mapping[str, str] | None) -> dict[str, str]:
    environ = {name: value for name, value in os.environ.items() if name not in _HIDDEN}
    return environ | {"TERM": "xterm", "PYTHONIOENCODING": "utf-8", **(env or {})}


class Terminal:
    """dot with these words; `screen` is all that it has printed."""

    def __init__(self, folder: Path, *words: str, env: Mapping[str, str] | None = None, columns: int = 250) -> None:
        command = ["-m", "dot", *words]
        self._child: Any = pexpect.spawn(
            sys.executable,
            command,
            cwd=str(folder),
            env=_environ(env),
            encoding="utf-8",
            timeout=SECONDS,
            dimensions=(50, columns),
        )
        self.screen = ""

    def wait_for_question(self) -> str:
        """The question that dot asks next, in its line."""
        self._child.expect(MARK)
        self.screen += f"{self._child.before}{self._child.match[0]}"
        return self.screen.splitlines()[-1]

    def type(self, text: str) -> None:
        self._child.send(text)

    def wait(self) -> int:
        """The exit code, once dot has ended without another question."""
        self._child.expect(pexpect.EOF)
        self.screen += self._child.before
        self._child.close()
        return self._child.exitstatus


def answer(folder: Path, *words: str, typed: tuple[str, ...] = (), env: Mapping[str, str] | None = None) -> Terminal:
    """dot, to its end, each question answered with what is typed, and no question left over."""
    terminal = Terminal(folder, *words, env=env)
    for text in typed:
        terminal.wait_for_question()
        terminal.type(text)
    assert terminal.wait() == 0, terminal.screen
    questions = MARK.findall(terminal.screen)
    assert len(typed) == len(questions), terminal.screen
    return terminal


def run_shell(folder: Path, script: str, *, typed: str = "") -> str:
    """What a script of bash prints in a terminal in which somebody has typed; `{dot}` in it is dot."""
    command = script.format(dot=f"{sys.executable} -m dot")
    child: Any = pexpect.spawn(
        "bash", ["-c", command], cwd=str(folder), env=_environ(None), encoding="utf-8", timeout=SECONDS
    )
    child.send(typed)
    child.expect(pexpect.EOF)
    return child.before
