"""Every dbt command: gather facts, plan, then execute or explain."""

import shlex
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path, PurePath
from time import monotonic
from typing import TYPE_CHECKING

from dot.base.address import write_address
from dot.base.errors import UsageError
from dot.base.layout import Layout
from dot.base.wording import describe_age, list_some, parse_moment
from dot.config.files import USER_FILE
from dot.console import Console
from dot.console.shell import read_shell
from dot.console.terminal import write, write_exactly
from dot.dbt.manifest import parse_run_results
from dot.plan.deferral import describe_baseline
from dot.plan.find_runs import find_last_run
from dot.plan.gather import gather
from dot.plan.gather_workspace import Workspace
from dot.plan.plan import Baseline, BuildPlan, mask_plan, render_plan
from dot.plan.planner import plan_build
from dot.plan.record import BUILDING
from dot.plan.request import DbtRequest
from dot.plan.upkeep import UpkeepPlan, WriteOutput
from dot.run.context import Context, make_context
from dot.run.upkeep import execute_upkeep
from dot.system import git
from dot.system.shell import Shell
from dot.system.store import read_text

if TYPE_CHECKING:  # no plan needs it
    from dot.dbt.head_start import HeadStart


class Mode(Enum):
    """What becomes of the plan."""

    EXECUTE = "execute"
    EXPLAIN = "explain"
    JSON = "json"


@dataclass(frozen=True)
class Way:
    """How a command is done: what becomes of its plan, who is told, and the dbt that was started for it, if any."""

    mode: Mode
    console: Console
    head_start: "HeadStart | None" = None


def run(request: DbtRequest, way: Way, *, out: str | None = None) -> int:
    """Plan the dbt command and do with the plan what is wanted; the exit code. Raises `DotError`.

    `out` is a file that the plan is saved in.
    """
    plan, here = make_plan(request, read_shell())
    if out is not None:
        save_plan(plan, out, make_context(here, way.console))
    return carry_out(plan, here, way)


def make_plan(request: DbtRequest, shell: Shell) -> tuple[BuildPlan, Workspace]:
    """The plan of the dbt command as it was typed in the shell, and what is there. Raises `DotError`."""
    gathered = gather(request, shell)
    return plan_build(gathered.request, gathered.facts), gathered.here


def save_plan(plan: BuildPlan, out: str, context: Context) -> None:
    """Write the plan to the file. Raises `DotError`."""
    _refuse_typed_secret(plan)
    step = WriteOutput(path=PurePath(out), text=render_plan(mask_plan(plan)) + "\n", mark='"format_version"')
    execute_upkeep(UpkeepPlan(title=f"save the plan in {out}", steps=(step,)), context)
    context.reporter.say(f"saved the plan: `dot apply {shlex.quote(out)}` carries it out")


def _refuse_typed_secret(plan: BuildPlan) -> None:
    """What stands in no file could not be found again by `dot apply`."""
    if mask_plan(plan).request != plan.request:
        raise UsageError.of(
            "a saved plan cannot hold the secret that was typed among its options",
            hint=f"set the variable in {USER_FILE}, which stays out of git, "
            "or let the project read it by `env_var('DBT_ENV_SECRET_…')`",
        )


def carry_out(plan: BuildPlan, here: Workspace, way: Way) -> int:
    """Do with the plan what is wanted; the exit code. Raises `DotError`."""
    if way.mode is not Mode.EXECUTE:
        return show_plan(plan, here, way.mode)
    if way.console.can_ask() and plan.command != "init":
        from dot.commands.prompts import prompt  # noqa: PLC0415

        prompt(here, way.console)
    return _execute(plan, here, way)


def show_plan(plan: BuildPlan, here: Workspace, mode: Mode) -> int:
    """Print the plan, as data or for a person; 0."""
    if mode is Mode.JSON:
        write_exactly(render_plan(mask_plan(plan)))
    else:
        from dot.plan.explainer import explain  # noqa: PLC0415

        write(explain(mask_plan(plan), here.cwd))
    return 0


def _execute(plan: BuildPlan, here: Workspace, way: Way) -> int:
    from dot.isolation.proof import parse_proofs  # noqa: PLC0415
    from dot.run.executor import execute  # noqa: PLC0415

    since, console = monotonic(), way.console
    context = replace(make_context(here, console), head_start=way.head_start)
    if not plan.commit or not plan.environment:
        return execute(plan, context)
    age = describe_age(parse_moment(plan.commit.committed_at), datetime.now(UTC))
    (address,) = plan.request.addresses
    console.say(f'{address.ref} is {plan.commit.short_hash} "{plan.commit.subject}", {age}')
    if git.resolve_commit(here.project, "HEAD") == plan.commit.hash and (count := _count_edits(plan, here)):
        files = "1 edited or new file is" if count == 1 else f"{count:,} edited or new files are"
        console.say(f"{files} not in this build, which has what is committed")
    if plan.baseline:
        console.say(describe_baseline(plan.baseline))
    folder = Layout(here.project).build(plan.commit.short_hash).environment(plan.environment.name)
    results = Path(folder.target / "run_results.json")
    before = read_text(results)
    exit_code = execute(plan, context)
    outcome = f"ended with exit code {exit_code}" if exit_code else "done"
    build = write_address(plan.environment.name, plan.commit.short_hash)
    console.say(f"{plan.command} of {build} {outcome} · {monotonic() - since:.1f} s")
    # dbt's own number does not tell: dbt 2 ends with 1 when nodes failed, and when it could not read the project.
    after = read_text(results)
    ran = parse_run_results(after or "") if after != before else None
    if plan.command in BUILDING and (ran or not exit_code):
        schemas = parse_proofs(read_text(Path(folder.isolation))).own_schemas(plan.commit.suffix)
        where = f"its tables are in {list_some(schemas, 3)}; " if schemas else ""
        again = f"`dot retry {build}` runs again what failed" if ran and ran.has_failed else None
        console.say(where + (again or _suggest_comparison(Layout(here.project), build, plan.baseline)))
    return exit_code


def _count_edits(plan: BuildPlan, here: Workspace) -> int:
    """How many files of the working tree are not as in the commit, databases aside."""
    databases = {file.name for file in plan.databases}
    return sum(Path(name).name.removesuffix(".wal") not in databases for name in git.list_edits(here.project))


def _suggest_comparison(layout: Layout, build: str, baseline: Baseline | None) -> str:
    """What to type after a build: a comparison with its baseline, or with the newest build of its environment."""
    name, _, short_hash = build.partition("@")
    newest = find_last_run(layout, name, but=short_hash)
    base = baseline.address if baseline else newest and write_address(name, newest)
    return f"`dot diff {base} {build}` compares them" if base else f"`dot builds show {build}` names them"
