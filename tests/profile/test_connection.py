"""Two spellings of one warehouse are one connection, and two warehouses are two."""

from typing import Any

from cases import each
from dot.base.frozen import FrozenMapping
from dot.profile.connection import resolve_connection
from dot.profile.isolate import isolate_profile
from examples.plans import make_profile

LOCAL = ("localhost", "127.0.0.1", "127.0.1.1", "::1", "[::1]", "LOCALHOST", "localhost.", "/var/run/postgresql")


def make(adapter: str = "postgres", **fields: Any) -> dict[str, str]:
    return resolve_connection(adapter, fields)


@each("host", LOCAL)
def test_this_machine_has_many_names(host: str) -> None:
    assert make(host="localhost", dbname="shop") == make(host=host, port=5432, dbname="shop")


@each(
    ("adapter", "one", "other"),
    [
        (
            "postgres",
            {"host": "db.example", "dbname": "shop"},
            {"host": "DB.example.", "port": "5432", "database": "shop"},
        ),
        ("sqlserver", {"server": "x"}, {"host": "x", "port": 1433}),
        ("databricks", {"host": "https://x.example/"}, {"host": "x.example"}),
        ("snowflake", {"account": "AB-CD"}, {"account": "ab-cd"}),
        ("bigquery", {"project": "p"}, {"database": "p"}),
        ("duckdb", {"path": "x.db", "database": "x"}, {"path": "x.db", "host": ""}),
        ("duckdb", {}, {"path": ":memory:"}),
    ],
)
def test_two_spellings_are_one(adapter: str, one: dict[str, Any], other: dict[str, Any]) -> None:
    assert make(adapter, **one) == make(adapter, **other)


@each(
    ("adapter", "one", "other"),
    [
        ("postgres", {"host": "localhost"}, {"host": "db.example"}),
        ("postgres", {"host": "localhost"}, {"host": "localhost", "port": 5433}),
        ("postgres", {"host": "127.example"}, {"host": "localhost"}),
        ("postgres", {"dbname": "shop"}, {"dbname": "Shop"}),
        ("duckdb", {"path": "x.db"}, {"path": "y.db"}),
    ],
)
def test_two_warehouses_are_two(adapter: str, one: dict[str, Any], other: dict[str, Any]) -> None:
    assert make(adapter, **one) != make(adapter, **other)


@each(
    "output",
    [
        {"path": "/d/wh.db"},
        {"path": "/d/./x/../wh.db"},
        {"path": "duckdb:/d/wh.db"},
        {"path": "/link/wh.db"},
        {"path": "../../d/wh.db"},
    ],
)
def test_a_file_of_duckdb_is_the_one_that_its_path_leads_to(output: dict[str, Any]) -> None:
    real = FrozenMapping({"/link/wh.db": "/d/wh.db"})
    isolated = isolate_profile(make_profile({"type": "duckdb", **output}, real_paths=real), "_a1b2c3d")
    assert (dict(isolated.connection), dict(isolated.databases)) == ({"path": "/d/wh.db"}, {"wh": "/d/wh.db"})
    assert [str(file) for file in isolated.files] == ["/d/wh.db"]


def test_a_database_of_duckdb_is_named_by_its_alias_or_its_file() -> None:
    output = {
        "path": "/d/wh.db",
        "attach": [{"path": "/d/side.db"}, {"path": "/d/x.db", "alias": "Other"}, {"path": "md:x"}],
    }
    found = isolate_profile(make_profile({"type": "duckdb", **output}), "_a1b2c3d").databases
    assert dict(found) == {"wh": "/d/wh.db", "side": "/d/side.db", "other": "/d/x.db"}


def test_what_jinja_means_counts_and_not_how_it_is_written() -> None:
    output = {"type": "postgres", "schema": "analytics", "host": "{{ env_var('HOST') }}"}
    connection = FrozenMapping({"host": "127.0.0.1"})
    assert isolate_profile(make_profile(output, connection=connection), "_a").connection["host"] == "localhost"
