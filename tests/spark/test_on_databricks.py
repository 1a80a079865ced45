"""What a real dbt-databricks says of a project before anything is sent to Databricks. `just spark` runs it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from builders import Outcome, commit, git, make_repo, make_tree

URL = "https://github.com/acme/shop.git"
PROFILE = """
shop:
  target: dev
  outputs:
    dev:
      type: databricks
      host: adb-1.invalid
      http_path: /sql/1.0/warehouses/abc123
      catalog: sales
      schema: crm
      token: "{{ env_var('DBX_TOKEN') }}"
"""
FILES = {
    "dbt_project.yml": "name: shop\nprofile: shop\nflags: {send_anonymous_usage_stats: false}\n",
    "profiles.yml": PROFILE,
    "models/a.sql": "{{ config(materialized='table', file_format='delta') }} select 1 as id",
    "models/b.sql": "select * from {{ ref('a') }}",
    "models/all.yml": "models: [{name: a, columns: [{name: id, data_tests: [unique]}]}]",
    "macros/none.sql": "",
    ".gitignore": "target/\nlogs/\n",
}
SUFFIXED = (
    "{% macro generate_schema_name(name, node) %}{{ target.schema ~ env_var('DOT_SCHEMA_SUFFIX', '') }}{% endmacro %}"
)
BY_VARIABLE = "{% macro generate_schema_name(name, node) %}prod{{ env_var('DOT_SCHEMA_SUFFIX', '') }}{% endmacro %}"
BY_TARGET = (
    "{% macro generate_schema_name(name, node) %}{{ 'p' if target.name == 'prod' else target.schema }}{% endmacro %}"
)


def run_without_network(folder: Path, *words: str) -> Outcome:
    """dot in a process that has no network at all, where the system can take it away."""
    unshare = ("unshare", "--net", "--map-root-user")
    is_able = (
        shutil.which("unshare") and not subprocess.run([*unshare, "true"], capture_output=True, check=False).returncode
    )
    command = [*(unshare if is_able else ()), sys.executable, "-m", "dot", *words]
    environ = {**os.environ, "DBX_TOKEN": "none", "DOT_DBT": os.environ["SPARK_DBT"]}
    done = subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True, check=False)
    return Outcome(done.returncode, done.stdout, done.stderr)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project for Databricks; whatever is committed there can be pushed."""
    git(tmp_path, "init", "--quiet", "--bare", "--initial-branch=main", "remote.git")
    folder = make_repo(tmp_path / "shop", FILES)
    git(folder, "remote", "add", "origin", URL)
    git(folder, "config", f"url.{tmp_path / 'remote.git'}.insteadOf", URL)
    return folder


def test_an_isolated_build_is_parsed_and_checked_without_a_network(project: Path) -> None:
    done = run_without_network(project, "parse", "dev@main")
    assert done.exit_code == 0, done.stdout + done.stderr
    (manifest,) = project.glob(".dot/build/*/env/dev/target/manifest.json")
    short_hash = git(project, "rev-parse", "--short", "main")
    assert f"`sales`.`crm_{short_hash}`.`a`" in manifest.read_text()


def test_what_would_leak_there_is_found_here_and_nothing_is_submitted(project: Path) -> None:
    found = []
    for macro in ("", SUFFIXED, BY_VARIABLE, BY_TARGET):
        commit(make_tree(project, {"macros/names.sql": macro}), "names")
        git(project, "push", "--quiet", "origin", "main")
        done = run_without_network(project, "bundle", "submit", "dev@main")
        found.append((done.exit_code, done.stderr))
    codes, texts = zip(*found, strict=True)
    # What passes the check gets as far as the SDK, which is not configured.
    assert codes == (3, 3, 4, 4), texts
    assert "isolated: 2 relations, all in crm_" in texts[0]
    assert all("dot could not connect to Databricks" in text for text in texts[:2])
    assert "2 relations would be written outside this build" in texts[2]
    assert "names of relations depend on what the profile's output is called" in texts[3]
