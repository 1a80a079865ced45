"""No secret of a profile is copied: each becomes a reference to a variable that only the child process has."""

from pathlib import PurePath
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases import each
from dot.base.errors import ProfileError
from dot.base.frozen import thaw
from dot.profile.isolate import IsolatedProfile, SecretReference, isolate_profile
from examples.plans import make_profile

FILE = PurePath("/home/ada/.dbt/profiles.yml")
SECRET = "hunter2"

HOLDERS = st.sampled_from(["password", "token", "client_secret", "private_key", "api_key"])
TEXTS = st.sampled_from(
    [SECRET, f"host=db password={SECRET}", f"postgres://u:{SECRET}@db", f"-----BEGIN PRIVATE KEY\n{SECRET}"]
)
PLAIN = st.dictionaries(
    st.sampled_from(["host", "user", "options"]), st.text(alphabet="abc") | st.integers(), max_size=2
)
SECRETS = st.dictionaries(HOLDERS, TEXTS | st.lists(TEXTS, max_size=2), max_size=2)
OUTPUTS = st.recursive(
    st.builds(dict.__or__, PLAIN, SECRETS),
    lambda inner: st.builds(
        dict.__or__, SECRETS, st.dictionaries(st.sampled_from("xyz"), inner | st.lists(inner, max_size=2), max_size=2)
    ),
    max_leaves=5,
)


def isolate(output: dict[str, Any], **more: Any) -> IsolatedProfile:
    return isolate_profile(make_profile({"type": "postgres", "schema": "analytics", **output}, **more), "_a1b2c3d")


def follow(data: Any, keys: tuple[str | int, ...]) -> Any:
    for key in keys:
        data = data[key]
    return data


@given(OUTPUTS)
def test_a_literal_secret_is_never_in_the_profile_that_is_written(output: dict[str, Any]) -> None:
    isolated = isolate(output)

    assert SECRET not in str(isolated.content)
    assert SECRET not in str(isolated.output)
    assert SECRET not in isolated.model_dump_json()


@given(OUTPUTS)
def test_every_reference_leads_back_to_its_secret(output: dict[str, Any]) -> None:
    isolated = isolate(output)
    content, profiles = thaw(isolated.content), {"shop": {"outputs": {"dev": output}}}

    for secret in isolated.secrets:
        assert SECRET in follow(profiles, secret.keys)
        assert follow(content, secret.keys) == f"{{{{ env_var('{secret.variable}') }}}}"
    assert str(profiles).count(SECRET) == len({secret.variable for secret in isolated.secrets})


def test_a_secret_is_named_by_its_file_and_its_place_in_it() -> None:
    isolated = isolate({"password": SECRET, "extra": [{"name": "x"}, {"token": SECRET}]})

    assert isolated.secrets == (
        SecretReference(
            variable="DBT_ENV_SECRET_DOT_1", file=FILE, keys=("shop", "outputs", "dev", "extra", 1, "token")
        ),
        SecretReference(variable="DBT_ENV_SECRET_DOT_2", file=FILE, keys=("shop", "outputs", "dev", "password")),
    )
    assert thaw(isolated.output) == {
        "type": "postgres",
        "schema": "analytics_a1b2c3d",
        "password": "{{ env_var('DBT_ENV_SECRET_DOT_2') }}",
        "extra": [{"name": "x"}, {"token": "{{ env_var('DBT_ENV_SECRET_DOT_1') }}"}],
    }


@each(
    "output",
    [
        {"password": SECRET},
        {"pass": SECRET},
        {"password": f"{SECRET}\n"},
        {"password": f"{{{{ {SECRET}"},
        {"private_key": f"-----BEGIN PRIVATE KEY-----\n{SECRET}\n-----END PRIVATE KEY-----\n"},
        {"keyfile_json": {"type": "service_account", "private_key": SECRET, "private_key_id": SECRET}},
        {"http_headers": {"Authorization": f"Bearer {SECRET}"}},
        {"secrets": [{"type": "s3", "key_id": SECRET, "secret": SECRET}]},
        {"settings": {"s3_access_key_id": SECRET, "s3_secret_access_key": SECRET}},
        {"attach": [{"path": f"postgres:dbname=x password={SECRET}"}]},
        {"type": "duckdb", "attach": [{"path": f"postgres:dbname=x password={SECRET}"}]},
        {"type": "duckdb", "path": f"md:shop?motherduck_token={SECRET}"},
        {"password": [SECRET, [SECRET]]},
        {"dsn": f"postgres://ada:{SECRET}@db/shop"},
        {"options": {"a": {"b": [f"pwd={SECRET}"]}}},
    ],
)
def test_a_literal_secret_becomes_a_reference(output: dict[str, Any]) -> None:
    isolated = isolate(output)

    assert SECRET not in str(isolated.content)
    assert str(output).count(SECRET) == len(isolated.secrets) == str(isolated.content).count("DBT_ENV_SECRET_DOT_")


@each("value", [12345678, 1234.5678])
def test_a_secret_that_looks_like_a_number_becomes_a_reference(value: float) -> None:
    isolated = isolate({"password": value})

    assert "1234" not in str(isolated.content)
    assert len(isolated.secrets) == 1


@each(
    "value",
    [
        "{{ env_var('PASSWORD') }}",
        '{{env_var("DBT_ENV_SECRET_PASSWORD")}}\n',
        "{{- env_var( 'P' ) | as_text | trim -}}",
        "{{ var('password') }}",
        "{{ env_var('A') }}{{ env_var('B') }}",
    ],
)
def test_jinja_that_only_names_a_variable_stays_in_the_place_of_a_secret(value: str) -> None:
    isolated = isolate({"password": value, "dsn": value})

    assert (isolated.output["password"], isolated.output["dsn"], isolated.secrets) == (value, value, ())


@each(
    "value",
    [
        "postgres://{{ env_var('U') }}:{{env_var('P')}}@db/shop",
        "postgres://{{env_var('U')}}:{{env_var('P')}}@db/shop",
        "password={{ env_var('P') }} host=db",
        "{% if x %}{{ env_var('P') }}{% endif %}",
        "{{ env_var('PORT', '5432') }}",
        "{# the port #}5432",
    ],
)
def test_jinja_without_a_secret_stays_where_no_secret_is_expected(value: str) -> None:
    isolated = isolate({"dsn": value})

    assert (isolated.output["dsn"], isolated.secrets) == (value, ())


@pytest.mark.parametrize(
    "value",
    [
        f"{{{{ env_var('P', '{SECRET}') }}}}",
        f"{{{{ env_var('P') or '{SECRET}' }}}}",
        f"{{{{ env_var('P') | default('{SECRET}') }}}}",
        f"{{{{ '{SECRET}' }}}}",
        f"{{% if env_var('P') %}}{SECRET}{{% endif %}}",
        f"{{% set p = '{SECRET}' %}}{{{{ p }}}}",
        f"{{# {SECRET} #}}{{{{ env_var('P') }}}}",
        f"{{{{ env_var('P') }}}}{SECRET}",
        f"{{{{ env_var('P') }}}} {{# {SECRET} #}}",
        f"{{{{ env_var('P' ~ '{SECRET}') }}}}",
        f"{{% raw %}}{SECRET}{{% endraw %}}",
    ],
)
@pytest.mark.parametrize("name", ["password", "token"])
def test_a_literal_in_the_jinja_of_a_secret_field_becomes_a_reference(name: str, value: str) -> None:
    isolated = isolate({name: value})

    assert isolated.output[name] == "{{ env_var('DBT_ENV_SECRET_DOT_1') }}"
    assert SECRET not in isolated.model_dump_json()


@each(
    "value",
    [
        f"postgres://ada:{SECRET}@{{{{ env_var('HOST') }}}}/shop",
        f"host={{{{ env_var('HOST') }}}} password={SECRET}",
        f"-----BEGIN PRIVATE KEY-----\n{SECRET}\n{{# mine #}}",
        f"postgres://{{{{ env_var('U', 'ada') }}}}:{SECRET}@db/shop",
        f"postgres://{{{{ env_var('U', 'a/da') }}}}:{SECRET}@db/shop",
        f"postgres://{{{{ env_var('U') }}}}:{{{{ env_var('P', '{SECRET}') }}}}@db/shop",
        f"Bearer {{{{ env_var('T', '{SECRET}') }}}}",
        f"--password {{{{ env_var('T', '{SECRET}') }}}}",
        f"{{{{ env_var('DSN', 'postgres://ada:{SECRET}@db') }}}}",
        f"password={{{{ env_var('P', '{SECRET}') }}}}",
        f"{{# password: {SECRET} #}}host=db",
    ],
)
def test_a_text_that_looks_like_a_secret_beside_jinja_becomes_a_reference(value: str) -> None:
    isolated = isolate({"targets": [{"dsn": value}]})

    assert thaw(isolated.output)["targets"] == [{"dsn": "{{ env_var('DBT_ENV_SECRET_DOT_1') }}"}]


@each("value", [None, True, "", 0])
def test_what_is_no_secret_stays_under_a_name_for_secrets(value: Any) -> None:
    isolated = isolate({"password": value})

    assert (isolated.output["password"], isolated.secrets) == (value, ())


@each("output", [{"schema": 5}, {"schema": ""}, {"schema": None}])
def test_an_error_shows_no_secret(output: dict[str, Any]) -> None:
    with pytest.raises(ProfileError) as raised:
        isolate({"password": SECRET, "dsn": f"postgres://u:{SECRET}@db", **output})

    assert SECRET not in repr(raised.value.problems)
