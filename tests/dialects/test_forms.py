"""What the macros ask of each warehouse. The texts were read beside its documentation; nothing here is a warehouse."""

from collections.abc import Mapping
from typing import Any

from cases import each
from dialects.macros import PARENTS, Warehouse, squeeze

ADAPTERS = ("duckdb", "postgres", "snowflake", "bigquery", "databricks", "spark", "redshift", "sqlserver", "trino")


def make_side(name: str, schema: str, database: str | None = "shop", relation: str = "") -> dict[str, Any]:
    place = {"database": database, "schema": schema, "identifier": name}
    return place | {"relation": relation or f"{database}.{schema}.{name}"}


def make_comparison(**given: Any) -> dict[str, Any]:
    sides = {"base": make_side("a", "x"), "head": make_side("a", "y")}
    return {"id": "model.shop.a", **sides, "candidates": [], "tolerance": {}, "where": None} | given


# -- one value, or a few -------------------------------------------------------------------------------------------


@each(
    ("adapter", "expected"),
    [
        ("duckdb", "cast(sum(hash(k, v)) as varchar)"),
        ("postgres", "cast(sum(hashtextextended(cast(row(k, v) as text), 0)) as text)"),
        ("snowflake", "cast(hash_agg(k, v) as varchar)"),
        (
            "bigquery",
            (
                "cast(sum(cast("
                "farm_fingerprint(concat(to_json_string(k), '|', to_json_string(v)))"
                " as bignumeric)) as string)"
            ),
        ),
        ("spark", "cast(sum(cast(xxhash64(k, k is null, v, v is null) as decimal(38, 0))) as string)"),
        (
            "redshift",
            (
                "cast(sum(cast(farmfingerprint64("
                "case when k is null then '' else cast(farmfingerprint64(cast(k as varchar(65535))) as varchar(20)) end"
                " || ',' || "
                "case when v is null then '' else cast(farmfingerprint64(cast(v as varchar(65535))) as varchar(20)) end"
                ") as decimal(38, 0))) as varchar(65535))"
            ),
        ),
    ],
)
def test_rows_have_a_checksum_that_is_a_text_and_never_null(adapter: str, expected: str) -> None:
    assert Warehouse(adapter).call("dot_checksum", ["k", "v"]) == f"coalesce({expected}, '0')"


@each("adapter", ["trino", "sqlserver"])
def test_rows_have_none_where_the_warehouse_has_no_hash_that_is_known(adapter: str) -> None:
    assert Warehouse(adapter).call("dot_checksum", ["k", "v"]) == "null"


WITHOUT_AN_OPERATOR = "(a <> b or a is null and b is not null or a is not null and b is null)"


@each(
    ("adapter", "expected"),
    [
        ("duckdb", "a is distinct from b"),
        ("postgres", "a is distinct from b"),
        ("snowflake", "a is distinct from b"),
        ("bigquery", "a is distinct from b"),
        ("spark", "not (a <=> b)"),
        ("databricks", "not (a <=> b)"),
        ("redshift", WITHOUT_AN_OPERATOR),
        ("sqlserver", WITHOUT_AN_OPERATOR),
    ],
)
def test_null_is_a_value_that_differs_from_others(adapter: str, expected: str) -> None:
    assert Warehouse(adapter).call("dot_differs", "a", "b") == expected


BOX = 'case when "c" is not null then {\'text\': encode(cast("c" as varchar)), \'value\': "c"} end'


@each(
    ("adapter", "type", "expected"),
    [
        ("snowflake", "number(38,0)", '"c"'),
        ("snowflake", "text", "collate(\"c\", 'utf8')"),
        ("snowflake", "variant", 'cast("c" as text)'),
        ("snowflake", "array", 'cast("c" as text)'),
        ("bigquery", "float64", "`c`"),
        ("bigquery", "string(20)", "collate(`c`, '')"),
        ("bigquery", "interval", "cast(`c` as string)"),
        ("bigquery", "bytes", "to_json_string(`c`)"),
        ("bigquery", "array<int64>", "to_json_string(`c`)"),
        ("bigquery", "struct<a int64, b string>", "to_json_string(`c`)"),
        ("bigquery", "json", "to_json_string(`c`)"),
        ("bigquery", "geography", "st_astext(`c`)"),
        ("databricks", "map<string,int>", "cast(`c` as string)"),
        ("databricks", "struct<a:int>", "cast(`c` as string)"),
        ("spark", "array<int>", "cast(`c` as string)"),
        ("spark", "decimal(10,2)", "`c`"),
        ("spark", "string", "`c`"),
        ("databricks", "string collate utf8_lcase", "cast(`c` as binary)"),
        ("sqlserver", "varchar", '"c" collate Latin1_General_100_BIN2_UTF8'),
        ("sqlserver", "int", '"c"'),
        ("fabric", "nvarchar", '"c" collate Latin1_General_100_BIN2_UTF8'),
        ("trino", "varchar", '"c"'),
        ("trino", "interval day to second", '"c"'),
        ("redshift", "character varying(256)", "collate(\"c\", 'case_sensitive')"),
        ("redshift", "integer", '"c"'),
        ("redshift", "boolean", "case when \"c\" then 'true' when not \"c\" then 'false' end"),
        ("redshift", "super", 'json_serialize("c")'),
        ("redshift", "geometry", 'st_asewkt("c")'),
        ("redshift", "binary varying(64000)", "from_varbyte(\"c\", 'hex')"),
        ("redshift", "hllsketch", 'cast("c" as varchar(65535))'),
        ("duckdb", "decimal(18,3)", '"c"'),
        ("duckdb", "varchar", '"c"'),
        ("duckdb", "interval", 'encode(cast("c" as varchar))'),
        ("duckdb", "ENUM('a', 'A')", 'encode(cast("c" as varchar))'),
        ("duckdb", "integer[3]", BOX),
        ("duckdb", "decimal(9,2)[]", BOX),
        ("duckdb", "struct(a integer)", BOX),
        ("duckdb", "what comes next", BOX),
    ],
)
def test_what_is_equal_is_the_same(adapter: str, type: str, expected: str) -> None:  # noqa: A002
    assert Warehouse(adapter).call("dot_same", {"name": "c", "type": type})["value"] == expected


@each("type", ["decimal(19,0)", "hugeint", "uhugeint", "uuid", "bignum"])
def test_what_has_a_poor_hash_has_that_of_its_text(type: str) -> None:  # noqa: A002
    found = Warehouse("duckdb").call("dot_same", {"name": "c", "type": type})
    assert (found["value"], found["hashed"], found["is_exact"]) == ('"c"', 'encode(cast("c" as varchar))', True)


def test_letters_in_a_collation_are_their_bytes() -> None:
    found = Warehouse("duckdb").call("dot_same", {"name": "c", "type": "varchar", "is_collated": True})
    assert found["value"] == 'encode(cast("c" as varchar))'


@each(
    ("form", "is_collatable", "expected"),
    [
        ("plain", False, ('"c"', True)),
        ("plain", True, ('"c" collate "C"', True)),
        ("number", False, ('"c"', False)),
        ("text", True, ('(case when "c" is distinct from null then format(\'%s\', "c") end) collate "C"', True)),
    ],
)
def test_the_catalog_of_postgres_says_how_a_column_is_compared(
    form: str,
    is_collatable: bool,  # noqa: FBT001
    expected: tuple[str, bool],
) -> None:
    column = {"name": "c", "type": "whatever", "form": form, "is_collatable": is_collatable}
    found = Warehouse("postgres").call("dot_same", column)
    assert (found["value"], found["is_exact"]) == expected


@each(
    ("type", "expected"),
    [
        ("timestamp(3) with time zone", "timestamp with time zone"),
        ("numeric(10,2)[]", "numeric[]"),
        ("struct<a decimal(10,2)>", "struct"),
        ("character varying(20)", "character varying"),
    ],
)
def test_a_type_is_known_without_its_size(type: str, expected: str) -> None:  # noqa: A002
    assert Warehouse("trino").call("dot_base_type", type) == expected


@each(
    ("adapter", "base", "head", "is_lossy"),
    [
        ("snowflake", "number(38,0)", "float", True),
        ("snowflake", "number(38,0)", "number(10,2)", False),
        ("snowflake", "number(38,0)", "text", False),
        ("redshift", "bigint", "double precision", True),
        ("postgres", "bigint", "double precision", False),
        ("duckdb", "bigint", "double", False),
    ],
)
def test_equal_numbers_of_types_that_do_not_hold_the_same_prove_nothing(
    adapter: str,
    base: str,
    head: str,
    is_lossy: bool,  # noqa: FBT001
) -> None:
    sides = [[{"name": "c", "type": kind, "is_nullable": None}] for kind in (base, head)]
    (pair,) = Warehouse(adapter).call("dot_pairs", *sides)
    assert pair["is_lossy"] == is_lossy


def test_labels_of_a_type_keep_their_case() -> None:
    assert [Warehouse("duckdb").call("dot_spell", kind) for kind in ("ENUM('A')", "NUMERIC(10,2)")] == [
        "ENUM('A')",
        "numeric(10,2)",
    ]


@each(
    ("adapter", "name", "expected"),
    [
        ("duckdb", 'a"b', '"a""b"'),
        ("snowflake", 'a"b', '"a""b"'),
        ("bigquery", "a b", "`a b`"),
        ("spark", "a`b", "`a``b`"),
    ],
)
def test_names_are_quoted_as_they_are_spelled(adapter: str, name: str, expected: str) -> None:
    assert Warehouse(adapter).call("dot_quote", name) == expected


@each("adapter", [*ADAPTERS, "fabric"])
def test_rows_are_limited_in_the_words_of_the_warehouse(adapter: str) -> None:
    has_none = adapter in ("sqlserver", "fabric")
    expected = "offset 0 rows fetch next 3 rows only" if has_none else "limit 3"
    assert Warehouse(adapter).call("dot_limit", 3) == expected


# -- columns -------------------------------------------------------------------------------------------------------

BASE, HEAD = make_side("a", "X_1"), make_side("A", "x_2")
BOTH = [make_comparison(base=BASE, head=HEAD), make_comparison(base=None, head=make_side("gone", "x_2"))]
QUESTION = (
    "select table_catalog, table_schema, table_name, column_name, {type}, is_nullable from {source} "
    "where lower(table_schema) in ('x_1', 'x_2') order by table_catalog, table_schema, table_name, ordinal_position"
)
NUMBER = (
    "data_type || case when numeric_precision is not null and data_type = 'NUMBER' "
    "then '(' || numeric_precision || ',' || numeric_scale || ')' else '' end"
)


@each(
    ("adapter", "sources", "type"),
    [
        ("duckdb", ["information_schema.columns"], "data_type"),
        ("snowflake", ["shop.information_schema.columns"], NUMBER),
        ("databricks", ["shop.information_schema.columns"], "full_data_type"),
        ("bigquery", [f"`shop`.`{name}`.INFORMATION_SCHEMA.COLUMNS" for name in ("X_1", "x_2")], "data_type"),
    ],
)
def test_the_catalog_is_asked_for_all_columns_at_once(adapter: str, sources: list[str], type: str) -> None:  # noqa: A002
    rows = [("SHOP", "X_1", "A", "ID", "NUMBER(38,0)", "NO"), ("SHOP", "X_2", "other", "N", "DATE", "YES")]
    warehouse = Warehouse(adapter, [rows], schemas=frozenset({"X_1", "x_2"}))

    found = warehouse.call("dot_columns", BOTH)

    assert [QUESTION.format(type=type, source=source) for source in sources] == warehouse.queries
    assert found == {"shop\nX_1\na": [{"name": "ID", "type": "number(38,0)", "is_nullable": False}]}


def test_the_catalog_of_postgres_has_types_in_full() -> None:
    warehouse = Warehouse("postgres", [[("shop", "x_2", "A", "id", "numeric(10,2)", "YES")]])
    found = warehouse.call("dot_columns", BOTH)
    assert found == {"shop\nx_2\nA": [{"name": "id", "type": "numeric(10,2)", "is_nullable": True}]}
    (query,) = warehouse.queries
    assert "from pg_catalog.pg_attribute as a" in query


@each("adapter", [*ADAPTERS, "fabric"])
def test_a_column_in_other_case_is_the_same_where_its_name_is(adapter: str) -> None:
    columns = [{"name": "Id", "type": "int"}, {"name": "n", "type": "int"}]
    found = Warehouse(adapter).call("dot_respell", columns, [{"name": "ID", "type": "text"}])
    is_same = adapter in ("duckdb", "bigquery", "databricks", "spark")
    assert [(one["name"], one["type"]) for one in found] == [("ID" if is_same else "Id", "int"), ("n", "int")]


def sources_of(warehouse: Warehouse) -> list[str]:
    return [query.partition("from ")[2].partition(" where")[0] for query in warehouse.queries]


def test_a_database_is_quoted_where_its_relations_have_it_in_quotes() -> None:
    quoted = make_side("a", "y", "Shop", '"Shop"."y"."a"')
    warehouse = Warehouse("snowflake")
    warehouse.call("dot_columns", [make_comparison(base=make_side("a", "x"), head=quoted)])
    assert sources_of(warehouse) == ["shop.information_schema.columns", '"Shop".information_schema.columns']


def test_a_dataset_that_is_gone_is_not_asked() -> None:
    warehouse = Warehouse("bigquery", schemas=frozenset({"x_2"}))
    assert warehouse.call("dot_columns", BOTH) == {}
    assert sources_of(warehouse) == ["`shop`.`x_2`.INFORMATION_SCHEMA.COLUMNS"]


@each("adapter", ["redshift", "spark", "trino", "sqlserver"])
def test_where_no_catalog_has_all_columns_the_adapter_is_asked(adapter: str) -> None:
    warehouse = Warehouse(adapter, columns={"a": [("ID", "Numeric(10,2)")]})
    expected = {"shop\nX_1\na": [{"name": "ID", "type": "numeric(10,2)", "is_nullable": None}]}
    assert warehouse.call("dot_columns", BOTH) == expected
    assert warehouse.queries == []


@each("database", [None, "hive_metastore"])
def test_what_stands_outside_unity_catalog_has_no_information_schema(database: str | None) -> None:
    old = make_side("a", "x_1", database)
    warehouse = Warehouse("databricks", [[("shop", "x_2", "a", "id", "int", "YES")]], columns={"a": [("id", "int")]})

    found = warehouse.call("dot_columns", [make_comparison(base=old, head=HEAD)])

    known = {key: column["is_nullable"] for key, (column,) in found.items()}
    assert known == {f"{database or ''}\nx_1\na": None, "shop\nx_2\nA": True}
    assert sources_of(warehouse) == ["shop.information_schema.columns"]


# -- a whole comparison --------------------------------------------------------------------------------------------

COLUMNS: Mapping[str, list[tuple[str, str]]] = {
    "bigquery": [("k", "int64"), ("l", "string"), ("n", "float64"), ("tags", "array<string>")],
    "snowflake": [("K", "number(38,0)"), ("L", "text"), ("N", "float"), ("TAGS", "array")],
    "trino": [("K", "bigint"), ("N", "double")],
}
COMPARED = make_comparison(candidates=[["K", "missing"], ["k", "L"]], tolerance={"n": 0.5}, where="k > 0")
SCANNED = [[(2, "1", "k", "l", "n", "tags")], [(2, "2", "k", "l", "m", "tags")]]
FINE, REPEATED, HALF_NULL = [[(0, 0)]] * 2, [[(1, 0)], [(0, 0)]], [[(0, 1)], [(0, 0)]]
CHANGES = [[(0, 0, 1, 0, 1, 1)]]
ROWS = [[(1, 1, "1", None, "1.0", "2.0"), (1, None, "2", "x", "1.0", None)]]


def ask(adapter: str, *answers: list[list[Any]], **given: Any) -> tuple[dict[str, Any], list[str]]:
    """What the comparison comes to, and what was asked."""
    warehouse = Warehouse(adapter, [rows for some in answers for rows in some])
    columns = [{"name": name, "type": kind, "is_nullable": True} for name, kind in COLUMNS[adapter]]
    known = warehouse.call("dot_sides", COMPARED | given, {"shop\nx\na": columns, "shop\ny\na": columns})
    result = warehouse.call("dot_compare", COMPARED | given, known, 2)
    assert warehouse.answers == []
    return result, warehouse.queries


def scan(schema: str) -> str:
    """One scan of one side: how many rows, and a checksum of all columns and of each beside the key."""
    checksum = Warehouse("bigquery").macros["dot_checksum"]
    values = ["`k`", "collate(`l`, '')", "`n`", "to_json_string(`tags`)"]
    sums = (f"{checksum([*values[:2], value])} as dot_sum_{at}" for at, value in enumerate(values, 1))
    whole = f"{checksum(values)} as dot_whole"
    return f"select count(*) as dot_rows, {', '.join([whole, *sums])} from shop.{schema}.a where (k > 0)"


COUNT = """
select sum(case when dot_times > 1 then 1 else 0 end) as dot_repeated,
    sum(case when dot_key_1 is null or dot_key_2 is null then 1 else 0 end) as dot_nulls
from (
    select count(*) as dot_times, dot_key_1, dot_key_2
    from (select `k` as dot_key_1, collate(`l`, '') as dot_key_2 from shop.{schema}.a where (k > 0)) as dot_rows
    group by dot_key_1, dot_key_2
) as dot_keys
"""
SIDE = """
select 1 as dot_present,
    `k` as dot_key_1, coalesce(`k`, 0) as dot_join_1,
    case when `k` is null then 1 else 0 end as dot_null_1,
    collate(`l`, '') as dot_key_2, coalesce(cast(collate(`l`, '') as string), '') as dot_join_2,
    case when collate(`l`, '') is null then 1 else 0 end as dot_null_2,
    `n` as dot_value_1, `n` as dot_number_1
from shop.{schema}.a where (k > 0)
"""
JOIN = f"""
({SIDE.format(schema="x")}) as dot_base full outer join ({SIDE.format(schema="y")}) as dot_head
on dot_base.dot_join_1 = dot_head.dot_join_1 and dot_base.dot_null_1 = dot_head.dot_null_1
    and dot_base.dot_join_2 = dot_head.dot_join_2 and dot_base.dot_null_2 = dot_head.dot_null_2
"""
OLD, NEW = "dot_base.dot_value_1", "dot_head.dot_value_1"
OLD_NUMBER, NEW_NUMBER = "dot_base.dot_number_1", "dot_head.dot_number_1"
NEAR = f"case when {OLD_NUMBER} <= {NEW_NUMBER} + 0.5 and {NEW_NUMBER} <= {OLD_NUMBER} + 0.5 then 1 else 0 end = 1"
CHANGED = f"({OLD} is distinct from {NEW} and not ({NEAR}))"
TWO = "dot_base.dot_present = 1 and dot_head.dot_present = 1"
DIFFERENCES = f"""
select sum(case when dot_base.dot_present is null then 1 else 0 end) as dot_added,
    sum(case when dot_head.dot_present is null then 1 else 0 end) as dot_removed,
    sum(case when {TWO} and {CHANGED} then 1 else 0 end) as dot_changed_1,
    sum(case when {TWO} and ({OLD} is null and {NEW} is not null or {OLD} is not null and {NEW} is null)
        then 1 else 0 end) as dot_nulls_1,
    sum(case when {TWO} and {OLD} is distinct from {NEW} and {NEAR} then 1 else 0 end) as dot_near_1,
    sum(case when {TWO} and ({CHANGED}) then 1 else 0 end) as dot_changed
from {JOIN}
"""
SHOWN = f"""
select dot_base.dot_present as dot_in_base, dot_head.dot_present as dot_in_head,
    coalesce(cast(dot_base.dot_key_1 as string), cast(dot_head.dot_key_1 as string)) as dot_shown_1,
    coalesce(cast(dot_base.dot_key_2 as string), cast(dot_head.dot_key_2 as string)) as dot_shown_2,
    cast({OLD} as string) as dot_base_1, cast({NEW} as string) as dot_head_1
from {JOIN}
where dot_base.dot_present is null or dot_head.dot_present is null or {CHANGED}
order by dot_shown_1, dot_shown_2 limit 2
"""


def test_rows_are_joined_on_a_key_with_nulls_over_the_columns_that_differ() -> None:
    result, queries = ask("bigquery", SCANNED, HALF_NULL, CHANGES, ROWS)

    counts = (COUNT.format(schema=schema) for schema in "xy")
    assert [squeeze(sql) for sql in (scan("x"), scan("y"), *counts, DIFFERENCES, SHOWN)] == queries
    numbers = {"added": 0, "removed": 0, "changed": 1}
    assert result | numbers | {"status": "different", "key": ["k", "l"]} == result
    assert result["columns"] == [{"changed": 1, "nulls": 0, "tolerated": 1, "name": "n"}]
    assert result["samples"]["rows"] == [
        {"key": ("1", None), "base": ("1.0",), "head": ("2.0",)},
        {"key": ("2", "x"), "base": ("1.0",), "head": None},
    ]


def test_names_are_those_of_the_catalog_whatever_was_typed() -> None:
    result, queries = ask("snowflake", SCANNED, FINE, CHANGES, ROWS)

    assert (result["key"], [column["tolerated"] for column in result["columns"]]) == (["K", "L"], [1])
    (join,) = (query for query in queries if "dot_added" in query)
    assert '"K" as dot_key_1, collate("L", \'utf8\') as dot_key_2, "N" as dot_value_1' in join
    assert "on dot_base.dot_key_1 = dot_head.dot_key_1 and dot_base.dot_key_2 = dot_head.dot_key_2" in join


def test_of_two_columns_in_different_case_the_one_that_was_named_is_the_key() -> None:
    pairs = [{"name": name} for name in ("id", "Id", "ID")]
    assert Warehouse("postgres").call("dot_keys", [["Id"], ["id"], ["iD", "x"]], pairs) == [[pairs[1]], [pairs[0]]]


def test_nothing_more_is_asked_once_checksums_agree() -> None:
    result, queries = ask("snowflake", [SCANNED[0]] * 2)
    assert (len(queries), result["status"], result["rows_base"]) == (2, "equal", 2)


def test_the_next_key_is_tried_where_the_first_is_none() -> None:
    no_change = [[(0, 0, *(0,) * 6, 0)]]
    result, queries = ask("snowflake", SCANNED, REPEATED, FINE, no_change, candidates=[["k"], ["k", "L"]])

    assert (result["key"], result["rejected"], result["duplicates"]) == (["K", "L"], ["K"], [1, 0])
    # The first key's checksums say nothing of what differs beside the second.
    assert '"N" as dot_value_1, "N" as dot_number_1, cast("TAGS" as text) as dot_value_2' in queries[-1]


def test_whole_rows_are_counted_where_no_key_is_one() -> None:
    rows = [[(1, 0, "1", "x", "1.0", "[]"), (0, 1, "2", "x", "1.0", "[]")]]
    result, queries = ask("snowflake", SCANNED, REPEATED, [[(1, 1)]], rows, candidates=[["k"]])

    assert result | {"key": [], "rejected": ["K"], "added": 1, "removed": 1, "changed": None} == result
    assert "group by dot_value_1, dot_value_2, dot_value_3, dot_value_4" in queries[-1]
    assert [row["base"] for row in result["samples"]["rows"]] == [("1", "x", "1.0", "[]"), None]


def test_every_column_is_compared_where_there_is_no_checksum() -> None:
    result, queries = ask("trino", [[(1, None, None, None)]] * 2, FINE, [[(0, 0, 0, 0, 0, 0)]], candidates=[["k"]])
    assert result["status"] == "equal"
    assert '"N" as dot_value_1' in queries[-1]


def test_columns_of_other_types_are_compared_as_numbers_as_moments_or_as_text() -> None:
    base = [("n", "int64"), ("d", "date"), ("t", "int64"), ("tags", "array<string>")]
    head = [("n", "numeric"), ("d", "datetime"), ("t", "string"), ("tags", "string")]
    sides = [[{"name": name, "type": kind} for name, kind in side] for side in (base, head)]
    pairs = Warehouse("bigquery").call("dot_pairs", *sides)
    assert [(pair["base"], pair["head"]) for pair in pairs] == [
        ("`n`", "`n`"),
        ("cast(`d` as timestamp)", "cast(`d` as timestamp)"),
        ("cast(`t` as string)", "cast(collate(`t`, '') as string)"),
        ("cast(to_json_string(`tags`) as string)", "cast(collate(`tags`, '') as string)"),
    ]


def test_a_checksum_that_nothing_explains_is_no_proof() -> None:
    no_change = [[(0, 0, 0, 0, 0, 0)]]
    result, _ = ask("snowflake", SCANNED, FINE, no_change, tolerance={})
    assert (result["status"], result["message"][:16]) == ("not_proven", "checksums differ")


def test_tables_without_a_common_column_are_not_the_same() -> None:
    warehouse = Warehouse("snowflake", [[(2, None)], [(2, None)], [(0, 0)]])
    columns = [{"name": name, "type": "date", "is_nullable": True} for name in "ab"]
    known = {"id": "a", "base_columns": columns[:1], "head_columns": columns[1:]}
    result = warehouse.call("dot_compare", COMPARED, known, 0)
    assert (result["status"], result["message"]) == ("not_proven", "base and head have no column in common")


@each(("changed", "status"), [(0, "not_proven"), (1, "different")])
def test_equal_numbers_of_other_types_are_not_proven(changed: int, status: str) -> None:
    scanned = [[(1, "1", "1", "1")], [(1, "2", "1", "2")]]
    warehouse = Warehouse("snowflake", [*scanned, *FINE, [(0, 0, changed, 0, 0, changed)]])
    sides = [[("K", "date"), ("N", kind)] for kind in ("number(38,0)", "float")]
    base, head = ([{"name": name, "type": kind, "is_nullable": True} for name, kind in side] for side in sides)
    asked = make_comparison(candidates=[["N"], ["K"]])
    result = warehouse.call("dot_compare", asked, {"base_columns": base, "head_columns": head}, 0)
    assert (status, ["K"]) == (result["status"], result["key"])
    assert changed or "N: no value differs" in result["message"]


@each("columns", [500, 1001])
def test_many_columns_are_asked_for_in_portions(columns: int) -> None:
    names = [f"c{number}" for number in range(columns)]
    scanned = [[(1, str(side), "k", *(str(side) for _ in names))] for side in (1, 2)]
    portions = [names[at : at + 500] for at in range(0, columns, 500)]
    counts = [[(0, 0, *(1, 0, 0) * len(portion), 1)] for portion in portions]
    warehouse = Warehouse("trino", [*scanned, *FINE, *counts, *([[(1,)]] if columns > 500 else [])])
    side = [{"name": name, "type": "date", "is_nullable": True} for name in ("k", *names)]
    known = {"base_columns": side, "head_columns": side}
    result = warehouse.call("dot_compare", make_comparison(candidates=[["k"]]), known, 0)
    assert (warehouse.answers, result["changed"], len(result["columns"])) == ([], 1, columns)
    assert max(query.count(" as dot_") for query in warehouse.queries[4:]) < 1664 * 2


def test_every_adapter_with_a_form_of_its_own_is_looked_at() -> None:
    prefixes = {name.partition("__")[0] for name in Warehouse("duckdb").macros if "__" in name}
    assert prefixes - {"default"} <= {*ADAPTERS, *PARENTS}
