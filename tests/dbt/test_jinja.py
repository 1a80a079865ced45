"""A value is rendered as dbt renders profiles, only ever to look at it."""

from pathlib import Path

import pytest

from cases import each
from dot.base.errors import DotError, ExitCode, ProfileError
from dot.dbt.jinja import CHARACTERS, render_secret, render_text

ENVIRON = {"SCHEMA": "analytics", "EMPTY": "", "PORT": "12", "DBT_ENV_SECRET_NAME": "s3cret", "DBT_ENV_SECRET_NO": ""}
VARIABLES = {"team": "blue", "size": 3}


@each(
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
    assert render_text(text, ENVIRON, VARIABLES) == expected


def test_a_secret_is_replaced_by_a_placeholder() -> None:
    rendered = render_text("{{ env_var('DBT_ENV_SECRET_NAME') }}_{{ env_var('DBT_ENV_SECRET_NO') }}x", ENVIRON, {})
    assert "s3cret" not in rendered
    assert rendered.endswith("_x")
    assert rendered != "_x", "a schema that is a secret is not empty"


@each(
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


@each("text", BROKEN)
def test_jinja_that_cannot_be_rendered_is_an_error_and_no_crash(text: str) -> None:
    with pytest.raises(DotError, match="cannot be rendered") as caught:
        render_text(text, ENVIRON, VARIABLES)
    assert caught.value.exit_code == ExitCode.USAGE


@each("text", [f"md:shop?motherduck_token=s3cret&{broken}" for broken in BROKEN[:4]])
def test_an_error_never_shows_a_secret_that_stands_beside_the_jinja(text: str) -> None:
    with pytest.raises(ProfileError) as caught:
        render_text(text, ENVIRON, VARIABLES)
    assert "s3cret" not in str(caught.value.problems)


# -- limits --------------------------------------------------------------------------------------------------------


@each(
    "text",
    [
        "{{ 'a' * 99999999999 }}",
        "a{{ 10**(10**9) }}",
        "{{ 'a' | center(99999999999) }}",
        "{{ '%99999999999d' | format(1) }}",
        "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
        "{% set ns = namespace(x='ab') %}{% for a in range(99) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}{{ ns.x }}",
        "{% macro m() %}{{ m() }}{{ m() }}{% endmacro %}{{ m() }}",
    ],
)
def test_what_takes_too_much_is_an_error(text: str) -> None:
    with pytest.raises(ProfileError, match="cannot be rendered"):
        render_text(text, ENVIRON, VARIABLES)


def test_a_secret_that_takes_too_much_is_an_error_as_well() -> None:
    with pytest.raises(ProfileError, match="cannot be rendered"):
        render_secret("{{ 'a' * 99999999999 }}", ENVIRON, VARIABLES)


def test_a_result_has_a_greatest_length() -> None:
    text = "{{ 'a' * size }}"
    assert len(render_text(text.replace("size", str(CHARACTERS)), {}, {})) == CHARACTERS
    with pytest.raises(ProfileError, match="more than 65,536 characters"):
        render_text(text.replace("size", str(CHARACTERS + 1)), {}, {})


@each(
    ("text", "expected"),
    [
        ("{{ env_var('SCHEMA').split('l')[0] }}", "ana"),
        ("{% for a in range(3) %}{{ a }}{% endfor %}", "012"),
        ("{{ [var('team'), 'é'] | join('-') }}", "blue-é"),
        ("{{ env_var('DBT_ENV_SECRET_NAME') ~ 'x' }}", "secretx"),
    ],
)
def test_what_might_take_long_comes_to_the_same(text: str, expected: str) -> None:
    assert render_text(text, ENVIRON, VARIABLES) == expected


def test_nothing_in_the_current_folder_is_imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "jinja2.py").write_text("raise SystemExit('imported')")
    monkeypatch.chdir(tmp_path)
    assert render_text("{{ 'a' * 2 }}", {}, {}) == "aa"


def test_a_missing_value_is_named_there_too() -> None:
    with pytest.raises(ProfileError, match="`MISSING` is not set") as caught:
        render_text("{{ env_var('MISSING').split() }}", {}, {})
    assert caught.value.problems[0].hint == "set `MISSING`"


# -- for dbt alone -------------------------------------------------------------------------------------------------


@each(
    ("text", "expected"),
    [
        ("hunter2", "hunter2"),
        ("{{ env_var('MISSING', 'hunter2') }}", "hunter2"),
        ("{{ env_var('DBT_ENV_SECRET_NAME', 'hunter2') }}", "s3cret"),
        ("{{ env_var('DBT_ENV_SECRET_NAME', 'x') | upper }}!", "s3cret!"),
        ("{{ env_var('DBT_ENV_SECRET_NO', 'hunter2') }}", ""),
        ("{{ env_var('DBT_ENV_SECRET_NAME') }}:{{ 'hunter' ~ 2 }}", "s3cret:hunter2"),
        ("{% if var('team') == 'blue' %}hunter2{% endif %}{# no #}", "hunter2"),
    ],
)
def test_a_secret_is_rendered_whole(text: str, expected: str) -> None:
    assert render_secret(text, ENVIRON, VARIABLES) == expected


@each("text", ["{{ hunter2 }}", "{{ env_var('DBT_ENV_SECRET_NAME' }}", "{{ target.name }}"])
def test_a_secret_is_never_rendered_to_something_else(text: str) -> None:
    with pytest.raises(ProfileError, match="cannot be rendered"):
        render_secret(text, ENVIRON, VARIABLES)
