"""dbt's own options stand among dot's, without `--`."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from builders import Outcome, read_calls
from dot.commands.dbt_words import describe_options, list_clashes, split_words
from dot.core.dbt_options import COMMANDS

Dot = Callable[..., Outcome]
OWN = {"--vars": True, "--defer": True, "--quiet": False, "-q": False, "--no-deps": False}


@pytest.mark.parametrize(
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
        (("--inline", "select 1", "--limit", "-1"), ("--inline", "select 1", "--limit", "-1"), ()),
    ],
)
def test_words_are_told_apart(words: tuple[str, ...], own: tuple[str, ...], dbt: tuple[str, ...]) -> None:
    found = split_words("build", words, OWN)
    assert (own, dbt) == (found.own, found.dbt)


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
    assert [0] * 4 == [done.exit_code for done in outcomes], outcomes
    ran = [call.argv for call in read_calls(log) if call.argv[0] == "build"]
    assert words == ran[0][-6:] == ran[1][-6:]
    assert (*words[3:], *words[:3]) == ran[2][-6:]
    assert ("--select", "a+", "b", "-x", "--threads=3") == ran[3][-5:]


@pytest.mark.parametrize("value", ["dev@main", "@main", "prod", "x@y"])
def test_an_address_among_the_values_of_a_list_is_refused_and_never_a_live_build(
    value: str, shop: Path, log: Path, dot: Dot
) -> None:
    assert shop.is_dir()
    done = dot("build", "--select", "a", value)
    assert (2, "", []) == (done.exit_code, done.stdout, read_calls(log))
    assert f"`{value}` looks like an address" in done.stderr
    assert f"= help: put the address first: `dot build {value} --select …`" in done.stderr
    assert 0 == dot("build", "dev", "--select", "a", value).exit_code
    assert ("--select", "a", value) == read_calls(log)[-1].argv[-3:]
    assert 0 == dot("build", "--", "--select", "a", value).exit_code
    assert 0 == dot("build", "--select", "a", "b").exit_code


def test_an_option_that_another_command_takes_is_wrong_usage(shop: Path, log: Path, dot: Dot) -> None:
    assert shop.is_dir()
    done = dot("build", "--inline", "select 1")
    assert (2, "", []) == (done.exit_code, done.stdout, read_calls(log))
    assert "`build` has no option `--inline`" in done.stderr
    for word, near in (("--selct", "--select"), ("--no-dep", "--no-deps"), ("--no-print=1", "--no-print")):
        done = dot("build", "dev", word)
        assert (2, "", []) == (done.exit_code, done.stdout, read_calls(log))
        assert f"did you mean `{near}`?" in done.stderr
    assert "what dot does not know reaches dbt after `--`" in dot("build", "--frobnicate").stderr


@pytest.mark.parametrize("dbt_command", [name for name in COMMANDS if name != "source snapshot-freshness"])
def test_help_describes_every_option_of_dbt_and_names_those_that_are_dots(dbt_command: str, dot: Dot) -> None:
    text = " ".join(dot(*dbt_command.split(), "--help").stdout.split())
    own = ("--defer", "--project-dir", "--quiet", "--vars", "--version")
    described = describe_options(dbt_command, own)
    assert [] == [name for option in described for name in option.label.split()[:1] if name.strip(",") not in text]
    clashes = set(list_clashes(dbt_command, own)) - {"--version"}
    assert clashes
    assert [] == [name for name in clashes if name not in text.partition("are dot's own here")[0][-70:]]


# -- errors as data ------------------------------------------------------------------------------------------------


def test_errors_are_data_where_data_was_asked_for(shop: Path, dot: Dot) -> None:
    (shop / "dot_environments.yml").write_text("environment:\n  dev: {treads: 4}\n  prod: {threads: many}\n")
    done = dot("plan", "build", "dev@main", "--json")
    assert (2, "") == (done.exit_code, done.stderr)
    assert {
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
    } == json.loads(done.stdout)
    for words in (("plan", "build", "--json", "--nope"), ("plan", "bild", "--json"), ("plan", "build", "@", "--json")):
        done = dot(*words)
        (error,) = json.loads(done.stdout)["errors"]
        assert (2, "", True) == (done.exit_code, done.stderr, error["code"] in ("usage", "address"))
        assert error["hint"]
