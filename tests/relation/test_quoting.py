"""How each adapter writes a name, and which relation it is that dbt writes so."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from cases import each
from dot.relation.quoting import find_quoting, quote, read_relation
from dot.relation.relation import Part, Relation

ALL: tuple[Part, ...] = ("database", "schema", "identifier")

WRITTEN = {
    "athena": '"Db"."s"."t"',
    "bigquery": "`Db`.`s`.`t`",
    "clickhouse": "`s`.`t`",
    "databricks": "`db`.`s`.`t`",
    "doris": "`s`.`t`",
    "dremio": '"Db"."s"."t"',
    "duckdb": '"Db"."s"."t"',
    "exasol": "s.t",
    "fabric": "[Db].[s].[t]",
    "fabricspark": "`s`.t",
    "glue": "s.t",
    "mariadb": "`s`.`t`",
    "materialize": '"Db"."s"."t"',
    "mysql": "`s`.`t`",
    "mysql5": "`s`.`t`",
    "nobody knows": '"Db"."s"."t"',
    "oracle": "s.t",
    "postgres": '"Db"."s"."t"',
    "redshift": '"Db"."s"."t"',
    "risingwave": '"Db"."s"."t"',
    "singlestore": "`Db`.`t`",
    "snowflake": "Db.s.t",
    "spark": "s.t",
    "sqlite": 's."t"',
    "sqlserver": '"Db"."s"."t"',
    "starrocks": "`Db`.`s`.`t`",
    "synapse": '"s"."t"',
    "teradata": '"s"."t"',
    "trino": '"Db"."s"."t"',
    "vertica": '"Db"."s"."t"',
}


def make(*names: str | None, **more: Any) -> Relation:
    """A relation by its identifier, and before it a schema, and before that a database."""
    database, schema, identifier = [None, None, *names][-3:]
    return Relation(database=database, schema_name=schema, identifier=identifier or "", **more)


@each(("adapter", "written"), WRITTEN.items())
def test_each_adapter_writes_a_name_in_its_own_way(adapter: str, written: str) -> None:
    assert quote(make("Db", "s", "t", bare=find_quoting(adapter).bare), adapter) == written


@each(
    ("adapter", "relation", "written"),
    [
        ("postgres", make("a.b", 'c"d'), '"a.b"."c""d"'),
        ("postgres", make("s", "Ä b`c"), '"s"."Ä b`c"'),
        ("postgres", make("s", "t", bare=("schema",)), 's."t"'),
        ("bigquery", make("p", "s", "a`b"), "`p`.`s`.`a``b`"),
        ("fabric", make("a]b", "c[d"), "[a]]b].[c[d]"),
        ("databricks", make("S", "T`", bare=("schema",)), "s.`t```"),
        ("dremio", make("space", "a.b", "c.d"), '"space"."a"."b"."c.d"'),
        ("postgres", make("s", "t", spelling="elsewhere"), "elsewhere"),
    ],
)
def test_a_quote_in_a_name_is_doubled_and_a_dot_stays(adapter: str, relation: Relation, written: str) -> None:
    assert quote(relation, adapter) == written


@given(st.text(min_size=1), st.text(min_size=1), st.sampled_from(["postgres", "bigquery", "fabric"]))
def test_two_relations_are_never_written_alike(one: str, other: str, adapter: str) -> None:
    assert (one == other) == (quote(make("s", one), adapter) == quote(make("s", other), adapter))
    assert ((one, "s") == ("s", other)) == (quote(make(one, "s"), adapter) == quote(make("s", other), adapter))


@each(
    ("adapter", "of_dbt", "written", "expected"),
    [
        # dbt doubles no quotes, so that a model is called `a""b` there.
        ("duckdb", make('a""b', "t"), '"a""b"."t"', make('a"b', "t")),
        ("duckdb", make("a.b", 'c""d'), '"a.b"."c""d"', make("a.b", 'c"d')),
        ("bigquery", make("s", "a``b"), "`s`.`a``b`", make("s", "a`b")),
        # SQL Server's adapter does double them.
        ("sqlserver", make("s", 'a"b'), '"s"."a""b"', make("s", 'a"b')),
        ("sqlserver", make("s", 'a""b'), '"s"."a""""b"', make("s", 'a""b')),
        ("fabric", make("s", "a]b"), "[s].[a]]b]", make("s", "a]b")),
        # Nothing is ready for quotes where none are written.
        ("snowflake", make('a""b', "t", bare=ALL), 'a""b.t', make('a""b', "t", bare=ALL)),
        # Where nobody doubles them dbt writes no name at all, and what it writes is kept.
        ("duckdb", make('a"b', "t"), '"a"b"."t"', make('a"b', "t", spelling='"a"b"."t"')),
        ("fabricspark", make("s", "t"), "`ws`.`lh`.`s`.t", make("s", "t", spelling="`ws`.`lh`.`s`.t")),
        ("duckdb", make("s", 'a""b'), None, make("s", 'a"b')),
        ("duckdb", make("s", ""), '"s"', make("s", "")),
    ],
)
def test_the_relation_is_the_one_whose_name_dbt_writes(
    adapter: str, of_dbt: Relation, written: str | None, expected: Relation
) -> None:
    found = read_relation(of_dbt, written, adapter)

    assert found == expected
    assert written in (None, quote(found, adapter))
