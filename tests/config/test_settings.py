"""What dot's own settings may be."""

from typing import Any

import pytest
from pydantic import ValidationError

from cases import each
from dot.config.settings import Settings


def test_nothing_needs_to_be_set() -> None:
    assert (
        Settings(dbt="dbt", short_hash_length=None, disable_prompts=False, lock_timeout=3600.0, color="auto")
        == Settings()
    )


@each(
    ("name", "value"),
    [
        ("dbt", "uv run dbt"),
        ("short_hash_length", 4),
        ("short_hash_length", 40),
        ("disable_prompts", True),
        ("lock_timeout", 0),
        ("lock_timeout", 0.5),
        ("working_dir", "as_run"),
        ("color", "always"),
        ("color", "never"),
    ],
)
def test_a_setting_may_be(name: str, value: Any) -> None:
    assert getattr(Settings(**{name: value}), name) == value


@each(
    ("name", "value"),
    [
        ("dbt", 1),
        ("short_hash_length", 3),
        ("short_hash_length", 41),
        ("short_hash_length", "8"),
        ("disable_prompts", "yes"),
        ("lock_timeout", -1),
        ("lock_timeout", float("inf")),
        ("lock_timeout", float("nan")),
        ("working_dir", "models"),
        ("color", "sometimes"),
        ("colour", "auto"),
    ],
)
def test_a_setting_may_not_be(name: str, value: Any) -> None:
    with pytest.raises(ValidationError):
        Settings(**{name: value})
