"""`.dot/` as the doctor sees it: its mode, its builds, git's list of their worktrees, and who holds its locks."""

import re
import shlex
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from dot.base.errors import DotError
from dot.base.layout import Layout
from dot.base.wording import list_some
from dot.builds.gather_builds import list_environments
from dot.dbt.project import read_own_yaml
from dot.plan.gather_commit import read_built
from dot.plan.step import EnsureWorktree
from dot.run import mending
from dot.run.context import Context
from dot.run.worktree import find_other_owner, read_changes
from dot.setup.startup_offers import parse_answers
from dot.system import git, store

_HASH = re.compile(r"[0-9a-f]{4,64}\Z")
AGAIN = "build it again, which mends it, or `dot doctor --fix`"


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at. `help` is what to do, `mend` what `--fix` does about it."""

    level: str
    text: str
    help: str | None = None
    mend: Callable[[], None] | None = None


def examine_folder(context: Context, short_hash_length: int | None) -> Iterator[Finding]:
    """Everything below `.dot/` that can be in the way of a build. Raises `GitError` outside of a repository."""
    repository, folder = git.read_repository(context.project), Path(Layout(context.project).builds)
    if not context.root.is_dir() and store.is_there(context.root):
        yield Finding("wrong", f"{context.root} is no folder", "move it away: dot keeps its builds there")
        return
    if context.root.is_dir() and not store.is_private(context.root):
        command = f"`chmod 700 {shlex.quote(str(context.root))}`"
        mend = partial(mending.close_to_others, context.root)
        yield Finding("wrong", f"{context.root} is open to others", command, mend)
    yield from _examine_answers(context)
    builds = tuple(name for name in store.list_folder(folder) if _HASH.match(name))
    if not builds:
        yield Finding("ok", "builds: none yet")
    for short_hash in builds:
        yield from _examine_build(context, repository, short_hash)
    yield from _examine_worktrees(context, repository, folder)
    locks = (*context.root.glob("locks/*.owner"), *repository.common_dir.glob("dot-*.owner"))
    for owner in store.read_living_owners(locks):
        yield Finding("ok", f"at work: {owner}")
    yield from _examine_lengths(builds, short_hash_length)


def _examine_answers(context: Context) -> Iterator[Finding]:
    """What was answered to the startup prompts, which is no longer asked only as long as it can be read."""
    config = Path(Layout(context.project).config)
    try:
        parse_answers(read_own_yaml(config))
    except DotError as error:
        text = f"{config}: {error}"
        yield Finding("warning", text, "remove it: dot asks again", partial(mending.remove_file, config))


def _examine_build(context: Context, repository: git.Repository, short_hash: str) -> Iterator[Finding]:
    layout = Layout(context.project)
    if store.read_living_owners([Path(layout.lock(short_hash)).with_suffix(".owner")]):
        yield Finding("ok", f"build {short_hash} is being made")
        return
    environments = list_environments(layout, short_hash)
    listed = ", ".join(environments) or "no environment yet"
    step = _read_step(context, repository, short_hash)
    changes = read_changes(step)
    mend = partial(mending.make_whole, step, context)
    if changes == ():
        yield Finding("ok", f"build {short_hash}: {listed}")
    elif changes:
        text = f"files of the worktree of build {short_hash} were edited: {list_some(changes, 5)}"
        yield Finding("warning", text, AGAIN, mend)
    elif step.commit and (owner := find_other_owner(step)):
        text = f"the worktree of build {short_hash} was copied from {owner}, which its `.git` leads to"
        yield Finding("warning", text, AGAIN, mend)
    elif step.commit:
        yield Finding("warning", f"the worktree of build {short_hash} is gone or has lost its repository", AGAIN, mend)
    elif environments and not store.is_there(Path(step.path)):
        yield Finding("ok", f"build {short_hash}: {listed}; the next run makes its worktree")
    else:
        mend = partial(mending.remove_half, step, context, is_all=not environments)
        yield Finding("warning", f"build {short_hash} is half made", AGAIN, mend)


def _read_step(context: Context, repository: git.Repository, short_hash: str) -> EnsureWorktree:
    """How the build's worktree would be made; of no commit when it never was whole."""
    build = Layout(context.project).build(short_hash)
    commit = read_built(Layout(context.project), short_hash) or ""
    modules = f"{commit}:.gitmodules"
    return EnsureWorktree(
        repository=repository.toplevel,
        common_dir=repository.common_dir,
        path=build.worktree,
        commit=commit,
        marker=build.marker,
        submodules=bool(commit) and git.read_objects(context.project, [modules])[modules] is not None,
    )


def _examine_worktrees(context: Context, repository: git.Repository, builds: Path) -> Iterator[Finding]:
    """Worktrees below `.dot/` that git still lists although they are gone."""
    for path in git.list_worktrees(context.project):
        if path.is_relative_to(builds.resolve()) and not path.exists():
            mend = partial(mending.forget_worktree, context, repository, path)
            yield Finding("warning", f"git lists a worktree that is gone: {path}", "`git worktree prune`", mend)


def _examine_lengths(builds: tuple[str, ...], short_hash_length: int | None) -> Iterator[Finding]:
    lengths = sorted({len(name) for name in builds})
    if len(lengths) > 1 and short_hash_length is None:
        shown = " and ".join(str(length) for length in lengths)
        hint = "set `short_hash_length` in `[tool.dot]` where several machines must agree on the names of schemas"
        yield Finding("warning", f"builds have short hashes of {shown} digits", hint)
