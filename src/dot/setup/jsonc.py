"""JSON with comments and trailing commas, as editors keep their settings: read, and added to in place.

What is added are insertions: comments, indentation, trailing commas and line ends stay as they are, byte for byte.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from dot.base.file_edit import newline_of

_TOKEN = re.compile(
    r"(?P<trivia>[ \t\r\n]+|\A\ufeff|//[^\r\n]*|/\*.*?\*/)"
    r'|(?P<text>"(?:[^"\\\x00-\x1f]|\\[^\x00-\x1f])*")'
    r"|(?P<other>-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?|true|false|null)"
    r"|[][{}:,]",
    re.DOTALL,
)
_REST_OF_LINE = re.compile(r"(?:[ \t]|//[^\r\n]*|/\*(?:(?!\*/)[^\r\n])*\*/)*(?=[\r\n]|\Z)")
_LINE_BREAK = re.compile(r"[\r\n]")
_DEFAULT_INDENT = "    "


class JsonError(ValueError):
    """The text is no JSON, not even with comments, or a key in it holds something else than an object."""


@dataclass(frozen=True)
class JsonNode:
    """A value and where it stands. An object has `members`, and `comma` is where a comma after the last one ends."""

    value: Any
    start: int
    end: int
    members: tuple["Member", ...] | None = None
    comma: int | None = None

    def find(self, key: str) -> "JsonNode | None":
        """The value of a key, the last one if it stands there twice, as editors have it."""
        return next((member.node for member in reversed(self.members or ()) if member.key == key), None)


@dataclass(frozen=True)
class Member:
    """A key of an object, where it stands, and its value."""

    key: str
    start: int
    node: JsonNode


def parse(text: str) -> JsonNode | None:
    """The one value in the text; None for nothing but space and comments. Raises `JsonError`."""
    try:
        return _Parser(text).read_document()
    except RecursionError:
        raise JsonError("it nests too deeply") from None


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens: list[re.Match[str]] = []
        self._next = 0
        place = 0
        while place < len(text):
            token = _TOKEN.match(text, place)
            if not token:
                raise self._error(place)
            place = token.end()
            if token.lastgroup != "trivia":
                self._tokens.append(token)

    def read_document(self) -> JsonNode | None:
        found = self._read_value() if self._tokens else None
        if self._next < len(self._tokens):
            raise self._error(self._tokens[self._next].start())
        return found

    def _read_value(self) -> JsonNode:
        token = self._take()
        if token[0] == "{":
            return self._read_object(token)
        if token[0] == "[":
            values: list[Any] = []
            self._read_items("]", lambda: values.append(self._read_value().value))
            return JsonNode(values, token.start(), self._take().end())
        return JsonNode(self._load(token), token.start(), token.end())

    def _read_object(self, opening: re.Match[str]) -> JsonNode:
        members: list[Member] = []
        comma = self._read_items("}", lambda: members.append(self._read_member()))
        value = {member.key: member.node.value for member in members}
        return JsonNode(value, opening.start(), self._take().end(), tuple(members), comma)

    def _read_member(self) -> Member:
        token = self._take()
        if token.lastgroup != "text":
            raise self._error(token.start())
        key = self._load(token)
        self._take(":")
        return Member(key, token.start(), self._read_value())

    def _read_items(self, closing: str, read: Callable[[], None]) -> int | None:
        """Items with commas between them, up to what closes them; where a comma after the last one ends."""
        comma = None
        while self._peek() != closing:
            read()
            comma = self._take(",").end() if self._peek() != closing else None
        return comma

    def _peek(self) -> str:
        return self._tokens[self._next][0] if self._next < len(self._tokens) else ""

    def _take(self, wanted: str | None = None) -> re.Match[str]:
        if self._next == len(self._tokens):
            raise self._error(len(self._text))
        token = self._tokens[self._next]
        if wanted and token[0] != wanted:
            raise self._error(token.start())
        self._next += 1
        return token

    def _load(self, token: re.Match[str]) -> Any:
        try:
            return json.loads(token[0])
        except ValueError:  # such as `"\x"`, or a comma
            raise self._error(token.start()) from None

    def _error(self, place: int) -> JsonError:
        lines = len(re.findall(r"\r\n|\r|\n", self._text[:place]))
        return JsonError(f"it is no valid JSON in line {lines + 1}")


def merge(text: str, wanted: Mapping[str, Mapping[str, Any]]) -> str:
    """The text with every wanted member that it lacks in the objects at its top; a member that it has stays.

    Raises `JsonError`.
    """
    while True:
        root = parse(text)
        if root is None:
            return _start(text, wanted)
        missing = _find_missing(root, wanted)
        if missing is None:
            return text
        text = _insert(text, *missing)


def _find_missing(root: JsonNode, wanted: Mapping[str, Mapping[str, Any]]) -> tuple[JsonNode, str, Any] | None:
    """The first thing that is missing: the object that lacks it, its key and its value."""
    if root.members is None:
        raise JsonError("it is no object")
    for key, members in wanted.items():
        found = root.find(key)
        if found is None:
            return root, key, members
        if found.members is None:
            raise JsonError(f"`{key}` in it is no object")
        for name, value in members.items():
            if found.find(name) is None:
                return found, name, value
    return None


def _start(text: str, data: Mapping[str, Any]) -> str:
    """A whole object, after whatever space and comments there are."""
    newline = newline_of(text)
    gap = newline if text.strip("\ufeff") and not text.endswith(("\n", "\r")) else ""
    return f"{text}{gap}{_render(data, newline)}{newline}"


def _insert(text: str, target: JsonNode, key: str, value: Any) -> str:
    """The text with one more member in this object, in the style of those that are there."""
    if not target.members:
        return _insert_first(text, target, key, value)
    last = target.members[-1]
    at = target.comma or last.node.end
    indent = _indent_of(text, last.start)
    if indent is None:
        member = f" {json.dumps(key)}: {json.dumps(value)}"
        place = at
    else:
        newline = newline_of(text)
        member = f"{newline}{indent}{json.dumps(key)}: {_render(value, newline + indent, _unit(text))}"
        rest = _REST_OF_LINE.match(text, at)  # a comment there belongs to the member before
        place = rest.end() if rest else at
    if target.comma:
        return f"{text[:place]}{member},{text[place:]}"
    return f"{text[:at]},{text[at:place]}{member}{text[place:]}"


def _insert_first(text: str, target: JsonNode, key: str, value: Any) -> str:
    """The same for an object that holds nothing but space and comments."""
    inner = text[target.start + 1 : target.end - 1]
    gap = inner[len(inner.rstrip(" \t\r\n")) :]
    line = text[_line_start(text, target.start) :]
    outside = newline_of(text) + line[: len(line) - len(line.lstrip(" \t"))]
    inside = outside + _unit(text)
    member = f"{inside}{json.dumps(key)}: {_render(value, inside, _unit(text))}"
    if _LINE_BREAK.search(gap):
        place = target.end - 1 - len(gap)
        return f"{text[:place]}{member}{text[place:]}"
    place = target.end - 1
    return f"{text[:place]}{member}{outside}{text[place:]}"


def _render(value: Any, newline: str, unit: str = _DEFAULT_INDENT) -> str:
    """JSON in several lines, each begun with `newline`, which may have indentation in it."""
    return json.dumps(value, indent=unit).replace("\n", newline)


def _unit(text: str) -> str:
    """One step of indentation, as the first member has it."""
    root = parse(text)
    found = _indent_of(text, root.members[0].start) if root and root.members else None
    return _DEFAULT_INDENT if found is None else found


def _indent_of(text: str, place: int) -> str | None:
    """What stands before this place in its line, if that is space; None for anything else."""
    before = text[_line_start(text, place) : place]
    return None if before.strip(" \t") else before


def _line_start(text: str, place: int) -> int:
    return text.rfind("\n", 0, place) + 1
