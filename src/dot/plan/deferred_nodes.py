"""What deferring means for single nodes, by the manifests of a build and of its baseline."""

from collections.abc import Iterator, Mapping
from typing import Any

from dot.base.wording import list_some
from dot.dbt.jinja_text import may_have_jinja
from dot.dbt.manifest import Manifest, Node
from dot.isolation.folder_bound import find_folder_bound

_MOST_NAMED = 5


def choose_functions(mine: Manifest, baseline: Manifest) -> dict[str, tuple[str, ...]]:
    """The baseline's functions that may differ from the build's, by unique id, with the names of their callers.

    dbt looks for a function among relations, finds none, and so always calls the baseline's.
    """
    return {
        unique_id: tuple(sorted(node.name for node in mine.everything.values() if unique_id in node.depends_on.nodes))
        for unique_id in sorted(mine.functions.keys() & baseline.functions.keys())
        if not _is_same(mine.functions[unique_id], baseline.functions[unique_id])
    }


def explain_function(name: str, callers: tuple[str, ...]) -> str:
    """Who calls the build's own function, for a person who may have to build it first."""
    return (
        f"the function `{name}` may differ from the baseline's: this build's own, which must be built, is called in "
        f"{list_some(callers, _MOST_NAMED)}"
    )


def warn_of_foreign_keys(mine: Manifest) -> tuple[str, ...]:
    """A line for each foreign key that may lead to the baseline although the build has what it refers to.

    dbt takes the baseline's relation for whatever the command does not select, and before 1.12 for all.
    """
    return tuple(
        f"the foreign key of `{node.name}` to {to} may lead to the baseline's, even where this build has its own"
        for _, node in sorted(mine.nodes.items())
        for to in sorted({str(one.get("to")) for one in _constraints(node) if one.get("type") == "foreign_key"})
        if to.startswith("ref(")
    )


def warn_of_folders(mine: Manifest) -> tuple[str, ...]:
    """A line for each view that reads a file in the folder of whoever asks, which here is the build's own."""
    read = {name for node in mine.nodes.values() for name in node.depends_on.nodes}
    return tuple(
        f"`{mine.nodes[unique_id].name}` reads {file} in the folder of whoever asks: where it is the baseline's, it "
        "shows the rows of this commit's file"
        for unique_id, file in sorted(find_folder_bound(mine).items())
        if unique_id in read and mine.nodes[unique_id].config.materialized != "ephemeral"
    )


def _constraints(node: Node) -> Iterator[Mapping[str, Any]]:
    yield from node.constraints or ()
    for column in (node.columns or {}).values():
        yield from column.get("constraints") or ()


def _is_same(mine: Node, other: Node) -> bool:
    """Whether two functions are the same; those with Jinja in them, or with parents, may read what differs."""
    code = mine.raw_code or ""
    is_plain = not may_have_jinja(code) and not mine.depends_on.nodes
    return is_plain and _describe(mine) == _describe(other)


def _describe(function: Node) -> tuple[object, ...]:
    return function.raw_code, function.arguments, function.returns, function.language, function.config.settings()
