"""The folders of a commit's project as dbt sees them, which must be in the build's worktree."""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from dot.base.errors import ConfigurationError, ProfileError
from dot.dbt.jinja import render_text
from dot.dbt.project import DbtProject
from dot.dbt.project_paths import INSTALLED, LOCAL, ProjectPath, concerns, find_strays
from dot.plan.dbt_args import dot_variables
from dot.plan.facts import CommitFacts, Facts


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
    packages = _digest_asked(facts.commit, environ)
    return facts.commit.model_copy(
        update={"packages": packages, "packages_folder": packages_folder, "folders": folders}
    )


def _digest_asked(commit: CommitFacts, environ: Mapping[str, str]) -> str | None:
    """The digest of the packages with the values that they ask for; secrets say who installs them, and not what."""
    if not commit.packages or not commit.packages_ask:
        return commit.packages
    names = sorted(environ) if "" in commit.packages_ask else commit.packages_ask
    values = [(name, environ.get(name)) for name in names if not name.startswith("DBT_ENV_SECRET_")]
    return hashlib.sha256(repr((commit.packages, values)).encode()).hexdigest()


def _render(path: ProjectPath, environ: Mapping[str, str], variables: Mapping[str, Any]) -> ProjectPath:
    try:
        return path._replace(text=render_text(path.text, environ, variables))
    except ProfileError as error:
        raise ConfigurationError(*(replace(problem, location=path.locate()) for problem in error.problems)) from None
