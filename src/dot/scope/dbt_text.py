"""An answer about a dbt project in words."""

from collections.abc import Iterator

from dot.base.text_diff import render_count
from dot.base.wording import MOST_NAMES
from dot.scope.commits import Reason, show_path
from dot.scope.dbt_scope import REASONS, DbtScope


def render_dbt_scope(scope: DbtScope) -> str:
    """A title, a line for each node, and why everything is touched, if it is."""
    return "\n".join(_list_lines(scope))


def _list_lines(scope: DbtScope) -> Iterator[str]:
    way = "by their paths" if scope.by == "paths" else f"by the code of the builds in environment {scope.environment}"
    yield f"{scope.found.describe()} · {render_count(len(scope.files), 'file')}, {way}"
    if scope.is_full:
        yield "every node is touched"
        yield from _some([f"  {explain_reason(reason)}" for reason in scope.reasons])
        return
    if not scope.nodes:
        yield "no node is touched"
    yield from _some([f"  {node.resource_type:<9} {node.change:<8} {node.name}" for node in scope.nodes])
    if scope.removed:
        yield from _some([f"  {'':9} {'removed':<8} {name}" for name in scope.removed])


def explain_reason(reason: Reason) -> str:
    """`macros/a.sql: this file may touch every node (other-file)`."""
    about = reason.path or reason.resource
    text = REASONS.get(reason.code, reason.code)
    return f"{show_path(about)}: {text} ({reason.code})" if about else f"{text} ({reason.code})"


def _some(lines: list[str]) -> Iterator[str]:
    yield from lines[:MOST_NAMES]
    if len(lines) > MOST_NAMES:
        yield f"  and {len(lines) - MOST_NAMES:,} more, see `--json`"
