"""The two streams: text and JSON on stdout, what dot says on stderr, in colour where that is wanted."""

import os
import sys
from contextlib import suppress

RED, GREEN, YELLOW, CYAN, DIM, BOLD, RESET = (f"\033[{code}m" for code in (31, 32, 33, 36, 2, 1, 0))

_choices = [os.environ.get("DOT_COLOR", "auto")]


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


def write_line(text: str) -> None:
    """A line on stderr."""
    write_text(f"{text}\n")


def write_text(text: str) -> None:
    """A piece of a line on stderr."""
    # A terminal may be closed, or have been from the start; the work goes on, and so must its clean end.
    with suppress(OSError):
        if sys.stderr:
            encoding = sys.stderr.encoding or "utf-8"
            print(text.encode(encoding, "backslashreplace").decode(encoding), end="", file=sys.stderr, flush=True)


def read_line() -> str:
    """What is typed up to Enter; nothing when the input ends or cannot be read."""
    try:
        line = sys.stdin.readline()
    except (OSError, UnicodeDecodeError):
        line = ""
    except KeyboardInterrupt:
        write_line("")
        raise
    if not line.endswith("\n"):
        write_line("")
    return line


def paint(text: str, color: str) -> str:
    """The text in this colour, for stderr."""
    return f"{color}{text}{RESET}" if has_color() else text


def use_color(choice: str) -> None:
    """Follow the setting `color`: always, never, or as the terminal and the environment say."""
    _choices.append(choice)


def color_choice() -> str:
    """The setting `color`."""
    return _choices[-1]


def has_color() -> bool:
    """Whether stderr takes colour: a terminal, unless `NO_COLOR` is set; anything if `FORCE_COLOR` is."""
    choice = color_choice()
    if choice != "auto":
        return choice == "always"
    if os.environ.get("NO_COLOR"):
        return False
    return bool(os.environ.get("FORCE_COLOR")) or is_terminal()


def is_terminal() -> bool:
    """Whether stderr is a terminal that can do more than print."""
    return bool(sys.stderr) and sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
