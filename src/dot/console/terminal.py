"""The two streams of a terminal: data on stdout, everything that dot says on stderr; and whether they take colour."""

import os
import re
import sys
import unicodedata
from collections.abc import Generator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from typing import TextIO

RED, GREEN, YELLOW, CYAN, DIM, BOLD, RESET = (f"\033[{code}m" for code in (31, 32, 33, 36, 2, 1, 0))

_PLAIN = str.maketrans({"→": "->", "…": "...", "·": "-", "−": "-", "–": "-", "≠": "!="})
"""What stands for dot's own signs where there is nothing but ASCII."""

_COLOR = re.compile("\033\\[[0-9;]*m")
_CONTROL = re.compile(f"{_COLOR.pattern}|\r(?!\n)|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_WORD = re.compile(r"( *)((?:`[^`]*`| / |[^ ])+)")
_LABEL = re.compile(r"(?:dot  |error: |warning: |\s*(?:= (?:help: )?)?)")
"""What the further lines of a text are indented by."""

_choice: ContextVar[str] = ContextVar("_choice")
"""The setting `color`, in a run of dot that has read it; until then there is only what the environment says of it."""


def write(text: str) -> None:
    """Data, on stdout, as far as the terminal's encoding goes."""
    if sys.stdout:
        print(_fit(text, sys.stdout.encoding), flush=True)


def write_exactly(text: str) -> None:
    """Text for a program, on stdout, in UTF-8 and with no line break changed, wherever that is."""
    if sys.stdout:
        sys.stdout.flush()
        sys.stdout.buffer.write(text.encode() + b"\n")
        sys.stdout.buffer.flush()


def write_diff(text: str) -> None:
    """A unified diff, on stdout."""
    lines = text.split("\n")
    if takes_color(sys.stdout):
        colors = {"+": GREEN, "-": RED, "@": CYAN}
        lines = [f"{colors[line[0]]}{line}{RESET}" if line[:1] in colors else line for line in lines]
    write("\n".join(lines))


@contextmanager
def divert_stdout() -> Generator[None]:
    """Meanwhile what children print goes to stderr: stdout is for a report of dot's."""
    sys.stdout.flush()
    saved = os.dup(1)
    os.dup2(2, 1)
    try:
        yield
    finally:
        sys.stdout.flush()
        os.dup2(saved, 1)
        os.close(saved)


def error_line(text: str) -> None:
    """One line, on stderr."""
    error_text(f"{text}\n")


def error_text(text: str) -> None:
    """A text as it is, on stderr."""
    # A terminal may be closed, or have been from the start; the work goes on, and so must its clean end.
    with suppress(OSError):
        if sys.stderr:
            print(_fit(text, sys.stderr.encoding), end="", file=sys.stderr, flush=True)


def count_cells(text: str) -> int:
    """How many columns of a terminal the text takes, its colours none."""
    text = _COLOR.sub("", text)
    if text.isascii():
        return len(text)
    wide = sum(unicodedata.east_asian_width(letter) in "WF" for letter in text)
    return len(text) + wide - sum(unicodedata.category(letter) in ("Mn", "Me", "Cf") for letter in text)


def read_size(stream: TextIO | None) -> os.terminal_size | None:
    """The columns and lines of the terminal on which this stream is shown; None where it is none."""
    with suppress(OSError, ValueError, AttributeError):
        size = os.get_terminal_size(stream.fileno())  # pyrefly: ignore
        return size if all(size) else None
    return None


def fold(text: str) -> str:
    """The text with lines that fit the terminal, broken between words; within backticks only if it must be."""
    size = read_size(sys.stderr)
    return "\n".join(_fold_line(line, size.columns) for line in text.split("\n")) if size else text


def _fold_line(text: str, columns: int) -> str:
    if count_cells(text) < columns:
        return text
    label = _LABEL.match(_COLOR.sub("", text))
    indent = " " * (label.end() if label else 0)
    lines: list[str] = []
    line = ""
    for gap, word in _WORD.findall(text):
        if line and count_cells(line + gap + word) >= columns:
            lines.append(line)
            line, gap = indent, ""  # noqa: PLW2901 - a space at which a line is broken is not shown
        line += gap + word
    return "\n".join([*lines, line])


def _fit(text: str, encoding: str | None) -> str:
    """The text with control characters escaped, by which it could mislead a terminal.

    Where the encoding lacks characters of it, dot's own signs are in ASCII, and the others escaped too.
    """
    text = _CONTROL.sub(lambda found: found[0] if len(found[0]) > 1 else repr(found[0])[1:-1], text)
    encoding = encoding or "utf-8"
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return text.translate(_PLAIN).encode(encoding, "backslashreplace").decode(encoding)
    return text


def paint(text: str, color: str) -> str:
    """The text in this colour, for stderr where that takes colour."""
    return f"{color}{text}{RESET}" if takes_color(sys.stderr) else text


def use_color(choice: str) -> None:
    """Follow the setting `color`: always, never, or as the terminal and the environment say."""
    _choice.set(choice)


def takes_color(stream: TextIO | None) -> bool:
    """Whether a stream takes colour: a terminal, unless `NO_COLOR` is set; anything if `FORCE_COLOR` is.

    The setting `color` goes before both of them.
    """
    if (choice := _choice.get(None) or os.environ.get("DOT_COLOR", "auto")) != "auto":
        return choice == "always"
    if os.environ.get("NO_COLOR"):
        return False
    return bool(os.environ.get("FORCE_COLOR")) or is_terminal(stream)


def is_terminal(stream: TextIO | None) -> bool:
    """Whether it is a terminal that can do more than print."""
    return bool(stream) and stream.isatty() and os.environ.get("TERM") != "dumb"
