"""Where dot was started, and what it finds there. Nothing is written, and dbt is not started."""

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from dot.base.errors import AddressError, ConfigurationError, Problem, UsageError
from dot.base.wording import show_path
from dot.base.yaml_document import YamlDocument
from dot.config.files import ENVIRONMENTS_FILE, USER_FILE, VARS_FILE, Configuration, in_order, read_configuration
from dot.config.find_settings import follow_settings
from dot.config.settings import Settings
from dot.dbt.engine import Dbt
from dot.dbt.program import find_dbt
from dot.dbt.project import (
    PROJECT_FILE,
    DbtProject,
    find_project,
    parse_project,
    read_own_yaml,
    refuse_untrusted,
)
from dot.dbt.variables import read_variables
from dot.system.git import scrub
from dot.system.shell import Shell


@dataclass(frozen=True)
class Workspace:
    """Where dot was started and what it finds there. `environ` is what dbt will see, a `.env` of dbt's included."""

    cwd: Path
    environ: Mapping[str, str]
    project: Path
    settings: Settings
    dbt: Dbt
    configuration: Configuration
    files: tuple[Path, ...]


def survey(shell: Shell, project_dir: str | None, *, needs_project: bool = True) -> Workspace:
    """Everything that does not depend on the address. Raises `DotError`."""
    here, problems = look_around(shell, project_dir, needs_project=needs_project)
    if problems or not here:
        raise ConfigurationError(*problems)
    return add_dbt(here, shell)


def look_around(
    shell: Shell, project_dir: str | None, *, needs_project: bool = True
) -> tuple[Workspace | None, tuple[Problem, ...]]:
    """The workspace without dbt, as far as settings and files are right, and what is wrong with these.

    There are none where not even the names of the environments can be told. Raises `UsageError` without a project.
    """
    cwd = shell.cwd
    try:
        project = find_project(cwd, project_dir, shell.environ)
    except UsageError:
        if needs_project:
            raise
        refuse_untrusted(cwd)
        project = cwd
    problems: list[Problem] = []
    settings = Settings()
    with collecting(problems):
        settings = follow_settings(project, shell)
    sources, unread = _read_sources(project, cwd)
    configuration, wrong = read_configuration(*sources.values())
    problems += [*unread, *wrong]
    if unread or not configuration:
        return None, in_order(problems)
    files = tuple(file for file, source in sources.items() if source)
    unknown = Dbt(command=(), version=None)
    here = Workspace(cwd, scrub(shell.environ), project, settings, unknown, configuration, files)
    return here, in_order(problems)


def _read_sources(project: Path, cwd: Path) -> tuple[dict[Path, YamlDocument | None], list[Problem]]:
    """The files of the configuration, and why some could not be read."""
    sources: dict[Path, YamlDocument | None] = {
        project / name: None for name in (ENVIRONMENTS_FILE, USER_FILE, VARS_FILE)
    }
    problems: list[Problem] = []
    for file in sources:
        with collecting(problems):
            sources[file] = read_own_yaml(file, show_path(file, cwd))
    return sources, problems


@contextmanager
def collecting(problems: list[Problem]) -> Generator[None]:
    """Go on after what is wrong with the configuration, which is added to the problems."""
    try:
        yield
    except (AddressError, ConfigurationError) as error:
        problems += error.problems


def add_dbt(here: Workspace, shell: Shell) -> Workspace:
    """The workspace with the dbt that the settings name. Raises `DbtError` when there is none."""
    dbt = find_dbt(here.settings.dbt, shell.environ, here.project)
    return replace(here, dbt=dbt, environ=read_variables(here.cwd, here.environ, dbt.version))


def read_project(here: Workspace) -> DbtProject:
    """The project in the working tree; an empty one where `init` is about to make it."""
    file = here.project / PROJECT_FILE
    content = file.read_bytes() if file.is_file() else None
    return parse_project(content, show_path(file, here.cwd)) if content is not None else DbtProject("", None, "")
