"""What dot knows of dbt's adapters, and what it takes for a secret."""

import pytest

from dot.core.adapters import Adapter, find_adapter, is_secret


@pytest.mark.parametrize("name", ["no-such-adapter", "None", "vertica"])
def test_an_adapter_that_nobody_knows_has_a_schema_or_a_dataset(name: str) -> None:
    assert Adapter(schema_keys=("schema", "dataset")) == find_adapter(name)


@pytest.mark.parametrize(
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
    assert limit == find_adapter(name).max_schema_bytes


@pytest.mark.parametrize("name", ["athena", "bigquery", "databricks", "snowflake", "trino"])
def test_one_query_may_reach_several_databases(name: str) -> None:
    adapter = find_adapter(name)
    assert adapter.names_of_databases
    assert not {"account", "host", "server", "schema", "dataset"} & {*adapter.names_of_databases}


@pytest.mark.parametrize("name", ["duckdb", "postgres", "redshift", "spark", "sqlserver", "no-such-adapter"])
def test_one_query_reaches_one_database_alone(name: str) -> None:
    assert () == find_adapter(name).names_of_databases


@pytest.mark.parametrize(
    "key",
    [
        *("password", "pass", "Password", "PWD", "passwd", "db_password", "wallet_password", "private_key_passphrase"),
        *("token", "jwt_token", "motherduck_token", "aws_session_token", "refresh_token", "jwt", "pat"),
        *("secret", "client_secret", "oauth_client_secret", "secret_key", "azure_client_secret"),
        *("api_key", "apikey", "access_key", "aws_access_key_id", "aws_secret_access_key", "s3_secret_access_key"),
        *("account_key", "encryption_key", "key_id", "private_key", "private_key_id", "sas"),
        *("keyfile_json", "keyfile_json_base64", "credential", "credentials"),
        *("sslpassword", "dbPassword", "accessToken", "clientSecret", "apiKey", "privateKey", "passcode", "logdata"),
        *("private_key_pem", "private_key_content", "passwords", "secrets", "password2", "token_1", "Cookie"),
        *("spark.hadoop.fs.s3a.secret.key", "fs.s3a.access.key", "fs.azure.account.key.shop.dfs.core.windows.net"),
        *("authorization", "Authorization", "Proxy-Authorization", "x-api-key", "X-Auth-Token"),
    ],
)
@pytest.mark.parametrize("value", ["hunter2", " ", 12345])
def test_a_field_is_secret_by_its_name(key: str, value: object) -> None:
    assert is_secret([key], value)


@pytest.mark.parametrize(
    "key",
    [
        *("user", "host", "port", "schema", "database", "threads", "type", "method", "role", "warehouse", "account"),
        *("keyfile", "private_key_path", "token_endpoint", "authenticator", "sslkey", "keepalives_idle", "key"),
        *("compass", "bypass", "monkey", "passwords_file", "secretary", "client_id", "client_email", "pattern"),
    ],
)
def test_a_field_is_no_secret_by_a_name_that_only_looks_like_one(key: str) -> None:
    assert not is_secret([key], "hunter2")


@pytest.mark.parametrize(
    "text",
    [
        "postgres://ada:hunter2@db/shop",
        "postgres://ada:hunter2/3@db/shop",
        "https://db/?api_key=abc",
        "AWS_SECRET_ACCESS_KEY=abc",
        "host=db user=ada pass=hunter2",
        '{"user": "ada", "password": "hunter2"}',
        "{'private_key' : 'MIIE'}",
        "Bearer abc",
        "Basic YWRhOmh1bnRlcjI=",
        "postgresql://:hunter2@db:5432/shop",
        "https://ada:p%40ss@host/x",
        "host=db user=ada password=hunter2",
        "host=db password = hunter2 user=ada",
        "Server=db;Uid=ada;Pwd=hunter2;",
        "Server=db;PASSWORD=hunter2",
        "md:shop?motherduck_token=abc",
        "postgres:dbname=shop password=hunter2",
        "https://account.blob.core.windows.net/x?sv=1&sig=abc",
        "DefaultEndpointsProtocol=https;AccountName=shop;AccountKey=aGk=;EndpointSuffix=core.windows.net",
        "Endpoint=sb://x/;SharedAccessKeyName=n;SharedAccessKey=aGk=",
        "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----\n",
        "-----BEGIN PRIVATE KEY-----\nMIIE",
        "-----BEGIN ENCRYPTED PRIVATE KEY-----",
    ],
)
def test_a_text_is_secret_by_its_look(text: str) -> None:
    assert is_secret(["anything"], text)


@pytest.mark.parametrize(
    "text",
    [
        *("", "analytics", "db.example.com", "postgres://db/shop", "postgres://ada@db/shop", "http://proxy:8080/x"),
        *("bypass=1", '{"token_uri": "x", "password": ""}', "basic", "the bearer of news"),
        *("s3://bucket/a:b@c", "md:shop", ":memory:", "host=db user=ada", "password=", "password= ", "a:b@c"),
        *("-----BEGIN CERTIFICATE-----", "-----BEGIN PUBLIC KEY-----", "~/.ssh/id_rsa", "C:\\keys\\x"),
    ],
)
def test_a_text_is_no_secret_without_that_look(text: str) -> None:
    assert not is_secret(["anything"], text)


@pytest.mark.parametrize("value", [None, True, False, "", 0, [], {}, ["hunter2"]])
def test_what_holds_no_text_or_number_is_no_secret(value: object) -> None:
    assert not is_secret(["password"], value)


@pytest.mark.parametrize("value", [5432, 12.5])
def test_a_number_is_secret_by_its_name_only(value: float) -> None:
    assert is_secret(["password"], value)
    assert not is_secret(["port"], value)


@pytest.mark.parametrize("keys", [["token", "value"], ["password", "a", "b"], ["x", "credentials", "hash"]])
def test_what_stands_below_a_secret_name_is_secret(keys: list[str]) -> None:
    assert is_secret(keys, "hunter2")


@pytest.mark.parametrize("keys", [["secrets", "type"], ["keyfile_json", "project_id"], ["http_headers", "Accept"], []])
def test_what_stands_below_another_name_is_secret_by_its_own(keys: list[str]) -> None:
    assert not is_secret(keys, "analytics")
    assert is_secret([*keys, "password"], "hunter2")
