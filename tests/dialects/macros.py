"""dot's macros as a dbt of some adapter would run them, with a stand-in for the warehouse that writes queries down."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from jinja2 import Environment, Template

import dot

FOLDER = Path(dot.__file__).parent / "warehouse" / "macros"
PARENTS = {"databricks": "spark", "redshift": "postgres", "fabric": "sqlserver"}
STRINGS = {"bigquery": "string", "databricks": "string", "spark": "string", "redshift": "TEXT"}
EXTENSIONS = ("jinja2.ext.do",)
BACKTICKS = ("bigquery", "databricks", "spark")

_MACRO = re.compile(r"{% macro (\w+)\(.*?{%-? endmacro %}", re.DOTALL)


class _Returned(Exception):  # noqa: N818 - it is no error
    """A macro ends with a value."""


class Row(tuple[Any, ...]):
    """A row of a result, as dbt has it."""

    __slots__ = ()

    def values(self) -> tuple[Any, ...]:
        return tuple(self)


@dataclass
class Warehouse:
    """A dbt of this adapter. Each query gets the next of `answers`, which are rows, until there are no more.

    `schemas` are there; `columns` are what the adapter says of relations, by identifier.
    """

    adapter: str
    answers: list[Sequence[Sequence[Any]]] = field(default_factory=list)
    schemas: frozenset[str] = frozenset()
    columns: Mapping[str, Sequence[tuple[str, str]]] = field(default_factory=dict)
    queries: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        environment = Environment(extensions=EXTENSIONS, autoescape=False)  # noqa: S701 - it is SQL
        self.macros: dict[str, Any] = {}
        for file in sorted(FOLDER.glob("*.sql")):
            for found in _MACRO.finditer(file.read_text(encoding="utf-8")):
                self.macros[found[1]] = _wrap(environment, found[1], found[0])
        known: dict[str, Any] = environment.globals
        known |= self.macros | self._context() | {"dot_warehouse": SimpleNamespace(**self.macros)}

    def _context(self) -> dict[str, Any]:
        return {
            "adapter": SimpleNamespace(
                dispatch=self._dispatch,
                quote=self._quote,
                check_schema_exists=lambda _database, schema: schema in self.schemas,
                get_relation=lambda _database, _schema, name: name if name in self.columns else None,
                get_columns_in_relation=self._describe,
            ),
            "dbt": SimpleNamespace(
                type_string=lambda: STRINGS.get(self.adapter, "text"), type_timestamp=lambda: "timestamp"
            ),
            "return": _give_back,
            "run_query": self._run,
            "tojson": json.dumps,
        }

    def _dispatch(self, name: str, _package: str) -> Any:
        prefixes = (self.adapter, PARENTS.get(self.adapter, "default"), "default")
        return next(found for prefix in prefixes if (found := self.macros.get(f"{prefix}__{name}")))

    def _quote(self, name: str) -> str:
        return f"`{name}`" if self.adapter in BACKTICKS else f'"{name}"'

    def _describe(self, relation: str) -> list[Any]:
        return [SimpleNamespace(name=name, data_type=kind) for name, kind in self.columns[relation]]

    def _run(self, query: str) -> Any:
        self.queries.append(squeeze(query))
        return SimpleNamespace(rows=[Row(row) for row in (self.answers.pop(0) if self.answers else [])])

    def call(self, macro: str, *given: Any) -> Any:
        """What the macro returns, or the text that it renders to."""
        found = self.macros[macro](*given)
        return squeeze(found) if isinstance(found, str) else found


def _give_back(value: Any) -> None:
    raise _Returned(value)


@cache
def _compile(source: str) -> Any:
    return Environment(extensions=EXTENSIONS, autoescape=False).compile(source)  # noqa: S701 - it is SQL


def _wrap(environment: Environment, name: str, source: str) -> Callable[..., Any]:
    template = Template.from_code(environment, _compile(source), environment.globals)

    def call(*given: Any, **named: Any) -> Any:
        try:
            return getattr(template.module, name)(*given, **named)
        except _Returned as returned:
            return returned.args[0]

    return call


def squeeze(sql: str) -> str:
    """The SQL on one line, without spaces that say nothing."""
    return " ".join(sql.split()).replace("( ", "(").replace(" )", ")").replace(" ,", ",")
