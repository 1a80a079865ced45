"""YAML files, read with what dbt reads them with, and the place of everything in them."""

import math
import re
from bisect import bisect_right
from operator import itemgetter
from typing import Any

import yaml
from yaml import MappingNode, MarkedYAMLError, Node, ScalarNode, SequenceNode, YAMLError
from yaml.reader import ReaderError

from dot.core.secrets import holds_secret
from dot.core.source import Path, Source
from dot.errors import Location, Problem

MAX_NODES = 100_000
"""More than any real file has; stops a few lines of nested aliases from filling the memory."""

MAX_BITS = 10_000
"""A whole number of more bits than this cannot be written as JSON text."""

_LINE_BREAK = re.compile(r"\r\n|\r|\n")
_TAG = "tag:yaml.org,2002:"
_TAGS = ("null", "bool", "int", "float", "str")

_FAILURES = (YAMLError, ValueError, RecursionError)
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # as dbt does


class _Dumper(yaml.SafeDumper):
    """Writes what was given more than once in full each time."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002
        return True

    def represent_text(self, text: str) -> ScalarNode:
        """A text: in quotes where it holds letters that would be read as line breaks."""
        is_plain = text.replace("\n", "").isprintable()
        return self.represent_scalar(_TAG + "str", text, style=None if is_plain else '"')


_Dumper.add_representer(str, _Dumper.represent_text)


def load_source(text: str, name: str) -> Source:
    """The file's data and positions. What is wrong with it (syntax, duplicate keys, …) stands in `problems`."""
    page = _Page(name, text.removeprefix("\ufeff"))
    try:
        loader = _Loader(page.text)
        root = loader.get_single_node()
    except _FAILURES as error:
        return Source(name, None, page.lines, {}, (page.explain(error),))
    reader = _Reader(loader, page)
    data = None if root is None else reader.read(root, ())
    problems = (problem for _, problem in sorted(reader.problems, key=itemgetter(0)))
    return Source(name, data, page.lines, reader.positions, tuple(problems))


class _Page:
    """The text of a file with the lines that editors count; YAML knows more line breaks than they do."""

    def __init__(self, name: str, text: str) -> None:
        self.name, self.text = name, text
        self.lines = tuple(_LINE_BREAK.split(text))
        self._starts = [0, *(found.end() for found in _LINE_BREAK.finditer(text))]

    def find(self, index: int) -> tuple[int, int]:
        """Line and column of a letter, from 1."""
        line = bisect_right(self._starts, index)
        return line, index - self._starts[line - 1] + 1

    def locate(self, index: int) -> Location:
        line, column = self.find(index)
        text = self.lines[line - 1]
        return Location(self.name, line, column, None if holds_secret(text) else text)

    def explain(self, error: Exception) -> Problem:
        """Why this is no YAML: where something began of which the end is missing."""
        try:
            yaml.compose(self.text, Loader=yaml.SafeLoader)
        except _FAILURES as clearer:  # than what the faster parser says
            error = clearer
        reason, location = str(error).splitlines()[0], Location(self.name)
        if isinstance(error, MarkedYAMLError):
            reason, mark = str(error.problem), error.problem_mark or error.context_mark
            if mark and mark.index >= len(self.text) and error.context_mark:
                mark = error.context_mark
            if reason.startswith("but "):
                reason = f"{error.context}, {reason}"
            location = self.locate(mark.index) if mark else location
        elif isinstance(error, ReaderError):
            reason = f"the character U+{error.character:04X} is not allowed"
            location = self.locate(error.position)
        elif isinstance(error, RecursionError):
            reason = "it nests too deeply"
        return Problem(f"invalid YAML: {reason}", location)


def dump(data: Any) -> str:
    """Block YAML that reads back as the same data."""
    return yaml.dump(data, Dumper=_Dumper, default_flow_style=False, allow_unicode=True, width=math.inf)


class _Reader:
    """Turns YAML nodes into plain data, collecting positions and every problem on the way."""

    def __init__(self, loader: Any, page: _Page) -> None:
        self.loader, self.page = loader, page
        self.positions: dict[Path, tuple[int, int]] = {}
        self.problems: list[tuple[int, Problem]] = []
        self._seen = 0
        self._open: set[int] = set()
        self._merged: set[int] = set()

    def read(self, node: Node, path: Path) -> Any:
        self._seen += 1
        if self._seen == MAX_NODES:
            self._report(node, f"more than {MAX_NODES:,} values (counting every use of an alias)")
        if self._seen >= MAX_NODES:
            return None
        if id(node) in self._open:
            self._report(node, "an alias refers to what contains it")
            return None
        self.positions.setdefault(path, self.page.find(node.start_mark.index))
        self._open.add(id(node))
        try:
            return self._read_kind(node, path)
        finally:
            self._open.discard(id(node))

    def _read_kind(self, node: Node, path: Path) -> Any:
        if isinstance(node, ScalarNode):
            return self._read_scalar(node)
        if str(node.tag) not in (_TAG + "map", _TAG + "seq"):
            self._report(node, f"the YAML tag `{node.tag}` is not supported")
        if isinstance(node, MappingNode):
            return self._read_mapping(node, path)
        if isinstance(node, SequenceNode):
            return [self.read(item, (*path, index)) for index, item in enumerate(node.value)]
        return None

    def _read_mapping(self, node: MappingNode, path: Path) -> dict[str, Any]:
        self._merge(node)
        found: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = self._read_key(key_node)
            if key is not None:
                self.positions[(*path, key)] = self.page.find(key_node.start_mark.index)
                found[key] = self.read(value_node, (*path, key))
        return found

    def _merge(self, node: MappingNode) -> None:
        """Let PyYAML put what `<<` brings in among the keys, when the mapping's own have been looked through."""
        if id(node) in self._merged:
            return
        self._merged.add(id(node))
        first: dict[tuple[str, str], int] = {}
        for key, value in list(node.value):
            if isinstance(key, ScalarNode):
                if (key.tag, key.value) in first:
                    line = first[key.tag, key.value]
                    self._report(key, f"duplicate key `{key.value}`, first used in line {line}")
                first.setdefault((key.tag, key.value), self.page.find(key.start_mark.index)[0])
            if key.tag == _TAG + "merge" and not self._merge_each(value):
                node.value.remove((key, value))
        self.loader.flatten_mapping(node)

    def _merge_each(self, value: Node) -> bool:
        """Look through what `<<` names; false when that is no mapping, nor a list of them."""
        sources = value.value if isinstance(value, SequenceNode) else [value]
        for source in sources:
            if not isinstance(source, MappingNode):
                self._report(value, "`<<` needs a mapping or a list of mappings")
                return False
            self._merge(source)
        return True

    def _read_key(self, node: Node) -> str | None:
        key = self._read_scalar(node) if isinstance(node, ScalarNode) else None
        if not isinstance(key, str):
            shown = f"`{node.value}`" if isinstance(node, ScalarNode) else "a list or mapping"
            self._report(node, f"{shown} is used as a key, but keys must be texts", "put it in quotes")
            return None
        return key

    def _read_scalar(self, node: ScalarNode) -> Any:
        text, tag = str(node.value), str(node.tag).removeprefix(_TAG)
        if tag == "timestamp":
            return text
        if tag not in _TAGS:
            self._report(node, f"the YAML tag `{node.tag}` is not supported")
            return text
        try:
            value = self.loader.construct_object(node)
        except (ValueError, IndexError, KeyError):
            self._report(node, f"`{text}` is no number", "put it in quotes")
            return text
        if not _is_json(value):
            self._report(node, f"`{text[:40]}` has no equal in JSON, which is how dbt gets its values")
            return 0
        return value

    def _report(self, node: Node, message: str, hint: str | None = None) -> None:
        index = node.start_mark.index
        self.problems.append((index, Problem(message, self.page.locate(index), hint=hint)))


def _is_json(value: Any) -> bool:
    """Whether JSON can hold this scalar."""
    if isinstance(value, float):
        return math.isfinite(value)
    return not isinstance(value, int) or value.bit_length() <= MAX_BITS
