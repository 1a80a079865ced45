"""A worktree is complete and as its commit has it, or it is not there: the marker is written last."""

import json
import os
from collections.abc import Iterable
from pathlib import Path, PurePath
from time import monotonic

from dot.base.errors import DotError, GitError, TrustError
from dot.base.layout import Layout, SharedLocks
from dot.base.wording import list_some
from dot.plan.step import EnsureWorktree
from dot.plan.upkeep import ForgetWorktree
from dot.run.context import Context
from dot.run.side_effects import is_dbts_addition
from dot.system import git, store

REWRITTEN = "package-lock.yml"
"""`dbt deps` may write this tracked file, so a change of it is expected."""


def ensure_worktree(step: EnsureWorktree, context: Context) -> None:
    """Make the worktree unless it is there; mend what was moved or edited, and make anew what cannot be mended.

    The caller holds the build's lock. It is made where it stays: git writes absolute paths into both ends of a
    worktree's link, and refuses to move one that has submodules. The marker is what makes it exist. Raises
    `TrustError` when a link of the commit leads out of it.
    """
    _make_or_mend(step, context)
    _refuse_links_outside(step)


def _refuse_links_outside(step: EnsureWorktree) -> None:
    """Raise `TrustError` when a link of the commit leads out of the worktree from what dbt reads or fills."""
    top = Path(os.path.realpath(step.path))
    folders = {Path(os.path.realpath(folder)): PurePath(os.path.relpath(folder, step.path)) for folder in step.folders}
    links = git.list_links(top) if folders else ()
    used = {link: link.relative_to(top) for link in links if any(link.is_relative_to(folder) for folder in folders)}
    for path, name in (folders | used).items():
        goal = os.path.realpath(path)
        if not Path(goal).is_relative_to(top):
            message = (
                f"`{name.as_posix()}` of commit {step.path.parent.name} leads out of the build's worktree by a link"
            )
            raise TrustError.of(
                f"{message}, to `{goal}`: a build would read or write what is not in its commit",
                hint="put what it leads to into the repository, then commit that",
            )


def _make_or_mend(step: EnsureWorktree, context: Context) -> None:
    changes = read_changes(step)
    if changes == ():
        return
    since = monotonic()
    with context.take(Layout(context.project).users(step.path.parent.name)):
        if changes is None and _has_marker(step):
            changes = _repair(step, context)
        if changes and not _restore(step, context, changes):
            changes = None
        if changes is None:
            with context.reporter.progress(f"checking out {step.path.parent.name}"):
                _make_or_leave_nothing(step, context)
            context.reporter.say(f"worktree ready · {monotonic() - since:.1f} s")


def _has_marker(step: EnsureWorktree) -> bool:
    return (store.read_text(Path(step.marker)) or "").strip() == step.commit


def read_changes(step: EnsureWorktree) -> tuple[str, ...] | None:
    """The tracked files that are not as a checkout leaves them; None when there is no complete worktree of the commit.

    Git also calls files changed that a checkout cannot make equal to the commit: their line ends or filters were set by
    a later commit, or two names differ in case only. The states of such files after the checkout are kept, and count
    as unchanged. So does the line that dbt adds to a `.gitignore`.
    """
    if not _has_marker(step) or not _is_linked(step):
        return None
    path = Path(step.path)
    changes = git.read_changes(path, step.commit)
    known = _read_known_states(step) if changes else {}
    return changes and tuple(
        file
        for file in changes
        if Path(file).name != REWRITTEN
        and not (file in known and store.describe(path / file) == known[file])
        and not (Path(file).name == ".gitignore" and _has_dbts_line(step, file))
    )


def _has_dbts_line(step: EnsureWorktree, file: str) -> bool:
    path, name = Path(step.path), f"{step.commit}:{file}"
    committed = (git.read_objects(path, [name])[name] or b"").decode("utf-8", "surrogateescape")
    return is_dbts_addition(committed, store.read_text(path / file) or "")


def _is_linked(step: EnsureWorktree) -> bool:
    link = git.read_link(Path(step.path))
    return bool(link) and link[1:] == (Path(step.common_dir).resolve(), Path(step.path).resolve())


def find_other_owner(step: EnsureWorktree) -> Path | None:
    """The repository or worktree to which git's entry belongs, where this worktree is a copy; None where it is none."""
    link = git.read_link(Path(step.path))
    if link and link.common_dir != Path(step.common_dir).resolve():
        return link.common_dir
    return link.worktree if link and link.worktree != Path(step.path).resolve() and link.worktree.exists() else None


def _known_states(step: EnsureWorktree) -> Path:
    return Path(step.marker.with_name("changed.json"))


def _read_known_states(step: EnsureWorktree) -> dict[str, str]:
    try:
        known = json.loads(store.read_text(_known_states(step)) or "{}")
    except ValueError:
        return {}
    return known if isinstance(known, dict) else {}


def _write_known_states(step: EnsureWorktree, files: Iterable[str], context: Context) -> None:
    """Note the states of these files as they were just checked out."""
    now = {file: state for file in files if (state := store.describe(Path(step.path) / file))}
    store.write_whole(_known_states(step), json.dumps(_read_known_states(step) | now), root=context.root)


def _repair(step: EnsureWorktree, context: Context) -> tuple[str, ...] | None:
    """After the repository was moved: mend the links. One that was copied has links that another one needs."""
    path = Path(step.path)
    if find_other_owner(step):
        context.reporter.say("the worktree belongs to another repository, of which this is a copy; it is made anew")
        return None
    with context.take(SharedLocks(step.common_dir).worktrees):
        git.repair_worktree(Path(step.repository), path)
    changes = read_changes(step)
    if changes is not None:
        context.reporter.say("the repository was moved; its worktree is mended")
        _forget_places(path.parent)
    return changes


def _forget_places(build: Path) -> None:
    """Drop what dbt keeps with absolute paths in it."""
    store.remove_tree(build / "packages")
    for environment in store.list_folder(build / "env"):
        store.remove_tree(build / "env" / environment / "target" / "partial_parse.msgpack")


def _restore(step: EnsureWorktree, context: Context, changes: tuple[str, ...]) -> bool:
    """Bring the files back; false where git refuses, as it does beside a lock that a killed git left behind."""
    path = Path(step.path)
    before = {file: store.describe(path / file) for file in changes}
    try:
        git.restore_files(path, changes)
        if step.submodules:
            git.update_submodules(path)
    except GitError:
        return False
    _write_known_states(step, changes, context)
    edited = [file for file, state in before.items() if state is None or state != store.describe(path / file)]
    if edited:
        context.reporter.warn(f"files of the build's worktree had been edited and are restored: {list_some(edited, 5)}")
    return True


def _make_or_leave_nothing(step: EnsureWorktree, context: Context) -> None:
    try:
        _make(step, context)
    except DotError:
        remove_worktree(step, context)
        store.remove_empty(Path(step.path.parent))
        raise


def _make(step: EnsureWorktree, context: Context) -> None:
    path = Path(step.path)
    remove_worktree(step, context)
    store.make_private_folder(path.parent, context.root)
    with context.take(SharedLocks(step.common_dir).worktrees):
        git.add_worktree(Path(step.repository), path, step.commit)
    git.fill_worktree(path)
    if step.submodules:
        git.update_submodules(path)
    if changes := git.read_changes(path, step.commit):
        _write_known_states(step, changes, context)
    store.write_whole(Path(step.marker), step.commit + "\n", root=context.root)


def remove_worktree(step: EnsureWorktree, context: Context) -> None:
    """Remove the worktree, whole or not, and git's entry for it. The caller holds the build's lock."""
    for path in (step.marker, _known_states(step), step.path):
        store.remove_tree(Path(path))
    _forget_places(Path(step.path.parent))
    forget_worktree(step, context)


def forget_worktree(step: EnsureWorktree | ForgetWorktree, context: Context) -> None:
    """Take the worktree out of git's list."""
    with context.take(SharedLocks(step.common_dir).worktrees):
        git.forget_worktree(Path(step.repository), Path(step.path))
