"""`explain(plan) -> text`: the same steps that the executor does, in words."""

import shlex
from collections.abc import Iterator
from pathlib import PurePath
from typing import assert_never

from dot.base.wording import show_path
from dot.plan.deferral import describe_baseline
from dot.plan.plan import BuildPlan
from dot.plan.request import DbtRequest
from dot.plan.step import (
    SIDES,
    AskMacro,
    CheckIsolation,
    CheckRemote,
    ChooseFunctions,
    EnsureWorktree,
    InstallPackages,
    ReadProject,
    RemoteStep,
    RunDbt,
    SelectNodes,
    Step,
    SubmitRun,
    WritePage,
    WriteProfile,
    WriteRecord,
)

WIDTH = 64
"""How many characters a line of a command has: it begins in the 17th column of 80."""

_LABELS = {
    "run_dbt": "dbt",
    "read_project": "read",
    "select_nodes": "select",
    "ask_macro": "compare",
    "write_record": "record",
    "write_page": "page",
}
_FIXED = {
    "install_packages": ("packages", "dbt deps, unless these packages are installed"),
    "choose_functions": ("functions", "the baseline's, but for those that may differ from the build's"),
}


def explain(plan: BuildPlan, cwd: PurePath) -> str:
    """What would happen, for a person standing in `cwd`: a line or a few a step."""
    lines = [f"{explain(build, cwd)}\n" for build in plan.before]
    lines += [_title(plan), *([describe_baseline(plan.baseline)] if plan.baseline else [])]
    lines += [f"  {line}" for line in _describe_sides(plan, cwd)]
    for number, step in enumerate(plan.steps, 1):
        label, first, *more = _explain_step(plan, step, cwd)
        lines.append(f"{number:>3}  {label:<10} {first}")
        lines += [f"{'':16}{line}" for line in more]
    lines += [f"warning: {warning}" for warning in plan.warnings]
    left_out = ", ".join(plan.options_not_applied) or "nothing"
    told = f"left out for {plan.command}: {left_out}      " if isinstance(plan.request, DbtRequest) else ""
    return "\n".join([*lines, f"{told}nothing was written"])


def _title(plan: BuildPlan) -> str:
    if plan.sides:
        return f"{' and '.join(str(side.address) or side.environment.name for side in plan.sides)} → comparison"
    name = plan.environment.name if plan.environment else "no environment"
    if not plan.commit:
        return f"{plan.address or name} → live build" + (f" in environment {name}" if plan.environment else "")
    return f"{plan.address} → commit {plan.commit.hash[:12]}… (build {plan.build_id})"


def _describe_sides(plan: BuildPlan, cwd: PurePath) -> Iterator[str]:
    """What a comparison is of, and what it locks."""
    for name, side in zip(SIDES, plan.sides, strict=False):
        commit = f"commit {side.commit.hash[:12]}…" if side.commit else "the working tree, live"
        yield f"{name:<5} {commit} in environment {side.environment.name}"
    if plan.sides:
        yield f"locks {', '.join(show_path(lock.path, cwd) for lock in plan.locks if lock.held == 'to_the_end')}"


def _explain_step(plan: BuildPlan, step: Step, cwd: PurePath) -> tuple[str, ...]:
    match step:
        case EnsureWorktree():
            submodules = " with its submodules" if step.submodules else ""
            return ("worktree", f"{show_path(step.path, cwd)}{submodules}")
        case WriteProfile():
            where = f"{step.profile} → {step.target} → schema {step.schema_name}"
            return ("profile", f"{where}   from {show_path(step.source, cwd)}")
        case InstallPackages() | ChooseFunctions():
            return _FIXED[step.kind]
        case CheckIsolation() | CheckRemote() | SubmitRun():
            return _explain_outside(step, cwd)
        case RunDbt() | ReadProject() | SelectNodes() | AskMacro():
            files = (f"on {show_path(file, cwd)}" for file in (step.databases if isinstance(step, RunDbt) else ()))
            words = _wrap(plan.dbt.words_of(step.argv), cwd)
            return (_LABELS[step.kind], *words, f"in {show_path(step.cwd, cwd)}", *files)
        case WriteRecord() | WritePage():
            return (_LABELS[step.kind], show_path(step.path, cwd))
        case _:
            assert_never(step)


def _explain_outside(step: CheckIsolation | RemoteStep, cwd: PurePath) -> tuple[str, ...]:
    """What is about more than this machine's own files."""
    match step:
        case CheckIsolation():
            allowed = ", leaks allowed" if step.allow_leaks else ""
            return ("isolation", f"every relation must carry {step.rules.short_hash} in its schema{allowed}")
        case CheckRemote():
            return ("remote", f"{step.remote} must have the commit", f"Databricks fetches it from {step.url}")
        case SubmitRun():
            token = str(step.payload["idempotency_token"])[:12]
            return ("submit", *_wrap(step.argv, cwd), f"on {step.host}, once for the token {token}…")
        case _:
            assert_never(step)


def _wrap(words: tuple[str, ...], cwd: PurePath) -> list[str]:
    """The words of a command, absolute paths made short, in lines that break before an option and not within one."""
    groups: list[str] = []
    for word in words:
        text = shlex.quote(show_path(PurePath(word), cwd) if PurePath(word).is_absolute() else word)
        if word.startswith("-") or not groups:
            groups.append(text)
        else:
            groups[-1] += f" {text}"
    lines = groups[:1]
    for group in groups[1:]:
        if len(lines[-1]) + len(group) < WIDTH:
            lines[-1] += f" {group}"
        else:
            lines.append(group)
    return lines
