"""`dot apply`: carry out a plan that was saved, and nothing else."""

import os
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import assert_never

from dot.base.errors import ConfigurationError, Location, OutsideError, Problem, StalePlanError, UsageError
from dot.commands.dbt import carry_out, make_plan
from dot.commands.head_start import giving_head_start
from dot.commands.way import Mode, Way
from dot.console import Console
from dot.console.shell import read_shell
from dot.plan.plan import BuildPlan, is_edited, mask_plan, parse_plan
from dot.plan.request import DbtRequest, DiffRequest, SubmitRequest
from dot.plan.staleness import find_staleness
from dot.plan.step import CheckIsolation, Question
from dot.system import store
from dot.system.shell import Shell

AGAIN = "make the plan again: `dot plan … --out {file}`"


def run(file: str, mode: Mode, console: Console) -> int:
    """Carry out the saved plan, or explain it; the exit code. Raises `StalePlanError` when it no longer holds."""
    plan = _load(file)
    shell = _stand_where_it_was_made(plan, file)
    is_asking = any(isinstance(step, CheckIsolation | Question) for step in plan.steps)
    is_wanted = mode is Mode.EXECUTE and is_asking and not isinstance(plan.request, SubmitRequest)
    with giving_head_start(shell, is_wanted=is_wanted) as head_start:
        try:
            now, do = _plan_again(plan, shell, Way(mode, console, head_start))
        except (UsageError, ConfigurationError) as error:  # a branch that is gone, a file that is no longer valid
            raise StalePlanError(*error.problems) from None
        if reasons := find_staleness(plan, mask_plan(now)):
            raise StalePlanError(Problem("the plan no longer holds", notes=reasons, hint=AGAIN.format(file=file)))
        return do()  # the same, with the secrets that no file may hold


def _plan_again(plan: BuildPlan, shell: Shell, way: Way) -> tuple[BuildPlan, Callable[[], int]]:
    """What the request would be planned as now, and what does with that what is wanted."""
    match plan.request:
        case DbtRequest():
            now, here = make_plan(plan.request, shell)
            return now, partial(carry_out, now, here, way)
        case DiffRequest():
            from dot.commands import diff  # noqa: PLC0415

            comparison = diff.prepare(plan.request, way.console, shell, may_lack=True)  # which is a reason, too
            return comparison.plan, partial(diff.carry_out, comparison, way)
        case SubmitRequest():
            from dot.commands import bundle_submit  # noqa: PLC0415

            now, here = bundle_submit.make_plan(plan.request, shell)
            return now, partial(bundle_submit.carry_out, now, here, way)
        case _:
            assert_never(plan.request)


def _stand_where_it_was_made(plan: BuildPlan, file: str) -> Shell:
    """The shell as if dot had been started there. Raises `StalePlanError` where nobody can be."""
    try:
        os.scandir(plan.cwd).close()
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise StalePlanError.of(f"the plan was made in {plan.cwd}: {reason}", hint=AGAIN.format(file=file)) from None
    return replace(read_shell(), cwd=Path(plan.cwd))


def _load(file: str) -> BuildPlan:
    text = store.read_text(Path(file))
    if text is None:
        raise UsageError.of(f"there is no file {file}", hint="`dot plan build dev@main --out plan.json` makes one")
    try:
        plan = parse_plan(text)
    except OutsideError as error:
        raise OutsideError(*(replace(problem, location=Location(file)) for problem in error.problems)) from None
    if is_edited(text):
        raise StalePlanError.of(f"the plan in {file} was edited", hint=AGAIN.format(file=file))
    return plan
