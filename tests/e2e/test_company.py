"""Many dots at once: all finish, one worktree for each commit, no race in git, no dbt twice in one target folder."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from builders import PROJECT, commit, git, make_fake_dbt, make_repo, make_tree, run_dot

OTHER = {f"other/{name}": content for name, content in PROJECT.items()}


def start(folder: Path, *words: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "dot", *words]
    return subprocess.Popen(command, cwd=folder, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Two projects in one repository, with two commits."""
    repository = make_repo(tmp_path / "repository", {**PROJECT, **OTHER})
    make_tree(repository, {"models/a.sql": "select 2 as id\n"})
    commit(repository, "another")
    return repository


@pytest.mark.e2e
def test_eight_builds_at_once_all_finish(repository: Path) -> None:
    addresses = ["dev@HEAD", "dev@HEAD", "dev@HEAD", "prod@HEAD", "dev@HEAD~1", "prod@HEAD~1"]
    running = [start(repository, "build", address, "--", "--quiet") for address in addresses]
    running += [start(repository / "other", "build", address, "--", "--quiet") for address in ("dev@HEAD", "prod@HEAD")]
    outputs = [process.communicate() for process in running]

    assert [(process.returncode, out) for process, (out, _) in zip(running, outputs, strict=True)] == [(0, "")] * 8
    assert git(repository, "worktree", "list", "--porcelain").count("worktree ") == 1 + 2 + 1
    assert git(repository, "fsck", "--no-progress", "--no-dangling") == ""
    waited = [line for _, err in outputs for line in err.splitlines() if "waiting for" in line]
    assert waited
    for line in waited:
        assert re.search(r"waiting for `dot build \S+@\S+ -- --quiet` \(process \d+ on \S+, since \d{4}-", line)


def test_dbt_never_runs_twice_in_one_target_folder(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bin_folder = tmp_path / "bin"
    program = make_fake_dbt(bin_folder)
    guard = (
        "import time, pathlib\n"
        "target = pathlib.Path(sys.argv[sys.argv.index('--target-path') + 1])\n"
        "target.mkdir(parents=True, exist_ok=True)\n"
        "(target / 'busy').touch(exist_ok=False)\n"
        "time.sleep(0.2)\n"
        "(target / 'busy').unlink()\n"
    )
    program.write_text(program.read_text().replace('print("dbt says hello")\n', guard))
    monkeypatch.setenv("PATH", f"{bin_folder}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("FAKE_DBT_LOG", str(tmp_path / "log"))

    running = [start(repository, "list", "dev@HEAD") for _ in range(8)]
    outputs = [process.communicate() for process in running]

    assert [process.returncode for process in running] == [0] * 8, outputs
    runs = (repository / ".dot" / "build").glob("*/env/dev/runs.jsonl")
    assert [json.loads(line)["exit_code"] for path in runs for line in path.read_text().splitlines()] == [0] * 8


def test_a_wait_ends_after_lock_timeout_and_names_the_holder(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bin_folder = tmp_path / "bin"
    program = make_fake_dbt(bin_folder)
    program.write_text(program.read_text().replace('print("dbt says hello")\n', "import time; time.sleep(4)\n"))
    monkeypatch.setenv("PATH", f"{bin_folder}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("FAKE_DBT_LOG", str(tmp_path / "log"))
    holder = start(repository, "list", "dev@HEAD")
    while not list(repository.glob(".dot/locks/*-dev.owner")):
        assert holder.poll() is None

    waiting = run_dot(repository, "list", "dev@HEAD", env={"DOT_LOCK_TIMEOUT": "0.5"})

    assert (waiting.exit_code, waiting.stdout) == (3, "")
    assert f"waiting for `dot list dev@HEAD` (process {holder.pid} on " in waiting.stderr
    assert f"error: waited 0.5 s for `dot list dev@HEAD` (process {holder.pid} on " in waiting.stderr
    holder.communicate()
    assert holder.returncode == 0


def test_the_lock_of_a_dead_process_does_not_block(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bin_folder = tmp_path / "bin"
    program = make_fake_dbt(bin_folder)
    script = program.read_text()
    program.write_text(script.replace('print("dbt says hello")\n', "import time; time.sleep(5)\n"))
    monkeypatch.setenv("PATH", f"{bin_folder}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("FAKE_DBT_LOG", str(tmp_path / "log"))
    holder = start(repository, "list", "dev@HEAD")
    while not (tmp_path / "log").exists():
        assert holder.poll() is None
    holder.kill()
    holder.communicate()
    program.write_text(script)

    again = run_dot(repository, "list", "dev@HEAD", env={"DOT_LOCK_TIMEOUT": "1"})

    assert again.exit_code == 0
    assert "waiting" not in again.stderr
