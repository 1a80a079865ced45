"""What isolating a profile needs to know of each dbt adapter, read from the adapters' credentials classes."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Adapter:
    """One dbt adapter's way to name a schema in its profile.

    `schema_keys`: every key of these that the profile has is suffixed; `default_schema` stands where it has none.
    `schema_copies`: keys that must equal the schema if present, and therefore go.
    `max_schema_bytes`: the longest name of a schema, where it is known.
    `names_of_databases`: fields that name a database which a query on another database of the warehouse reaches too.
    `port`: the one that is meant where the profile names none.
    `paths`: fields that hold a file or folder, relative to the process's current folder; `*` is any key or item.
    """

    schema_keys: tuple[str, ...] = ("schema",)
    default_schema: str | None = None
    schema_copies: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    max_schema_bytes: int | None = None
    names_of_databases: tuple[str, ...] = ()
    port: int | None = None


_LIBPQ = ("sslcert", "sslkey", "sslrootcert")
_DUCKDB_SETTINGS = (
    "autoinstall_extension_repository",
    "custom_extension_repository",
    "extension_directory",
    "extension_repository_directory",
    "home_directory",
    "log_query_path",
    "profile_output",
    "profiling_output",
    "secret_directory",
    "temp_directory",
)
# `file_search_path` is none of them: in it the models' own files are looked for, which are the commit's.
_DUCKDB = (
    *("path", "external_root", "module_paths.*", "plugin_paths.*", "extensions.*", "extensions.*.repo"),
    *("attach.*.path", "attach.*.options.data_path", "attach.*.options.metadata_path"),
    *("secrets.*.client_certificate_path", "secrets.*.data_path", "secrets.*.metadata_path"),
    *("filesystems.*.cache_storage", "filesystems.*.fo", "filesystems.*.path"),
    *("plugins.*.config.connection_url", "plugins.*.config.keyfile", "plugins.*.config.output.file"),
    *(f"{holder}.{name}" for holder in ("config_options", "settings") for name in _DUCKDB_SETTINGS),
)
_TRINO = ("cert", "client_certificate", "client_private_key", "keytab", "krb5_config")

_ADAPTERS = {
    "athena": Adapter(max_schema_bytes=255, names_of_databases=("database",)),
    "bigquery": Adapter(
        schema_keys=("schema", "dataset"),
        paths=("keyfile",),
        max_schema_bytes=1024,
        names_of_databases=("database", "project"),
    ),
    "clickhouse": Adapter(
        default_schema="default", schema_copies=("database",), paths=("client_cert", "client_cert_key")
    ),
    "databricks": Adapter(
        paths=("oidc_token_filepath",), max_schema_bytes=255, names_of_databases=("catalog", "database")
    ),
    "doris": Adapter(schema_copies=("database",), max_schema_bytes=64),
    "dremio": Adapter(schema_keys=("schema", "dremio_space_folder", "folder", "root_path", "object_storage_path")),
    "duckdb": Adapter(default_schema="main", paths=_DUCKDB),
    "exasol": Adapter(max_schema_bytes=128),
    "fabric": Adapter(paths=("federated_token_file",), max_schema_bytes=128),
    "mariadb": Adapter(schema_copies=("database",), paths=("unix_socket",), max_schema_bytes=64, port=3306),
    "materialize": Adapter(paths=_LIBPQ, max_schema_bytes=255),
    "mysql": Adapter(schema_copies=("database",), paths=("unix_socket",), max_schema_bytes=64, port=3306),
    "mysql5": Adapter(schema_copies=("database",), paths=("unix_socket",), max_schema_bytes=64, port=3306),
    "postgres": Adapter(paths=_LIBPQ, max_schema_bytes=63, port=5432),
    "redshift": Adapter(max_schema_bytes=127, port=5439),
    "risingwave": Adapter(paths=_LIBPQ),
    "snowflake": Adapter(paths=("private_key_path",), max_schema_bytes=255, names_of_databases=("database",)),
    "spark": Adapter(schema_copies=("database",), max_schema_bytes=128),
    "sqlite": Adapter(paths=("schemas_and_paths.*", "schema_directory", "extensions.*")),
    "sqlserver": Adapter(max_schema_bytes=128, port=1433),
    "starrocks": Adapter(schema_copies=("database",), max_schema_bytes=256),
    "trino": Adapter(paths=_TRINO, names_of_databases=("catalog", "database")),
}

ADAPTER_TYPES = frozenset(_ADAPTERS)
"""The adapters that are known by name."""


def find_adapter(name: str) -> Adapter:
    """What is known of the adapter of this `type`; one that nobody knows has a `schema` or a `dataset`."""
    return _ADAPTERS.get(name, Adapter(schema_keys=("schema", "dataset")))


CONNECTION_KEYS = (
    "account",
    "catalog",
    "database",
    "dbname",
    "host",
    "path",
    "port",
    "project",
    "server",
)
"""The fields of an output that tell one warehouse from another."""
