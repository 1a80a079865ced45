"""What is asked of the warehouse about a pair of relations, and what its answers mean."""

import json
import re
from collections.abc import Collection, Iterator, Mapping
from decimal import Decimal
from math import isfinite
from typing import Any, Literal

from pydantic import TypeAdapter, ValidationError

from dot.base.frozen import Frozen, FrozenMapping
from dot.diff.data.row_keys import GIVEN, Key
from dot.diff.report import Column, ColumnChange, DataDiff, DataStatus, Sample, SchemaDiff, ValueDiff
from dot.relation.quoting import quote
from dot.relation.relation import Relation

MARK = "dot:"
"""What every line begins with that the macros of `warehouse/` print for dot."""


class RelationPair(Frozen):
    """One pair of relations of an `adapter`'s warehouse, either of which may not exist in its manifest.

    `candidates` are the columns that may tell rows apart, the best first; `tolerance` is a number in SQL by
    column, which is in lower case.
    """

    id: str
    adapter: str
    base: Relation | None
    head: Relation | None
    candidates: tuple[tuple[str, ...], ...] = ()
    tolerance: FrozenMapping = FrozenMapping()
    where: str | None = None


class _Rows(Frozen):
    """A row that differs: its key, and the values of either side as text."""

    key: tuple[str | None, ...]
    base: tuple[str | None, ...] | None
    head: tuple[str | None, ...] | None


class _Samples(Frozen):
    """Rows that differ, and the names of what stands in them."""

    key: tuple[str, ...]
    columns: tuple[str, ...]
    rows: tuple[_Rows, ...]


class Begun(Frozen):
    """What the macro prints when it begins a comparison: the columns, which are known before any row is read."""

    id: str
    status: Literal["started"]
    base_columns: tuple[Column, ...] = ()
    head_columns: tuple[Column, ...] = ()


class ComparisonResult(Frozen):
    """What the macro printed about one comparison: that there was no time for it, or its result.

    `rejected` is the first candidate for the key if it is none: `duplicates` of its values stand in several rows.
    """

    id: str
    status: DataStatus
    message: str | None = None
    base_columns: tuple[Column, ...] = ()
    head_columns: tuple[Column, ...] = ()
    rows_base: int | None = None
    rows_head: int | None = None
    key: tuple[str, ...] = ()
    rejected: tuple[str, ...] = ()
    duplicates: tuple[int, int] = (0, 0)
    added: int | None = None
    removed: int | None = None
    changed: int | None = None
    columns: tuple[ValueDiff, ...] = ()
    samples: _Samples | None = None


_PRINTED: TypeAdapter[Begun | ComparisonResult] = TypeAdapter(Begun | ComparisonResult)


def render_arguments(comparisons: tuple[RelationPair, ...], *, budget: float | None, rows: int) -> str:
    """The arguments of the macro `dot_diff` as YAML, which knows no pairs of surrogates, and here is plain ASCII."""
    asked = [_give(comparison) for comparison in comparisons]
    text = json.dumps({"comparisons": asked, "budget": budget, "rows": rows}, ensure_ascii=False)
    return re.sub(r"[^ -~]", lambda letter: f"\\U{ord(letter[0]):08x}", text)


def _give(pair: RelationPair) -> dict[str, Any]:
    """The pair as the macros know it."""
    sides = {name: side and _spell(side, pair.adapter) for name, side in (("base", pair.base), ("head", pair.head))}
    return {**pair.model_dump(exclude={"adapter", "base", "head"}), **sides}


def _spell(relation: Relation, adapter: str) -> dict[str, str | None]:
    return {
        "database": relation.database,
        "schema": relation.schema_name or "",
        "identifier": relation.identifier,
        "relation": quote(relation, adapter),
    }


def parse_printed(line: str) -> Begun | ComparisonResult | None:
    """What a line that was printed says; None for one that says nothing, such as somebody else's."""
    if not line.startswith(MARK):
        return None
    try:
        return _PRINTED.validate_json(line.removeprefix(MARK))
    except ValidationError:
        return None


def compare_columns(answer: ComparisonResult) -> SchemaDiff | None:
    """How the columns differ, those of a relation that only one side has being all removed or added."""
    base, head = ({column.name: column for column in side} for side in (answer.base_columns, answer.head_columns))
    if not base and not head:
        return None
    both = [ColumnChange(name=name, base=base[name], head=head[name]) for name in head if name in base]
    return SchemaDiff(
        added=tuple(column for name, column in head.items() if name not in base),
        removed=tuple(column for name, column in base.items() if name not in head),
        retyped=tuple(pair for pair in both if pair.base.type != pair.head.type),
        nullability=tuple(pair for pair in both if pair.base.is_nullable != pair.head.is_nullable),
        is_reordered=[name for name in base if name in head] != [pair.name for pair in both],
    )


def describe_data(answer: ComparisonResult, keys: tuple[Key, ...], tolerance: Collection[str] = ()) -> DataDiff:
    """How the rows differ; `keys` are those whose columns were the candidates, `tolerance` is for these columns."""
    sources = {_lower(key.columns): key.source for key in reversed(keys)}
    return DataDiff(
        status=answer.status,
        message=answer.message or "; ".join((*_explain(answer, keys), *_explain_tolerance(answer, tolerance))) or None,
        rows_base=answer.rows_base,
        rows_head=answer.rows_head,
        key=answer.key,
        key_source=sources.get(_lower(answer.key)),
        duplicates=answer.duplicates,
        added=answer.added,
        removed=answer.removed,
        changed=answer.changed,
        columns=answer.columns,
        samples=_read_samples(answer.samples) if answer.samples else (),
    )


def _lower(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name.lower() for name in names)


def _explain(answer: ComparisonResult, keys: tuple[Key, ...]) -> Iterator[str]:
    base, head = ({column.name.lower() for column in side} for side in (answer.base_columns, answer.head_columns))
    if answer.status == "missing":
        gone = [name for name, columns in (("base", base), ("head", head)) if not columns]
        yield f"its relation is not there in {' and '.join(gone)}"
        return
    given = [name for key in keys if key.source == GIVEN for name in key.columns]
    if base and (unknown := [name for name in given if name.lower() not in base & head]):
        yield f"`{GIVEN}` names {', '.join(unknown)}, which base and head do not both have"
    if answer.rejected:
        instead = f"rows were told apart by {', '.join(answer.key)}" if answer.key else "whole rows were compared"
        counts = "{:,} in base, {:,} in head".format(*answer.duplicates)
        yield f"{', '.join(answer.rejected)} is no key, its values stand in several rows ({counts}); {instead}"


def _explain_tolerance(answer: ComparisonResult, tolerance: Collection[str]) -> Iterator[str]:
    names = [column.name for column in answer.head_columns if column.name.lower() in tolerance]
    if names and answer.status == "different" and not answer.key:
        yield f"without a key, `--tolerance` of {', '.join(names)} says nothing: whole rows were compared"


def _read_samples(samples: _Samples) -> tuple[Sample, ...]:
    return tuple(_read_sample(samples, row) for row in samples.rows)


def _read_sample(samples: _Samples, row: _Rows) -> Sample:
    key = _name(samples.key, row.key) or FrozenMapping()
    base, head = (_name(samples.columns, side) for side in (row.base, row.head))
    if base is None or head is None:
        return Sample(key=key, base=base, head=head)
    # What looks the same is no part of the difference, unless all of it does.
    names = [name for name in head if base[name] != head[name]] or list(head)
    base, head = (FrozenMapping({name: side[name] for name in names}) for side in (base, head))
    return Sample(key=key, base=base, head=head)


def _name(names: tuple[str, ...], values: tuple[str | None, ...] | None) -> FrozenMapping | None:
    return None if values is None else FrozenMapping(dict(zip(names, values, strict=True)))


def parse_keys(given: tuple[str, ...]) -> Mapping[str, tuple[str, ...]]:
    """What `--key MODEL=COL[,COL]` says, by model. Raises `ValueError` with the word that cannot be read."""
    return {model: tuple(columns) for model, columns in (_split(word) for word in given)}


def _split(word: str) -> tuple[str, list[str]]:
    model, _, columns = word.partition("=")
    names = [name.strip() for name in columns.split(",")]
    if not model.strip() or not all(names):
        raise ValueError(word)
    return model.strip(), names


def parse_tolerances(given: tuple[str, ...]) -> FrozenMapping:
    """What `--tolerance COL=N` says, by column in lower case, as SQL. Raises `ValueError` with what cannot be read."""
    return FrozenMapping(dict(_read_tolerance(word) for word in given))


def _read_tolerance(word: str) -> tuple[str, str]:
    column, _, number = word.rpartition("=")
    try:
        tolerance = float(number)
    except ValueError:
        raise ValueError(word) from None
    if not column.strip() or not isfinite(tolerance) or tolerance < 0:
        raise ValueError(word)
    # Without an exponent, which would make it a number of no more than 15 digits, and all that it is compared with.
    return column.strip().lower(), format(Decimal(repr(tolerance)), "f")
