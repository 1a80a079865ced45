"""`UpkeepPlan`: what is done to files, worktrees and repositories where no dbt command runs, and its steps.

It knows no environment and no commit, since it is of none. `dot setup`, `dot doctor --fix`, the startup prompts, `dot
demo` and whatever saves a plan do what they do as steps of one.
"""

from collections.abc import Mapping
from pathlib import PurePath
from typing import Annotated, Literal

from pydantic import Field

from dot.base.file_edit import EditFile
from dot.base.frozen import Frozen
from dot.base.layout import Layout, SharedLocks
from dot.plan.plan import Lock, in_a_step
from dot.plan.request import DbtRequest, DiffRequest
from dot.plan.step import EnsureWorktree


class WriteFile(Frozen):
    """A whole file of dot's own, and the folders below `root` that lead to it."""

    kind: Literal["write_file"] = "write_file"
    path: PurePath
    root: PurePath
    text: str


class WriteOutput(Frozen):
    """A file that somebody named; one that is there is replaced only if it holds `mark`, and so was made by dot."""

    kind: Literal["write_output"] = "write_output"
    path: PurePath
    text: str
    mark: str


class CloseFolder(Frozen):
    """Nobody but its owner can enter the folder from then on."""

    kind: Literal["close_folder"] = "close_folder"
    path: PurePath


class Remove(Frozen):
    """A file, or a folder with all that is in it, is removed."""

    kind: Literal["remove"] = "remove"
    path: PurePath


class RemoveWorktree(Frozen):
    """The worktree is removed, be it whole or not, and git's entry for it."""

    kind: Literal["remove_worktree"] = "remove_worktree"
    worktree: EnsureWorktree


class ForgetWorktree(Frozen):
    """The entry that git has for a worktree which is gone is removed, unless there is one again."""

    kind: Literal["forget_worktree"] = "forget_worktree"
    repository: PurePath
    common_dir: PurePath
    path: PurePath


class MakeRepository(Frozen):
    """A new folder, or an empty one, becomes a git repository whose first branch has this name."""

    kind: Literal["make_repository"] = "make_repository"
    folder: PurePath
    branch: str


class CommitLayer(Frozen):
    """The files of this `layer` of the demo are laid over those in the folder, and all is committed."""

    kind: Literal["commit_layer"] = "commit_layer"
    folder: PurePath
    layer: str
    message: str
    moment: str


class SwitchBranch(Frozen):
    """A branch is checked out, or begun here if it `is_new`."""

    kind: Literal["switch_branch"] = "switch_branch"
    folder: PurePath
    branch: str
    is_new: bool = False


class RunDot(Frozen):
    """A command of dot, as `words` would be typed in `cwd`. It has a plan of its own, which is made then."""

    kind: Literal["run_dot"] = "run_dot"
    words: tuple[str, ...]
    cwd: PurePath
    request: DbtRequest | DiffRequest


FileStep = EditFile | WriteFile | WriteOutput | CloseFolder | Remove
TreeStep = EnsureWorktree | RemoveWorktree | ForgetWorktree | MakeRepository | CommitLayer | SwitchBranch

UpkeepStep = Annotated[FileStep | TreeStep | RunDot, Field(discriminator="kind")]


class UpkeepPlan(Frozen):
    """Its purpose in one line, what it locks, and its steps in order."""

    title: str
    locks: tuple[Lock, ...] = ()
    steps: tuple[UpkeepStep, ...]


def plan_own_files(
    title: str, project: PurePath, texts: Mapping[PurePath, str], edits: tuple[EditFile, ...] = ()
) -> UpkeepPlan:
    """Make these edits of files that are the user's, then write these files below the `.dot/` of the project."""
    layout = Layout(project)
    written = tuple(WriteFile(path=path, root=layout.root, text=text) for path, text in texts.items())
    return UpkeepPlan(title=title, locks=in_a_step(layout.hiding) if written else (), steps=(*edits, *written))


def plan_worktree(title: str, project: PurePath, worktree: EnsureWorktree) -> UpkeepPlan:
    """Have the worktree of a build as its commit has it."""
    return UpkeepPlan(title=title, locks=_lock_build(project, worktree), steps=(worktree,))


def plan_removal(title: str, project: PurePath, worktree: EnsureWorktree, *, is_all: bool) -> UpkeepPlan:
    """Remove the worktree of a build, and all of the build if it `is_all`."""
    folders = (Remove(path=worktree.path.parent),) if is_all else ()
    steps = (RemoveWorktree(worktree=worktree), *folders)
    return UpkeepPlan(title=title, locks=_lock_build(project, worktree), steps=steps)


def plan_forgetting(title: str, step: ForgetWorktree) -> UpkeepPlan:
    """Take a worktree that is gone out of git's list."""
    return UpkeepPlan(title=title, locks=in_a_step(SharedLocks(step.common_dir).worktrees), steps=(step,))


def _lock_build(project: PurePath, worktree: EnsureWorktree) -> tuple[Lock, ...]:
    layout, short_hash = Layout(project), worktree.path.parent.name
    shared = SharedLocks(worktree.common_dir).worktrees
    return (Lock(path=layout.lock(short_hash)), *in_a_step(layout.users(short_hash), shared))
