"""Comparisons asked of a dbt, and what is said of one that cannot answer."""

import os
import sys
from pathlib import Path

import pytest

from builders import make_tree
from dot.base.errors import DbtError
from dot.dbt.head_start import DRIVER
from dot.dbt.session import Call, OneProcess, SeparateProcesses, Session
from dot.diff.data.compare import RelationPair
from dot.diff.data.find_differences import Limits, Warehouse
from dot.system.json_pipe import converse, start_listening
from dot.system.process import Command

STARTED = 'dot:{"id": "a", "status": "started"}'
ANSWER_ALL = """
import json, sys
for asked in json.loads(sys.argv[sys.argv.index("--args") + 1])["comparisons"]:
    print("dot:" + json.dumps({"id": asked["id"], "status": "equal"}))
"""
EQUAL = 'dot:{"id": "a", "status": "equal"}'


def make_pair(name: str, where: str | None = None) -> RelationPair:
    return RelationPair(id=name, adapter="duckdb", base=None, head=None, where=where)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ((), {"a": "failed", "b": "failed"}),
        ((STARTED,), {"a": "failed", "b": "failed"}),
        ((STARTED, EQUAL), {"a": "equal", "b": "failed"}),
    ],
)
def test_a_comparison_without_an_answer_is_told(
    lines: tuple[str, ...], expected: dict[str, str], tmp_path: Path
) -> None:
    program = (sys.executable, "-c", f"print({chr(10).join(lines)!r})")
    silent = SeparateProcesses(Command(program, tmp_path))
    comparisons = tuple(make_pair(name) for name in ("a", "b"))

    answers = Warehouse(silent, Call((), tmp_path)).compare(comparisons, Limits(), lambda _: None)

    assert {name: answer.status for name, answer in answers.items()} == expected


def test_a_dbt_that_is_killed_is_no_answer_and_no_silence(tmp_path: Path) -> None:
    killed = SeparateProcesses(Command((sys.executable, "-c", "import os; os.kill(os.getpid(), 9)"), tmp_path))

    assert why_not(killed, tmp_path) == ("it ended with exit code 137 and said nothing",)


def why_not(session: Session, folder: Path) -> tuple[str, ...]:
    """What is said of a dbt that cannot ask the warehouse."""
    with pytest.raises(DbtError, match="dbt could not ask the warehouse") as raised:
        Warehouse(session, Call((), folder)).compare((make_pair("a"),), Limits(), print)
    return raised.value.problems[0].notes


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_the_words_of_a_dbt_that_cannot_ask_are_shown_without_their_colours(stream: str, tmp_path: Path) -> None:
    program = f"import sys; print('\\033[31mno flags\\033[0m, please\\n\\n  says dbt', file=sys.{stream}); sys.exit(2)"
    refusing = SeparateProcesses(Command((sys.executable, "-c", program), tmp_path))

    assert why_not(refusing, tmp_path) == ("no flags, please", "  says dbt")


RUNNER = """
from types import SimpleNamespace
class dbtRunner:
    def __init__(self, manifest, callbacks):
        self.callbacks = callbacks
    def invoke(self, args):
        for callback in self.callbacks:
            for text in {said!r}:
                callback(SimpleNamespace(info=SimpleNamespace(name="MainEncounteredError", level="error", msg=text)))
        return SimpleNamespace(success=False, exception=ValueError("no flags, please"), result=None)
"""


@pytest.mark.parametrize(
    ("said", "expected"),
    [((), ("no flags, please",)), (("\033[31mEncountered\033[0m\n\nan error",), ("Encountered", "an error"))],
)
def test_the_reason_of_a_dbt_that_gives_up_is_shown_whether_it_has_said_it_or_not(
    said: tuple[str, ...], expected: tuple[str, ...], tmp_path: Path
) -> None:
    make_tree(tmp_path, {"dbt/__init__.py": "", "dbt/cli/__init__.py": "", "dbt/cli/main.py": RUNNER.format(said=said)})
    command = Command((sys.executable, str(DRIVER)), tmp_path, os.environ | {"PYTHONPATH": str(tmp_path)})

    with converse(lambda: start_listening(command)) as conversation:
        assert why_not(OneProcess(conversation, tmp_path), tmp_path) == expected


def test_no_more_is_asked_at_once_than_fits_into_a_command(tmp_path: Path) -> None:
    dbt = SeparateProcesses(Command((sys.executable, "-c", ANSWER_ALL), tmp_path))
    comparisons = tuple(make_pair(str(number), where="x" * 900) for number in range(300))

    answers = Warehouse(dbt, Call((), tmp_path)).compare(comparisons, Limits(), lambda _: None)

    assert [("equal", f"{number}") for number in range(300)] == [(one.status, one.id) for one in answers.values()]
