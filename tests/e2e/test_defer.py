"""A branch builds what it changed, and takes the rest from a build that is already there."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from builders import PROJECT, commit, git, make_repo, make_tree, run_dot
from e2e.warehouse import read_schema

if TYPE_CHECKING:
    from postgres import Server

pytestmark = pytest.mark.e2e

MODELS = {
    "models/a.sql": "select 1 as id\n",
    "models/b.sql": "select id, 'old' as made_by from {{ ref('a') }}\n",
    "models/c.sql": "select b.*, d.id as other from {{ ref('b') }} as b, {{ ref('d') }} as d\n",
    "models/d.sql": "select 4 as id\n",
}


def read_results(target: Path) -> set[str]:
    """The models that dbt says it has run."""
    results: list[dict[str, Any]] = json.loads((target / "run_results.json").read_text())["results"]
    return {result["unique_id"].rpartition(".")[2] for result in results if result["status"] == "success"}


def test_a_branch_builds_only_what_changed_and_reads_the_rest_from_the_baseline(tmp_path: Path) -> None:
    project = make_repo(tmp_path, {**PROJECT, **MODELS})
    git(project, "switch", "--quiet", "--create", "feature/new")
    commit(make_tree(project, {"models/b.sql": "select id, 'new' as made_by from {{ ref('a') }}\n"}), "change b")
    baseline, branch = (git(project, "rev-parse", "--short", ref) for ref in ("main", "feature/new"))
    database = project / "shop.duckdb"
    words = ("build", "dev@feature/new", "--defer", "prod@main", "--", "--select", "state:modified+")

    missing = run_dot(project, *words)
    made = run_dot(project, "build", "prod@main")
    production = read_schema(database, f"production_{baseline}")
    deferred = run_dot(project, *words)

    assert [missing.exit_code, made.exit_code, deferred.exit_code] == [2, 0, 0], deferred
    assert "dot build prod@main" in missing.stderr
    assert production.keys() == {"a", "b", "c", "d"}
    target = project / ".dot" / "build" / branch / "env" / "dev" / "target"
    assert read_results(target) == {"b", "c"}
    assert read_schema(database, f"analytics_{branch}") == {"b": [(1, "new")], "c": [(1, "new", 4)]}
    compiled = (target / "compiled" / "shop" / "models" / "c.sql").read_text()
    assert f'"shop"."production_{baseline}"."d"' in compiled
    assert f'"shop"."analytics_{branch}"."b"' in compiled
    assert read_schema(database, f"production_{baseline}") == production


def test_a_function_that_the_branch_changes_is_called_from_its_build_and_another_from_the_baseline(
    tmp_path: Path, postgres: "Server"
) -> None:
    """dbt itself calls both from the baseline: it looks for them among the relations."""
    declared = "arguments: [{name: x, data_type: integer}], returns: {data_type: integer}"
    files = {
        "profiles.yml": f"shop: {{target: dev, outputs: {{dev: {postgres.profile('functions')}}}}}\n",
        "models/a.sql": "select 1 as id\n",
        "models/b.sql": "select {{ function('f') }}(id) as n from {{ ref('a') }}\n",
        "models/c.sql": "select {{ function('g') }}(id) as n from {{ ref('a') }}\n",
        "functions/f.sql": "select x + 10\n",
        "functions/g.sql": "select x + 20\n",
        "functions/all.yml": f"functions: [{{name: f, {declared}}}, {{name: g, {declared}}}]\n",
    }
    project = make_repo(tmp_path, {**PROJECT, **files})
    git(project, "switch", "--quiet", "--create", "branch")
    commit(make_tree(project, {"functions/f.sql": "select x + 100\n"}), "change f")

    made = run_dot(project, "build", "dev@main")
    slim = run_dot(project, "build", "dev@branch", "--defer", "dev@main", "--select", "f b c")

    assert [made.exit_code, slim.exit_code] == [0, 0], (made, slim)
    assert "the function `f` may differ from the baseline's: this build's own" in slim.stderr
    schema = f"functions_{git(project, 'rev-parse', '--short', 'branch')}"
    assert postgres.query(f"select b.n, c.n from {schema}.b, {schema}.c") == [(101, 21)]
