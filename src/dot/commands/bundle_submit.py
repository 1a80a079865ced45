"""`dot bundle submit`: one dbt command on a commit, run by Databricks."""

from dot.base.address import write_address
from dot.commands.carry_out import save_plan
from dot.commands.dbt import show_plan
from dot.commands.way import Mode, Way
from dot.console.shell import read_shell
from dot.plan.gather_submission import gather_submission
from dot.plan.gather_workspace import Workspace
from dot.plan.plan import BuildPlan
from dot.plan.request import SubmitRequest
from dot.plan.submission import plan_submit
from dot.run.context import make_context
from dot.run.executor import execute
from dot.system.databricks import refuse_missing_sdk
from dot.system.shell import Shell


def run(request: SubmitRequest, way: Way, *, out: str | None = None) -> int:
    """Plan the submission and do with the plan what is wanted; the exit code. Raises `DotError`.

    `out` is a file that the plan is saved in.
    """
    plan, here = make_plan(request, read_shell())
    if out is not None:
        save_plan(plan, out, here, way.console)
    return carry_out(plan, here, way)


def make_plan(request: SubmitRequest, shell: Shell) -> tuple[BuildPlan, Workspace]:
    """The plan of the submission as it was typed in the shell, and what is there. Raises `DotError`."""
    gathered = gather_submission(request, shell)
    return plan_submit(request, gathered.facts), gathered.here


def carry_out(plan: BuildPlan, here: Workspace, way: Way) -> int:
    """Do with the plan what is wanted; the exit code. Raises `DotError`."""
    if way.mode is not Mode.EXECUTE:
        return show_plan(plan, here, way.mode)
    console = way.console
    refuse_missing_sdk()
    commit, environment = plan.commit, plan.environment
    if commit and environment:
        (address,) = plan.request.addresses
        console.say(f'{address.ref} is {commit.short_hash} "{commit.subject}"')
    exit_code = execute(plan, make_context(here, console))
    if commit and environment and not exit_code:
        build = write_address(environment.name, commit.short_hash)
        console.say(f"`dot builds show {build}` names its relations, and `dot diff` compares them")
    return exit_code
