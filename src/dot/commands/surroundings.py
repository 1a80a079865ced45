"""Where dot was started, and what it finds there. Nothing is written, and dbt is not started."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from dot.core.config import ENVIRONMENTS_FILE, USER_FILE, VARS_FILE, Configuration, read_configuration
from dot.core.plan import Dbt
from dot.core.settings import Settings
from dot.errors import UsageError
from dot.system import store
from dot.system.dbt import find_dbt
from dot.system.git import scrub
from dot.system.project import PROJECT_FILE, DbtProject, find_project, load_dotenv, parse_project, read_yaml
from dot.system.settings import load_settings


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


def read_project(here: Surroundings) -> DbtProject:
    """The project in the working tree; an empty one where `init` is about to make it."""
    file = here.project / PROJECT_FILE
    content = file.read_bytes() if file.is_file() else None
    return parse_project(content, show_path(file, here.cwd)) if content is not None else DbtProject("", None, "")
