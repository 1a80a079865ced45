"""The report of a comparison as a person reads it in the terminal."""

from collections.abc import Iterator

from dot.core.diff import DataDiff, DiffReport, NodeDiff, Sample, Side
from dot.core.diff_report import RELATIONS
from dot.core.diff_words import (
    CODE,
    render_affected,
    render_columns,
    render_rows,
    render_value,
    render_values,
    sort_nodes,
)
from dot.core.listing import name_some
from dot.core.model import FrozenJson

HEADERS = ("model", "code", "rows", "columns", "values")

_NAMED = 3
"""How many names stand before the others are counted."""

_NOTED = 10
"""How many notes of one kind fit a screen."""

_LETTERS = 60
"""How much of a value is shown."""


def title(report: DiffReport) -> str:
    """Both sides, a line each: subjects may be long."""
    return f"{_side(report.base)}\n  → {_side(report.head)}"


def _side(side: Side) -> str:
    return f'{side.address} "{side.subject}"' if side.subject else side.address


def summary(report: DiffReport) -> str:
    """How much is affected, and how long it took to find out."""
    return f"{render_affected(report)} · {report.seconds:.1f} s"


def rows(report: DiffReport) -> list[tuple[str, ...]]:
    """One row a model, seed or snapshot: its name, what became of its code, its rows, its columns, and its values."""
    return [
        (node.name, _code(node), render_rows(node.data), render_columns(node), render_values(node.data))
        for node in sort_nodes(report)
        if node.resource_type in RELATIONS
    ]


def _code(node: NodeDiff) -> str:
    parts = ", ".join(dict.fromkeys(change.part for change in node.changes if change.part != "sql"))
    return "=" if node.code == "same" else f"{CODE[node.code]}{f' ({parts})' if parts else ''}"


def notes(report: DiffReport) -> Iterator[str]:
    """What should not be overlooked, a line each."""
    nodes = sort_nodes(report)
    for node in [node for node in nodes if node.unexplained][:_NOTED]:
        yield f"unexplained: {node.name} differs although nothing above it changed ({node.unexplained})"
    yield from _missing(nodes)
    told = [(node.name, data.message) for node, data in _data(nodes) if data.message and data.status != "missing"]
    for name, message in told[:_NOTED]:
        yield f"{name}: {_first_line(message)}"
    if len(told) > _NOTED:
        yield f"and {len(told) - _NOTED:,} more such notes, see `--json`"
    if others := [f"{node.resource_type} {node.name}" for node in nodes if node.resource_type not in RELATIONS]:
        yield f"affected, too: {name_some(others, _NAMED)}"
    if report.not_compared:
        yield f"no time was left for {len(report.not_compared):,}: {name_some(report.not_compared, _NAMED)}"


def _missing(nodes: tuple[NodeDiff, ...]) -> Iterator[str]:
    """What should be there. A model that is new is not in base, and one that was removed not in head."""
    found: dict[str, list[str]] = {}
    for node, data in _data(nodes):
        if data.status == "missing" and node.code not in ("added", "removed"):
            found.setdefault(data.message or "a relation is not there", []).append(node.name)
    yield from (f"{message}: {name_some(names, _NAMED)}" for message, names in found.items())


def _data(nodes: tuple[NodeDiff, ...]) -> list[tuple[NodeDiff, DataDiff]]:
    return [(node, node.data) for node in nodes if node.data]


def _first_line(text: str) -> str:
    """The first line that says something: dbt begins its own with what it was doing."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    told = [line for line in lines if not line.startswith("Encountered an error") and not line.endswith(" Error")]
    return next(iter(told or lines), text)


def samples(report: DiffReport) -> Iterator[str]:
    """Rows that differ, below a line with the name of their model: the key, and what became of the rest."""
    for node, data in _data(sort_nodes(report)):
        if data.samples:
            yield node.name
            yield from (f"  {_sample(sample)}" for sample in data.samples)


def _sample(sample: Sample) -> str:
    key = ", ".join(f"{name}={_value(value)}" for name, value in sample.key.items())
    return " ".join(part for part in (key, _outcome(sample)) if part)


def _outcome(sample: Sample) -> str:
    base, head = sample.base, sample.head
    if base is None or head is None:
        only = base or head or {}
        values = ", ".join(f"{name}={_value(value)}" for name, value in only.items())
        return f"{'added' if base is None else 'removed'}{f' ({values})' if values else ''}"
    changed = (name for name in head if base.get(name) != head[name])
    return ", ".join(f"{name}: {_value(base.get(name))} → {_value(head[name])}" for name in changed)


def _value(value: FrozenJson) -> str:
    text = render_value(value)
    if text is None:
        return "null"
    return text if len(text) <= _LETTERS else f"{text[: _LETTERS - 1]}…"
