"""Why dbt failed, of all that it printed."""

import os
import sys
from pathlib import Path

import pytest

from cases import each
from dot.dbt.engine import Dbt
from dot.dbt.session import Call, OneProcess, SeparateProcesses, open_session, read_error
from dot.system.process import Command, Completed

STACK = "   0: <unknown>\n  15: start_thread\n             at ./nptl/pthread_create.c:442:8\n"
SUMMARY = (
    "  dbt-core 2.0.0-alpha.4\n   Loading profiles.yml\n\n==== Execution Summary ====\nFinished 'list' with 1 error\n"
)
SECOND = (
    "\n==== Errors and Warnings ====\n"
    "\033[33m[warning] [Deprecated (dbt1700)]: old\033[0m\n"
    "\033[31m[error]\033[0m [JinjaError (dbt1501)]: Undefined 'foo'\n(in models/a.sql:1:16)\n  --> models/a.sql:1:16\n"
)
REASON = "[JinjaError (dbt1501)]: Undefined 'foo'\n(in models/a.sql:1:16)\n  --> models/a.sql:1:16"
FIRST = "05:00:00  Running with dbt\n05:00:01  Encountered an error:\nNo such node\n05:00:02  Done\n"


@each(
    ("stdout", "stderr", "expected"),
    [
        (SUMMARY, SECOND, REASON),
        (SUMMARY, SECOND + STACK, REASON),
        (SUMMARY, SECOND + STACK + "\n[error] [Other (dbt1)]: more\n" + STACK, f"{REASON}\n[Other (dbt1)]: more"),
        (FIRST, "a warning of Python", "Encountered an error:\nNo such node"),
        ("1\n2\n3\n4\n5\n6\n", "a warning of Python", "2\n3\n4\n5\n6"),
        ("", "error: unexpected argument '--x' found\n", "error: unexpected argument '--x' found"),
        ("", "", ""),
    ],
)
def test_the_reason_is_what_each_dbt_says_of_it(stdout: str, stderr: str, expected: str) -> None:
    assert read_error(Completed(1, stdout.encode(), stderr.encode())) == expected
    assert read_error(Completed(0, stdout.encode(), stderr.encode())) is None


def test_a_selection_that_fails_comes_with_its_reason(tmp_path: Path) -> None:
    program = f"import sys; sys.stdout.write({SUMMARY!r}); sys.stderr.write({SECOND!r}); sys.exit(1)"
    session = SeparateProcesses(Command((sys.executable, "-c", program), tmp_path))
    assert session.select(Call(("list",), tmp_path)) == (1, frozenset(), REASON)


def test_dbt_is_imported_where_no_worktree_comes_and_goes(tmp_path: Path) -> None:
    python = tmp_path / "python3"
    python.write_text(f"#!/bin/sh\npwd >{tmp_path}/where\n")
    program = tmp_path / "dbt"
    program.write_text(f"#!{python}\n")
    python.chmod(0o755)
    dbt = Dbt(command=(str(program),), version="1.12.6")

    with open_session(dbt, tmp_path, dict(os.environ)) as session:
        assert isinstance(session, OneProcess)
    assert tmp_path.anchor == (tmp_path / "where").read_text().strip()


def test_a_variable_is_set_or_taken_out_from_one_call_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", ["", *sys.path])  # of which the driver drops the first
    from dot.dbt.driver import change  # noqa: PLC0415

    monkeypatch.setenv("DBT_STATE", "old")
    change({"DBT_STATE": None, "DBT_PRINT": "true", "NEVER_THERE": None})
    assert (os.environ.get("DBT_STATE"), os.environ.pop("DBT_PRINT")) == (None, "true")
