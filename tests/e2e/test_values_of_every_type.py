"""Whether two values are the same, of every type that the warehouse itself lists, by themselves and within others."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import psycopg2
import pytest

from dot.diff.data.compare import ComparisonResult, RelationPair
from e2e.test_rows_of_two_tables import Database, Duck, Postgres, ask, pair

if TYPE_CHECKING:
    from postgres import Server

pytestmark = [pytest.mark.e2e, pytest.mark.dbt1]  # the driver of dbt 2 lacks the newest types

Groups = Sequence[Sequence[str]]
"""Literals of one type: those of a group are one value written in several ways, and no two groups are the same."""


def apart(*literals: str) -> Groups:
    """Each is a value of its own."""
    return [[literal] for literal in literals]


INTEGERS = apart("0", "-1", "1", "2")
LETTERS = apart("", "a", "A", "a ", "é", "e\u0301", "É", "ß", "ss", "NULL", "😀")
MOMENTS = apart("2025-01-01 00:00:00", "2025-01-01 00:00:01", "infinity", "-infinity", "0044-03-15 (BC) 00:00:00")
INTERVALS = [
    ["1 month"],
    ["30 days"],
    ["1 day"],
    ["24 hours", "24:00:00", "1440 minutes"],
    ["-1 day"],
    ["12 months", "1 year"],
]
FLOATS = [["0", "-0"], ["nan", "NaN"], ["inf"], ["-inf"], ["1.0", "1.00"], ["1e-7"], ["0.1"]]
WIDE = (*INTEGERS, *apart("18446744073709551616", "18446744073709551615", "170141183460469231731687303715884105727"))

DUCK: Mapping[str, tuple[str, Groups]] = {
    "BOOLEAN": ("boolean", apart("true", "false")),
    "TINYINT": ("tinyint", (*INTEGERS, *apart("127", "-128"))),
    "SMALLINT": ("smallint", (*INTEGERS, *apart("32767"))),
    "INTEGER": ("integer", (*INTEGERS, *apart("16777216", "16777217"))),
    "BIGINT": ("bigint", (*INTEGERS, *apart("9007199254740992", "9007199254740993", "9223372036854775807"))),
    "HUGEINT": ("hugeint", (*WIDE, *apart("-18446744073709551616"))),
    "UTINYINT": ("utinyint", apart("0", "1", "255")),
    "USMALLINT": ("usmallint", apart("0", "1", "65535")),
    "UINTEGER": ("uinteger", apart("0", "1", "4294967295")),
    "UBIGINT": ("ubigint", apart("0", "1", "18446744073709551615")),
    "UHUGEINT": ("uhugeint", apart("0", "1", "18446744073709551616", "340282366920938463463374607431768211455")),
    "BIGNUM": ("bignum", (*INTEGERS, *apart("340282366920938463463374607431768211456"))),
    "DECIMAL": (
        "decimal(38, 2)",
        [
            ["0", "0.00"],
            ["-0.01"],
            ["0.01"],
            ["-1"],
            ["1", "1.0"],
            ["184467440737095516.16"],
            ["123456789012345678901234567890.12"],
        ],
    ),
    "FLOAT": ("float", [*FLOATS, ["0.10000001"], ["16777216", "16777217"]]),
    "DOUBLE": ("double", [*FLOATS, ["0.10000000000000002"], ["9007199254740992", "9007199254740993"]]),
    "VARCHAR": ("varchar", LETTERS),
    "BLOB": ("blob", apart("", "a", "\\x00", "\\x00\\x00", "\\xFF")),
    "BIT": ("bit", apart("0", "1", "01", "001", "00000001", "000000001")),
    "UUID": (
        "uuid",
        apart(
            "00000000-0000-0000-0000-000000000000",
            "80000000-0000-0000-8000-000000000000",
            "7fffffff-ffff-ffff-ffff-ffffffffffff",
            "ffffffff-ffff-ffff-7fff-ffffffffffff",
        ),
    ),
    "DATE": ("date", apart("2025-01-01", "2025-01-02", "infinity", "-infinity", "300000-01-01", "0044-03-15 (BC)")),
    "TIME": ("time", apart("00:00:00", "24:00:00", "12:00:00.000001", "12:00:00")),
    "TIME_NS": ("time_ns", apart("00:00:00", "00:00:00.000000001", "12:00:00")),
    "TIME WITH TIME ZONE": ("timetz", apart("12:00:00+00", "13:00:00+01", "12:00:00+01")),
    "TIMESTAMP": ("timestamp", (*MOMENTS, *apart("2025-01-01 00:00:00.000001"))),
    "TIMESTAMP_S": ("timestamp_s", MOMENTS),
    "TIMESTAMP_MS": ("timestamp_ms", (*MOMENTS, *apart("2025-01-01 00:00:00.001"))),
    "TIMESTAMP_NS": ("timestamp_ns", apart("2025-01-01 00:00:00", "2025-01-01 00:00:00.000000001", "infinity")),
    "TIMESTAMP WITH TIME ZONE": (
        "timestamptz",
        [
            ["2025-01-01 00:00:00+00", "2025-01-01 05:30:00+05:30"],
            ["2025-01-01 00:00:00+01"],
            ["infinity"],
            ["-infinity"],
        ],
    ),
    "TIMESTAMPTZ_NS": ("timestamptz_ns", apart("2025-01-01 00:00:00+00", "2025-01-01 00:00:00.000000001+00")),
    "INTERVAL": ("interval", INTERVALS),
    "ENUM": ("enum('b', 'a', 'A')", apart("a", "b", "A")),
    "LIST": ("varchar[]", apart("[]", "[NULL]", "['NULL']", "[a, b]", "['a, b']", "['']")),
    "ARRAY": ("integer[2]", apart("[1, 2]", "[2, 1]", "[1, NULL]")),
    "STRUCT": (
        "struct(a varchar, b integer)",
        apart("{'a': x, 'b': 1}", "{'a': X, 'b': 1}", "{'a': x, 'b': NULL}", "{'a': NULL, 'b': NULL}"),
    ),
    "MAP": ("map(varchar, integer)", apart("{a=1, b=2}", "{a=1, b=3}", "{a=1}", "{}")),
    "UNION": ("union(a integer, b varchar)", apart("1", "2", "x")),
    "GEOMETRY": ("geometry", apart("POINT (1 2)", "POINT (2 1)", "LINESTRING (0 0, 1 1)", "LINESTRING (1 1, 0 0)")),
    "VARIANT": ("variant", apart("1", "2", "x")),
    "JSON": ("json", apart("1", "1.0", '{"a":1,"b":2}', '{"b":2,"a":1}', "null")),
    "TUPLE": ("tuple(integer, varchar)", apart("(1, a)", "(1, A)")),
}
"""By what DuckDB calls the type: how a column is declared, and values."""

DUCK_OTHERS: Mapping[str, tuple[str, Groups]] = {
    "varchar, in no case": ("varchar collate nocase", LETTERS),
    "varchar, without accents": ("varchar collate noaccent", LETTERS),
    "small decimal": ("decimal(9, 2)", [["0"], ["-0.01"], ["1", "1.00"]]),
}
DUCK_SQL: Mapping[str, Groups] = {
    "union's tag": [
        ["union_value(a := 1)::union(a integer, b integer)"],
        ["union_value(b := 1)::union(a integer, b integer)"],
    ],
    "a variant's type": [
        ["1::variant"],
        ["'1'::variant"],
        ["[1, '1'::variant]::variant"],
        ["['1'::variant, '1'::variant]::variant"],
    ],
}
"""Values that no text stands for."""

DUCK_NONE = frozenset({"TYPE", "NULL"})
"""Of these there are no values that a table could hold."""


PG_LETTERS = apart("", "a", "A", "a ", "é", "e\u0301", "É", "ß", "ss", "NULL", "😀", '"', "\\")
PG_MOMENTS = apart(
    "2025-01-01 00:00:00", "2025-01-01 00:00:00.000001", "infinity", "-infinity", "0044-03-15 00:00:00 BC"
)
PG: Mapping[str, tuple[str, Groups]] = {
    "bool": ("boolean", apart("true", "false")),
    "int2": ("smallint", (*INTEGERS, *apart("32767"))),
    "int4": ("integer", (*INTEGERS, *apart("16777216", "16777217"))),
    "int8": ("bigint", (*INTEGERS, *apart("9007199254740992", "9007199254740993", "9223372036854775807"))),
    "numeric": (
        "numeric",
        [
            ["0", "0.00", "-0"],
            ["-1"],
            ["1", "1.0"],
            ["0.1"],
            ["1e-30"],
            ["NaN"],
            ["Infinity"],
            ["-Infinity"],
            ["123456789012345678901234567890.12"],
        ],
    ),
    "float4": (
        "real",
        [["0", "-0"], ["1", "1.0"], ["0.1"], ["0.10000001"], ["16777216", "16777217"], ["NaN"], ["Infinity"]],
    ),
    "float8": (
        "double precision",
        [["0", "-0"], ["1", "1.0"], ["0.1"], ["0.10000000000000002"], ["NaN"], ["Infinity"], ["-Infinity"], ["1e-7"]],
    ),
    "money": ("money", [["0"], ["0.01"], ["-0.01"], ["1", "1.00"]]),
    "text": ("text", PG_LETTERS),
    "varchar": ("varchar", PG_LETTERS),
    "bpchar": ("bpchar", apart("", "a", "A", "a ", "é")),
    "name": ("name", apart("", "a", "A", "é")),
    "char": ('"char"', apart("", "a", "A")),
    "bytea": ("bytea", apart("", "a", "\\x00", "\\x0000", "\\xff")),
    "date": ("date", apart("2025-01-01", "2025-01-02", "infinity", "300000-01-01", "0044-03-15 BC")),
    "time": ("time", apart("00:00:00", "24:00:00", "12:00:00.000001", "12:00:00")),
    "timetz": ("timetz", apart("12:00:00+00", "13:00:00+01", "12:00:00+01")),
    "timestamp": ("timestamp", PG_MOMENTS),
    "timestamptz": (
        "timestamptz",
        [
            ["2025-01-01 00:00:00+00", "2025-01-01 05:30:00+05:30"],
            ["2025-01-01 00:00:00+01"],
            ["infinity"],
            ["-infinity"],
        ],
    ),
    "interval": ("interval", INTERVALS),
    "uuid": (
        "uuid",
        [
            ["00000000-0000-0000-0000-000000000000"],
            ["ffffffff-ffff-ffff-ffff-ffffffffffff", "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF"],
        ],
    ),
    "bit": ("bit(3)", apart("000", "001", "100")),
    "varbit": ("bit varying", apart("", "0", "00", "1", "01")),
    "json": ("json", apart("1", "1.0", '{"a": 1}', '{"a":1}', "null", '{"a":1,"a":2}')),
    "jsonb": (
        "jsonb",
        [
            ["1", "1.0", "1.00"],
            ["-1"],
            ['{"a": 1, "b": 2}', '{"b":2,"a":1.0}'],
            ['{"a": -1, "b": 2}'],
            ['"1"'],
            ["null"],
            ["[]"],
            ["{}"],
        ],
    ),
    "jsonpath": ("jsonpath", [["$"], ["$.a", "$ . a"], ["$.A"]]),
    "xml": ("xml", apart("<a/>", "<a></a>", "<b/>")),
    "inet": ("inet", apart("10.0.0.1", "10.0.0.1/24", "10.0.0.2", "::1")),
    "cidr": ("cidr", apart("10.0.0.0/24", "10.0.0.0/25")),
    "macaddr": ("macaddr", [["08:00:2b:01:02:03", "08002b010203"], ["08:00:2b:01:02:04"]]),
    "macaddr8": ("macaddr8", apart("08:00:2b:01:02:03:04:05", "08:00:2b:01:02:03:04:06")),
    "point": ("point", apart("(1,2)", "(2,1)", "(1.0000000001,2)")),
    "line": ("line", apart("{1,2,3}", "{2,4,6}")),
    "lseg": ("lseg", apart("[(0,0),(1,1)]", "[(1,1),(0,0)]")),
    "box": ("box", [["(1,1),(0,0)", "(0,0),(1,1)"], ["(2,0.5),(0,0)"]]),
    "path": ("path", apart("[(0,0),(1,1)]", "((0,0),(1,1))", "[(0,0),(2,2)]")),
    "polygon": ("polygon", apart("((0,0),(1,1),(1,0))", "((1,1),(1,0),(0,0))")),
    "circle": ("circle", apart("<(0,0),1>", "<(1,1),1>")),
    "tsvector": ("tsvector", [["a b", "b a"], ["a:1 b:2"], ["a"], [""]]),
    "tsquery": ("tsquery", [["a & b", "a&b"], ["b & a"], ["a"]]),
    "oid": ("oid", apart("1", "2", "4294967295")),
    "xid": ("xid", apart("1", "2")),
    "xid8": ("xid8", apart("1", "2")),
    "cid": ("cid", apart("1", "2")),
    "tid": ("tid", apart("(0,1)", "(1,0)")),
    "pg_lsn": ("pg_lsn", apart("0/1", "1/0")),
    "pg_snapshot": ("pg_snapshot", apart("1:1:", "1:2:")),
    "txid_snapshot": ("txid_snapshot", apart("1:1:", "1:2:")),
    "aclitem": ("aclitem", apart("=r/postgres", "=w/postgres")),
    "refcursor": ("refcursor", apart("a", "A", "a ")),
    "int2vector": ("int2vector", apart("1 2", "2 1")),
    "oidvector": ("oidvector", apart("1 2", "2 1")),
    "regproc": ("regproc", apart("sin", "cos")),
    "regprocedure": ("regprocedure", apart("abs(integer)", "abs(bigint)")),
    "regoper": ("regoper", apart("||/", "|/")),
    "regoperator": ("regoperator", apart("+(integer,integer)", "+(bigint,bigint)")),
    "regclass": ("regclass", apart("pg_type", "pg_class")),
    "regtype": ("regtype", [["integer", "int4"], ["bigint"]]),
    "regrole": ("regrole", apart("postgres", "pg_monitor")),
    "regnamespace": ("regnamespace", apart("pg_catalog", "public")),
    "regcollation": ("regcollation", apart('"C"', '"POSIX"')),
    "regconfig": ("regconfig", apart("simple", "english")),
    "regdictionary": ("regdictionary", apart("simple", "english_stem")),
    "int4range": ("int4range", [["[1,2]", "[1,3)"], ["[1,2)"], ["empty"]]),
    "int8range": ("int8range", [["[1,2]", "[1,3)"], ["[1,2)"], ["empty"]]),
    "numrange": ("numrange", [["[1,2]", "[1.0,2.00]"], ["[1,2)"], ["[-1,2)"], ["empty"]]),
    "daterange": ("daterange", [["[2025-01-01,2025-01-02]", "[2025-01-01,2025-01-03)"], ["empty"]]),
    "tsrange": ("tsrange", apart("[2025-01-01,2025-01-02]", "[2025-01-01,2025-01-02)")),
    "tstzrange": (
        "tstzrange",
        apart("[2025-01-01 00:00+00,2025-01-02 00:00+00]", "[2025-01-01 00:00+01,2025-01-02 00:00+00]"),
    ),
    "int4multirange": ("int4multirange", [["{[1,2],[3,4]}", "{[1,4]}"], ["{[1,2]}"], ["{}"]]),
    "int8multirange": ("int8multirange", [["{[1,2]}", "{[1,3)}"], ["{}"]]),
    "nummultirange": ("nummultirange", [["{[1,2]}", "{[1.0,2.0]}"], ["{[1,2)}"]]),
    "datemultirange": ("datemultirange", apart("{[2025-01-01,2025-01-02]}", "{}")),
    "tsmultirange": ("tsmultirange", apart("{[2025-01-01,2025-01-02]}", "{}")),
    "tstzmultirange": ("tstzmultirange", apart("{[2025-01-01 00:00+00,2025-01-02 00:00+00]}", "{}")),
    # What extensions and people add.
    "citext": ("citext", PG_LETTERS),
    "hstore": ("hstore", [["a=>1, b=>2", "b=>2, a=>1"], ["a=>1"], ["a=>NULL"], ['a=>"NULL"']]),
    "mood": ("mood", apart("b", "a", "A")),
}
"""By the name in `pg_type`: how a column is declared, and values."""

PG_OTHERS: Mapping[str, tuple[str, Groups]] = {
    "text, in no case": ("text collate nocase", PG_LETTERS),
    "array": ("integer[]", apart("{1,2}", "{2,1}", "[0:1]={1,2}", "{{1,2}}", "{}", "{NULL}")),
    "text array": ("text[]", apart("{}", "{NULL}", '{"NULL"}', "{a,b}", '{"a,b"}')),
    "char(3)": ("char(3)", [["a", "a ", "a  "], ["A"], [""]]),
    "composite": ("pair", [["(1,a)"], ["(1,A)"], ["(,)"], ['(,"")'], ["(2,a)"]]),
    "composite in no case": ("letters", apart("(a)", "(A)")),
    "textrange": ("textrange", apart("[a,b]", "[A,b]")),
}
PG_TYPES = """
create extension citext;
create extension hstore;
create collation nocase (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
create type mood as enum ('b', 'a', 'A');
create type pair as (x integer, y text);
create type letters as (x text collate nocase);
create type textrange as range (subtype = text, collation = nocase);
"""
PG_NONE = {
    "pg_node_tree",
    "pg_ndistinct",
    "pg_dependencies",
    "pg_mcv_list",
    "gtsvector",
    "ghstore",
    "pg_brin_bloom_summary",
    "pg_brin_minmax_multi_summary",
}
"""Which take no values from anybody."""


@dataclass(frozen=True)
class Kind:
    """A column: what it is called, how it is declared, and values as SQL."""

    name: str
    type: str | None
    groups: Groups

    @property
    def is_plain(self) -> bool:
        """Whether it is within nothing else."""
        return " of " not in self.name

    @property
    def pairs(self) -> Iterator[tuple[str, str, bool]]:
        """Old and new, and whether they are the same: each value beside the next one, and beside itself."""
        for one, other in zip(self.groups, self.groups[1:], strict=False):
            yield one[0], other[0], False
        for group in self.groups:
            yield group[0], group[-1], True
        yield "null", self.groups[0][0], False


def text(literal: str) -> str:
    return "'" + literal.replace("'", "''") + "'"


def cast(groups: Groups, kind: str) -> Groups:
    plain = kind.partition(" collate")[0]
    return [[f"cast({text(literal)} as {plain})" for literal in group] for group in groups]


def within(kind: Kind, name: str, form: str, declared: str) -> Kind:
    """The same values, each within another."""
    groups = [[form.format(literal) for literal in group] for group in kind.groups]
    return Kind(f"{name} of {kind.name}", declared.format(kind.type) if kind.type else None, groups)


def duck_kinds() -> list[Kind]:
    plain = [Kind(name, kind, cast(groups, kind)) for name, (kind, groups) in {**DUCK, **DUCK_OTHERS}.items()]
    plain += [Kind(name, None, groups) for name, groups in DUCK_SQL.items()]
    # -0 is written so within others.
    nested = [
        Kind(one.name, one.type, [group for group in one.groups if "'-0'" not in group[-1]])
        for one in plain
        if "collate" not in (one.type or "")
    ]
    forms = (("list", "[{}]", "{}[]"), ("struct", "{{'x': map {{1: {}}}}}", "struct(x map(integer, {}))"))
    return [*plain, *(within(one, *form) for one in nested for form in forms)]


def make(database: Database, kinds: Sequence[Kind]) -> list[RelationPair]:
    """Two tables with a column for each kind and a row for each pair; and for each kind one in which it is the key."""
    pairs = [list(kind.pairs) for kind in kinds]
    for at, side in enumerate(("base", "head")):
        columns = ", ".join(f"c{n} {kind.type or ''}" for n, kind in enumerate(kinds) if kind.type)
        untyped = [n for n, kind in enumerate(kinds) if not kind.type]
        rest = "".join(f", {kinds[n].groups[0][0]} as c{n}" for n in untyped)
        database.execute(f"create table shape_{side} ({columns})")
        database.execute(f"create table {side}_values as select 0 as n, shape_{side}.*{rest} from shape_{side}")
        for row in range(max(map(len, pairs))):
            found = {f"c{n}": some[row][at] for n, some in enumerate(pairs) if row < len(some)}
            names, values = ", ".join(["n", *found]), ", ".join([str(row), *map(str, found.values())])
            database.execute(f"insert into {side}_values ({names}) values ({values})")
        for n, kind in enumerate(kinds):
            database.execute(
                f"create table {side}_key_{n} as select c{n} as k, '{side}' as w from {side}_values limit 0"
            )
            for group in kind.groups:
                database.execute(f"insert into {side}_key_{n} values ({group[-at]}, '{side}')")
    rows = range(max(map(len, pairs)))
    tables = ("base_values", "head_values")
    found = [pair(database, f"row {row}", *tables, candidates=(("n",),), where=f"n = {row}") for row in rows]
    for n, kind in enumerate(kinds):
        if not kind.is_plain:
            continue
        found.append(pair(database, f"key {kind.name}", f"base_key_{n}", f"head_key_{n}", candidates=(("k",),)))
    return found


def find_wrong(kinds: Sequence[Kind], answers: Mapping[str, ComparisonResult]) -> list[tuple[Any, ...]]:
    """What was answered otherwise than it is."""
    wrong: list[tuple[Any, ...]] = []
    for n, kind in enumerate(kinds):
        for row, (old, new, is_same) in enumerate(kind.pairs):
            answer = answers[f"row {row}"]
            changed = {column.name: column.changed for column in answer.columns}.get(f"c{n}", 0)
            if answer.status not in ("equal", "different") or changed != int(not is_same):
                wrong.append((kind.name, old, new, answer.status, answer.message, changed))
        if not kind.is_plain:
            continue
        answer, count = answers[f"key {kind.name}"], len(kind.groups)
        told = (answer.status, answer.key, answer.added, answer.removed, answer.changed)
        if told != ("different", ("k",), 0, 0, count):
            wrong.append((kind.name, "as key", count, told, answer.rejected, answer.duplicates, answer.message))
    return wrong


def fill_postgres(database: Postgres) -> tuple[list[Kind], list[RelationPair]]:
    """A column of every type there is, by itself and in what a type can be made a part of."""
    with database.connection.cursor() as cursor:
        cursor.execute(PG_TYPES)
        cursor.execute(
            "select typname from pg_type where typtype in ('b', 'r', 'm', 'e') and typelem = 0 "
            "or typname in ('point', 'line', 'lseg', 'box', 'name', 'int2vector', 'oidvector')"
        )
        listed = {name for (name,) in cursor.fetchall()}
    assert listed - set(PG) - PG_NONE - {"textrange", "textmultirange"} == set()
    kinds = pg_kinds()
    for kind in kinds:
        if kind.type and kind.type.startswith(("domain_", "composite_")):
            inner, *collation = str(kinds[int(kind.type.rpartition("_")[2])].type).split(" collate ")
            form = "domain {} as {} {}" if kind.type.startswith("domain") else "type {} as (x {}[] {})"
            database.execute("create " + form.format(kind.type, inner, "collate nocase" if collation else ""))
    return kinds, make(database, kinds)


def pg_kinds() -> list[Kind]:
    plain = [Kind(name, kind, cast(groups, kind)) for name, (kind, groups) in {**PG, **PG_OTHERS}.items()]
    bare = [Kind(one.name, (one.type or "").partition(" collate")[0], one.groups) for one in plain]
    domains = [within(one, "domain", "{}", f"domain_{n}") for n, one in enumerate(bare)]
    structs = [
        within(one, "composite", f"cast(row(array[{{}}]) as composite_{n})", f"composite_{n}")
        for n, one in enumerate(bare)
    ]
    return [*plain, *domains, *structs]


def test_every_value_of_duckdb_is_told_from_every_other(tmp_path: Path) -> None:
    kinds = duck_kinds()
    with duckdb.connect(str(tmp_path / "shop.duckdb")) as connection:
        listed = connection.execute("select distinct logical_type from duckdb_types() union select 'JSON'").fetchall()
        assert {name for (name,) in listed} - set(DUCK) - DUCK_NONE == set()
        connection.begin()
        comparisons = make(Duck(connection), kinds)
        connection.commit()
    assert find_wrong(kinds, ask(tmp_path, "{type: duckdb, path: shop.duckdb, schema: main}", comparisons)) == []


def test_every_value_of_postgres_is_told_from_every_other(tmp_path: Path, postgres: "Server") -> None:
    postgres.query("create database types")
    connection = psycopg2.connect(host="127.0.0.1", port=postgres.port, user="postgres", dbname="types")
    connection.autocommit = True
    database = Postgres(connection, name="types")
    kinds, comparisons = fill_postgres(database)
    output = postgres.profile().replace("dbname: postgres", "dbname: types")
    connection.close()
    assert find_wrong(kinds, ask(tmp_path, output, comparisons)) == []
