"""A plan that runs no dbt, in words."""

import shlex
from pathlib import PurePath
from typing import assert_never

from dot.base.file_edit import EditFile
from dot.base.wording import show_path
from dot.plan.step import EnsureWorktree
from dot.plan.upkeep import (
    CloseFolder,
    CommitLayer,
    ForgetWorktree,
    MakeRepository,
    Remove,
    RemoveWorktree,
    RunDot,
    SwitchBranch,
    UpkeepPlan,
    UpkeepStep,
    WriteFile,
    WriteOutput,
)

_UPKEEP = {
    "edit_file": "edit",
    "write_file": "write",
    "write_output": "write",
    "close_folder": "close",
    "remove": "remove",
    "ensure_worktree": "mend",
    "remove_worktree": "remove",
    "forget_worktree": "forget",
    "make_repository": "git init",
    "commit_layer": "commit",
    "switch_branch": "switch to",
    "run_dot": "run",
}


def explain_upkeep(plan: UpkeepPlan, cwd: PurePath) -> str:
    """What would happen, for a person standing in `cwd`: a line for each step."""
    return "\n".join((plan.title, *explain_steps(plan, cwd), "nothing was written"))


def explain_steps(plan: UpkeepPlan, cwd: PurePath) -> tuple[str, ...]:
    """The steps alone."""
    explained = ((_UPKEEP[step.kind], _name_object(step, cwd)) for step in plan.steps)
    return tuple(f"{number:>3}  {label:<10} {text}" for number, (label, text) in enumerate(explained, 1))


def _name_object(step: UpkeepStep, cwd: PurePath) -> str:
    """What the step does something to."""
    match step:
        case EditFile():
            text = step.name
        case WriteFile() | WriteOutput() | CloseFolder() | Remove() | EnsureWorktree() | ForgetWorktree():
            text = show_path(step.path, cwd)
        case RemoveWorktree():
            text = show_path(step.worktree.path, cwd)
        case MakeRepository():
            text = show_path(step.folder, cwd)
        case CommitLayer():
            text = step.message
        case SwitchBranch():
            text = step.branch
        case RunDot():
            text = shlex.join(("dot", *step.words))
        case _:
            assert_never(step)
    return text
