"""What a comparison says in a few words, the same in every form in which it is shown."""

import json
from collections import Counter
from collections.abc import Callable, Mapping

from dot.core.diff import CodeKind, DataDiff, DiffReport, NodeDiff, SchemaDiff, ValueDiff
from dot.core.diff_report import RELATIONS
from dot.core.model import FrozenJson, thaw
from dot.core.text_diff import render_count

CODE: Mapping[CodeKind, str] = {
    "changed": "changed",
    "renamed": "renamed",
    "parent": "parent",
    "added": "new",
    "removed": "removed",
    "same": "same",
}
"""A word for what happened to a node's code; in this order nodes are listed."""

TAGS: Mapping[str, str] = {
    "changed": "changed",
    "renamed": "renamed",
    "parent": "through a parent",
    "added": "new",
    "removed": "removed",
    "different": "with different data",
    "unexplained": "unexplained",
    "missing": "missing in the warehouse",
    "failed": "failed to compare",
    "not_compared": "not compared",
}
"""What nodes are counted and filtered by. A node may have several tags; one about which nothing differs has none."""

PARTS: Mapping[str, str] = {
    "sql": "SQL",
    "configuration": "Configuration",
    "columns": "Declared columns",
    "macro": "Macro",
    "seed": "Seed",
    "file": "File",
}
"""The parts of a node, as titles."""

_NAMES = 3
"""How many columns are named before the others are counted."""


def sort_nodes(report: DiffReport) -> tuple[NodeDiff, ...]:
    """The nodes by what happened to their code, then by unique id."""
    order = tuple(CODE)
    return tuple(sorted(report.nodes, key=lambda node: (order.index(node.code), node.unique_id)))


def tag_node(node: NodeDiff) -> tuple[str, ...]:
    """The tags of a node, in the order of `TAGS`."""
    found = {node.code, node.data and node.data.status, node.unexplained and "unexplained"}
    return tuple(tag for tag in TAGS if tag in found and (tag != "missing" or is_missed(node)))


def is_missed(node: NodeDiff) -> bool:
    """Whether a relation is missing that should be there: of any other nothing is said."""
    return bool(node.data and node.data.status == "missing" and node.data.message)


def is_quiet(node: NodeDiff) -> bool:
    """Whether only something above the node changed, and nothing in the warehouse."""
    is_equal = node.data is not None and node.data.status == "equal"
    return node.code == "parent" and is_equal and (node.columns is None or node.columns.is_empty)


def is_affected(node: NodeDiff) -> bool:
    """Whether anything about the node differs, or may: it is not enough that there was no time for it."""
    return bool(set(tag_node(node)) - {"not_compared"})


def count_tags(report: DiffReport) -> Mapping[str, int]:
    """How many nodes have each tag, and under `unchanged` how many have none; those not compared need no node."""
    tags = [tag_node(node) for node in report.nodes]
    counts = Counter(tag for found in tags for tag in found)
    counts["not_compared"] = len(report.not_compared)
    return {**{tag: counts[tag] for tag in TAGS}, "unchanged": report.unchanged + tags.count(())}


def select_relations(report: DiffReport) -> DiffReport:
    """The report without what has no rows of its own, such as tests."""
    return report.model_copy(update={"nodes": tuple(node for node in report.nodes if node.resource_type in RELATIONS)})


def render_affected(report: DiffReport) -> str:
    """`6 of 42 models affected`, seeds and snapshots among them."""
    nodes = select_relations(report).nodes
    affected = sum(is_affected(node) for node in nodes)
    return f"{affected:,} of {render_count(len(nodes) + report.unchanged, 'model')} affected"


def render_counts(report: DiffReport) -> str:
    """`1 changed, 3 through a parent, 1 new`, of what is a relation; nothing where there is nothing."""
    counts = count_tags(select_relations(report))
    return ", ".join(f"{counts[tag]:,} {word}" for tag, word in TAGS.items() if counts[tag])


def render_others(report: DiffReport, render: Callable[[str], str] = str) -> str:
    """`changed source raw.orders, 5 new tests`: what is no relation; nothing where there is nothing."""
    found: dict[str, list[str]] = {}
    for node in sort_nodes(report):
        if node.resource_type not in RELATIONS and is_affected(node):
            label = f"{CODE[node.code]} {render(node.resource_type.replace('_', ' '))}"
            found.setdefault(label, []).append(render(node.name))
    return ", ".join(_count_names(label, names) for label, names in found.items())


def _count_names(label: str, names: list[str]) -> str:
    return f"{label} {names[0]}" if len(names) == 1 else render_count(len(names), label)


def render_rows(data: DataDiff | None) -> str:
    """`730 → 731`, or `12 rows` where one side alone has any; nothing where nobody counted."""
    if data is None:
        return ""
    known = [count for count in (data.rows_base, data.rows_head) if count is not None]
    if len(known) == 1:
        return render_count(known[0], "row")
    return " → ".join(f"{count:,}" for count in known)


def render_columns(node: NodeDiff) -> str:
    """`=`, or `+ net · amount: integer → decimal`; for a node that is new or gone, how many it has."""
    schema = node.columns
    if schema is None:
        return ""
    if node.code in {"added", "removed"}:
        count = len(schema.added) + len(schema.removed)
        return render_count(count, "column") if count else ""
    return "=" if schema.is_empty else " · ".join(_column_changes(schema))


def _column_changes(schema: SchemaDiff) -> list[str]:
    added = [f"+ {_some([column.name for column in schema.added])}"] if schema.added else []
    removed = [f"− {_some([column.name for column in schema.removed])}"] if schema.removed else []
    retyped = [f"{change.name}: {change.base.type} → {change.head.type}" for change in schema.retyped]
    nullability = [f"{change.name}: {_null(change.head.is_nullable)}" for change in schema.nullability]
    others = len(retyped) + len(nullability) - _NAMES
    more = [f"{others:,} more"] if others > 0 else []
    order = ["other order"] if schema.is_reordered else []
    return [*added, *removed, *(retyped + nullability)[:_NAMES], *more, *order]


def _some(names: list[str]) -> str:
    others = len(names) - _NAMES
    return ", ".join([*names[:_NAMES], *([f"{others:,} more"] if others > 0 else [])])


def _null(is_nullable: bool | None) -> str:  # noqa: FBT001 - it is the value itself
    return "may be null now" if is_nullable else "never null now"


def render_values(data: DataDiff | None) -> str:
    """`=`, or `1 added · net: 212 changed (29.0 %)`; or why there is nothing to say."""
    if data is None:
        return ""
    if data.status == "missing":
        return data.message or ""
    plain = {"equal": "=", "not_compared": "not compared", "failed": "failed"}
    return plain.get(data.status) or " · ".join(_value_changes(data)) or "different"


def _value_changes(data: DataDiff) -> list[str]:
    counts = ((data.added, "added"), (data.removed, "removed"), (None if data.columns else data.changed, "changed"))
    columns = [column for column in sort_columns(data) if column.changed]
    changed = [f"{column.name}: {column.changed:,} changed{_share(column, data)}" for column in columns]
    others = len(changed) - (_NAMES - 1)
    more = [f"{render_count(others, 'more column')}"] if others > 0 else []
    return [*(f"{count:,} {word}" for count, word in counts if count), *changed[: _NAMES - 1], *more]


def sort_columns(data: DataDiff) -> list[ValueDiff]:
    """The columns in which values differ, the one with the most first."""
    return sorted(data.columns, key=lambda column: (-column.changed, column.name))


def _share(column: ValueDiff, data: DataDiff) -> str:
    rows = count_common(data)
    return f" ({render_percent(column.changed, rows)})" if rows else ""


def count_common(data: DataDiff) -> int | None:
    """How many rows are on both sides, as far as it is known."""
    return None if data.rows_base is None or data.removed is None else data.rows_base - data.removed


def render_percent(part: int, whole: int) -> str:
    """`1.0 %`; neither 0 nor 100 for what is nearly so."""
    percent = 100 * part / whole
    if 0 < percent < 0.1:  # noqa: PLR2004
        return "< 0.1 %"
    return "> 99.9 %" if 99.9 < percent < 100 else f"{percent:.1f} %"  # noqa: PLR2004


def render_value(value: FrozenJson) -> str | None:
    """A value of a row as text; None, which is no text, for null."""
    if value is None or isinstance(value, str):
        return value
    return json.dumps(thaw(value), ensure_ascii=False)
