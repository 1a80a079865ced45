"""The dbt project and its profile, found by dbt's own rules without starting dbt."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dot.base.errors import ConfigurationError, Location, Problem, ProfileError, TrustError, UsageError
from dot.base.layout import FOLDER
from dot.dbt.option_variables import read_variable
from dot.dbt.program import knows_newer_variables
from dot.dbt.project_paths import ProjectPath, read_folders
from dot.system import git
from dot.system.store import decode_configuration, is_foreign, is_there, read_configuration_text

if TYPE_CHECKING:
    from dot.base.yaml_document import YamlDocument

PROJECT_FILE = "dbt_project.yml"
PROFILES_FILE = "profiles.yml"


@dataclass(frozen=True)
class DbtProject:
    """What dot reads of `dbt_project.yml`; `profile` may hold Jinja.

    `dispatch` has, for a package, the packages in which its macros are looked for. `paths` are the folders that the
    project goes by, and `target` is its `target-path`.
    """

    name: str
    profile: str | None
    packages_folder: str
    vars: Mapping[str, Any] = field(default_factory=dict)
    flags: Mapping[str, Any] = field(default_factory=dict)
    dispatch: Mapping[str, Any] = field(default_factory=dict)
    paths: tuple[ProjectPath, ...] = field(default=(), compare=False)
    target: str | None = None


def find_project(cwd: Path, given: str | None, environ: Mapping[str, str]) -> Path:
    """`--project-dir`, else `DBT_PROJECT_DIR`, else the nearest folder at or above `cwd` with a `dbt_project.yml`.

    Raises `UsageError` when there is none, and `TrustError` where its `.dot/` is not dot's own.
    """
    project = _find_project(cwd, given, environ)
    refuse_untrusted(project)
    return project


def _find_project(cwd: Path, given: str | None, environ: Mapping[str, str]) -> Path:
    named = given or read_variable(environ, "project-dir")
    if named:
        folder = Path(os.path.normpath(cwd / named))
        if (folder / PROJECT_FILE).is_file():
            return folder
        source = "--project-dir" if given else "DBT_PROJECT_DIR"
        hint = "name the folder that holds it, relative to where you are"
        raise UsageError.of(f"there is no {PROJECT_FILE} in {folder}, which `{source}` names", hint=hint)
    for folder in (cwd, *cwd.parents):
        if (folder / PROJECT_FILE).is_file():
            return folder
    raise UsageError.of(
        f"there is no {PROJECT_FILE} in {cwd} or above it",
        hint="go to a dbt project, or name one with `--project-dir`; `dot demo` makes one to try",
    )


def refuse_untrusted(project: Path) -> None:
    """Raise `TrustError` unless the project's `.dot/`, if there is one, was made by dot for this user.

    It says what was built and where to write, which neither a commit nor anybody else may decide.
    """
    folder = project / FOLDER
    if not is_there(folder):
        return
    if folder.is_symlink():
        raise TrustError.of(f"{folder} is a link, which dot does not follow", hint="remove it: dot makes a folder")
    if is_foreign(folder):
        hint = "run dot as its owner; or remove it: dot makes one of your own"
        raise TrustError.of(f"{folder} belongs to somebody else", hint=hint)
    if git.is_tracked(project, FOLDER):
        message = f"{folder} is tracked by git, so that whoever commits decides what dot finds there"
        raise TrustError.of(message, hint=f"`git rm -r -f {FOLDER}`, then commit: dot makes it anew, ignored by git")


def read_own_yaml(path: Path, shown: str | None = None) -> "YamlDocument | None":
    """A YAML file of dot's own, with its places and problems; None when there is none. Raises `ConfigurationError`."""
    from dot.system.yaml import load_document  # noqa: PLC0415 - completion does without

    text = read_configuration_text(path)
    return None if text is None else load_document(text, shown or str(path))


def read_dbt_yaml(path: Path) -> "YamlDocument | None":
    """A YAML file of dbt's, without places; None when there is none. Raises `ConfigurationError`."""
    from dot.system.yaml import load_values  # noqa: PLC0415 - completion does without

    text = read_configuration_text(path)
    return None if text is None else load_values(text, str(path))


def parse_project(content: bytes, name: str) -> DbtProject:
    """What dot needs of a `dbt_project.yml`. Raises `ConfigurationError` for what is no such file."""
    from dot.system.yaml import load_values  # noqa: PLC0415 - completion does without

    source = load_values(decode_configuration(content, name), name)
    if source.data is None and source.problems:
        raise ConfigurationError(*source.problems)
    if not isinstance(source.data, dict) or not isinstance(source.data.get("name"), str):
        raise ConfigurationError(Problem("a dbt project must have a `name`", Location(name)))
    profile = source.data.get("profile")
    folder, target = source.data.get("packages-install-path"), source.data.get("target-path")
    orders = source.data.get("dispatch")
    entries = [one for one in orders if isinstance(one, dict)] if isinstance(orders, list) else []
    return DbtProject(
        source.data["name"],
        profile if isinstance(profile, str) else None,
        folder if isinstance(folder, str) else "dbt_packages",
        _mapping(source.data.get("vars")),
        _mapping(source.data.get("flags")),
        {str(one.get("macro_namespace")): one.get("search_order") for one in entries},
        tuple(read_folders(source)),
        target if isinstance(target, str) else None,
    )


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def find_profiles_folder(cwd: Path, given: str | None, environ: Mapping[str, str], version: str | None) -> Path:
    """The folder in which dbt looks for `profiles.yml`, whether there is one or not.

    dbt's order: the option, `DBT_ENGINE_PROFILES_DIR` (from 1.11.8), `DBT_PROFILES_DIR`, the current folder if it
    holds the file, `~/.dbt`. An empty variable counts as unset, and `~` in one is no home folder.
    """
    named = given or read_variable(environ, "profiles-dir", is_newer_known=knows_newer_variables(version))
    if named:
        return cwd / named
    return cwd if (cwd / PROFILES_FILE).exists() else Path.home() / ".dbt"


def load_profiles(file: Path) -> Mapping[str, Any]:
    """The whole of a `profiles.yml`, Jinja unrendered. Raises `ProfileError`."""
    source = read_dbt_yaml(file)
    if source is None:
        raise ProfileError(Problem("there is no such file", Location(str(file))))
    if source.data is None and source.problems:
        raise ProfileError(*(_without_text(problem) for problem in source.problems))
    if not isinstance(source.data, dict):
        raise ProfileError(Problem("must be a mapping of profiles", Location(str(file))))
    return source.data


def _without_text(problem: Problem) -> Problem:
    """The line at fault stays unshown: in a profile it may be the one with the password."""
    where = problem.location
    return replace(problem, location=replace(where, text=None)) if where else problem
