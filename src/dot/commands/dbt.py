"""Every dbt command: gather facts, plan, then execute or explain."""

import shlex
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path
from time import monotonic

from dot.commands.gather import Invocation, Surroundings, gather
from dot.console import Console
from dot.console.terminal import use_color, write, write_exactly
from dot.core.listing import describe_age, parse_moment
from dot.core.plan import BuildPlan, render_plan
from dot.core.planner import plan_build
from dot.execution.context import Context
from dot.system.process import announce_with
from dot.system.store import write_output


class Mode(Enum):
    """What becomes of the plan."""

    EXECUTE = "execute"
    EXPLAIN = "explain"
    JSON = "json"


def run(invocation: Invocation, mode: Mode, console: Console, *, out: str | None = None) -> int:
    """Plan the dbt command and do with the plan what `mode` says; the exit code. Raises `DotError`.

    `out` is a file that the plan is saved in.
    """
    announce_with(console.show_command)
    gathered = gather(invocation)
    plan = plan_build(gathered.request, gathered.facts)
    if out is not None:
        write_output(Path(out), render_plan(plan) + "\n", mark='"format_version"')
        console.say(f"saved the plan: `dot apply {shlex.quote(out)}` carries it out")
    return carry_out(plan, gathered.here, mode, console)


def carry_out(plan: BuildPlan, here: Surroundings, mode: Mode, console: Console) -> int:
    """Do with the plan what `mode` says; the exit code. Raises `DotError`."""
    use_color(here.settings.color)
    match mode:
        case Mode.JSON:
            write_exactly(render_plan(plan))
        case Mode.EXPLAIN:
            from dot.execution.explainer import explain  # noqa: PLC0415

            write(explain(plan, here.cwd))
        case Mode.EXECUTE:
            if console.can_ask() and plan.dbt_command != "init":
                from dot.commands.prompts import prompt  # noqa: PLC0415

                prompt(here, console)
            return _execute(plan, here, console)
    return 0


def _execute(plan: BuildPlan, here: Surroundings, console: Console) -> int:
    from dot.execution.executor import execute  # noqa: PLC0415

    since = monotonic()
    if plan.commit:
        age = describe_age(parse_moment(plan.commit.committed_at), datetime.now(UTC))
        console.say(f'{plan.request.address.ref} is {plan.commit.short_hash} "{plan.commit.subject}", {age}')
    exit_code = execute(plan, Context(here.project, here.environ, here.settings.lock_timeout, console))
    if plan.commit and plan.environment:
        outcome = "done" if not exit_code else f"ended with exit code {exit_code}"
        build = f"{plan.environment.name}@{plan.commit.short_hash}"
        console.say(f"{plan.dbt_command} of {build} {outcome} · {monotonic() - since:.1f} s")
    return exit_code
