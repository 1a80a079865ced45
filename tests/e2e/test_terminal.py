"""A build as a person sees it: progress on the terminal, and dbt's output as dbt prints it."""

import os
import sys
from pathlib import Path

import pexpect
import pytest

from builders import PROJECT, make_repo

pytestmark = [pytest.mark.e2e, pytest.mark.dbt1]  # dbt 2 shows progress of its own

FILES = {
    **PROJECT,
    "packages.yml": "packages: [{local: house}]\n",
    "house/dbt_project.yml": "name: house\n",
    "models/warned.sql": "{{ exceptions.warn('mind the gap') }} select 1 as id\n",
}


def test_progress_is_shown_on_the_terminal_and_never_mixed_into_the_output_of_dbt(tmp_path: Path) -> None:
    """stdout is a file, stderr the terminal; then both are the terminal."""
    project = make_repo(tmp_path, FILES)
    words = f"{sys.executable} -m dot build dev@main"
    env = os.environ | {"TERM": "xterm", "DOT_DISABLE_PROMPTS": "1"}
    seen = []
    for command in (f"{words} > out.txt", f"rm -rf .dot/build/*/env; {words}"):
        child = pexpect.spawn("sh", ["-c", command], cwd=project, encoding="utf-8", timeout=60, env=env)
        child.expect(pexpect.EOF)
        seen.append(str(child.before))
        child.close()
        assert child.exitstatus == 0, child.before
    output = (project / "out.txt").read_text()
    assert "Done. PASS=3" in output
    assert "mind the gap" in output
    assert "reading the project" not in output
    assert "installing packages · " in seen[0]
    assert "Installed from <local @ house>" in seen[0]
    assert all("reading the project · " in text for text in seen)
    for line in seen[1].splitlines():
        assert "reading the project" not in line or "Running with dbt" not in line.rpartition("\x1b[2K")[2]
    assert "mind the gap" in seen[1].rpartition("reading the project")[2]

    command = f"rm -rf .dot/build/*/env; {words} -- --threads x"
    child = pexpect.spawn("sh", ["-c", command], cwd=project, encoding="utf-8", timeout=60, env=env)
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 2, child.before
    before, _, refusal = str(child.before).rpartition("Error: 'x' is not a valid integer.")
    assert before.endswith(("\x1b[2K", "\n"))
    assert "reading the project" not in refusal


def test_an_interrupt_while_the_project_is_read_shows_no_traceback(tmp_path: Path) -> None:
    endless = "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}"
    project = make_repo(tmp_path, {**PROJECT, "models/endless.sql": endless})
    env = os.environ | {"TERM": "xterm", "DOT_DISABLE_PROMPTS": "1"}
    words = ["-m", "dot", "build", "dev@main"]
    child = pexpect.spawn(sys.executable, words, cwd=project, encoding="utf-8", timeout=60, env=env)
    child.expect("reading the project")
    while not list(project.glob(".dot/build/*/env/dev/logs/dbt.log")):
        assert child.isalive()
    child.sendintr()
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 130
    assert "Traceback" not in str(child.before)
