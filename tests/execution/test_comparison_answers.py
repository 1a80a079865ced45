"""Comparisons asked of a dbt that is started anew for each question."""

import sys
from pathlib import Path

import pytest

from dot.core.data_diff import Comparison
from dot.errors import DbtError
from dot.execution.comparison import Limits, Warehouse
from dot.system.dbt_session import Call, SeparateProcesses
from dot.system.process import Command

STARTED = 'dot:{"id": "a", "status": "started"}'
ANSWER_ALL = """
import json, sys
for asked in json.loads(sys.argv[sys.argv.index("--args") + 1])["comparisons"]:
    print("dot:" + json.dumps({"id": asked["id"], "status": "equal"}))
"""
EQUAL = 'dot:{"id": "a", "status": "equal"}'


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
    comparisons = tuple(Comparison(id=name, base=None, head=None) for name in ("a", "b"))

    answers = Warehouse(silent, Call((), tmp_path)).compare(comparisons, Limits(), lambda _: None)

    assert expected == {name: answer.status for name, answer in answers.items()}


def test_a_dbt_that_is_killed_is_no_answer_and_no_silence(tmp_path: Path) -> None:
    killed = SeparateProcesses(Command((sys.executable, "-c", "import os; os.kill(os.getpid(), 9)"), tmp_path))
    comparisons = (Comparison(id="a", base=None, head=None),)

    with pytest.raises(DbtError, match="dbt could not ask the warehouse"):
        Warehouse(killed, Call((), tmp_path)).compare(comparisons, Limits(), lambda _: None)


def test_no_more_is_asked_at_once_than_fits_into_a_command(tmp_path: Path) -> None:
    dbt = SeparateProcesses(Command((sys.executable, "-c", ANSWER_ALL), tmp_path))
    comparisons = tuple(Comparison(id=f"{number}", base=None, head=None, where="x" * 900) for number in range(300))

    answers = Warehouse(dbt, Call((), tmp_path)).compare(comparisons, Limits(), lambda _: None)

    assert [("equal", f"{number}") for number in range(300)] == [(one.status, one.id) for one in answers.values()]
