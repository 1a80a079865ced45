"""The only module that prints. stdout carries data; everything that dot says goes to stderr."""

import os
import shlex
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from dot import __version__
from dot.errors import DotError, Location, Problem

_RED, _YELLOW, _CYAN, _DIM, _BOLD, _RESET = (f"\033[{code}m" for code in (31, 33, 36, 2, 1, 0))

_choices = [os.environ.get("DOT_COLOR", "auto")]


@dataclass(frozen=True)
class Console:
    """How much dot says: `verbosity` is -1 for errors only, 0 for the usual, 1 for every child command too."""

    verbosity: int = 0

    def say(self, message: str) -> None:
        """One line about what is going on."""
        if self.verbosity >= 0:
            _error_line(f"{_paint('dot', _CYAN)}  {message}")

    def warn(self, message: str) -> None:
        """One line that should not be missed."""
        _error_line(f"{_paint('warning:', _YELLOW)} {message}")

    def show_command(self, argv: tuple[str, ...]) -> None:
        """The child command that is about to start, for those who asked for more."""
        if self.verbosity > 0:
            self.say(_paint(f"$ {shlex.join(argv)}", _DIM))

    def show_typed(self, command: str) -> None:
        """A command as a person would type it, before it runs."""
        _error_line(f"\n{_paint(f'$ {command}', _BOLD)}")


def write(text: str) -> None:
    """Data, on stdout, in the terminal's encoding; letters that it does not have are written as escapes."""
    if sys.stdout:
        encoding = sys.stdout.encoding or "utf-8"
        print(text.encode(encoding, "backslashreplace").decode(encoding), flush=True)


def write_json(text: str) -> None:
    """JSON, on stdout, in UTF-8 whatever the terminal's encoding is."""
    write_exactly(text)


def write_exactly(text: str) -> None:
    """Text for a program, on stdout, in UTF-8 and with no line break changed, wherever that is."""
    if sys.stdout:
        sys.stdout.flush()
        sys.stdout.buffer.write(text.encode() + b"\n")
        sys.stdout.buffer.flush()


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


def _error_line(text: str) -> None:
    # A terminal may be closed, or have been from the start; the work goes on, and so must its clean end.
    with suppress(OSError):
        if sys.stderr:
            encoding = sys.stderr.encoding or "utf-8"
            print(text.encode(encoding, "backslashreplace").decode(encoding), file=sys.stderr, flush=True)


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
    return bool(os.environ.get("FORCE_COLOR")) or (
        bool(sys.stderr) and sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
    )
