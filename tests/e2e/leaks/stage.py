"""A project in a repository, beside a warehouse and a lake that production has filled."""

import re
import shlex
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import duckdb

from builders import Outcome, Tree, git, make_repo, make_tree, run_dot
from e2e.leaks.case import LAKE
from e2e.warehouse import open_database

ONE_PROCESS, SEPARATE_PROCESSES = "one process", "separate processes"

BASE: Tree = {
    "dbt_project.yml": "name: shop\nprofile: shop\nflags: {send_anonymous_usage_stats: false}\n",
    "profiles.yml": (
        "shop:\n"
        "  target: prod\n"
        "  outputs:\n"
        "    prod: {type: duckdb, path: shop.duckdb, schema: production, attach: [{path: archive.duckdb}]}\n"
        "    dev: {type: duckdb, path: shop.duckdb, schema: analytics, attach: [{path: archive.duckdb}]}\n"
    ),
    ".gitignore": "target/\nlogs/\ndbt_packages/\npackage-lock.yml\n*.duckdb*\n",
}
DATABASES = ("shop", "archive")
SCHEMAS = (
    "production",
    "analytics",
    "live",
    "marts",
    "finance",
    "reference",
    "quality",
    "snapshots",
    "dbt_test__audit",
)
NAMES = (
    *("stg", "orders", "customers", "clients", "events", "colors", "history", "far", "moved", "custom"),
    *("no_orders", "few_orders"),
)
FILES = ("orders.parquet", "customers.parquet", "events.csv")

Relations = Mapping[str, list[tuple[Any, ...]]]


@dataclass(frozen=True)
class Stage:
    """The project, beside it the lake, and what production held before anything ran."""

    project: Path
    lake: Path
    before: Relations
    files: Mapping[str, bytes]

    def run(self, *words: str, env: Mapping[str, str] | None = None, engine: str = ONE_PROCESS) -> Outcome:
        """dot, on a dbt that can be asked many things in one process, or on one that cannot."""
        environ = {name: self.place(value) for name, value in (env or {}).items()}
        if engine == SEPARATE_PROCESSES:
            environ["DOT_DBT"] = f"env {shlex.quote(str(Path(sys.executable).with_name('dbt')))}"
        return run_dot(self.project, *words, env=environ)

    def place(self, text: str) -> str:
        """The text with the lake's folder in it."""
        return text.replace(LAKE, self.lake.as_posix())

    def short_hash(self, ref: str) -> str:
        return git(self.project, "rev-parse", "--short", ref)

    def builds(self) -> set[str]:
        """Everything in the warehouse that is not production's."""
        return set(read_relations(self.project)) - set(self.before)

    def production(self) -> tuple[Relations, Mapping[str, bytes]]:
        """Everything that production holds now."""
        now = read_relations(self.project)
        return {name: now.get(name, []) for name in self.before}, read_files(self.lake)


def make_stage(folder: Path, production: Path, *commits: Tree) -> Stage:
    """A repository with a commit for each tree, beside a warehouse and a lake in which production holds everything."""
    project, lake = folder / "project", folder / "lake"
    placed = [{name: str(text).replace(LAKE, lake.as_posix()) for name, text in files.items()} for files in commits]
    make_repo(project, {**BASE, **placed[0]}, *placed[1:])
    make_tree(lake, dict.fromkeys(FILES, "production"))
    for database in DATABASES:
        shutil.copy(production / f"{database}.duckdb", project)
    return Stage(project, lake, read_relations(production), read_files(lake))


def fill(database: Path) -> None:
    """Put a table of every name into every schema of production, and a function."""
    tables = (
        f"create table {schema}.{name} as select range as id, '{schema}.{name}' as live from range(3)"
        for schema, name in product(SCHEMAS, NAMES)
    )
    schemas = (f"create schema {schema}" for schema in (*SCHEMAS, "tools"))
    script = ("begin", *schemas, *tables, "create function tools.double(x) as x * 100", "commit")
    with open_database(database) as connection:
        connection.execute(";".join(script)).fetchall()


def read_relations(folder: Path) -> Relations:
    """Everything in both databases: the sorted rows of what production has, nothing of other tables and views."""
    found: dict[str, list[tuple[Any, ...]]] = {}
    for database in DATABASES:
        with duckdb.connect(str(folder / f"{database}.duckdb"), read_only=True) as connection:
            for schema, name in connection.execute(
                "select table_schema, table_name from information_schema.tables"
            ).fetchall():
                is_live = schema in SCHEMAS and name in NAMES
                rows = connection.execute(f'from "{schema}"."{name}"').fetchall() if is_live else []
                found[f"{database}.{schema}.{name}"] = sorted(rows)
            query = "select schema_name, function_name, macro_definition from duckdb_functions() where not internal"
            for schema, name, definition in connection.execute(query).fetchall():
                found[f"{database}.{schema}.{name}"] = [(definition,)]
    return found


def read_files(lake: Path) -> Mapping[str, bytes]:
    """The files in the lake that production has."""
    return {name: (lake / name).read_bytes() for name in FILES}


def read_named(message: str) -> set[str]:
    """The relations that a message names, each with the node's name."""
    lines = re.findall(r"^ {6}(?! )(.+)$", message.partition("outside this build")[2], re.MULTILINE)
    return {re.split(r" {2,}", line)[0] for line in lines}
