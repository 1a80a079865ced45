"""How each dbt adapter writes the name of a relation, read from the adapters' `Relation` classes."""

from collections.abc import Iterator
from dataclasses import dataclass

from dot.relation.relation import Part, Relation


@dataclass(frozen=True)
class Quoting:
    """One adapter's way to write a name.

    `opening` and `closing` are the quotes. `bare` are the parts that it writes without them unless the project says
    otherwise, and `left_out` those that it never writes, though its manifest may have them. Where `has_paths`, a dot in
    a schema is between two folders. Where `is_lower`, names are written in lower case.
    """

    opening: str = '"'
    closing: str = '"'
    bare: tuple[Part, ...] = ()
    left_out: tuple[Part, ...] = ()
    has_paths: bool = False
    is_lower: bool = False

    def quote(self, name: str) -> str:
        """The name in quotes, those in it doubled."""
        return f"{self.opening}{name.replace(self.closing, self.closing * 2)}{self.closing}"

    def undouble(self, name: str) -> str:
        """What a name is that somebody has already made ready for quotes."""
        return name.replace(self.closing * 2, self.closing)


_ALL: tuple[Part, ...] = ("database", "schema", "identifier")
_STANDARD = Quoting()
_MYSQL = Quoting("`", "`", left_out=("database",))
_SPARK = Quoting("`", "`", bare=_ALL, left_out=("database",))

_QUOTINGS = {
    "bigquery": Quoting("`", "`"),
    "clickhouse": _MYSQL,
    "databricks": Quoting("`", "`", is_lower=True),
    "doris": _MYSQL,
    "dremio": Quoting(has_paths=True),
    "exasol": Quoting(bare=_ALL, left_out=("database",)),
    "fabric": Quoting("[", "]"),
    "fabricspark": Quoting("`", "`", bare=("identifier",), left_out=("database",)),
    "glue": _SPARK,
    "mariadb": _MYSQL,
    "mysql": _MYSQL,
    "mysql5": _MYSQL,
    "oracle": Quoting(bare=_ALL, left_out=("database",)),
    "singlestore": Quoting("`", "`", left_out=("schema",)),
    "snowflake": Quoting(bare=_ALL),
    "spark": _SPARK,
    "sqlite": Quoting(bare=("database", "schema"), left_out=("database",)),
    "starrocks": Quoting("`", "`"),
    "synapse": Quoting(left_out=("database",)),
    "teradata": Quoting(left_out=("database",)),
}


def find_quoting(adapter: str) -> Quoting:
    """How the adapter of this `type` writes names: one that nobody knows does it as standard SQL has it."""
    return _QUOTINGS.get(adapter, _STANDARD)


def quote(relation: Relation, adapter: str) -> str:
    """The relation's whole name as the adapter writes it into SQL."""
    return relation.spelling or _write(relation, find_quoting(adapter))


def read_relation(relation: Relation, written: str | None, adapter: str) -> Relation:
    """The relation whose name dbt writes so, from its parts as dbt has them.

    Most adapters double no quotes, so that people do it: a part in quotes is `a""b` where the relation is `a"b`. What
    dbt writes tells which it is, by comparison.
    """
    quoting = find_quoting(adapter)
    for one in (_undouble(relation, quoting), relation):
        if written in (None, _write(one, quoting)):
            return one
    return relation.model_copy(update={"spelling": written})


def _undouble(relation: Relation, quoting: Quoting) -> Relation:
    """The relation whose parts in quotes somebody has made ready for them."""
    ready = {part: quoting.undouble(name) for part, name in relation.parts if part not in relation.bare}
    return relation.with_parts(ready)


def _write(relation: Relation, quoting: Quoting) -> str:
    name = ".".join(_write_parts(relation, quoting))
    return name.lower() if quoting.is_lower else name


def _write_parts(relation: Relation, quoting: Quoting) -> Iterator[str]:
    for part, name in relation.parts:
        if part in quoting.left_out:
            continue
        folders = name.split(".") if quoting.has_paths and part == "schema" else [name]
        yield from (one if part in relation.bare else quoting.quote(one) for one in folders)
