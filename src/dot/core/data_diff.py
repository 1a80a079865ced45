"""What is asked of the warehouse about a pair of relations, and what its answers mean."""

import json
from collections.abc import Mapping
from typing import Any

from pydantic import Field, ValidationError

from dot.core.diff import Column, ColumnChange, DataDiff, DataStatus, Sample, SchemaDiff, ValueDiff
from dot.core.model import FrozenMapping, Part

MARK = "dot:"
"""What every line begins with that the macros of `warehouse/` print for dot."""


class Place(Part):
    """A relation: the parts of its name, and the name as the warehouse writes it."""

    database: str | None
    schema_name: str = Field(serialization_alias="schema")
    identifier: str
    relation: str


class Comparison(Part):
    """One pair of relations, either of which may not exist in its manifest.

    `candidates` are the columns that may tell rows apart, the best first; `tolerance` is a number by column.
    """

    id: str
    base: Place | None
    head: Place | None
    candidates: tuple[tuple[str, ...], ...] = ()
    tolerance: FrozenMapping = FrozenMapping()
    where: str | None = None


class _Rows(Part):
    """A row that differs: its key, and the values of either side as text."""

    key: tuple[str | None, ...]
    base: tuple[str | None, ...] | None
    head: tuple[str | None, ...] | None


class _Samples(Part):
    """Rows that differ, and the names of what stands in them."""

    key: tuple[str, ...]
    columns: tuple[str, ...]
    rows: tuple[_Rows, ...]


class Answer(Part):
    """What the macro printed about one comparison: that it began, that there was no time for it, or its result."""

    id: str
    status: DataStatus | str
    message: str | None = None
    base_columns: tuple[Column, ...] = ()
    head_columns: tuple[Column, ...] = ()
    rows_base: int | None = None
    rows_head: int | None = None
    key: tuple[str, ...] = ()
    duplicates: tuple[int, int] = (0, 0)
    added: int | None = None
    removed: int | None = None
    changed: int | None = None
    columns: tuple[ValueDiff, ...] = ()
    samples: _Samples | None = None

    @property
    def is_begun(self) -> bool:
        """Whether this says no more than that the comparison has begun."""
        return self.status == "started"


def render_arguments(comparisons: tuple[Comparison, ...], *, budget: float | None, rows: int) -> str:
    """The arguments of the macro `dot_diff`."""
    asked = [comparison.model_dump(mode="json", by_alias=True) for comparison in comparisons]
    return json.dumps({"comparisons": asked, "budget": budget, "rows": rows})


def parse_answer(line: str) -> Answer | None:
    """The answer in a line that was printed; None for a line of somebody else's."""
    if not line.startswith(MARK):
        return None
    try:
        return Answer.model_validate_json(line.removeprefix(MARK))
    except ValidationError:
        return None


def compare_columns(answer: Answer) -> SchemaDiff | None:
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


def describe_data(answer: Answer, sources: Mapping[tuple[str, ...], str]) -> DataDiff:
    """How the rows differ. `sources` says of each candidate for the key, in lower case, where it was found."""
    status: Any = answer.status
    return DataDiff(
        status=status,
        message=answer.message or _explain(answer),
        rows_base=answer.rows_base,
        rows_head=answer.rows_head,
        key=answer.key,
        key_source=sources.get(tuple(column.lower() for column in answer.key)),
        duplicates=answer.duplicates,
        added=answer.added,
        removed=answer.removed,
        changed=answer.changed,
        columns=answer.columns,
        samples=_read_samples(answer.samples) if answer.samples else (),
    )


def _explain(answer: Answer) -> str | None:
    if answer.status == "missing":
        gone = [name for name, columns in (("base", answer.base_columns), ("head", answer.head_columns)) if not columns]
        return f"not in {' and '.join(gone)}"
    if any(answer.duplicates):
        return "the key is none: values of it stand in several rows; whole rows were compared"
    return None


def _read_samples(samples: _Samples) -> tuple[Sample, ...]:
    return tuple(
        Sample(
            key=_name(samples.key, row.key) or FrozenMapping(),
            base=_name(samples.columns, row.base),
            head=_name(samples.columns, row.head),
        )
        for row in samples.rows
    )


def _name(names: tuple[str, ...], values: tuple[str | None, ...] | None) -> FrozenMapping | None:
    return None if values is None else FrozenMapping(dict(zip(names, values, strict=True)))


def parse_keys(given: tuple[str, ...]) -> Mapping[str, tuple[str, ...]]:
    """What `--key MODEL=COL[,COL]` says, by model. Raises `ValueError` with the word that cannot be read."""
    return {model: tuple(columns) for model, columns in (_split(word) for word in given)}


def _split(word: str) -> tuple[str, list[str]]:
    model, equals, columns = word.partition("=")
    names = [name.strip() for name in columns.split(",")]
    if not equals or not model.strip() or not all(names):
        raise ValueError(word)
    return model.strip(), names


def parse_tolerances(given: tuple[str, ...]) -> FrozenMapping:
    """What `--tolerance COL=N` says, by column. Raises `ValueError` with the word that cannot be read."""
    found: dict[str, float] = {}
    for word in given:
        column, _, number = word.rpartition("=")
        try:
            found[column] = abs(float(number))
        except ValueError:
            raise ValueError(word) from None
        if not column:
            raise ValueError(word)
    return FrozenMapping(found)
