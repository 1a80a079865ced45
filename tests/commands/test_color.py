"""The setting `color` holds for every command."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from builders import Outcome, make_tree
from dot.console.terminal import use_color

ALWAYS = {"pyproject.toml": "[tool.dot]\ncolor = 'always'\n"}
COMMANDS = (
    "builds",
    "build dev@main",
    "plan build dev@main --out plan.json",
    "apply plan.json",
    "builds show dev@main",
    "diff dev@main dev@v0",
    "doctor",
    "setup",
    "run --project-dir . nowhere@main",
)


Dot = Callable[..., Outcome]


@pytest.fixture
def fresh_dot(dot: Dot) -> Iterator[Dot]:
    """A dot that knows nothing of the colour that one before it has used."""

    def run(*words: str) -> Outcome:
        use_color("auto")
        return dot(*words)

    yield run
    use_color("auto")


def test_every_command_is_in_colour_where_that_is_wanted(shop: Path, fresh_dot: Dot) -> None:
    make_tree(shop, ALWAYS)
    plain = []
    for command in COMMANDS:
        done = fresh_dot(*command.split())
        if "\033[" not in done.stdout + done.stderr:
            plain.append((command, done))
    assert plain == []


def test_what_is_wrong_with_the_configuration_is_in_colour(shop: Path, fresh_dot: Dot) -> None:
    make_tree(shop, {**ALWAYS, "dot_environments.yml": "environment:\n  dev:\n    nonsense: 1\n"})
    for command in ("check", "build dev@main", "builds show dev@main"):
        assert "\033[31merror:" in fresh_dot(*command.split()).stderr, command
