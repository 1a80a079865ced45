"""Every command explains itself and stands in the README, and the commands that the README shows run."""

import os
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from builders import call_dot, git, make_fake_dbt, read_commands, read_top
from dot.commands.demo import BRANCH, make_project

README = Path(__file__).parent.parent / "README.md"
NOT_RUN = re.compile(r"<!-- not run: \S.* -->")
PROMPT = "$ dot "
COMMANDS = read_commands()
# `dot plan` has every dbt command once more; the README need not name each of them twice.
NAMES = [name for name in COMMANDS if not name.startswith("plan ")] + ["plan"]


def read_options(name: str) -> dict[str, str]:
    """The options of a command, by their longest name, and what its help says of each."""
    options = [option for option in COMMANDS[name].params if option.param_type_name == "option"]
    return {max(option.opts, key=len): option.help or "" for option in options}


def read_shown_commands(text: str) -> Iterator[str]:
    """What stands after the prompt in `console` blocks, but for those marked as not run on the line before."""
    lines = text.splitlines()
    is_inside = False
    shown = ""
    for before, line in zip(["", *lines], lines, strict=False):
        if line.startswith("```"):
            is_inside = line == "```console" and not NOT_RUN.fullmatch(before)
        elif is_inside and (shown or line.startswith(PROMPT)):
            shown += line.removeprefix("$ ").removesuffix("\\")
            if not line.endswith("\\"):
                yield shown
                shown = ""


def is_named(name: str, text: str) -> bool:
    return bool(re.search(rf"(?<![\w-])dot {name}(?![\w-])", text))


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_and_each_of_its_options_have_a_help_text(name: str) -> None:
    assert COMMANDS[name].help
    assert [] == [option for option, text in read_options(name).items() if not text]


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_has_an_example_and_its_exit_codes(name: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert 0 == call_dot(*name.split(), "--help")
    text = capfd.readouterr().out
    assert re.search(rf"\nexample:\n  dot .*{name.removeprefix('plan ').split()[0]}", text)
    assert "\nexit codes:\n  0" in text


@pytest.mark.parametrize("name", NAMES)
def test_a_command_stands_in_the_readme(name: str) -> None:
    assert is_named(name, README.read_text("utf-8"))


def test_each_group_of_commands_has_a_help_text() -> None:
    assert {name.split()[0] for name in COMMANDS} == {name for name, command in read_top().items() if command.help}


@pytest.mark.parametrize("option", sorted({option for name in COMMANDS for option in read_options(name)}))
def test_an_option_stands_in_the_readme(option: str) -> None:
    assert re.search(rf"(?<![\w-]){option}(?![\w-])", README.read_text("utf-8"))


def test_each_command_that_the_readme_shows_runs_in_the_demo(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    commands = list(read_shown_commands(README.read_text("utf-8")))
    monkeypatch.setenv("PATH", str(make_fake_dbt(tmp_path / "bin").parent), prepend=os.pathsep)
    monkeypatch.setenv("FAKE_DBT_LOG", str(tmp_path / "calls.jsonl"))
    make_project(tmp_path / "demo")
    monkeypatch.chdir(tmp_path / "demo")
    assert commands
    for command in commands:
        exit_code = call_dot(*shlex.split(command, comments=True)[1:])
        assert (command, 0) == (command, exit_code), capfd.readouterr().err


def test_the_hashes_that_the_readme_shows_are_those_of_the_demo(tmp_path: Path) -> None:
    make_project(tmp_path)
    expected = {git(tmp_path, "rev-parse", "--short", ref) for ref in ("main", BRANCH)}
    assert expected == set(re.findall(r"(?<!\w)(?=\w*\d)[0-9a-f]{7}(?!\w)", README.read_text("utf-8")))


EXAMPLE = """
```console
$ dot build dev@main   # a comment
dot  main is af8132b
$ git status
$ dot plan build dev@main \\
    --vars '{currency: USD}'
```
<!-- not run: it needs a terminal -->
```console
$ dot skipped
```
<!-- not run: -->
```console
$ dot test
```
```sh
$ dot never
```
$ dot outside
"""


def test_the_commands_of_the_blocks_that_are_run_are_found() -> None:
    expected = ["dot build dev@main   # a comment", "dot plan build dev@main     --vars '{currency: USD}'", "dot test"]
    assert expected == list(read_shown_commands(EXAMPLE))


@pytest.mark.parametrize(
    ("text", "expected"), [("`dot run`", True), ("dot run-operation", False), ("dot runs", False), ("a-dot run", False)]
)
def test_a_command_is_not_taken_for_a_longer_one(text: str, expected: bool) -> None:  # noqa: FBT001
    assert expected == is_named("run", text)
