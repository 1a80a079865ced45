"""A dbt project in two commits with one of every kind of change."""

from pathlib import Path

from builders import PROJECT, Tree, commit, git, make_repo, make_tree

_PROPERTIES = """
models:
  - name: numbers
    columns: [{name: id, data_tests: [unique, not_null]}]
  - name: renamed_from
    columns: [{name: id, data_tests: [unique]}]
"""
_NUMBERS = "select * from (values (1, 1.00, 'a'), (2, 2.00, 'b'), (3, null, 'c')) as t(id, n, letter)"
_PAIRS = "select * from (values (1, cast(null as integer), 'x'), (1, 2, 'y'), (null, 2, 'z')) as t(k, l, v)"

FIRST: Tree = {
    **PROJECT,
    "dbt_project.yml": f"{PROJECT['dbt_project.yml']}models: {{shop: {{+materialized: table}}}}\n",
    "profiles.yml": f"{PROJECT['profiles.yml']}    other: {{type: duckdb, path: other.duckdb, schema: analytics}}\n",
    "models/all.yml": _PROPERTIES,
    "models/a.sql": "select 1 as id",
    "models/b.sql": "select * from {{ ref('a') }}",
    "models/numbers.sql": _NUMBERS,
    "models/reads_numbers.sql": "{{ config(materialized='view') }} select id, n * 2 as twice from {{ ref('numbers') }}",
    "models/passing.sql": "{{ config(materialized='ephemeral') }} select 1 as id",
    "models/reads_passing.sql": "select id from {{ ref('passing') }}",
    "models/goes.sql": "select 1 as id union all select 2",
    "models/renamed_from.sql": "select 42 as id",
    "models/varies.sql": "select 1 as id, random() as n",
    "models/repeated.sql": "{{ config(unique_key='id') }} select * from (values (1, 'a'), (1, 'b')) as t(id, v)",
    "models/pairs.sql": "{{ config(unique_key=['k', 'l']) }}" + _PAIRS,
    "models/vanishes.sql": "select 1 as id",
    "models/locked.sql": "{{ config(materialized='view') }} select 1 as id",
    "seeds/colors.csv": "id,color\n1,red\n2,green\n",
    "snapshots/history.yml": "snapshots: [{name: history, relation: ref('numbers'), "
    "config: {unique_key: id, strategy: check, check_cols: all}}]",
}
"""`vanishes` and `locked` are for a test to drop, and to make unreadable."""

SECOND: Tree = {
    "models/all.yml": _PROPERTIES.replace("renamed_from", "renamed_to"),
    "models/numbers.sql": _NUMBERS.replace("1.00", "1.05")
    .replace("null", "3")
    .replace("(2, 2.00, 'b')", "(4, 4.00, 'd')"),
    "models/passing.sql": "{{ config(materialized='ephemeral') }} select 2 as id",
    "models/comes.sql": "select 1 as id, 'new' as v",
    "models/renamed_to.sql": "select 42 as id",
    "models/repeated.sql": "{{ config(unique_key='id') }} select * from (values (1, 'a'), (1, 'B')) as t(id, v)",
    "models/pairs.sql": "{{ config(unique_key=['k', 'l']) }}" + _PAIRS.replace("'y'", "'Y'").replace("'z'", "'Z'"),
    "models/vanishes.sql": "select 2 as id",
    "models/locked.sql": "{{ config(materialized='view') }} select 2 as id",
    "seeds/colors.csv": "id,color\n1,red\n2,blue\n3,pink\n",
}
_GONE = ("goes", "renamed_from")


def make_project(folder: Path, **more: str) -> Path:
    """The repository: `main` is the first commit, and `feature`, which is checked out, the second."""
    project = make_repo(folder, {**FIRST, **more})
    git(project, "switch", "--quiet", "--create", "feature")
    make_tree(project, SECOND)
    for name in _GONE:
        (project / "models" / f"{name}.sql").unlink()
    commit(project, "One of everything")
    return project
