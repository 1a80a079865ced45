"""No secret of a profile is copied: each becomes a reference to a variable that only the child process has."""

from pathlib import PurePath
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.examples import make_profile
from dot.core.model import thaw
from dot.core.profile import IsolatedProfile, SecretReference, isolate_profile
from dot.errors import Location, Problem, ProfileError

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
        assert f"{{{{ env_var('{secret.variable}') }}}}" == follow(content, secret.keys)
    assert str(profiles).count(SECRET) == len({secret.variable for secret in isolated.secrets})


def test_a_secret_is_named_by_its_file_and_its_place_in_it() -> None:
    isolated = isolate({"password": SECRET, "extra": [{"name": "x"}, {"token": SECRET}]})

    assert (
        SecretReference(
            variable="DBT_ENV_SECRET_DOT_1", file=FILE, keys=("shop", "outputs", "dev", "extra", 1, "token")
        ),
        SecretReference(variable="DBT_ENV_SECRET_DOT_2", file=FILE, keys=("shop", "outputs", "dev", "password")),
    ) == isolated.secrets
    assert {
        "type": "postgres",
        "schema": "analytics_a1b2c3d",
        "password": "{{ env_var('DBT_ENV_SECRET_DOT_2') }}",
        "extra": [{"name": "x"}, {"token": "{{ env_var('DBT_ENV_SECRET_DOT_1') }}"}],
    } == thaw(isolated.output)


@pytest.mark.parametrize(
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


@pytest.mark.parametrize("value", [12345678, 1234.5678])
def test_a_secret_that_looks_like_a_number_becomes_a_reference(value: float) -> None:
    isolated = isolate({"password": value})

    assert "1234" not in str(isolated.content)
    assert 1 == len(isolated.secrets)


@pytest.mark.parametrize(
    "value",
    [
        "{{ env_var('PASSWORD') }}",
        "{{ env_var('DBT_ENV_SECRET_PASSWORD') }}",
        "postgres://{{ env_var('U') }}:{{ env_var('P') }}@db/shop",
        "password={{ env_var('P') }} host=db",
        "{% if x %}{{ env_var('P') }}{% endif %}",
    ],
)
def test_jinja_stays_in_the_place_of_a_secret(value: str) -> None:
    isolated = isolate({"password": value, "dsn": value})

    assert (value, value, ()) == (isolated.output["password"], isolated.output["dsn"], isolated.secrets)


@pytest.mark.parametrize(
    "value",
    [
        f"postgres://ada:{SECRET}@{{{{ env_var('HOST') }}}}/shop",
        f"host={{{{ env_var('HOST') }}}} password={SECRET}",
        f"-----BEGIN PRIVATE KEY-----\n{SECRET}\n{{# mine #}}",
    ],
)
def test_a_literal_secret_beside_jinja_is_not_copied_either(value: str) -> None:
    with pytest.raises(ProfileError) as raised:
        isolate({"targets": [{"dsn": value}]})

    expected = Problem(
        "`targets.0.dsn` holds a literal secret beside Jinja, which dot will not copy into a build",
        Location(str(FILE)),
        hint="put the secret into a variable: `{{ env_var('DBT_ENV_SECRET_…') }}`",
    )
    assert (expected,) == raised.value.problems


@pytest.mark.parametrize("value", [None, True, "", 0])
def test_what_is_no_secret_stays_under_a_name_for_secrets(value: Any) -> None:
    isolated = isolate({"password": value})

    assert (value, ()) == (isolated.output["password"], isolated.secrets)


@pytest.mark.parametrize("output", [{"schema": 5}, {"schema": ""}, {"schema": None}])
def test_an_error_shows_no_secret(output: dict[str, Any]) -> None:
    with pytest.raises(ProfileError) as raised:
        isolate({"password": SECRET, "dsn": f"postgres://u:{SECRET}@db", **output})

    assert SECRET not in repr(raised.value.problems)
