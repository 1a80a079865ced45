"""The report of a comparison as a person reads it in the terminal."""

from collections.abc import Iterator

from dot.core.diff import DataDiff, DiffReport, NodeDiff, Side
from dot.core.diff_report import RELATIONS

HEADERS = ("model", "code", "rows", "columns", "values")


def title(report: DiffReport) -> str:
    """Both sides, and how much is affected in how long."""
    shown = sum(node.resource_type in RELATIONS for node in report.nodes)
    total = shown + report.unchanged
    sides = f"{_side(report.base)}  →  {_side(report.head)}"
    return f"{sides}   {shown:,} of {total:,} models affected · {report.seconds:.1f} s"


def _side(side: Side) -> str:
    return f'{side.address} "{side.subject}"' if side.subject else side.address


def rows(report: DiffReport) -> list[tuple[str, ...]]:
    """One row a model: its name, what became of its code, its rows, its columns, and its values."""
    return [
        (node.name, _code(node), _rows(node.data), _columns(node), _values(node))
        for node in report.nodes
        if node.resource_type in RELATIONS
    ]


def _code(node: NodeDiff) -> str:
    words = {"added": "new", "same": "="}
    parts = ", ".join(dict.fromkeys(change.part for change in node.changes if change.part != "sql"))
    return f"{words.get(node.code, node.code)}{f' ({parts})' if parts else ''}"


def _rows(data: DataDiff | None) -> str:
    if data is None:
        return ""
    if data.status in ("not_compared", "failed"):
        return data.status.replace("_", " ")
    counts = [f"{count:,}" for count in (data.rows_base, data.rows_head) if count is not None]
    if data.status == "missing":
        return f"{counts[0]} rows" if counts else "not built"
    return "=" if data.status == "equal" else " → ".join(counts)


def _columns(node: NodeDiff) -> str:
    found = node.columns
    if found is None or found.is_empty:
        return "=" if found else ""
    retyped = [f"{pair.name}: {pair.base.type} → {pair.head.type}" for pair in found.retyped]
    words = [
        *(f"+ {column.name}" for column in found.added),
        *(f"- {column.name}" for column in found.removed),
        *retyped,
        *(f"{pair.name}: {'' if pair.head.is_nullable else 'not '}null" for pair in found.nullability),
        *(["reordered"] if found.is_reordered else []),
    ]
    return _shorten(words)


def _values(node: NodeDiff) -> str:
    data = node.data
    if data is None:
        return ""
    if data.status in ("equal", "missing", "not_compared", "failed"):
        return {"equal": "=", "missing": data.message or ""}.get(data.status, _first_line(data.message))
    whole = max(data.rows_base or 0, data.rows_head or 0)
    words = [f"{count:,} {word}" for word, count in (("added", data.added), ("removed", data.removed)) if count]
    words += [f"{column.name}: {_share(column.changed, whole)}" for column in data.columns if column.changed]
    return _shorten(words)


def _share(changed: int, whole: int) -> str:
    share = 100 * changed / whole if whole else 0.0
    return f"{changed:,} changed" + (f" ({share:.1f} %)" if share >= 0.1 and whole >= 1000 else "")  # noqa: PLR2004


def _shorten(words: list[str]) -> str:
    return ", ".join(words[:3]) + (f" and {len(words) - 3} more" if len(words) > 3 else "")  # noqa: PLR2004


def _first_line(text: str | None) -> str:
    return next((line.strip() for line in (text or "").splitlines() if line.strip()), "")


def notes(report: DiffReport) -> Iterator[str]:
    """What should not be overlooked, a line each."""
    unexplained = [node for node in report.nodes if node.unexplained]
    for node in unexplained[:10]:
        yield f"unexplained: {node.name} differs although nothing above it changed ({node.unexplained})"
    for node in report.nodes:
        if node.data and any(node.data.duplicates):
            base, head = node.data.duplicates
            yield f"{node.name}: its key is none, {base:,} values in base and {head:,} in head stand in several rows"
        if node.data and node.data.status == "failed":
            yield f"{node.name}: {_first_line(node.data.message)}"
    tests = [node for node in report.nodes if node.resource_type not in (*RELATIONS, "source")]
    if tests:
        yield f"{len(tests):,} tests and others affected: {_shorten([node.name for node in tests])}"
    if report.not_compared:
        yield f"no time for {len(report.not_compared):,}: {_shorten(list(report.not_compared))}"
