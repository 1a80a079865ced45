"""What a comparison says in a few words, the same in every form in which it is shown."""

import json
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC
from typing import Literal

from dot.base.frozen import FrozenJson, thaw
from dot.base.text_diff import render_count
from dot.base.wording import list_some, parse_moment
from dot.diff.assemble import RELATIONS
from dot.diff.report import CodeKind, Column, DataDiff, DiffReport, NodeDiff, Sample, SchemaDiff, Side, ValueDiff

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
    "not_proven": "not proven",
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

HEADINGS = ("Name", "Code", "Rows", "Columns", "Values")
"""What is told of every node, as titles."""

SAMPLES = "Sample rows"
"""The title of the rows that differ."""

EQUAL = "="
"""What stands for columns or values of which none differs."""

NULL, EMPTY = "null", "empty"
"""What is told instead of a value that has no text."""

UNEXPLAINED = "differs although nothing above it changed"
"""What is told of data for which no reason is known in the code."""

REORDERED = "the columns stand in another order"

_NO_KEY = "no key tells rows apart, so a changed row counts as one removed and one added"

EXPOSURE = "exposure"
"""The kind of what people see in the end, such as a dashboard."""

_DBTS_OWN = frozenset({"dbt_scd_id", "dbt_updated_at", "dbt_valid_from", "dbt_valid_to", "dbt_is_deleted"})
"""Columns that dbt adds to a snapshot, which change with any other."""

_OTHERWISE: Mapping[str, str] = {"warn": "warned", "skipped": "skipped"}
"""Results of tests that neither passed nor failed."""

_NULLABLE: Mapping[bool | None, str] = {True: "may be null", False: "never null", None: "unknown"}

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


def is_changed_above_only(node: NodeDiff) -> bool:
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
    """`6 of 42 models, 1 of 3 seeds affected`; of seeds and snapshots nothing where none of them is."""
    counted = [(kind, *_count_affected(report, kind)) for kind in RELATIONS]
    said = [one for one in counted if one[1]] or counted[:1]
    return f"{', '.join(f'{affected:,} of {render_count(total, kind)}' for kind, affected, total in said)} affected"


def _count_affected(report: DiffReport, kind: str) -> tuple[int, int]:
    """How many of a kind are affected, and how many there are."""
    nodes = [node for node in report.nodes if node.resource_type == kind]
    affected = sum(is_affected(node) for node in nodes)
    unchanged = report.unchanged_kinds.get(kind, 0)
    return affected, len(nodes) + (unchanged if isinstance(unchanged, int) else 0)


def list_exposures(report: DiffReport) -> list[tuple[NodeDiff, tuple[str, ...]]]:
    """The exposures that are reached, each with the names of what reaches it; first those whose data may differ."""
    nodes = {node.unique_id: node for node in report.nodes}
    found = [
        (node, [nodes[parent] for parent in node.parents if parent in nodes])
        for node in sort_nodes(report)
        if node.resource_type == EXPOSURE
    ]
    found.sort(key=lambda one: all(map(is_changed_above_only, one[1])))
    return [(node, tuple(parent.name for parent in parents)) for node, parents in found]


def render_exposure(node: NodeDiff, through: tuple[str, ...]) -> str:
    """`through fct_rentals, owner Ada <ada@example.com>`: by what an exposure is reached, and whom to ask."""
    ways = f"through {list_some(through, _NAMES)}" if through else CODE[node.code]
    return f"{ways}, owner {node.owner or 'unknown'}"


def find_untold_hash(side: Side) -> str | None:
    """The commit of a side, unless the name that the side was given already ends with it."""
    return None if side.name.endswith(f"@{side.short_hash}") else side.short_hash


def render_side(side: Side, built: str) -> str:
    """`built 2 hours ago · 1 of 24 tests failed`, where `built` says when; of a live side nobody knows."""
    engine = f" · dbt {side.dbt}" if side.dbt else ""
    if side.commit is None:
        return f"working tree{engine}"
    when = f"built {built}" if side.built_at else "never built"
    ended = f", exit code {side.exit_code}" if side.exit_code else ""
    return f"{when}{ended}{engine} · {_render_tests(side.tests or {})}"


def render_moment(text: str | None) -> str:
    """`2026-11-28 01:48 UTC`, for a report that is read later."""
    moment = parse_moment(text)
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if moment else ""


def _render_tests(tests: Mapping[str, FrozenJson]) -> str:
    counts = Counter({status: count for status, count in tests.items() if isinstance(count, int)})
    total = counts.total()
    if not total:
        return "no test results"
    failed = counts["fail"] + counts["error"] + counts["runtime error"]
    part = "" if counts["pass"] == total else f"{failed or counts['pass']:,} of "
    others = [f"{counts[status]:,} {word}" for status, word in _OTHERWISE.items() if counts[status]]
    return ", ".join([f"{part}{render_count(total, 'test')} {'failed' if failed else 'passed'}", *others])


def render_counts(report: DiffReport) -> str:
    """`1 changed, 3 through a parent, 1 new`, of what is a relation; nothing where there is nothing."""
    counts = count_tags(select_relations(report))
    return ", ".join(f"{counts[tag]:,} {word}" for tag, word in TAGS.items() if counts[tag])


def render_others(report: DiffReport, render: Callable[[str], str] = str) -> str:
    """`changed source raw.orders, 5 new tests`: what is no relation; nothing where there is nothing."""
    found: dict[str, list[str]] = {}
    for node in sort_nodes(report):
        if node.resource_type not in (*RELATIONS, EXPOSURE) and is_affected(node):
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
    return EQUAL if schema.is_empty else " · ".join(_column_changes(schema))


def _column_changes(schema: SchemaDiff) -> list[str]:
    added = [f"+ {_some([column.name for column in schema.added])}"] if schema.added else []
    removed = [f"− {_some([column.name for column in schema.removed])}"] if schema.removed else []
    retyped = [f"{change.name}: {change.base.type} → {change.head.type}" for change in schema.retyped]
    nullability = [f"{change.name}: {_render_null_now(change.head)}" for change in schema.nullability]
    others = len(retyped) + len(nullability) - _NAMES
    more = [f"{others:,} more"] if others > 0 else []
    order = ["other order"] if schema.is_reordered else []
    return [*added, *removed, *(retyped + nullability)[:_NAMES], *more, *order]


def _some(names: list[str]) -> str:
    others = len(names) - _NAMES
    return ", ".join([*names[:_NAMES], *([f"{others:,} more"] if others > 0 else [])])


def _render_null_now(column: Column) -> str:
    return f"{_NULLABLE[bool(column.is_nullable)]} now"


def render_nullability(column: Column) -> str:
    """`may be null`, `never null` or, of some warehouses, `unknown`."""
    return _NULLABLE[column.is_nullable]


def render_values(data: DataDiff | None) -> str:
    """`=`, or `1 added · net: 212 changed (29.0 %)`; or why there is nothing to say."""
    if data is None:
        return ""
    if data.status == "missing":
        return data.message or ""
    plain = {"equal": EQUAL, "not_compared": "not compared", "failed": "failed", "not_proven": "not proven"}
    return plain.get(data.status) or " · ".join([*_value_changes(data), *_warn_of_key(data)]) or "different"


def _warn_of_key(data: DataDiff) -> list[str]:
    """Without a key, a changed row is counted as two."""
    return ["no key known"] if not data.key and (data.added or data.removed) else []


def _value_changes(data: DataDiff) -> list[str]:
    counts = ((data.added, "added"), (data.removed, "removed"), (None if data.columns else data.changed, "changed"))
    differing = [column for column in sort_columns(data) if column.changed]
    columns = [column for column in differing if not is_dbts_own(column)]
    own = len(differing) - len(columns)
    changed = [f"{column.name}: {render_changed(column)}{_share(column, data)}" for column in columns]
    others = len(changed) - (_NAMES - 1)
    more = [f"{render_count(others, 'more column')}"] if others > 0 else []
    folded = [f"{render_count(own, 'column')} of dbt's own"] if own else []
    return [*(f"{count:,} {word}" for count, word in counts if count), *changed[: _NAMES - 1], *more, *folded]


def render_changed(column: ValueDiff) -> str:
    """`212 changed`."""
    return f"{column.changed:,} changed"


def render_remarks(column: ValueDiff) -> list[str]:
    """`2 with null on one side` and `37 more within the tolerance`, as far as there are such values."""
    counts = ((column.nulls, "with null on one side"), (column.tolerated, "more within the tolerance"))
    return [f"{count:,} {words}" for count, words in counts if count]


def render_key_remarks(data: DataDiff) -> list[str]:
    """What one has to know of how rows were told apart."""
    base, head = data.duplicates
    keys = render_count(base, "key")
    return [
        *([_NO_KEY] if data.status == "different" and not data.key else []),
        *([f"{keys} in base and {head:,} in head stand more than once, and are not used"] if base or head else []),
    ]


def kind_of(sample: Sample) -> Literal["added", "removed", "changed"]:
    """What happened to a row."""
    return "added" if sample.base is None else "removed" if sample.head is None else "changed"


def is_dbts_own(column: ValueDiff) -> bool:
    """Whether dbt fills the column, in a snapshot and what reads it."""
    return column.name.lower() in _DBTS_OWN


def sort_columns(data: DataDiff) -> list[ValueDiff]:
    """The columns in which values differ, the one with the most first, and dbt's own last."""
    return sorted(data.columns, key=lambda column: (is_dbts_own(column), -column.changed, column.name))


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
