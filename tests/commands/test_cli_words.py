"""What is typed: options in any place, words for dbt untouched, help and version."""

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import dot as package
from builders import Outcome, call_dot, commit, make_tree, read_calls, read_commands, run_dot
from dot.cli.dbt import DBT_NAMES

Dot = Callable[..., Outcome]


# -- options of dot ------------------------------------------------------------------------------------------------

PLACES = (
    ("{option}", "plan", "build", "dev@main", "--json"),
    ("plan", "{option}", "build", "dev@main", "--json"),
    ("plan", "build", "{option}", "dev@main", "--json"),
    ("plan", "build", "dev@main", "{option}", "--json"),
    ("plan", "build", "dev@main", "--json", "{option}"),
    ("--json", "{option}", "plan", "build", "dev@main"),
    ("{option}", "--json", "plan", "build", "dev@main"),
    ("plan", "--json", "{option}", "build", "dev@main"),
)
OPTIONS = (("--no-deps",), ("--vars", "{since: 2025}"), ("--vars={since: 2025}",), ("--project-dir", "."), ("-v",))


@pytest.mark.parametrize("option", OPTIONS, ids=" ".join)
@pytest.mark.parametrize("place", PLACES, ids=" ".join)
def test_an_option_means_the_same_in_every_place(
    place: tuple[str, ...], option: tuple[str, ...], shop: Path, dot: Dot
) -> None:
    commit(make_tree(shop, {"packages.yml": "packages: [{local: x}]\n"}), "packages")
    expected = dot("plan", "build", "dev@main", *option, "--json")
    words = [word for part in place for word in (option if part == "{option}" else (part,))]
    assert (0, expected.stdout) == ((done := dot(*words)).exit_code, done.stdout), done.stderr


@pytest.mark.parametrize(
    "words",
    [
        ("--dry-run", "docs", "generate", "dev@main"),
        ("docs", "--dry-run", "generate", "dev@main"),
        ("docs", "generate", "--dry-run", "dev@main"),
        ("docs", "generate", "dev@main", "--dry-run"),
    ],
    ids=" ".join,
)
def test_an_option_can_stand_before_a_command_of_two_words(words: tuple[str, ...], shop: Path, dot: Dot) -> None:
    assert shop.is_dir()
    assert (0, dot("plan", "docs", "generate", "dev@main").stdout) == ((done := dot(*words)).exit_code, done.stdout)


def test_an_option_that_takes_a_value_takes_the_next_word_even_if_it_looks_like_a_command(shop: Path, dot: Dot) -> None:
    make_tree(shop, {"build/dbt_project.yml": "name: inner\nprofile: shop\n"})
    done = dot("--project-dir", "build", "plan", "parse")
    assert done.exit_code == 0
    assert f"--project-dir {'build'}" in done.stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--no-such", "build"), "--no-such"),
        (("build", "--no-such"), "--no-such"),
        (("bild", "dev@main"), "bild"),
        (("build", "dev", "main"), "main"),
        (("run-operation",), "MACRO"),
        (("docs", "publish"), "publish"),
        (("plan", "deploy"), "deploy"),
        (("build", "--defer"), "--defer"),
    ],
)
def test_wrong_usage_is_told_on_stderr_with_exit_code_2(
    words: tuple[str, ...], said: str, shop: Path, dot: Dot
) -> None:
    assert shop.is_dir()
    done = dot(*words)
    assert (done.exit_code, done.stdout, said in done.stderr) == (2, "", True)


def test_more_shows_every_command_before_it_runs_and_less_says_nothing(shop: Path, dot: Dot) -> None:
    assert shop.is_dir()
    assert re.search(r"^dot  \$ .*dbt build --target dev$", dot("build", "dev", "-v").stderr, re.MULTILINE)
    shown = dot("build", "dev@main", "-v").stderr
    assert [text for text in (" worktree add ", "dot  $ git rev-parse ", "dbt build ") if text not in shown] == []
    assert dot("build", "dev@main", "-q").stderr == ""
    assert dot("build", "dev").stderr == ""


def test_a_secret_of_the_shell_is_not_shown(shop: Path, dot: Dot, monkeypatch: pytest.MonkeyPatch) -> None:
    assert shop.is_dir()
    monkeypatch.setenv("DBT_ENV_SECRET_TOKEN", "hunter2")
    done = dot("run-operation", "grant_all", "dev", "-v", "--args", "{token: hunter2}")
    assert (done.exit_code, "hunter2" in done.stderr) == (0, False)
    assert "--args '*****'" in done.stderr


# -- words for dbt -------------------------------------------------------------------------------------------------

WORDS = (
    (),
    ("--select", "a b"),
    ("",),
    ("--",),
    ("-x", "--", "--json", "--dry-run", "--no-deps"),
    ("--select", "", "--", "", "$HOME", "*", "'\"\\", "日本", "a\nb", "@main"),
)


@pytest.mark.parametrize("words", WORDS, ids=repr)
@pytest.mark.parametrize("address", ["dev", "dev@main"])
def test_what_stands_after_the_dashes_reaches_dbt_untouched(
    address: str, words: tuple[str, ...], shop: Path, log: Path, dot: Dot
) -> None:
    assert shop.is_dir()
    assert dot("run", address, "--", *words).exit_code == 0
    argv = read_calls(log)[-1].argv
    assert argv[len(argv) - len(words) :] == words
    assert argv[: len(argv) - len(words)] == read_again(dot, log, address)


def read_again(dot: Dot, log: Path, address: str) -> tuple[str, ...]:
    """What dbt gets when nothing stands after the dashes."""
    dot("run", address)
    return read_calls(log)[-1].argv


@pytest.mark.parametrize("words", [("--target", "prod"), ("-tprod",), ("-xt", "prod"), ("--target-path=x",)])
def test_what_a_build_decides_cannot_stand_after_the_dashes(
    words: tuple[str, ...], shop: Path, log: Path, dot: Dot
) -> None:
    done = dot("run", "dev@main", "--", *words)
    assert (done.exit_code, done.stdout) == (2, "")
    assert "cannot be given" in done.stderr
    assert (read_calls(log), (shop / ".dot").exists()) == ([], False)
    assert dot("run", "dev", "--", *words).exit_code == 0
    assert read_calls(log)[-1].argv[-len(words) :] == words


# -- words that make no sense --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "message", "hint"),
    [
        ("buld dev", "`dot` has no command `buld`", "did you mean `build` or `builds`?"),
        ("plan xyz", "`dot plan` has no command `xyz`", "`dot plan --help` shows what it takes"),
        ("dev@main", "`dot` has no command `dev@main`", "an address stands after a command: `dot build dev@main`"),
        (
            "builds dev@main",
            "`dot builds` has no command `dev@main`",
            "an address stands after a command: `dot builds show dev@main`",
        ),
        (
            "docs dev@main",
            "`dot docs` has no command `dev@main`",
            "an address stands after a command: `dot docs generate dev@main`",
        ),
        ("--select x --selct build", "there is no option `--selct`", "`dot --help` shows what it takes"),
        ("--dry-run", "a command is missing after `--dry-run`", "`dot --help` shows what it takes"),
        ("docs --vars {}", "a command is missing after `--vars {}`", "`dot docs --help` shows what it takes"),
        ("build dev main", "`build` does not take `main`", "`dot build --help` shows what it takes"),
        ("build --selct x", "`build` has no option `--selct`", "did you mean `--select`?"),
        ("builds --jsn", "there is no option `--jsn`", "did you mean `--json`?"),
        ("doctor --xyz", "there is no option `--xyz`", "`dot doctor --help` shows what it takes"),
        ("diff --budget x", "invalid value for `--budget`", "`dot diff --help` shows what it takes"),
        ("builds show", "missing argument `ADDRESS`", "`dot builds show --help` shows what it takes"),
        ("build --select", "`--select` needs a value", "it takes a text or a list of texts"),
        ("build dev -- --select", "`--select` needs a value", "it takes a text or a list of texts"),
        (
            "build --select --full-refresh",
            "`--select` needs a value: `--full-refresh` after it is an option itself",
            "it takes a text or a list of texts",
        ),
        ("build --threads many", "`--threads` cannot be `many`", "it takes a whole number"),
        (
            "build --log-format xml",
            "`--log-format` cannot be `xml`",
            "it takes one of debug, default, json, otel, text",
        ),
        (
            "run-operation dev@main grant",
            "`dev@main` is no macro but an address",
            "the macro comes first: `dot run-operation grant dev@main`",
        ),
    ],
)
def test_words_that_make_no_sense_are_told_in_our_own(words: str, message: str, hint: str, dot: Dot) -> None:
    assert dot(*words.split()) == Outcome(2, "", f"error: {message}\n   = help: {hint}\n")


def test_words_are_checked_before_anybody_waits_for_a_lock(shop: Path, log: Path, dot: Dot) -> None:
    assert dot("build", "dev@main", "--select").exit_code == 2
    assert (read_calls(log), (shop / ".dot").exists()) == ([], False)


def test_values_that_only_another_dbt_knows_pass_after_the_dashes(shop: Path, log: Path, dot: Dot) -> None:
    assert shop.is_dir()
    assert dot("build", "dev", "--", "--log-level", "trace").exit_code == 0
    assert read_calls(log)[-1].argv[-2:] == ("--log-level", "trace")


@pytest.mark.parametrize("option", ["-q", "-v", "--quiet", "--verbose"])
@pytest.mark.parametrize("words", ["builds", "check", "schema vars", "setup", "builds show dev@main"])
def test_every_command_takes_more_and_less(words: str, option: str, shop: Path, dot: Dot) -> None:
    assert shop.is_dir()
    assert "no option" not in dot(option, *words.split()).stderr
    assert "no option" not in dot(*words.split(), option).stderr


def test_a_check_that_finds_nothing_can_be_silent(shop: Path, dot: Dot) -> None:
    assert shop.is_dir()
    assert dot("check", "-q") == Outcome(0, "", "")


def test_help_is_shown_after_the_options_of_a_command(dot: Dot) -> None:
    assert dot("--help") == dot("--dry-run", "--help")


@pytest.mark.parametrize("words", [(), ("plan",), ("docs",)])
def test_a_command_of_which_the_rest_is_missing_shows_its_help(words: tuple[str, ...], dot: Dot) -> None:
    text = dot(*words, "--help").stdout
    assert dot(*words) == Outcome(2, "", text)


# -- help and version ----------------------------------------------------------------------------------------------


def test_the_version_is_data(shop: Path) -> None:
    assert Outcome(0, f"dot {package.__version__}\n", "") == run_dot(shop, "--version")


@pytest.mark.parametrize("words", [("-h",), ("--help",), ("plan", "--help"), ("build", "-h"), ("docs", "--help")])
def test_help_is_data_and_needs_no_project(words: tuple[str, ...], tmp_path: Path, dot: Dot) -> None:
    assert tmp_path.is_dir()
    done = dot(*words)
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout.startswith("Usage: dot")


@pytest.mark.parametrize("words", sorted(read_commands()))
def test_help_says_of_each_argument_what_it_is(words: str, dot: Dot) -> None:
    text = dot(*words.split(), "--help").stdout
    arguments = text.partition("\narguments:\n")[2].partition("\n\n")[0]
    assert [line for line in arguments.splitlines() if not re.match(r" {2,}\S+ {2,}\S| {6,}\S", line)] == []
    assert re.findall(r"<\w+>|\[required\]|\[\[|\{", text.partition("dbt options")[0]) == []


@pytest.mark.parametrize("columns", ["80", "60", "52"])
def test_help_breaks_no_name_and_fits(columns: str, shop: Path) -> None:
    lines = run_dot(shop, "--help", env={"COLUMNS": columns, "TERMINAL_WIDTH": columns}).stdout.splitlines()
    assert max(map(len, lines)) < int(columns)
    assert "run-operation" in re.split("[ ,\n]+", "\n".join(lines))


def test_help_names_every_dbt_command(dot: Dot) -> None:
    words = re.findall(r"[\w-]+", dot("--help").stdout)
    assert [name for name in DBT_NAMES if name not in words] == []


# -- where the output goes -----------------------------------------------------------------------------------------


def test_a_reader_that_goes_away_is_no_crash(shop: Path) -> None:
    command = [sys.executable, "-m", "dot", "plan", "build", "dev@main", "--json"]
    with subprocess.Popen(command, cwd=shop, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as child:
        assert child.stdout
        assert child.stderr
        child.stdout.close()
        errors = child.stderr.read()
    assert (child.returncode, errors) == (3, "")


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_a_plan_can_be_shown_where_not_every_letter_can(encoding: str, shop: Path) -> None:
    done = run_dot(shop, "plan", "build", "dev@main", env={"PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"})
    assert (done.exit_code, done.stderr) == (0, "")
    assert "dev@main -> commit " in done.stdout
    assert "\\u" not in done.stdout


def test_dot_in_one_process_leaves_it_as_it_was(shop: Path) -> None:
    assert call_dot("plan", "build", "dev@main") == 0
    assert Path.cwd() == shop
