"""`.dot/` as the doctor sees it: its mode, its builds, git's list of their worktrees, and who holds its locks."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from dot.base.errors import DotError
from dot.base.layout import Layout
from dot.base.wording import list_some
from dot.builds.gather_builds import list_built
from dot.dbt.project import read_own_yaml
from dot.plan.find_built import read_built
from dot.plan.step import EnsureWorktree
from dot.plan.upkeep import (
    CloseFolder,
    ForgetWorktree,
    Remove,
    UpkeepPlan,
    plan_forgetting,
    plan_removal,
    plan_worktree,
)
from dot.run.worktree import find_other_owner, read_changes
from dot.setup.startup_offers import parse_answers
from dot.system import git, store

_HASH = re.compile(r"[0-9a-f]{4,64}\Z")
AGAIN = "build it again, which mends it, or `dot doctor --fix`"


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at. `help` is what to do, `mend` the plan of what `--fix` does about it."""

    level: str
    text: str
    help: str | None = None
    mend: UpkeepPlan | None = None


def examine_folder(project: Path, short_hash_length: int | None) -> Iterator[Finding]:
    """Everything below `.dot/` that can be in the way of a build. Raises `GitError` outside of a repository."""
    layout, repository = Layout(project), git.read_repository(project)
    root, folder = Path(layout.root), Path(layout.builds)
    if not root.is_dir() and store.is_there(root):
        yield Finding("wrong", f"{root} is no folder", "move it away: dot keeps its builds there")
        return
    if root.is_dir() and not store.is_private(root):
        text = f"{root} is open to others"
        mend = UpkeepPlan(title=text, steps=(CloseFolder(path=root),))
        yield Finding("wrong", text, f"`chmod 700 {shlex.quote(str(root))}`", mend)
    yield from _examine_answers(Path(layout.config))
    builds = tuple(name for name in store.list_folder(folder) if _HASH.match(name))
    if not builds:
        yield Finding("ok", "builds: none yet")
    for short_hash in builds:
        yield from _examine_build(layout, repository, short_hash)
    yield from _examine_worktrees(repository, project, folder)
    locks = (*root.glob("locks/*.owner"), *repository.common_dir.glob("dot-*.owner"))
    for owner in store.read_living_owners(locks):
        yield Finding("ok", f"at work: {owner}")
    yield from _examine_lengths(builds, short_hash_length)


def _examine_answers(config: Path) -> Iterator[Finding]:
    """Whether the answers to the startup prompts can be read: else dot asks again."""
    try:
        parse_answers(read_own_yaml(config))
    except DotError as error:
        text = f"{config}: {error}"
        mend = UpkeepPlan(title=text, steps=(Remove(path=config),))
        yield Finding("warning", text, "remove it: dot asks again", mend)


def _examine_build(layout: Layout, repository: git.Repository, short_hash: str) -> Iterator[Finding]:
    if store.read_living_owners([Path(layout.lock(short_hash)).with_suffix(".owner")]):
        yield Finding("ok", f"build {short_hash} is being made")
        return
    environments = list_built(layout.build(short_hash))
    listed = ", ".join(environments) or "no environment yet"
    step = _read_step(layout, repository, short_hash)
    changes = read_changes(step)
    if changes == ():
        yield Finding("ok", f"build {short_hash}: {listed}")
        return
    if not changes and not step.commit and environments and not store.is_there(Path(step.path)):
        yield Finding("ok", f"build {short_hash}: {listed}; the next run makes its worktree")
        return
    if not changes and not step.commit:
        text = f"build {short_hash} is half made"
        mend = plan_removal(text, layout.project, step, is_all=not environments)
    else:
        text = _describe_damage(step, short_hash, changes)
        mend = plan_worktree(text, layout.project, step)
    yield Finding("warning", text, AGAIN, mend)


def _describe_damage(step: EnsureWorktree, short_hash: str, changes: tuple[str, ...] | None) -> str:
    """What is wrong with the worktree of a build that once was whole."""
    if changes:
        return f"files of the worktree of build {short_hash} were edited: {list_some(changes, 5)}"
    if owner := find_other_owner(step):
        return f"the worktree of build {short_hash} was copied from {owner}, which its `.git` leads to"
    return f"the worktree of build {short_hash} is gone or has lost its repository"


def _read_step(layout: Layout, repository: git.Repository, short_hash: str) -> EnsureWorktree:
    """How the build's worktree would be made; of no commit when it never was whole."""
    build = layout.build(short_hash)
    commit = read_built(layout.build(short_hash)) or ""
    modules = f"{commit}:.gitmodules"
    return EnsureWorktree(
        repository=repository.toplevel,
        common_dir=repository.common_dir,
        path=build.worktree,
        commit=commit,
        marker=build.marker,
        submodules=bool(commit) and git.read_objects(Path(layout.project), [modules])[modules] is not None,
    )


def _examine_worktrees(repository: git.Repository, project: Path, builds: Path) -> Iterator[Finding]:
    """Worktrees below `.dot/` that git still lists although they are gone."""
    for path in git.list_worktrees(project):
        if path.is_relative_to(builds.resolve()) and not path.exists():
            text = f"git lists a worktree that is gone: {path}"
            step = ForgetWorktree(repository=project, common_dir=repository.common_dir, path=path)
            yield Finding("warning", text, "`git worktree prune`", plan_forgetting(text, step))


def _examine_lengths(builds: tuple[str, ...], short_hash_length: int | None) -> Iterator[Finding]:
    lengths = sorted({len(name) for name in builds})
    if len(lengths) > 1 and short_hash_length is None:
        shown = " and ".join(str(length) for length in lengths)
        hint = "set `short_hash_length` in `[tool.dot]` where several machines must agree on the names of schemas"
        yield Finding("warning", f"builds have short hashes of {shown} digits", hint)
