"""What is wrong, in a form that says where and what next; as data; and as a report of a bug."""

import re
import sys
from dataclasses import replace

from dot import __version__
from dot.base.errors import DotError, Location, Problem
from dot.console.terminal import RED, count_cells, error_line, fold, paint, read_size, write_exactly

LONG_LINE, SHORT_LINE = 120, 20
"""How many characters of a line are shown where there is no terminal, and on the narrowest one."""

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_KEY = re.compile(r"""\s*(?:"(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|(?:[^:]|:(?=[^\s,}\]]))+)""")


def show_error(error: DotError) -> None:
    """Everything that is wrong, in a form that says where and what next."""
    problems = error.problems
    if not any(problem.hint for problem in problems):
        problems = (*problems[:-1], *(replace(problem, hint=error.help) for problem in problems[-1:]))
    for problem in problems:
        error_line(render_problem(problem))


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
    write_exactly(json.dumps({"errors": found}, indent=2, ensure_ascii=False))


def render_problem(problem: Problem) -> str:
    """One problem: message, place with the line itself, what there is, and what to do."""
    lines = [fold(f"{paint('error:', RED)} {problem.message}")]
    where = problem.location
    margin = "   "
    if where:
        margin = " " * len(str(where.line or "")) + "  "
        lines += _render_location(where, margin)
    lines += [*problem.details, *(fold(f"{margin}= {note}") for note in problem.notes)]
    if problem.hint:
        lines.append(fold(f"{margin}= help: {problem.hint}"))
    return "\n".join(lines)


def _render_location(where: Location, margin: str) -> list[str]:
    place = ":".join(str(part) for part in (where.file, where.line, where.column) if part is not None)
    lines = [f"{margin[:-1]}--> {place}"]
    if where.line and where.text is not None:
        text = _CONTROL.sub(" ", where.text)
        start = (where.column or 1) - 1
        key = _KEY.match(text, start)
        size = read_size(sys.stderr)
        room = max((size.columns if size else LONG_LINE) - len(margin) - 3, SHORT_LINE)
        shown, start, end = _cut(text, start, key.end() if key else start, room)
        marks = "^" * (count_cells(shown[start:end].rstrip()) or 1)
        under = f"{' ' * count_cells(shown[:start])}{paint(marks, RED)}"
        lines += [f"{margin}|", f" {where.line} | {shown}", f"{margin}| {under}"]
    return lines


def _cut(text: str, start: int, end: int, room: int) -> tuple[str, int, int]:
    """As much of a line as there is room for, with the part from `start` to `end` in it, and where that is then."""
    if count_cells(text) <= room:
        return text, start, end
    before = text[max(start - room, 0) : start]
    while before and count_cells(before) > room // 3:
        before = before[1:]
    after = text[start : start + room]
    while count_cells(before + after) > room - 6:
        after = after[:-1]
    first = "..." if len(before) < start else ""
    last = "..." if start + len(after) < len(text) else ""
    start, end = len(first + before), len(first + before) + min(end - start, len(after))
    return f"{first}{before}{after}{last}", start, end


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
    error_line(f"{paint('error:', RED)} dot has a bug ({type(error).__name__}); please report it with {file.name}")
