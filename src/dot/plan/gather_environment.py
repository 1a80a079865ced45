"""The environment that an address means, with the output of the dbt profile that it uses."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from dot.base.address import Address
from dot.base.errors import AddressError, Location, Problem, ProfileError
from dot.base.frozen import FrozenMapping
from dot.base.wording import did_you_mean, show_path
from dot.base.yaml_document import Tree
from dot.config.files import ENVIRONMENTS_FILE, Environment, read_given_vars
from dot.config.resolution import resolve_environment
from dot.dbt.project import DbtProject
from dot.plan.dbt_args import NO_BUILD
from dot.plan.gather_commit import suggest_ref
from dot.plan.gather_workspace import Workspace, read_project
from dot.profile.find_profile import FoundProfile, ProfileSearch, find_profile, gather_profile
from dot.profile.isolate import ProfileFacts, select_output
from dot.system.yaml import load_document


@dataclass(frozen=True)
class Given:
    """What was typed besides the address and decides what that means.

    `variables` are on top of the environment's. `options` are dbt's own, by their key with their first value, which
    count for a live environment only; without `needs_profile` that can do without a profile, too.
    """

    variables: Tree = field(default_factory=lambda: read_given_vars(load_document("", "")))
    options: Mapping[str, str | None] = field(default_factory=dict)
    needs_profile: bool = True


def gather_environment(
    here: Workspace, address: Address, project: DbtProject, given: Given
) -> tuple[Environment | None, FoundProfile | None]:
    """The environment with its `target`, and the profile; neither where that is live and can do without both."""
    configuration, is_live = here.configuration, address.ref is None
    name, variables = address.environment, given.variables
    if configuration.environments:
        name = name_environment(here, None, name)
    layer = read_layer(here, name)
    typed = given.options if is_live else {}
    try:
        where = locate_profile(here, layer | {key: value for key, value in typed.items() if value})
        found = find_profile(where, project, layer.get("vars", {}) | variables.plain())
    except ProfileError:
        if not is_live or given.needs_profile:
            raise
        if name is None:
            return None, None
        return _with_target(resolve_environment(configuration, name, variables), name), None
    name = name_environment(here, found, name)
    environment = resolve_environment(configuration, name, variables)
    target = str(environment.options.get("target", name)) if "target" in typed else choose_target(here, found, name)
    return _with_target(environment, target), found


def read_layer(here: Workspace, name: str | None) -> dict[str, Any]:
    """What the files say of an environment, or of all where they do not know it: options by their key, and `vars`."""
    return here.configuration.environments.get(name or "", here.configuration.common).plain()


def locate_profile(here: Workspace, options: Mapping[str, Any]) -> ProfileSearch:
    """Where the profile is looked for, by these options."""
    place = (here.cwd, {**here.environ, **NO_BUILD}, here.dbt.version, here.project)
    folder, name = (str(options[key]) if options.get(key) else None for key in ("profiles-dir", "profile"))
    return ProfileSearch(*place, folder=folder, name=name)


def choose_target(here: Workspace, found: FoundProfile, name: str) -> str:
    """The output that the environment uses: its `target`, or that of its own name.

    Raises `ProfileError` at the place of either when there is none.
    """
    settings = here.configuration.environments.get(name, here.configuration.common)
    target = settings.children.get("target")
    chosen = str(target.value) if target else name
    try:
        select_output(found.data, found.file, found.name, chosen)
    except ProfileError as error:
        if not target and name not in here.configuration.environments:
            raise
        place = (target or settings).location
        raise ProfileError(*(_move(problem, place) for problem in error.problems)) from None
    return chosen


def _move(problem: Problem, place: Location) -> Problem:
    """The same problem, in the file that names what another does not have."""
    other = (f"profile: {problem.location.file}",) if problem.location else ()
    return replace(problem, location=place, notes=(*problem.notes, *other))


def name_default_environment(here: Workspace) -> str:
    """The environment of an address that names none. Raises `DotError`."""
    return here.configuration.default or _resolve_default(here)[0].name


def gather_default_profile(here: Workspace) -> ProfileFacts:
    """The profile that a build of the default environment would isolate. Raises `DotError`."""
    environment, found = _resolve_default(here)
    return gather_profile(found, str(environment.options["target"]), environment.vars)


def _resolve_default(here: Workspace) -> tuple[Environment, FoundProfile]:
    environment, found = gather_environment(here, Address(), read_project(here), Given())
    if not environment or not found:
        raise ProfileError.of("there is no profile")
    return environment, found


def _with_target(environment: Environment, target: str) -> Environment:
    options = FrozenMapping({**environment.options, "target": target})
    return Environment(name=environment.name, options=options, vars=environment.vars)


def name_environment(here: Workspace, found: FoundProfile | None, name: str | None) -> str:
    """The environment meant, which must be defined: in the files, or in the profile where they define none.

    Raises `AddressError`, and `ProfileError` where a profile that defines them has no outputs.
    """
    configuration = here.configuration
    names = list_environments(here, found)
    if found and not names:
        select_output(found.data, found.file, found.name, name or "")
    if name is None:
        name = configuration.default
    if name is None and not configuration.environments and found:
        name = found.default_target(configuration.common.plain().get("vars", {}))
    listed = f"environments: {', '.join(names)}"
    is_configured = bool(configuration.environments) or not found
    place = configuration.location if is_configured else Location(show_path(found.file, here.cwd))
    if name is None:
        hint = f"name one in the address, or set `default` in {ENVIRONMENTS_FILE}"
        raise AddressError(Problem("there is no default environment", place, (listed,), hint))
    if name not in names:
        message = f"environment `{name}` is not defined"
        hint = suggest_ref(here.project, name) or did_you_mean(name, names)
        raise AddressError(Problem(message, place, (listed,), hint))
    return name


def list_environments(here: Workspace, found: FoundProfile | None) -> tuple[str, ...]:
    """The environments there are: those of the files, or the profile's outputs where the files define none."""
    return tuple(here.configuration.environments) or tuple(found.outputs if found else ())
