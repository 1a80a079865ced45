"""What two builds have in common and what not: the value behind every form in which `dot diff` shows it."""

from typing import Literal

from dot.base.frozen import FrozenLenient, FrozenMapping

FORMAT_VERSION = "1.0"

CodeKind = Literal["same", "changed", "parent", "added", "removed", "renamed"]
"""`changed` is the node's own doing; `parent` is changed only through something above it."""

DataStatus = Literal["equal", "different", "missing", "not_compared", "failed", "not_proven"]
"""`missing` on one side at least, which is a result; `failed` is what the warehouse refused; `not_proven` is what seems
equal and may not be, or is not the build's own."""

UNPROVEN: tuple[DataStatus, ...] = ("not_compared", "failed", "not_proven")
"""What says nothing of whether the data are the same."""

GateResult = Literal["same", "different", "not_proven"]


class Side(FrozenLenient):
    """One of the two builds; a live one has no commit.

    `typed` is the address as somebody typed it. `built_at` is when the last dbt command ended that wrote models, in ISO
    8601 and UTC, and `exit_code` its result; `tests` says how many tests had which result since then. `baseline` is the
    address that it reads what it lacks from, if it remembers one. `dbt` is the version that wrote its manifest, where
    dbt 1 wrote the one side's and dbt 2 the other's.
    """

    address: str
    typed: str | None = None
    environment: str
    commit: str | None
    short_hash: str | None
    subject: str | None
    built_at: str | None = None
    exit_code: int | None = None
    tests: FrozenMapping | None = None
    baseline: str | None = None
    dbt: str | None = None

    @property
    def is_unbuilt(self) -> bool:
        """Whether no dbt command has written its relations: it was only parsed or compiled."""
        return self.commit is not None and self.built_at is None

    @property
    def name(self) -> str:
        """What a person calls it."""
        return self.typed or self.address


class CodeChange(FrozenLenient):
    """One part of a node that was changed by hand: what it is, in a few words, and as a unified diff.

    Of a node that one side alone has, it is the whole of its SQL.
    """

    part: Literal["sql", "configuration", "columns", "macro", "seed", "file"]
    summary: str
    diff: str


class Column(FrozenLenient):
    """A column as the warehouse describes it; `is_nullable` is unknown to some."""

    name: str
    type: str
    is_nullable: bool | None = None


class ColumnChange(FrozenLenient):
    """A column that both sides have and describe differently."""

    name: str
    base: Column
    head: Column


class SchemaDiff(FrozenLenient):
    """How the columns of a relation differ."""

    added: tuple[Column, ...] = ()
    removed: tuple[Column, ...] = ()
    retyped: tuple[ColumnChange, ...] = ()
    nullability: tuple[ColumnChange, ...] = ()
    is_reordered: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether nothing differs."""
        return self == SchemaDiff()


class ValueDiff(FrozenLenient):
    """How many rows, among those on both sides, hold another value in a column.

    `nulls` are those of `changed` where one side is null. `tolerated` differ by no more than the tolerance, and are
    no part of `changed`.
    """

    name: str
    changed: int
    nulls: int = 0
    tolerated: int = 0


class Sample(FrozenLenient):
    """A row that differs, with the columns that do: its key, and what each side has; nothing on the side without it."""

    key: FrozenMapping
    base: FrozenMapping | None
    head: FrozenMapping | None


class DataDiff(FrozenLenient):
    """How the rows of a relation differ. Numbers are missing where they were not needed or could not be had.

    `key` are the columns that tell rows apart, and `key_source` says who said so: an option, `unique_key`, a
    constraint, a test. `duplicates` is how many keys stand more than once, in base and in head: such a key is not
    used. Without a key a changed row is one that was removed and one that was added.
    """

    status: DataStatus
    message: str | None = None
    rows_base: int | None = None
    rows_head: int | None = None
    key: tuple[str, ...] = ()
    key_source: str | None = None
    duplicates: tuple[int, int] = (0, 0)
    added: int | None = None
    removed: int | None = None
    changed: int | None = None
    columns: tuple[ValueDiff, ...] = ()
    samples: tuple[Sample, ...] = ()


class NodeDiff(FrozenLenient):
    """Everything about one model, seed, snapshot, test or exposure that is affected, or was compared.

    `parents` are the unique ids of nodes of the report that it reads. `unexplained` is the likely reason for data that
    differs although nothing above it has changed. `owner` and `url` are those of an exposure.
    """

    unique_id: str
    name: str
    resource_type: str
    materialized: str | None
    file: str
    code: CodeKind
    changes: tuple[CodeChange, ...] = ()
    renamed_from: str | None = None
    parents: tuple[str, ...] = ()
    relation_base: str | None = None
    relation_head: str | None = None
    columns: SchemaDiff | None = None
    data: DataDiff | None = None
    unexplained: str | None = None
    owner: str | None = None
    url: str | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """What it is called, with its version and without, and what it was called in base."""
        ids = [self.unique_id, *([self.renamed_from] if self.renamed_from else [])]
        return tuple(dict.fromkeys((self.name, *(name for unique_id in ids for name in unique_id.split(".")[2:3]))))


class Gate(FrozenLenient):
    """What `--fail-on` names, and what became of it. Only `same` passes, whatever the gate is but `none`."""

    fail_on: str
    result: GateResult


class DiffReport(FrozenLenient):
    """The whole comparison.

    `unchanged` counts the nodes that were left alone, because nothing about them differs, and `unchanged_kinds` those
    of each kind.
    """

    format_version: str = FORMAT_VERSION
    base: Side
    head: Side
    nodes: tuple[NodeDiff, ...]
    unchanged: int
    unchanged_kinds: FrozenMapping = FrozenMapping()
    not_compared: tuple[str, ...] = ()
    """Names of the nodes that the budget left no time for."""
    seconds: float
    gate: Gate | None = None
