"""`dot setup` shows every change as a diff, makes those that are wanted, and finds nothing to do the second time."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from builders import PROJECT, Outcome, git, make_tree, snapshot
from dot.setup.json_schema import render_schema
from terminal import Terminal, answer

Dot = Callable[..., Outcome]

pytestmark = pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")

HOOKS = "repos:\n- repo: meta\n  hooks:\n  - id: identity\n"
PLAIN = {"NO_COLOR": "1"}


def planned_target(dot: Dot, address: str) -> tuple[str, str]:
    """The environment and the dbt target of a build."""
    environment = json.loads(dot("plan", "build", address, "--json").stdout)["environment"]
    return environment["name"], environment["options"]["target"]


def test_without_a_terminal_it_shows_and_writes_nothing(shop: Path, dot: Dot) -> None:
    before = snapshot(shop)
    outcome = dot("setup")
    assert (outcome.exit_code, outcome.stderr) == (0, "dot  nothing was written; `dot setup --yes` does it\n")
    assert [line for line in outcome.stdout.splitlines() if line.startswith(("--- ", "+++ "))] == [
        "--- /dev/null",
        "+++ dot_environments.yml",
        "--- .gitignore",
        "+++ .gitignore",
        "--- /dev/null",
        "+++ .vscode/settings.json",
    ]
    assert snapshot(shop) == before


def test_with_yes_it_writes_all_and_has_nothing_left_to_do(shop: Path, dot: Dot) -> None:
    make_tree(shop, {".pre-commit-config.yaml": HOOKS, "dot_vars.yml": "vars: {}\n"})
    outcome = dot("setup", "--yes")
    written = (
        "dot_environments.yml, dot_vars.yml, .gitignore, .vscode/settings.json, .pre-commit-config.yaml, "
        ".dot/schemas/environments.json, .dot/schemas/vars.json"
    )
    assert (outcome.exit_code, outcome.stderr) == (0, f"dot  wrote {written}\n")
    assert (shop / ".gitignore").read_text().endswith("*.duckdb*\n.dot/\ndot_environments.user.yml\n")
    assert (shop / ".pre-commit-config.yaml").read_text().startswith(f"{HOOKS}- repo: local\n")
    for schema in ("environments", "vars"):
        assert (shop / ".dot" / "schemas" / f"{schema}.json").read_text() == f"{render_schema(schema)}\n"
        line = (shop / f"dot_{schema}.yml").read_text().splitlines()[0]
        assert line == f"# yaml-language-server: $schema=.dot/schemas/{schema}.json"
    assert dot("check").exit_code == 0
    before = snapshot(shop)
    for words in (("setup",), ("setup", "--yes")):
        outcome = dot(*words)
        assert (outcome.exit_code, outcome.stdout, outcome.stderr) == (0, "", "dot  everything is set up\n")
    assert snapshot(shop) == before


PROFILES = {
    "the usual one": ("dev", ("dev", "prod")),
    "a default that is no first": ("prod", ("dev", "prod")),
    "Jinja": ("{{ env_var('NOWHERE', 'prod') }}", ("dev", "prod")),
    "none named": (None, ("default", "dev")),
    "names that no environment can have": ("default", ("default", "all", "my dev", "1", "on")),
}


@pytest.mark.parametrize(("target", "outputs"), PROFILES.values(), ids=PROFILES)
def test_builds_are_afterwards_what_they_were(
    target: str | None, outputs: tuple[str, ...], shop: Path, dot: Dot
) -> None:
    profile = {"outputs": {output: {"type": "duckdb", "path": "x.db", "schema": "analytics"} for output in outputs}}
    profile |= {"target": target} if target else {}
    make_tree(shop, {"profiles.yml": json.dumps({"shop": profile})})
    before = planned_target(dot, "@main")
    assert dot("setup", "--yes").exit_code == 0
    assert planned_target(dot, "@main")[1] == before[1]
    if before[0] not in ("default", "all"):
        assert planned_target(dot, f"{before[0]}@main") == before


def test_environments_that_are_there_stay(shop: Path, dot: Dot) -> None:
    text = "environment: # mine\r\n  default:   prod\r\n  prod: {}\r\n"
    make_tree(shop, {"dot_environments.yml": text.encode()})
    assert dot("setup", "--yes").exit_code == 0
    line = "# yaml-language-server: $schema=.dot/schemas/environments.json\r\n"
    assert f"{line}{text}".encode() == (shop / "dot_environments.yml").read_bytes()


def test_each_change_is_asked_for(shop: Path) -> None:
    terminal = answer(shop, "setup", typed=("n\r", "y\r", "\r"), env=PLAIN)
    assert "make dot_environments.yml from the outputs of the profile `shop`? [y]es / [n]o " in terminal.screen
    assert "add `.dot/` and `dot_environments.user.yml` to .gitignore, to keep both out of git?" in terminal.screen
    assert "+.dot/" in terminal.screen
    assert "dot  wrote .gitignore" in terminal.screen
    assert git(shop, "status", "--porcelain", "--untracked-files=all") == "M .gitignore"
    terminal = answer(shop, "setup", typed=("n\r", "n\r"), env=PLAIN)
    assert "dot  nothing was written" in terminal.screen


def test_a_diff_is_coloured_on_a_terminal(shop: Path) -> None:
    screen = answer(shop, "setup", typed=("n\r", "n\r", "n\r")).screen
    assert "\x1b[32m+.dot/\x1b[0m" in screen
    assert "\x1b[" not in answer(shop, "setup", typed=("n\r", "n\r", "n\r"), env=PLAIN).screen


def test_an_interrupt_ends_it_with_nothing_written(shop: Path) -> None:
    before = snapshot(shop)
    terminal = Terminal(shop, "setup")
    for text in ("y\r", "y\r", "\x03"):
        terminal.wait_for_question()
        terminal.type(text)
    assert terminal.wait() == 130
    assert snapshot(shop) == before


def test_what_was_never_wanted_at_a_prompt_is_offered_here(shop: Path) -> None:
    answer(shop, "build", "dev", typed=("v\r", "v\r"), env={"TERM_PROGRAM": "vscode"})
    answer(shop, "setup", typed=("n\r", "n\r", "n\r"))


@pytest.mark.parametrize("hooks", ["repos: []\n", "repos:\n- repo: meta\n  x: |\n    a\n    # b\n", "repos:\n- [\n"])
def test_what_cannot_be_offered_is_said(hooks: str, shop: Path, dot: Dot) -> None:
    (shop / "profiles.yml").unlink()
    files = {".pre-commit-config.yaml": hooks, ".vscode/settings.json": "[]"}
    make_tree(shop, files)
    assert dot("setup", "--yes").exit_code == 0
    outcome = dot("setup", "--yes")
    notes = outcome.stderr.splitlines()
    assert notes[0].startswith("dot  no dot_environments.yml yet: there is no profiles.yml: looked at ")
    assert notes[1:] == [
        "dot  .vscode/settings.json is left alone: it is no object",
        "dot  .pre-commit-config.yaml is left alone: dot cannot see where its list `repos` ends",
        "dot  everything else is set up",
    ]
    assert {name: (shop / name).read_text() for name in files} == files


def test_a_schema_of_another_version_of_dot_is_written_anew(shop: Path, dot: Dot) -> None:
    assert dot("setup", "--yes").exit_code == 0
    schema = shop / ".dot" / "schemas" / "environments.json"
    schema.write_text("{}")
    assert dot("setup").stderr == "dot  nothing was written; `dot setup --yes` does it\n"
    assert schema.read_text() == "{}"
    assert dot("setup", "--yes").stderr == "dot  wrote .dot/schemas/environments.json\n"


def test_a_project_in_a_folder_of_the_repository(shop: Path, dot: Dot) -> None:
    make_tree(shop, {f"more/{name}": content for name, content in PROJECT.items()})
    make_tree(shop, {".pre-commit-config.yaml": HOOKS})
    assert dot("setup", "--yes", "--project-dir", "more").exit_code == 0
    assert "    entry: dot check --project-dir more\n" in (shop / ".pre-commit-config.yaml").read_text()
    assert (shop / "more" / "dot_environments.yml").is_file()
    assert not (shop / "dot_environments.yml").exists()


def test_without_git_there_is_less_to_offer(shop: Path, dot: Dot) -> None:
    (shop / ".git").rename(shop.parent / "git")
    make_tree(shop, {".pre-commit-config.yaml": HOOKS})
    outcome = dot("setup", "--yes")
    written = "dot_environments.yml, .vscode/settings.json, .dot/schemas/environments.json"
    assert (outcome.exit_code, outcome.stderr) == (0, f"dot  wrote {written}\n")


def test_a_file_that_is_read_only_is_an_error(shop: Path, dot: Dot) -> None:
    (shop / ".gitignore").chmod(0o444)
    outcome = dot("setup", "--yes")
    assert outcome.exit_code == 3
    assert "it is read-only" in outcome.stderr
    assert (shop / ".gitignore").read_text() == PROJECT[".gitignore"]
