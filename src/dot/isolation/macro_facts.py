"""Facts about macros, such as a change, which hold for every macro and node that calls them too."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Generic, TypeVar

from dot.dbt.jinja_text import Mentions, read_nested_mentions
from dot.dbt.manifest import Manifest, Node
from dot.isolation.dbts_own import list_materializations
from dot.isolation.macro_calls import Calls, list_called_names

_Fact = TypeVar("_Fact")

_WORD = re.compile(r"\w+")


class MacroFacts(Generic[_Fact]):
    """Facts about the macros of one manifest, passed on from each macro to everything that calls it.

    `own` has the facts of each macro by its unique id, every fact under a name of its own.
    """

    def __init__(self, manifest: Manifest, own: Mapping[str, dict[str, _Fact]]) -> None:
        self._manifest, self._calls = manifest, Calls(manifest)
        self._of: dict[str, dict[str, _Fact]] = {}
        for unique_id, facts in own.items():
            for caller in find_reached([unique_id], self._calls.list_callers) if facts else ():
                self._of[caller] = self._of.get(caller, {}) | facts
        self._named: dict[str, list[str]] = {}
        for unique_id in self._of.keys() & manifest.macros.keys():
            for name in list_called_names(manifest.macros[unique_id]):
                self._named.setdefault(name, []).append(unique_id)
        self._writers = list_materializations(manifest, manifest.metadata.adapter_type) if self._of else {}

    def find(self, node: Node) -> dict[str, _Fact]:
        """The facts of every macro that a node may call, directly or through others."""
        found: dict[str, _Fact] = {}
        for macro in self._list_macros(node) if self._of else ():
            found |= self._of.get(macro, {})
        return found

    def _list_macros(self, node: Node) -> Iterator[str]:
        yield from node.depends_on.macros
        if node.resource_type != "test":
            yield from self._writers.get(node.config.materialized or "", ())
        mentions = read_node(node, self._named.keys()) | _read_strategies(node)
        possible = mentions.names | {name for _, name in mentions.members} | mentions.texts
        for unique_id in {macro for name in possible for macro in self._named.get(name, ())}:
            if self._calls.may_mean(mentions, node.package_name, self._manifest.macros[unique_id]):
                yield unique_id


def read_node(node: Node, interesting: Iterable[str]) -> Mentions:
    """What the texts of a node mention; only texts that hold one of these words are read."""
    words = frozenset(interesting)
    found = Mentions()
    for text in list_texts(node):
        if not words.isdisjoint(_WORD.findall(text)):
            found |= read_nested_mentions(text)
    return found


def list_texts(node: Node) -> Iterator[str]:
    """Everything of a node in which Jinja may stand."""
    if node.raw_code and node.language != "python":
        yield node.raw_code
    arguments = node.test_metadata.kwargs if node.test_metadata else None
    yield from find_strings((node.unrendered_config, node.config.settings(), arguments))


def find_strings(value: Any) -> Iterator[str]:
    """Every text in a value of JSON."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        yield from find_strings(tuple(value.values()))
    elif isinstance(value, list | tuple):
        for item in value:
            yield from find_strings(item)


def _read_strategies(node: Node) -> Mentions:
    """The macros that dbt looks up by the name of a strategy."""
    settings = node.config.model_extra or {}
    names = (
        f"get_incremental_{settings.get('incremental_strategy')}_sql",
        f"snapshot_{settings.get('strategy')}_strategy",
    )
    return Mentions(frozenset(names))


def find_reached(starts: Iterable[str], edges: Callable[[str], Iterable[str]]) -> set[str]:
    """Everything that the edges lead to from these starts, which are among it."""
    reached = set(starts)
    open_ends = list(reached)
    while open_ends:
        more = set(edges(open_ends.pop())) - reached
        reached |= more
        open_ends += more
    return reached
