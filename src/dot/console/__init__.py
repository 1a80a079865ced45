"""The only package that prints. stdout carries data; everything that dot says goes to stderr."""

import json
import os
import re
import shlex
import sys
from collections.abc import Generator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from threading import Lock, Timer
from typing import Any

from dot.console.terminal import (
    BOLD,
    CYAN,
    DIM,
    YELLOW,
    divert_stdout,
    error_line,
    error_text,
    fold,
    is_terminal,
    paint,
    takes_color,
)

UNNOTICED_SECONDS = 0.3
"""A wait that is not worth a word."""

SHORT_SECRET = 5
"""A secret of at least so many characters is looked for within other words too."""

_ANSWERS = {"yes": "[y]es", "no": "[n]o", "never": "ne[v]er"}


@dataclass(frozen=True)
class Console:
    """How much dot says: `verbosity` is -1 for errors only, 0 for the usual, 1 for every child command too.

    `may_ask` is false where no question is wanted.
    """

    verbosity: int = 0
    may_ask: bool = True

    def say(self, message: str) -> None:
        """One line about what is going on."""
        if self.verbosity >= 0:
            error_line(fold(f"{paint('dot', CYAN)}  {message}"))

    def warn(self, message: str) -> None:
        """One line that should not be missed."""
        error_line(fold(f"{paint('warning:', YELLOW)} {message}"))

    def show_command(self, argv: tuple[str, ...]) -> None:
        """The child command that is about to start, for those who asked for more; no secret in it."""
        if self.verbosity > 0:
            error_line(
                f"{paint('dot', CYAN)}  {paint(f'$ {shlex.join(map(_redact, argv))}', DIM)}"
            )  # whole, to be copied

    def diverted(self) -> AbstractContextManager[None]:
        """Meanwhile what children print on stdout goes to stderr."""
        return divert_stdout()

    def pass_on(self, output: str, *, to_stderr: bool) -> None:
        """What a child had printed while it was held back, on the stream that it was for."""
        if output:
            target = sys.stderr if to_stderr else sys.stdout
            with suppress(OSError):
                print(output, end="", file=target, flush=True)

    @contextmanager
    def progress(self, message: str) -> Generator[bool]:
        """Meanwhile, on a terminal, a line that says what is going on and for how long, and then is gone."""
        is_shown = self.verbosity >= 0 and is_terminal(sys.stderr)
        line = _ProgressLine(message, is_plain=not takes_color(sys.stderr))
        timer = Timer(UNNOTICED_SECONDS, line.start)
        timer.daemon = True
        if is_shown:
            timer.start()
        try:
            yield is_shown
        finally:
            timer.cancel()
            line.stop()

    def can_ask(self) -> bool:
        """Whether somebody is there to answer: a terminal to type and to read in, and no wish to be left alone."""
        return (
            self.may_ask
            and self.verbosity >= 0
            and all(stream and stream.isatty() for stream in (sys.stdin, sys.stderr))
        )

    def ask(self, question: str, answers: Sequence[str]) -> str:
        """One of these answers, typed in full or as its letter; `no` for an empty line and at the end of input."""
        letters = {_ANSWERS[answer].partition("[")[2][0]: answer for answer in answers}
        choices = " / ".join(_ANSWERS[answer] for answer in answers)
        while True:
            error_text(fold(f"{paint('dot', CYAN)}  {question} {paint(choices, BOLD)}") + " ")
            typed = _read_line().strip().lower()
            if typed in answers or typed in letters or not typed:
                return letters.get(typed, typed or "no")
            self.say(f"please answer with {', '.join(letters)}, or with Enter for no")

    def show_typed(self, command: str) -> None:
        """A command as a person would type it, before it runs."""
        error_line(f"\n{paint(f'$ {command}', BOLD)}")


class _ProgressLine:
    """A line on stderr that is drawn again and again, above which other lines may appear."""

    def __init__(self, message: str, *, is_plain: bool) -> None:
        self.message = message
        self.is_plain = is_plain
        self.lock = Lock()
        self.is_over = False
        self.drawing: Any = None

    def start(self) -> None:
        from rich.console import Console as RichConsole  # noqa: PLC0415 - rich is slow to import
        from rich.progress import Progress, SpinnerColumn, TextColumn  # noqa: PLC0415

        text = TextColumn("[progress.description]{task.description} · {task.elapsed:.0f} s")
        console = RichConsole(stderr=True, no_color=self.is_plain)
        with self.lock:
            if not self.is_over:
                self.drawing = Progress(
                    SpinnerColumn("line"), text, console=console, transient=True, redirect_stdout=False
                )
                self.drawing.add_task(self.message)
                self.drawing.start()

    def stop(self) -> None:
        with self.lock:
            self.is_over = True
            if self.drawing:
                with suppress(OSError):  # the terminal was closed
                    self.drawing.stop()


def _read_line() -> str:
    """What is typed up to Enter; nothing when the input ends or cannot be read."""
    try:
        line = sys.stdin.readline()
    except (OSError, UnicodeDecodeError):
        line = ""
    except KeyboardInterrupt:
        error_line("")
        raise
    if not line.endswith("\n"):
        error_line("")
    return line


def _redact(word: str) -> str:
    """A word of a command without the values of variables that dbt calls secret, as they are or as JSON has them.

    A short one is looked for as a word of its own: a password `a` would take the `a` out of everything.
    """
    for name, value in os.environ.items():
        if name.startswith("DBT_ENV_SECRET") and value:
            for form in (value, json.dumps(value, ensure_ascii=False)[1:-1]):
                is_short = len(form) < SHORT_SECRET
                word = re.sub(rf"(?<!\w){re.escape(form)}(?!\w)" if is_short else re.escape(form), "*****", word)
    return word
