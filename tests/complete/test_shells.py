"""TAB in real shells: what is offered comes out as the word that was meant, and nothing of it is ever run."""

import json
import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pexpect
import pytest

from builders import commit, git, make_tree

pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")

Start = Callable[..., "pexpect.spawn[str]"]

PROGRAM = """#!{python}
import json, os, sys
if any(name.endswith("_COMPLETE") for name in os.environ):
    from dot.cli import main
    main()
print("RAN", json.dumps(sys.argv[1:]))
"""
"""dot where a shell asks; else it shows the words that it was started with."""

READY = {
    "bash": ("--norc", "--noprofile", "-i"),
    "zsh": ("-f", "-i"),
}
SET_UP = {
    "bash": "bind 'set enable-bracketed-paste off'; eval \"$(_{variable}_COMPLETE=source_bash {name})\"",
    "zsh": (
        "unsetopt zle_bracketed_paste prompt_cr; autoload -U compinit; compinit -u -D; "
        'eval "$(_{variable}_COMPLETE=source_zsh {name})"'
    ),
    "fish": "_{variable}_COMPLETE=source_fish {name} | source",
}
TOUCH = "touch${IFS}hacked"
SUBJECTS = ("$(touch hacked)", "`touch hacked`", "'; touch hacked; '", '"; touch hacked; "', "'; touch hacked #\\")


@pytest.fixture
def start(shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:
    """An interactive shell in a project with dot on PATH and refs of every kind, or a skipped test without it."""
    for name in ("dot", "dot-for-dbt"):
        program = make_tree(tmp_path / "programs", {name: PROGRAM.format(python=sys.executable)}) / name
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", str(tmp_path / "programs"), prepend=os.pathsep)
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    monkeypatch.setenv("TERM", "xterm")
    for number, subject in enumerate(SUBJECTS):
        commit(shop, subject)
        git(shop, "branch", f"hostile/{number}")
    for branch in ("feature/net-revenue", "it's", f"run$({TOUCH})", f"semi;{TOUCH}", "größe#1"):
        git(shop, "branch", branch)

    shells: list[pexpect.spawn[str]] = []

    def run(shell: str, name: str = "dot") -> "pexpect.spawn[str]":
        require(shell)
        spawned = pexpect.spawn(shell, list(READY[shell]), encoding="utf-8", timeout=20, dimensions=(50, 200))
        spawned.sendline(f"PS1='$ '; {set_up(shell, name)}; echo rea''dy")
        shells.append(spawned)
        spawned.expect_exact("ready\r\n")
        return spawned

    yield run
    for spawned in shells:
        spawned.close(force=True)


def require(shell: str) -> None:
    if not shutil.which(shell):
        if os.environ.get("CI"):
            pytest.fail(f"{shell} is not installed")
        pytest.skip(f"{shell} is not installed")


def set_up(shell: str, name: str) -> str:
    return SET_UP[shell].format(name=name, variable=name.replace("-", "_").upper())


def press(spawned: "pexpect.spawn[str]", line: str) -> list[str]:
    """The words of the command that runs after this line, which holds TABs."""
    spawned.sendline(line)
    spawned.expect(r"RAN (\[.*?\])\r\n")
    return json.loads(str(spawned.match[1]))  # pyrefly: ignore


LINES = (
    ("bui\t", ["build"]),
    ("plan sour\t fresh\t", ["plan", "source", "freshness"]),
    ("build dev@feat\t", ["build", "dev@feature/net-revenue"]),
    ("build @feat\t", ["build", "@feature/net-revenue"]),
    ("build 'dev@feat\t", ["build", "dev@feature/net-revenue"]),
    ("build dev@grö\t", ["build", "dev@größe#1"]),
    ("build dev@it\t", ["build", "dev@it's"]),
    ("build dev@it\\'\t", ["build", "dev@it's"]),
    ("build dev@run\t", ["build", f"dev@run$({TOUCH})"]),
    ("build dev@semi\t", ["build", f"dev@semi;{TOUCH}"]),
    ("build dev@main --fail\t", ["build", "dev@main", "--fail-fast"]),
    ("build dev@main -- --full\t", ["build", "dev@main", "--", "--full-refresh"]),
    ("build --indirect-selection=bu\t", ["build", "--indirect-selection=buildable"]),
    ("build --select +dim\t", ["build", "--select", "+dim_customers"]),
    ("build --select @dim\t", ["build", "--select", "@dim_customers"]),
    ("build --select 'fct dim\t", ["build", "--select", "fct dim_customers"]),
    ("build --project-dir my\t", ["build", "--project-dir", "my folder"]),
)


@pytest.mark.parametrize("shell", ["bash", "zsh"])
def test_what_tab_completes_is_the_word_that_was_meant(shell: str, start: Start, shop: Path) -> None:
    make_tree(shop, {"models/dim_customers.sql": "", "my folder/x": ""})
    spawned = start(shell)
    for typed, expected in LINES:
        found = press(spawned, f"dot {typed}")
        assert (typed, [word.removesuffix("/") for word in found]) == (typed, expected)  # zsh takes a last `/` away
    assert not (shop / "hacked").exists()


@pytest.mark.parametrize("shell", ["bash", "zsh"])
def test_a_new_shell_answers_the_first_tab_once_completion_is_installed(shell: str, start: Start, shop: Path) -> None:
    assert start
    assert shop.is_dir()
    require(shell)
    subprocess.run([shell, "-c", f"{sys.executable} -m dot --install-completion; true"], check=True)
    spawned = pexpect.spawn(shell, ["-i"], encoding="utf-8", timeout=20, dimensions=(50, 200))
    spawned.sendline("echo rea''dy")
    spawned.expect_exact("ready\r\n")
    assert press(spawned, "dot build dev@feat\t") == ["build", "dev@feature/net-revenue"]
    spawned.close(force=True)


@pytest.mark.parametrize(
    ("shell", "tabs", "shown"), [("bash", "\t\t", "@hostile/4"), ("zsh", "\t", "-- '; touch hacked #")]
)
def test_a_list_of_refs_runs_nothing_of_what_it_shows(
    shell: str, tabs: str, shown: str, start: Start, shop: Path
) -> None:
    spawned = start(shell, "dot-for-dbt")
    spawned.send(f"dot-for-dbt build dev@hostile/{tabs}")
    spawned.expect_exact(shown)
    assert press(spawned, "3") == ["build", "dev@hostile/3"]
    assert not (shop / "hacked").exists()


def test_fish_is_offered_words_with_their_descriptions(start: Start, shop: Path) -> None:
    assert start
    require("fish")

    def offered(line: str) -> list[str]:
        script = f'{set_up("fish", "dot")}; complete -C "$argv[1]"'
        done = subprocess.run(
            ["fish", "--no-config", "-c", script, line], capture_output=True, text=True, check=True, timeout=30
        )
        assert not done.stderr
        return done.stdout.splitlines()

    assert offered("dot see") == ["seed\tLoad seeds"]
    assert [f"dev@hostile/{number}\t{subject}" for number, subject in enumerate(SUBJECTS)] == offered(
        "dot build dev@hos"
    )
    assert offered("dot build dev@run") == [f"dev@run$({TOUCH})\t{SUBJECTS[-1]}"]
    assert offered("dot build -- --full") == ["--full-refresh\tMake incremental models and seeds anew"]
    assert not (shop / "hacked").exists()
