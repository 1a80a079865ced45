"""`dot demo`: a small dbt project with a git history, two of its commits built, and what differs between them."""

from dataclasses import dataclass, replace
from pathlib import Path, PurePath
from typing import assert_never

from dot.base.address import parse_address
from dot.base.errors import DbtError, ExitCode, UsageError
from dot.commands import diff
from dot.commands.dbt import carry_out, make_plan
from dot.commands.way import Mode, Way
from dot.config.find_settings import load_settings
from dot.console import Console
from dot.console.shell import read_shell
from dot.console.terminal import write
from dot.dbt.program import find_dbt, is_at_least, read_packages
from dot.plan.request import DbtRequest, DiffRequest
from dot.plan.upkeep import CommitLayer, MakeRepository, RunDot, SwitchBranch, UpkeepPlan, WriteFile
from dot.plan.upkeep_explainer import explain_upkeep
from dot.run.context import Context
from dot.run.upkeep import execute_upkeep
from dot.system import store
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


def run(folder: str, console: Console, *, is_dry: bool = False) -> int:
    """Make the project, build two of its commits and compare them; the first exit code that is not 0."""
    target = Path(folder).absolute()
    if store.list_folder(target) or target.is_file():
        raise UsageError.of(f"{target} is not empty", hint="name a folder that is new or empty: `dot demo <folder>`")
    # What is set for dbt is about another project: with DBT_PROJECT_DIR the demo would build that one.
    started = read_shell()
    environ = {name: value for name, value in started.environ.items() if not name.startswith("DBT_")}
    shell = replace(started, cwd=target, environ=environ)
    _check_dbt(shell)
    plan = plan_demo(target)
    if is_dry:
        write(explain_upkeep(plan, started.cwd))
        return ExitCode.OK
    tour = _Tour(folder, shell, console, first=next(step for step in plan.steps if isinstance(step, RunDot)))
    context = Context(target, environ, load_settings(target, environ).lock_timeout, console)
    if exit_code := execute_upkeep(plan, context, tour.run_dot):
        return exit_code
    console.say(
        f"this is what `{BRANCH}` changes, in code, columns and rows; your own schema `analytics` was never written"
    )
    console.say(f"try next, in {folder}: `dot builds`, `dot plan build {BUILDS[0]}`; and open {REPORT} in a browser")
    return ExitCode.OK


def plan_demo(folder: PurePath) -> UpkeepPlan:
    """Make the project in this folder, build and compare."""
    base, head = map(parse_address, BUILDS)
    builds = (DbtRequest(dbt_command="build", address=address, extra=("--quiet",)) for address in (base, head))
    comparison = DiffRequest(base=base, head=head, html=REPORT)
    return UpkeepPlan(
        title=f"{folder} → a dbt project, two builds and their comparison",
        steps=(
            *plan_project(folder).steps,
            *(
                RunDot(words=("build", str(build.address), "--", "--quiet"), cwd=folder, request=build)
                for build in builds
            ),
            RunDot(words=("diff", *BUILDS, "--html", REPORT), cwd=folder, request=comparison),
        ),
    )


def plan_project(folder: PurePath) -> UpkeepPlan:
    """Make the demo's dbt project with its whole git history, `main` checked out."""
    # Not in .gitignore, which is part of the commits.
    exclude = WriteFile(path=folder / ".git" / "info" / "exclude", root=folder, text=f"/{REPORT}\n")
    commits: list[CommitLayer | SwitchBranch] = []
    for layer, branch, moment, message in HISTORY:
        if branch != "main":
            commits.append(SwitchBranch(folder=folder, branch=branch, is_new=True))
        commits.append(CommitLayer(folder=folder, layer=layer, message=message, moment=moment))
    steps = (
        MakeRepository(folder=folder, branch="main"),
        exclude,
        *commits,
        SwitchBranch(folder=folder, branch="main"),
    )
    return UpkeepPlan(title=f"{folder} → a dbt project", steps=steps)


@dataclass(frozen=True)
class _Tour:
    """Shows each command of the demo as it would be typed in the `folder`, and carries it out there."""

    folder: str
    shell: Shell
    console: Console
    first: RunDot

    def run_dot(self, step: RunDot) -> int:
        """Plan the command, and carry that out; its exit code."""
        if step is self.first:
            self.console.say(f"made a dbt project in {self.shell.cwd}: three commits on `main`, one on `{BRANCH}`")
            self.console.show_typed(f"cd {self.folder}")
        self.console.show_typed(f"dot {' '.join(step.words)}")
        way = Way(Mode.EXECUTE, self.console)
        match step.request:
            case DbtRequest():
                return carry_out(*make_plan(step.request, self.shell), way)
            case DiffRequest():
                return diff.carry_out(diff.prepare(step.request, self.console, self.shell), way)
            case _:
                assert_never(step.request)


def _check_dbt(shell: Shell) -> None:
    dbt = find_dbt(load_settings(shell.cwd, shell.environ).dbt, shell.environ, shell.cwd.parent)
    is_first = dbt.version and not is_at_least(dbt.version, 2)  # dbt 2 has its adapters in it
    if is_first and "dbt_duckdb" not in read_packages(Path(dbt.command[0])):
        raise DbtError.of(
            f"the demo needs dbt-duckdb, which is not installed beside {dbt.command[0]}",
            hint="`pip install dbt-duckdb` in the environment of that dbt",
        )


def make_project(folder: Path) -> None:
    """Make the project, and nothing more."""
    execute_upkeep(plan_project(folder), Context(folder, {}, 0, Console()))
