"""What was changed by hand between two builds, read from their manifests alone."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from dot.base.frozen import FrozenLenient, FrozenMapping
from dot.dbt.manifest import Manifest, Node, Source
from dot.diff.code.doubts import OwnDoubts, find_doubts_of_all
from dot.diff.code.node_changes import find_changes, find_source_changes, show_code
from dot.diff.code.renames import find_renames
from dot.diff.code.shared_changes import SharedChanges
from dot.diff.code.side import CodeSide, FoundChange, Pair, Sides
from dot.diff.report import CodeKind, NodeDiff
from dot.isolation.macro_facts import find_reached

_KINDS = ("model", "seed", "snapshot", "test", "unit_test", "function", "operation", "exposure")
_READ = ("model.", "seed.", "snapshot.", "function.", "source.")


class CodeDiff(FrozenLenient):
    """Every model, seed, snapshot, test, unit test, function, hook and exposure, and the sources that have changed.

    They are ordered by unique id, which is head's where head has the node, and so are their `parents`: what they read
    of all that is affected, among `nodes` and `sources`. `doubts` say of nodes whose code is the same why their rows
    may not be.
    """

    nodes: tuple[NodeDiff, ...]
    sources: tuple[NodeDiff, ...] = ()
    doubts: FrozenMapping = FrozenMapping()


def compare_code(base: CodeSide, head: CodeSide, files: Iterable[str] = ()) -> CodeDiff:
    """What people changed. What only a build is called, such as its schema, is no change.

    `files` are the paths of all files that the two sides do not have alike.
    """
    found = _CodeComparison((base, head), tuple(files))
    return CodeDiff(nodes=tuple(found.nodes()), sources=tuple(found.sources()), doubts=FrozenMapping(found.doubts))


@dataclass(frozen=True)
class _CodeComparison:
    """What is found out about both sides, each thing from those above it."""

    sides: Sides
    files: tuple[str, ...]

    @cached_property
    def base(self) -> dict[str, Node]:
        return _list_nodes(self.sides[0].manifest)

    @cached_property
    def head(self) -> dict[str, Node]:
        return _list_nodes(self.sides[1].manifest)

    @cached_property
    def renamed(self) -> dict[str, str]:
        """Unique ids in head by those in base."""
        removed = {unique_id: node for unique_id, node in self.base.items() if unique_id not in self.head}
        added = {unique_id: node for unique_id, node in self.head.items() if unique_id not in self.base}
        return find_renames(self.sides, removed, added)

    @cached_property
    def removed(self) -> set[str]:
        return self.base.keys() - self.head.keys() - self.renamed.keys()

    @cached_property
    def pairs(self) -> dict[str, Pair]:
        """What both sides have, by unique id in head."""
        both = {unique_id: unique_id for unique_id in self.base.keys() & self.head.keys()}
        pairs = (Pair(old, new, self.base[old], self.head[new]) for old, new in (both | self.renamed).items())
        return {pair.head_id: pair for pair in pairs}

    @cached_property
    def shared(self) -> SharedChanges:
        return SharedChanges(self.sides, self.files)

    @cached_property
    def changes(self) -> dict[str, tuple[FoundChange, ...]]:
        """Each node's own changes."""
        pairs = self.pairs.items()
        return {unique_id: (*find_changes(pair, self.sides), *self.shared.find(pair)) for unique_id, pair in pairs}

    @cached_property
    def source_changes(self) -> dict[str, tuple[FoundChange, ...]]:
        """The changes of sources that have any."""
        base, head = (side.manifest.sources for side in self.sides)
        changes = {
            unique_id: (
                *find_source_changes(base[unique_id], head[unique_id], self.sides),
                *self.shared.find_in(*(_list_written(source[unique_id]) for source in (base, head))),
            )
            for unique_id in sorted(base.keys() & head.keys())
        }
        return {unique_id: found for unique_id, found in changes.items() if found}

    @cached_property
    def moved(self) -> set[str]:
        """Whatever may have other rows: by its own doing, or because it reads something else, or because of that."""
        changed = {unique_id for unique_id, found in self.changes.items() if any(one.changes_rows for one in found)}
        rewired = {unique_id for unique_id, pair in self.pairs.items() if self._has_other_reads(pair)}
        return find_reached(changed | rewired | self.source_changes.keys(), self._readers)

    def _readers(self, unique_id: str) -> set[str]:
        return self._read_by.get(unique_id, set())

    @cached_property
    def _read_by(self) -> dict[str, set[str]]:
        """What reads a node of head, or a source."""
        readers: dict[str, set[str]] = {}
        for unique_id, node in self.head.items():
            for read in self._reads(node, 1):
                readers.setdefault(read, set()).add(unique_id)
        return readers

    def _has_other_reads(self, pair: Pair) -> bool:
        return {self.renamed.get(read, read) for read in self._reads(pair.base, 0)} != self._reads(pair.head, 1)

    @cached_property
    def kinds(self) -> dict[str, CodeKind]:
        """What became of each node, by its unique id in head, or in base if it is gone."""
        return {unique_id: self._kind(unique_id) for unique_id in sorted({*self.head, *self.removed})}

    def _kind(self, unique_id: str) -> CodeKind:
        if unique_id in self.removed:
            return "removed"
        if unique_id not in self.pairs:
            return "added"
        if self.pairs[unique_id].base_id != unique_id:
            return "renamed"
        if self.changes[unique_id]:
            return "changed"
        return "parent" if unique_id in self.moved else "same"

    @cached_property
    def doubts(self) -> dict[str, str]:
        """Why the rows of a node may differ whose code is the same, and above which no code changed."""
        hooks = [
            unique_id for unique_id, kind in self.kinds.items() if unique_id in self._operations and kind != "same"
        ]
        reasons = [*(f"{_name_hook(hook)} changed" for hook in hooks), *find_doubts_of_all(self.sides)]
        same = [unique_id for unique_id, kind in self.kinds.items() if kind == "same"]
        if reasons:
            return dict.fromkeys(same, reasons[0])
        found = self._own_doubts()
        above = {below: reason for start, reason in found.items() for below in find_reached([start], self._readers)}
        return {unique_id: found.get(unique_id) or above[unique_id] for unique_id in same if unique_id in above}

    def _own_doubts(self) -> dict[str, str]:
        own = OwnDoubts(self.sides)
        base, head = (side.manifest.sources for side in self.sides)
        found = {name: own.find_source(base[name], head[name]) for name in sorted(base.keys() & head.keys())}
        found |= {name: own.find(pair.base, pair.head) for name, pair in self.pairs.items()}
        return {name: reason for name, reason in found.items() if reason}

    @property
    def _operations(self) -> set[str]:
        nodes = {**self.base, **self.head}
        return {unique_id for unique_id, node in nodes.items() if node.resource_type == "operation"}

    @cached_property
    def affected(self) -> set[str]:
        return {unique_id for unique_id, kind in self.kinds.items() if kind != "same"} | self.source_changes.keys()

    def nodes(self) -> Iterator[NodeDiff]:
        """Every node, and what became of it."""
        for unique_id, kind in self.kinds.items():
            pair = self.pairs.get(unique_id)
            base = pair.base if pair else self.base.get(unique_id)
            head = self.head.get(unique_id)
            node = head or self.base[unique_id]
            yield NodeDiff(
                unique_id=unique_id,
                name=node.title,
                resource_type=node.resource_type,
                materialized=node.config.materialized,
                file=node.original_file_path,
                code=kind,
                changes=tuple(found.change for found in self.changes.get(unique_id, ())) or show_code(base, head),
                renamed_from=pair.base_id if pair and kind == "renamed" else None,
                parents=self._parents(node, int(head is not None)) if unique_id in self.affected else (),
                owner=_describe_owner(node.owner),
                url=node.url,
                relation_base=base.relation_name if base else None,
                relation_head=head.relation_name if head else None,
            )

    def _parents(self, node: Node, side: int) -> tuple[str, ...]:
        return tuple(sorted({self.renamed.get(read, read) for read in self._reads(node, side)} & self.affected))

    def _reads(self, node: Node, side: int) -> set[str]:
        """The unique ids of what the node's rows come from, on its side."""
        return {unique_id for unique_id in self.sides[side].manifest.list_reads(node) if unique_id.startswith(_READ)}

    def sources(self) -> Iterator[NodeDiff]:
        """The sources that have changed."""
        base, head = (side.manifest.sources for side in self.sides)
        for unique_id, found in self.source_changes.items():
            source = head[unique_id]
            yield NodeDiff(
                unique_id=unique_id,
                name=f"{source.source_name}.{source.name}",
                resource_type="source",
                materialized=None,
                file=source.original_file_path,
                code="changed",
                changes=tuple(one.change for one in found),
                relation_base=base[unique_id].relation_name,
                relation_head=source.relation_name,
            )


def _list_nodes(manifest: Manifest) -> dict[str, Node]:
    return {name: node for name, node in manifest.everything.items() if node.resource_type in _KINDS}


def _list_written(source: Source) -> tuple[Any, ...]:
    """Everything of a source in which Jinja may stand, or the name of a file."""
    return (
        source.unrendered_schema,
        source.unrendered_database,
        source.unrendered_config,
        source.meta,
        source.source_meta,
    )


def _name_hook(unique_id: str) -> str:
    """`on-run-end of shop`."""
    package, name = unique_id.split(".")[1:3]
    return f"{name.removeprefix(f'{package}-').rpartition('-')[0]} of {package}"


def _describe_owner(owner: Mapping[str, Any] | None) -> str | None:
    """`Ada <ada@example.com>`, as far as it is known."""
    name, mail = ((owner or {}).get(key) for key in ("name", "email"))
    return f"{name} <{mail}>" if name and mail else name or mail
