"""What a text takes from outside in its Jinja, which jinja2 reads as it does for dbt, and which is never rendered.

jinja2 is slow to import, so a text is first looked through for marks of Jinja, and most have none.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache, lru_cache
from typing import Any, Literal, NamedTuple

_MARKS = re.compile(r"\{[{%#]")
_MACRO = re.compile(r"\{%[-+]?\s*macro\s+(\w+)")
_VARIABLE = re.compile(
    r"""\{\{([ ]*(?:env_)?var\([ ]*(?:'[\w.]*'|"[\w.]*")[ ]*\)[ ]*(?:\|[ ]*[a-z_]+[ ]*)*)\}\}""", re.ASCII
)
"""A text that is nothing but the value of a variable, as most Jinja in profiles is."""

_PART = re.compile(r"""'[^']*'|"[^"]*"|\w+|[(|)]""")
_WORD = re.compile(r"[^\W\d]\w*")
_QUOTED = re.compile(r"'([^'\n]*)'|\"([^\"\n]*)\"")

_SURROUNDINGS = ("context", "builtins")
"""Objects of dbt whose parts are what it gives a text by the same names."""

_METHODS = ("copy", "get", "items", "keys", "pop", "setdefault", "update", "values")
"""What such an object has by itself."""

_IMPLIED = {"For": ("loop",), "Macro": ("caller", "varargs", "kwargs"), "CallBlock": ("caller", "varargs", "kwargs")}
"""The names that blocks of Jinja define without saying so."""


def may_have_jinja(text: str) -> bool:
    """Whether something begins in the text as Jinja does; it may lack an end, and dbt refuse it."""
    return bool(_MARKS.search(text))


def has_jinja(value: object) -> bool:
    """Whether dbt would render this value, or try to."""
    if not isinstance(value, str) or not may_have_jinja(value):
        return False
    pieces = _split(value)
    return pieces is None or any(piece.kind != "text" for piece in pieces)


def list_macro_names(text: str) -> tuple[str, ...]:
    """The names of the macros that a text defines, found without jinja2; one in a comment counts, too."""
    return tuple(_MACRO.findall(text))


class JinjaPiece(NamedTuple):
    """A piece of a text from the index `start` on: `text`, which dbt leaves as it is, or a comment, output or tag.

    Of the last two, `inside` is what stands between the marks, and `words` are the words and signs of that. The tags
    around a `raw` block, in which all is text, count as comments.
    """

    kind: Literal["text", "comment", "output", "tag"]
    start: int
    text: str
    inside: str = ""
    words: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The first word, which says what a tag does."""
        return "".join(self.words[:1])


_KINDS: Mapping[str, Literal["comment", "output", "tag"]] = {
    "comment_begin": "comment",
    "variable_begin": "output",
    "block_begin": "tag",
}
_ENDS = ("comment_end", "variable_end", "block_end")
_RAW = ("raw_begin", "raw_end")


def split_jinja(text: str) -> tuple[JinjaPiece, ...]:
    """The text as Jinja takes it apart, all of it and in order; one piece for a text that Jinja cannot read."""
    pieces = _split(text) if may_have_jinja(text) else None
    return ((JinjaPiece("text", 0, text),) if text else ()) if pieces is None else pieces


def replace_jinja(text: str, replace: Callable[[JinjaPiece], str]) -> str:
    """The text with something else in place of each piece that dbt does not leave as it is."""
    return "".join(piece.text if piece.kind == "text" else replace(piece) for piece in split_jinja(text))


def strip_comments(text: str) -> str:
    """The text without comments of Jinja's; what looks like one within a text in quotes is none."""
    return "".join(piece.text for piece in split_jinja(text) if piece.kind != "comment") if "{#" in text else text


@lru_cache(maxsize=1000)
def _split(text: str) -> tuple[JinjaPiece, ...] | None:
    """The pieces of a text; None where Jinja cannot read it."""
    if found := _VARIABLE.fullmatch(text):
        return (JinjaPiece("output", 0, text, found[1], tuple(_PART.findall(found[1]))),)
    from jinja2 import TemplateError  # noqa: PLC0415 - slow to import, and most commands need none of it

    try:
        return tuple(_list_pieces(text))
    except TemplateError:
        return None


def _list_pieces(text: str) -> Iterator[JinjaPiece]:
    flat = text.replace("\r", " ")  # Jinja makes one character of a line end of two
    kind, words = _KINDS["comment_begin"], list[str]()
    start = first = place = done = 0
    for _, name, value in _make_lexer()(flat):
        sign = value.rstrip()  # the space behind an end belongs to what follows
        if name in _KINDS or name in _RAW:
            start = flat.index(sign, done)
            first = place = start + len(sign)
            kind, words = _KINDS.get(name, "comment"), []
            if start > done:
                yield JinjaPiece("text", done, text[done:start])
            done = start
        if name in _ENDS or name in _RAW:
            end = place if name in _RAW else flat.index(sign, place)
            done = end + (0 if name in _RAW else len(sign))
            yield JinjaPiece(kind, start, text[start:done], text[first:end], tuple(words))
        elif name not in (*_KINDS, "data"):  # of which Jinja takes spaces away
            place += len(value)
            words += [value] if name not in ("comment", "whitespace") else []
    if done < len(text):
        yield JinjaPiece("text", done, text[done:])


@cache
def _make_lexer() -> Callable[[str], Iterable[tuple[int, str, str]]]:
    from jinja2 import Environment  # noqa: PLC0415

    environment = Environment(cache_size=0)  # noqa: S701 - nothing is rendered
    return lambda text: environment.lexer.tokeniter(text, None)


class Mentions(NamedTuple):
    """What a text takes from outside: names that it does not define itself, whether it calls them or passes them on.

    `members` are those of objects, each below the name of what it belongs to, which is `?` where it has none; an object
    is among the `names` only where it is taken as a whole. `dispatched` are the macros that are asked for by dispatch,
    and `variables` and `env_variables` those of dbt; None is one whose name does not stand there. `texts` stand in
    quotes. A text that cannot be read may mention every word in it.
    """

    names: frozenset[str] = frozenset()
    members: frozenset[tuple[str, str]] = frozenset()
    dispatched: frozenset[str | None] = frozenset()
    texts: frozenset[str] = frozenset()
    variables: frozenset[str | None] = frozenset()
    env_variables: frozenset[str | None] = frozenset()
    is_readable: bool = True

    def __or__(self, other: "Mentions") -> "Mentions":
        return Mentions(
            self.names | other.names,
            self.members | other.members,
            self.dispatched | other.dispatched,
            self.texts | other.texts,
            self.variables | other.variables,
            self.env_variables | other.env_variables,
            self.is_readable and other.is_readable,
        )


@lru_cache(maxsize=10_000)
def read_mentions(text: str) -> Mentions:
    """What stands in the Jinja of a text; nothing of it in comments and in `raw` blocks."""
    if not may_have_jinja(text):
        return Mentions()
    from jinja2 import TemplateError  # noqa: PLC0415 - slow to import, and most commands need none of it

    reading = _Reading()
    try:
        reading.read(_make_parser()(text), frozenset())
    except (TemplateError, RecursionError):
        texts = frozenset(single or double for single, double in _QUOTED.findall(text))
        anything = frozenset({None})
        return Mentions(
            frozenset(_WORD.findall(text)), frozenset(), anything, texts, anything, anything, is_readable=False
        )
    return reading.found()


@lru_cache(maxsize=10_000)
def read_nested_mentions(text: str) -> Mentions:
    """The same, with what stands in the Jinja of its texts, as in hooks that a model's own code sets."""
    found = read_mentions(text)
    for inner in found.texts:
        found |= read_nested_mentions(inner)
    return found


@cache
def _make_parser() -> Callable[[str], Any]:
    """What parses Jinja as dbt extends it: `do`, `break`, blocks that have a name, and parameters that have a type."""
    from jinja2 import Environment, nodes  # noqa: PLC0415
    from jinja2.ext import Extension  # noqa: PLC0415
    from jinja2.parser import Parser  # noqa: PLC0415

    class Blocks(Extension):
        tags = {"materialization", "test", "data_test", "snapshot", "docs"}  # noqa: RUF012 - as Jinja has it

        def parse(self, parser: Parser) -> nodes.Node:
            tag = next(parser.stream)
            name = parser.parse_assign_target(name_only=True).name
            block = nodes.Macro(name, [], [], [], lineno=tag.lineno)
            if parser.stream.current.type == "lparen":
                parser.parse_signature(block)
            while parser.stream.current.type != "block_end":
                next(parser.stream)
            block.body = parser.parse_statements((f"name:end{tag.value}",), drop_needle=True)
            return block

    class TypedParser(Parser):
        def parse_signature(self, node: nodes.Macro | nodes.CallBlock) -> None:
            node.args, node.defaults = [], []
            self.stream.expect("lparen")
            while self.stream.current.type != "rparen":
                if node.args:
                    self.stream.expect("comma")
                node.args.append(self.parse_assign_target(name_only=True))
                if self.stream.skip_if("colon"):
                    self.parse_expression()
                if self.stream.skip_if("assign"):
                    node.defaults.append(self.parse_expression())
            self.stream.expect("rparen")

    extensions = ["jinja2.ext.do", "jinja2.ext.loopcontrols", Blocks]
    environment = Environment(extensions=extensions, cache_size=0)  # noqa: S701 - nothing is rendered
    return lambda text: TypedParser(environment, text).parse()


class _Reading:
    """What has been found in a tree so far."""

    def __init__(self) -> None:
        self.names: set[str] = set()
        self.members: set[tuple[str, str]] = set()
        self.texts: set[str] = set()
        self.asked: dict[str, set[str | None]] = {"dispatch": set(), "var": set(), "env_var": set()}

    def found(self) -> Mentions:
        asked = (frozenset(self.asked[name]) for name in ("dispatch", "var", "env_var"))
        dispatched, variables, env_variables = asked
        names, texts = frozenset(self.names), frozenset(self.texts)
        return Mentions(names, frozenset(self.members), dispatched, texts, variables, env_variables)

    def read(self, node: Any, known: frozenset[str]) -> frozenset[str]:
        """The names that the text has defined itself after a node, given those that it has `known` before."""
        match type(node).__name__:
            case "Name" | "Getattr" | "Getitem":
                self._take(node, known)
            case "Call":
                self._take(node.node, known, _first_text(node))
                self._read_all(node.iter_child_nodes(exclude=("node",)), known)
            case "Assign" | "AssignBlock":
                self._read_all(node.iter_child_nodes(exclude=("target",)), known)
                return known | _names_in([node.target])
            case "If":
                return self._read_branches(node, known)
            case "Macro" | "CallBlock" | "For" | "With" | "FilterBlock" | "Scope":
                return self._read_scope(node, known)
            case _:
                self.texts |= {text for text in (_constant(node),) if text is not None}
                return self._read_all(node.iter_child_nodes(), known)
        return known

    def _read_all(self, children: Iterable[Any], known: frozenset[str]) -> frozenset[str]:
        for child in children:
            known = self.read(child, known)
        return known

    def _read_branches(self, node: Any, known: frozenset[str]) -> frozenset[str]:
        """Read each branch by itself. After them only those names are known that every branch sets."""
        self._read_all((node.test, *(branch.test for branch in node.elif_)), known)
        bodies = (node.body, *(branch.body for branch in node.elif_), node.else_)
        return frozenset.intersection(*(self._read_all(body, known) for body in bodies))

    def _read_scope(self, node: Any, known: frozenset[str]) -> frozenset[str]:
        """What a block sets is known in it alone, but for the name of a macro."""
        is_macro = type(node).__name__ == "Macro"
        known = known | {node.name} if is_macro else known
        self._read_all(node.iter_child_nodes(only=("call", "iter", "values", "defaults")), known)
        own = _names_in(node.iter_child_nodes(only=("target", "targets", "args")))
        inside = known.union(own, _IMPLIED.get(type(node).__name__, ()))
        self._read_all(node.iter_child_nodes(only=("filter", "test", "body", "else_")), inside)
        return known

    def _take(self, node: Any, known: frozenset[str], given: str | None = None) -> None:
        """A name, or a member of something; `given` is the text with which it is called, if there is one."""
        name, member = _outer_name(node, known), _member(node)
        if name is not None:
            self.names.add(name)
        elif member is not None:
            name = member if member == "dispatch" else _outer_name(node.node, known)
            self._take_member(node.node, member, known)
        elif not _is_name(node):
            self._read_all(node.iter_child_nodes() if _is_part(node) else (node,), known)
        if name in self.asked:
            self.asked[name].add(given)

    def _take_member(self, owner: Any, member: str, known: frozenset[str]) -> None:
        """Something of an owner, which is looked at by itself unless it is a name."""
        name = _outer_name(owner, known) or (owner.name if _is_name(owner) else _member(owner))
        self.members.add((name or "?", member))
        if name in _SURROUNDINGS:
            self.names.add(name)
        elif not _is_name(owner) and _outer_name(owner, known) is None:
            self.read(owner, known)


def _is_name(node: Any) -> bool:
    return type(node).__name__ == "Name"


def _is_part(node: Any) -> bool:
    return type(node).__name__ in ("Getattr", "Getitem")


def _outer_name(node: Any, known: frozenset[str]) -> str | None:
    """What a node means by one name from outside: that name, or a part of the surroundings."""
    if _is_name(node):
        return None if node.name in known else node.name
    member = _member(node)
    is_surrounding = member is not None and _outer_name(node.node, known) in _SURROUNDINGS
    return member if is_surrounding and member not in _METHODS else None


def _member(node: Any) -> str | None:
    """What a node takes of another one, where that is not computed."""
    if not _is_part(node):
        return None
    return node.attr if type(node).__name__ == "Getattr" else _constant(node.arg)


def _constant(node: Any) -> str | None:
    value = node.value if type(node).__name__ == "Const" else None
    return value if isinstance(value, str) else None


def _first_text(call: Any) -> str | None:
    named = (*call.args[:1], *(pair.value for pair in call.kwargs if pair.key == "macro_name"))
    return _constant(named[0]) if named else None


def _names_in(targets: Iterable[Any]) -> frozenset[str]:
    """The names that stand in what is assigned to."""
    return frozenset(
        name for node in targets for name in ([node.name] if _is_name(node) else _names_in(node.iter_child_nodes()))
    )
