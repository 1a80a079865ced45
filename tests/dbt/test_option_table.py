"""dbt's own options stand among dot's, without `--`."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from builders import Outcome, make_fake_dbt, read_calls
from cases import each
from dot.complete.find_names import Start, read_engine
from dot.dbt.option_table import COMMANDS
from dot.dbt.words import describe_options, list_clashes, split_words

Dot = Callable[..., Outcome]
OWN = {"--vars": True, "--defer": True, "--quiet": False, "-q": False, "--no-deps": False}


@each(
    ("words", "own", "dbt"),
    [
        ((), (), ()),
        (("dev@main",), ("dev@main",), ()),
        (
            ("dev@main", "--select", "a+", "b", "--full-refresh"),
            ("dev@main",),
            ("--select", "a+", "b", "--full-refresh"),
        ),
        (("--full-refresh", "dev@main"), ("dev@main",), ("--full-refresh",)),
        (("-f", "dev@main", "-s", "a", "-q"), ("dev@main", "-q"), ("-f", "-s", "a")),
        (("--threads", "4", "dev@main"), ("dev@main",), ("--threads", "4")),
        (("--threads=4", "dev@main"), ("dev@main",), ("--threads=4",)),
        (("--vars", "--select", "dev"), ("--vars", "--select", "dev"), ()),
        (("--vars={a: 1}", "-xf", "dev"), ("--vars={a: 1}", "dev"), ("-xf",)),
        (("--no-defer", "--defer", "dev@main", "x"), ("--defer", "dev@main", "x"), ("--no-defer",)),
        (("-qx", "dev"), ("-qx", "dev"), ()),
        (("--unknown", "x"), ("--unknown", "x"), ()),
        (("--inline", "select 1", "--port", "-1"), ("--inline", "select 1"), ("--port", "-1")),  # a port, to dbt 2
    ],
)
def test_words_are_told_apart(words: tuple[str, ...], own: tuple[str, ...], dbt: tuple[str, ...]) -> None:
    found = split_words("build", words, OWN)
    assert (found.own, found.dbt) == (own, dbt)


@pytest.mark.parametrize("address", ["dev", "dev@main"])
def test_an_option_of_dbt_means_the_same_before_and_after_the_dashes(
    address: str, shop: Path, log: Path, dot: Dot
) -> None:
    assert shop.is_dir()
    words = ("--select", "a+", "b", "--full-refresh", "-x", "--threads=3")
    outcomes = [
        dot("build", address, "--", *words),
        dot("build", address, *words),
        dot("build", *words[3:], address, *words[:3]),
        dot("build", "-f", address, "--select", "a+", "b", "--", "-x", "--threads=3"),
    ]
    assert [done.exit_code for done in outcomes] == [0] * 4, outcomes
    ran = [call.argv for call in read_calls(log) if call.argv[0] == "build"]
    assert words == ran[0][-6:] == ran[1][-6:]
    assert (*words[3:], *words[:3]) == ran[2][-6:]
    assert ran[3][-5:] == ("--select", "a+", "b", "-x", "--threads=3")


@pytest.mark.parametrize("value", ["dev@main", "@main", "prod", "x@y"])
def test_an_address_among_the_values_of_a_list_is_refused_and_never_a_live_build(
    value: str, shop: Path, log: Path, dot: Dot
) -> None:
    assert shop.is_dir()
    done = dot("build", "--select", "a", value)
    assert (done.exit_code, done.stdout, read_calls(log)) == (2, "", [])
    assert f"`{value}` looks like an address" in done.stderr
    assert f"= help: put the address first: `dot build {value} --select …`" in done.stderr
    assert dot("build", "dev", "--select", "a", value).exit_code == 0
    assert read_calls(log)[-1].argv[-3:] == ("--select", "a", value)
    assert dot("build", "--", "--select", "a", value).exit_code == 0
    assert dot("build", "--select", "a", "b").exit_code == 0


def test_an_option_that_another_command_takes_is_wrong_usage(shop: Path, log: Path, dot: Dot) -> None:
    assert shop.is_dir()
    done = dot("build", "--inline", "select 1")
    assert (done.exit_code, done.stdout, read_calls(log)) == (2, "", [])
    assert "`build` has no option `--inline`" in done.stderr
    for word, near in (("--selct", "--select"), ("--no-dep", "--no-deps"), ("--no-print=1", "--no-print")):
        done = dot("build", "dev", word)
        assert (done.exit_code, done.stdout, read_calls(log)) == (2, "", [])
        assert f"did you mean `{near}`?" in done.stderr
    assert "what dot does not know reaches dbt after `--`" in dot("build", "--frobnicate").stderr


@pytest.mark.parametrize("dbt_command", [name for name in COMMANDS[1] if name != "source snapshot-freshness"])
def test_help_describes_every_option_of_dbt_and_names_those_that_are_dots(dbt_command: str, dot: Dot) -> None:
    text = " ".join(dot(*dbt_command.split(), "--help").stdout.split())
    own = ("--defer", "--project-dir", "--quiet", "--vars", "--version")
    described = describe_options(dbt_command, own, read_engine(Start(Path.cwd(), os.environ)))
    assert [name for option in described for name in option.label.split()[:1] if name.strip(",") not in text] == []
    clashes = set(list_clashes(dbt_command, own)) - {"--version"}
    assert clashes
    assert [name for name in clashes if name not in text.partition("are dot's own here")[0][-70:]] == []


# -- two engines ---------------------------------------------------------------------------------------------------


def put_engine(folder: Path, version: str) -> Path:
    """Install what tells the version of the program in `bin` of this folder."""
    (folder / "lib" / "python3.11" / "site-packages" / f"dbt_core-{version}.dist-info").mkdir(parents=True)
    return folder


@pytest.mark.parametrize(
    ("version", "shown", "hidden"),
    [("2.0.0a4", "--static-analysis", "--sqlparse"), ("1.11.2", "--sqlparse", "--compute")],
)
def test_help_and_completion_are_those_of_the_engine_at_hand(
    version: str, shown: str, hidden: str, shop: Path, log: Path, dot: Dot, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_engine(shop.parent, version)
    for form in ("", f"{shop.parent}/bin/dbt"):
        monkeypatch.setenv("DOT_DBT", form)
        text = dot("build", "--help").stdout
        assert (shown in text, hidden in text) == (True, False)
        with monkeypatch.context() as completing:
            completing.setenv("_DOT_COMPLETE", "complete_fish")
            completing.setenv("_TYPER_COMPLETE_FISH_ACTION", "get-args")
            completing.setenv("_TYPER_COMPLETE_ARGS", "dot build dev --")
            offered = dot().stdout
        assert (f"{shown}\t" in offered, f"{hidden}\t" in offered) == (True, False)
    assert read_calls(log) == []


def test_what_another_engine_has_is_an_error_before_the_dashes_and_dbts_own_business_after_them(
    shop: Path, log: Path, dot: Dot
) -> None:
    put_engine(shop.parent, "2.0.0a4")
    done = dot("build", "dev", "--sqlparse", "{}")
    assert (done.exit_code, done.stdout, read_calls(log)) == (2, "", [])
    assert "`build` of dbt 2 has no option `--sqlparse`" in done.stderr
    assert dot("build", "dev", "--static-analysis", "off", "--", "--sqlparse", "{}").exit_code == 0
    assert read_calls(log)[-1].argv[-4:] == ("--static-analysis", "off", "--sqlparse", "{}")


def test_an_environment_may_have_options_of_both_engines(shop: Path, log: Path, dot: Dot) -> None:
    (shop / "dot_environments.yml").write_text("environment: {dev: {sqlparse: {a: 1}, static-analysis: baseline}}\n")
    put_engine(shop.parent, "2.0.0a4")
    plan = json.loads(dot("plan", "build", "dev@main", "--json").stdout)
    assert plan["options_not_applied"] == ["sqlparse"]
    assert dot("build", "dev@main").exit_code == 0
    for call in read_calls(log):
        assert "--no-manage-state" in call.argv
        assert "--sqlparse" not in call.argv
    assert "--static-analysis" in read_calls(log)[-1].argv


@pytest.mark.parametrize(
    ("pyproject", "engine"),
    [
        ("", 1),
        ("[tool.other]\nx = 'dot'\n", 1),
        ("[tool.dot]\ndbt = 'two/bin/dbt'\n", 2),
        ("[tool.dot]\ndbt = 'uv run dbt'\n", None),
        ("[tool.dot\n", None),
        ("[tool.dot]\ndbt = 'no-such-program'\n", None),
        ("[tool.dot]\ndbt = 2\n", 1),
    ],
)
def test_the_engine_is_told_by_what_is_installed_beside_the_program(
    pyproject: str, engine: int | None, shop: Path, log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_engine(shop.parent, "1.12.1")
    make_fake_dbt(put_engine(shop / "two", "2.0.1") / "bin")
    (shop / "pyproject.toml").write_text(pyproject)
    assert read_engine(Start(Path.cwd(), os.environ)) == engine
    assert read_calls(log) == []
    monkeypatch.setenv("DOT_DBT", "'")
    assert read_engine(Start(Path.cwd(), os.environ)) is None


# -- errors as data ------------------------------------------------------------------------------------------------


def test_errors_are_data_where_data_was_asked_for(shop: Path, dot: Dot) -> None:
    (shop / "dot_environments.yml").write_text("environment:\n  dev: {treads: 4}\n  prod: {threads: many}\n")
    done = dot("plan", "build", "dev@main", "--json")
    assert (done.exit_code, done.stderr) == (2, "")
    assert json.loads(done.stdout) == {
        "errors": [
            {
                "code": "configuration",
                "message": "no dbt command has an option `treads`",
                "file": "dot_environments.yml",
                "line": 2,
                "column": 9,
                "hint": "did you mean `threads`?",
            },
            {
                "code": "configuration",
                "message": "`threads` must be a whole number",
                "file": "dot_environments.yml",
                "line": 3,
                "column": 10,
                "hint": "correct it, then run the same command again",
            },
        ]
    }
    for words in (("plan", "build", "--json", "--nope"), ("plan", "bild", "--json"), ("plan", "build", "@", "--json")):
        done = dot(*words)
        (error,) = json.loads(done.stdout)["errors"]
        assert (done.exit_code, done.stderr, error["code"] in ("usage", "address")) == (2, "", True)
        assert error["hint"]
