"""What dot takes for a secret, and what it shows of what holds one."""

import pytest

from cases import each
from dot.base.secrets import is_secret, mask_word


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
        *("auth", "key", "pin", "pkey", "ak", "sk", "rsa_pkey", "user_keytab_base64", "accessId", "signing_key"),
        *("fs.azure.account.oauth2.client.secret.shop.dfs.core.windows.net", "fs.azure.sas.box.shop.blob"),
        *("fs.azure.sas.fixed.token.shop.dfs.core.windows.net", "layer_configfile_json"),
        *("authorization", "Authorization", "Proxy-Authorization", "x-api-key", "X-Auth-Token"),
    ],
)
@pytest.mark.parametrize("value", ["hunter2", " ", 12345])
def test_a_field_is_secret_by_its_name(key: str, value: object) -> None:
    assert is_secret([key], value)


@each(
    "key",
    [
        *("user", "host", "port", "schema", "database", "threads", "type", "method", "role", "warehouse", "account"),
        *("keyfile", "private_key_path", "token_endpoint", "authenticator", "sslkey", "keepalives_idle"),
        *("compass", "bypass", "monkey", "passwords_file", "secretary", "client_id", "client_email", "pattern"),
        *("sort_key", "primary_key", "unique_key", "authenticator", "auth_type", "spinner", "pinned", "token_count"),
        *("fs.azure.account.oauth2.client.id.shop", "fs.azure.account.oauth2.client.endpoint.shop", "oauth_scopes"),
    ],
)
def test_a_field_is_no_secret_by_a_name_that_only_looks_like_one(key: str) -> None:
    assert not is_secret([key], "hunter2")


@each(
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
        "Authorization: Bearer abc",
        "headers={'authorization': 'Basic YWRh'}",
        "password: hunter2",
        "{api_token: hunter2}",
        "--user ada --password hunter2",
        "cli --db-password 'hunter2'",
        "https://box.example.com/x?X-Amz-Expires=9&X-Amz-Signature=abc",
        "https://ghp@example.com/shop.git",
        "git+https://abc@example.com/shop.git",
        "ghp_0123456789abcdefghijklmnopqrstuvwxyz",
        "AKIAABCDEFGHIJKLMNOP",
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


@each(
    "text",
    [
        *("", "analytics", "db.example.com", "postgres://db/shop", "postgres://ada@db/shop", "http://proxy:8080/x"),
        *("bypass=1", '{"token_uri": "x", "password": ""}', "basic", "the bearer of news"),
        *("s3://bucket/a:b@c", "md:shop", ":memory:", "host=db user=ada", "password=", "password= ", "a:b@c"),
        *(
            "https://example.com/a@b",
            "secret://vault/shop",
            "--password",
            "--password --force",
            "password: ''",
            "token:",
        ),
        *("-----BEGIN CERTIFICATE-----", "-----BEGIN PUBLIC KEY-----", "~/.ssh/id_rsa", "C:\\keys\\x"),
    ],
)
def test_a_text_is_no_secret_without_that_look(text: str) -> None:
    assert not is_secret(["anything"], text)


@each("value", [None, True, False, "", 0, [], {}, ["hunter2"]])
def test_what_holds_no_text_or_number_is_no_secret(value: object) -> None:
    assert not is_secret(["password"], value)


@each("value", [5432, 12.5])
def test_a_number_is_secret_by_its_name_only(value: float) -> None:
    assert is_secret(["password"], value)
    assert not is_secret(["port"], value)


@each("keys", [["token", "value"], ["password", "a", "b"], ["x", "credentials", "hash"]])
def test_what_stands_below_a_secret_name_is_secret(keys: list[str]) -> None:
    assert is_secret(keys, "hunter2")


@each("keys", [["secrets", "type"], ["keyfile_json", "project_id"], ["http_headers", "Accept"], []])
def test_what_stands_below_another_name_is_secret_by_its_own(keys: list[str]) -> None:
    assert not is_secret(keys, "analytics")
    assert is_secret([*keys, "password"], "hunter2")


# -- what is shown -------------------------------------------------------------------------------------------------


@each(
    ("word", "expected"),
    [
        ('{"api_token": "hunter2", "size": 3}', '{"api_token": "*****", "size": 3}'),
        ('{"a": {"pin": 1234, "list": ["password=hunter2", "x"]}}', '{"a": {"list": ["*****", "x"], "pin": "*****"}}'),
        ("{api_token: hunter2}", "*****"),
        ("{pin: 1234, size: 3}", "*****"),
        ("pin: 1234", "*****"),
        ("--vars={pin: 1234}", "--vars=*****"),
        ("password=hunter2", "*****"),
        ("postgres://ada:hunter2@db", "*****"),
        ('{"size": 3}', '{"size": 3}'),
        *(
            (word, word)
            for word in ("{size: 3}", "--vars", "state:modified+", "tag:nightly", "/srv/shop", "key", "{", "")
        ),
    ],
)
def test_a_word_of_a_command_is_shown_without_the_secrets_in_it(word: str, expected: str) -> None:
    assert mask_word(word) == expected
    assert mask_word(expected) == expected, "what was masked once stays as it is"
