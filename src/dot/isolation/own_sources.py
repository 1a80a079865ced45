"""Sources that are relations of the project itself: where its build puts these elsewhere, they have to follow."""

import re
from collections.abc import Iterator

from dot.base.frozen import FrozenLenient
from dot.dbt.manifest import Manifest, Node, Source
from dot.isolation.leaks import PIECE
from dot.isolation.rules import Leak, Rules
from dot.isolation.schema_macro import SUFFIX
from dot.relation.relation import describe_relation
from dot.relation.written import relation_of, relation_of_source

_MAKES = ("model", "seed", "snapshot")
_TAG = f"{{{{ {SUFFIX} }}}}"


class LostSource(FrozenLenient):
    """A source that reads what the project makes when it is no build; this build makes `makes` instead.

    `schema_line` is the line of the source's `file` that lets it follow.
    """

    source: str
    file: str
    reads: str
    makes: str
    schema_line: str


def find_lost_sources(manifest: Manifest, rules: Rules) -> tuple[LostSource, ...]:
    """The sources in use that would read a relation of the project from outside the build, in their order."""
    piece = re.compile(f"_?{PIECE.format(rules.short_hash)}", re.IGNORECASE)
    made = {relation_of(node, manifest).key: node for node in _made_nodes(manifest)}
    lives = {tuple(piece.sub("", part) for part in key): node for key, node in made.items()}
    read = [(source, relation_of_source(source, manifest)) for source in _read_sources(manifest)]
    return tuple(
        LostSource(
            source=f"{source.source_name}.{source.name}",
            file=source.original_file_path,
            reads=describe_relation(relation),
            makes=describe_relation(relation_of(lives[relation.key], manifest)),
            schema_line=_schema_line(source, piece.split(lives[relation.key].schema_name or "")),
        )
        for source, relation in read
        if relation.key in lives and relation.key not in made
    )


def list_sources_to_change(manifest: Manifest, leaks: tuple[Leak, ...]) -> dict[tuple[str, str], str]:
    """The sources that are leaking relations, by name and file: the line that each needs beside the cure of these."""
    nodes = ((leak, manifest.everything.get(leak.unique_id)) for leak in leaks)
    leaking = {relation_of(node, manifest).key for leak, node in nodes if node and _gets_suffix(leak, node)}
    return {
        (source.source_name, source.original_file_path): _schema_line(source, [])
        for source in _read_sources(manifest)
        if relation_of_source(source, manifest).key in leaking
    }


def _gets_suffix(leak: Leak, node: Node) -> bool:
    """Whether the cure puts the suffix behind the schema that the node has now."""
    return bool(leak.macro or (node.resource_type == "snapshot" and node.config.target_schema))


def _made_nodes(manifest: Manifest) -> Iterator[Node]:
    for node in manifest.everything.values():
        if node.resource_type in _MAKES and node.config.materialized != "ephemeral":
            yield node


def _read_sources(manifest: Manifest) -> Iterator[Source]:
    read = {unique_id for node in manifest.everything.values() for unique_id in node.depends_on.nodes}
    return (source for unique_id, source in manifest.sources.items() if unique_id in read)


def _schema_line(source: Source, around: list[str]) -> str:
    """The source's schema with the suffix: behind what people wrote, Jinja and all, or between these two parts."""
    if len(around) == 2 and around[1]:  # noqa: PLR2004
        return f'schema: "{_TAG.join(around)}"'
    written = source.unrendered_schema if isinstance(source.unrendered_schema, str) else source.schema_name
    return f"""schema: "{(written or "").replace('"', "'")}{_TAG}\""""
