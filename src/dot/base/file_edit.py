"""Edits of files that are the user's: the whole text before and after, so that it can be shown before it is done."""

from collections.abc import Iterable
from difflib import unified_diff
from pathlib import PurePath
from typing import Literal

from dot.base.frozen import Frozen


class EditFile(Frozen):
    """A step of a plan: one file is changed, unless it is no longer what it was.

    `before` is None where there is no such file yet, `name` is what the user calls it.
    """

    kind: Literal["edit_file"] = "edit_file"
    path: PurePath
    name: str
    before: str | None
    after: str


class Offer(Frozen):
    """An edit that is done when the user agrees. `key` is what a lasting answer is kept under."""

    key: str
    question: str
    edit: EditFile


class File(Frozen):
    """A file of the user's as it stands, byte for byte; `text` is None where there is none."""

    path: PurePath
    name: str
    text: str | None

    def edit(self, after: str) -> EditFile:
        return EditFile(path=self.path, name=self.name, before=self.text, after=after)


class Note(Frozen):
    """Why something is not offered."""

    key: str
    text: str


def newline_of(text: str) -> str:
    """How lines end in the text: as the first of them does."""
    return "\r\n" if text.find("\r\n") == text.find("\n") - 1 >= 0 else "\n"


def add_lines(text: str, lines: Iterable[str]) -> str:
    """The text with these lines at its end."""
    newline = newline_of(text)
    gap = newline if text and not text.endswith("\n") else ""
    return text + gap + "".join(line + newline for line in lines)


def put_on_top(text: str, line: str) -> str:
    """The text with this line before all others, and after a byte order mark."""
    mark = text[: len(text) - len(text.removeprefix("\ufeff"))]
    return f"{mark}{line}{newline_of(text)}{text.removeprefix(mark)}"


def render_diff(edit: EditFile) -> str:
    """The edit as a unified diff."""
    old = "/dev/null" if edit.before is None else edit.name
    return "\n".join(unified_diff(_lines(edit.before), _lines(edit.after), old, edit.name, lineterm=""))


def _lines(text: str | None) -> list[str]:
    """The lines without their ends, which an edit never changes."""
    return [line.rstrip("\r") for line in text.removesuffix("\n").split("\n")] if text else []
