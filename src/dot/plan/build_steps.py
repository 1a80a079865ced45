"""The steps of an isolated build."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import PurePath

from dot.base.errors import IsolationError
from dot.base.frozen import FrozenMapping
from dot.base.layout import BuildFolder, EnvironmentFolder, Layout, SharedLocks
from dot.config.files import Environment
from dot.dbt.options import KEEPS_OUTSIDE, OWNED, Typed, render_options, scan_options, takes
from dot.dbt.writes import WRITES
from dot.isolation.rules import Rules
from dot.plan.dbt_args import compose_argv, dot_variables, variable_words
from dot.plan.deferral import DEFERRING, NO_DEFERRING, NO_SERVICE, NOT_DEFERRING, defer_words
from dot.plan.facts import CommitFacts, Facts
from dot.plan.plan import Lock, in_a_step
from dot.plan.request import DbtRequest
from dot.plan.step import (
    CheckIsolation,
    ChooseFunctions,
    EnsureWorktree,
    InstallPackages,
    RunDbt,
    Step,
    WriteProfile,
    WriteRecord,
)
from dot.profile.adapters import find_adapter
from dot.profile.isolate import IsolatedProfile, ProfileFacts, adapter_type

NEEDS_NO_DATABASE = ("clean", "deps", "docs serve", "list", "ls", "parse")
"""Commands that never open a connection."""

CHANGES_PACKAGES = ("clean", "deps")
"""Commands that change the packages, which all environments of a build share, by themselves."""

ALLOW_UNPROVED = "`DOT_UNPROVED=warn` runs it anyway, once"

_OPERATION = "an operation runs SQL of its own, which cannot be proved to stay inside the build"
_LOUDNESS = ("--log-level", "--quiet", "--debug")
_NO_KIND = ("--exclude-resource-types", "analysis")
"""Leaves out what no command runs, in place of what dbt's environment says; the first dbt 2 knows no `exposure`."""

_SELECTING = ("--select", "--exclude", "--selector")
_LISTED = ("--output", "json", "--output-keys", "unique_id", "--quiet")


@dataclass(frozen=True)
class IsolatedBuild:
    """One dbt command on one commit in one environment, and where it happens."""

    request: DbtRequest
    facts: Facts
    found: CommitFacts
    environment: Environment
    profile: ProfileFacts
    isolated: IsolatedProfile

    @property
    def dialect(self) -> int:
        return self.facts.dbt.dialect

    @property
    def shared_locks(self) -> SharedLocks:
        return SharedLocks(self.found.common_dir)

    @property
    def build(self) -> BuildFolder:
        return Layout(self.facts.project.folder).build(self.found.commit.short_hash)

    @property
    def folder(self) -> EnvironmentFolder:
        return self.build.environment(self.environment.name)

    @property
    def project(self) -> PurePath:
        """The project in the worktree."""
        return self.build.worktree / self.found.folder

    @property
    def cwd(self) -> PurePath:
        """Where dbt runs: in the worktree, so that a relative path in a model means the commit's file."""
        if self.facts.working_dir == "repository":
            return self.build.worktree
        if self.facts.working_dir == "as_run" and self.facts.cwd.is_relative_to(self.found.repository):
            return self.build.worktree / self.facts.cwd.relative_to(self.found.repository)
        return self.project

    @property
    def _defer_words(self) -> tuple[str, ...]:
        chosen = self._functions()
        return defer_words(self.request, self.facts.baseline, chosen.path.parent if chosen else None, is_isolated=True)

    @property
    def _repeated_words(self) -> tuple[str, ...]:
        return self.facts.retried.words if self.facts.retried else ()

    def steps(self) -> Iterator[Step]:
        """Everything that has to happen, in order."""
        yield from self.preparing_steps()
        if chosen := self._functions():
            yield chosen
        yield RunDbt(
            argv=self._argv(self.request.dbt_command, *self._repeated_words, *self.request.words),
            cwd=self.cwd,
            env=FrozenMapping({**dot_variables(self.facts), **NO_DEFERRING}),
            secrets=self.isolated.secrets,
            locks=self.shared_locks.databases(self.databases),
            databases=self.databases,
        )
        yield WriteRecord(path=self.folder.runs)

    def preparing_steps(self) -> Iterator[Step]:
        """What comes before the dbt command, wherever that runs: the commit, the profile, packages and the check."""
        yield self._worktree()
        yield self._profile()
        if self.request.install_packages and self.found.packages and self.request.dbt_command != "deps":
            yield self._packages(self.found.packages)
        if self.request.dbt_command in WRITES:
            yield self._isolation()

    def locks(self) -> tuple[Lock, ...]:
        """What is locked: two dbt processes never share a target folder, nor does one change what another uses."""
        layout, short_hash = Layout(self.facts.project.folder), self.found.commit.short_hash
        is_changing = self.request.dbt_command in CHANGES_PACKAGES
        claims = (self.shared_locks.claims,) if self.request.dbt_command in WRITES else ()
        shared = (self.shared_locks.worktrees, *claims, *self.shared_locks.databases(self.databases))
        return (
            *in_a_step(layout.hiding),
            Lock(path=layout.lock(short_hash, self.environment.name)),
            Lock(path=layout.lock(short_hash), held="to_the_end" if is_changing else "while_preparing"),
            Lock(path=layout.use(short_hash, self.environment.name)),
            Lock(path=layout.users(short_hash), held="to_the_end" if is_changing else "in_a_step"),
            *in_a_step(*shared),
        )

    def folders(self) -> tuple[PurePath, ...]:
        """Where dot writes, and has dbt write: locks, the build, and git's own folder, for the worktree's entry."""
        return (Layout(self.facts.project.folder).locks, self.build.path, self.found.common_dir)

    def warnings(self) -> tuple[str, ...]:
        """What cannot be proved before it runs. Raises `IsolationError` when that is refused."""
        if self.request.dbt_command != "run-operation":
            return ()
        if self.facts.refuses_unproved:
            raise IsolationError.of(_OPERATION, hint=ALLOW_UNPROVED)
        return (_OPERATION,)

    def _argv(self, dbt_command: str, *words: str) -> tuple[str, ...]:
        """A dbt command with everything that the build and the environment say, and these words after it."""
        options, _ = render_options(dbt_command, self.environment.options, owned=OWNED, engine=self.dialect)
        is_asked = dbt_command == self.request.dbt_command
        arguments = self.request.arguments if is_asked else ()
        deferring = self._defer_words if is_asked else ()
        words = (*options, *variable_words(self.environment), *deferring, *words)
        return compose_argv(self.facts, dbt_command, *arguments, *self._places(dbt_command), *words)

    def _places(self, dbt_command: str) -> tuple[str, ...]:
        """How dbt is told where it happens."""
        places: Mapping[str, PurePath | str] = {
            "--project-dir": self.project,
            "--profiles-dir": self.folder.path,
            "--profile": self.profile.name,
            "--target": self.profile.target,
            "--target-path": self.folder.target,
            "--log-path": self.folder.logs,
        }
        # `dbt clean` refuses to run when the target folder is outside the project, whatever it is to clean.
        names = [
            name
            for name in places
            if takes(dbt_command, name, self.dialect) and (dbt_command, name) != ("clean", "--target-path")
        ]
        inside = (KEEPS_OUTSIDE,) if takes(dbt_command, KEEPS_OUTSIDE, self.dialect) else ()
        return (*(word for name in names for word in (name, str(places[name]))), *inside, *self._default(dbt_command))

    def _default(self, dbt_command: str) -> tuple[str, ...]:
        """Nothing is deferred to unless the environment or the words for dbt say so, and by no service at all."""
        service = NO_SERVICE if takes(dbt_command, "--manage-state", self.dialect) else ()
        return (*service, *(NOT_DEFERRING if dbt_command in DEFERRING and dbt_command != "retry" else ()))

    def _worktree(self) -> EnsureWorktree:
        return EnsureWorktree(
            repository=self.found.repository,
            common_dir=self.found.common_dir,
            path=self.build.worktree,
            commit=self.found.commit.hash,
            marker=self.build.marker,
            submodules=self.found.submodules,
            folders=tuple(self.project / name for name in self.found.folders),
        )

    def _profile(self) -> WriteProfile:
        return profile_step(self.folder, self.profile, self.isolated)

    def _packages(self, declared: str) -> InstallPackages:
        variables = variable_words(self.environment)
        key = "\n".join((declared, self.facts.dbt.version or "", *(variables if self.found.packages_vary else ())))
        return InstallPackages(
            argv=compose_argv(self.facts, "deps", *self._places("deps"), *variables),
            cwd=self.cwd,
            folder=self.project / self.found.packages_folder,
            marker=self.build.packages,
            digest=sha256(key.encode()).hexdigest(),
        )

    def _isolation(self) -> CheckIsolation:
        return CheckIsolation(
            argv=self._parse_argv(),
            select_argv=self._select_argv(),
            cwd=self.cwd,
            manifest=self.folder.target / "manifest.json",
            results=self.folder.target / "run_results.json",
            kept=self.folder.isolation,
            repository=self.found.repository,
            claims=self.shared_locks.claims,
            rules=self._rules(),
            allow_leaks=self.request.allow_leaks,
            refuse_unproved=self.facts.refuses_unproved,
        )

    @property
    def databases(self) -> tuple[PurePath, ...]:
        """The files that the command opens, of which only one process may write each."""
        return () if self.request.dbt_command in NEEDS_NO_DATABASE else self.isolated.files

    def _functions(self) -> ChooseFunctions | None:
        baseline = self.facts.baseline
        if not baseline or not baseline.functions or self.request.dbt_command not in WRITES:
            return None
        return ChooseFunctions(
            manifest=self.folder.target / "manifest.json",
            baseline=baseline.state / "manifest.json",
            path=self.folder.baseline / "manifest.json",
        )

    def _typed(self) -> tuple[Typed, ...]:
        return tuple(scan_options(self.request.dbt_command, self.request.words, self.facts.dbt.major))

    def _parse_argv(self) -> tuple[str, ...]:
        """`dbt parse` as the command itself would parse, but as quiet as may be: the command speaks for both.

        A retry takes the variables of the run before, unless it is given others.
        What is selected, which dbt 2 takes here as well, makes no other manifest, and so need not make another parse.
        dbt 1 does not repeat in the command what `parse` warned of; dbt 2 does, and `warn` hides its errors.
        """
        taken = [option for option in self._typed() if takes("parse", option.option.name, self.dialect)]
        typed = [option for option in taken if option.option.name not in _SELECTING]
        words = tuple(word for option in typed for word in option.words())
        set_here = {option.option.name for option in typed} | {f"--{key}" for key in self.environment.options}
        silent = ("--log-level", "warn") if self.facts.dbt.major == 1 else ("--quiet",)
        quiet = () if set_here.intersection(_LOUDNESS) else silent
        argv = self._argv("parse", *words, *quiet, "--write-json")
        variables = self.facts.retried.variables if self.facts.retried and "--vars" not in argv else None
        return (*argv, "--vars", str(variables)) if variables else argv

    def _select_argv(self) -> tuple[str, ...]:
        """`dbt list` for what the command would select; nothing for a retry, which selects what failed."""
        command = self.request.dbt_command
        if command == "retry" or not (WRITES[command] or self.facts.refuses_unproved):
            return ()
        options = {
            key: value for key, value in self.environment.options.items() if takes(command, f"--{key}", self.dialect)
        }
        words, _ = render_options("list", options, owned=OWNED, engine=self.dialect)
        variables = variable_words(self.environment)
        typed = (word for one in self._typed() if takes("list", one.option.name, self.dialect) for word in one.words())
        # What dbt's environment says of kinds concerns `dbt list`, but no command of one kind.
        is_of_kinds = WRITES[command] and not takes(command, "--resource-types", self.dialect)
        kinds = ("--resource-types", *WRITES[command], *_NO_KIND) if is_of_kinds else ()
        deferring = defer_words(self.request, self.facts.baseline, is_isolated=True)
        words = (*self._places("list"), *words, *variables, *deferring, *typed, *kinds, *_LISTED)
        return compose_argv(self.facts, "list", *words)

    def _rules(self) -> Rules:
        output = self.isolated.output
        adapter = adapter_type(self.profile)
        return Rules(
            short_hash=self.found.commit.short_hash,
            dbt_command=self.request.dbt_command,
            store_failures=self._stores_failures(),
            adapter=adapter,
            external_root=_text(self.profile.rendered.get("external_root", output.get("external_root"))),
            s3_data_naming=_text(output.get("s3_data_naming")),
            max_schema_bytes=find_adapter(adapter).max_schema_bytes,
            connection=self._connection(adapter),
            databases=tuple((name, str(file)) for name, file in sorted(self.isolated.databases.items())),
            owner=self._owner(),
            folder=self.cwd,
            worktree=self.build.worktree,
            searched=self.found.searched,
        )

    def _connection(self, adapter: str) -> str:
        """A digest of what tells the warehouse from another, but for databases, which each relation names itself."""
        free = find_adapter(adapter).names_of_databases
        fields = sorted((key, value) for key, value in self.isolated.connection.items() if key not in free)
        is_alone = adapter == "duckdb" and self.isolated.connection["path"] == ":memory:"
        return sha256(str([adapter, *fields, is_alone and self.folder.path]).encode()).hexdigest()

    def _owner(self) -> str:
        """A digest of what the build is made from: the same in every work tree of the repository."""
        chosen = self.environment.model_dump_json()
        return sha256(f"{self.found.folder}\n{self.found.commit.hash}\n{chosen}".encode()).hexdigest()

    def _stores_failures(self) -> bool:
        """Whether failures are stored: in a retry as in the run before, else as the flag says."""
        if self.facts.retried and self.facts.retried.stores_failures is not None:
            return self.facts.retried.stores_failures
        typed = [option for option in self._typed() if option.option.name == "--store-failures"]
        if typed:
            return not typed[-1].is_negative
        if "--store-failures" in self._repeated_words:
            return True
        value = self.environment.options.get("store-failures")
        return value if isinstance(value, bool) else self.facts.stores_failures


def profile_step(folder: EnvironmentFolder, profile: ProfileFacts, isolated: IsolatedProfile) -> WriteProfile:
    """How the isolated profile comes into this folder."""
    return WriteProfile(
        path=folder.profiles,
        source=profile.file,
        profile=profile.name,
        target=profile.target,
        schema_name=isolated.schema_name,
        content=isolated.content,
        user_file=profile.user_file,
    )


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
