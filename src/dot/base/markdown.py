"""Texts that somebody else wrote, as Markdown that shows them and does nothing else, in a table too.

The rules are GitHub's: https://github.github.com/gfm/. After rendering it looks for mentions, references and emoji,
which no escape prevents, but not inside of code.
"""

import re

_PLAIN = re.compile(r"(?:[\w ,()%=→·+−]|:(?= )|\.(?=\d)|[<>](?= ))*")
_EMPHASIS = re.compile(r"(?<![^\W_])_|_(?![^\W_])")
_LITERAL = re.compile(r"[^`|\\]+")
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_ENDS = re.compile(r"\r\n?|\n")


def render_text(text: str, most: int) -> str:
    """The text itself where that is harmless, or as code; cut to `most` characters, on one line.

    Not for the beginning of a paragraph, where `1)` and `>` mean something.
    """
    short = _shorten(text, most)
    return _EMPHASIS.sub(r"\\_", short) if _PLAIN.fullmatch(short) else render_code(short, most)


def render_code(text: str, most: int) -> str:
    """The text as code, cut to `most` characters, on one line; a dash for no text."""
    short = _shorten(text, most)
    if not short:
        return "–"
    return f"`{short}`" if _LITERAL.fullmatch(short) else render_html_code(short, most)


def render_html_code(text: str, most: int) -> str:
    """The text as code within HTML: no character in it means anything to HTML, nor to Markdown."""
    return f"<code>{''.join(map(_escape, _shorten(text, most)))}</code>"


def render_fence(text: str, language: str) -> str:
    """Lines of code between fences that are longer than anything that looks like one in it."""
    lines = [_CONTROLS.sub("\ufffd", line) for line in _ENDS.split(text.rstrip("\r\n"))]
    longest = max((len(ticks) for ticks in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return "\n".join((f"{fence}{language}", *lines, fence))


def _shorten(text: str, most: int) -> str:
    line = " ".join(_CONTROLS.sub("\ufffd", " ".join(text.split())).split())
    return line if len(line) <= most else f"{line[: most - 1]}…"


def _escape(letter: str) -> str:
    return letter if letter.isalnum() or letter == " " else f"&#{ord(letter)};"
