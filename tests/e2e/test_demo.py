"""`dot demo`: a project to try dot on, two of its commits built, and the same commits on every machine."""

import os
import re
from pathlib import Path

import pytest

from builders import PROJECT, git, make_fake_dbt, make_repo, make_tree, read_calls, run_dot, snapshot
from dot.commands.demo import make_project
from e2e.warehouse import read_schema_names

BRANCHES = ("main", "feature/net-revenue")


@pytest.mark.e2e
def test_the_demo_builds_two_commits_and_shows_what_differs(tmp_path: Path) -> None:
    outcome = run_dot(tmp_path, "demo")

    project = tmp_path / "dot-demo"
    schemas = {f"analytics_{git(project, 'rev-parse', '--short', branch)}" for branch in BRANCHES}
    assert outcome.exit_code == 0, outcome
    assert read_schema_names(project / "warehouse.duckdb") == schemas
    assert re.findall(r"\S+@\S+", outcome.stdout) == ["dev@main", "dev@feature/net-revenue"]
    found = re.findall(r"(\w+) +(\w+).*?  (\d+ (?:→ \d+|rows))", outcome.stdout)
    assert {name: (code, rows) for name, code, rows in found} == {
        "daily_revenue": ("changed", "36 → 30"),
        "dim_customers": ("changed", "20 → 20"),
        "fct_rentals": ("changed", "38 → 38"),
        "stg_payments": ("changed", "55 → 49"),
        "fct_refunds": ("new", "11 rows"),
    }
    page = (project / "report.html").read_text("utf-8")
    assert "<title>dot diff" in page
    assert "fct_refunds" in page
    assert git(project, "status", "--porcelain") == ""


@pytest.mark.parametrize("files", [{"dbt_project.yml": "name: mine\n"}, {".hidden": ""}])
def test_a_folder_that_is_not_empty_is_refused_and_left_as_it_is(files: dict[str, str], tmp_path: Path) -> None:
    make_tree(tmp_path / "dot-demo", files)
    before = snapshot(tmp_path)
    outcome = run_dot(tmp_path, "demo")
    assert (outcome.exit_code, outcome.stdout) == (2, "")
    assert "is not empty" in outcome.stderr
    assert "dot demo <folder>" in outcome.stderr
    assert snapshot(tmp_path) == before


def test_the_demo_builds_its_own_project_whatever_the_environment_says_of_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = make_repo(tmp_path / "mine", PROJECT)
    monkeypatch.setenv("PATH", str(make_fake_dbt(tmp_path / "bin").parent), prepend=os.pathsep)
    monkeypatch.setenv("FAKE_DBT_LOG", str(tmp_path / "calls.jsonl"))
    monkeypatch.setenv("FAKE_DBT_EXIT", "1")
    monkeypatch.setenv("DBT_PROJECT_DIR", str(mine))
    monkeypatch.setenv("DBT_PROFILES_DIR", str(mine))
    before = snapshot(mine)

    assert run_dot(tmp_path, "demo").exit_code == 1

    calls = read_calls(tmp_path / "calls.jsonl")
    assert calls
    assert all(call.cwd.is_relative_to(tmp_path / "dot-demo" / ".dot") for call in calls)
    assert snapshot(mine) == before


GIT_CONFIG = """
[user]
    name = Somebody else
[commit]
    gpgsign = true
[core]
    autocrlf = true
    hooksPath = {folder}/hooks
    excludesFile = {folder}/ignored
[i18n]
    commitEncoding = ISO-8859-1
"""


def test_the_demo_has_the_same_commits_on_every_machine(
    tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_project(tmp_path / "first")
    make_tree(tmp_path, {"hooks/pre-commit": "#!/bin/sh\nexit 1\n", "ignored": "*.csv\nprofiles.yml\n"})
    (tmp_path / "hooks" / "pre-commit").chmod(0o755)
    (home / ".gitconfig").write_text(GIT_CONFIG.format(folder=tmp_path))
    monkeypatch.setenv("GIT_AUTHOR_NAME", "Somebody else")
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    make_project(tmp_path / "second")

    first, second = ([git(tmp_path / name, "rev-parse", branch) for branch in BRANCHES] for name in ("first", "second"))
    assert first == second
    assert git(tmp_path / "first", "rev-list", "--count", "main") == "3"
    assert git(tmp_path / "first", "branch", "--show-current") == "main"
