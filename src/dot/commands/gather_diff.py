"""The two sides of a comparison: what each is, where its manifest is, and how dbt reaches its relations."""

from dataclasses import dataclass
from pathlib import Path

from dot.commands.gather import Gathered, Invocation, find_baseline, gather
from dot.commands.gather_environment import gather_environment
from dot.commands.gather_profile import FoundProfile, gather_profile
from dot.commands.surroundings import read_project
from dot.core.adapters import CONNECTION_KEYS, find_adapter
from dot.core.config import read_given_vars
from dot.core.diff import Side
from dot.core.layout import EnvironmentFolder, Layout
from dot.core.model import FrozenMapping
from dot.core.plan import Commit
from dot.core.planner import plan_build
from dot.core.profile import ProfileFacts, adapter_type, isolate_profile
from dot.core.step import RunDbt, WriteProfile
from dot.errors import ProfileError, UsageError
from dot.system.dbt_session import Call
from dot.system.yaml import load_source


@dataclass(frozen=True)
class GatheredSide:
    """One side, `typed` by somebody. `folder` is where dot keeps what belongs to it.

    `place` are dbt's words for its profile and output; `connection` tells its warehouse from another.
    """

    typed: str
    side: Side
    gathered: Gathered
    folder: EnvironmentFolder
    place: tuple[str, ...]
    connection: FrozenMapping
    profile: ProfileFacts
    schema_name: str

    @property
    def is_live(self) -> bool:
        """Whether it is the working tree's, and not a build."""
        return self.side.commit is None

    def plan(
        self, dbt_command: str, *arguments: str, extra: tuple[str, ...] = ()
    ) -> tuple[RunDbt, WriteProfile | None]:
        """How a dbt command would run on this side, and its isolated profile."""
        project_dir = self.gathered.request.project_dir
        gathered = gather(Invocation(dbt_command, self.typed, arguments, extra=extra, project_dir=project_dir))
        steps = plan_build(gathered.request, gathered.facts).steps
        profiles = (step for step in steps if isinstance(step, WriteProfile))
        return next(step for step in steps if isinstance(step, RunDbt)), next(profiles, None)

    def call(self, dbt_command: str, *extra: str) -> Call:
        """The same as an invocation of a dbt that runs already."""
        step, _ = self.plan(dbt_command, extra=extra)
        env = {name: str(value) for name, value in step.env.items()}
        return Call(step.argv[len(self.gathered.facts.dbt.command) :], Path(step.cwd), env)


def gather_side(typed: str, project_dir: str | None) -> GatheredSide:
    """What is at this address, which must have been built unless it is live. Raises `DotError`."""
    gathered = gather(Invocation("run-operation", typed, ("dot_diff",), project_dir=project_dir))
    here, facts = gathered.here, gathered.facts
    given = read_given_vars(load_source("", ""))
    environment, found = gather_environment(here, gathered.request, read_project(here), given)
    if not environment or not found:
        raise ProfileError.of("a comparison needs a profile, which is how dbt reaches the relations")
    if facts.commit:
        find_baseline(here, gathered.request.address, found, "compare")
    commit = facts.commit.commit if facts.commit else None
    layout = Layout(here.project)
    folder = layout.build(commit.short_hash).environment(environment.name) if commit else layout.live(environment.name)
    profile = facts.profile or gather_profile(found, str(environment.options["target"]), environment.vars)
    isolated = isolate_profile(profile, commit.suffix if commit else "")
    return GatheredSide(
        typed=typed,
        side=_describe(environment.name, commit),
        gathered=gathered,
        folder=folder,
        place=_place(folder, found, profile, commit),
        connection=FrozenMapping({key: isolated.output[key] for key in CONNECTION_KEYS if key in isolated.output}),
        profile=profile,
        schema_name=isolated.schema_name,
    )


def _describe(environment: str, commit: Commit | None) -> Side:
    return Side(
        address=f"{environment}@{commit.short_hash}" if commit else environment,
        environment=environment,
        commit=commit.hash if commit else None,
        short_hash=commit.short_hash if commit else None,
        subject=commit.subject if commit else None,
    )


def _place(
    folder: EnvironmentFolder, found: FoundProfile, profile: ProfileFacts, commit: Commit | None
) -> tuple[str, ...]:
    """Where dbt finds the profile; a live dbt finds it by itself where it always does."""
    where = folder.path if commit else found.file.parent if found.is_fallback else None
    profiles = ("--profiles-dir", str(where)) if where else ()
    return (*profiles, "--profile", profile.name, "--target", profile.target)


def refuse_apart(base: GatheredSide, head: GatheredSide) -> None:
    """Raise `UsageError` when no one connection reaches both sides."""
    adapters = [adapter_type(one.profile) for one in (base, head)]
    free = find_adapter(adapters[1]).names_of_databases
    sides = [{key: value for key, value in one.connection.items() if key not in free} for one in (base, head)]
    if adapters[0] != adapters[1] or sides[0] != sides[1]:
        raise UsageError.of(
            f"{base.side.address} and {head.side.address} are in different databases, which one query cannot reach",
            hint="compare environments whose outputs differ in little more than their schema",
        )
