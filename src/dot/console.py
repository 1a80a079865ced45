"""The only module that prints. stdout carries data; everything that dot says goes to stderr."""

import os
import shlex
import sys
from collections.abc import Generator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from threading import Lock, Timer
from typing import Any, Literal

from dot import __version__
from dot.errors import DotError, Location, Problem

UNNOTICED_SECONDS = 0.3
"""A wait that is not worth a word."""

_RED, _GREEN, _YELLOW, _CYAN, _DIM, _BOLD, _RESET = (f"\033[{code}m" for code in (31, 32, 33, 36, 2, 1, 0))

_ANSWERS = {"yes": "[y]es", "no": "[n]o", "never": "ne[v]er"}

_WIDE = 1_000_000
"""Columns where there is no terminal: lines are whole."""

_choices = [os.environ.get("DOT_COLOR", "auto")]


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
            _error_line(f"{_paint('dot', _CYAN)}  {message}")

    def warn(self, message: str) -> None:
        """One line that should not be missed."""
        _error_line(f"{_paint('warning:', _YELLOW)} {message}")

    def show_command(self, argv: tuple[str, ...]) -> None:
        """The child command that is about to start, for those who asked for more; no secret in it."""
        if self.verbosity > 0:
            self.say(_paint(f"$ {_redact(shlex.join(argv))}", _DIM))

    def pass_on(self, output: str, *, to_stderr: bool) -> None:
        """What a child had printed while it was held back, on the stream that it was for."""
        if output:
            target = sys.stderr if to_stderr else sys.stdout
            with suppress(OSError):
                print(output, end="", file=target, flush=True)

    @contextmanager
    def progress(self, message: str) -> Generator[bool]:
        """Meanwhile, on a terminal, a line that says what is going on and for how long, and then is gone."""
        is_shown = self.verbosity >= 0 and is_terminal()
        line = _ProgressLine(message)
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
            _error_text(f"{_paint('dot', _CYAN)}  {question} {_paint(choices, _BOLD)} ")
            typed = _read_line().strip().lower()
            if typed in answers or typed in letters or not typed:
                return letters.get(typed, typed or "no")
            self.say(f"please answer with {', '.join(letters)}, or with Enter for no")

    def show_typed(self, command: str) -> None:
        """A command as a person would type it, before it runs."""
        _error_line(f"\n{_paint(f'$ {command}', _BOLD)}")


class _ProgressLine:
    """A line on stderr that is drawn again and again, above which other lines may appear."""

    def __init__(self, message: str) -> None:
        self.message = message
        self.lock = Lock()
        self.is_over = False
        self.drawing: Any = None

    def start(self) -> None:
        from rich.console import Console as RichConsole  # noqa: PLC0415 - rich is slow to import
        from rich.progress import Progress, SpinnerColumn, TextColumn  # noqa: PLC0415

        text = TextColumn("[progress.description]{task.description} · {task.elapsed:.0f} s")
        console = RichConsole(stderr=True, no_color=not has_color())
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
                self.drawing.stop()


def write(text: str) -> None:
    """Data, on stdout, in the terminal's encoding; letters that it does not have are written as escapes."""
    if sys.stdout:
        encoding = sys.stdout.encoding or "utf-8"
        print(text.encode(encoding, "backslashreplace").decode(encoding), flush=True)


def write_json(text: str) -> None:
    """JSON, on stdout, in UTF-8 whatever the terminal's encoding is."""
    if sys.stdout:
        sys.stdout.flush()
        sys.stdout.buffer.write(text.encode() + b"\n")
        sys.stdout.buffer.flush()


def write_diff(text: str) -> None:
    """A unified diff, on stdout."""
    lines = text.split("\n")
    if has_color() and sys.stdout and sys.stdout.isatty():
        colors = {"+": _GREEN, "-": _RED, "@": _CYAN}
        lines = [f"{colors[line[0]]}{line}{_RESET}" if line[:1] in colors else line for line in lines]
    write("\n".join(lines))


@dataclass(frozen=True)
class Cell:
    """A piece of a row: its text, its colour, and whether it may be cut with `…` to make the row fit."""

    text: str
    color: str = ""
    is_flexible: bool = False


def write_rows(headers: Sequence[str], rows: Sequence[Sequence[Cell]]) -> None:
    """A table on stdout, one line a row, which fits on a terminal and is whole elsewhere."""
    from rich.table import Table  # noqa: PLC0415 - rich is slow to import
    from rich.text import Text  # noqa: PLC0415

    table = Table(box=None, pad_edge=False, padding=(0, 3, 0, 0), header_style="bold")
    for header, cell in zip(headers, rows[0], strict=True):
        table.add_column(Text(header, no_wrap=True), no_wrap=not cell.is_flexible)
    for row in rows:
        table.add_row(*(Text(cell.text, cell.color, no_wrap=True, overflow="ellipsis") for cell in row))
    _write_rich(table)


def write_fields(title: str, fields: Sequence[tuple[str, Sequence[str]]]) -> None:
    """What is known of one thing, on stdout: labels, and lines beside them, which are folded on a terminal."""
    from rich.table import Table  # noqa: PLC0415 - rich is slow to import
    from rich.text import Text  # noqa: PLC0415

    table = Table.grid(padding=(0, 3, 0, 0))
    for label, lines in fields:
        for index, line in enumerate(lines):
            table.add_row(Text("" if index else f"  {label}", "dim", no_wrap=True), Text(line, overflow="fold"))
    _write_rich(Text(title, "bold"), table)


def _write_rich(*parts: Any) -> None:
    """What rich makes of it, as wide as the terminal, or as its widest line where there is none."""
    from rich.console import Console as RichConsole  # noqa: PLC0415 - rich is slow to import

    rich = RichConsole(
        highlight=False,
        width=None if sys.stdout and sys.stdout.isatty() else _WIDE,
        color_system=_color_system(),
        no_color=False,
    )
    with rich.capture() as captured:
        rich.print(*parts, sep="\n")
    write("\n".join(line.rstrip() for line in captured.get().splitlines()))


def _color_system() -> Literal["auto", "standard"] | None:
    """The colours that stdout takes, as rich calls them."""
    if _choices[-1] == "always":
        return "standard"
    return None if _choices[-1] == "never" or os.environ.get("NO_COLOR") else "auto"


def write_table(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """A table on stdout: the first column to the left, the others, which are figures, to the right."""
    from rich.box import SIMPLE_HEAD  # noqa: PLC0415 - rich is slow to import
    from rich.console import Console as RichConsole  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

    table = Table(box=SIMPLE_HEAD)
    for index in range(max(len(row) for row in rows)):
        header = headers[index] if index < len(headers) else ""
        table.add_column(header, justify="right" if index else "left")
    for row in rows:
        table.add_row(*row)
    RichConsole(highlight=False).print(table)


def show_error(error: DotError) -> None:
    """Everything that is wrong, in a form that says where and what next."""
    problems = error.problems
    if not any(problem.hint for problem in problems):
        problems = (*problems[:-1], *(replace(problem, hint=error.help) for problem in problems[-1:]))
    for problem in problems:
        _error_line(render_problem(problem))


def show_error_as_json(error: DotError) -> None:
    """Everything that is wrong as data, on stdout: `{"errors": [{code, message, file, line, column, hint}]}`."""
    import json  # noqa: PLC0415 - for those who ask for it

    found = [
        {
            "code": error.code,
            "message": problem.message,
            "file": problem.location and problem.location.file,
            "line": problem.location and problem.location.line,
            "column": problem.location and problem.location.column,
            "hint": problem.hint or error.help,
        }
        for problem in error.problems
    ]
    write_json(json.dumps({"errors": found}, indent=2, ensure_ascii=False))


def render_problem(problem: Problem) -> str:
    """One problem: message, place with the line itself, what there is, and what to do."""
    lines = [f"{_paint('error:', _RED)} {problem.message}"]
    where = problem.location
    margin = "   "
    if where:
        margin = " " * len(str(where.line or "")) + "  "
        lines += _render_location(where, margin)
    lines += [*problem.details, *(f"{margin}= {note}" for note in problem.notes)]
    if problem.hint:
        lines.append(f"{margin}= help: {problem.hint}")
    return "\n".join(lines)


def _render_location(where: Location, margin: str) -> list[str]:
    place = ":".join(str(part) for part in (where.file, where.line, where.column) if part is not None)
    lines = [f"{margin[:-1]}--> {place}"]
    if where.line and where.text is not None:
        start = (where.column or 1) - 1
        text = where.text.replace("\t", " ")
        length = len(text[start:].split(":")[0].rstrip()) or 1
        lines += [f"{margin}|", f" {where.line} | {text}", f"{margin}| {' ' * start}{_paint('^' * length, _RED)}"]
    return lines


def show_crash(error: Exception) -> None:
    """One line, and a report that holds no message and no value, since either could be a secret."""
    import platform  # noqa: PLC0415 - only a crash needs these
    import tempfile  # noqa: PLC0415
    import traceback  # noqa: PLC0415

    lines = [
        f"dot {__version__}, Python {platform.python_version()}, {platform.platform()}\n",
        *traceback.format_tb(error.__traceback__),
        f"{type(error).__module__}.{type(error).__qualname__}\n",
    ]
    with tempfile.NamedTemporaryFile("w", prefix="dot-crash-", suffix=".txt", delete=False, encoding="utf-8") as file:
        file.writelines(lines)
    _error_line(f"{_paint('error:', _RED)} dot has a bug ({type(error).__name__}); please report it with {file.name}")


def _read_line() -> str:
    """What is typed up to Enter; nothing when the input ends or cannot be read."""
    try:
        line = sys.stdin.readline()
    except (OSError, UnicodeDecodeError):
        line = ""
    except KeyboardInterrupt:
        _error_line("")
        raise
    if not line.endswith("\n"):
        _error_line("")
    return line


def _redact(text: str) -> str:
    """The text without the values of variables that dbt calls secret."""
    for name, value in os.environ.items():
        if name.startswith("DBT_ENV_SECRET") and value:
            text = text.replace(value, "*****")
    return text


def _error_line(text: str) -> None:
    _error_text(f"{text}\n")


def _error_text(text: str) -> None:
    # A terminal may be closed, or have been from the start; the work goes on, and so must its clean end.
    with suppress(OSError):
        if sys.stderr:
            encoding = sys.stderr.encoding or "utf-8"
            print(text.encode(encoding, "backslashreplace").decode(encoding), end="", file=sys.stderr, flush=True)


def _paint(text: str, color: str) -> str:
    return f"{color}{text}{_RESET}" if has_color() else text


def use_color(choice: str) -> None:
    """Follow the setting `color`: always, never, or as the terminal and the environment say."""
    _choices.append(choice)


def has_color() -> bool:
    """Whether stderr takes colour: a terminal, unless `NO_COLOR` is set; anything if `FORCE_COLOR` is."""
    choice = _choices[-1]
    if choice != "auto":
        return choice == "always"
    if os.environ.get("NO_COLOR"):
        return False
    return bool(os.environ.get("FORCE_COLOR")) or is_terminal()


def is_terminal() -> bool:
    """Whether stderr is a terminal that can do more than print."""
    return bool(sys.stderr) and sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
