"""Which columns tell the rows of a relation apart, and who says so."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from dot.base.frozen import Frozen
from dot.dbt.manifest import Manifest, Node, NodeConfig, TestMetadata
from dot.diff.report import NodeDiff

GIVEN = "--key"
"""The source of a key that somebody asked for."""

_NAME = re.compile(r"[^\W\d][\w$]*")
_QUOTED = re.compile(r"""["`\[]([^"`\[\]]+)["`\]]""")

_ARGUMENTS = {
    "unique": "column_name",
    "expect_column_values_to_be_unique": "column_name",
    "unique_combination_of_columns": "combination_of_columns",
    "expect_compound_columns_to_be_unique": "column_list",
}
"""Tests, dbt's own and of well-known packages, that rows differ in columns, and the argument that names those."""

_PARTIAL = "row_condition"
"""An argument of such a test that leaves rows out; `where` in its configuration is dbt's own."""


class Key(Frozen):
    """Columns that no two rows have in common, and who says so."""

    columns: tuple[str, ...]
    source: str


def list_keys(node: NodeDiff, base: Manifest, head: Manifest, given: Mapping[str, tuple[str, ...]]) -> tuple[Key, ...]:
    """Every key that is known, the best first: that given for a name of the node, then head's, then base's."""
    keys = [Key(columns=given[name], source=GIVEN) for name in node.names if name in given]
    keys += [*_find_keys(node.unique_id, head), *_find_keys(node.renamed_from or node.unique_id, base)]
    first: dict[tuple[str, ...], Key] = {}
    for key in keys:
        first.setdefault(key.columns, key)
    return tuple(first.values())


def _find_keys(unique_id: str, manifest: Manifest) -> Iterator[Key]:
    node = manifest.everything.get(unique_id)
    if node is None:
        return
    yield from _configured(node)
    yield from _constrained(node)
    yield from _tested(manifest.tests.get(unique_id, ()))
    # dbt's own guess, which puts columns together that are unique each by itself, in any order (`infer_primary_key`).
    yield from _keys([sorted(node.primary_key or ())], "primary_key")


def _keys(candidates: Iterable[Any], source: str) -> Iterator[Key]:
    """A key for each candidate, a name or a list of names, that consists of columns; expressions are left out."""
    for candidate in candidates:
        names = [candidate] if isinstance(candidate, str) else candidate if isinstance(candidate, list) else []
        columns = tuple(column for column in map(_column, names) if column)
        if columns and len(columns) == len(names):
            yield Key(columns=columns, source=source)


def _column(name: Any) -> str | None:
    text = str(name).strip()
    quoted = _QUOTED.fullmatch(text)
    return quoted[1] if quoted else text if _NAME.fullmatch(text) else None


def _configured(node: Node) -> Iterator[Key]:
    for key in _keys([node.config.unique_key], "unique_key"):
        yield from _versioned(key, node) if node.resource_type == "snapshot" else (key,)


def _versioned(key: Key, snapshot: Node) -> Iterator[Key]:
    """A snapshot has a row for each version. When one began is the data's own time only in the strategy `timestamp`."""
    extra = snapshot.config.model_extra or {}
    began = (extra.get("snapshot_meta_column_names") or {}).get("dbt_valid_from") or "dbt_valid_from"
    version = Key(columns=(*key.columns, began), source=key.source)
    yield from (version, key) if extra.get("strategy") == "timestamp" else (key, version)


def _constrained(node: Node) -> Iterator[Key]:
    whole = [rule.get("columns") for rule in node.constraints or () if rule.get("type") == "primary_key"]
    rules = {name: column.get("constraints") or () for name, column in (node.columns or {}).items()}
    single = [name for name in rules if any(rule.get("type") == "primary_key" for rule in rules[name])]
    yield from _keys([*whole, single], "constraint")


def _tested(tests: Iterable[tuple[TestMetadata, NodeConfig]]) -> Iterator[Key]:
    """What the tests of a node promise: one column before many, and columns that are never null before others."""
    tests = tuple(tests)
    filled = {str(test.kwargs.get("column_name")) for test, _ in tests if test.name == "not_null"}
    keys = [key for test, config in tests for key in _unique(test, config)]
    yield from sorted(keys, key=lambda key: (len(key.columns) > 1, not filled.issuperset(key.columns)))


def _unique(test: TestMetadata, config: NodeConfig) -> Iterator[Key]:
    is_partial = test.kwargs.get(_PARTIAL) or (config.model_extra or {}).get("where")
    if test.name in _ARGUMENTS and not is_partial:
        yield from _keys([test.kwargs.get(_ARGUMENTS[test.name])], f"{test.name} test")
