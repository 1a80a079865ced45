"""Carries out what is done to files, worktrees and repositories where no dbt command runs."""

import shutil
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from importlib.resources import as_file, files
from pathlib import Path
from typing import assert_never

from dot.base.errors import ExitCode, OutsideError
from dot.base.file_edit import EditFile
from dot.plan.step import EnsureWorktree
from dot.plan.upkeep import (
    CloseFolder,
    CommitLayer,
    FileStep,
    ForgetWorktree,
    MakeRepository,
    Remove,
    RemoveWorktree,
    RunDot,
    SwitchBranch,
    TreeStep,
    UpkeepPlan,
    WriteFile,
    WriteOutput,
)
from dot.run.context import Context
from dot.run.worktree import ensure_worktree, forget_worktree, remove_worktree
from dot.system import git, store
from dot.system.user_files import apply_edit

RunsDot = Callable[[RunDot], int]


def _run_none(step: RunDot) -> int:
    raise ValueError(f"nobody is there to run `dot {step.words}`")


def execute_upkeep(plan: UpkeepPlan, context: Context, run_dot: RunsDot = _run_none) -> int:
    """Carry out the plan; 0, or what a command of dot ended with, after which nothing more is done. Raises `DotError`.

    `run_dot` carries out the steps that are commands of dot.
    """
    with ExitStack() as stack:
        context = replace(context, locks=plan.locks)
        context.hold_before(stack, stack)
        for step in plan.steps:
            exit_code = run_dot(step) if isinstance(step, RunDot) else _carry_out(step, context)
            if exit_code:
                return exit_code
    return ExitCode.OK


def _carry_out(step: FileStep | TreeStep, context: Context) -> int:
    if isinstance(step, FileStep):
        _change_file(step, context)
    else:
        _change_tree(step, context)
    return ExitCode.OK


def _change_file(step: FileStep, context: Context) -> None:
    match step:
        case EditFile():
            apply_edit(step)
        case WriteFile():
            if Path(step.root) == context.root:
                context.hide_folder()
            store.write_whole(Path(step.path), step.text, root=Path(step.root))
        case WriteOutput():
            store.write_output(Path(step.path), step.text, mark=step.mark)
        case CloseFolder():
            store.make_private(Path(step.path))
        case Remove():
            store.remove_tree(Path(step.path))
        case _:
            assert_never(step)


def _change_tree(step: TreeStep, context: Context) -> None:
    match step:
        case EnsureWorktree():
            ensure_worktree(step, context)
        case RemoveWorktree():
            remove_worktree(step.worktree, context)
        case ForgetWorktree():
            if not store.is_there(Path(step.path)):
                forget_worktree(step, context)
        case MakeRepository():
            _make_repository(step)
        case CommitLayer():
            with as_file(files("dot") / "demo" / step.layer) as source:
                shutil.copytree(source, step.folder, dirs_exist_ok=True)
            git.commit_all(Path(step.folder), step.message, step.moment)
        case SwitchBranch():
            git.switch_branch(Path(step.folder), step.branch, create=step.is_new)
        case _:
            assert_never(step)


def _make_repository(step: MakeRepository) -> None:
    folder = Path(step.folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutsideError.of(f"cannot make {folder}: {(error.strerror or str(error)).lower()}") from None
    git.init_repository(folder, step.branch)
