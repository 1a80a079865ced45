"""What a test asks a DuckDB file, which is only read."""

from pathlib import Path
from typing import Any

import duckdb

Rows = list[tuple[Any, ...]]


def open_database(file: Path) -> duckdb.DuckDBPyConnection:
    """A connection that may write. A file that is not there yet is made such that the DuckDB of dbt 2 can read it."""
    return duckdb.connect(str(file), config={"storage_compatibility_version": "v1.5.0"})


def read_schema(database: Path, schema: str) -> dict[str, Rows]:
    """The sorted rows of every table and view in the schema, by name."""
    with duckdb.connect(str(database), read_only=True) as connection:
        query = "select table_name from information_schema.tables where table_schema = ?"
        names = [name for (name,) in connection.execute(query, [schema]).fetchall()]
        return {name: sorted(connection.table(f'"{schema}"."{name}"').fetchall()) for name in names}


def read_schema_names(database: Path) -> set[str]:
    """The schemas that hold tables or views."""
    with duckdb.connect(str(database), read_only=True) as connection:
        return {name for (name,) in connection.execute("select table_schema from information_schema.tables").fetchall()}
