"""The two sides of a comparison: what each is, where its manifest is, and how dbt reaches its relations."""

from dataclasses import dataclass
from pathlib import Path, PurePath

from dot.base.address import parse_address, write_address
from dot.base.errors import ProfileError, UsageError
from dot.base.layout import EnvironmentFolder, Layout
from dot.config.files import Environment
from dot.dbt.options import merge_call
from dot.dbt.session import Call
from dot.diff.report import Side
from dot.plan.build_steps import profile_step
from dot.plan.dbt_args import variable_words
from dot.plan.deferral import NO_SERVICE
from dot.plan.find_runs import read_records
from dot.plan.gather import Gathered, gather
from dot.plan.gather_baseline import find_baseline
from dot.plan.plan import Commit
from dot.plan.planner import plan_build
from dot.plan.record import recall_baseline
from dot.plan.request import Request
from dot.plan.step import RunDbt, WriteProfile
from dot.profile.adapters import find_adapter
from dot.profile.find_profile import gather_profile
from dot.profile.isolate import IsolatedProfile, ProfileFacts, adapter_type, isolate_profile
from dot.system.shell import Shell


@dataclass(frozen=True)
class GatheredSide:
    """One side, seen from a shell. `folder` is where dot keeps what belongs to it.

    `isolated` is a build's own profile; that of a live side names the user's own schema, but is free of secrets, and of
    paths that mean something else where dot's macros are.
    """

    shell: Shell
    side: Side
    gathered: Gathered
    folder: EnvironmentFolder
    environment: Environment
    profile: ProfileFacts
    isolated: IsolatedProfile

    @property
    def is_live(self) -> bool:
        """Whether it is the working tree's, and not a build."""
        return self.side.commit is None

    @property
    def step(self) -> RunDbt:
        """How a macro would run on this side."""
        return plan_build(self.gathered.request, self.gathered.facts).dbt_step

    @property
    def write_profile(self) -> WriteProfile:
        """The profile by which dot's macros reach its relations."""
        return profile_step(self.folder, self.profile, self.isolated)

    @property
    def project(self) -> Path:
        """The project of this side, for a build the one in its worktree."""
        found, here = self.gathered.facts.commit, self.gathered.here
        return (
            Path(Layout(here.project).build(found.commit.short_hash).worktree / found.folder) if found else here.project
        )

    def call(self, dbt_command: str, *extra: str) -> Call:
        """A dbt command on this side, for a dbt that runs already. A live one leaves the user's target folder alone."""
        asked = {"dbt_command": dbt_command, "arguments": (), "extra": extra}
        gathered = gather(self.gathered.request.model_copy(update=asked), self.shell)
        step = plan_build(gathered.request, gathered.facts).dbt_step
        places = ("--target-path", str(self.folder.target), "--log-path", str(self.folder.logs))
        words = self.gathered.facts.dbt.words_of(step.argv)
        return Call(
            merge_call((*words, *places), self.gathered.facts.dbt.major) if self.is_live else words,
            Path(step.cwd),
            self._variables(step),
        )

    def call_macro(self, project: Path) -> Call:
        """A macro of this project, but for its name, in the warehouse of this side."""
        folder = self.folder.comparison
        places: tuple[tuple[str, PurePath | str], ...] = (
            ("--project-dir", project),
            ("--profiles-dir", self.folder.path),
            ("--profile", self.profile.name),
            ("--target", self.profile.target),
            ("--target-path", folder),
            ("--log-path", folder / "logs"),
        )
        words = tuple(str(word) for place in places for word in place)
        is_dbt2 = self.gathered.facts.dbt.dialect == 2  # noqa: PLR2004
        variables = (*variable_words(self.environment), *(NO_SERVICE if is_dbt2 else ()))
        # A macro answers by what it prints, which dbt 2 always shows: there, the variable is worth a warning.
        flags = {"DBT_PRINT": None if is_dbt2 else "true", "DBT_SEND_ANONYMOUS_USAGE_STATS": "false"}
        env = {**self._variables(self.step), **flags}
        return Call((*words, *variables), self.gathered.here.project, env)

    def _variables(self, step: RunDbt) -> dict[str, str | None]:
        return {name: None if value is None else str(value) for name, value in step.env.items()}


def gather_side(typed: str, project_dir: str | None, shell: Shell) -> GatheredSide:
    """What is at this address, which must have been built unless it is live. Raises `DotError`."""
    asked = {"dbt_command": "run-operation", "arguments": ("dot_diff",), "project_dir": project_dir}
    gathered = gather(Request(address=parse_address(typed), **asked), shell)
    here, facts, found = gathered.here, gathered.facts, gathered.found
    environment = facts.environment
    if not environment or not found:
        raise ProfileError.of("a comparison needs a profile, which is how dbt reaches the relations")
    if facts.commit:
        find_baseline(here, gathered.request.address, found, "compare")
    commit = facts.commit.commit if facts.commit else None
    layout = Layout(here.project)
    folder = layout.build(commit.short_hash).environment(environment.name) if commit else layout.live(environment.name)
    profile = facts.profile or gather_profile(found, str(environment.options["target"]), environment.vars)
    return GatheredSide(
        shell=shell,
        side=_describe(typed, environment.name, commit, folder),
        gathered=gathered,
        folder=folder,
        environment=environment,
        profile=profile,
        isolated=isolate_profile(profile, commit.suffix if commit else ""),
    )


def _describe(typed: str, environment: str, commit: Commit | None, folder: EnvironmentFolder) -> Side:
    records = list(read_records(folder)) if commit else []
    built = next((one for one in records if one.has_built), None)
    since = records[: records.index(built) + 1] if built else []
    return Side(
        address=write_address(environment, commit.short_hash) if commit else environment,
        typed=typed or None,
        built_at=built.finished_at if built else None,
        exit_code=built.exit_code if built else None,
        tests=next((one.tests for one in since if one.tests), None),
        environment=environment,
        commit=commit.hash if commit else None,
        short_hash=commit.short_hash if commit else None,
        subject=commit.subject if commit else None,
        baseline=baseline.address if (baseline := recall_baseline(records)) else None,
    )


def refuse_two_warehouses(base: GatheredSide, head: GatheredSide) -> None:
    """Raise `DotError` when no one connection reaches both sides."""
    if warnings := (*base.isolated.warnings, *head.isolated.warnings):
        hint = "make the value absolute"
        raise ProfileError.of("a comparison cannot find a database by a relative path", notes=warnings, hint=hint)
    adapters = [adapter_type(one.profile) for one in (base, head)]
    free = find_adapter(adapters[1]).names_of_databases
    sides = [{key: value for key, value in one.isolated.connection.items() if key not in free} for one in (base, head)]
    if adapters[0] != adapters[1] or sides[0] != sides[1]:
        raise UsageError.of(
            f"{base.side.address} and {head.side.address} are in different databases, which one query cannot reach",
            hint="compare environments whose outputs differ in little more than their schema",
        )
