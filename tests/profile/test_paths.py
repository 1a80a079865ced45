"""Paths in a profile keep meaning what they meant to the user's own dbt, which ran in another folder."""

from pathlib import PurePath
from typing import Any

from cases import each
from dot.base.frozen import thaw
from dot.profile.isolate import IsolatedProfile, isolate_profile
from dot.profile.paths import is_path
from examples.plans import make_profile

LIBPQ = ("sslcert", "sslkey", "sslrootcert")
FIELDS = (
    ("bigquery", "keyfile"),
    ("clickhouse", "client_cert"),
    ("clickhouse", "client_cert_key"),
    ("duckdb", "path"),
    ("duckdb", "external_root"),
    ("fabric", "federated_token_file"),
    ("mariadb", "unix_socket"),
    ("mysql", "unix_socket"),
    ("mysql5", "unix_socket"),
    *((adapter, field) for adapter in ("postgres", "materialize", "risingwave") for field in LIBPQ),
    ("snowflake", "private_key_path"),
    ("sqlite", "schema_directory"),
    *(("trino", field) for field in ("cert", "client_certificate", "client_private_key", "keytab", "krb5_config")),
)


def isolate(adapter: str, rendered: dict[str, str] | None = None, **fields: Any) -> IsolatedProfile:
    profile = make_profile({"type": adapter, "schema": "analytics", **fields}, rendered=rendered or {})
    return isolate_profile(profile, "_a1b2c3d")


def field_of(isolated: IsolatedProfile, name: str) -> Any:
    return thaw(isolated.output)[name]


@each(("adapter", "field"), FIELDS)
def test_a_relative_path_becomes_absolute(adapter: str, field: str) -> None:
    isolated = isolate(adapter, None, **{field: "files/x"})

    assert field_of(isolated, field) == "/srv/shop/files/x"
    assert isolated.warnings == ()


@each(
    ("adapter", "field", "value", "expected"),
    [
        ("duckdb", "attach", [{"path": "a.db"}, {"path": "/b.db"}], [{"path": "/srv/shop/a.db"}, {"path": "/b.db"}]),
        ("duckdb", "module_paths", ["a", "/b"], ["/srv/shop/a", "/b"]),
        ("duckdb", "attach", [{"path": "duckdb:a.db"}], [{"path": "duckdb:/srv/shop/a.db"}]),
        ("duckdb", "attach", [{"path": "DuckDB:a.db"}], [{"path": "DuckDB:/srv/shop/a.db"}]),
        ("duckdb", "attach", [{"path": "sqlite:a.db"}], [{"path": "sqlite:/srv/shop/a.db"}]),
        ("duckdb", "attach", [{"path": "ducklake:sqlite:a.db"}], [{"path": "ducklake:sqlite:/srv/shop/a.db"}]),
        ("duckdb", "attach", [{"path": "ducklake:./a"}], [{"path": "ducklake:/srv/shop/a"}]),
        (
            *("duckdb", "attach"),
            [{"path": "ducklake:a.lake", "options": {"DATA_PATH": "files/", "metadata_path": "m.db", "x": "y/z"}}],
            [
                {
                    "path": "ducklake:/srv/shop/a.lake",
                    "options": {"DATA_PATH": "/srv/shop/files", "metadata_path": "/srv/shop/m.db", "x": "y/z"},
                }
            ],
        ),
        (
            *("duckdb", "attach"),
            [{"path": "a.db", "type": "sqlite"}, {"path": "a.lake", "type": "DuckLake"}],
            [{"path": "/srv/shop/a.db", "type": "sqlite"}, {"path": "/srv/shop/a.lake", "type": "DuckLake"}],
        ),
        (
            *("duckdb", "extensions"),
            ["httpfs", "./x.duckdb_extension", {"name": "a", "repo": "'./b'"}, {"name": "a", "repo": "community"}],
            [
                *("httpfs", "/srv/shop/x.duckdb_extension"),
                *({"name": "a", "repo": "'/srv/shop/b'"}, {"name": "a", "repo": "community"}),
            ],
        ),
        (
            *("duckdb", "settings"),
            {"TEMP_directory": "tmp", "threads": 4, "file_search_path": "data", "custom_extension_repository": "a.org"},
            {
                "TEMP_directory": "/srv/shop/tmp",
                "threads": 4,
                "file_search_path": "data",
                "custom_extension_repository": "a.org",
            },
        ),
        (
            *("duckdb", "plugins"),
            [{"module": "sqlalchemy", "config": {"connection_url": "sqlite:///a.db"}}, {"module": "glue"}],
            [{"module": "sqlalchemy", "config": {"connection_url": "sqlite:////srv/shop/a.db"}}, {"module": "glue"}],
        ),
        (
            "duckdb",
            "secrets",
            [{"type": "ducklake", "data_path": "d"}],
            [{"type": "ducklake", "data_path": "/srv/shop/d"}],
        ),
        ("duckdb", "filesystems", [{"fs": "dir", "path": "d"}], [{"fs": "dir", "path": "/srv/shop/d"}]),
        ("sqlite", "extensions", ["a.so"], ["/srv/shop/a.so"]),
        ("sqlite", "schemas_and_paths", {"main": "a.db"}, {"main": "/srv/shop/a.db"}),
    ],
)
def test_relative_paths_in_lists_and_mappings_become_absolute(
    adapter: str, field: str, value: Any, expected: Any
) -> None:
    assert field_of(isolate(adapter, **{field: value}), field) == expected


@each(
    "path",
    [
        *("/abs/x", "md:", "md:shop", "motherduck:shop", "s3://bucket/x", "gs://b/x", "abfss://c@a/x", "azure://x"),
        *(":memory:", ":default:", "~", "~/x.duckdb", "", "C:\\data\\x", "postgres:dbname=shop", "ducklake:x"),
        *("ducklake:postgres:dbname=x", "sqlite:/x", "file:///x", "ducklake:", "ducklake:s3://b/x", "ducklake:md:x"),
    ],
)
def test_what_is_no_relative_path_is_left_alone(path: str) -> None:
    isolated = isolate("duckdb", path=path)

    assert field_of(isolated, "path") == path
    assert isolated.warnings == ()


@each(
    ("field", "value"),
    [
        ("attach", [{"path": "dbname=shop", "type": "postgres"}]),
        ("attach", [{"path": "dbname=shop", "options": {"type": "postgres"}}]),
        ("attach", [{"path": "lake", "type": "ducklake"}]),
        ("attach", [{"path": 5}, "x"]),
        ("secrets", [{"type": "ducklake", "metadata_path": "postgres:dbname=x"}]),
        ("filesystems", [{"fs": "reference", "fo": "bucket/x", "target_protocol": "s3"}]),
        ("plugins", [{"module": "sqlalchemy", "config": {"connection_url": "postgresql://h/x"}}]),
        ("plugins", [{"module": "sqlalchemy", "config": {"connection_url": "sqlite:////x"}}]),
        ("plugins", [{"module": "excel", "config": {"output": {"file": "s3://b/x.xlsx"}}}]),
        ("settings", {"home_directory": "~/x"}),
    ],
)
def test_a_field_that_may_hold_something_else_is_left_alone(field: str, value: Any) -> None:
    isolated = isolate("duckdb", **{field: value})

    assert field_of(isolated, field) == value
    assert isolated.warnings == ()


@each("path", ["../x.duckdb", "./x", "x y", "."])
def test_any_other_path_is_relative(path: str) -> None:
    assert field_of(isolate("duckdb", path=path), "path") == str(PurePath("/srv/shop") / path)


@each("value", [5, None, True])
def test_a_path_that_is_no_text_is_left_alone(value: Any) -> None:
    assert field_of(isolate("duckdb", path=value), "path") == value


def test_a_field_that_is_no_path_to_this_adapter_is_left_alone() -> None:
    assert field_of(isolate("postgres", path="x/y"), "path") == "x/y"
    assert field_of(isolate("duckdb", attach=[{"alias": "x"}]), "attach") == [{"alias": "x"}]


@each(
    ("adapter", "keys", "expected"),
    [
        ("duckdb", ("path",), True),
        ("duckdb", ("attach", 3, "path"), True),
        ("duckdb", ("attach", "path"), False),
        ("duckdb", ("settings", "path"), False),
        ("duckdb", ("module_paths", 0), True),
        ("sqlite", ("schemas_and_paths", "main"), True),
        ("sqlite", ("schemas_and_paths",), False),
        ("postgres", ("path",), False),
        ("no-such-adapter", ("keyfile",), False),
    ],
)
def test_a_field_is_a_path_by_its_adapter_and_its_place(
    adapter: str,
    keys: tuple[str | int, ...],
    expected: bool,  # noqa: FBT001
) -> None:
    assert is_path(adapter, keys) == expected


@each(("rendered", "warns"), [("x.duckdb", True), ("../x", True), ("/abs/x", False), (":memory:", False), ("", False)])
def test_a_path_with_jinja_is_kept_and_named_when_it_is_relative(rendered: str, warns: bool) -> None:  # noqa: FBT001
    isolated = isolate("duckdb", {"path": rendered}, path="{{ env_var('FILE') }}")

    warning = (
        "`path` in /home/ada/.dbt/profiles.yml renders to a relative path; an isolated build looks for it in "
        "its own worktree. Make the value absolute to share the file"
    )
    assert field_of(isolated, "path") == "{{ env_var('FILE') }}"
    assert isolated.warnings == ((warning,) if warns else ())


def test_a_path_with_jinja_in_a_list_is_named_by_its_place() -> None:
    isolated = isolate("duckdb", {"attach.1.path": "x.db"}, attach=[{"path": "/a"}, {"path": "{{ x }}"}])

    (warning,) = isolated.warnings
    assert warning.startswith("`attach.1.path` in ")


def test_jinja_that_nobody_rendered_warns_of_nothing() -> None:
    assert isolate("duckdb", path="{{ x }}").warnings == ()


# -- database files ------------------------------------------------------------------------------------------------


@each(
    ("fields", "rendered", "files"),
    [
        ({"path": "x.db"}, {}, ["/srv/shop/x.db"]),
        ({"path": "/x.db"}, {}, ["/x.db"]),
        ({"path": "{{ x }}"}, {"path": "/x.db"}, ["/x.db"]),
        ({"path": "{{ x }}"}, {"path": "x.db"}, []),
        ({"path": "../x.db"}, {}, ["/srv/x.db"]),
        ({"path": "../../../x.db"}, {}, ["/x.db"]),
        ({"path": "{{ x }}"}, {"path": "/a/b/../x.db"}, ["/a/x.db"]),
        ({"path": "~/x.db"}, {}, ["~/x.db"]),
        ({"path": "~ada/x.db"}, {}, []),
        ({"path": ":memory:"}, {}, []),
        ({"path": "md:shop"}, {}, []),
        ({}, {}, []),
        ({"path": "a.db", "attach": [{"path": "b.db"}]}, {}, ["/srv/shop/a.db", "/srv/shop/b.db"]),
        ({"attach": [{"path": "b.db", "read_only": True}, {"path": "c.db"}]}, {}, ["/srv/shop/c.db"]),
        ({"attach": ["x", {"path": "{{ x }}"}]}, {"attach.1.path": "/y.db"}, ["/y.db"]),
        ({"attach": [{"alias": "x"}]}, {}, []),
        ({"attach": "x"}, {}, []),
        ({"path": "duckdb:a.db", "attach": [{"path": "ducklake:b.lake"}]}, {}, ["/srv/shop/a.db", "/srv/shop/b.lake"]),
        ({"attach": [{"path": "file:///a.db"}, {"path": "ducklake:sqlite:/b.db"}]}, {}, ["/a.db", "/b.db"]),
        ({"attach": [{"path": "{{ x }}"}]}, {"attach.0.path": "duckdb:/y.db"}, ["/y.db"]),
        ({"attach": [{"path": "/a", "type": "postgres"}, {"path": "/b", "options": {"read_only": True}}]}, {}, []),
        ({"secrets": [{"type": "ducklake", "metadata_path": "m.db"}]}, {}, ["/srv/shop/m.db"]),
    ],
)
def test_the_files_of_duckdb_are_those_that_one_process_at_a_time_may_write(
    fields: dict[str, Any], rendered: dict[str, str], files: list[str]
) -> None:
    assert [str(file) for file in isolate("duckdb", rendered, **fields).files] == files


def test_other_adapters_have_no_such_files() -> None:
    assert isolate("postgres", path="/x.db").files == ()
