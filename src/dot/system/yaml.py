"""YAML files, read the way dbt reads them (YAML 1.1), with the place of everything in them."""

import io
import math
import re
from functools import reduce
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.reader import ReaderError
from ruamel.yaml.representer import SafeRepresenter
from ruamel.yaml.resolver import VersionedResolver

from dot.core.source import Path, Source
from dot.errors import Location, Problem

MAX_NODES = 100_000
"""More than any real file has; stops a few lines of nested aliases from filling the memory."""

MAX_BITS = 10_000
"""A whole number of more bits than this cannot be written as JSON text."""

_LINE_BREAK = re.compile(r"\r\n|\r|\n")
_TAG = "tag:yaml.org,2002:"
_BOOL = {"yes": True, "true": True, "on": True, "no": False, "false": False, "off": False}
_BASES = {"0b": 2, "0x": 16}

# What a plain scalar is to dbt, which reads with PyYAML: narrower than YAML 1.1, and than ruamel. By first letters.
_PLAIN = (
    ("bool", r"(?:yes|no|true|false|on|off|[YNTF](?:es|o|rue|alse)|O(?:n|ff)|YES|NO|TRUE|FALSE|ON|OFF)", "yYnNtTfFoO"),
    (
        "float",
        (
            r"[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+][0-9]+)?|\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?"
            r"|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)"
        ),
        "-+0123456789.",
    ),
    (
        "int",
        (
            r"[-+]?0b[0-1_]+|[-+]?0[0-7_]+|[-+]?(?:0|[1-9][0-9_]*)|[-+]?0x[0-9a-fA-F_]+"
            r"|[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+"
        ),
        "-+0123456789",
    ),
    (
        "timestamp",
        (
            r"[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{4}-[0-9][0-9]?-[0-9][0-9]?(?:[Tt]|[ \t]+)[0-9][0-9]?:[0-9]{2}:[0-9]{2}"
            r"(?:\.[0-9]*)?(?:[ \t]*(?:Z|[-+][0-9][0-9]?(?::[0-9]{2})?))?"
        ),
        "0123456789",
    ),
    ("merge", "<<", "<"),
    ("value", "=", "="),
    ("null", "~|null|Null|NULL|", "~nN\0"),
)
_RESOLVERS: dict[str, list[tuple[str, re.Pattern[str]]]] = {}
for _name, _pattern, _letters in _PLAIN:
    for _letter in _letters:
        _RESOLVERS.setdefault(_letter.strip("\0"), []).append((_TAG + _name, re.compile(rf"(?:{_pattern})\Z")))


class _Resolver(VersionedResolver):
    """Gives plain scalars the tags that PyYAML gives them."""

    @property
    def versioned_resolver(self) -> dict[str, list[tuple[str, re.Pattern[str]]]]:
        return _RESOLVERS


class _Representer(SafeRepresenter):
    """Writes texts and numbers so that YAML 1.1 and 1.2 both read them as what they are."""


def _represent_text(representer: SafeRepresenter, text: str) -> ScalarNode:
    is_plain = text.isprintable() or text.replace("\n", "").isprintable()
    return representer.represent_scalar(_TAG + "str", text, style=None if is_plain else '"')


def _represent_float(representer: SafeRepresenter, number: float) -> ScalarNode:
    text = repr(number)
    mantissa, e, exponent = text.partition("e")
    return representer.represent_scalar(_TAG + "float", text if "." in mantissa else f"{mantissa}.0{e}{exponent}")


_Representer.add_representer(str, _represent_text)
_Representer.add_representer(float, _represent_float)


def load_source(text: str, name: str) -> Source:
    """The file's data and positions. What is wrong with it (syntax, duplicate keys, …) stands in `problems`."""
    lines = _split_lines(text)
    try:
        root = _parser().compose(text)
    except (YAMLError, ValueError, RecursionError) as error:
        reason, (line, column) = _explain(error, text)
        location = Location(name, line, column, (line and lines[line - 1]) or None)
        return Source(name, None, lines, {}, (Problem(f"invalid YAML: {reason}", location),))
    reader = _Reader(name, lines)
    data = None if root is None else reader.read(root, ())
    return Source(name, data, lines, reader.positions, tuple(reader.problems))


def _split_lines(text: str) -> tuple[str, ...]:
    """The lines as the parser and editors count them; `str.splitlines` knows more line breaks."""
    return tuple(_LINE_BREAK.split(text.removeprefix("\ufeff")))


def _explain(error: Exception, text: str) -> tuple[str, tuple[int | None, int | None]]:
    """Why this is no YAML, with line and column: where something began of which the end is missing."""
    if isinstance(error, MarkedYAMLError):
        reason, mark = str(error.problem), error.problem_mark or error.context_mark
        if mark and mark.index >= len(text) and error.context_mark:
            mark = error.context_mark
        if reason.startswith("but "):
            reason = f"{error.context}, {reason}"
        return reason, (mark.line + 1, mark.column + 1) if mark else (None, None)
    if isinstance(error, ReaderError):
        before = _split_lines(text[: error.position])
        return f"the character U+{error.character:04X} is not allowed", (len(before), len(before[-1]) + 1)
    return "it nests too deeply" if isinstance(error, RecursionError) else str(error).splitlines()[0], (None, None)


def dump(data: Any) -> str:
    """Block YAML that reads back as the same data in YAML 1.1 and 1.2."""
    writer = YAML(typ="safe", pure=True)
    writer.version = (1, 1)  # pyrefly: ignore
    writer.Representer = _Representer
    writer.Resolver = _Resolver
    writer.default_flow_style = False
    writer.width = 10**6
    writer.allow_unicode = True
    stream = io.StringIO()
    writer.dump(data, stream)
    return stream.getvalue().removeprefix("%YAML 1.1\n---\n")


def _parser() -> YAML:
    parser = YAML(typ="safe", pure=True)
    parser.version = (1, 1)  # pyrefly: ignore
    parser.Resolver = _Resolver
    parser.composer.warn_double_anchors = False  # pyrefly: ignore
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
        found = self._read_merged(node, path)
        first: dict[str, int] = {}
        for key_node, value_node in node.value:
            key = self._read_key(key_node)
            if key is None:
                continue
            if key in first:
                self._report(key_node, f"duplicate key `{key}`, first used in line {first[key]}")
            first.setdefault(key, key_node.start_mark.line + 1)
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

    def _read_scalar(self, node: ScalarNode) -> Any:
        text, tag = str(node.value), str(node.tag).removeprefix(_TAG)
        try:
            value = _construct(tag, text)
        except (ValueError, IndexError):
            self._report(node, f"`{text}` is no number", "put it in quotes")
            return text
        if tag not in _TAGS:
            self._report(node, f"the YAML tag `{node.tag}` is not supported")
        if not _is_json(value):
            shown = text.encode("ascii", "backslashreplace").decode()[:40]
            self._report(node, f"`{shown}` has no equal in JSON, which is how dbt gets its values")
            return "" if isinstance(value, str) else 0
        return value

    def _report(self, node: Node, message: str, hint: str | None = None) -> None:
        line, column = node.start_mark.line + 1, node.start_mark.column + 1
        text = self.lines[line - 1] if line <= len(self.lines) else None
        self.problems.append(Problem(message, Location(self.name, line, column, text), hint=hint))


_TAGS = ("null", "bool", "int", "float", "str", "timestamp")


def _construct(tag: str, text: str) -> Any:
    """The value of a scalar, a date being the text that it is. Raises `ValueError`."""
    if tag == "null":
        return None
    if tag == "bool":
        return _BOOL.get(text.lower(), text)
    if tag == "int":
        return _construct_int(text.replace("_", "").lower())
    return _construct_float(text.replace("_", "").lower()) if tag == "float" else text


def _construct_int(text: str) -> int:
    """A whole number of YAML 1.1, which counts in sixties too: `1:30` is ninety."""
    sign, digits = -1 if text[0] == "-" else 1, text.lstrip("+-")
    if ":" in digits:
        return sign * reduce(lambda total, part: total * 60 + int(part), digits.split(":"), 0)
    if digits[:2] in _BASES:
        return sign * int(digits[2:], _BASES[digits[:2]])
    return sign * int(digits, 8 if digits.startswith("0") and len(digits) > 1 else 10)


def _construct_float(text: str) -> float:
    sign, digits = -1.0 if text[0] == "-" else 1.0, text.lstrip("+-")
    if ":" in digits:
        return sign * sum(float(part) * 60**power for power, part in enumerate(reversed(digits.split(":"))))
    return sign * float(digits.lstrip(".") if digits in (".inf", ".nan") else digits)


def _is_json(value: Any) -> bool:
    """Whether JSON can hold this scalar."""
    if isinstance(value, str):
        return not any("\ud800" <= letter <= "\udfff" for letter in value)
    if isinstance(value, float):
        return math.isfinite(value)
    return not isinstance(value, int) or value.bit_length() <= MAX_BITS


def _is_merge(node: Node) -> bool:
    return isinstance(node, ScalarNode) and str(node.tag) == _TAG + "merge"
