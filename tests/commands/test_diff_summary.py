"""What `dot diff` shows of a large comparison: on a terminal as much as fits, and all of it elsewhere."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pexpect
import pytest

from terminal import SECONDS

SHOW = "from examples.reports import synthetic_report; from dot.commands.diff import show; show(synthetic_report(500))"


@pytest.fixture
def environ() -> dict[str, str]:
    known = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES", "NO_COLOR", "CI")}
    paths = os.pathsep.join((str(Path(__file__).parent.parent), os.environ.get("PYTHONPATH", "")))
    return known | {"PYTHONPATH": paths, "TERM": "xterm", "PYTHONIOENCODING": "utf-8"}


@pytest.mark.parametrize("lines", [24, 60])
def test_a_summary_of_five_hundred_models_fits_the_terminal(lines: int, environ: dict[str, str]) -> None:
    shown: Any = pexpect.run(
        f"{sys.executable} -c '{SHOW}'", env=environ, timeout=SECONDS, dimensions=(lines, 80), encoding="utf-8"
    )

    assert len(shown.splitlines()) <= lines - 2, shown
    assert "more models, see `--html FILE` or `--json`" in shown
    assert "\x1b[33mchanged\x1b[0m" in shown


def test_where_there_is_no_terminal_every_model_is_there(environ: dict[str, str]) -> None:
    shown = subprocess.run(
        [sys.executable, "-c", SHOW], env=environ, check=True, capture_output=True, encoding="utf-8", timeout=SECONDS
    ).stdout

    assert sum("_model_" in line for line in shown.splitlines()) == 500
    assert "more models" not in shown
    assert "\x1b" not in shown
