"""On a terminal dot offers what `.dot/` needs in the user's files, once before the first step, and never insists."""

from pathlib import Path

import pytest

from builders import PROJECT, git, make_tree, read_calls, run_dot, snapshot
from terminal import MARK, Terminal, answer, run_shell

# In the processes of pytest-xdist there are threads, but none that a child in a terminal would miss.
pytestmark = pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")

IGNORED = str(PROJECT[".gitignore"])
QUESTION = "add `.dot/` to .gitignore, to keep it out of git?"
EDITOR_QUESTION = "keep VS Code's search and watcher out of `.dot/` (.vscode/settings.json)?"
SETTINGS = """{
    "search.exclude": {
        "**/.dot": true,
        "**/.dot/**": true
    },
    "files.watcherExclude": {
        "**/.dot/**": true
    }
}
"""
VSCODE = {"TERM_PROGRAM": "vscode"}


def read(shop: Path, name: str = ".gitignore") -> bytes:
    return (shop / name).read_bytes()


def written(shop: Path) -> dict[str, tuple[int, bytes]]:
    """Every file in the project, but for git's and dot's locks."""
    return snapshot(shop, without=(".git", ".dot/locks"))


@pytest.mark.parametrize("yes", ["y\r", "yes\r", " Y \r"])
def test_yes_is_done_at_once_and_not_asked_again(yes: str, shop: Path, log: Path) -> None:
    (shop / ".vscode").mkdir()
    terminal = answer(shop, "build", "dev", typed=(yes, yes))
    assert terminal.screen.index(QUESTION) < terminal.screen.index(EDITOR_QUESTION) < terminal.screen.index("dbt says")
    assert f"{IGNORED}.dot/\n".encode() == read(shop)
    assert SETTINGS.encode() == read(shop, ".vscode/settings.json")
    assert not (shop / ".dot").exists()
    answer(shop, "build", "dev", env=VSCODE)
    assert len(read_calls(log)) == 2


@pytest.mark.parametrize("no", ["n\r", "no\r", "\r", "\x04"])
def test_no_changes_nothing_and_is_asked_again(no: str, shop: Path, log: Path) -> None:
    before = snapshot(shop)
    for _ in range(2):
        answer(shop, "build", "dev", typed=(no, no), env=VSCODE)
    assert snapshot(shop) == before
    assert len(read_calls(log)) == 2


def test_never_is_kept_in_this_clone(shop: Path) -> None:
    answer(shop, "build", "dev", typed=("v\r", "never\r"), env=VSCODE)
    assert IGNORED.encode() == read(shop)
    assert not (shop / ".vscode").exists()
    assert read(shop, ".dot/config.yml") == b"prompts:\n  editor: never\n  gitignore: never\n"
    assert git(shop, "status", "--porcelain", "--untracked-files=all") == ""
    answer(shop, "build", "dev", env=VSCODE)
    answer(shop, "build", "dev@main", env=VSCODE)
    assert IGNORED.encode() == read(shop)


def test_one_never_leaves_the_other_question(shop: Path) -> None:
    answer(shop, "build", "dev", typed=("v\r", "n\r"), env=VSCODE)
    terminal = answer(shop, "build", "dev", typed=("v\r",), env=VSCODE)
    assert EDITOR_QUESTION in terminal.screen
    answer(shop, "build", "dev", env=VSCODE)


def test_what_is_no_answer_is_asked_again(shop: Path) -> None:
    terminal = answer(shop, "build", "dev", typed=("maybe\r", "y\r"))
    assert "please answer with y, n, v, or with Enter for no" in terminal.screen
    assert f"{IGNORED}.dot/\n".encode() == read(shop)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (None, b".dot/\n"),
        (b"", b".dot/\n"),
        (b"target/\nlogs/", b"target/\nlogs/\n.dot/\n"),
        (b"target/\r\nlogs/\r\n", b"target/\r\nlogs/\r\n.dot/\r\n"),
        (b"# caf\xe9\n!.dot/\n", b"# caf\xe9\n!.dot/\n.dot/\n"),
    ],
)
def test_a_line_is_added_in_the_style_of_the_file(before: bytes | None, after: bytes, shop: Path) -> None:
    (shop / ".gitignore").unlink()
    if before is not None:
        make_tree(shop, {".gitignore": before})
    answer(shop, "build", "dev", typed=("y\r",))
    assert read(shop) == after
    answer(shop, "build", "dev")
    answer(shop, "build", "dev@main")
    assert read(shop) == after


@pytest.mark.parametrize("spelling", [".dot", "/.dot/", "**/.dot/", ".d*"])
def test_another_spelling_is_enough_before_a_build_and_after_it(spelling: str, shop: Path) -> None:
    make_tree(shop, {".gitignore": f"{spelling}\n"})
    for address in ("dev", "dev@main", "dev", "dev@main"):
        answer(shop, "build", address)
    assert f"{spelling}\n".encode() == read(shop)


def test_a_build_that_hides_itself_from_git_does_not_count(shop: Path) -> None:
    answer(shop, "build", "dev@main", typed=("n\r",))
    assert git(shop, "status", "--porcelain", "--untracked-files=all") == ""
    answer(shop, "build", "dev@main", typed=("y\r",))
    assert f"{IGNORED}.dot/\n".encode() == read(shop)


def test_settings_of_the_editor_keep_their_comments(shop: Path) -> None:
    before = b'{\r\n  // mine\r\n  "search.exclude": {\r\n    "**/target": true, // big\r\n  },\r\n}\r\n'
    make_tree(shop, {".vscode/settings.json": before, ".gitignore": ".dot/\n"})
    answer(shop, "build", "dev", typed=("y\r",))
    added = (
        b'    "**/.dot": true,\r\n    "**/.dot/**": true,\r\n  },\r\n'
        b'  "files.watcherExclude": {\r\n    "**/.dot/**": true\r\n  },\r\n}\r\n'
    )
    expected = before.removesuffix(b"  },\r\n}\r\n") + added
    assert read(shop, ".vscode/settings.json") == expected
    answer(shop, "build", "dev")


@pytest.mark.parametrize("text", ['{"a": 1', '{"search.exclude": []}', "settings"])
def test_settings_that_cannot_be_added_to_are_named_once_and_left_alone(text: str, shop: Path) -> None:
    make_tree(shop, {".vscode/settings.json": text, ".gitignore": ".dot/\n"})
    terminal = answer(shop, "build", "dev")
    assert ".vscode/settings.json is left alone: " in terminal.screen
    assert text.encode() == read(shop, ".vscode/settings.json")
    assert "left alone" not in answer(shop, "build", "dev").screen
    make_tree(shop, {".vscode/settings.json": "{}"})
    answer(shop, "build", "dev", typed=("y\r",))


def test_the_settings_of_the_repository_are_those_of_its_projects(shop: Path) -> None:
    make_tree(shop, {".vscode/x": "", "more/dbt_project.yml": PROJECT["dbt_project.yml"], ".gitignore": ".dot/\n"})
    make_tree(shop, {"more/profiles.yml": PROJECT["profiles.yml"]})
    terminal = answer(shop / "more", "build", "dev", typed=("y\r",))
    assert "out of `.dot/` (../.vscode/settings.json)?" in terminal.screen
    assert SETTINGS.encode() == read(shop, ".vscode/settings.json")


@pytest.mark.parametrize(
    ("words", "env"),
    [
        (("build", "dev", "--disable-prompts"), {}),
        (("build", "dev", "-q"), {}),
        (("build", "dev"), {"DOT_DISABLE_PROMPTS": "true"}),
        (("build", "dev"), {"CI": "true"}),
        (("build", "dev", "--dry-run"), {}),
        (("plan", "build", "dev@main"), {}),
        (("doctor",), {}),
        (("init", "--", "more"), {}),
    ],
)
def test_nothing_is_asked_by(words: tuple[str, ...], env: dict[str, str], shop: Path) -> None:
    before = snapshot(shop)
    answer(shop, *words, env=VSCODE | env)
    assert snapshot(shop) == before


def test_nothing_is_asked_where_the_project_says_so(shop: Path) -> None:
    make_tree(shop, {"pyproject.toml": "[tool.dot]\ndisable_prompts = true\n"})
    answer(shop, "build", "dev", env=VSCODE)


def test_nothing_is_asked_about_git_where_there_is_none(shop: Path) -> None:
    (shop / ".git").rename(shop.parent / "git")
    answer(shop, "build", "dev")


def test_the_demo_asks_nothing(shop: Path) -> None:
    terminal = Terminal(shop, "demo", "../demo", env=VSCODE | {"FAKE_DBT_EXIT": "1"})
    assert (terminal.wait(), MARK.findall(terminal.screen)) == (1, [])


def test_a_wrong_command_asks_nothing(shop: Path) -> None:
    before = snapshot(shop)
    terminal = Terminal(shop, "build", "nowhere@main", env=VSCODE)
    assert (terminal.wait(), MARK.findall(terminal.screen)) == (2, [])
    assert snapshot(shop) == before


@pytest.mark.parametrize("redirection", ["</dev/null", "2>errors", "2>&1 | cat"])
def test_nothing_is_asked_where_nobody_reads_or_types(redirection: str, shop: Path) -> None:
    screen = run_shell(shop, f"{{dot}} build dev {redirection}")
    assert "dbt says hello" in screen
    assert MARK.findall(screen) == []
    assert IGNORED.encode() == read(shop)


def test_nothing_is_asked_of_a_pipe(shop: Path) -> None:
    before = snapshot(shop)
    outcome = run_dot(shop, "build", "dev", env=VSCODE | {"CI": ""})
    assert (outcome.exit_code, outcome.stdout, outcome.stderr) == (0, "dbt says hello\n", "")
    assert snapshot(shop) == before


@pytest.mark.parametrize("typed", [(), ("y\r",), ("v\r",)])
def test_an_interrupt_ends_dot_and_leaves_everything_as_it_was(typed: tuple[str, ...], shop: Path, log: Path) -> None:
    before = snapshot(shop)
    terminal = Terminal(shop, "build", "dev@main", env=VSCODE)
    for text in (*typed, "\x03"):
        terminal.wait_for_question()
        terminal.type(text)
    assert terminal.wait() == 130
    assert snapshot(shop) == before
    assert read_calls(log) == []
    assert "Traceback" not in terminal.screen


@pytest.mark.parametrize(("env", "is_plain"), [({"NO_COLOR": "1"}, True), ({"DOT_COLOR": "never"}, True), ({}, False)])
def test_a_question_is_coloured_as_everything_else(env: dict[str, str], is_plain: bool, shop: Path) -> None:  # noqa: FBT001
    terminal = Terminal(shop, "build", "dev", env=env)
    line = terminal.wait_for_question()
    assert (line == f"dot  {QUESTION} [y]es / [n]o / ne[v]er ") == is_plain
    assert ("\x1b[" not in line) == is_plain
    terminal.type("n\r")
    assert terminal.wait() == 0


def test_a_question_stands_on_stderr(shop: Path) -> None:
    assert QUESTION in run_shell(shop, "{dot} build dev > out.txt", typed="n\r")
    assert read(shop, "out.txt") == b"dbt says hello\n"


def test_a_file_that_is_read_only_is_a_warning(shop: Path, log: Path) -> None:
    (shop / ".gitignore").chmod(0o444)
    terminal = answer(shop, "build", "dev", typed=("y\r",))
    assert "cannot write" in terminal.screen
    assert "it is read-only" in terminal.screen
    assert (IGNORED.encode(), 1) == (read(shop), len(read_calls(log)))


def test_a_file_that_changed_while_the_question_stood_is_left_alone(shop: Path, log: Path) -> None:
    terminal = Terminal(shop, "build", "dev")
    terminal.wait_for_question()
    make_tree(shop, {".gitignore": "new\n"})
    terminal.type("y\r")
    assert (terminal.wait(), read(shop), len(read_calls(log))) == (0, b"new\n", 1)
    assert "has changed meanwhile" in terminal.screen


def test_the_editor_looks_at_the_top_of_the_repository(shop: Path) -> None:
    make_tree(shop, {f"more/{name}": text for name, text in PROJECT.items()} | {".gitignore": ".dot/\n"})
    terminal = answer(shop / "more", "build", "dev", typed=("y\r",), env=VSCODE)
    assert "out of `.dot/` (../.vscode/settings.json)?" in terminal.screen
    assert SETTINGS.encode() == read(shop, ".vscode/settings.json")


@pytest.mark.parametrize("files", [{".dot/config.yml": "prompts: x\n"}, {".dot": "a file"}, {".gitignore/x": ""}])
def test_what_cannot_be_read_is_a_warning(files: dict[str, str], shop: Path, log: Path) -> None:
    (shop / ".gitignore").unlink()
    make_tree(shop, files)
    assert "warning:" in answer(shop, "build", "dev", env={"NO_COLOR": "1"}).screen
    assert len(read_calls(log)) == 1


def test_answers_are_not_kept_where_nothing_can_be_kept(shop: Path, log: Path) -> None:
    make_tree(shop, {".dot/.gitignore/x": ""})
    assert "warning:" in answer(shop, "build", "dev", typed=("v\r",), env={"NO_COLOR": "1"}).screen
    assert len(read_calls(log)) == 1


def test_a_command_in_the_background_asks_nothing_and_so_is_not_stopped(shop: Path) -> None:
    """A shell with job control gives each job a process group of its own, and the terminal to one of them."""
    screen = run_shell(shop, "set -m; {dot} build dev & wait")
    assert "dbt says hello" in screen
    assert MARK.findall(screen) == []
