"""The report of a comparison as a person reads it in the terminal."""

from collections.abc import Iterator

from dot.core.diff import DiffReport, NodeDiff, Side
from dot.core.diff_report import RELATIONS
from dot.core.diff_words import (
    CODE,
    render_affected,
    render_columns,
    render_rows,
    render_values,
    sort_nodes,
)

HEADERS = ("model", "code", "rows", "columns", "values")

_NAMED = 3
"""How many names stand before the others are counted."""

_NOTED = 10
"""How many notes of one kind fit a screen."""


def title(report: DiffReport) -> str:
    """Both sides."""
    return f"{_side(report.base)}  →  {_side(report.head)}"


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
    told = [(node.name, node.data.message) for node in nodes if node.data and node.data.message and _is_news(node)]
    for name, message in told[:_NOTED]:
        yield f"{name}: {_first_line(message)}"
    if len(told) > _NOTED:
        yield f"and {len(told) - _NOTED:,} more such notes, see `--json`"
    if others := [f"{node.resource_type} {node.name}" for node in nodes if node.resource_type not in RELATIONS]:
        yield f"affected, too: {_some(others)}"
    if report.not_compared:
        yield f"no time was left for {len(report.not_compared):,}: {_some(list(report.not_compared))}"


def _is_news(node: NodeDiff) -> bool:
    """A model that is new is not in base, and one that was removed not in head: nobody need be told."""
    return node.code not in ("added", "removed") or bool(node.data and node.data.status != "missing")


def _some(names: list[str]) -> str:
    return ", ".join(names[:_NAMED]) + (f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else "")


def _first_line(text: str) -> str:
    """The first line that says something: dbt begins its own with what it was doing."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    told = [line for line in lines if not line.startswith("Encountered an error") and not line.endswith(" Error")]
    return next(iter(told or lines), text)
