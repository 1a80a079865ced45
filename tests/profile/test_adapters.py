"""What dot knows of dbt's adapters."""

from cases import each
from dot.profile.adapters import Adapter, find_adapter


@each("name", ["no-such-adapter", "None", "vertica"])
def test_an_adapter_that_nobody_knows_has_a_schema_or_a_dataset(name: str) -> None:
    assert find_adapter(name) == Adapter(schema_keys=("schema", "dataset"))


@each(
    ("name", "limit"),
    [
        ("athena", 255),
        ("bigquery", 1024),
        ("databricks", 255),
        ("doris", 64),
        ("duckdb", None),
        ("exasol", 128),
        ("fabric", 128),
        ("mariadb", 64),
        ("materialize", 255),
        ("mysql", 64),
        ("postgres", 63),
        ("redshift", 127),
        ("snowflake", 255),
        ("spark", 128),
        ("sqlserver", 128),
        ("starrocks", 256),
        ("no-such-adapter", None),
    ],
)
def test_the_longest_name_of_a_schema_is_known(name: str, limit: int | None) -> None:
    assert find_adapter(name).max_schema_bytes == limit


@each("name", ["athena", "bigquery", "databricks", "snowflake", "trino"])
def test_one_query_may_reach_several_databases(name: str) -> None:
    adapter = find_adapter(name)
    assert adapter.names_of_databases
    assert not {"account", "host", "server", "schema", "dataset"} & {*adapter.names_of_databases}


@each("name", ["duckdb", "postgres", "redshift", "spark", "sqlserver", "no-such-adapter"])
def test_one_query_reaches_one_database_alone(name: str) -> None:
    assert find_adapter(name).names_of_databases == ()
