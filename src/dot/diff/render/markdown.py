"""A comparison as Markdown for a comment on a pull request."""

from collections.abc import Iterator, Mapping, Sequence

from dot.base.frozen import FrozenJson
from dot.base.markdown import render_code, render_fence, render_html_code, render_text
from dot.base.text_diff import render_count
from dot.diff.assemble import RELATIONS
from dot.diff.render.words import (
    CODE,
    EMPTY,
    HEADINGS,
    NULL,
    PARTS,
    REORDERED,
    SAMPLES,
    UNEXPLAINED,
    count_common,
    is_affected,
    is_changed_above_only,
    kind_of,
    list_exposures,
    render_affected,
    render_changed,
    render_columns,
    render_counts,
    render_exposure,
    render_key_remarks,
    render_moment,
    render_nullability,
    render_others,
    render_percent,
    render_remarks,
    render_rows,
    render_side,
    render_value,
    render_values,
    sort_columns,
    sort_nodes,
)
from dot.diff.report import Column, ColumnChange, DataDiff, DiffReport, NodeDiff, Sample, SchemaDiff, Side, ValueDiff

MARKER = "<!-- dot diff -->"
"""The first line, by which a job finds its own comment."""

LIMIT = 60_000
"""A comment has fewer characters than this; GitHub takes 65,536."""

_AROUND = 500
"""Room for the headings of both tables, and for saying what was left out."""

_NAME, _TEXT, _VALUE = 120, 200, 80
"""How many characters are shown of a name, of a sentence, and of a value in a row."""

_UNEXPLAINED = 5
"""How many unexplained differences are told above the table."""

_EXPOSURES = 10
"""How many exposures are named above the table."""

_HEADINGS = f"\n| {' | '.join(HEADINGS)} |\n| :-- | :-- | --: | :-- | :-- |\n"

_CLOSE = "\n</details>\n"


def render_markdown(report: DiffReport) -> str:
    """The comment, shorter than `LIMIT`. Where it would not be, code is left out first, then details, then rows."""
    nodes = [node for node in sort_nodes(report) if is_affected(node)]
    unfolding = [node for node in nodes if _has_details(node)]
    head = _render_head(report, nodes)
    room = LIMIT - _AROUND - len(head)

    relations = [node for node in nodes if node.resource_type in RELATIONS]
    rows = [_render_row(node) for node in sorted(relations, key=is_changed_above_only)]
    shown_rows, room = _fit(rows, room)
    details = [_render_details(node) + _CLOSE for node in unfolding]
    shown_details, room = _fit(details, room)
    codes = ["".join(_render_changes(node)) for node in unfolding]
    possible = [code if detail else "" for code, detail in zip(codes, shown_details, strict=True)]
    shown_codes, _ = _fit(possible, room)

    blocks = (
        detail.removesuffix(_CLOSE) + code + _CLOSE
        for detail, code in zip(shown_details, shown_codes, strict=True)
        if detail
    )
    left_out = (
        (_count_missing(rows, shown_rows), "row"),
        (_count_missing(details, shown_details), "detail"),
        (_count_missing(codes, shown_codes), "code diff"),
    )
    loud = len(relations) - sum(map(is_changed_above_only, relations))
    text = "".join([head, *_render_tables(shown_rows, loud), *blocks, _render_left_out(left_out)])
    return text.encode("utf-8", "replace").decode()


def _fit(texts: Sequence[str], room: int) -> tuple[list[str], int]:
    """The texts, empty where one has no room beside those before it, and the room that is left."""
    fitting = []
    for text in texts:
        fitting.append(text if len(text) <= room else "")
        room -= len(fitting[-1])
    return fitting, room


def _count_missing(texts: Sequence[str], shown: Sequence[str]) -> int:
    return sum(text != kept for text, kept in zip(texts, shown, strict=True))


def _render_left_out(counts: Sequence[tuple[int, str]]) -> str:
    missing = ", ".join(render_count(count, word) for count, word in counts if count)
    return (
        f"\n_Left out, because a comment has no room for it: {missing}. `dot diff --html` shows all._\n"
        if missing
        else ""
    )


# -- the head ------------------------------------------------------------------------------------------------------


def _render_head(report: DiffReport, nodes: Sequence[NodeDiff]) -> str:
    counts = render_counts(report)
    others = render_others(report, lambda text: render_text(text, _NAME))
    return "".join(
        (
            f"{MARKER}\n",
            f"### {render_code(report.base.name, _NAME)} → {render_code(report.head.name, _NAME)}\n\n",
            f"{_render_side(report.base)} → {_render_side(report.head)}\n\n",
            f"Base: {_render_built(report.base)}. Head: {_render_built(report.head)}.\n\n",
            f"**{render_affected(report)}**{': ' if counts else ''}{counts} · {report.seconds:,.1f} s\n",
            *_render_exposures(report),
            f"\nAffected, too: {others}\n" if others else "",
            *_render_unexplained(nodes),
        )
    )


def _render_exposures(report: DiffReport) -> Iterator[str]:
    """What people see in the end that the change reaches, and whose it is."""
    exposures = list_exposures(report)
    if exposures:
        yield f"\n**{render_count(len(exposures), 'exposure')} reached**\n\n"
    for node, through in exposures[:_EXPOSURES]:
        yield f"- {render_text(node.name, _NAME)}, {render_text(render_exposure(node, through), _TEXT)}\n"
    if len(exposures) > _EXPOSURES:
        yield f"- … and {len(exposures) - _EXPOSURES:,} more\n"


def _render_side(side: Side) -> str:
    commit = render_code(side.short_hash, _NAME) if side.short_hash else "working tree"
    return f"{commit} {render_text(side.subject, _TEXT)}" if side.subject else commit


def _render_built(side: Side) -> str:
    return render_side(side, render_moment(side.built_at))


def _render_unexplained(nodes: Sequence[NodeDiff]) -> Iterator[str]:
    unexplained = [(node.name, node.unexplained) for node in nodes if node.unexplained]
    for name, reason in unexplained[:_UNEXPLAINED]:
        yield f"\n> **Unexplained:** {render_code(name, _NAME)} {UNEXPLAINED}: "
        yield f"{render_text(reason, _TEXT)}\n"
    if len(unexplained) > _UNEXPLAINED:
        yield f"\n> … and {len(unexplained) - _UNEXPLAINED:,} more\n"


def _render_tables(rows: Sequence[str], loud: int) -> Iterator[str]:
    """The first rows, and folded those of models whose data is the same whatever happened above them."""
    if any(rows[:loud]):
        yield from (_HEADINGS, *rows[:loud])
    if any(rows[loud:]):
        count = render_count(len(rows) - loud, "model")
        yield f"\n<details>\n<summary>{count} changed through a parent, with the same data</summary>\n"
        yield from (_HEADINGS, *rows[loud:], _CLOSE)


def _render_row(node: NodeDiff) -> str:
    cells = (render_rows(node.data), render_columns(node), render_values(node.data))
    shown = (render_text(cell, _TEXT) if cell else "" for cell in (CODE[node.code], *cells))
    return f"| {' | '.join((render_code(node.name, _NAME), *shown))} |\n"


# -- what can be unfolded about a node -----------------------------------------------------------------------------


def _has_details(node: NodeDiff) -> bool:
    """Whether there is more to say than stands in its row."""
    data, schema = node.data, node.columns
    has_data = data is not None and bool(data.columns or data.samples or data.message)
    return bool(node.changes or has_data or (schema and not schema.is_empty))


def _render_details(node: NodeDiff) -> str:
    facts = [
        *([f"was {render_code(node.renamed_from, _NAME)}"] if node.renamed_from else []),
        *(_render_schema(node.columns) if node.columns else ()),
        *(_render_data(node.data) if node.data else ()),
    ]
    return "".join(
        (
            f"\n<details>\n<summary>{render_html_code(node.name, _NAME)} {CODE[node.code]}</summary>\n\n",
            f"{render_code(node.file, _TEXT)}\n\n",
            *(f"- {fact}\n" for fact in facts),
            *(_render_samples(node.data.samples) if node.data and node.data.samples else ()),
        )
    )


def _render_schema(schema: SchemaDiff) -> Iterator[str]:
    yield from (f"column added: {_render_column(column)}" for column in schema.added)
    yield from (f"column removed: {_render_column(column)}" for column in schema.removed)
    yield from (f"type changed: {_render_column(change.base)} → {_type(change.head)}" for change in schema.retyped)
    for change in schema.nullability:
        yield f"column {render_code(change.name, _NAME)}: {_nullability(change)}"
    if schema.is_reordered:
        yield REORDERED


def _render_column(column: Column) -> str:
    return f"{render_code(column.name, _NAME)} {_type(column)}"


def _type(column: Column) -> str:
    return render_text(column.type, _NAME)


def _nullability(change: ColumnChange) -> str:
    return f"{render_nullability(change.base)} → {render_nullability(change.head)}"


def _render_data(data: DataDiff) -> Iterator[str]:
    if data.message:
        yield f"note: {render_text(data.message, _TEXT)}"
    if data.key:
        source = f", from {render_text(data.key_source, _NAME)}" if data.key_source else ""
        yield f"key: {render_code(', '.join(data.key), _TEXT)}{source}"
    yield from render_key_remarks(data)
    yield from (_render_value_diff(column, count_common(data)) for column in sort_columns(data))


def _render_value_diff(column: ValueDiff, rows: int | None) -> str:
    share = f" ({render_percent(column.changed, rows)})" if rows else ""
    return ", ".join((f"{render_code(column.name, _NAME)}: {render_changed(column)}{share}", *render_remarks(column)))


def _render_samples(samples: Sequence[Sample]) -> Iterator[str]:
    yield f"\n<details>\n<summary>{SAMPLES}</summary>\n\n"
    yield "| Key | Row | Column | base | head |\n| :-- | :-- | :-- | :-- | :-- |\n"
    for number, sample in enumerate(samples, 1):
        base, head = dict(sample.base or {}), dict(sample.head or {})
        key = ", ".join(f"{name}={render_value(value)}" for name, value in sample.key.items()) or f"row {number}"
        for name in dict.fromkeys((*base, *head)):
            cells = (
                render_code(key, _NAME),
                kind_of(sample),
                render_code(name, _NAME),
                _cell(base, name),
                _cell(head, name),
            )
            yield f"| {' | '.join(cells)} |\n"
    yield _CLOSE


def _cell(row: Mapping[str, FrozenJson], name: str) -> str:
    if name not in row:
        return ""
    value = render_value(row[name])
    return f"_{NULL}_" if value is None else render_code(value, _VALUE) if value.strip() else f"_{EMPTY}_"


def _render_changes(node: NodeDiff) -> Iterator[str]:
    for change in node.changes:
        yield f"\n**{PARTS[change.part]}**: {render_text(change.summary, _TEXT)}\n"
        if change.diff:
            yield f"\n{render_fence(change.diff, 'diff')}\n"
