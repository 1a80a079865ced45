"""Nodes that were renamed: removed under one name, and added with the same content under another."""

import json
from collections.abc import Mapping

from dot.dbt.manifest import Node
from dot.diff.code.node_changes import body, find_changes, without_config
from dot.diff.code.side import CodeSide, Pair, Sides

_Nodes = Mapping[str, Node]


def find_renames(sides: Sides, removed: _Nodes, added: _Nodes) -> dict[str, str]:
    """Matches removed to added nodes of identical, unique content: unique ids in head by those in base."""
    # Once more for tests, whose names follow those of what they test.
    return _match(sides, removed, added, _match(sides, removed, added, {}))


def _match(sides: Sides, removed: _Nodes, added: _Nodes, renamed: Mapping[str, str]) -> dict[str, str]:
    before = _index_by_unique_content(sides[0], removed, renamed)
    after = _index_by_unique_content(sides[1], added, {})
    pairs = {
        before[content]: Pair(before[content], after[content], removed[before[content]], added[after[content]])
        for content in before.keys() & after.keys()
    }
    is_same = {old: not any(found.changes_rows for found in find_changes(pair, sides)) for old, pair in pairs.items()}
    return {old: pair.head_id for old, pair in pairs.items() if is_same[old]}


def _index_by_unique_content(side: CodeSide, nodes: _Nodes, renamed: Mapping[str, str]) -> dict[str, str]:
    """The unique ids of nodes by their content, without the nodes that share theirs with another."""
    found: dict[str, list[str]] = {}
    for unique_id, node in nodes.items():
        if content := _content(side, unique_id, node):
            reads = sorted(renamed.get(parent, parent) for parent in node.depends_on.nodes)
            found.setdefault(json.dumps([node.resource_type, content, reads]), []).append(unique_id)
    return {content: ids[0] for content, ids in found.items() if len(ids) == 1}


def _content(side: CodeSide, unique_id: str, node: Node) -> str:
    if node.resource_type == "seed":
        return side.seeds.get(unique_id) or str(node.checksum)
    if not node.test_metadata:
        return body(node)
    arguments = {name: value for name, value in node.test_metadata.kwargs.items() if name != "model"}
    return without_config(body(node)) + json.dumps(arguments, sort_keys=True)
