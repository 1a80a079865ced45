"""What is done with the plan of a dbt command once it is made, and what is said of it."""

import shlex
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path, PurePath
from time import monotonic

from dot.base.address import write_address
from dot.base.errors import UsageError
from dot.base.layout import Layout
from dot.base.wording import describe_age, list_some, parse_moment
from dot.commands.way import Way
from dot.config.files import USER_FILE
from dot.console import Console
from dot.dbt.manifest import parse_run_results
from dot.isolation.proof import parse_proofs
from dot.plan.deferral import describe_baseline
from dot.plan.find_runs import find_last_run
from dot.plan.gather_workspace import Workspace
from dot.plan.plan import Baseline, BuildPlan, mask_plan, render_plan
from dot.plan.run_summary import BUILDING
from dot.plan.upkeep import UpkeepPlan, WriteOutput
from dot.run.context import make_context
from dot.run.executor import execute
from dot.run.upkeep import execute_upkeep
from dot.system import git
from dot.system.store import read_text


def save_plan(plan: BuildPlan, out: str, here: Workspace, console: Console) -> None:
    """Write the plan to the file. Raises `DotError`."""
    _refuse_typed_secret(plan)
    step = WriteOutput(path=PurePath(out), text=render_plan(mask_plan(plan)) + "\n", mark='"format_version"')
    execute_upkeep(UpkeepPlan(title=f"save the plan in {out}", steps=(step,)), make_context(here, console))
    console.say(f"saved the plan: `dot apply {shlex.quote(out)}` carries it out")


def _refuse_typed_secret(plan: BuildPlan) -> None:
    """What stands in no file could not be found again by `dot apply`."""
    if mask_plan(plan).request != plan.request:
        raise UsageError.of(
            "a saved plan cannot hold the secret that was typed among its options",
            hint=f"set the variable in {USER_FILE}, which stays out of git, "
            "or let the project read it by `env_var('DBT_ENV_SECRET_…')`",
        )


def execute_plan(plan: BuildPlan, here: Workspace, way: Way) -> int:
    """Carry out the plan of a dbt command, and say how it ended; the exit code. Raises `DotError`."""
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
