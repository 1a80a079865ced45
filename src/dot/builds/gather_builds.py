"""Reading which builds there are, from `.dot/` and git. Nothing is written, and dbt is not started."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path, PurePath

from dot.base.address import RESERVED, environment_name_problem, write_address
from dot.base.errors import GitError
from dot.base.layout import BuildFolder, Layout
from dot.base.wording import name_refs
from dot.builds.listing import ListedBuild, newest_first
from dot.plan.find_built import read_built, read_summaries
from dot.plan.run_summary import RunSummary
from dot.system import git, store

_HASH = re.compile(r"[0-9a-f]{40,64}\Z")


@dataclass(frozen=True)
class FoundBuild:
    """What the folder of a build says. `environment` is None for a worktree in which no environment was built.

    `record` is of the last run, `built` of the last that wrote relations.
    """

    short_hash: str
    environment: str | None
    commit: str | None
    record: RunSummary | None
    built: RunSummary | None
    path: PurePath

    @property
    def address(self) -> str:
        return write_address(self.environment, self.short_hash)

    @property
    def finished_at(self) -> str | None:
        return self.record.finished_at if self.record else None


@dataclass(frozen=True)
class History:
    """What git knows of commits: nothing at all where there is no repository any more."""

    commits: Mapping[str, git.CommitInfo] = field(default_factory=dict)
    reached_from: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def list_builds(project: Path, most: int | None = None) -> tuple[tuple[ListedBuild, ...], int]:
    """The builds of the project, the newest run first, `most` of them where that is given; and how many there are."""
    found = newest_first(find_builds(Layout(project)))
    listed = found[:most]
    past = read_history(project, {build.commit for build in listed if build.commit})
    return tuple(describe_build(build, past) for build in listed), len(found)


def find_builds(layout: Layout) -> Iterator[FoundBuild]:
    """Every build that has a folder, whole or not."""
    folder = layout.builds
    for short_hash in store.list_folder(folder):
        if not short_hash.startswith("."):
            build = BuildFolder(folder / short_hash)
            commit = read_built(build)
            yield from (_read_build(build, commit, name) for name in list_built(build) or (None,))


def list_built(build: BuildFolder) -> tuple[str, ...]:
    """The environments of a commit that have a folder."""
    names = store.list_folder(build.path / "env")
    return tuple(name for name in names if name in RESERVED or not environment_name_problem(name))


def read_build(build: BuildFolder, environment: str | None) -> FoundBuild:
    """One build; its commit from its last record when its worktree is not complete."""
    return _read_build(build, read_built(build), environment)


def _read_build(build: BuildFolder, commit: str | None, environment: str | None) -> FoundBuild:
    folder = build.environment(environment) if environment else None
    runs = read_summaries(folder) if folder else iter(())
    last = next(runs, None)
    built = last if not last or last.has_built else next((one for one in runs if one.has_built), None)
    commit = commit or (last.commit.hash if last and last.commit else None)
    is_hash = commit is not None and _HASH.match(commit)
    path = folder.path if folder else build.path
    return FoundBuild(build.path.name, environment, commit if is_hash else None, last, built, path)


def describe_build(build: FoundBuild, past: History) -> ListedBuild:
    """The build with what git knows of its commit, or else the record."""
    info, record, built = past.commits.get(build.commit or ""), build.record, build.built
    subject = record.commit.subject if record and record.commit else None
    return ListedBuild(
        address=build.address,
        environment=build.environment,
        commit=build.commit,
        short_hash=build.short_hash,
        subject=info.subject if info else subject,
        author_date=datetime.fromtimestamp(info.authored_at, UTC).isoformat() if info else None,
        size=record.size if record else None,
        built_by=built.dbt_command if built else None,
        built_at=built.finished_at if built else None,
        built_exit_code=built.exit_code if built else None,
        last_command=record.dbt_command if record else None,
        exit_code=record.exit_code if record else None,
        finished_at=build.finished_at,
        reached_from=past.reached_from.get(build.commit or "", ()),
        path=build.path,
    )


def read_history(project: Path, commits: Collection[str]) -> History:
    """What git knows of these commits."""
    wanted = sorted(commits)
    try:
        objects = git.read_objects(project, wanted)
        known = {commit: git.parse_commit(content) for commit, content in objects.items() if content is not None}
        return History(known, _read_reached_from(project, sorted(known)))
    except GitError:
        return History()


def _read_reached_from(project: Path, commits: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """The branches at each commit, else the nearest that reaches it, if need be a remote one; its tags."""
    tips = git.read_tips(project)
    branches: dict[str, tuple[str, ...]] = {}
    for below in ("refs/heads/", "refs/remotes/"):
        rest = [commit for commit in commits if commit not in branches]
        branches |= {commit: at for commit in rest if (at := _tips_below(tips, commit, below))}
        rest = [commit for commit in rest if commit not in branches]
        branches |= {commit: (ref,) for commit, ref in git.read_nearest(project, rest, below=below).items()}
    return {
        commit: name_refs((*branches.get(commit, ()), *_tips_below(tips, commit, "refs/tags/"))) for commit in commits
    }


def _tips_below(tips: Mapping[str, tuple[str, ...]], commit: str, below: str) -> tuple[str, ...]:
    return tuple(ref for ref in tips.get(commit, ()) if ref.startswith(below))
