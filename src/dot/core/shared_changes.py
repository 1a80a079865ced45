"""What changed in what many nodes share: macros of the project and of its packages, and variables."""

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from dot.core.adapters import ADAPTER_TYPES
from dot.core.code_side import Found, Pair, Sides
from dot.core.diff import CodeChange
from dot.core.manifest import Manifest, Node
from dot.core.model import is_same, thaw
from dot.core.text_diff import describe_change, diff_texts, render_setting, unify_ends

_Reasons = dict[str, Found]
"""Changes, each by a name of its own, so that none is told twice."""


class _Variable(NamedTuple):
    """A variable that has changed, and how code asks for it."""

    found: Found
    mention: re.Pattern[str]


class SharedChanges:
    """The changes of macros and variables between two sides, to be asked which of them touch a node."""

    def __init__(self, sides: Sides) -> None:
        self._variables = {name: _variable(name, sides) for name in _find_variables(sides)}
        self._touched = _find_touched(sides, self._variables)
        self._materializations = tuple(_find_materializations(side.manifest) for side in sides)

    def find(self, pair: Pair) -> tuple[Found, ...]:
        """What touches a node, by its name."""
        found: _Reasons = {}
        for node, materializations in zip((pair.base, pair.head), self._materializations, strict=True):
            found |= _find_mentioned(self._variables, _code(node)) if self._variables else {}
            writers = materializations.get(node.config.materialized or "", ()) if node.resource_type != "test" else ()
            for macro in (*node.depends_on.macros, *writers):
                found |= self._touched.get(macro, {})
        return tuple(found[name] for name in sorted(found))

    def find_variables(self, *texts: str | None) -> tuple[Found, ...]:
        """The variables that are asked for in a text."""
        return tuple(_find_mentioned(self._variables, str(texts)).values())


def list_dbts_packages(*manifests: Manifest) -> frozenset[str]:
    """The packages that come with dbt and its adapters, and so change with their versions."""
    adapters = ADAPTER_TYPES.union(manifest.metadata.adapter_type for manifest in manifests)
    return frozenset({"dbt", *(f"dbt_{adapter}" for adapter in adapters)})


# -- variables -----------------------------------------------------------------------------------------------------


def _find_variables(sides: Sides) -> list[str]:
    base, head = (side.variables for side in sides)
    return [name for name in sorted({*base, *head}) if not is_same(base.get(name), head.get(name))]


def _variable(name: str, sides: Sides) -> _Variable:
    base, head = (thaw(side.variables.get(name)) for side in sides)
    diff = diff_texts(render_setting(name, base), render_setting(name, head))
    change = CodeChange(part="configuration", summary=describe_change(f"var {name}", base, head), diff=diff)
    return _Variable(Found(change), re.compile(rf"\bvar(?:\.has_var)?\s*\(\s*\\?['\"]{re.escape(name)}\\?['\"]"))


def _find_mentioned(variables: Mapping[str, _Variable], text: str) -> _Reasons:
    return {f"var {name}": variable.found for name, variable in variables.items() if variable.mention.search(text)}


def _code(node: Node) -> str:
    """Everything of a node in which Jinja may stand."""
    arguments = node.test_metadata.kwargs if node.test_metadata else None
    return f"{node.raw_code} {node.unrendered_config} {arguments}"


# -- macros --------------------------------------------------------------------------------------------------------


def _find_touched(sides: Sides, variables: Mapping[str, _Variable]) -> dict[str, _Reasons]:
    """What has changed in or under each macro, by its unique id."""
    manifests = tuple(side.manifest for side in sides)
    internal = list_dbts_packages(*manifests)
    callers: dict[str, set[str]] = {}
    own: dict[str, _Reasons] = {}
    for manifest in manifests:
        for unique_id, macro in manifest.macros.items():
            if macro.package_name not in internal:
                reasons = _find_mentioned(variables, macro.macro_sql)
                own[unique_id] = own.get(unique_id, {}) | reasons | _compare_macro(unique_id, manifests)
            for called in macro.depends_on.macros:
                callers.setdefault(called, set()).add(unique_id)
    touched: dict[str, _Reasons] = {}
    for unique_id, reasons in own.items():
        for caller in find_reached([unique_id], callers) if reasons else ():
            touched[caller] = touched.get(caller, {}) | reasons
    return touched


def find_reached(starts: Iterable[str], edges: Mapping[str, Iterable[str]]) -> set[str]:
    """Everything that can be reached from there, and the starts themselves."""
    reached = set(starts)
    open_ends = list(reached)
    while open_ends:
        news = set(edges.get(open_ends.pop(), ())) - reached
        reached |= news
        open_ends += news
    return reached


def _compare_macro(unique_id: str, manifests: tuple[Manifest, ...]) -> _Reasons:
    before, after = (manifest.macros.get(unique_id) for manifest in manifests)
    base, head = (unify_ends(macro.macro_sql) if macro else "" for macro in (before, after))
    if base == head:
        return {}
    diff = diff_texts(base, head)
    done = "added" if before is None else "removed" if after is None else "changed"
    package, name = unique_id.split(".")[1:3]
    called = name if package == manifests[1].metadata.project_name else f"{package}.{name}"
    change = CodeChange(part="macro", summary=f"macro {called} {done}", diff=diff)
    return {f"macro {unique_id}": Found(change)}


def _find_materializations(manifest: Manifest) -> dict[str, list[str]]:
    """The macros that may write a node, by its materialization; dbt does not say which of them does."""
    name = re.compile(rf"materialization_(\w+)_(?:default|{manifest.metadata.adapter_type})")
    found: dict[str, list[str]] = {}
    for unique_id, macro in manifest.macros.items():
        if match := name.fullmatch(macro.name):
            found.setdefault(match[1], []).append(unique_id)
    return found
