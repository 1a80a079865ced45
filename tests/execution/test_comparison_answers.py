"""What becomes of comparisons that a dbt ends without an answer to."""

import sys
from pathlib import Path

import pytest

from dot.core.data_diff import Comparison
from dot.execution.comparison import Limits, Warehouse
from dot.system.dbt_session import Call, SeparateProcesses
from dot.system.process import Command

STARTED = 'dot:{"id": "a", "status": "started"}'
EQUAL = 'dot:{"id": "a", "status": "equal"}'


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ((), {"a": "failed", "b": "failed"}),
        ((STARTED,), {"a": "failed", "b": "failed"}),
        ((STARTED, EQUAL), {"a": "equal", "b": "failed"}),
    ],
)
def test_none_is_lost(lines: tuple[str, ...], expected: dict[str, str], tmp_path: Path) -> None:
    program = (sys.executable, "-c", f"print({chr(10).join(lines)!r})")
    silent = SeparateProcesses(Command(program, tmp_path))
    comparisons = tuple(Comparison(id=name, base=None, head=None) for name in ("a", "b"))

    answers = Warehouse(silent, Call((), tmp_path)).compare(comparisons, Limits(), lambda _: None)

    assert expected == {name: answer.status for name, answer in answers.items()}
