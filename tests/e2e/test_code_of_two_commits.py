"""Two commits as a real dbt parses them: what was changed is found, and nothing else."""

from pathlib import Path
from typing import Any

import pytest

from builders import PROJECT, commit, git, make_repo, make_tree, run_dot
from dot.base.frozen import FrozenMapping
from dot.dbt.manifest import parse_manifest
from dot.diff.code.compare import CodeDiff, compare_code
from dot.diff.code.side import CodeSide
from dot.diff.data.row_keys import list_keys

pytestmark = pytest.mark.e2e

SCHEMAS = {"dev": "analytics", "prod": "production"}
SETTINGS = """
name: shop
profile: shop
flags: {send_anonymous_usage_stats: false}
vars: {cut: 10}
models:
  shop:
    +schema: "{{ target.schema }}_marts"
    +meta: {schema: "{{ target.schema }}", database: "{{ target.database }}"}
    +post-hook: "select '{{ this }}'"
"""
MACROS = """
{% macro cents(column) %}{{ scale(column) }} / 100{% endmacro %}
{% macro scale(column) %}{{ adapter.dispatch('scale_by')(column) }}{% endmacro %}
{% macro default__scale_by(column) %}{{ column }} * 1{% endmacro %}
{% test small(model, column_name) %}select * from {{ model }} where {{ column_name }} > 100{% endtest %}
"""
PROPERTIES = """
sources:
  - name: raw
    schema: "{{ target.schema }}_raw"
    tables: [{name: orders}]
models:
  - name: a
    config: {tags: ["{{ target.schema }}"], alias: "a_{{ target.schema }}"}
    columns:
      - name: id
        description: The key
        data_tests: [unique, not_null, {small: {config: {schema: "{{ target.schema }}_audit", where: "id > 0"}}}]
  - name: old_name
    columns: [{name: id, data_tests: [unique]}]
  - name: dim
    latest_version: 2
    versions: [{v: 1}, {v: 2}]
unit_tests:
  - name: counts
    model: b
    given: [{input: ref('a'), rows: [{id: 1}]}]
    expect: {rows: [{id: 1}]}
"""
FIRST = {
    **PROJECT,
    "dbt_project.yml": SETTINGS,
    "macros/all.sql": MACROS,
    "models/all.yml": PROPERTIES,
    "models/a.sql": "{{ config(materialized='table', schema=target.schema ~ '_a', unique_key='id') }}\nselect 1 as id",
    "models/b.sql": "select id from {{ ref('a') }}",
    "models/hooked.sql": "select 1 as id",
    "models/reads_b.sql": "select * from {{ ref('b') }}",
    "models/reads_source.sql": "select * from {{ source('raw', 'orders') }}",
    "models/uses_macro.sql": "select {{ cents('1') }} as id",
    "models/uses_var.sql": "select {{ var('cut') }} as id",
    "models/old_name.sql": "select 42 as id",
    "models/reads_dim.sql": "select * from {{ ref('dim') }}",
    "models/dim_v1.sql": "select 1 as one",
    "models/dim_v2.sql": "select 2 as two",
    "models/goes.sql": "select 3 as id",
    "models/python.py": "def model(dbt, session):\n    return dbt.ref('a')\n",
    "seeds/colors.csv": "id,color\n1,red\n",
    "seeds/sizes.csv": "id,size\n1,large\n",
    "snapshots/history.sql": "{% snapshot history %}{{ config(unique_key='id', strategy='check', check_cols='all', "
    "target_schema=target.schema) }}select * from {{ ref('a') }}{% endsnapshot %}",
    "tests/singular.sql": "select * from {{ ref('dim', v=1) }} where one > 1",
}
SECOND = {
    "macros/all.sql": MACROS.replace("* 1{", "* 10{"),
    "models/all.yml": PROPERTIES.replace("The key", "The key of it").replace("old_name", "new_name"),
    "models/b.sql": "select id\nfrom {{ ref('a') }}",
    "models/hooked.sql": "{{ config(materialized='table') }}\nselect 1 as id",
    "models/new_name.sql": "select 42 as id",
    "models/comes.sql": "select 4 as id",
    "seeds/colors.csv": "id,color\n1,blue\n",
}


def read_side(project: Path, ref: str, environment: str, **given: Any) -> CodeSide:
    """What dbt made of the ref, as a build of it knows itself."""
    short_hash = git(project, "rev-parse", "--short", ref)
    build = project / ".dot" / "build" / short_hash
    manifest = parse_manifest((build / "env" / environment / "target" / "manifest.json").read_bytes())
    assert manifest
    return CodeSide(manifest, schema_name=f"{SCHEMAS[environment]}_{short_hash}", short_hash=short_hash, **given)


def affected(diff: CodeDiff) -> dict[str, tuple[str, ...]]:
    """What became of everything that is not the same, by its name; tests by theirs without the digest."""
    return {
        ".".join(node.unique_id.split(".")[::2][:2]): (node.code, *(change.summary for change in node.changes))
        for node in (*diff.nodes, *diff.sources)
        if node.code != "same"
    }


def test_exactly_what_was_changed_is_found(tmp_path: Path) -> None:
    project = make_repo(tmp_path / "shop", FIRST)
    make_tree(project, SECOND)
    for name in ("old_name", "goes"):
        (project / "models" / f"{name}.sql").unlink()
    commit(project, "second")
    for address in ("dev@main~1", "dev@main", "prod@main"):
        parsed = run_dot(project, "parse", address)
        assert parsed.exit_code == 0, parsed.stdout + parsed.stderr

    base = read_side(project, "main~1", "dev", variables=FrozenMapping({"cut": 10}))
    head = read_side(project, "main", "dev", variables=FrozenMapping({"cut": 100}))
    diff = compare_code(base, head)

    assert affected(diff) == {
        "model.a": ("changed", "1 column described anew (documentation only)"),
        "model.b": ("changed", "2 lines added, 1 line removed"),
        "model.reads_b": ("parent",),
        "unit_test.b": ("parent",),
        "model.hooked": ("changed", "materialized: view -> table"),
        "model.uses_macro": ("changed", "macro default__scale_by changed"),
        "model.uses_var": ("changed", "var cut: 10 -> 100"),
        "model.new_name": ("renamed",),
        "test.unique_new_name_id": ("renamed",),
        "model.comes": ("added", "1 line added"),
        "model.goes": ("removed", "1 line removed"),
        "seed.colors": ("changed", "changed"),
    }
    (renamed,) = (node.renamed_from for node in diff.nodes if node.name == "new_name")
    assert renamed == "model.shop.old_name"

    keys = {node.name: list_keys(node, base.manifest, head.manifest, {}) for node in diff.nodes}
    assert [
        (found[0].columns, found[0].source) if (found := keys[name]) else None for name in ("a", "new_name", "b")
    ] == [(("id",), "unique_key"), (("id",), "unique test"), None]

    other_environment = read_side(project, "main", "prod", variables=FrozenMapping({"cut": 100}))
    assert affected(compare_code(head, other_environment)) == {}
