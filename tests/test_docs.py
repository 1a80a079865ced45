"""Every command explains itself and stands in the docs, and the commands that README and docs/ show run."""

import re
import runpy
import shlex
import subprocess
from pathlib import Path

import pytest

from builders import call_dot, git, read_commands, read_top, snapshot
from cases import each
from dot.commands.demo import BRANCH, make_project
from pages import COMMANDS as COMMANDS_PAGE
from pages import PAGES, README, ROOT, read_anchors, read_blocks, read_links, read_shown_commands

COMMANDS = read_commands()
# `dot plan` has every dbt command once more; a page need not name each of them twice.
NAMES = [name for name in COMMANDS if not name.startswith("plan ")] + ["plan"]
SHOWN = {page: commands for page in PAGES if (commands := list(read_shown_commands(page.read_text("utf-8"))))}
UNINSTALLING = ROOT / "docs" / "uninstalling.md"


def name_page(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def read_options(name: str) -> dict[str, str]:
    """The options of a command, by their longest name, and what its help says of each."""
    options = [option for option in COMMANDS[name].params if option.param_type_name == "option"]
    return {max(option.opts, key=len): option.help or "" for option in options}


def is_named(name: str, text: str) -> bool:
    return bool(re.search(rf"(?<![\w-])dot {name}(?![\w-])", text))


@pytest.fixture
def demo(tmp_path: Path, log: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The project that `dot demo` makes, the current folder; none of its commits is built."""
    assert not log.exists()
    make_project(tmp_path / "demo")
    monkeypatch.chdir(tmp_path / "demo")
    return tmp_path / "demo"


@each("name", COMMANDS)
def test_a_command_and_each_of_its_options_have_a_help_text(name: str) -> None:
    assert COMMANDS[name].help
    assert [option for option, text in read_options(name).items() if not text] == []


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_has_an_example_and_its_exit_codes(name: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert call_dot(*name.split(), "--help") == 0
    text = capfd.readouterr().out
    assert re.search(rf"\nexample:\n  dot .*{name.removeprefix('plan ').split()[0]}", text)
    assert "\nexit codes:\n  0" in text


def test_each_group_of_commands_has_a_help_text() -> None:
    assert {name.split()[0] for name in COMMANDS} == {name for name, command in read_top().items() if command.help}


def test_the_page_of_commands_is_what_the_program_declares() -> None:
    expected = runpy.run_path(str(ROOT / "scripts" / "list_commands.py"))["render_page"]()
    assert COMMANDS_PAGE.read_text("utf-8") == expected, "`just commands` writes it anew"


@each("name", NAMES)
def test_a_command_stands_in_the_docs_with_its_options(name: str) -> None:
    text = COMMANDS_PAGE.read_text("utf-8")
    assert is_named(name, text)
    options = read_options("plan build" if name == "plan" else name)
    assert [option for option in options if not re.search(rf"(?<![\w-]){option}(?![\w-])", text)] == []


@pytest.mark.parametrize("page", SHOWN, ids=name_page)
def test_each_command_that_a_page_shows_runs_in_the_demo(
    page: Path, demo: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert demo.is_dir()
    for command in SHOWN[page]:
        exit_code = call_dot(*shlex.split(command, comments=True)[1:])
        assert (command, 0) == (command, exit_code), capfd.readouterr().err


def test_the_hashes_that_the_pages_show_are_those_of_the_demo(tmp_path: Path) -> None:
    make_project(tmp_path)
    expected = {git(tmp_path, "rev-parse", "--short", ref) for ref in ("main", BRANCH)}
    texts = {page: page.read_text("utf-8") for page in PAGES}
    found = {page: set(re.findall(r"(?<!\w)(?=\w*\d)[0-9a-f]{7}(?!\w)", text)) for page, text in texts.items()}
    assert found[README] == expected
    assert [page for page, hashes in found.items() if not hashes <= expected] == []


def test_what_uninstalling_takes_away_is_all_that_dot_made(demo: Path) -> None:
    (script,) = (block for block in read_blocks(UNINSTALLING.read_text("utf-8"), "sh") if "rm -rf .dot\n" in block)
    before = snapshot(demo)
    for words in (("build", "dev@main"), ("diff", "dev@main"), ("build", f"prod@{BRANCH}", "--defer", "dev@main")):
        assert (words, call_dot(*words)) == (words, 0)
    assert snapshot(demo) != before
    subprocess.run(["sh", "-e", "-c", script], cwd=demo, check=True)
    assert snapshot(demo) == before


def test_a_build_that_was_removed_as_the_page_says_is_gone_and_can_be_made_again(
    demo: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (script,) = (block for block in read_blocks(UNINSTALLING.read_text("utf-8"), "sh") if ".dot/build/" in block)
    assert call_dot("build", "dev@main") == 0
    assert call_dot("build", f"dev@{BRANCH}") == 0
    subprocess.run(["sh", "-e", "-c", script], cwd=demo, check=True)
    capfd.readouterr()
    assert call_dot("builds") == 0
    assert re.findall(r"dev@(\w+)", capfd.readouterr().out) == ["0671003"]
    assert git(demo, "worktree", "list").count("\n") + 1 == 2
    assert call_dot("build", "dev@main") == 0


@pytest.mark.parametrize("page", [README, ROOT / "CONTRIBUTING.md", *PAGES[1:]], ids=name_page)
def test_a_link_of_a_page_leads_somewhere(page: Path) -> None:
    """What makes the site looks at docs/ alone, and not at pictures."""
    lost = []
    for goal in read_links(page.read_text("utf-8")):
        name, _, anchor = goal.partition("#")
        target = page.parent / name if name else page
        if not target.exists() or (anchor and anchor not in read_anchors(target.read_text("utf-8"))):
            lost.append(goal)
    assert lost == []


def test_the_readme_is_short_and_the_site_has_every_page() -> None:
    assert len(README.read_text("utf-8").splitlines()) <= 250
    site = (ROOT / "zensical.toml").read_text("utf-8")
    assert {page.name for page in PAGES[1:]} == set(re.findall(r'"([\w-]+\.md)"', site))


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
    assert list(read_shown_commands(EXAMPLE)) == expected


def test_links_and_anchors_are_found_outside_of_blocks_of_code() -> None:
    text = "## Where, and *how*: `dot x`\n[a](b.md#c) ![d](e.svg) [f](https://g)\n```\n# no\n[h](i)\n```\n"
    assert (read_links(text), read_anchors(text)) == (["b.md#c", "e.svg"], {"where-and-how-dot-x"})


@each(
    ("text", "expected"), [("`dot run`", True), ("dot run-operation", False), ("dot runs", False), ("a-dot run", False)]
)
def test_a_command_is_not_taken_for_a_longer_one(text: str, expected: bool) -> None:  # noqa: FBT001
    assert is_named("run", text) == expected
