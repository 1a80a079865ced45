"""What the plan of a submission depends on: what that of the dbt command does, and where Databricks would run it."""

import re
from dataclasses import dataclass
from pathlib import Path

from dot.base.errors import DbtError, GitError, ProfileError, UsageError
from dot.config.files import read_given_vars
from dot.dbt.jinja import render_text
from dot.dbt.program import read_packages
from dot.plan.dbt_args import build_variables
from dot.plan.gather import check_request, gather_command
from dot.plan.gather_environment import Given
from dot.plan.gather_target import Target, gather_target
from dot.plan.gather_workspace import Workspace, survey
from dot.plan.git_source import find_git_source
from dot.plan.request import SubmitRequest
from dot.plan.submission import COMMANDS, SubmitFacts, as_dbt_request, refuse_typed_files
from dot.profile.isolate import adapter_type
from dot.system.git_remote import read_remote_url
from dot.system.shell import Shell
from dot.system.yaml import load_document

_WAREHOUSE = re.compile(r"/?sql/[\w.]+/(?:warehouses|endpoints)/(\w+)/?")
_ADAPTER = "dbt_databricks"


@dataclass(frozen=True)
class GatheredSubmission:
    """What the planner needs, and what the executor needs besides."""

    facts: SubmitFacts
    here: Workspace


def gather_submission(request: SubmitRequest, shell: Shell) -> GatheredSubmission:
    """Read everything that the plan depends on. Nothing is asked over the network. Raises `DotError`."""
    if request.address.ref is None:
        hint = "name a commit: `dot bundle submit dev@main`"
        raise UsageError.of("only a commit can be submitted, which Databricks fetches by itself", hint=hint)
    if request.dbt_command not in COMMANDS:
        hint = f"it takes {', '.join(COMMANDS)}"
        raise UsageError.of(f"`dbt {request.dbt_command}` cannot be submitted", hint=hint)
    refuse_typed_files(request)
    asked = as_dbt_request(request)
    check_request(asked)
    here = survey(shell, request.project_dir)
    given = Given(variables=read_given_vars(load_document(request.vars or "", "--vars")))
    target = gather_target(here, request.address, given)
    facts = gather_command(here, target, asked)
    if not facts.profile or adapter_type(facts.profile) != "databricks":
        kind = adapter_type(facts.profile) if facts.profile else "none"
        hint = "name an environment whose output has `type: databricks`"
        raise ProfileError.of(f"Databricks cannot build for the adapter `{kind}`", hint=hint)
    url = read_remote_url(here.project, request.remote)
    if url is None:
        hint = "`--remote` names one, of those that `git remote` lists; Databricks fetches the commit from there"
        raise GitError.of(f"the repository has no remote `{request.remote}`", hint=hint)
    return GatheredSubmission(
        SubmitFacts(
            facts=facts,
            host=_read_field(target, "host") or "",
            warehouse=_read_warehouse(target),
            catalog=_read_field(target, "catalog") or _read_field(target, "database"),
            schema_name=(_read_field(target, "schema") or "").strip(),
            adapter_version=_read_adapter_version(here),
            source=find_git_source(url, request.provider),
        ),
        here,
    )


def _read_field(target: Target, name: str) -> str | None:
    """A field of the output, its Jinja rendered as dbt would here. Raises `ProfileError`."""
    if not target.found or not target.environment or not target.profile:
        return None
    commit = target.commit.commit if target.commit else None
    seen = target.found.seen_by(build_variables(target.project.name, target.environment, commit))
    value = target.profile.output.get(name)
    return None if value is None else render_text(str(value), seen.where.environ, target.environment.vars)


def _read_warehouse(target: Target) -> str:
    path = _read_field(target, "http_path") or ""
    match = _WAREHOUSE.fullmatch(path.strip())
    if not match:
        hint = "name the SQL warehouse in the profile: `http_path: /sql/1.0/warehouses/<id>`"
        raise ProfileError.of("a submitted build runs on a SQL warehouse, and the profile names none", hint=hint)
    return match[1]


def _read_adapter_version(here: Workspace) -> str:
    """The version of dbt-databricks beside the dbt at hand, which the check runs with, and the run there too."""
    packages = read_packages(Path(here.dbt.command[0])) if len(here.dbt.command) == 1 else {}
    version = packages.get(_ADAPTER)
    if not version:
        raise DbtError.of(
            "nothing tells the version of dbt-databricks here, which the check and the run must have in common",
            hint="install dbt-databricks beside dbt 1, and name that `dbt` with `DOT_DBT`, as a program alone",
        )
    return version
