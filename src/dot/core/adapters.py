"""What isolating a profile needs to know of each dbt adapter, read from the adapters' credentials classes."""

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Adapter:
    """One dbt adapter's way to name a schema in its profile.

    `schema_keys`: every key of these that the profile has is suffixed; `default_schema` stands where it has none.
    `schema_copies`: keys that must equal the schema if present, and therefore go.
    `paths`: fields that hold a file or folder, relative to the process's current folder; `*` is any list item.
    """

    schema_keys: tuple[str, ...] = ("schema",)
    default_schema: str | None = None
    schema_copies: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()


_LIBPQ = ("sslcert", "sslkey", "sslrootcert")
_TRINO = ("cert", "client_certificate", "client_private_key", "keytab", "krb5_config")

_ADAPTERS = {
    "athena": Adapter(),
    "bigquery": Adapter(schema_keys=("schema", "dataset"), paths=("keyfile",)),
    "clickhouse": Adapter(schema_copies=("database",), paths=("client_cert", "client_cert_key")),
    "doris": Adapter(schema_copies=("database",)),
    "dremio": Adapter(schema_keys=("schema", "dremio_space_folder", "root_path", "object_storage_path")),
    "duckdb": Adapter(
        default_schema="main", paths=("path", "attach.*.path", "external_root", "module_paths.*", "plugin_paths.*")
    ),
    "fabric": Adapter(paths=("federated_token_file",)),
    "mariadb": Adapter(schema_copies=("database",), paths=("unix_socket",)),
    "materialize": Adapter(paths=_LIBPQ),
    "mysql": Adapter(schema_copies=("database",), paths=("unix_socket",)),
    "mysql5": Adapter(schema_copies=("database",), paths=("unix_socket",)),
    "postgres": Adapter(paths=_LIBPQ),
    "risingwave": Adapter(paths=_LIBPQ),
    "snowflake": Adapter(paths=("private_key_path",)),
    "spark": Adapter(schema_copies=("database",)),
    "sqlite": Adapter(paths=("schemas_and_paths.*", "schema_directory", "extensions.*")),
    "starrocks": Adapter(schema_copies=("database",)),
    "trino": Adapter(paths=_TRINO),
}


def find_adapter(name: str) -> Adapter:
    """What is known of the adapter of this `type`; one that nobody knows has a `schema` or a `dataset`."""
    return _ADAPTERS.get(name, Adapter(schema_keys=("schema", "dataset")))


_SECRET_KEY = re.compile(
    r"""(?:^|_) (?: pass | passwd | password | passphrase | pwd | secret | token | jwt | credentials? | authorization
      | api_?key | access_key(?:_id)? | account_key | encryption_key | key_id | private_key(?:_id)? | secret_key
      | keyfile_json(?:_base64)? | sas ) $""",
    re.IGNORECASE | re.VERBOSE,
)
_SECRET_TEXT = re.compile(
    r"(?:password|passwd|pwd|token|secret|sig)\s*=\s*\S|://[^/\s:@]*:[^/\s@]+@|-----BEGIN [A-Z ]*PRIVATE KEY",
    re.IGNORECASE,
)


def is_secret(key: str, value: object) -> bool:
    """Whether a profile field holds a secret, by the names that adapters use, or by what a connection text looks like."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return False
    return bool(value) and bool(_SECRET_KEY.search(key) or (isinstance(value, str) and _SECRET_TEXT.search(value)))
