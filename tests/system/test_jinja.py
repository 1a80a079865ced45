"""A value is rendered as dbt renders profiles, only ever to look at it."""

import pytest

from dot.errors import DotError, ExitCode, ProfileError
from dot.system.jinja import render_text

ENVIRON = {"SCHEMA": "analytics", "EMPTY": "", "PORT": "12", "DBT_ENV_SECRET_NAME": "s3cret", "DBT_ENV_SECRET_NO": ""}
VARIABLES = {"team": "blue", "size": 3}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("analytics", "analytics"),
        ("{ no jinja }", "{ no jinja }"),
        ("{{ env_var('SCHEMA') }}", "analytics"),
        ("{{ env_var('SCHEMA') }}_x", "analytics_x"),
        ("{{ env_var('SCHEMA', 'other') }}", "analytics"),
        ("{{ env_var('MISSING', 'other') }}", "other"),
        ("{{ env_var('MISSING', '') }}x", "x"),
        ("{{ env_var('EMPTY') }}", ""),
        ("{{ env_var('EMPTY', 'other') }}", ""),
        ("{{ env_var('PORT') | as_number }}", "12"),
        ("{{ env_var('SCHEMA') | as_text | upper }}", "ANALYTICS"),
        ("{{ var('team') }}_{{ var('size') }}", "blue_3"),
        ("{{ var('missing', 'red') }}", "red"),
        ("{% if env_var('SCHEMA') == 'analytics' %}a{% else %}b{% endif %}", "a"),
        ("{% set x = 'y' %}{{ x }}", "y"),
        ("a{# no one sees this #}b", "ab"),
    ],
)
def test_a_value_is_rendered(text: str, expected: str) -> None:
    assert expected == render_text(text, ENVIRON, VARIABLES)


def test_a_secret_is_replaced_by_a_placeholder() -> None:
    rendered = render_text("{{ env_var('DBT_ENV_SECRET_NAME') }}_{{ env_var('DBT_ENV_SECRET_NO') }}x", ENVIRON, {})
    assert "s3cret" not in rendered
    assert rendered.endswith("_x")
    assert rendered != "_x", "a schema that is a secret is not empty"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("{{ env_var('MISSING') }}", "MISSING"),
        ("{{ env_var('MISSING', none) }}", "MISSING"),
        ("{{ env_var('DBT_ENV_SECRET_MISSING') }}", "DBT_ENV_SECRET_MISSING"),
        ("{{ var('missing') }}", "missing"),
    ],
)
def test_a_missing_value_is_an_error_that_names_it(text: str, name: str) -> None:
    with pytest.raises(ProfileError, match=name) as caught:
        render_text(text, ENVIRON, VARIABLES)
    assert name in (caught.value.problems[0].hint or "")


BROKEN = (
    "{{ env_var('SCHEMA' }}",
    "{{ target.name }}",
    "{{ nowhere() }}",
    "{{ 1 / 0 }}",
    "{{ 1 + 'a' }}",
    "{{ env_var() }}",
    "{{ env_var('SCHEMA', 'a', 'b') }}",
    "{{ range(10 ** 9) }}",
    "{{ 'a' | no_such_filter }}",
    "{{ ''.__class__.__mro__ }}",
    "{% include 'secrets.txt' %}",
)


@pytest.mark.parametrize("text", BROKEN)
def test_jinja_that_cannot_be_rendered_is_an_error_and_no_crash(text: str) -> None:
    with pytest.raises(DotError, match="cannot be rendered") as caught:
        render_text(text, ENVIRON, VARIABLES)
    assert ExitCode.USAGE == caught.value.exit_code


@pytest.mark.parametrize("text", [f"md:shop?motherduck_token=s3cret&{broken}" for broken in BROKEN[:4]])
def test_an_error_never_shows_a_secret_that_stands_beside_the_jinja(text: str) -> None:
    with pytest.raises(ProfileError) as caught:
        render_text(text, ENVIRON, VARIABLES)
    assert "s3cret" not in str(caught.value.problems)
