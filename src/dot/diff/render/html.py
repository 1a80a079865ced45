"""A comparison as one HTML file that needs nothing but a browser: no network, no other file.

What is said in words is said here, or in `words` where other forms say it too. The page's JavaScript places it.
"""

import base64
import hashlib
import json
import string
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from dot.base.frozen import Frozen, FrozenJson, FrozenMapping
from dot.diff.render.words import (
    CODE,
    EMPTY,
    EQUAL,
    EXPOSURE,
    HEADINGS,
    NULL,
    PARTS,
    REORDERED,
    SAMPLES,
    TAGS,
    UNEXPLAINED,
    count_common,
    count_tags,
    find_untold_hash,
    is_missed,
    kind_of,
    render_affected,
    render_changed,
    render_columns,
    render_key_remarks,
    render_moment,
    render_nullability,
    render_percent,
    render_remarks,
    render_rows,
    render_side,
    render_value,
    render_values,
    sort_columns,
    sort_nodes,
    tag_node,
)
from dot.diff.report import CodeKind, Column, DataDiff, DataStatus, DiffReport, NodeDiff, Sample, SchemaDiff, Side

_CODE: Mapping[CodeKind, str] = {
    "changed": "changed directly",
    "renamed": TAGS["renamed"],
    "parent": "changed through a parent",
    "added": TAGS["added"],
    "removed": TAGS["removed"],
    "same": "code unchanged",
}
"""What happened to a node's code, where there is room to say it."""

_DATA: Mapping[DataStatus, str] = {
    "equal": "same data",
    "different": "different data",
    "missing": TAGS["missing"],
    "not_compared": "data not compared",
    "failed": "data could not be compared",
    "not_proven": "data not proven to be the same",
}
"""What happened to its rows."""

_NOTES: Mapping[DataStatus, str] = {"failed": "Failed", "missing": "Missing"}
"""Titles of what is to be said about them."""

_ESCAPES = {ord(letter): f"\\u{ord(letter):04x}" for letter in "<>&"}


class Template(Frozen):
    """The page with `$policy`, `$style`, `$script` and `$data` where they belong, and the first two as texts."""

    page: str
    style: str
    script: str


def render_html(report: DiffReport, template: Template) -> str:
    """The whole file, to be written as UTF-8. The browser runs the template's script in it, and no other."""
    return string.Template(template.page).substitute(
        policy=_render_policy(template),
        style=template.style,
        script=template.script,
        data=_render_data(report),
    )


def _render_policy(template: Template) -> str:
    """What the page may do: apply this style, run this script, and make no HTML out of text."""
    return "; ".join(
        (
            "default-src 'none'",
            f"style-src {_source(template.style)}",
            f"script-src {_source(template.script)}",
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
            "require-trusted-types-for 'script'",
            "trusted-types 'none'",
        )
    )


def _source(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def _render_data(report: DiffReport) -> str:
    """JSON in plain ASCII, without characters that mean something to HTML, so that no name can end the element."""
    return json.dumps(_describe(report), separators=(",", ":")).translate(_ESCAPES)


def _describe(report: DiffReport) -> Mapping[str, Any]:
    counts = count_tags(report)
    nodes = sort_nodes(report)
    return {
        "base": _describe_side(report.base),
        "head": _describe_side(report.head),
        "summary": f"{render_affected(report)} · {report.seconds:,.1f} s",
        "unchanged": counts["unchanged"],
        "tags": [{"tag": tag, "label": label, "count": counts[tag]} for tag, label in TAGS.items()],
        "headings": HEADINGS,
        "samples": SAMPLES,
        "legend": [{"kind": kind, "label": label} for kind, label in _list_legend(nodes).items()],
        "nodes": [_describe_node(node) for node in nodes],
    }


def _describe_side(side: Side) -> Mapping[str, Any]:
    built = render_side(side, render_moment(side.built_at))
    return {"name": side.name, "hash": find_untold_hash(side), "subject": side.subject, "built": built}


def _list_legend(nodes: Sequence[NodeDiff]) -> Mapping[str, str]:
    """The signs that the picture shows, and what they mean."""
    tags = {tag for node in nodes for tag in tag_node(node)}
    is_equal = any(node.data and node.data.status == "equal" for node in nodes)
    return {
        **{node.code: TAGS.get(node.code, _CODE["same"]) for node in nodes},
        **({"different": f"{_DATA['different']}, filled"} if "different" in tags else {}),
        **({"missing": TAGS["missing"]} if "missing" in tags else {}),
        **({"equal": _DATA["equal"]} if is_equal else {}),
    }


def _describe_node(node: NodeDiff) -> Mapping[str, Any]:
    """What the report holds about a node, and what is said about it."""
    values = node.owner or "" if node.resource_type == EXPOSURE else render_values(node.data)
    words = {
        "code": CODE[node.code],
        "rows": render_rows(node.data),
        "columns": render_columns(node),
        "values": values.replace(" %", "\u00a0%"),  # a number stays with its unit at the end of a line
    }
    return node.model_dump(exclude={"columns", "data", "changes"}) | {
        "tags": tag_node(node),
        "words": words,
        "box": _describe_box(node, words),
        "badges": list(_list_badges(node)),
        "notes": list(_list_notes(node)),
        "columns": _describe_columns(node.columns, node) if node.columns else None,
        "data": _describe_data(node.data) if node.data else None,
        "changes": [
            {"title": PARTS[change.part], "summary": change.summary, "diff": change.diff} for change in node.changes
        ],
    }


def _describe_box(node: NodeDiff, words: Mapping[str, str]) -> Mapping[str, Any]:
    """The two lines below a node's name in the picture, and all of it for who cannot see the picture."""
    rows, columns, values = words["rows"], words["columns"], words["values"]
    is_pair = node.data is not None and None not in (node.data.rows_base, node.data.rows_head)
    said = ("same values" if values == EQUAL else values, "" if columns == EQUAL else columns)
    changes = " · ".join(filter(None, said))
    label = (node.name, words["code"], rows, changes, "unexplained" if node.unexplained else "")
    lines = (f"{rows} rows" if is_pair else rows or node.resource_type, changes)
    return {"lines": lines, "label": ", ".join(filter(None, label))}


def _list_badges(node: NodeDiff) -> Iterator[Mapping[str, str]]:
    """What happened to code and rows. What is not there because it is new, or gone, needs no second word."""
    yield {"kind": node.code, "icon": node.code, "label": _CODE[node.code]}
    if node.data and (node.data.status != "missing" or is_missed(node)):
        status = node.data.status
        kind = status if status in {"different", "missing", "failed"} else "same"
        yield {"kind": kind, "icon": status, "label": _DATA[status]}


def _list_notes(node: NodeDiff) -> Iterator[Mapping[str, str]]:
    """What should not be overlooked."""
    if node.unexplained:
        text = f"The data {UNEXPLAINED}. Likely: {node.unexplained}"
        yield {"kind": "unexplained", "title": "Unexplained", "text": text}
    if node.data and node.data.message:
        status = node.data.status
        kind = status if status in _NOTES else "not_compared"
        yield {"kind": kind, "title": _NOTES.get(status, "Note"), "text": node.data.message}


def _describe_columns(schema: SchemaDiff, node: NodeDiff) -> Mapping[str, Any]:
    """Every column that differs, with what it is, or with what it was and what it is now."""
    changes = [
        *({"kind": "added", "name": column.name, "text": _render_type(column)} for column in schema.added),
        *({"kind": "removed", "name": column.name, "text": _render_type(column)} for column in schema.removed),
        *(
            {"kind": "changed", "name": change.name, "from": render(change.base), "to": render(change.head)}
            for found, render in ((schema.retyped, lambda one: one.type), (schema.nullability, render_nullability))
            for change in found
        ),
    ]
    remark = "The same on both sides." if schema.is_empty else _as_sentence(REORDERED) if schema.is_reordered else None
    counted = render_columns(node) if node.code in {"added", "removed"} else ""
    return {"title": counted or "Columns", "changes": changes, "remark": remark}


def _render_type(column: Column) -> str:
    never = f", {render_nullability(column)}" if column.is_nullable is False else ""
    return f"{column.type}{never}"


def _as_sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."


def _describe_data(data: DataDiff) -> Mapping[str, Any]:
    common = count_common(data)
    numbers = data.model_dump(include={"rows_base", "rows_head", "added", "removed", "changed", "key", "key_source"})
    return numbers | {
        "common": common,
        "is_equal": data.status == "equal",
        "parts": list(_list_parts(data, common)),
        "key_remarks": " ".join(map(_as_sentence, render_key_remarks(data))),
        "columns": [
            {
                "name": column.name,
                "changed": column.changed,
                "nulls": column.nulls,
                "words": render_changed(column),
                "share": render_percent(column.changed, common) if common else None,
                "remarks": " · ".join(render_remarks(column)),
            }
            for column in sort_columns(data)
        ],
        "samples": [_describe_sample(sample) for sample in data.samples],
    }


def _list_parts(data: DataDiff, common: int | None) -> Iterator[Mapping[str, Any]]:
    """What the rows are made of, where some differ."""
    counts = {"changed": data.changed or 0, "added": data.added or 0, "removed": data.removed or 0}
    if not any(counts.values()):
        return
    same = 0 if common is None else max(0, common - counts["changed"])
    for kind, count in {"same": same, **counts}.items():
        if count:
            yield {"kind": kind, "count": count, "label": f"{count:,} {'unchanged' if kind == 'same' else kind}"}


def _describe_sample(sample: Sample) -> Mapping[str, Any]:
    """Values as text: a browser would round large numbers, and take `1.0` for `1`."""
    sides = {"key": sample.key, "base": sample.base, "head": sample.head}
    rows = {side: None if row is None else _describe_row(row) for side, row in sides.items()}
    return {"kind": kind_of(sample), **rows}


def _describe_row(row: FrozenMapping) -> list[tuple[str, str | Mapping[str, str]]]:
    return [(name, _describe_value(value)) for name, value in row.items()]


def _describe_value(value: FrozenJson) -> str | Mapping[str, str]:
    """Its text, or the word that is told instead."""
    text = render_value(value)
    return text or {"word": NULL if text is None else EMPTY}
