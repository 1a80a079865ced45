"""YAML files, read the way dbt reads them (YAML 1.1), with the place of everything in them."""

import io
import re
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.constructor import SafeConstructor
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from dot.core.source import Path, Source
from dot.errors import Location, Problem

MAX_NODES = 100_000
"""More than any real file has; stops a few lines of nested aliases from filling the memory."""

_TAG = "tag:yaml.org,2002:"
# PyYAML, which dbt uses, is narrower than YAML 1.1 and than ruamel here: `y`, `n` and `1e3` are texts.
_BOOL = {"yes": True, "true": True, "on": True, "no": False, "false": False, "off": False}
_FLOAT = re.compile(
    r"[-+]?([0-9][0-9_]*\.[0-9_]*([eE][-+][0-9]+)?|\.[0-9][0-9_]*([eE][-+][0-9]+)?|[0-9][0-9_]*(:[0-5]?[0-9])+\.[0-9_]*)\Z"
)


def load_source(text: str, name: str) -> Source:
    """The file's data and positions. What is wrong with it (syntax, duplicate keys, …) stands in `problems`."""
    lines = tuple(text.splitlines())
    try:
        root = _parser().compose(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else None
        shown = lines[line - 1] if line and line <= len(lines) else None
        location = Location(name, line, mark.column + 1 if mark else None, shown)
        reason = f": {error.problem}" if error.problem else ""
        return Source(name, None, lines, {}, (Problem(f"invalid YAML{reason}", location),))
    except (YAMLError, ValueError) as error:
        reason = str(error).splitlines()[0]
        return Source(name, None, lines, {}, (Problem(f"invalid YAML: {reason}", Location(name)),))
    reader = _Reader(name, lines)
    data = None if root is None else reader.read(root, ())
    return Source(name, data, lines, reader.positions, tuple(reader.problems))


def dump(data: Any) -> str:
    """Block YAML that reads back as the same data in YAML 1.1 and 1.2."""
    writer = YAML(typ="safe", pure=True)
    writer.version = (1, 1)  # pyrefly: ignore
    writer.default_flow_style = False
    writer.width = 10**6
    writer.allow_unicode = True
    stream = io.StringIO()
    writer.dump(data, stream)
    return stream.getvalue().removeprefix("%YAML 1.1\n---\n")


def _parser() -> YAML:
    parser = YAML(typ="safe", pure=True)
    parser.version = (1, 1)  # pyrefly: ignore
    return parser


class _Reader:
    """Turns YAML nodes into plain data, collecting positions and every problem on the way."""

    def __init__(self, name: str, lines: tuple[str, ...]) -> None:
        self.name = name
        self.lines = lines
        self.positions: dict[Path, tuple[int, int]] = {}
        self.problems: list[Problem] = []
        self._seen = 0
        self._open: set[int] = set()
        self._scalars = SafeConstructor(loader=_parser())

    def read(self, node: Node, path: Path) -> Any:
        self._seen += 1
        if self._seen == MAX_NODES:
            self._report(node, f"more than {MAX_NODES:,} values (counting every use of an alias)")
        if self._seen >= MAX_NODES:
            return None
        if id(node) in self._open:
            self._report(node, "an alias refers to what contains it")
            return None
        self.positions.setdefault(path, (node.start_mark.line + 1, node.start_mark.column + 1))
        self._open.add(id(node))
        try:
            return self._read_kind(node, path)
        finally:
            self._open.discard(id(node))

    def _read_kind(self, node: Node, path: Path) -> Any:
        if isinstance(node, MappingNode):
            return self._read_mapping(node, path)
        if isinstance(node, SequenceNode):
            return [self.read(item, (*path, index)) for index, item in enumerate(node.value)]
        return self._read_scalar(node)

    def _read_mapping(self, node: MappingNode, path: Path) -> dict[str, Any]:
        found = self._read_merged(node, path)
        own: set[str] = set()
        for key_node, value_node in node.value:
            key = self._read_key(key_node)
            if key is None:
                continue
            if key in own:
                line = self.positions[(*path, key)][0]
                self._report(key_node, f"duplicate key `{key}`, first used in line {line}")
            own.add(key)
            self.positions[(*path, key)] = (key_node.start_mark.line + 1, key_node.start_mark.column + 1)
            found[key] = self.read(value_node, (*path, key))
        return found

    def _read_merged(self, node: MappingNode, path: Path) -> dict[str, Any]:
        """What `<<` brings in: an earlier mapping is stronger than a later one."""
        found: dict[str, Any] = {}
        for value_node in (value for key, value in node.value if _is_merge(key)):
            sources = value_node.value if isinstance(value_node, SequenceNode) else [value_node]
            for source in reversed(sources):
                if isinstance(source, MappingNode):
                    found |= self.read(source, path) or {}
                else:
                    self._report(value_node, "`<<` needs a mapping or a list of mappings")
        return found

    def _read_key(self, node: Node) -> str | None:
        if _is_merge(node):
            return None
        key = self._read_scalar(node) if isinstance(node, ScalarNode) else None
        if not isinstance(key, str):
            shown = f"`{node.value}`" if isinstance(node, ScalarNode) else "a list or mapping"
            self._report(node, f"{shown} is used as a key, but keys must be texts", "put it in quotes")
            return None
        return key

    def _read_scalar(self, node: Node) -> Any:
        text, tag = node.value, str(node.tag).removeprefix(_TAG)
        if tag == "null":
            return None
        if tag == "bool":
            return _BOOL.get(text.lower(), text)
        if tag == "int":
            return self._construct_int(node)
        if tag == "float":
            return self._construct_float(node)
        if tag not in ("str", "timestamp", "value"):
            self._report(node, f"the YAML tag `{node.tag}` is not supported")
        return text

    def _construct_int(self, node: Node) -> int | str:
        try:
            return self._scalars.construct_yaml_int(node)
        except ValueError:
            self._report(node, f"`{node.value}` is no number", "put it in quotes")
            return node.value

    def _construct_float(self, node: Node) -> float | str:
        if node.value.lstrip("+-").lower() in (".inf", ".nan"):
            self._report(node, f"`{node.value}` has no equal in JSON, which is how dbt gets its values")
            return 0.0
        return self._scalars.construct_yaml_float(node) if _FLOAT.match(node.value) else node.value

    def _report(self, node: Node, message: str, hint: str | None = None) -> None:
        line, column = node.start_mark.line + 1, node.start_mark.column + 1
        text = self.lines[line - 1] if line <= len(self.lines) else None
        self.problems.append(Problem(message, Location(self.name, line, column, text), hint=hint))


def _is_merge(node: Node) -> bool:
    return isinstance(node, ScalarNode) and str(node.tag) == _TAG + "merge"
