"""A comparison as one HTML file that needs nothing but a browser: no network, no other file."""

import base64
import hashlib
import json
import string
from collections.abc import Mapping
from typing import Any

from dot.base.frozen import Frozen, FrozenMapping
from dot.diff.render.words import (
    CODE,
    EXPOSURE,
    PARTS,
    TAGS,
    count_common,
    count_tags,
    render_affected,
    render_columns,
    render_moment,
    render_percent,
    render_rows,
    render_side,
    render_value,
    render_values,
    sort_columns,
    sort_nodes,
    tag_node,
)
from dot.diff.report import DataDiff, DiffReport, NodeDiff, Sample, Side

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
    """JSON in plain ASCII without a letter that means something to HTML, so that no name can end the element."""
    return json.dumps(_describe(report), separators=(",", ":")).translate(_ESCAPES)


def _describe(report: DiffReport) -> Mapping[str, Any]:
    counts = count_tags(report)
    return {
        "base": _describe_side(report.base),
        "head": _describe_side(report.head),
        "summary": f"{render_affected(report)} · {report.seconds:,.1f} s",
        "unchanged": counts["unchanged"],
        "tags": [{"tag": tag, "label": label, "count": counts[tag]} for tag, label in TAGS.items()],
        "parts": PARTS,
        "nodes": [_describe_node(node) for node in sort_nodes(report)],
    }


def _describe_side(side: Side) -> Mapping[str, Any]:
    return side.model_dump() | {"name": side.name, "built": render_side(side, render_moment(side.built_at))}


def _describe_node(node: NodeDiff) -> Mapping[str, Any]:
    """What the report holds about a node, and the words that every form of it uses."""
    described = node.model_dump()
    if node.data:
        described["data"] |= _describe_data(node.data)
    return described | {
        "tags": tag_node(node),
        "words": {
            "code": CODE[node.code],
            "rows": render_rows(node.data),
            "columns": render_columns(node),
            "values": node.owner or "" if node.resource_type == EXPOSURE else render_values(node.data),
        },
    }


def _describe_data(data: DataDiff) -> Mapping[str, Any]:
    common = count_common(data)
    return {
        "common": common,
        "columns": [
            column.model_dump() | {"share": render_percent(column.changed, common) if common else None}
            for column in sort_columns(data)
        ],
        "samples": [_describe_sample(sample) for sample in data.samples],
    }


def _describe_sample(sample: Sample) -> Mapping[str, Any]:
    """Values as text: a browser would round large numbers, and take `1.0` for `1`."""
    sides = {"key": sample.key, "base": sample.base, "head": sample.head}
    return {side: None if row is None else _as_texts(row) for side, row in sides.items()}


def _as_texts(row: FrozenMapping) -> list[tuple[str, str | None]]:
    return [(name, render_value(value)) for name, value in row.items()]
