"""Relations with quotes, dots, spaces and capitals in their names are shown, refused and compared by these."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from builders import PROJECT, Outcome, git, make_repo, run_dot

if TYPE_CHECKING:
    from postgres import Server

pytestmark = pytest.mark.e2e

# dbt puts names between quotes as they are, so that who wants a quote in one writes two.
MODELS = {
    "models/quoted.sql": "{{ config(alias='a\"\"b') }} select 1 as id",
    "models/dotted.sql": "{{ config(alias='a.b', materialized='view') }} select id, 'é' as v from {{ ref('quoted') }}",
    "models/spaced.sql": "{{ config(alias='Ä b', schema='q\"\"r') }} select id as n from {{ ref('quoted') }}",
    # The same but for where the dot is.
    "models/near.sql": "{{ config(schema='x', alias='y.z') }} select 1 as near",
    "models/far.sql": "{{ config(schema='x.y', alias='z') }} select 1 as far, 2 as wide",
    "models/upper.sql": "{{ config(alias='Orders') }} select 1 as n",
}
CHANGED = {"models/quoted.sql": "{{ config(alias='a\"\"b') }} select 1 as id union all select 2 as id"}
BUILT = ("main~2", "main~1")
LEAKY = {
    "macros/names.sql": "{% macro generate_schema_name(custom_schema_name, node) %}"
    "{{ custom_schema_name or target.schema }}{% endmacro %}"
}


def build(folder: Path, output: str) -> Path:
    """A project of three commits, of which two are built: models, one of them changed, a macro by which some leak."""
    files = {
        "dbt_project.yml": f"{PROJECT['dbt_project.yml']}models: {{+materialized: table}}\n",
        "profiles.yml": f"shop:\n  target: dev\n  outputs:\n    dev: {output}\n",
        ".gitignore": "*.duckdb*\n.dot\n",
    }
    project = make_repo(folder, {**files, **MODELS}, CHANGED, LEAKY)
    built = [run_dot(project, "build", f"dev@{ref}") for ref in BUILT]
    assert [done.exit_code for done in built] == [0, 0], built
    return project


def schema_of(project: Path, ref: str) -> str:
    return f"analytics_{git(project, 'rev-parse', '--short', ref)}"


def check(project: Path, database: str) -> None:
    """Show, compare, and build what leaks."""
    leaking = run_dot(project, "build", "dev@main")
    shown = run_dot(project, "builds", "show", "dev@main~1", "--json")
    compared = run_dot(project, "diff", "dev@main~2", "dev@main~1", "--all", "--json")

    assert leaking.exit_code == 4, leaking
    assert f'      {database}."q""r"."Ä b" (spaced)' in leaking.stderr, leaking.stderr
    own = schema_of(project, "main~1")
    assert {
        "quoted": (own, 'a"b', "table", f'"{database}"."{own}"."a""b"'),
        "dotted": (own, "a.b", "view", f'"{database}"."{own}"."a.b"'),
        "spaced": (f'{own}_q"r', "Ä b", "table", f'"{database}"."{own}_q""r"."Ä b"'),
        "near": (f"{own}_x", "y.z", "table", f'"{database}"."{own}_x"."y.z"'),
        "upper": (own, "Orders", "table", f'"{database}"."{own}"."Orders"'),
        "far": (f"{own}_x.y", "z", "table", f'"{database}"."{own}_x.y"."z"'),
    }.items() <= read_shown(shown).items(), shown
    report = json.loads(compared.stdout)
    data = {node["name"]: node["data"] for node in report["nodes"]}
    assert dict.fromkeys(("quoted", "dotted", "spaced"), ("different", 1, 2)) == {
        name: (one["status"], one["rows_base"], one["rows_head"]) for name, one in data.items()
    }, compared
    assert (report["unchanged"], report["not_compared"]) == (3, [])


def read_shown(done: Outcome) -> dict[str, tuple[str, ...]]:
    """Schema, name, kind and the whole name of each relation, by the name of its model."""
    found = json.loads(done.stdout)["relations"]
    parts = ("schema_name", "name", "kind", "relation")
    return {one["unique_id"].split(".")[2]: tuple(one[part] for part in parts) for one in found}


def test_a_name_is_what_it_is_on_duckdb(tmp_path: Path) -> None:
    output = f"{{type: duckdb, path: '{tmp_path / 'shop.duckdb'}', schema: analytics}}"
    check(build(tmp_path / "shop", output), "shop")


def test_a_name_is_what_it_is_on_postgresql_where_somebody_has_the_same_in_another_case(
    tmp_path: Path, postgres: "Server"
) -> None:
    project = build(tmp_path / "shop", postgres.profile())
    for ref in BUILT:
        postgres.query(f"create table {schema_of(project, ref)}.orders (other integer)")
    check(project, "postgres")
