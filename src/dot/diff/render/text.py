"""The report of a comparison as a person reads it in the terminal."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from dot.base.frozen import FrozenJson
from dot.base.wording import describe_age, list_some, parse_moment
from dot.diff.render.words import (
    CODE,
    HEADINGS,
    NULL,
    UNEXPLAINED,
    find_untold_hash,
    is_changed_above_only,
    kind_of,
    list_exposures,
    render_affected,
    render_columns,
    render_exposure,
    render_others,
    render_rows,
    render_side,
    render_value,
    render_values,
    select_relations,
    sort_nodes,
)
from dot.diff.report import DataDiff, DiffReport, NodeDiff, Sample, Side

HEADERS = ("model", *(heading.lower() for heading in HEADINGS[1:]))

_NAMED = 3
"""How many names stand before the others are counted."""

_NOTED = 5
"""How many notes of one kind fit a screen."""

_CHARACTERS = 60
"""How much of a value is shown."""


def title(report: DiffReport, now: datetime) -> str:
    """Both sides as they were typed, with what is known of each in a line below it: subjects may be long."""
    return f"{_side(report.base, now)}\n  → {_side(report.head, now)}"


def _side(side: Side, now: datetime) -> str:
    untold = find_untold_hash(side)
    name = f"{side.name} is {untold}" if untold else side.name
    first = f'{name} "{side.subject}"' if side.subject else name
    return f"{first}\n    {render_side(side, describe_age(parse_moment(side.built_at), now))}"


def summary(report: DiffReport) -> str:
    """How much is affected, and how long it took to find out."""
    return f"{render_affected(report)} · {report.seconds:.1f} s"


def rows(report: DiffReport, most: int | None = None) -> list[tuple[str, ...]]:
    """One row a model, seed or snapshot: its name, what became of its code, its rows, its columns, and its values.

    At most so many; those are left out first that only something above them changed, and nothing in the warehouse.
    """
    nodes = sort_nodes(select_relations(report))
    kept = set(sorted(range(len(nodes)), key=lambda place: is_changed_above_only(nodes[place]))[:most])
    return [
        (node.name, _code(node), render_rows(node.data), render_columns(node), render_values(node.data))
        for place, node in enumerate(nodes)
        if place in kept
    ]


def _code(node: NodeDiff) -> str:
    """What became of the code, and which part of it where that is not the SQL."""
    parts = dict.fromkeys(change.part for change in node.changes)
    shown = "" if not parts or "sql" in parts else f" ({', '.join(parts)})"
    return "=" if node.code == "same" else f"{CODE[node.code]}{shown}"


def notes(report: DiffReport) -> Iterator[str]:
    """What should not be overlooked, a line each."""
    nodes = sort_nodes(report)
    yield from _few(
        f"unexplained: {node.name} {UNEXPLAINED} ({node.unexplained})" for node in nodes if node.unexplained
    )
    yield from _few(
        f"reaches the exposure {node.name}, {render_exposure(node, through)}"
        for node, through in list_exposures(report)
    )
    yield from _missing(nodes)
    yield from _few(
        f"{node.name}: {_first_line(data.message)}"
        for node, data in _data(nodes)
        if data.message and data.status != "missing"
    )
    if others := render_others(report):
        yield f"affected, too: {others}"
    if report.not_compared:
        yield f"no time was left for {len(report.not_compared):,}: {list_some(report.not_compared, _NAMED)}"


def _few(lines: Iterable[str]) -> Iterator[str]:
    """As many as fit, and how many more there are."""
    found = list(lines)
    yield from found[:_NOTED]
    if len(found) > _NOTED:
        yield f"and {len(found) - _NOTED:,} more such notes, see `--html FILE` or `--json`"


def _missing(nodes: tuple[NodeDiff, ...]) -> Iterator[str]:
    """What should be there."""
    found: dict[str, list[str]] = {}
    for node, data in _data(nodes):
        if data.status == "missing" and data.message:
            found.setdefault(data.message, []).append(node.name)
    yield from (f"{message}: {list_some(names, _NAMED)}" for message, names in found.items())


def _data(nodes: tuple[NodeDiff, ...]) -> list[tuple[NodeDiff, DataDiff]]:
    return [(node, node.data) for node in nodes if node.data]


def _first_line(text: str) -> str:
    """The first line that says something: dbt begins its own with what it was doing."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    shown = [line for line in lines if not line.startswith("Encountered an error") and not line.endswith(" Error")]
    return next(iter(shown or lines), text)


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
        return f"{kind_of(sample)}{f' ({values})' if values else ''}"
    return ", ".join(f"{name}: {_value(base.get(name))} → {_value(value)}" for name, value in head.items())


def _value(value: FrozenJson) -> str:
    found = render_value(value)
    if found is None:
        return NULL
    text = "".join(letter if letter.isprintable() else letter.encode("unicode_escape").decode() for letter in found)
    return text if len(text) <= _CHARACTERS else f"{text[: _CHARACTERS - 1]}…"
