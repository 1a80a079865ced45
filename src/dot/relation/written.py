"""Which relations a dbt command writes, by its manifest."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, get_args

from dot.dbt.manifest import Manifest, Node, Source
from dot.relation.quoting import find_quoting, read_relation
from dot.relation.relation import Kind, Part, Relation

WRITES: dict[str, tuple[str, ...]] = {
    "build": ("model", "seed", "snapshot", "test", "function"),
    "clone": ("model", "seed", "snapshot"),
    "compile": (),
    "docs generate": (),
    "retry": ("model", "seed", "snapshot", "test", "function"),
    "run": ("model",),
    "seed": ("seed",),
    "show": (),
    "snapshot": ("snapshot",),
    "source freshness": (),
    "test": ("test",),
}
"""The kinds of nodes that a dbt command can write; none for one that writes nothing but runs code of the project."""

_KINDS: Mapping[str, Kind] = {
    **{kind: kind for kind in get_args(Kind)},
    "external": "view",
    "incremental": "table",
    "seed": "table",
    "snapshot": "table",
}
"""What dbt's own materializations make."""


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
    database, schema, identifier = parts
    written, quoting = named
    adapter = manifest.metadata.adapter_type or ""
    relation = Relation(
        database=database or None,
        schema_name=schema or None,
        identifier=identifier,
        kind=kind,
        bare=_bare_parts(adapter, manifest.metadata.quoting, quoting),
    )
    return read_relation(relation, written, adapter)


def _bare_parts(adapter: str, *quotings: Any) -> tuple[Part, ...]:
    """The parts without quotes: the adapter's, but for what a project, and then a node, says of them."""
    is_quoted: dict[Part, bool] = {part: part not in find_quoting(adapter).bare for part in get_args(Part)}
    for quoting in quotings:
        if isinstance(quoting, Mapping):
            is_quoted |= {part: quoting[part] for part in is_quoted if isinstance(quoting.get(part), bool)}
    return tuple(part for part, quoted in is_quoted.items() if not quoted)


def _kind_of(node: Node) -> Kind:
    if node.resource_type == "test":
        return "view" if node.config.store_failures_as == "view" else "table"
    named = node.resource_type if node.resource_type in ("seed", "snapshot", "function") else node.config.materialized
    return _KINDS.get(named or "", "unknown")
