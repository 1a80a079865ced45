"""The folders of a commit's project as dbt sees them, which must be in the build's worktree."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from dot.core.arguments import dot_variables
from dot.core.facts import CommitFacts, Facts
from dot.core.project_paths import INSTALLED, LOCAL, ProjectPath, concerns, find_strays
from dot.errors import ConfigurationError, ProfileError
from dot.system.jinja import render_text
from dot.system.project import DbtProject


def gather_folders(
    facts: Facts, project: DbtProject, environ: Mapping[str, str], dbt_command: str
) -> CommitFacts | None:
    """The commit with the folders of its project. Raises `ConfigurationError` with all that lead elsewhere."""
    if not facts.commit:
        return None
    environ = {**environ, **{name: str(value) for name, value in dot_variables(facts).items()}}
    variables = facts.environment.vars if facts.environment else {}
    paths = [_render(path, environ, variables) for path in project.paths if concerns(path, dbt_command)]
    if problems := tuple(find_strays(paths, facts.commit.folder)):
        raise ConfigurationError(*problems)
    packages_folder = next(path.text for path in paths if path.setting == INSTALLED)
    folders = tuple(dict.fromkeys(path.text for path in paths if path.setting not in ("clean-targets", LOCAL)))
    return facts.commit.model_copy(update={"packages_folder": packages_folder, "folders": folders})


def _render(path: ProjectPath, environ: Mapping[str, str], variables: Mapping[str, Any]) -> ProjectPath:
    try:
        return path._replace(text=render_text(path.text, environ, variables))
    except ProfileError as error:
        raise ConfigurationError(*(replace(problem, location=path.locate()) for problem in error.problems)) from None
