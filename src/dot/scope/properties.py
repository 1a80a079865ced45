"""What two versions of a property file of dbt's do not say alike, by the nodes that they speak of."""

import json
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

_KINDS = {
    "models": "model",
    "seeds": "seed",
    "snapshots": "snapshot",
    "exposures": "exposure",
    "unit_tests": "unit_test",
    "data_tests": "test",
    "sources": "source",
}
"""The keys of a property file whose entries are about one node each."""

_SAY_NOTHING = ("version", "analyses", "macros")
"""Keys whose entries only document, or are about what nothing is built from."""

_SELECTS = {"exposure": "exposure:{}", "unit_test": "unit_test:{}", "source": "source:{}+1"}
_PLAIN = re.compile(r"[\w.-]+")
"""A name that means itself where dbt selects nodes."""


class Told(NamedTuple):
    """A node that a property file speaks of, and how dbt selects it: a source with what reads it."""

    kind: str
    name: str
    select: str


def compare_properties(base: Any, head: Any) -> tuple[Told, ...] | None:
    """The nodes of which two versions of the file do not say the same; None where that cannot be told."""
    sides = [side if isinstance(side, Mapping) else {} if side is None else None for side in (base, head)]
    if None in sides:
        return None
    found: list[Told] = []
    for key in sorted({key for side in sides for key in side or {}}):
        entries = [(side or {}).get(key) for side in sides]
        if key in _SAY_NOTHING or _spell(entries[0]) == _spell(entries[1]):
            continue
        told = _compare_entries(key, entries) if key in _KINDS else None
        if told is None:
            return None
        found += told
    return tuple(found)


def _compare_entries(key: str, sides: list[Any]) -> list[Told] | None:
    named = [_name_entries(side) for side in sides]
    if None in named:
        return None
    base, head = (side or {} for side in named)
    names = sorted(name for name in {*base, *head} if _spell(base.get(name)) != _spell(head.get(name)))
    told = [_tell(_KINDS[key], name) for name in names]
    return None if None in told else [one for one in told if one]


def _spell(value: Any) -> str:
    """The value as text, where `1`, `1.0` and `true` are not alike, nor are mappings in another order."""
    return json.dumps(value)


def _name_entries(entries: Any) -> dict[str, list[Any]] | None:
    """The entries by name, of which there may be several; None for what is no list of named entries."""
    found: dict[str, list[Any]] = {}
    for entry in entries if isinstance(entries, list) else [] if entries is None else [None]:
        name = entry.get("name") if isinstance(entry, Mapping) else None
        if not isinstance(name, str):
            return None
        found.setdefault(name, []).append(entry)
    return found


def _tell(kind: str, name: str) -> Told | None:
    return Told(kind, name, _SELECTS.get(kind, "{}").format(name)) if _PLAIN.fullmatch(name) else None


def is_selectable(path: str) -> bool:
    """Whether dbt takes the path for itself, and not for several, a pattern, or the graph around it."""
    return not re.search(r"[\s,*?\[\]\"'\\:]|[\ud800-\udfff]", path) and path.isprintable()
