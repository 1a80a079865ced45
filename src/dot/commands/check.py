"""`dot check`: everything that is wrong with the configuration, at once. Nothing is written, dbt is not started."""

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from functools import cache, partial
from pathlib import Path

from dot.base.errors import ConfigurationError, DbtError, ExitCode, Location, Problem
from dot.base.wording import show_path
from dot.base.yaml_document import Tree
from dot.config.files import in_order, read_given_vars
from dot.config.resolution import lay_over, resolve_environment
from dot.console import Console
from dot.console.shell import read_shell
from dot.console.terminal import write, write_exactly
from dot.dbt.project import DbtProject, load_profiles
from dot.plan.gather_environment import (
    choose_target,
    list_environments,
    locate_profile,
    name_environment,
    read_layer,
)
from dot.plan.gather_workspace import Workspace, add_dbt, collecting, look_around, read_project
from dot.profile.find_profile import FoundProfile, Load, find_profile, gather_profile
from dot.profile.isolate import isolate_profile
from dot.system.yaml import load_document

FindProfile = Callable[[str | None], FoundProfile]
"""The profile of an environment, or of all. Raises `ProfileError`."""


def run(project_dir: str | None, console: Console, *, as_json: bool, given: str | None = None) -> int:
    """Print which environments are fine, unless it is to be quiet.

    Raises `ConfigurationError` with everything that is wrong.
    """
    shell = read_shell()
    here, found = look_around(shell, project_dir)
    problems = list(found)
    line = ""
    if here:
        with collecting(problems):
            variables = read_given_vars(load_document(given or "", "--vars"))
            here = replace(here, configuration=lay_over(here.configuration, variables))
            with suppress(DbtError), collecting(problems):  # a missing dbt is no fault of the configuration
                here = add_dbt(here, shell)
            line = _examine(here, problems)
    if problems:
        raise ConfigurationError(*in_order(_seen_from(shell.cwd, problem) for problem in problems))
    if as_json:
        write_exactly(json.dumps({"errors": []}))
    elif console.verbosity >= 0:
        write(line)
    return ExitCode.OK


def _seen_from(cwd: Path, problem: Problem) -> Problem:
    where = problem.location
    is_absolute = where and Path(where.file).is_absolute()
    return replace(problem, location=replace(where, file=show_path(Path(where.file), cwd))) if is_absolute else problem


def _examine(here: Workspace, problems: list[Problem]) -> str:
    """The environments and what defines them, in a line; what is wrong with them is added to the problems."""
    names, files = tuple(here.configuration.environments), here.files
    with collecting(problems):
        find: FindProfile = partial(_find_profile, here, read_project(here), cache(load_profiles))
        if not names:
            found = find(None)
            names, files = list_environments(here, found), (*files, found.file)
            with collecting(problems):
                _check_default(here, found)
        problems += _examine_outputs(here, find, names)
    for name in names:
        with collecting(problems):
            resolve_environment(here.configuration, name, Tree({}, Location("--vars")))
    are_fine = "1 environment is fine" if len(names) == 1 else f"{len(names)} environments are fine"
    return f"{are_fine}: {', '.join(names)} ({', '.join(show_path(file, here.cwd) for file in files)})"


def _find_profile(here: Workspace, project: DbtProject, load: Load, name: str | None) -> FoundProfile:
    layer = read_layer(here, name)
    return find_profile(locate_profile(here, layer), project, layer.get("vars", {}), load)


def _check_default(here: Workspace, found: FoundProfile) -> None:
    """Refuse a default that is no output. To name none is allowed as long as there are outputs to choose from."""
    if here.configuration.default or "target" in found.data[found.name] or not found.outputs:
        name_environment(here, found, None)


def _examine_outputs(here: Workspace, find: FindProfile, names: tuple[str, ...]) -> Iterator[Problem]:
    """What keeps the environments from being isolated: each problem once, with those that it concerns."""
    concerned: dict[Problem, list[str]] = {}
    for name in names:
        problems: list[Problem] = []
        with collecting(problems):
            found = find(name)
            target = choose_target(here, found, name)
            isolate_profile(gather_profile(found, target, read_layer(here, name).get("vars", {})), "")
        for problem in problems:
            concerned.setdefault(problem, []).append(name)
    for problem, some in concerned.items():
        is_plain = len(some) == len(names) or (problem.location and problem.location.line)
        listed = ", ".join(f"`{name}`" for name in some)
        message = f"{problem.message} (environment{'s' if len(some) > 1 else ''} {listed})"
        yield problem if is_plain else replace(problem, message=message)
