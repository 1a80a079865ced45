"""Killed at any moment, the same command run again succeeds, and the build is the one that an undisturbed run makes.

`DOT_TORTURE` is the number of kills, 20 by default; `just torture` makes it 200.
"""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest

from builders import PROJECT, git, make_repo, run_dot

pytestmark = pytest.mark.e2e

KILLS = int(os.environ.get("DOT_TORTURE", "20"))
SHARES = 4
CRASH = Path(__file__).parent.parent / "crash.py"
MODELS = {
    "seeds/s.csv": "id,name\n1,one\n2,two\n",
    "models/t.sql": "{{ config(materialized='table') }}\nselect * from {{ ref('s') }}\n",
    "packages.yml": "packages: [{local: tools}]\n",
    "tools/dbt_project.yml": "name: tools\n",
    "tools/macros/one.sql": "{% macro one() %}1{% endmacro %}\n",
    "models/u.sql": "select {{ tools.one() }} as one\n",
}
COMMAND = ("build", "dev@HEAD", "-q", "--", "--quiet")


def relations(project: Path) -> dict[str, list[tuple[object, ...]]]:
    """Every relation in the build's schema with its rows."""
    with duckdb.connect(str(project / "shop.duckdb"), read_only=True) as connection:
        found = connection.execute(
            "select schema_name, table_name from (select schema_name, table_name from duckdb_tables() "
            "union all select schema_name, view_name from duckdb_views() where not internal) "
            "where schema_name like 'analytics%'"
        ).fetchall()
        return {
            f"{schema}.{name}": connection.execute(f'select * from "{schema}"."{name}" order by all').fetchall()
            for schema, name in sorted(found)
        }


def start(project: Path, *words: str, is_read: bool = False) -> "subprocess.Popen[str]":
    """Start a program in a process group of its own."""
    return subprocess.Popen(
        [sys.executable, *words],
        cwd=project,
        start_new_session=True,
        text=True,
        stdout=subprocess.PIPE if is_read else subprocess.DEVNULL,
        stderr=subprocess.PIPE if is_read else subprocess.DEVNULL,
    )


def forget(project: Path) -> None:
    """As if nothing had been built here yet, but for the warehouse."""
    shutil.rmtree(project / ".dot", ignore_errors=True)
    git(project, "worktree", "prune")


def check_markers(project: Path) -> None:
    """Whatever the kill left behind, a marker stands only beside a complete worktree."""
    for marker in project.glob(".dot/build/*/commit"):
        worktree = marker.parent / "worktree"
        assert git(worktree, "rev-parse", "HEAD") == marker.read_text().strip()
        assert git(worktree, "status", "--porcelain", "--untracked-files=no") in ("", "M .gitignore")  # by dbt 2


def check_healed(project: Path, expected: dict[str, list[tuple[object, ...]]]) -> None:
    """Run the command again, and hold everything against the undisturbed build."""
    again = run_dot(project, *COMMAND)
    assert (again.exit_code, again.stdout) == (0, ""), again.stderr
    assert relations(project) == expected
    assert git(project, "fsck", "--no-progress", "--no-dangling") == ""
    worktrees = git(project, "worktree", "list", "--porcelain")
    assert worktrees.count("worktree ") == 2
    assert "prunable" not in worktrees
    assert "locked" not in worktrees
    assert list(project.rglob(".dot/**/.*.new")) == []


@pytest.mark.parametrize("share", range(SHARES))
def test_a_killed_build_heals(tmp_path: Path, share: int) -> None:
    project = make_repo(tmp_path / "project", {**PROJECT, **MODELS})
    count = start(project, str(CRASH), "0", *COMMAND, is_read=True)
    since = time.monotonic()
    effects = int(count.communicate()[1].split()[-1])
    duration = time.monotonic() - since
    assert effects > 20
    expected = relations(project)
    assert {name.split(".")[1] for name in expected} == {"a", "b", "s", "t", "u"}
    dice = random.Random(share)  # noqa: S311 - no secret

    for number in range(share, KILLS, SHARES):
        if number % 3:
            forget(project)
        if number % 2:
            place = 1 + number * effects // KILLS
            killed = start(project, str(CRASH), str(place), *COMMAND)
        else:
            killed = start(project, "-m", "dot", *COMMAND)
            time.sleep(dice.uniform(0.1, duration))
            if killed.poll() is None and number % 4:
                os.killpg(killed.pid, signal.SIGKILL)
            killed.kill()  # and only dot, whose git or dbt goes on
        killed.wait()

        check_markers(project)
        check_healed(project, expected)
