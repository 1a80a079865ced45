"""A worktree is complete, with its marker written last, or it is not there."""

from pathlib import Path
from time import monotonic

from dot.core.step import EnsureWorktree
from dot.errors import DotError
from dot.execution.context import Context
from dot.system import git, store


def ensure_worktree(step: EnsureWorktree, context: Context) -> None:
    """Make the worktree unless it is complete; whatever half-made thing stands in its place is removed first.

    It is made where it stays: git writes absolute paths into both ends of a worktree's link, and refuses to move one
    that has submodules. The marker is what makes it exist.
    """
    if _is_complete(step):
        return
    since = monotonic()
    with context.lock(step.path.parent.name):
        if _is_complete(step):
            return
        common_dir = git.read_repository(Path(step.repository)).common_dir
        try:
            _make(step, context, common_dir)
        except DotError:
            _remove(step, context, common_dir)
            raise
    context.report.say(f"worktree ready · {monotonic() - since:.1f} s")


def _is_complete(step: EnsureWorktree) -> bool:
    text = store.read_text(Path(step.marker))
    return text is not None and text.strip() == step.commit and git.is_worktree_at(Path(step.path), step.commit)


def _make(step: EnsureWorktree, context: Context, common_dir: Path) -> None:
    path = Path(step.path)
    _remove(step, context, common_dir)
    store.make_private_folder(path.parent, context.root)
    with context.lock_worktrees(common_dir):
        git.add_worktree(Path(step.repository), path, step.commit)
    git.fill_worktree(path)
    if step.submodules:
        git.update_submodules(path)
    store.write_whole(Path(step.marker), step.commit + "\n", root=context.root)


def _remove(step: EnsureWorktree, context: Context, common_dir: Path) -> None:
    store.remove_tree(Path(step.marker))
    with context.lock_worktrees(common_dir):
        git.forget_worktree(Path(step.repository), Path(step.path))
    store.remove_tree(Path(step.path))
