"""`dot demo`: a small dbt project with a git history, two of its commits built, and what differs between them."""

import shutil
from dataclasses import replace
from importlib.resources import as_file, files
from pathlib import Path

from dot.base.address import parse_address
from dot.base.errors import DbtError, OutsideError, UsageError
from dot.commands import diff
from dot.commands.dbt import Mode, carry_out, make_plan
from dot.config.find_settings import load_settings
from dot.console import Console
from dot.console.shell import read_shell
from dot.dbt.program import find_dbt, is_at_least, read_packages
from dot.plan.request import DbtRequest, DiffRequest
from dot.system import git, store
from dot.system.shell import Shell

BRANCH = "feature/net-revenue"
HISTORY = (
    ("1-first", "main", "2025-08-04T09:12:00+0200", "Model rentals, customers and daily revenue"),
    ("2-second", "main", "2025-08-21T16:40:00+0200", "Report late returns and craft usage"),
    ("3-third", "main", "2025-09-30T11:05:00+0200", "Load September and leave staff out of the rental marts"),
    ("branch", BRANCH, "2025-10-02T14:31:00+0200", "Count each refund once and report net revenue"),
)
"""Layer of files, branch, moment and message of each commit."""

BUILDS = ("dev@main", f"dev@{BRANCH}")

REPORT = "report.html"


def run(folder: str, console: Console) -> int:
    """Make the project, build two of its commits and compare them; the first exit code that is not 0."""
    target = Path(folder).absolute()
    if store.list_folder(target) or target.is_file():
        raise UsageError.of(f"{target} is not empty", hint="name a folder that is new or empty: `dot demo <folder>`")
    # What is set for dbt is about another project: with DBT_PROJECT_DIR the demo would build that one.
    shell = read_shell()
    environ = {name: value for name, value in shell.environ.items() if not name.startswith("DBT_")}
    shell = replace(shell, cwd=target, environ=environ)
    _check_dbt(shell)
    make_project(target)
    console.say(f"made a dbt project in {target}: three commits on `main`, one on `{BRANCH}`")
    console.show_typed(f"cd {folder}")
    for address in BUILDS:
        console.show_typed(f"dot build {address} -- --quiet")
        request = DbtRequest(dbt_command="build", address=parse_address(address), extra=("--quiet",))
        if exit_code := carry_out(*make_plan(request, shell), Mode.EXECUTE, console):
            return exit_code
    console.show_typed(f"dot diff {' '.join(BUILDS)} --html {REPORT}")
    base, head = map(parse_address, BUILDS)
    comparison = diff.prepare(DiffRequest(base=base, head=head, html=REPORT), console, shell)
    exit_code = diff.carry_out(comparison, Mode.EXECUTE)
    console.say(
        f"this is what `{BRANCH}` changes, in code, columns and rows; your own schema `analytics` was never written"
    )
    console.say(f"try next, in {folder}: `dot builds`, `dot plan build {BUILDS[0]}`; and open {REPORT} in a browser")
    return exit_code


def _check_dbt(shell: Shell) -> None:
    dbt = find_dbt(load_settings(shell.cwd, shell.environ).dbt, shell.environ, shell.cwd.parent)
    is_first = dbt.version and not is_at_least(dbt.version, 2)  # dbt 2 has its adapters in it
    if is_first and "dbt_duckdb" not in read_packages(Path(dbt.command[0])):
        raise DbtError.of(
            f"the demo needs dbt-duckdb, which is not installed beside {dbt.command[0]}",
            hint="`pip install dbt-duckdb` in the environment of that dbt",
        )


def make_project(folder: Path) -> None:
    """The demo's dbt project with its whole git history, `main` checked out."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutsideError.of(f"cannot make {folder}: {(error.strerror or str(error)).lower()}") from None
    git.init_repository(folder, "main")
    # Not in .gitignore, which is part of the commits.
    store.write_whole(folder / ".git" / "info" / "exclude", f"/{REPORT}\n", root=folder)
    for layer, branch, moment, message in HISTORY:
        if branch != "main":
            git.switch_branch(folder, branch, create=True)
        with as_file(files("dot") / "demo" / layer) as source:
            shutil.copytree(source, folder, dirs_exist_ok=True)
        git.commit_all(folder, message, moment)
    git.switch_branch(folder, "main")
