"""Nodes with the same code on both sides whose rows may differ all the same, and why.

A build may have run something else beside them, or found other values in its environment.
"""

from collections.abc import Iterator, Mapping

from dot.dbt.jinja_text import Mentions, read_nested_mentions
from dot.dbt.manifest import Node, Source
from dot.diff.code.node_changes import find_rendered, find_rendered_source
from dot.diff.code.side import CodeSide, Sides, is_same_value
from dot.isolation.dbts_own import comes_with_dbt, list_dbts_macros
from dot.isolation.macro_facts import MacroFacts, read_node

_Doubts = dict[str, str]

_NAMES_ONLY = frozenset({"catalog", "database", "dataset", "dbname", "project", "schema", "threads", "type"})
"""What `target` holds that says where rows are, or how they are made, but not which."""

_WORDS = ("env_var", "target")


def find_doubts_of_all(sides: Sides) -> Iterator[str]:
    """Why the rows of any node may differ."""
    base, head = sides
    for name, side in (("base", base), ("head", head)):
        if side.limit:
            yield f"{name} was built with {side.limit}"
    if base.flags != head.flags:
        yield "the flags of dbt_project.yml changed"
    if list_dbts_macros(base.manifest) != list_dbts_macros(head.manifest):
        versions = (side.manifest.metadata.dbt_version for side in sides)
        yield f"dbt's own macros differ: dbt {' -> '.join(map(str, versions))}"


class OwnDoubts:
    """Why the rows of one node may differ, by what stands in it and in the macros that it calls."""

    def __init__(self, sides: Sides) -> None:
        self._sides = sides
        self._has_other_output = sides[0].output != sides[1].output
        self._facts = tuple(MacroFacts(side.manifest, self._read_macros(side)) for side in sides)

    def find(self, base: Node, head: Node) -> str | None:
        """The first reason for a node that both sides have."""
        reasons: _Doubts = {}
        for node, facts in zip((base, head), self._facts, strict=True):
            reasons |= self._list(read_node(node, _WORDS)) | facts.find(node)
        reasons |= {key: f"{key} was rendered otherwise" for key in find_rendered(base, head, self._sides)}
        return next((reasons[name] for name in sorted(reasons)), None)

    def find_source(self, base: Source, head: Source) -> str | None:
        """The reason for a source that both sides have."""
        name = f"its source {head.source_name}.{head.name}"
        if not is_same_value(self._sides, base.relation_name, head.relation_name):
            return f"{name} is {base.relation_name} -> {head.relation_name}"
        keys = sorted(find_rendered_source(base, head, self._sides))
        return f"{keys[0]} of {name} was rendered otherwise" if keys else None

    def _read_macros(self, side: CodeSide) -> Mapping[str, _Doubts]:
        return {
            unique_id: self._list(read_nested_mentions(macro.macro_sql))
            for unique_id, macro in side.manifest.macros.items()
            if not comes_with_dbt(macro.package_name, side.manifest) and any(word in macro.macro_sql for word in _WORDS)
        }

    def _list(self, mentions: Mentions) -> _Doubts:
        own = {str(name) for name in mentions.env_variables if not str(name).startswith("DOT_")}
        found = {f"env_var {name}": f"uses env_var() of {name}" if name != "None" else "uses env_var()" for name in own}
        if self._has_other_output and self._asks_for_output(mentions):
            outputs = " -> ".join(str(side.output) for side in self._sides)
            found["target"] = f"uses `target`, which is {outputs}"
        return found

    def _asks_for_output(self, mentions: Mentions) -> bool:
        """Whether more of the profile's output is asked for than where rows are."""
        attributes = {name for owner, name in mentions.members if owner == "target"}
        return "target" in mentions.names or not attributes <= _NAMES_ONLY
