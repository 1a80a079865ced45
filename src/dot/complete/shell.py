"""What a shell asks when TAB is pressed, and answers that it takes for nothing but text."""

import re
from collections.abc import Mapping, Sequence
from enum import Enum
from types import MappingProxyType
from typing import NamedTuple

MAX_TEXT = 120
"""How many characters of a description are shown; the subject of a commit can be a whole page."""

_PART = re.compile(
    r"""\\(?P<escaped>.?)
      | '(?P<single>[^']*)(?P<closed>'?)
      | "(?P<double>(?:[^"\\]|\\.)*)\\?(?P<shut>"?)
      | (?P<space>\s+)
      | (?P<plain>[^\s\\'"]+)""",
    re.DOTALL | re.VERBOSE,
)
_BREAKS = re.compile("[@=:]+")
_UNSAFE = re.compile(r"[^\w@%+=:,./^~\n-]")
_UNQUOTABLE = re.compile(r"""["'$`\\!*?\[]""")


class Files(Enum):
    """Whether the shell is to offer files by itself."""

    NONE = "none"
    FOLDERS = "folders"
    ANY = "any"


Candidates = Mapping[str, str]
"""Words that may stand somewhere, each with what it means, or nothing."""


class Completions(NamedTuple):
    """Everything that may stand here."""

    candidates: Candidates = MappingProxyType({})
    files: Files = Files.NONE


class Line(NamedTuple):
    """The words after the program's name; `current`, the last, is the one to finish.

    The first `kept` characters of it stay on the line, an answer takes the place of the others. `quote` is the
    quotation mark that it began with and that is still open.
    """

    words: tuple[str, ...] = ()
    current: str = ""
    kept: int = 0
    quote: str = ""


# -- questions -----------------------------------------------------------------------------------------------------


def split_words(typed: str) -> tuple[list[str], str]:
    """The words of an unfinished command line, the last empty after a space; and the quotation mark still open."""
    words: list[str] = []
    word: str | None = None
    is_open = ""
    for part in _PART.finditer(typed):
        if part["space"]:
            words += [] if word is None else [word]
            word = None
            continue
        double = re.sub(r'\\([$`"\\])', r"\1", part["double"] or "")
        word = (word or "") + (part["plain"] or part["escaped"] or part["single"] or double)
        is_open = "'" if part["closed"] == "" else '"' if part["shut"] == "" else ""
    return [*words, word or ""], is_open


def read_line(typed: str) -> Line:
    """The question of zsh and fish, which pass the command line on up to the cursor."""
    words, quote = split_words(typed)
    return Line(tuple(words[1:-1]), words[-1], quote=quote)


def read_pieces(pieces: Sequence[str], start: int) -> Line:
    """The question of bash, which breaks words at `@`, `=` and `:`; the first `start` pieces are command names.

    Bash replaces what stands after the last break, and a `@` right before it, which it takes for that of a host name.
    """
    words = _join(pieces, start)
    last = pieces[-1]
    if _BREAKS.fullmatch(last):
        replaced = last[-1].strip("=:")
    else:
        is_after_at = last[:1] not in ("", "'", '"') and _BREAKS.fullmatch(pieces[-2]) and pieces[-2].endswith("@")
        replaced = ("@" if is_after_at else "") + "".join(split_words(last)[0])
    typed, quotes = zip(*(split_words(word) for word in words), strict=True)
    *before, current = ("".join(parts) for parts in typed)
    return Line(tuple(before[1:]), current, len(current) - len(replaced), quotes[-1])


def _join(pieces: Sequence[str], start: int) -> list[str]:
    """The words as they were typed. A `@` may also begin a word, which only what stands before it tells."""
    words: list[str] = []
    for number, piece in enumerate(pieces):
        before = pieces[number - 1] if number else ""
        is_break = bool(_BREAKS.fullmatch(piece))
        if is_break and piece.startswith("@"):
            following = pieces[number + 1] if number + 1 < len(pieces) else ""
            joins = number > start and _takes_ref(words[-1], following)
        else:
            joins = number > 0 and bool(piece) and (is_break or bool(_BREAKS.fullmatch(before)))
        if joins:
            words[-1] += piece
        else:
            words.append(piece)
    return words


def _takes_ref(word: str, following: str) -> bool:
    """Whether a `@` belongs to this word: an environment, or a ref that goes on with `@{upstream}`."""
    if word.startswith("-"):
        return "=" in word
    return "@" not in word or following.startswith("{")


# -- answers -------------------------------------------------------------------------------------------------------


def render_bash(line: Line, answer: Completions) -> str:
    """A word a line, quoted as the line needs it. To no answer bash offers files, and quotes those by itself."""
    if answer.files is not Files.NONE:
        return ""
    values = [value[line.kept :] for value in _printable(answer.candidates)]
    if line.quote:
        return "\n".join(value for value in values if not _UNQUOTABLE.search(value))
    return _UNSAFE.sub(r"\\\g<0>", "\n".join(values))  # all in one go, since there may be thousands


def render_zsh(line: Line, answer: Completions) -> str:
    """A command, which zsh evaluates: every word of ours in it stands in single quotes."""
    if answer.files is not Files.NONE:
        prefix = "compset -P '*='; " if line.current.startswith("-") else ""
        return f"{prefix}_files{' -/' if answer.files is Files.FOLDERS else ''}"
    finished: list[str] = []
    unfinished: list[str] = []
    for value, text in _printable(answer.candidates).items():
        escaped = value.replace("\\", r"\\").replace(":", r"\:")
        word = f"{escaped}:{text}" if text else escaped
        (unfinished if _is_unfinished(value) else finished).append("'" + word.replace("'", r"'\''") + "'")
    if not finished and not unfinished:
        return ""
    words = f"finished=({' '.join(finished)}); unfinished=({' '.join(unfinished)})"
    return f"local -a finished unfinished; {words}; _describe value finished -- unfinished -S ''"


def render_fish(_line: Line, answer: Completions) -> str:
    """A word a line, with its description after a tab."""
    return "\n".join(f"{value}\t{text}" if text else value for value, text in _printable(answer.candidates).items())


def _is_unfinished(value: str) -> bool:
    """Whether more is expected right after this word, so that no space is put there."""
    return value.endswith(("@", "/", "="))


def _printable(candidates: Candidates) -> Candidates:
    """The values that a terminal shows as what they are, with descriptions of one line without control characters."""
    if not "".join(candidates).isprintable():
        candidates = {value: text for value, text in candidates.items() if value.isprintable()}
    if not any(candidates.values()):
        return candidates
    return {value: text and _shorten(text) for value, text in candidates.items()}


def _shorten(text: str) -> str:
    line = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
    return line if len(line) <= MAX_TEXT else f"{line[: MAX_TEXT - 1]}…"
