"""`plan_build(request, facts) -> BuildPlan`: pure; the same facts give the same plan, byte for byte."""

from collections.abc import Mapping
from hashlib import sha256
from pathlib import PurePath
from uuid import UUID

from dot.core.address import Address
from dot.core.config import Environment
from dot.core.layout import BuildFolder, EnvironmentFolder, Layout
from dot.core.model import FrozenJson, FrozenMapping, Model
from dot.core.options import OWNED, render_options, scan_options, takes
from dot.core.plan import Baseline, BuildPlan, Commit, Dbt, Project, build_id
from dot.core.profile import IsolatedProfile, ProfileFacts, isolate_profile
from dot.core.step import EnsureWorktree, InstallPackages, RunDbt, Step, WriteProfile, WriteRecord
from dot.errors import UsageError


class Request(Model):
    """What the user asked for. `arguments` stand before dbt's options, `extra` reaches dbt untouched, last."""

    dbt_command: str
    address: Address = Address()
    baseline: Address | None = None
    arguments: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()
    install_packages: bool = True


class CommitFacts(Model):
    """The commit and what dot read from it. `folder` is the project's place in the repository."""

    commit: Commit
    repository: PurePath
    folder: PurePath
    submodules: bool
    packages: str | None
    """A digest of the package declarations; nothing when the project declares none."""
    packages_folder: str = "dbt_packages"


class Facts(Model):
    """Everything that the plan depends on, read before it is made.

    `environment` is missing only for commands that can do without one, in a project without a usable profile.
    """

    dot_version: str
    dbt: Dbt
    cwd: PurePath
    project: Project
    flags: tuple[str, ...] = ()
    """How a live dbt is told where project and profile are, when it would not find them by itself."""
    environment: Environment | None
    commit: CommitFacts | None = None
    profile: ProfileFacts | None = None
    baseline: Baseline | None = None
    files: FrozenMapping = FrozenMapping()


def plan_build(request: Request, facts: Facts) -> BuildPlan:
    """The plan of one dbt command. Raises `UsageError` and `ProfileError`."""
    if facts.commit and facts.profile:
        return _plan_isolated(request, facts, facts.commit, facts.profile)
    return _plan_live(request, facts)


def _plan_live(request: Request, facts: Facts) -> BuildPlan:
    options: Mapping[str, FrozenJson] = facts.environment.options if facts.environment else {}
    words, left_out = render_options(request.dbt_command, options)
    argv = (
        *_command(request, facts),
        *facts.flags,
        *words,
        *_vars(request.dbt_command, facts.environment),
        *_defer(facts.baseline),
        *request.extra,
    )
    step = RunDbt(argv=argv, cwd=facts.cwd, env=_variables(facts))
    return _plan(request, facts, steps=(step,), left_out=left_out, warnings=_vars_warning(request))


def _plan_isolated(request: Request, facts: Facts, found: CommitFacts, profile: ProfileFacts) -> BuildPlan:
    _refuse_owned(request)
    environment = facts.environment or Environment(name=profile.target)
    build = Layout(facts.project.folder).build(found.commit.short_hash)
    folder = build.environment(environment.name)
    isolated = isolate_profile(profile, suffix(found.commit))
    words, left_out = render_options(request.dbt_command, environment.options, owned=OWNED)
    places = {
        "--project-dir": build.worktree / found.folder,
        "--profiles-dir": folder.path,
        "--profile": profile.name,
        "--target": profile.target,
        "--target-path": folder.target,
        "--log-path": folder.logs,
    }
    steps: list[Step] = [_worktree(found, build), _profile(folder, profile, isolated)]
    if request.install_packages and found.packages and request.dbt_command != "deps":
        steps.append(_packages(facts, found, build, _places("deps", places)))
    argv = (
        *_command(request, facts),
        *_places(request.dbt_command, places),
        *words,
        *_vars(request.dbt_command, environment),
        *_defer(facts.baseline),
        *request.extra,
    )
    steps.append(
        RunDbt(argv=argv, cwd=build.worktree / found.folder, env=_variables(facts), secrets=isolated.secrets)
    )
    steps.append(WriteRecord(path=folder.runs))
    warnings = (*isolated.warnings, *_vars_warning(request))
    return _plan(request, facts, steps=tuple(steps), left_out=left_out, warnings=warnings)


def _plan(
    request: Request, facts: Facts, *, steps: tuple[Step, ...], left_out: tuple[str, ...], warnings: tuple[str, ...]
) -> BuildPlan:
    return BuildPlan(
        dot_version=facts.dot_version,
        dbt_command=request.dbt_command,
        address=str(request.address),
        build_id=_identity(facts),
        project=facts.project,
        dbt=facts.dbt,
        environment=facts.environment,
        commit=facts.commit.commit if facts.commit else None,
        baseline=facts.baseline,
        files=facts.files,
        options_not_applied=left_out,
        warnings=warnings,
        steps=steps,
    )


def _identity(facts: Facts) -> UUID | None:
    if not facts.commit or not facts.environment:
        return None
    return build_id(facts.project.name, facts.commit.commit.hash, facts.environment.name)


def suffix(commit: Commit) -> str:
    """What the schemas of a build end in."""
    return f"_{commit.short_hash}"


def _refuse_owned(request: Request) -> None:
    for option, _ in scan_options(request.dbt_command, request.extra):
        if option.name in OWNED:
            raise UsageError.of(
                f"`{option.name}` cannot stand after `--`: an isolated build decides it",
                hint="set `target` in an environment of dot_environments.yml"
                if option.name in ("--target", "--profile")
                else f"leave `{option.name}` out, or run a live build (an address without `@`)",
            )


def _command(request: Request, facts: Facts) -> tuple[str, ...]:
    return (*facts.dbt.command, *request.dbt_command.split(), *request.arguments)


def _places(dbt_command: str, places: Mapping[str, PurePath | str]) -> tuple[str, ...]:
    return tuple(word for name, value in places.items() if takes(dbt_command, name) for word in (name, str(value)))


def _vars(dbt_command: str, environment: Environment | None) -> tuple[str, ...]:
    if environment and environment.vars and takes(dbt_command, "--vars"):
        return ("--vars", str(environment.vars))
    return ()


def _vars_warning(request: Request) -> tuple[str, ...]:
    if any(option.name == "--vars" for option, _ in scan_options(request.dbt_command, request.extra)):
        return ("`--vars` after `--` replaces every variable of the environment; before it, it adds to them",)
    return ()


def _defer(baseline: Baseline | None) -> tuple[str, ...]:
    return ("--defer", "--favor-state", "--state", str(baseline.state)) if baseline else ()


def _variables(facts: Facts) -> FrozenMapping:
    """What a macro may ask for. All are set in a live build too, so that none is inherited from another build."""
    commit = facts.commit.commit if facts.commit else None
    return FrozenMapping(
        {
            "DOT_ENVIRONMENT": facts.environment.name if facts.environment else "",
            "DOT_COMMIT": commit.hash if commit else "",
            "DOT_SHORT_HASH": commit.short_hash if commit else "",
            "DOT_SCHEMA_SUFFIX": suffix(commit) if commit else "",
            "DOT_BUILD_ID": str(_identity(facts) or ""),
        }
    )


def _worktree(found: CommitFacts, build: BuildFolder) -> EnsureWorktree:
    return EnsureWorktree(
        repository=found.repository,
        path=build.worktree,
        commit=found.commit.hash,
        marker=build.marker,
        submodules=found.submodules,
    )


def _profile(folder: EnvironmentFolder, profile: ProfileFacts, isolated: IsolatedProfile) -> WriteProfile:
    return WriteProfile(
        path=folder.profiles,
        source=profile.file,
        profile=profile.name,
        target=profile.target,
        schema_name=isolated.schema_name,
        content=isolated.content,
        user_file=profile.user_file,
    )


def _packages(facts: Facts, found: CommitFacts, build: BuildFolder, places: tuple[str, ...]) -> InstallPackages:
    variables = _vars("deps", facts.environment)
    cwd = build.worktree / found.folder
    key = "\n".join((found.packages or "", facts.dbt.version or "", *variables))
    return InstallPackages(
        argv=(*facts.dbt.command, "deps", *places, *variables),
        cwd=cwd,
        env=_variables(facts),
        folder=cwd / found.packages_folder,
        marker=build.packages,
        digest=sha256(key.encode()).hexdigest(),
    )
