"""Reading everything that a plan of a dbt command depends on. Nothing is written, and dbt is not started."""

import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

import dot
from dot.commands.gather_commit import find_build, gather_commit, resolve_ref
from dot.commands.gather_profile import FoundProfile, Whereabouts, find_profile, gather_profile
from dot.core.address import RESERVED, Address, check_environment_name, parse_address, parse_baseline
from dot.core.config import (
    ENVIRONMENTS_FILE,
    USER_FILE,
    VARS_FILE,
    Configuration,
    Environment,
    did_you_mean,
    read_configuration,
    read_given_vars,
    resolve_environment,
)
from dot.core.facts import Facts, Request
from dot.core.layout import Layout
from dot.core.manifest import parse_manifest
from dot.core.model import FrozenMapping
from dot.core.options import scan_options
from dot.core.plan import Baseline, Dbt, Project
from dot.core.profile import ProfileFacts, select_output
from dot.core.settings import Settings
from dot.core.source import Tree
from dot.errors import AddressError, Location, Problem, ProfileError, UsageError, WorldError
from dot.system import store
from dot.system.dbt import find_dbt
from dot.system.git import abbreviate, scrub
from dot.system.project import PROJECT_FILE, DbtProject, find_project, load_dotenv, parse_project, read_yaml
from dot.system.settings import load_settings
from dot.system.yaml import load_source

# dbt runs these without a profile, and so does dot in a project that has no environments file.
NEEDS_NO_PROFILE = ("clean", "debug", "deps", "init")


@dataclass(frozen=True)
class Invocation:
    """A dbt command as typed: `address` and `defer` unparsed, `typed` dbt's options, `extra` what stood after `--`."""

    dbt_command: str
    address: str = ""
    arguments: tuple[str, ...] = ()
    typed: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()
    defer: str | None = None
    vars: str | None = None
    install_packages: bool = True
    allow_leaks: bool = False
    project_dir: str | None = None
    disable_prompts: bool = False


@dataclass(frozen=True)
class Surroundings:
    """Where dot was started and what it finds there. `environ` is what dbt will see, a `.env` of dbt's included."""

    cwd: Path
    environ: Mapping[str, str]
    project: Path
    settings: Settings
    dbt: Dbt
    configuration: Configuration
    files: tuple[Path, ...]


@dataclass(frozen=True)
class Gathered:
    """What the planner needs, and what the executor needs besides."""

    request: Request
    facts: Facts
    here: Surroundings


def gather(invocation: Invocation) -> Gathered:
    """Read everything that the command's plan depends on. Raises `DotError`."""
    request = _read_request(invocation)
    here = survey(invocation.project_dir, needs_project=request.dbt_command != "init")
    given = read_given_vars(load_source(invocation.vars or "", "--vars"))
    commit, project = None, None
    if request.address.ref is not None:
        commit, project = gather_commit(here.project, request.address.ref, here.settings.short_hash_length)
    project = project or _read_project(here)
    environment, found = _resolve_environment(here, request, project, given)
    _refuse_swallowed_address(invocation, _names(here, found))
    if commit and environment and environment.name not in RESERVED:
        check_environment_name(environment.name)  # which becomes a folder; an output of a profile may have any name
    baseline = _gather_baseline(here, request.baseline, found) if request.baseline else None
    if baseline and commit and environment and baseline.address == f"{environment.name}@{commit.commit.short_hash}":
        raise UsageError.of(
            f"the build {baseline.address} cannot defer to itself",
            hint="defer to another commit or environment, or leave `--defer` out",
        )
    profile = None
    if commit and environment and found:
        profile = gather_profile(found, str(environment.options["target"]), environment.vars)
    files = (*here.files, found.file) if found else here.files
    facts = Facts(
        dot_version=dot.__version__,
        dbt=here.dbt,
        cwd=here.cwd,
        project=Project(name=project.name, folder=here.project),
        flags=_live_flags(invocation, here, found),
        environment=environment,
        commit=commit,
        profile=profile,
        baseline=baseline,
        files=FrozenMapping({str(file): store.digest(file) for file in files}),
    )
    return Gathered(request, facts, here)


def _read_request(invocation: Invocation) -> Request:
    address = parse_address(invocation.address)
    if invocation.dbt_command == "init" and str(address):
        raise UsageError.of("`init` makes a new project and takes no address", hint="write `dot init -- <name>`")
    return Request(
        dbt_command=invocation.dbt_command,
        address=address,
        baseline=None if invocation.defer is None else parse_baseline(invocation.defer),
        arguments=invocation.arguments,
        extra=(*invocation.typed, *invocation.extra),
        install_packages=invocation.install_packages,
        allow_leaks=invocation.allow_leaks,
    )


def _refuse_swallowed_address(invocation: Invocation, environments: Collection[str]) -> None:
    """`--select a dev@main` gives dbt two nodes, and would build neither of what the person meant in `dev@main`."""
    if invocation.address:
        return
    lists = (typed for typed in scan_options(invocation.dbt_command, invocation.typed) if typed.option.kind == "list")
    for option, value in ((typed.option.name, value) for typed in lists for value in typed.values[1:]):
        if "@" in value or value in environments:
            raise UsageError.of(
                f"`{value}` looks like an address, but stands among the values of `{option}`",
                hint=f"put the address first: `dot {invocation.dbt_command} {value} {option} …`; "
                f"or several values in quotes: `{option} 'a {value}'`",
            )


def survey(project_dir: str | None, *, needs_project: bool = True) -> Surroundings:
    """Everything that does not depend on the address. Raises `DotError`."""
    cwd = store.read_current_folder()
    try:
        project = find_project(cwd, project_dir, os.environ)
    except UsageError:
        if needs_project:
            raise
        project = cwd
    settings = load_settings(project, os.environ)
    dbt = find_dbt(settings.dbt, os.environ, project)
    files = [project / name for name in (ENVIRONMENTS_FILE, USER_FILE, VARS_FILE)]
    sources = [read_yaml(file, show_path(file, cwd)) for file in files]
    return Surroundings(
        cwd=cwd,
        environ=load_dotenv(cwd, scrub(os.environ), dbt.version),
        project=project,
        settings=settings,
        dbt=dbt,
        configuration=read_configuration(*sources),
        files=tuple(file for file, source in zip(files, sources, strict=True) if source),
    )


def show_path(path: Path, cwd: Path) -> str:
    """A path as a person standing in `cwd` would write it."""
    relative = os.path.relpath(path, cwd)
    return relative if len(relative) < len(str(path)) else str(path)


def _read_project(here: Surroundings) -> DbtProject:
    """The project in the working tree; an empty one where `init` is about to make it."""
    file = here.project / PROJECT_FILE
    content = file.read_bytes() if file.is_file() else None
    return parse_project(content, show_path(file, here.cwd)) if content is not None else DbtProject("", None, "")


def _resolve_environment(
    here: Surroundings, request: Request, project: DbtProject, given: Tree
) -> tuple[Environment | None, FoundProfile | None]:
    """The environment with its `target`, and the profile; neither for a live command that can do without both."""
    configuration, is_live = here.configuration, request.address.ref is None
    name = request.address.environment
    if configuration.environments:
        name = _name_environment(here, None, name)
    layer = configuration.environments.get(name or "", configuration.common).plain()
    typed = _typed_values(request) if is_live else {}
    where = Whereabouts(
        here.cwd,
        here.environ,
        here.dbt.version,
        here.project,
        folder=typed.get("profiles-dir") or layer.get("profiles-dir"),
        name=typed.get("profile") or layer.get("profile"),
    )
    try:
        found = find_profile(where, project, layer.get("vars", {}) | given.plain())
    except ProfileError:
        if not is_live or request.dbt_command not in NEEDS_NO_PROFILE:
            raise
        if name is None:
            return None, None
        return _with_target(resolve_environment(configuration, name, given), name), None
    name = _name_environment(here, found, name)
    environment = resolve_environment(configuration, name, given)
    target = str(environment.options.get("target", name))
    if "target" not in typed:
        select_output(found.data, found.file, found.name, target)
    return _with_target(environment, target), found


def _typed_values(request: Request) -> dict[str, str | None]:
    """The options after `--` by their key, with their first value."""
    return {typed.option.key: "".join(typed.values[:1]) for typed in scan_options(request.dbt_command, request.extra)}


def gather_default_profile(here: Surroundings) -> ProfileFacts:
    """The profile that a build of the default environment would isolate. Raises `DotError`."""
    request = Request(dbt_command="build")
    environment, found = _resolve_environment(here, request, _read_project(here), read_given_vars(load_source("", "")))
    if not environment or not found:
        raise ProfileError.of("there is no profile")
    return gather_profile(found, str(environment.options["target"]), environment.vars)


def _with_target(environment: Environment, target: str) -> Environment:
    options = FrozenMapping({**environment.options, "target": target})
    return Environment(name=environment.name, options=options, vars=environment.vars)


def _name_environment(here: Surroundings, found: FoundProfile | None, name: str | None) -> str:
    """The environment meant, which must be defined: in the files, or in the profile where they define none.

    Raises `AddressError`.
    """
    configuration = here.configuration
    names = _names(here, found)
    if name is None:
        name = configuration.default
    if name is None and not configuration.environments and found:
        name = found.default_target(configuration.common.plain().get("vars", {}))
    listed = f"environments: {', '.join(names)}"
    place = configuration.location if configuration.environments or not found else Location(str(found.file))
    if name is None:
        hint = f"name one in the address, or set `default` in {ENVIRONMENTS_FILE}"
        raise AddressError(Problem("there is no default environment", place, (listed,), hint))
    if name not in names:
        message = f"environment `{name}` is not defined"
        raise AddressError(Problem(message, place, (listed,), did_you_mean(name, names)))
    return name


def _names(here: Surroundings, found: FoundProfile | None) -> tuple[str, ...]:
    """The environments there are: those of the files, or the profile's outputs where the files define none."""
    return tuple(here.configuration.environments) or tuple(found.outputs if found else ())


def _gather_baseline(here: Surroundings, address: Address, found: FoundProfile | None) -> Baseline:
    """The existing build to defer to. Raises `DotError` when it is missing or has no readable manifest."""
    name = _name_environment(here, found, address.environment)
    _, commit = resolve_ref(here.project, address.ref or "")
    layout = Layout(here.project)
    short_hash = find_build(layout, commit)
    command = f"dot build {name}@{address.ref}"
    folder = Path(layout.build(short_hash).environment(name).target) if short_hash else None
    if not short_hash or not folder or not folder.parent.is_dir():
        missing = f"{name}@{short_hash or abbreviate(here.project, commit, None)}"
        raise AddressError.of(f"there is no build {missing} to defer to", hint=f"`{command}` makes it")
    text = store.read_text(folder / "manifest.json")
    if text is None or not parse_manifest(text):
        problem = "has no manifest.json" if text is None else "has a manifest.json that cannot be read"
        raise WorldError.of(f"the build {name}@{short_hash} {problem}: {folder}", hint=f"`{command}` makes it again")
    return Baseline(address=f"{name}@{short_hash}", hash=commit, state=folder)


def _live_flags(invocation: Invocation, here: Surroundings, found: FoundProfile | None) -> tuple[str, ...]:
    """How a live dbt is told what it would not find by itself."""
    project = ("--project-dir", str(here.project)) if invocation.project_dir else ()
    return (*project, "--profiles-dir", str(found.file.parent)) if found and found.is_fallback else project
