"""An error as a person sees it: the line with the place underlined, on a screen of any width."""

import os
import shlex
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pexpect
import pytest

from builders import Outcome, commit, make_tree
from terminal import SECONDS, Terminal

pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")

Dot = Callable[..., Outcome]
MANY = ", ".join(f"variable_{number}: {number}" for number in range(60))


def write_setting(shop: Path, text: str) -> None:
    """An environment that holds this, in the fourth line."""
    make_tree(shop, {"dot_environments.yml": f"environment:\n  default: dev\n  dev:\n    {text}\n"})


@pytest.mark.parametrize(
    ("text", "indent", "key"),
    [
        ("thrads: 3", 0, "thrads"),
        ("{vars: {名前: 東京}, thrads: 3}", 21, "thrads"),
        ("{vars: {é: 1}, thrads: 3}", 15, "thrads"),
        ("{vars: {e\u0301: 1}, thrads: 3}", 15, "thrads"),
        ("'a: b': 3", 0, "'a: b'"),
        ('"a: b": 3', 0, '"a: b"'),
        ("a:b: 3", 0, "a:b"),
        ("{größe: 3}", 1, "größe"),
    ],
)
def test_the_key_that_is_wrong_is_underlined(text: str, indent: int, key: str, shop: Path, dot: Dot) -> None:
    write_setting(shop, text)
    _, place, _, line, marks, _ = dot("check").stderr.splitlines()
    assert place.startswith("  --> dot_environments.yml:4:")
    assert (line, marks) == (f" 4 |     {text}", f"   |     {' ' * indent}{'^' * len(key)}")


def test_lines_are_counted_as_editors_count_them(shop: Path, dot: Dot) -> None:
    text = "\ufeffenvironment:\r\n  dev:\r\n    vars: {a: 'x\u2028y\x85z'}\r\n    thrads: 3\r\n"
    make_tree(shop, {"dot_environments.yml": text})
    lines = dot("check").stderr.splitlines()
    assert lines[1:5] == ["  --> dot_environments.yml:4:5", "   |", " 4 |     thrads: 3", "   |     ^^^^^^"]


def test_of_a_long_line_the_part_is_shown_that_is_wrong(shop: Path, dot: Dot) -> None:
    write_setting(shop, f"{{vars: {{{MANY}}}, thrads: 3, threads: 4, {MANY.replace('variable', 'option')}}}")
    line, marks = dot("check").stderr.splitlines()[3:5]
    assert line.startswith(" 4 | ...")
    assert line.endswith("...")
    assert len(line) <= 120
    assert line[marks.index("^") : marks.rindex("^") + 1] == "thrads"


def test_a_long_line_is_cut_to_the_screen(shop: Path) -> None:
    write_setting(shop, f"{{vars: {{{MANY}}}, thrads: 3, {MANY.replace('variable', 'option')}}}")
    terminal = Terminal(shop, "check", columns=50, env={"NO_COLOR": "1"})
    assert terminal.wait() == 2
    line, marks = terminal.screen.splitlines()[3:5]
    assert len(line) < 50
    assert line[marks.index("^") : marks.rindex("^") + 1] == "thrads"


def test_no_screen_is_too_narrow_for_a_long_line(shop: Path) -> None:
    write_setting(shop, f"{{vars: {{{MANY}}}, thrads: 3}}")
    terminal = Terminal(shop, "check", columns=8, env={"NO_COLOR": "1"})
    assert terminal.wait() == 2
    assert "^^^^^^" in terminal.screen


@pytest.mark.parametrize("color", ["NO_COLOR", "FORCE_COLOR"])
def test_on_a_narrow_screen_lines_break_between_words(color: str, shop: Path) -> None:
    terminal = Terminal(shop, "builds", "show", "dev", columns=50, env={color: "1", "DOT_COLOR": "auto"})
    assert terminal.wait() == 2
    screen = terminal.screen.replace("\033[31merror:\033[0m", "error:")
    assert screen.splitlines() == [
        "error: `dev` names no build: a git ref is",
        "       required",
        "   = help: write `dot builds show dev@<ref>`;",
        "           `dot builds` lists the builds there",
        "           are",
    ]


def test_lines_that_belong_together_are_broken_each_by_itself() -> None:
    text = "1 relation is written outside\\n    model orders, in the schema marts\\n    short"
    script = f"from dot.console import Console; Console().warn('{text}')"
    options: Any = {"env": os.environ | {"NO_COLOR": "1"}, "dimensions": (20, 30), "encoding": "utf-8"}
    shown: Any = pexpect.run(shlex.join([sys.executable, "-c", script]), timeout=SECONDS, **options)
    assert shown.splitlines() == [
        "warning: 1 relation is",
        "         written outside",
        "    model orders, in the",
        "    schema marts",
        "    short",
    ]


def test_where_there_is_no_terminal_a_line_is_whole(shop: Path, dot: Dot) -> None:
    assert shop.is_dir()
    assert len(dot("builds", "show", "dev").stderr.splitlines()) == 2


def test_what_others_wrote_cannot_steer_the_terminal(shop: Path, log: Path, dot: Dot) -> None:
    write_setting(shop, '"thr\\e]0;title\\aads": 3')
    assert not log.exists()
    assert "error: no dbt command has an option `thr\\x1b]0;title\\x07ads`" in dot("check").stderr
    (shop / "dot_environments.yml").unlink()
    commit(shop, "one\033]0;title\007 \033[2Jtwo\tthree")
    for done in (dot("build", "dev@main"), dot("builds"), dot("builds", "show", "dev@main")):
        assert done.exit_code == 0
        assert "one ]0;title   [2Jtwo three" in done.stdout + done.stderr
