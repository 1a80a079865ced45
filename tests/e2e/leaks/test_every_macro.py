"""Every macro of dbt's own packages, in the project or in a package, by its name or by dispatch."""

import json
import re
from pathlib import Path

import pytest

from builders import commit, make_tree
from e2e.leaks.case import model
from e2e.leaks.stage import make_stage

pytestmark = pytest.mark.e2e

HARMLESS = re.compile(r"macros/(utils|generic_test_sql|get_custom_name)/|tests/generic/")
"""Where dbt keeps what gives an expression, the query of a test, or a name that the manifest holds."""

OTHERS = re.compile(r"materialization_|(\w+__)?generate_(schema|alias|database)_name")
"""What gives names is held against the manifest, and a materialization is told by what is built with it."""

MUST_BE_NAMED = {
    *("apply_grants", "create_schema", "create_table_as", "drop_relation", "drop_schema", "get_create_view_as_sql"),
    *(
        "persist_docs",
        "rename_relation",
        "run_hooks",
        "run_query",
        "statement",
        "truncate_relation",
        "external_location",
    ),
}


def test_every_macro_in_place_of_dbts_own_that_may_write_is_named(tmp_path: Path, production: Path) -> None:
    """dbt itself says which macros it has, in the manifest of a plain project."""
    packages = {
        "packages.yml": "packages: [{local: house}]\n",
        "house/dbt_project.yml": "name: house\n",
        # for which dbt takes whatever the package has of its own macros' names
        "house/models/own.sql": model(),
    }
    stage = make_stage(tmp_path, production, {"models/orders.sql": model(), **packages}, {})
    assert stage.run("compile", "prod@main").exit_code == 0
    (manifest,) = (stage.project / ".dot").rglob("target/manifest.json")
    own = json.loads(manifest.read_text())["macros"].values()
    names = {macro["name"] for macro in own if not OTHERS.match(macro["name"])}
    writing = {macro["name"] for macro in own if not HARMLESS.search(macro["original_file_path"])} & names
    macros = "".join(f"{{% macro {name}() %}}{{% endmacro %}}\n" for name in sorted(names))
    dispatched = (f"{{% macro duckdb__{name}() %}}{{% endmacro %}}\n" for name in sorted(names) if "__" not in name)
    missing = "".join(text for text in dispatched if text not in macros)
    make_tree(stage.project, {"macros/all.sql": macros, "house/macros/all.sql": macros + missing})
    commit(stage.project, "all of them")

    outcome = stage.run("compile", "prod@main", env={"DOT_UNPROVED": "warn"})

    kept = stage.project / ".dot" / "build" / stage.short_hash("main") / "env" / "prod" / "isolation.json"
    assert kept.is_file(), outcome
    (proof,) = json.loads(kept.read_text())["proofs"]
    named = {of for kind, of in proof["unproved"] if kind == "macro in place of dbt's"}
    assert "cannot be proved to stay inside the build" in outcome.stderr
    assert MUST_BE_NAMED <= names
    assert {f"{package}.{name}" for package in ("shop", "house") for name in writing | MUST_BE_NAMED} - named == set()
    assert {f"house.duckdb__{name}" for name in MUST_BE_NAMED} - named == set()
    assert not {"shop.dateadd", "shop.default__test_unique", "house.duckdb__datediff"} & named
