"""The setting `color` holds for every command."""

from collections.abc import Callable
from pathlib import Path

from builders import Outcome, make_tree

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


def test_every_command_is_in_colour_where_that_is_wanted(shop: Path, dot: Dot) -> None:
    make_tree(shop, ALWAYS)
    plain = []
    for command in COMMANDS:
        done = dot(*command.split())
        if "\033[" not in done.stdout + done.stderr:
            plain.append((command, done))
    assert plain == []


def test_what_is_wrong_with_the_configuration_is_in_colour(shop: Path, dot: Dot) -> None:
    make_tree(shop, {**ALWAYS, "dot_environments.yml": "environment:\n  dev:\n    nonsense: 1\n"})
    for command in ("check", "build dev@main", "builds show dev@main"):
        assert "\033[31merror:" in dot(*command.split()).stderr, command


def test_a_run_leaves_no_colour_to_the_next_one_in_the_same_process(shop: Path, dot: Dot) -> None:
    make_tree(shop, {**ALWAYS, "dot_environments.yml": "environment:\n  dev:\n    nonsense: 1\n"})
    assert "\033[" in dot("check").stderr
    (shop / "pyproject.toml").unlink()
    assert "\033[" not in dot("check").stderr
