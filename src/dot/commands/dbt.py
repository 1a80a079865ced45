"""Every dbt command: gather facts, plan, then execute or explain."""

from enum import Enum
from time import monotonic

from dot.commands.gather import Gathered, Invocation, gather
from dot.console import Console, use_color, write, write_json
from dot.core.plan import BuildPlan, render_plan
from dot.core.planner import plan_build
from dot.execution.context import Context
from dot.system.git import read_age


class Mode(Enum):
    """What becomes of the plan."""

    EXECUTE = "execute"
    EXPLAIN = "explain"
    JSON = "json"


def run(invocation: Invocation, mode: Mode, console: Console) -> int:
    """Plan the dbt command and do with the plan what `mode` says; the exit code. Raises `DotError`."""
    gathered = gather(invocation)
    use_color(gathered.here.settings.color)
    plan = plan_build(gathered.request, gathered.facts)
    match mode:
        case Mode.JSON:
            write_json(render_plan(plan))
        case Mode.EXPLAIN:
            from dot.execution.explainer import explain  # noqa: PLC0415

            write(explain(plan, gathered.here.cwd))
        case Mode.EXECUTE:
            if console.can_ask() and not invocation.disable_prompts and invocation.dbt_command != "init":
                from dot.commands.prompts import prompt  # noqa: PLC0415

                prompt(gathered.here, console)
            return _execute(plan, gathered, console)
    return 0


def _execute(plan: BuildPlan, gathered: Gathered, console: Console) -> int:
    from dot.execution.executor import execute  # noqa: PLC0415

    here = gathered.here
    since = monotonic()
    if plan.commit:
        age = read_age(here.project, plan.commit.hash)
        ref = gathered.request.address.ref
        console.say(f'{ref} is {plan.commit.short_hash} "{plan.commit.subject}", {age}')
    exit_code = execute(plan, Context(here.project, here.environ, here.settings.lock_timeout, console))
    if plan.commit and plan.environment:
        outcome = "done" if not exit_code else f"ended with exit code {exit_code}"
        build = f"{plan.environment.name}@{plan.commit.short_hash}"
        console.say(f"{plan.dbt_command} of {build} {outcome} · {monotonic() - since:.1f} s")
    return exit_code
