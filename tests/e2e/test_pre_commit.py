"""The hook `dot-check`, installed and run by pre-commit itself."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from builders import PROJECT, Outcome, git, make_repo, make_tree

pytestmark = pytest.mark.e2e

ROOT = Path(__file__).parent.parent.parent
INSTALLED = (".pre-commit-hooks.yaml", "LICENSE", "README.md", "pyproject.toml", "src")
CONFIG = """
repos:
  - repo: {repo}
    rev: {rev}
    hooks:
      - id: dot-check
        args: [--project-dir, shop]
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A dbt project in a folder of a repository, whose hook comes from another one, which holds dot as it is today."""
    hook = make_repo(tmp_path / "dot", dict(read_installed()))
    config = CONFIG.format(repo=hook.as_uri(), rev=git(hook, "rev-parse", "HEAD"))
    files = {f"shop/{name}": content for name, content in PROJECT.items()}
    return make_repo(tmp_path / "work", {**files, ".pre-commit-config.yaml": config}) / "shop"


def read_installed() -> Iterator[tuple[str, bytes]]:
    """The files that installing dot takes, by their names in its repository."""
    for path in (found for name in INSTALLED for found in (ROOT / name, *(ROOT / name).rglob("*"))):
        if path.is_file() and path.suffix != ".pyc":
            yield path.relative_to(ROOT).as_posix(), path.read_bytes()


def run_pre_commit(project: Path) -> Outcome:
    """Run the hooks on everything that is staged, with an environment that is made for this test."""
    git(project, "add", "--all")
    environ = os.environ | {"PRE_COMMIT_HOME": str(project.parent.parent / "pre-commit"), "PRE_COMMIT_COLOR": "never"}
    environ.pop("PYTHONPATH", None)
    command = [sys.executable, "-m", "pre_commit", "run"]
    done = subprocess.run(command, cwd=project.parent, env=environ, capture_output=True, text=True, check=False)
    return Outcome(done.returncode, done.stdout, done.stderr)


def test_a_good_project_passes_and_a_bad_one_fails_with_the_reason(project: Path) -> None:
    make_tree(project, {"dot_environments.yml": "environment: {dev: {threads: 4}}\n"})
    good = run_pre_commit(project)
    assert (good.exit_code, "Passed" in good.stdout) == (0, True), good

    make_tree(project, {"dot_environments.yml": "environment:\n  dev: {thread: 4}\n"})
    bad = run_pre_commit(project)
    assert bad.exit_code == 1
    assert "exit code: 2" in bad.stdout
    assert "error: no dbt command has an option `thread`\n  --> shop/dot_environments.yml:2:9" in bad.stdout

    git(project, "rm", "--cached", "--quiet", "dot_environments.yml")
    (project / "dot_environments.yml").unlink()
    make_tree(project, {"models/a.sql": "select 2 as id\n"})
    other = run_pre_commit(project)
    assert (other.exit_code, "Skipped" in other.stdout) == (0, True), other
