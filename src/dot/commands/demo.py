"""`dot demo`: a small dbt project with a git history, two of its commits built, and what they hold side by side."""

import json
import os
import shutil
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

from dot.commands.dbt import Mode
from dot.commands.dbt import run as run_dbt
from dot.commands.gather import Invocation, gather
from dot.console import Console
from dot.console.tables import write_table
from dot.core.layout import Layout
from dot.core.manifest import Manifest, parse_manifest
from dot.core.planner import plan_build
from dot.core.step import RunDbt
from dot.errors import DbtError, UsageError, WorldError
from dot.system import git, store
from dot.system.dbt import find_dbt, read_packages
from dot.system.process import Command
from dot.system.process import run as run_captured
from dot.system.settings import load_settings

BRANCH = "feature/net-revenue"
HISTORY = (
    ("1-first", "main", "2025-08-04T09:12:00+0200", "Model rentals, customers and daily revenue"),
    ("2-second", "main", "2025-08-21T16:40:00+0200", "Report late returns and craft usage"),
    ("3-third", "main", "2025-09-30T11:05:00+0200", "Load September and leave staff out of the rental marts"),
    ("branch", BRANCH, "2025-10-02T14:31:00+0200", "Count each refund once and report net revenue"),
)
"""Layer of files, branch, moment and message of each commit."""

BUILDS = ("dev@main", f"dev@{BRANCH}")


def run(folder: str, console: Console) -> int:
    """Make the project, build two of its commits, and show their row counts; the first exit code that is not 0."""
    target = Path(folder).absolute()
    if store.list_folder(target) or target.is_file():
        raise UsageError.of(f"{target} is not empty", hint="name a folder that is new or empty: `dot demo <folder>`")
    # What is set for dbt is about another project: with DBT_PROJECT_DIR the demo would build that one.
    for name in [name for name in os.environ if name.startswith("DBT_")]:
        del os.environ[name]
    _check_dbt(target)
    make_project(target)
    console.say(f"made a dbt project in {target}: three commits on `main`, one on `{BRANCH}`")
    os.chdir(target)
    console.show_typed(f"cd {folder}")
    for address in BUILDS:
        console.show_typed(f"dot build {address} -- --quiet")
        if exit_code := run_dbt(Invocation("build", address, extra=("--quiet",)), Mode.EXECUTE, console):
            return exit_code
    _show_side_by_side(target, console)
    return 0


def _check_dbt(target: Path) -> None:
    dbt = find_dbt(load_settings(target, os.environ).dbt, os.environ, target.parent)
    if dbt.version and "dbt_duckdb" not in read_packages(Path(dbt.command[0])):
        raise DbtError.of(
            f"the demo needs dbt-duckdb, which is not installed beside {dbt.command[0]}",
            hint="`pip install dbt-duckdb` in the environment of that dbt",
        )


def make_project(folder: Path) -> None:
    """The demo's dbt project with its whole git history, `main` checked out."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WorldError.of(f"cannot make {folder}: {(error.strerror or str(error)).lower()}") from None
    git.init_repository(folder, "main")
    for layer, branch, moment, message in HISTORY:
        if branch != "main":
            git.switch_branch(folder, branch, create=True)
        with as_file(files("dot") / "demo" / layer) as source:
            shutil.copytree(source, folder, dirs_exist_ok=True)
        git.commit_all(folder, message, moment)
    git.switch_branch(folder, "main")


def _show_side_by_side(project: Path, console: Console) -> None:
    """A table of the two builds' relations and row counts, asked for through dbt in one query."""
    manifests = [_read_manifest(project, address) for address in BUILDS]
    relations = [manifest.relations() for manifest in manifests]
    query = " union all ".join(
        f"select {side} as side, '{name}' as name, count(*) as row_count from {relation}"
        for side, found in enumerate(relations)
        for name, relation in found.items()
    )
    console.show_typed(f"dot show {BUILDS[1]} -- --inline 'select count(*) …'")
    rows = _query(query)
    counts = {(row["side"], row["name"]): row["row_count"] for row in rows}
    names = dict.fromkeys(name for found in relations for name in found)
    table = [(name, *(counts.get((side, name)) for side in range(len(BUILDS)))) for name in names]
    write_table(
        ("relation", *(f"{address}\n{schema}" for address, schema in zip(BUILDS, _schemas(relations), strict=True))),
        [(name, _show(left), _show(right), "" if left == right else "≠") for name, left, right in table],
    )
    console.say("your own schema `analytics` was never written; `dot plan build dev@main` shows what a build does")
    console.say(f"`dot builds` lists both builds, and `dot builds show {BUILDS[0]}` what is in one")


def _schemas(relations: list[dict[str, str]]) -> list[str]:
    return [next(iter(found.values())).split(".")[1].strip('"') for found in relations]


def _show(count: int | None) -> str:
    return "–" if count is None else f"{count:,}"


def _read_manifest(project: Path, address: str) -> Manifest:
    plan_facts = gather(Invocation("show", address)).facts
    if not plan_facts.commit or not plan_facts.environment:
        raise WorldError.of(f"{address} is no build")
    build = Layout(project).build(plan_facts.commit.commit.short_hash)
    file = Path(build.environment(plan_facts.environment.name).target) / "manifest.json"
    manifest = parse_manifest(store.read_text(file) or "")
    if not manifest:
        raise WorldError.of(f"{file} cannot be read")
    return manifest


def _query(sql: str) -> list[dict[str, Any]]:
    extra = ("--inline", sql, "--output", "json", "--limit", "-1", "--quiet")
    gathered = gather(Invocation("show", BUILDS[1], extra=extra))
    plan = plan_build(gathered.request, gathered.facts)
    step = next(step for step in plan.steps if isinstance(step, RunDbt))
    environ = {**gathered.here.environ, **{name: str(value) for name, value in step.env.items()}}
    done = run_captured(Command(step.argv, Path(step.cwd), environ))
    try:
        return json.loads(done.stdout)["show"]
    except (ValueError, KeyError):
        raise DbtError.of("dbt could not count the rows", notes=tuple(done.stdout.decode().splitlines()[-5:])) from None
