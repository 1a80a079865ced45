"""`plan_diff(request, facts) -> BuildPlan`: pure, as the planner of dbt commands is."""

from collections.abc import Iterator
from pathlib import PurePath

from dot.base.frozen import Frozen, FrozenMapping
from dot.base.layout import Layout
from dot.dbt.engine import Dbt
from dot.plan.plan import BuildPlan, Lock, PlannedSide, Project, in_a_step
from dot.plan.request import DiffRequest
from dot.plan.step import AskMacro, ReadProject, SelectNodes, Step, WritePage, WriteProfile

PAGE_MARK = "<title>dot diff"
"""What every page of a comparison holds, and hardly another file."""


class SideFacts(Frozen):
    """One side: what is there, and how dbt would be asked about it.

    `folder` is where dot keeps what belongs to it, `locks` are those of the database files that a build opens. `read`
    is missing where a build has its manifest, `select` where everything is compared, `build` where there is a build.
    """

    planned: PlannedSide
    folder: PurePath
    locks: tuple[PurePath, ...]
    profile: WriteProfile
    read: ReadProject | None
    select: SelectNodes | None
    ask: AskMacro
    build: BuildPlan | None = None


class DiffFacts(Frozen):
    """Everything that the plan of a comparison depends on besides the request."""

    dot_version: str
    dbt: Dbt
    cwd: PurePath
    project: Project
    files: FrozenMapping
    sides: tuple[SideFacts, SideFacts]


def plan_diff(request: DiffRequest, facts: DiffFacts) -> BuildPlan:
    """The plan of a comparison."""
    base, head = facts.sides
    builds = {(build.commit, build.environment): build for side in facts.sides if (build := side.build)}
    return BuildPlan(
        dot_version=facts.dot_version,
        request=request,
        cwd=facts.cwd,
        build_id=None,
        project=facts.project,
        dbt=facts.dbt,
        environment=None,
        commit=None,
        baseline=None,
        files=facts.files,
        options_not_applied=(),
        warnings=(),
        sides=(base.planned, head.planned),
        before=tuple(builds.values()),
        locks=_list_locks(facts),
        folders=_list_folders(facts),
        steps=tuple(_list_steps(request, facts)),
    )


def find_connected(facts: DiffFacts) -> SideFacts:
    """The side whose connection is used: a build's, if there is one, since its profile is dot's own."""
    base, head = facts.sides
    return base if base.planned.commit and not head.planned.commit else head


def _list_steps(request: DiffRequest, facts: DiffFacts) -> Iterator[Step]:
    connected = find_connected(facts)
    yield connected.profile
    yield from (side.read for side in facts.sides if side.read)
    yield from (side.select for side in facts.sides if side.select)
    yield connected.ask
    if request.html:
        yield WritePage(path=facts.cwd / request.html, mark=PAGE_MARK)


def _list_locks(facts: DiffFacts) -> tuple[Lock, ...]:
    """Nobody builds either side meanwhile, nor writes the database file that is read."""
    layout = Layout(facts.project.folder)
    names = {(side.commit.short_hash if side.commit else "live", side.environment.name) for side in _planned(facts)}
    paths = (*(layout.lock(*name) for name in sorted(names)), *find_connected(facts).locks)
    return (*in_a_step(layout.hiding), *(Lock(path=path) for path in paths))


def _list_folders(facts: DiffFacts) -> tuple[PurePath, ...]:
    shared = sorted({path.parent for path in find_connected(facts).locks})
    own = dict.fromkeys(side.folder for side in facts.sides)
    return (Layout(facts.project.folder).locks, *own, *shared)


def _planned(facts: DiffFacts) -> tuple[PlannedSide, ...]:
    return tuple(side.planned for side in facts.sides)
