"""What is true of a macro is true of whatever calls it."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Generic, TypeVar

from dot.dbt.jinja_text import Mentions, read_nested_mentions
from dot.dbt.manifest import Manifest, Node
from dot.isolation.dbts_own import list_materializations
from dot.isolation.macro_calls import Calls, list_names

_Fact = TypeVar("_Fact")

_WORD = re.compile(r"\w+")


class Spread(Generic[_Fact]):
    """Facts about macros of one manifest, each by a name of its own, carried on to all that calls these macros."""

    def __init__(self, manifest: Manifest, own: Mapping[str, dict[str, _Fact]]) -> None:
        self._manifest, self._calls = manifest, Calls(manifest)
        self._of: dict[str, dict[str, _Fact]] = {}
        for unique_id, facts in own.items():
            for caller in find_reached([unique_id], self._calls.callers) if facts else ():
                self._of[caller] = self._of.get(caller, {}) | facts
        self._named: dict[str, list[str]] = {}
        for unique_id in self._of.keys() & manifest.macros.keys():
            for name in list_names(manifest.macros[unique_id]):
                self._named.setdefault(name, []).append(unique_id)
        self._writers = list_materializations(manifest, manifest.metadata.adapter_type) if self._of else {}

    def find(self, node: Node) -> dict[str, _Fact]:
        """The facts about whatever macros a node depends on."""
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
            if self._calls.means(mentions, node.package_name, self._manifest.macros[unique_id]):
                yield unique_id


def read_node(node: Node, interesting: Iterable[str]) -> Mentions:
    """What the texts of a node mention, as far as one of these words stands in them."""
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
    """Everything that can be reached from there, and the starts themselves."""
    reached = set(starts)
    open_ends = list(reached)
    while open_ends:
        news = set(edges(open_ends.pop())) - reached
        reached |= news
        open_ends += news
    return reached
