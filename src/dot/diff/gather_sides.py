"""The two sides of a comparison: what each is, where its manifest is, and how dbt reaches its relations."""

from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any

import dot
from dot.base.address import Address, write_address
from dot.base.errors import MissingBuildError, ProfileError, UsageError
from dot.base.frozen import FrozenMapping
from dot.base.layout import EnvironmentFolder, SharedLocks
from dot.config.files import Environment
from dot.dbt.options import merge_call
from dot.diff.data.find_differences import MACRO, PROJECT
from dot.diff.planner import DiffFacts, SideFacts
from dot.diff.report import Side
from dot.plan.build_steps import profile_step
from dot.plan.commit import Commit
from dot.plan.dbt_args import build_variables, variable_words
from dot.plan.deferral import NO_DEFERRING, NO_SERVICE
from dot.plan.find_runs import read_records
from dot.plan.gather import check_request, digest_files, gather_command
from dot.plan.gather_baseline import find_baseline
from dot.plan.gather_environment import Given
from dot.plan.gather_target import Target, gather_target, locate_project, read_profile
from dot.plan.gather_workspace import Workspace
from dot.plan.plan import BuildPlan, PlannedSide, Project
from dot.plan.planner import plan_build
from dot.plan.record import recall_baseline
from dot.plan.request import DbtRequest, DiffRequest
from dot.plan.step import AskMacro, ReadProject, RunDbt, SelectNodes, SideName
from dot.profile.adapters import find_adapter
from dot.profile.isolate import IsolatedProfile, ProfileFacts, adapter_type, isolate_profile

_READ = ("parse", "--write-json")
_SELECT = ("list", "--output", "json", "--output-keys", "unique_id", "--quiet", "--no-write-json", "--select")


@dataclass(frozen=True)
class GatheredSide:
    """One side: what its address means in the workspace. `folder` is where dot keeps what belongs to it.

    `isolated` is a build's own profile; that of a live side names the user's own schema, but is free of secrets, and of
    paths that mean something else where dot's macros are.
    """

    here: Workspace
    target: Target
    side: Side
    folder: EnvironmentFolder
    environment: Environment
    profile: ProfileFacts
    isolated: IsolatedProfile
    is_missing: bool = False

    @property
    def is_live(self) -> bool:
        """Whether it is the working tree's, and not a build."""
        return self.side.commit is None

    @property
    def project(self) -> Path:
        """The project of this side, for a build the one in its worktree."""
        return locate_project(self.here, self.target)

    def facts(self, name: SideName, request: DiffRequest) -> SideFacts:
        """What the plan of a comparison needs to know of this side."""
        commit = self.target.commit.commit if self.target.commit else None
        return SideFacts(
            planned=PlannedSide(address=self.target.address, environment=self.environment, commit=commit),
            folder=self.folder.path,
            locks=self._list_locks(),
            profile=profile_step(self.folder, self.profile, self.isolated),
            read=ReadProject(**self._question(name, *_READ)) if self.is_live else None,
            select=SelectNodes(**self._question(name, *_SELECT, *request.select)) if request.select else None,
            ask=self._ask(name, request),
            build=self._build(request) if self.is_missing else None,
        )

    def _list_locks(self) -> tuple[PurePath, ...]:
        """Those of the database files that a build opens."""
        found = self.target.commit
        return SharedLocks(found.common_dir).databases(self.isolated.files) if found else ()

    def _question(self, name: SideName, dbt_command: str, *extra: str) -> dict[str, Any]:
        """A dbt command on this side, for a dbt that runs already. A live one leaves the user's target folder alone."""
        request = DbtRequest(dbt_command=dbt_command, address=self.target.address, extra=extra)
        check_request(request)
        (step,) = plan_build(request, gather_command(self.here, self.target, request)).steps_of(RunDbt)
        places = ("--target-path", str(self.folder.target), "--log-path", str(self.folder.logs))
        dbt = self.here.dbt
        words = dbt.words_of(step.argv)
        words = merge_call((*words, *places), dbt.major) if self.is_live else words
        secrets = self.isolated.secrets
        return {"side": name, "argv": (*dbt.command, *words), "cwd": step.cwd, "env": step.env, "secrets": secrets}

    def _ask(self, name: SideName, request: DiffRequest) -> AskMacro:
        """The macro that compares, in the warehouse of this side."""
        folder = self.folder.comparison
        places: tuple[tuple[str, PurePath | str], ...] = (
            ("--project-dir", PROJECT),
            ("--profiles-dir", self.folder.path),
            ("--profile", self.profile.name),
            ("--target", self.profile.target),
            ("--target-path", folder),
            ("--log-path", folder / "logs"),
        )
        words = tuple(str(word) for place in places for word in place)
        is_dbt2 = self.here.dbt.dialect == 2  # noqa: PLR2004
        variables = (*variable_words(self.environment), *(NO_SERVICE if is_dbt2 else ()))
        # A macro answers by what it prints, which dbt 2 always shows: there, the variable is worth a warning.
        flags = {"DBT_PRINT": None if is_dbt2 else "true", "DBT_SEND_ANONYMOUS_USAGE_STATS": "false"}
        commit = self.target.commit.commit if self.target.commit else None
        build = build_variables(self.target.project.name, self.environment, commit)
        return AskMacro(
            side=name,
            macro=MACRO,
            argv=(*self.here.dbt.command, "run-operation", MACRO, *words, *variables),
            cwd=self.here.project,
            env=FrozenMapping({**build, **(NO_DEFERRING if commit else {}), **flags}),
            secrets=self.isolated.secrets,
            budget=request.budget,
            rows=request.rows,
        )

    def _build(self, request: DiffRequest) -> BuildPlan:
        asked = DbtRequest(dbt_command="build", address=self.target.address, project_dir=request.project_dir)
        return plan_build(asked, gather_command(self.here, self.target, asked))


def gather_side(here: Workspace, address: Address, *, may_lack: bool = False) -> GatheredSide:
    """What is at this address; unless it is live or `may_lack`, it must have been built. Raises `DotError`."""
    target = gather_target(here, address, Given())
    environment, folder, found = target.environment, target.folder, target.found
    if not environment or not folder or not found:
        raise ProfileError.of("a comparison needs a profile, which is how dbt reaches the relations")
    is_missing = False
    try:
        if target.commit:
            find_baseline(here, target.address, found, "compare")
    except MissingBuildError:
        if not may_lack:
            raise
        is_missing = True
    commit = target.commit.commit if target.commit else None
    profile = target.profile or read_profile(target)
    return GatheredSide(
        here=here,
        target=target,
        side=_describe(str(address), environment.name, commit, folder),
        folder=folder,
        environment=environment,
        profile=profile,
        isolated=isolate_profile(profile, commit.suffix if commit else ""),
        is_missing=is_missing,
    )


def gather_diff(request: DiffRequest, sides: tuple[GatheredSide, GatheredSide]) -> DiffFacts:
    """Everything that the plan of the comparison depends on. Raises `DotError`."""
    here, (base, head) = sides[1].here, sides
    profiles = (side.target.found.file for side in sides if side.target.found)
    return DiffFacts(
        dot_version=dot.__version__,
        dbt=here.dbt,
        cwd=here.cwd,
        project=Project(name=head.target.project.name, folder=here.project),
        files=digest_files((*here.files, *profiles)),
        sides=(base.facts("base", request), head.facts("head", request)),
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
