"""A relation as a value: the parts of its name, which nobody takes out of a text again."""

import re
from collections.abc import Mapping
from typing import Literal

from dot.base.frozen import FrozenLenient

Part = Literal["database", "schema", "identifier"]
Kind = Literal["table", "view", "materialized_view", "dynamic_table", "streaming_table", "function", "unknown"]

_FIELDS: Mapping[Part, str] = {"database": "database", "schema": "schema_name", "identifier": "identifier"}
_PLAIN = re.compile(r"""[^\s."'`\[\]]+""")


class Relation(FrozenLenient):
    """A relation of a warehouse, each part of its name without quotes; None for what its warehouse does not have.

    `kind` is what dbt's own materializations make, `unknown` for any other. The parts in `bare` are written without
    quotes, so that the warehouse decides on their case. `spelling` is the whole name as dbt writes it, where that is
    not what `quote` makes of the parts.
    """

    database: str | None
    schema_name: str | None
    identifier: str
    kind: Kind = "unknown"
    bare: tuple[Part, ...] = ()
    spelling: str | None = None

    @property
    def parts(self) -> tuple[tuple[Part, str], ...]:
        """The parts that it has, the widest first."""
        return tuple((part, name) for part, field in _FIELDS.items() if (name := getattr(self, field)))

    @property
    def key(self) -> tuple[str, str, str]:
        """The same for two relations that differ at most in case."""
        return ((self.database or "").lower(), (self.schema_name or "").lower(), self.identifier.lower())

    def with_parts(self, names: Mapping[Part, str]) -> "Relation":
        """The relation with other names for these parts, and the same for the rest."""
        fields = {_FIELDS[part]: name for part, name in names.items()}
        is_same = all(getattr(self, field) == name for field, name in fields.items())
        return self if is_same else self.model_copy(update=fields | {"spelling": None})


def describe_relation(relation: Relation) -> str:
    """The relation as a person writes it."""
    return describe_name(*(name for _, name in relation.parts))


def describe_name(*names: str | None) -> str:
    """Names with dots between them, those that would be misread otherwise in quotes."""
    return ".".join(name if _PLAIN.fullmatch(name) else _quoted(name) for name in names if name)


def _quoted(name: str) -> str:
    return '"{}"'.format(name.replace('"', '""'))
