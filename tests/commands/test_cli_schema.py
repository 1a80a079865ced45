"""`dot schema`: what it prints is what is published, and what dot prints is valid by it."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

import dot as package
from builders import Outcome
from dot.setup.json_schema import SCHEMAS

Dot = Callable[..., Outcome]

PUBLISHED = Path(package.__file__).parent / "schemas"


@pytest.mark.parametrize("name", SCHEMAS)
def test_the_published_schema_is_the_one_that_is_printed(name: str, dot: Dot) -> None:
    assert Outcome(0, (PUBLISHED / f"{name}.json").read_text("utf-8"), "") == dot("schema", name)


def test_every_published_schema_is_one_that_is_printed() -> None:
    assert sorted(f"{name}.json" for name in SCHEMAS) == sorted(file.name for file in PUBLISHED.iterdir())


@pytest.mark.parametrize("words", [("dev@main",), ("dev",), ("dev@main", "--allow-leaks")])
def test_a_plan_is_valid_by_its_schema(words: tuple[str, ...], dot: Dot, shop: Path) -> None:
    assert shop.is_dir()
    plan = json.loads(dot("plan", "build", *words, "--json").stdout)
    Draft202012Validator(json.loads(dot("schema", "plan").stdout)).validate(plan)


def test_another_name_is_wrong_usage(dot: Dot) -> None:
    outcome = dot("schema", "environment")
    assert (outcome.exit_code, outcome.stdout) == (2, "")
    assert "environments, vars, plan, job, pipeline" in outcome.stderr
