"""What mends the folder of a project's builds, each by itself."""

from pathlib import Path

from dot.plan.step import EnsureWorktree
from dot.run.context import Context
from dot.run.worktree import ensure_worktree, remove_worktree
from dot.system import git, store


def close_to_others(folder: Path) -> None:
    """Let nobody but its owner read the folder."""
    store.make_private(folder)


def remove_file(file: Path) -> None:
    """Remove a file of dot's own that cannot be read."""
    store.remove_tree(file)


def make_whole(step: EnsureWorktree, context: Context) -> None:
    """Make the worktree anew, as its commit has it."""
    with context.lock(step.path.parent.name):
        ensure_worktree(step, context)


def remove_half(step: EnsureWorktree, context: Context, *, is_all: bool) -> None:
    """Remove the worktree, and all of the build when nothing was built in it yet."""
    folder = Path(step.path.parent)
    with context.lock(folder.name):
        remove_worktree(step, context)
        if is_all:
            store.remove_tree(folder)


def forget_worktree(context: Context, repository: git.Repository, path: Path) -> None:
    """Take a worktree that is gone out of git's list."""
    with context.lock_worktrees(repository.common_dir):
        git.forget_worktree(context.project, path)
