"""YAML files: their values from PyYAML, which dbt reads them with; the places in dot's own files from ruamel.yaml."""

import math
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from itertools import chain
from operator import itemgetter
from typing import Any

import yaml
from yaml import MappingNode, MarkedYAMLError, Node, ScalarNode, SequenceNode, YAMLError
from yaml.reader import ReaderError

from dot.base.errors import Location, Problem
from dot.base.secrets import holds_secret
from dot.base.yaml_document import Path, YamlDocument

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
        """A text: in quotes where it holds characters that would be read as line breaks."""
        is_plain = text.replace("\n", "").isprintable()
        return self.represent_scalar(_TAG + "str", text, style=None if is_plain else '"')


_Dumper.add_representer(str, _Dumper.represent_text)


def load_values(text: str, name: str) -> YamlDocument:
    """The data of a file of dbt's; its places are looked for when one is asked for. `problems` say what is wrong."""
    return _load(_Page(name, text.removeprefix("\ufeff")), with_places=False)


def load_document(text: str, name: str) -> YamlDocument:
    """The data of a file of dot's own, and the place of each part; a key given twice is a problem too."""
    return _load(_Page(name, text.removeprefix("\ufeff")), with_places=True)


def load_documents(texts: Iterable[tuple[str, str]]) -> Iterator[YamlDocument]:
    """As `load_document` for each text and name; of a file with nothing wrong in it the places are looked for late.

    That is ten times as fast, which shows with a thousand files.
    """
    for text, name in texts:
        page = _Page(name, text.removeprefix("\ufeff"))
        document = _load(page, with_places=False, needs_unique=True)
        yield _load(page, with_places=True) if document.problems else document


def _load(page: "_Page", *, with_places: bool, needs_unique: bool = False) -> YamlDocument:
    try:
        loader = _Loader(page.text)
        reader = _Reader(loader, page, needs_unique=needs_unique)
        root = loader.get_single_node()
        data = None if root is None else reader.read(root)
        places = _Places(page) if with_places and root is not None else None
        positions = dict(places.find_all(data)) if places else _LatePlaces(page, data)
    except _FAILURES as error:
        return YamlDocument(page.name, None, page.lines, {}, (page.explain(error),))
    problems = [*reader.problems, *(places.find_duplicates() if places else ())]
    ordered = (problem for _, problem in sorted(problems, key=itemgetter(0)))
    return YamlDocument(page.name, data, page.lines, positions, tuple(ordered))


class _Page:
    """The text of a file with the lines that editors count; YAML knows more line breaks than they do."""

    def __init__(self, name: str, text: str) -> None:
        self.name, self.text = name, text
        self.lines = tuple(_LINE_BREAK.split(text))
        self._starts = [0, *(found.end() for found in _LINE_BREAK.finditer(text))]

    def find(self, index: int) -> tuple[int, int]:
        """Line and column of the character at this index, counted from 1."""
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
    """Turns PyYAML's nodes into plain data, collecting every problem on the way."""

    def __init__(self, loader: Any, page: _Page, *, needs_unique: bool) -> None:
        self.loader, self.page, self.needs_unique = loader, page, needs_unique
        self.problems: list[tuple[int, Problem]] = []
        self._seen = 0
        self._open: set[int] = set()
        self._merged: set[int] = set()

    def read(self, node: Node) -> Any:
        self._seen += 1
        if self._seen == MAX_NODES:
            self._report(node, f"more than {MAX_NODES:,} values (counting every use of an alias)")
        if self._seen >= MAX_NODES:
            return None
        if id(node) in self._open:
            self._report(node, "an alias refers to what contains it")
            return None
        self._open.add(id(node))
        try:
            return self._read_kind(node)
        finally:
            self._open.discard(id(node))

    def _read_kind(self, node: Node) -> Any:
        if isinstance(node, ScalarNode):
            return self._read_scalar(node)
        if str(node.tag) not in (_TAG + "map", _TAG + "seq"):
            self._report(node, f"the YAML tag `{node.tag}` is not supported")
        if isinstance(node, MappingNode):
            return self._read_mapping(node)
        if isinstance(node, SequenceNode):
            return [self.read(item) for item in node.value]
        return None

    def _read_mapping(self, node: MappingNode) -> dict[str, Any]:
        keys = [key.value for key, _ in node.value if isinstance(key, ScalarNode)] if self.needs_unique else []
        if len(set(keys)) < len(keys):
            self._report(node, "a key may be there twice")  # or a mapping was merged in, and is read again
        self._merge(node)
        found: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = self._read_key(key_node)
            if key is not None:
                found[key] = self.read(value_node)
        return found

    def _merge(self, node: MappingNode) -> None:
        """Let PyYAML put what `<<` brings in among the keys, when the mapping's own have been looked through."""
        if id(node) in self._merged:
            return
        self._merged.add(id(node))
        for key, value in list(node.value):
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
        if tag in ("str", "timestamp"):
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


class _Places:
    """Where everything stands: nodes of ruamel.yaml's, walked along the data that PyYAML made."""

    def __init__(self, page: _Page) -> None:
        from ruamel.yaml import YAML, error  # noqa: PLC0415 - no file of dbt's needs it

        self.page, self._entries = page, dict[int, _Entries]()
        parser = YAML(typ="safe", pure=True)
        parser.composer.warn_double_anchors = False  # pyrefly: ignore
        try:
            self.root = parser.compose(page.text)
        except error.MarkedYAMLError as found:  # what PyYAML's faster parser reads, as tabs between words
            raise MarkedYAMLError(found.context, found.context_mark, found.problem, found.problem_mark) from None

    def find_all(self, data: Any) -> Iterator[tuple[Path, tuple[int, int]]]:
        """Line and column of the key or item at each path into the data."""
        yield (), self.page.find(self.root.start_mark.index)
        yield from self._find_below(self.root, data, ())

    def _find_below(self, node: Any, data: Any, path: Path) -> Iterator[tuple[Path, tuple[int, int]]]:
        entries = self._enter(node)
        for step, part in data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ():
            if step not in entries:
                raise ValueError("it has a character that only some programs take for a line break")
            key, value = entries[step]
            yield (*path, step), self.page.find(key.start_mark.index)
            yield from self._find_below(value, part, (*path, step))

    def _enter(self, node: Any) -> "_Entries":
        """Key and value of each entry. The mapping's own are stronger than what `<<` brings in, earlier than later."""
        if id(node) in self._entries:
            return self._entries[id(node)]
        found = self._entries[id(node)] = {}
        if node.id == "sequence":
            found.update(enumerate((item, item) for item in node.value))
        elif node.id == "mapping":
            for value in (value for key, value in node.value if _is_merge(key)):
                for source in reversed(value.value) if value.id == "sequence" else (value,):
                    found.update(self._enter(source))
            found.update((key.value, (key, value)) for key, value in node.value if key.id == "scalar")
        return found

    def find_duplicates(self) -> Iterator[tuple[int, Problem]]:
        """Each key that its mapping has already, `<<` like any other, with the index where it stands."""
        nodes, seen = [self.root], set()
        for node in nodes:  # which grow on the way
            if id(node) not in seen and node.id != "scalar":
                seen.add(id(node))
                nodes += node.value if node.id == "sequence" else chain.from_iterable(node.value)
                yield from self._compare_keys(node) if node.id == "mapping" else ()

    def _compare_keys(self, node: Any) -> Iterator[tuple[int, Problem]]:
        first: dict[tuple[str, bool], int] = {}
        for key in (key for key, _ in node.value if key.id == "scalar"):
            index = key.start_mark.index
            earlier = first.setdefault((key.value, _is_merge(key)), index)
            if earlier != index:
                message = f"duplicate key `{key.value}`, first used in line {self.page.find(earlier)[0]}"
                yield index, Problem(message, self.page.locate(index))


class _LatePlaces(Mapping[Path, tuple[int, int]]):
    """The same, looked for when it is asked for; empty where ruamel.yaml cannot read what PyYAML has read."""

    def __init__(self, page: _Page, data: Any) -> None:
        self._page, self._data = page, data

    @cached_property
    def _found(self) -> dict[Path, tuple[int, int]]:
        try:
            return {} if self._data is None else dict(_Places(self._page).find_all(self._data))
        except _FAILURES:
            return {}

    def __getitem__(self, path: Path) -> tuple[int, int]:
        return self._found[path]

    def __iter__(self) -> Iterator[Path]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)


_Entries = dict[str | int, tuple[Any, Any]]


def _is_merge(node: Any) -> bool:
    return str(node.tag) == _TAG + "merge"


def _is_json(value: Any) -> bool:
    """Whether JSON can hold this scalar."""
    if isinstance(value, float):
        return math.isfinite(value)
    return not isinstance(value, int) or value.bit_length() <= MAX_BITS
