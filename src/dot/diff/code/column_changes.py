"""What was changed by hand in what is said about the columns of one node."""

from collections.abc import Iterator, Mapping
from typing import Any

from dot.base.text_diff import describe_change, diff_texts, render_count, render_setting
from dot.base.wording import list_some
from dot.dbt.manifest import Node
from dot.diff.code.side import DOCUMENTATION_ONLY, FoundChange, Pair, Sides, is_same_value
from dot.diff.report import CodeChange

_DERIVED = ("name", "config", "doc_blocks")
"""dbt says these twice, or found them out by itself."""

_WHOLE = ""
"""Stands among the columns for the constraints of the whole model."""

_MOST_PARTS = 3

_Columns = Mapping[str, Mapping[str, Any]]


def find_column_changes(pair: Pair, sides: Sides) -> Iterator[FoundChange]:
    """Descriptions, types and constraints that differ. Without a contract, dbt does nothing with any of them."""
    if (pair.base.columns, pair.base.constraints) == (pair.head.columns, pair.head.constraints):
        return
    base, head = _read(pair.base), _read(pair.head)
    names = [name for name in sorted({*base, *head}) if not is_same_value(sides, base.get(name), head.get(name))]
    if not names:
        return
    is_enforced = any(_has_contract(node) for node in (pair.base, pair.head))
    parts = [part for name in names for part in _enforced(name, base, head)] if is_enforced else []
    summary = list_some(parts, _MOST_PARTS) if parts else _describe(names, base) + DOCUMENTATION_ONLY
    change = CodeChange(part="columns", summary=summary, diff=diff_texts(_render(base), _render(head)))
    yield FoundChange(change, changes_rows=bool(parts))


def _read(node: Node) -> _Columns:
    """What is said about each column, and about all of them."""
    columns = {
        name: {key: value for key, value in column.items() if key not in _DERIVED and value not in (None, "", [], {})}
        for name, column in (node.columns or {}).items()
    }
    return columns | ({_WHOLE: {"constraints": node.constraints}} if node.constraints else {})


def _has_contract(node: Node) -> bool:
    contract = node.config.contract
    return isinstance(contract, Mapping) and bool(contract.get("enforced"))


def _enforced(name: str, base: _Columns, head: _Columns) -> Iterator[str]:
    """What a contract makes felt of a difference in one column."""
    if name != _WHOLE and (name not in base or name not in head):
        yield f"{name} {'removed' if name in base else 'added'}"
        return
    before, after = base.get(name, {}), head.get(name, {})
    if before.get("data_type") != after.get("data_type"):
        yield describe_change(name, before.get("data_type"), after.get("data_type"))
    if before.get("constraints") != after.get("constraints"):
        yield f"constraints of {name} changed" if name else "constraints changed"


def _describe(names: list[str], base: _Columns) -> str:
    columns = [name for name in names if name != _WHOLE]
    is_new = not any(base.get(name, {}).get("description") for name in columns)
    described = f"{render_count(len(columns), 'column')} described{'' if is_new else ' anew'}"
    return ", ".join([described] * bool(columns) + ["constraints changed"] * (_WHOLE in names))


def _render(columns: _Columns) -> str:
    return "".join(render_setting(name or "model", columns[name]) for name in sorted(columns))
