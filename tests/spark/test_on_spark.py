"""Two builds and their comparison on Spark in local mode. `just spark` runs it: half a minute a dbt call."""

import os
from pathlib import Path
from typing import Any

import pytest

from builders import commit, git, make_repo, make_tree, run_dot
from dot.diff.report import DiffReport, NodeDiff

PROFILE = """
shop:
  target: dev
  outputs:
    dev:
      type: spark
      method: session
      host: localhost
      schema: analytics
      server_side_parameters:
        spark.sql.catalogImplementation: hive
        spark.sql.warehouse.dir: FOLDER/warehouse
        spark.hadoop.javax.jdo.option.ConnectionURL: jdbc:derby:;databaseName=FOLDER/metastore;create=true
        spark.driver.extraJavaOptions: -Dderby.stream.error.file=FOLDER/derby.log
        spark.sql.shuffle.partitions: "2"
        spark.ui.enabled: "false"
"""
"""A session keeps its tables and what it knows of them where it runs, unless it is told a place that all share."""

TYPES = (
    "{{ config(unique_key='id') }} select 1 as id, array(1, 2) as list, map('a', 1) as pairs, struct(1 as x) as parts, "
    "cast('NaN' as double) as no_number, cast(1.5 as decimal(10, 2)) as amount, timestamp'2025-01-01 12:00:00' as at, "
    "date'2025-01-01' as day, true as flag"
)
NULLS = (
    "{{ config(unique_key=['k', 'l']) }} select * from values (1, null, 'x'), (1, 2, 'y'), (null, 2, 'z') as t(k, l, v)"
)
REPEATED = "{{ config(unique_key='id') }} select * from values (1, 'a', 'b'), (1, 'c', 'd') as t(id, v, w)"
FIRST = {
    "dbt_project.yml": "name: shop\nprofile: shop\nflags: {send_anonymous_usage_stats: false}\n"
    "models: {shop: {+materialized: table, +file_format: parquet}}\n",
    "models/all.yml": "models: [{name: numbers, columns: [{name: id, data_tests: [unique]}]}]",
    "models/numbers.sql": "select * from values (1, 1.0D, 'x'), (2, 2.0D, 'y'), (3, 3.0D, null) as t(id, n, letter)",
    "models/view.sql": "{{ config(materialized='view') }} select id, letter from {{ ref('numbers') }}",
    "models/types.sql": TYPES,
    "models/nulls.sql": NULLS,
    "models/repeated.sql": REPEATED,
    "models/goes.sql": "select 1 as id",
    "models/same.sql": "select 1 as id",
    "models/varies.sql": "select 1 as id, rand() as n",
    ".gitignore": "target/\nlogs/\n",
}
SECOND = {
    "models/numbers.sql": "select * from values (1, 1.25D, 'x'), (3, 4.0D, 'z'), (4, 4.0D, null) as t(id, n, letter)",
    "models/types.sql": TYPES.replace("array(1, 2)", "array(1, 3)")
    .replace("'a', 1", "'a', 2")
    .replace("date'", "timestamp'"),
    "models/nulls.sql": NULLS.replace("'x'", "'X'").replace("'z'", "'Z'"),
    # Each column and each pair of it with `id` has the same values as before.
    "models/repeated.sql": REPEATED.replace("'a', 'b'", "'a', 'd'").replace("'c', 'd'", "'c', 'b'"),
}
EXPECTED = {
    "numbers": ("changed", "different", (1, 1, 1), {"n": (1, 1), "letter": (1, 0)}),
    "view": ("parent", "different", (2, 2, None), {}),
    "types": ("changed", "different", (0, 0, 1), {"list": (1, 0), "pairs": (1, 0)}),
    "nulls": ("changed", "different", (0, 0, 2), {"v": (2, 0)}),
    "repeated": ("changed", "different", (2, 2, None), {}),
    "goes": ("removed", "missing", (None, None, None), {}),
    "varies": ("same", "different", (1, 1, None), {}),
}


def describe(node: NodeDiff) -> tuple[Any, ...]:
    data = node.data
    assert data
    columns = {column.name: (column.changed, column.tolerated) for column in data.columns}
    return node.code, data.status, (data.added, data.removed, data.changed), columns


def test_two_builds_are_made_and_compared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dbt = Path(os.environ["SPARK_DBT"])
    monkeypatch.setenv("DOT_DBT", str(dbt))
    monkeypatch.setenv("PATH", str(dbt.parent), prepend=os.pathsep)
    profile = PROFILE.replace("FOLDER", str(tmp_path / "spark"))
    project = make_repo(tmp_path / "shop", {**FIRST, "profiles.yml": profile})
    git(project, "switch", "--quiet", "--create", "feature")
    (project / "models" / "goes.sql").unlink()
    commit(make_tree(project, SECOND), "change")

    words = ("dev@main", "dev@feature", "--build", "--all", "--tolerance", "n=0.25", "--show-rows", "--json")
    done = run_dot(project, "diff", *words)

    assert done.exit_code == 0, done.stderr
    report = DiffReport.model_validate_json(done.stdout)
    found = {node.name: node for node in report.nodes}
    assert {name: describe(node) for name, node in found.items()} == EXPECTED
    assert (report.unchanged, found["varies"].unexplained) == (1, "uses rand()")
    numbers, types = found["numbers"].data, found["types"]
    assert numbers
    rows = [(row.key["id"], row.base and row.base["n"], row.head and row.head["n"]) for row in numbers.samples]
    assert rows == [("2", "2.0", None), ("3", "3.0", "4.0"), ("4", None, "4.0")]
    assert types.columns
    assert [change.name for change in types.columns.retyped] == ["day"]
    assert not {"metastore_db", "spark-warehouse", "derby.log"} & {path.name for path in project.rglob("*")}
