"""Real builds with dbt and DuckDB: what they write, where, and what they leave alone."""

import json
from pathlib import Path
from typing import Any

import pytest

from builders import PROJECT, Tree, commit, git, make_repo, make_tree, read_times, run_dot, snapshot
from e2e.warehouse import read_schema

pytestmark = [pytest.mark.e2e, pytest.mark.both]

IN_FOLDER = "Größe & Maß/dbt projekt"
ORDERS = "{{ config(materialized='table') }} select * from read_csv('data/orders.csv')\n"
FIRST = {
    **PROJECT,
    "models/orders.sql": ORDERS,
    "data/orders.csv": "id,price\n1,10\n",
    "seeds/colors.csv": "id,color\n1,red\n",
}
SECOND = {"models/a.sql": "select 2 as id\n", "data/orders.csv": "id,price\n1,10\n2,20\n"}
TODAY = {
    "models/a.sql": "select 3 as id\n",
    "models/broken.sql": "select from where {{ ref('nothing') }}\n",
    "data/orders.csv": "id,price\n7,70\n",
}


def below(folder: str, files: Tree) -> Tree:
    return {f"{folder}/{name}": content for name, content in files.items()}


def short(folder: Path, ref: str = "HEAD") -> str:
    return git(folder, "rev-parse", "--short", ref)


def test_commits_built_from_a_dirty_tree_stand_side_by_side_and_nothing_else_changes(tmp_path: Path) -> None:
    """In a subfolder of a repository, with spaces and umlauts on the way."""
    repository = make_repo(tmp_path / "Übung 1", below(IN_FOLDER, FIRST))
    project = repository / IN_FOLDER
    assert run_dot(project, "build").exit_code == 0
    commit(make_tree(project, SECOND), "second")
    make_tree(project, TODAY)
    git(project, "add", "data")
    own = (f"{IN_FOLDER}/.dot", f"{IN_FOLDER}/shop.duckdb", ".git/worktrees", ".git/dot-*.lock")
    before = snapshot(repository, without=own)
    database = project / "shop.duckdb"
    analytics = read_schema(database, "analytics")
    assert analytics.keys() == {"a", "b", "colors", "orders"}

    first = run_dot(project, "build", "@HEAD~1")
    second = run_dot(project, "build", "dev@main")

    assert [first.exit_code, second.exit_code] == [0, 0], first.stderr + second.stderr
    assert read_schema(database, "analytics") == analytics
    assert read_schema(database, f"analytics_{short(project, 'HEAD~1')}") == analytics
    assert read_schema(database, f"analytics_{short(project)}") == {
        "a": [(2,)],
        "b": [(2,)],
        "colors": [(1, "red")],
        "orders": [(1, 10), (2, 20)],
    }
    assert snapshot(repository, without=own) == before
    assert list(tmp_path.rglob(".dot")) == [project / ".dot"]

    everything = (snapshot(tmp_path), read_times(tmp_path))
    assert run_dot(project, "doctor").exit_code == 0
    assert (snapshot(tmp_path), read_times(tmp_path)) == everything


SUMMARY = {1: "Done. PASS=1 WARN=0 ERROR=1 SKIP=1", 2: "Processed: 2 models | 1 test"}
UNKNOWN_NODE = {
    1: "depends on a node named 'nowhere' which was not found",
    2: "[DependencyNotFound (dbt1048)]: Ref 'nowhere' not found in project",
}
COULD_NOT_RUN = {1: 2, 2: 1}


def test_the_exit_code_and_the_output_of_dbt_are_those_of_dot(tmp_path: Path, dbt_major: int) -> None:
    failing = {"tests/nothing_is_good.sql": "select * from {{ ref('a') }}\n"}
    project = make_repo(tmp_path, {**PROJECT, **failing}, {"models/a.sql": "select * from {{ ref('nowhere') }}\n"})

    failed = run_dot(project, "build", "dev@HEAD~1")
    broken = run_dot(project, "build", "dev@main")

    assert [failed.exit_code, broken.exit_code] == [1, COULD_NOT_RUN[dbt_major]]
    assert SUMMARY[dbt_major] in failed.stdout
    assert UNKNOWN_NODE[dbt_major] in broken.stdout + broken.stderr
    assert "Traceback" not in failed.stderr + broken.stderr
    records = [read_records(project, ref) for ref in ("HEAD~1", "main")]
    assert [[record["exit_code"] for record in found] for found in records] == [[1], [COULD_NOT_RUN[dbt_major]]]


def read_records(project: Path, ref: str) -> list[dict[str, Any]]:
    text = (project / ".dot" / "build" / short(project, ref) / "env" / "dev" / "runs.jsonl").read_text()
    return [json.loads(line) for line in text.splitlines()]


def test_a_local_package_is_that_of_the_commit_and_is_installed_once(tmp_path: Path) -> None:
    repository = make_repo(
        tmp_path,
        below("shop", {**PROJECT, "packages.yml": "packages: [{local: ../house}]\n"}),
        below("shop", {"models/a.sql": "select {{ house.answer() }} as id\n"}),
        below("house", {"dbt_project.yml": "name: house\n", "macros/answer.sql": macro(42)}),
    )
    project = repository / "shop"
    make_tree(repository, below("house", {"macros/answer.sql": macro(99)}))

    outcomes = [run_dot(project, "run", "dev@main"), run_dot(project, "run", "dev@main", "--", "--select", "a")]

    assert [outcome.exit_code for outcome in outcomes] == [0, 0], outcomes
    assert tuple(read_schema(project / "shop.duckdb", f"analytics_{short(project)}").values()) == ([(42,)], [(42,)])
    assert [outcome.stderr.count("packages installed") for outcome in outcomes] == [1, 0]
    assert not (project / "dbt_packages").exists()


def macro(answer: int) -> str:
    return f"{{% macro answer() %}}{answer}{{% endmacro %}}\n"


def test_a_literal_secret_reaches_the_warehouse_and_no_file_or_line_of_dot_holds_it(
    tmp_path: Path, home: Path, dbt_major: int
) -> None:
    """The profile is in the home folder; DuckDB is told the secret as one of its settings, by dbt 1 alone."""
    password, token = "s3cr3t } with % and @ in it", "token=h1dd3n"
    output = {"type": "duckdb", "path": str(tmp_path / "shop.duckdb"), "schema": "analytics", "password": password}
    profile = {"shop": {"target": "dev", "outputs": {"dev": output | {"settings": {"file_search_path": token}}}}}
    make_tree(home, {".dbt/profiles.yml": json.dumps(profile)})
    files = {name: content for name, content in PROJECT.items() if name != "profiles.yml"}
    model = "{{ config(materialized='table') }} select current_setting('file_search_path') as token\n"
    project = make_repo(tmp_path / "shop", files | {"models/a.sql": model})

    explained = run_dot(project, "plan", "build", "dev@main", "--json")
    built = run_dot(project, "--verbose", "build", "dev@main", "--", "--debug")

    assert [explained.exit_code, built.exit_code] == [0, 0], built
    relations = read_schema(tmp_path / "shop.duckdb", f"analytics_{short(project)}")
    assert [(token if dbt_major == 1 else "",)] == relations["a"]
    written = {path: path.read_bytes() for path in (project / ".dot").rglob("*") if path.is_file()}
    assert "profiles.yml" in {path.name for path in written}
    for secret in (password, token):
        said = explained.stdout + explained.stderr + built.stdout + built.stderr
        assert secret not in said
        assert [path for path, content in written.items() if secret.encode() in content] == []
