"""Which relations a dbt command writes, by its manifest."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from typing import Any, get_args

from dot.dbt.manifest import Manifest, Node, Source
from dot.dbt.writes import WRITES
from dot.relation.quoting import find_quoting, read_relation
from dot.relation.relation import Kind, Part, Relation

_KINDS: Mapping[str, Kind] = {
    **{kind: kind for kind in get_args(Kind)},
    "external": "view",
    "incremental": "table",
    "seed": "table",
    "snapshot": "table",
}
"""What dbt's own materializations make."""


_PARTS: tuple[Part, ...] = get_args(Part)


@dataclass(frozen=True)
class Written:
    """A node that a dbt command writes."""

    unique_id: str
    node: Node
    manifest: Manifest

    @cached_property
    def relation(self) -> Relation:
        return relation_of(self.node, self.manifest)


def list_written(manifest: Manifest, dbt_command: str, *, store_failures: bool | None) -> Iterator[Written]:
    """Every node that the command could write, if it is selected; `store_failures` is dbt's flag, or nothing."""
    kinds = WRITES.get(dbt_command, ())
    for unique_id, node in {**manifest.nodes, **manifest.functions}.items():
        if node.resource_type not in kinds or node.config.materialized == "ephemeral":
            continue
        if node.resource_type == "test" and not _stores_failures(node, flag=store_failures):
            continue
        yield Written(unique_id, node, manifest)


def _stores_failures(node: Node, *, flag: bool | None) -> bool:
    """Whether this test writes its failures into a relation. A test's own configuration wins over the flag."""
    config = node.config
    if config.store_failures_as is not None:
        return config.store_failures_as in ("table", "view")
    return bool(config.store_failures if config.store_failures is not None else flag)


def relation_of(node: Node, manifest: Manifest) -> Relation:
    """The relation that a node is, or would be if dbt gave it a name."""
    parts = (node.database, node.schema_name, node.alias or node.name)
    return _read(parts, _kind_of(node), (node.relation_name, node.config.quoting), manifest)


def relation_of_source(source: Source, manifest: Manifest) -> Relation:
    """The relation that a source is."""
    parts = (source.database, source.schema_name, source.identifier or source.name)
    return _read(parts, "unknown", (source.relation_name, source.quoting), manifest)


def _read(
    parts: tuple[str | None, str | None, str], kind: Kind, named: tuple[str | None, Any], manifest: Manifest
) -> Relation:
    """The relation of these parts and of this name, with the quoting that it has of its own."""
    written, quoting = named
    adapter = manifest.metadata.adapter_type or ""
    bare = _bare_parts(adapter, _flags_of(manifest.metadata.quoting), _flags_of(quoting))
    return _make_relation(parts, kind, bare, (written, adapter))


@lru_cache(maxsize=100_000)  # a check asks for each relation several times
def _make_relation(
    parts: tuple[str | None, str | None, str], kind: Kind, bare: tuple[Part, ...], named: tuple[str | None, str]
) -> Relation:
    database, schema, identifier = parts
    relation = Relation(
        database=database or None, schema_name=schema or None, identifier=identifier, kind=kind, bare=bare
    )
    return read_relation(relation, *named)


def _flags_of(quoting: Any) -> tuple[tuple[Part, bool], ...]:
    """Whether each part is quoted, as far as a configuration says so."""
    known = quoting if isinstance(quoting, Mapping) else {}
    return tuple((part, known[part]) for part in _PARTS if isinstance(known.get(part), bool))


@cache
def _bare_parts(adapter: str, *quotings: tuple[tuple[Part, bool], ...]) -> tuple[Part, ...]:
    """The parts without quotes: the adapter's, but for what a project, and then a node, says of them."""
    is_quoted: dict[Part, bool] = {part: part not in find_quoting(adapter).bare for part in _PARTS}
    for quoting in quotings:
        is_quoted |= dict(quoting)
    return tuple(part for part, quoted in is_quoted.items() if not quoted)


def _kind_of(node: Node) -> Kind:
    if node.resource_type == "test":
        return "view" if node.config.store_failures_as == "view" else "table"
    named = node.resource_type if node.resource_type in ("seed", "snapshot", "function") else node.config.materialized
    return _KINDS.get(named or "", "unknown")
