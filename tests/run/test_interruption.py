"""Whatever asks dot to end, dbt gets an interrupt, dot waits for it, and the run is on record."""

import signal
from pathlib import Path

import pytest

from builders import git, waiting_dot
from dot.plan.record import Record


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)], ids=["terminated", "interrupted"]
)
def test_an_isolated_run_that_is_asked_to_end_waits_for_dbt_and_leaves_a_record(
    number: int, code: int, shop: Path
) -> None:
    with waiting_dot(shop, "build", "dev@main") as dot:
        dot.send_signal(number)
        _, errors = dot.communicate(timeout=20)
    assert dot.returncode == code
    assert "Traceback" not in errors
    folder = shop / ".dot" / "build" / git(shop, "rev-parse", "--short", "main") / "env" / "dev"
    (line,) = (folder / "runs.jsonl").read_text().splitlines()
    assert Record.model_validate_json(line).exit_code == code
