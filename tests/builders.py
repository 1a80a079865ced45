"""Small real things for tests: trees of files, git repositories, dbt projects, and dot itself."""

import gc
import json
import os
import stat
import subprocess
import sys
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import typer

from dot.base.address import parse_address, parse_baseline
from dot.cli import app, main
from dot.console import Console
from dot.console.shell import read_shell
from dot.plan.gather import Gathered, gather
from dot.plan.plan import BuildPlan
from dot.plan.planner import plan_build
from dot.plan.request import DbtRequest
from dot.plan.step import CheckIsolation, InstallPackages, RunDbt
from dot.run.context import Context
from dot.run.executor import execute

Tree = Mapping[str, str | bytes]

PROJECT: Tree = {
    "dbt_project.yml": "name: shop\nprofile: shop\nflags: {send_anonymous_usage_stats: false}\n",
    "profiles.yml": (
        "shop:\n"
        "  target: dev\n"
        "  outputs:\n"
        "    dev: {type: duckdb, path: shop.duckdb, schema: analytics}\n"
        "    prod: {type: duckdb, path: shop.duckdb, schema: production}\n"
    ),
    "models/a.sql": "select 1 as id\n",
    "models/b.sql": "select * from {{ ref('a') }}\n",
    ".gitignore": "target/\nlogs/\n*.duckdb*\n",
}
"""The smallest dbt project with two models, for DuckDB."""


@dataclass(frozen=True)
class Outcome:
    """What a command left behind."""

    exit_code: int
    stdout: str
    stderr: str


def make_tree(folder: Path, files: Tree) -> Path:
    """Write the files below the folder; the folder."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


def git(folder: Path, *words: str) -> str:
    """Run git and return what it prints."""
    done = subprocess.run(["git", *words], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def make_repo(folder: Path, *commits: Tree) -> Path:
    """A repository with one commit on `main` for each tree, laid over the one before."""
    folder.mkdir(parents=True, exist_ok=True)
    git(folder, "init", "--quiet", "--initial-branch=main")
    for number, files in enumerate(commits, 1):
        make_tree(folder, files)
        commit(folder, f"commit {number}")
    return folder


def commit(folder: Path, message: str) -> str:
    """Commit everything; the full hash."""
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--allow-empty", "--message", message)
    return git(folder, "rev-parse", "HEAD")


def run_dot(folder: Path, *words: str, env: Mapping[str, str] | None = None) -> Outcome:
    """Run dot in a process of its own, as a user would."""
    command = [sys.executable, "-m", "dot", *words]
    environ = {**os.environ, **(env or {})}
    done = subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True, check=False)
    return Outcome(done.returncode, done.stdout, done.stderr)


@contextmanager
def waiting_dot(folder: Path, *words: str) -> Generator["subprocess.Popen[str]"]:
    """dot in a process of its own, from when the fake dbt that it has started waits for an interrupt."""
    command = [sys.executable, "-m", "dot", *words]
    environ = os.environ | {"FAKE_DBT_WAITS_IN": words[0]}
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=folder, env=environ, stdout=pipe, stderr=pipe, text=True) as dot:
        try:
            while dot.stdout and dot.stdout.readline() != "waiting\n":
                assert dot.poll() is None, "it did not come to wait"
            yield dot
        finally:
            dot.terminate()


FAKE_DBT = """#!{python}
import json, os, sys, time
words, environ = sys.argv[1:], os.environ
names = [name for name in environ if name.startswith(("DOT_", "DBT_", "GIT_"))]
entry = {{"argv": words, "cwd": os.getcwd(), "env": {{name: environ[name] for name in names}}}}
with open(environ["FAKE_DBT_LOG"], "a") as log:
    log.write(json.dumps(entry) + "\\n")
print("dbt says hello")
if words[0] == "deps":
    os.makedirs("dbt_packages", exist_ok=True)
if "--target-path" in words and "FAKE_DBT_WRITES_NOTHING" not in environ:
    target = words[words.index("--target-path") + 1]
    os.makedirs(target, exist_ok=True)
    with open(os.path.join(target, "manifest.json"), "w") as manifest:
        json.dump({{"metadata": {{"dbt_schema_version": "v12", "project_name": "shop"}}, "nodes": {{}}}}, manifest)
    if words[0] not in ("parse", "list", "ls", "retry"):
        with open(os.path.join(target, "run_results.json"), "w") as results:
            args = {{"which": words[words[0] == "docs"], "defer": "--defer" in words}}
            failed = environ.get("FAKE_DBT_EXIT_" + words[0].upper(), environ.get("FAKE_DBT_EXIT", "0")) != "0"
            ran = [{{"unique_id": "model.shop.a", "status": "error"}}] if failed else []
            json.dump({{"metadata": {{"invocation_id": str(time.time_ns())}}, "args": args, "results": ran}}, results)
if environ.get("FAKE_DBT_WAITS_IN") == words[0]:
    try:
        print("waiting", flush=True)
        time.sleep(60)
    except KeyboardInterrupt:
        sys.exit(2)
sys.exit(int(environ.get("FAKE_DBT_EXIT_" + words[0].upper(), environ.get("FAKE_DBT_EXIT", "0"))))
"""
"""A program that stands for dbt: it writes down how it was called, and ends with FAKE_DBT_EXIT, or _<COMMAND>."""


def make_fake_dbt(folder: Path) -> Path:
    """Put a fake `dbt` into the folder, which then belongs on PATH; the program."""
    program = make_tree(folder, {"dbt": FAKE_DBT.format(python=sys.executable)}) / "dbt"
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return program


@dataclass(frozen=True)
class Call:
    """One start of the fake dbt; `env` holds the variables of dot, dbt and git."""

    argv: tuple[str, ...]
    cwd: Path
    env: Mapping[str, str]


def read_calls(log: Path) -> list[Call]:
    """Every start of the fake dbt, as it wrote them down."""
    lines = log.read_text().splitlines() if log.exists() else []
    entries = [json.loads(line) for line in lines]
    return [Call(tuple(entry["argv"]), Path(entry["cwd"]), entry["env"]) for entry in entries]


def dbt_steps(plan: BuildPlan) -> list[InstallPackages | CheckIsolation | RunDbt]:
    """The steps that start dbt, in order."""
    return [step for step in plan.steps if isinstance(step, InstallPackages | CheckIsolation | RunDbt)]


def gather_typed(dbt_command: str, address: str = "", *, defer: str | None = None, **given: Any) -> Gathered:
    """What the plan of a dbt command depends on, where the test stands."""
    baseline = None if defer is None else parse_baseline(defer)
    request = DbtRequest(dbt_command=dbt_command, address=parse_address(address), baseline=baseline, **given)
    return gather(request, read_shell())


def carry_out(dbt_command: str, address: str = "", **given: Any) -> tuple[BuildPlan, int]:
    """Plan a dbt command and do it, where the test stands; the plan, and the exit code."""
    gathered = gather_typed(dbt_command, address, **given)
    plan = plan_build(gathered.request, gathered.facts)
    here = gathered.here
    return plan, execute(plan, Context(here.project, here.environ, here.settings.lock_timeout, Console()))


def snapshot(folder: Path, *, without: Sequence[str] = ()) -> dict[str, tuple[int, bytes]]:
    """Every file and link below the folder with its mode and content, but for what is in or below `without`.

    The names in it may have `*`.
    """
    found: dict[str, tuple[int, bytes]] = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if any(fnmatchcase(name, left) or name.startswith(f"{left}/") for left in without):
            continue
        mode = path.lstat().st_mode
        content = str(path.readlink()).encode() if path.is_symlink() else path.read_bytes() if path.is_file() else b""
        found[name] = (mode, content)
    return found


def read_times(folder: Path) -> dict[str, int]:
    """When each file and folder below the folder, and itself, was last changed, in nanoseconds."""
    return {str(path): path.lstat().st_mtime_ns for path in (folder, *sorted(folder.rglob("*")))}


def call_dot(*words: str) -> int:
    """Run dot in this process, where the test stands; its exit code."""
    try:
        main(words)
    except SystemExit as end:
        return int(end.code or 0)
    finally:
        gc.enable()  # which dot, being short-lived, switches off
    return 0


def read_top() -> dict[str, Any]:
    """The commands and groups that may stand directly after `dot`."""
    top: Any = typer.main.get_command(app)
    context = typer.Context(top)
    return {name: top.get_command(context, name) for name in top.list_commands(context)}


def read_commands() -> dict[str, Any]:
    """Every command that dot has, by the words that start it, `plan docs generate` for one."""
    return dict(_walk(typer.main.get_command(app), ()))


def _walk(command: Any, path: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
    if not hasattr(command, "list_commands"):
        yield " ".join(path), command
        return
    if command.invoke_without_command and path:
        yield " ".join(path), command
    context = typer.Context(command)
    for name in command.list_commands(context):
        yield from _walk(command.get_command(context, name), (*path, name))
