"""Every dbt command: gather facts, plan, then execute or explain."""

from dot.commands.way import Mode, Way
from dot.console.shell import read_shell
from dot.console.terminal import write, write_exactly
from dot.plan.gather import gather
from dot.plan.gather_workspace import Workspace
from dot.plan.plan import BuildPlan, mask_plan, render_plan
from dot.plan.planner import plan_build
from dot.plan.request import DbtRequest
from dot.system.shell import Shell


def run(request: DbtRequest, way: Way, *, out: str | None = None) -> int:
    """Plan the dbt command and do with the plan what is wanted; the exit code. Raises `DotError`.

    `out` is a file that the plan is saved in.
    """
    plan, here = make_plan(request, read_shell())
    if out is not None:
        from dot.commands.carry_out import save_plan  # noqa: PLC0415

        save_plan(plan, out, here, way.console)
    return carry_out(plan, here, way)


def make_plan(request: DbtRequest, shell: Shell) -> tuple[BuildPlan, Workspace]:
    """The plan of the dbt command as it was typed in the shell, and what is there. Raises `DotError`."""
    gathered = gather(request, shell)
    return plan_build(gathered.request, gathered.facts), gathered.here


def carry_out(plan: BuildPlan, here: Workspace, way: Way) -> int:
    """Do with the plan what is wanted; the exit code. Raises `DotError`."""
    if way.mode is not Mode.EXECUTE:
        return show_plan(plan, here, way.mode)
    if way.console.can_ask() and plan.command != "init":
        from dot.commands.prompts import prompt  # noqa: PLC0415

        prompt(here, way.console)
    from dot.commands.carry_out import execute_plan  # noqa: PLC0415 - of which no plan needs a thing

    return execute_plan(plan, here, way)


def show_plan(plan: BuildPlan, here: Workspace, mode: Mode) -> int:
    """Print the plan, as data or for a person; 0."""
    if mode is Mode.JSON:
        write_exactly(render_plan(mask_plan(plan)))
    else:
        from dot.plan.explainer import explain  # noqa: PLC0415

        write(explain(mask_plan(plan), here.cwd))
    return 0
