"""A worktree is complete and as its commit has it, or it is not there: the marker is written last."""

from pathlib import Path
from time import monotonic

from dot.core.listing import name_some
from dot.core.step import EnsureWorktree
from dot.errors import DotError, GitError
from dot.execution.context import Context
from dot.system import git, store

REWRITTEN = "package-lock.yml"
"""`dbt deps` may write this tracked file, so a change of it is expected."""


def ensure_worktree(step: EnsureWorktree, context: Context) -> None:
    """Make the worktree unless it is there; mend what was moved or edited, and make anew what cannot be mended.

    It is made where it stays: git writes absolute paths into both ends of a worktree's link, and refuses to move one
    that has submodules. The marker is what makes it exist.
    """
    if read_changes(step) == ():
        return
    since = monotonic()
    with context.lock(step.path.parent.name):
        changes = read_changes(step)
        if changes is None and _has_marker(step):
            changes = _repair(step, context)
        if changes and not _restore(step, context, changes):
            changes = None
        if changes is None:
            with context.report.progress(f"checking out {step.path.parent.name}"):
                _make_or_leave_nothing(step, context)
            context.report.say(f"worktree ready · {monotonic() - since:.1f} s")


def _has_marker(step: EnsureWorktree) -> bool:
    return (store.read_text(Path(step.marker)) or "").strip() == step.commit


def read_changes(step: EnsureWorktree) -> tuple[str, ...] | None:
    """The tracked files that are not as they should be; None when there is no complete worktree of the commit."""
    changes = git.read_changes(Path(step.path), step.commit) if _has_marker(step) else None
    return changes and tuple(file for file in changes if Path(file).name != REWRITTEN)


def _repair(step: EnsureWorktree, context: Context) -> tuple[str, ...] | None:
    """After the repository was moved: mend the links, and drop what dbt keeps with absolute paths in it."""
    path = Path(step.path)
    with context.lock_worktrees(Path(step.common_dir)):
        git.repair_worktree(Path(step.repository), path)
    changes = read_changes(step)
    if changes is not None:
        context.report.say("the repository was moved; its worktree is mended")
        store.remove_tree(path.parent / "packages")
        for environment in store.list_folder(path.parent / "env"):
            store.remove_tree(path.parent / "env" / environment / "target" / "partial_parse.msgpack")
    return changes


def _restore(step: EnsureWorktree, context: Context, changes: tuple[str, ...]) -> bool:
    """Bring the files back; false where git refuses, as it does beside a lock that a killed git left behind."""
    try:
        git.restore_files(Path(step.path), changes)
        if step.submodules:
            git.update_submodules(Path(step.path))
    except GitError:
        return False
    context.report.warn(f"files of the build's worktree had been edited and are restored: {name_some(changes, 5)}")
    return True


def _make_or_leave_nothing(step: EnsureWorktree, context: Context) -> None:
    try:
        _make(step, context)
    except DotError:
        remove_worktree(step, context)
        raise


def _make(step: EnsureWorktree, context: Context) -> None:
    path = Path(step.path)
    remove_worktree(step, context)
    store.make_private_folder(path.parent, context.root)
    with context.lock_worktrees(Path(step.common_dir)):
        git.add_worktree(Path(step.repository), path, step.commit)
    git.fill_worktree(path)
    if step.submodules:
        git.update_submodules(path)
    store.write_whole(Path(step.marker), step.commit + "\n", root=context.root)


def remove_worktree(step: EnsureWorktree, context: Context) -> None:
    """Remove the worktree, whole or not, and git's entry for it. The caller holds the build's lock."""
    store.remove_tree(Path(step.marker))
    store.remove_tree(Path(step.marker.with_name("packages")))
    store.remove_tree(Path(step.path))
    with context.lock_worktrees(Path(step.common_dir)):
        git.forget_worktree(Path(step.repository), Path(step.path))
