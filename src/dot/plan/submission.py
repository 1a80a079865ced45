"""`plan_submit(request, facts) -> BuildPlan`: pure, as the planner of dbt commands is.

The leak check sees what Databricks will see: the profile that it makes for the task, and none of the shell's variables.
"""

import json
import shlex
from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import PurePath
from typing import Any

from dot.base.errors import UsageError
from dot.base.frozen import Frozen, FrozenMapping
from dot.base.secrets import mask_mapping, mask_words
from dot.config.files import Environment
from dot.dbt.options import OWNED, merge_words, render_options, scan_options
from dot.plan.build_steps import IsolatedBuild
from dot.plan.dbt_args import identify, variable_words, warn_of_extra
from dot.plan.facts import Facts
from dot.plan.git_source import GitSource
from dot.plan.plan import BuildPlan
from dot.plan.planner import refuse_owned
from dot.plan.request import DbtRequest, SubmitRequest
from dot.plan.step import CheckRemote, Step, SubmitRun, WriteRecord
from dot.profile.isolate import ProfileFacts, isolate_profile

COMMANDS = ("build", "run", "seed", "snapshot", "test")
"""The dbt commands that are submitted: those whose relations are checked first."""

OUTPUT = "databricks"
"""What the output of the profile is called in the check. What it is called there, nothing here may depend on."""

KEEPS = (
    *("APPDATA", "COMSPEC", "HOME", "LANG", "LC_ALL", "LC_CTYPE", "LOCALAPPDATA", "NO_COLOR", "PATH", "PATHEXT"),
    *("SSL_CERT_FILE", "SYSTEMROOT", "TEMP", "TERM", "TMP", "TMPDIR", "TZ", "USER", "USERPROFILE", "VIRTUAL_ENV"),
    *("http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "DO_NOT_TRACK"),
)
"""The variables of the shell that a program needs to run at all, and on which no project builds its names."""

_NOT_THERE = ("--defer", "--defer-state", "--favor-state", "--state")
"""Options that lead to files which only this machine has."""

_MOST_ENGINE = 1
_ENVIRONMENT_KEY, _ENVIRONMENT_VERSION = "dbt", "4"


class SubmitFacts(Frozen):
    """The facts of the dbt command, the warehouse that it runs on, and where the commit is fetched.

    `adapter_version` is that of `dbt-databricks` here, which runs there too.
    """

    facts: Facts
    host: str
    warehouse: str
    catalog: str | None
    schema_name: str
    adapter_version: str
    source: GitSource


def as_dbt_request(request: SubmitRequest) -> DbtRequest:
    """The same dbt command as it would be asked for here."""
    return DbtRequest(
        dbt_command=request.dbt_command,
        address=request.address,
        extra=request.words,
        vars=request.vars,
        no_defer=True,
        allow_leaks=request.allow_leaks,
        project_dir=request.project_dir,
    )


def plan_submit(request: SubmitRequest, found: SubmitFacts) -> BuildPlan:
    """The plan of a submission. Raises `UsageError` and `ProfileError`."""
    asked, facts = as_dbt_request(request), found.facts
    refuse_owned(asked)
    if not facts.commit or not facts.environment or not facts.profile:
        raise ValueError("what is submitted has a commit, an environment and a profile")
    _refuse_words(request, facts.environment)
    profile = _profile_there(facts.profile, found)
    isolated = isolate_profile(profile, facts.commit.commit.suffix)
    build = IsolatedBuild(asked, facts, facts.commit, facts.environment, profile, isolated)
    _, left_out = render_options(request.dbt_command, facts.environment.options, owned=OWNED, engine=_MOST_ENGINE)
    return BuildPlan(
        dot_version=facts.dot_version,
        request=request,
        cwd=facts.cwd,
        build_id=identify(facts),
        project=facts.project,
        dbt=facts.dbt,
        environment=facts.environment,
        commit=facts.commit.commit,
        baseline=None,
        files=facts.files,
        options_not_applied=left_out,
        warnings=warn_of_extra(asked),
        locks=build.locks(),
        folders=build.folders(),
        steps=tuple(_list_steps(request, found, build)),
    )


def _list_steps(request: SubmitRequest, found: SubmitFacts, build: IsolatedBuild) -> Iterator[Step]:
    commit = build.found
    yield CheckRemote(
        repository=commit.repository, remote=request.remote, url=found.source.url, commit=commit.commit.hash
    )
    yield from build.preparing_steps()
    argv = _compose(request, build.environment)
    yield SubmitRun(
        argv=argv,
        host=found.host,
        payload=FrozenMapping(_sign(_make_payload(found, build, argv), build.environment, request)),
        manifest=build.folder.target / "manifest.json",
        allow_leaks=request.allow_leaks,
        keeps=KEEPS,
    )
    yield WriteRecord(path=build.folder.runs)


def _make_payload(found: SubmitFacts, build: IsolatedBuild, argv: tuple[str, ...]) -> dict[str, Any]:
    """What the Jobs API gets, without its token."""
    commit, environment = build.found, build.environment
    deps = ("dbt deps",) if commit.packages else ()
    folder = {} if commit.folder == PurePath() else {"project_directory": commit.folder.as_posix()}
    catalog = {"catalog": found.catalog} if found.catalog else {}
    task = {
        **folder,
        "commands": [*deps, shlex.join(argv)],
        **catalog,
        "schema": f"{found.schema_name}{commit.commit.suffix}",
        "warehouse_id": found.warehouse,
        "source": "GIT",
    }
    specification = {
        "environment_version": _ENVIRONMENT_VERSION,
        "dependencies": [f"dbt-databricks=={found.adapter_version}"],
    }
    return {
        "run_name": f"dot {environment.name}@{commit.commit.short_hash}",
        "git_source": {
            "git_provider": found.source.provider,
            "git_url": found.source.url,
            "git_commit": commit.commit.hash,
        },
        "tasks": [{"task_key": "build", "environment_key": _ENVIRONMENT_KEY, "dbt_task": task}],
        "environments": [{"environment_key": _ENVIRONMENT_KEY, "spec": specification}],
    }


def _sign(payload: dict[str, Any], environment: Environment, request: SubmitRequest) -> dict[str, Any]:
    """The payload with its token, which is made of all that is in it, and of the environment: the same is run once."""
    identity = [payload, environment.model_dump(mode="json"), request.again]
    token = sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()
    return {**payload, "idempotency_token": token}


def _compose(request: SubmitRequest, environment: Environment) -> tuple[str, ...]:
    """The dbt command with what the environment says."""
    options, _ = render_options(request.dbt_command, environment.options, owned=OWNED, engine=_MOST_ENGINE)
    words = (*options, *variable_words(environment), *request.words)
    return ("dbt", request.dbt_command, *merge_words(request.dbt_command, words, _MOST_ENGINE))


def _profile_there(profile: ProfileFacts, found: SubmitFacts) -> ProfileFacts:
    """The profile that Databricks makes for the task, as far as it decides on names; nothing in it is secret."""
    output = {
        "type": "databricks",
        "host": found.host,
        "http_path": f"/sql/1.0/warehouses/{found.warehouse}",
        "schema": found.schema_name,
        "auth_type": "oauth",  # by which a parse needs no token
        **({"catalog": found.catalog} if found.catalog else {}),
    }
    return ProfileFacts(
        file=profile.file,
        name=profile.name,
        target=OUTPUT,
        output=FrozenMapping(output),
        flags=profile.flags,
        base=profile.base,
        user_file=profile.user_file,
    )


def _refuse_words(request: SubmitRequest, environment: Environment) -> None:
    """Raise `UsageError` for what would be read by others there, or leads to files that are here alone."""
    if mask_words(request.words) != request.words or mask_mapping(environment.vars) != environment.vars:
        raise UsageError.of(
            "a secret would stand in the commands of the run, which others can read on Databricks",
            hint="leave the variable out, or let the project read a secret of the workspace",
        )
    _refuse_files([f"--{key}" for key, value in environment.options.items() if value not in (False, None)])


def refuse_typed_files(request: SubmitRequest) -> None:
    """Raise `UsageError` for words that lead to files which are here alone."""
    _refuse_files([one.option.name for one in scan_options(request.dbt_command, request.words)])


def _refuse_files(names: Sequence[str]) -> None:
    """Raise `UsageError` for an option that leads to files which are here alone."""
    for name in names:
        if name in _NOT_THERE:
            hint = "a submitted build stands alone: leave it out, or build here with `dot build`"
            raise UsageError.of(f"`{name}` leads to files that are not on Databricks", hint=hint)
