"""The environment that an address means, with the output of the dbt profile that it uses."""

from dot.commands.gather_profile import FoundProfile, Whereabouts, find_profile, gather_profile
from dot.commands.surroundings import Surroundings, read_project
from dot.core.config import ENVIRONMENTS_FILE, Environment, did_you_mean, read_given_vars, resolve_environment
from dot.core.facts import Request
from dot.core.model import FrozenMapping
from dot.core.options import scan_options
from dot.core.profile import ProfileFacts, select_output
from dot.core.source import Tree
from dot.errors import AddressError, Location, Problem, ProfileError
from dot.system.project import DbtProject
from dot.system.yaml import load_source

# dbt runs these without a profile, and so does dot in a project that has no environments file.
NEEDS_NO_PROFILE = ("clean", "debug", "deps", "init")


def gather_environment(
    here: Surroundings, request: Request, project: DbtProject, given: Tree
) -> tuple[Environment | None, FoundProfile | None]:
    """The environment with its `target`, and the profile; neither for a live command that can do without both."""
    configuration, is_live = here.configuration, request.address.ref is None
    name = request.address.environment
    if configuration.environments:
        name = name_environment(here, None, name)
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
    name = name_environment(here, found, name)
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
    environment, found = gather_environment(here, request, read_project(here), read_given_vars(load_source("", "")))
    if not environment or not found:
        raise ProfileError.of("there is no profile")
    return gather_profile(found, str(environment.options["target"]), environment.vars)


def _with_target(environment: Environment, target: str) -> Environment:
    options = FrozenMapping({**environment.options, "target": target})
    return Environment(name=environment.name, options=options, vars=environment.vars)


def name_environment(here: Surroundings, found: FoundProfile | None, name: str | None) -> str:
    """The environment meant, which must be defined: in the files, or in the profile where they define none.

    Raises `AddressError`.
    """
    configuration = here.configuration
    names = list_environments(here, found)
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


def list_environments(here: Surroundings, found: FoundProfile | None) -> tuple[str, ...]:
    """The environments there are: those of the files, or the profile's outputs where the files define none."""
    return tuple(here.configuration.environments) or tuple(found.outputs if found else ())
