"""Whether two values of two types are the same, for every pair of types that the warehouse itself can cast."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import psycopg2
import pytest

from dot.diff.data.compare import ComparisonResult, RelationPair
from e2e.test_rows_of_two_tables import Database, Duck, Postgres, ask, pair
from e2e.test_values_of_every_type import DUCK, DUCK_OTHERS, PG, PG_OTHERS, PG_TYPES, cast

if TYPE_CHECKING:
    from postgres import Server

pytestmark = [pytest.mark.e2e, pytest.mark.dbt1]  # the driver of dbt 2 lacks the newest types

Read = Callable[[Sequence[tuple[str, str]]], list[str | None]]
"""What values are, each cast to a type, as that writes it; None for null and for what cannot be cast."""

MANY = 8
"""How many pairs of values of two types are looked at."""


FLOATS = "float|double( precision)?|real"
NUMBERS = rf"u?(tiny|small|big|huge)int|u?integer|decimal\(38, 2\)|numeric|bignum|{FLOATS}"
LETTERS = r"(varchar|text)( collate .*)?|json|enum.*|mood|citext|name|bpchar|variant|union.*"
"""What is text, or may hold some: what is written alike is then the same."""


@dataclass(frozen=True)
class Kind:
    """A type, and values of it as SQL, no two of which are the same."""

    type: str
    values: Sequence[str]

    cast: str = "cast"

    @property
    def plain(self) -> str:
        return self.type.partition(" collate")[0]

    def take(self, other: "Kind") -> Iterator[str]:
        """Its values, and those of another type as this one has them."""
        yield from self.values
        for value in other.values:
            yield f"{self.cast}({value} as {self.plain})"
            yield f"{self.cast}(cast({value} as varchar) as {self.plain})"


@dataclass(frozen=True)
class Retype:
    """Two types, and pairs of values, as SQL, that are the same and that are not."""

    base: str
    head: str
    same: Sequence[tuple[str, str]]
    other: Sequence[tuple[str, str]]


def hold(kind: str, text: str) -> tuple[str, Any] | None:
    """What Python compares: a number, a moment, or letters; None for what is none of these."""
    try:
        if re.fullmatch(NUMBERS, kind):
            return "number", Decimal(text)
        if re.fullmatch("date|timestamp(_s|_ms)?", kind):
            return "moment", datetime.fromisoformat(text)
    except ValueError:
        return None
    if re.fullmatch("time|interval", kind) and re.fullmatch(r"[\d:.]+", text):
        return "time", text
    return ("letters", text) if re.fullmatch(LETTERS, kind) else None


def are_same(kinds: tuple[str, str], texts: tuple[str, str]) -> bool:
    """Whether Python says that two values are the same. A fraction is what its digits say, beside what is none."""
    if all(re.fullmatch(FLOATS, kind) for kind in kinds):
        return False
    held = [hold(kind, text) for kind, text in zip(kinds, texts, strict=True)]
    return held[0] is not None and held[0] == held[1]


def retype(base: Kind, head: Kind, read: Read) -> Retype:
    """Values of two types: those of each, and what those of the other become by a cast and by way of text.

    Two are the same if Python says so, and else only if each is what the other is cast to; where there is no such cast,
    if they are written alike.
    """
    left, right = dict.fromkeys(base.take(head)), dict.fromkeys(head.take(base))
    asked = [(value, one.plain) for value in (*left, *right) for one in (base, head)]
    texts = dict(zip(asked, read(asked), strict=True))
    same, other = [], {}
    for old in left:
        for new in right:
            is_old, is_new = texts[old, base.plain], texts[new, head.plain]
            if is_old is None or is_new is None:
                continue
            casts = ((texts[old, head.plain], is_new), (texts[new, base.plain], is_old))
            is_cast = all(made in (None, found) for made, found in casts)
            is_known = all(made is not None for made, _ in casts)
            is_text = any(re.fullmatch(LETTERS, kind) for kind in (base.type, head.type))
            if are_same((base.type, head.type), (is_old, is_new)):
                same.append((old, new))
            elif (is_old != is_new and not (is_cast and is_known)) or (is_old == is_new and not (is_cast or is_text)):
                # First what a careless comparison would take for the same.
                other[old, new] = is_old != is_new, not any(made == found for made, found in casts)
    return Retype(base.type, head.type, same[:MANY], sorted(other, key=other.__getitem__)[:MANY])


def make(database: Database, retypes: Sequence[Retype]) -> list[RelationPair]:
    """Two pairs of tables with a column for each retype: in one all values are the same, in the other none is."""
    made = []
    for name in ("same", "other"):
        columns = [(f"c{n}", one, pairs) for n, one in enumerate(retypes) if (pairs := getattr(one, name))]
        for at, side in enumerate(("base", "head")):
            declared = ", ".join(f"{column} {(one.base, one.head)[at]}" for column, one, _ in columns)
            database.execute(f"create table {side}_{name} (n integer, {declared})")
            for row in range(MANY):
                found = {column: pairs[row][at] for column, _, pairs in columns if row < len(pairs)}
                names, values = ", ".join(["n", *found]), ", ".join([str(row), *found.values()])
                database.execute(f"insert into {side}_{name} ({names}) values ({values})")
        made.append(pair(database, name, f"base_{name}", f"head_{name}", candidates=(("n",),)))
    return made


def find_wrong(retypes: Sequence[Retype], answers: Mapping[str, ComparisonResult]) -> list[tuple[Any, ...]]:
    """The retypes of which values were counted as changed that are the same, or as the same that are not."""
    counts = {name: {column.name: column.changed for column in answer.columns} for name, answer in answers.items()}
    assert [answers["other"].status] == ["different"], answers["other"].message
    assert answers["same"].status in ("equal", "different"), answers["same"].message
    return [
        (one.base, one.head, name, counts[name].get(f"c{n}", 0), getattr(one, name))
        for n, one in enumerate(retypes)
        for name, expected in (("same", 0), ("other", len(one.other)))
        if counts[name].get(f"c{n}", 0) != expected
    ]


# -- which casts there are -----------------------------------------------------------------------------------------


def kinds_of(listed: Mapping[str, tuple[str, Sequence[Sequence[str]]]]) -> dict[str, Kind]:
    return {name: Kind(kind, [group[0] for group in cast(groups, kind)]) for name, (kind, groups) in listed.items()}


def duck_retypes(connection: duckdb.DuckDBPyConnection) -> Iterator[Retype]:
    def read(asked: Sequence[tuple[str, str]]) -> list[str | None]:
        texts = [f"cast(try_cast({value} as {kind}) as varchar)" for value, kind in asked]
        try:
            return list(connection.execute(f"select {', '.join(texts)}").fetchall()[0])
        except duckdb.Error:
            return [None] if len(asked) == 1 else [text for one in asked for text in read([one])]

    kinds = [
        Kind(one.type, ["try_" + value for value in one.values], "try_cast")
        for one in kinds_of({**DUCK, **DUCK_OTHERS}).values()
    ]
    for at, base in enumerate(kinds):
        for head in kinds[at + 1 :]:
            if base.plain != head.plain and can_cast(base, head, read):
                yield retype(base, head, read)


def can_cast(base: Kind, head: Kind, read: Read) -> bool:
    """Whether there is a cast of any value, either way."""
    asked = [(value, head.plain) for value in base.values] + [(value, base.plain) for value in head.values]
    return any(text is not None for text in read(asked))


TRY = """
create function try_text(kind text, value text) returns text language plpgsql as $$
declare
    found text;
begin
    execute format(
        'select format(''%%s'', v) from (select cast(%s as %s) as v) as t where v is distinct from null', value, kind
    ) into found;
    if kind = 'boolean' then
        found := cast(cast(found as boolean) as text);
    end if;
    return convert_from(convert_to(found, 'UTF8'), 'UTF8');
exception when others then
    return null;
end $$
"""
"""A value, cast to a type, as that writes it."""
CASTS = """
select s.typname, t.typname
from pg_cast as k join pg_type as s on s.oid = k.castsource join pg_type as t on t.oid = k.casttarget
where s.oid <> t.oid
"""


def pg_retypes(database: Postgres) -> Iterator[Retype]:
    def read(asked: Sequence[tuple[str, str]]) -> list[str | None]:
        with database.connection.cursor() as cursor:
            kinds, values = [kind for _, kind in asked], [value for value, _ in asked]
            cursor.execute(
                "select array_agg(try_text(k, v) order by n) from unnest(%s, %s) with ordinality as t(k, v, n)",
                (kinds, values),
            )
            ((texts,),) = cursor.fetchall()
            return texts

    with database.connection.cursor() as cursor:
        cursor.execute(CASTS)
        pairs = [{*pair} for pair in cursor.fetchall()]
    kinds = kinds_of({**PG, **PG_OTHERS})
    # Everything can be written as text, and read from it.
    pairs += [{name, "text"} for name in kinds if name != "text"]
    for base, head in sorted({tuple(sorted(two)) for two in pairs}):
        if base in kinds and head in kinds and kinds[base].plain != kinds[head].plain:
            yield retype(kinds[base], kinds[head], read)


def test_a_value_that_duckdb_casts_is_told_from_every_other(tmp_path: Path) -> None:
    with duckdb.connect(str(tmp_path / "shop.duckdb")) as connection:
        retypes = list(duck_retypes(connection))
        connection.begin()
        comparisons = make(Duck(connection), retypes)
        connection.commit()
    assert (
        find_wrong(retypes, ask(tmp_path, "{type: duckdb, path: shop.duckdb, schema: main}", comparisons, rows=0)) == []
    )


def test_a_value_that_postgres_casts_is_told_from_every_other(tmp_path: Path, postgres: "Server") -> None:
    postgres.query("create database casts")
    connection = psycopg2.connect(host="127.0.0.1", port=postgres.port, user="postgres", dbname="casts")
    connection.autocommit = True
    database = Postgres(connection, name="casts")
    database.execute(PG_TYPES)
    database.execute(TRY)
    retypes = list(pg_retypes(database))
    comparisons = make(database, retypes)
    connection.close()
    output = postgres.profile().replace("dbname: postgres", "dbname: casts")
    assert find_wrong(retypes, ask(tmp_path, output, comparisons, rows=0)) == []
