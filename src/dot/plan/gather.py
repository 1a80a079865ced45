"""Reading everything that a plan of a dbt command depends on. Nothing is written, and dbt is not started."""

from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path, PurePath
from typing import Any

import dot
from dot.base.address import write_address
from dot.base.errors import ConfigurationError, UsageError
from dot.base.frozen import FrozenMapping
from dot.base.layout import Layout
from dot.config.files import Environment, read_given_vars
from dot.dbt.option_variables import may_be_switched_on
from dot.dbt.options import check_words, refuse_foreign, scan_options
from dot.plan.deferral import check_deferral
from dot.plan.facts import CommitFacts, Facts
from dot.plan.find_runs import find_last_run, read_records
from dot.plan.gather_baseline import gather_baseline, gather_retried, locate_live_target
from dot.plan.gather_environment import Given, list_environments
from dot.plan.gather_folders import gather_folders
from dot.plan.gather_target import Target, complete_target, gather_target, read_profile
from dot.plan.gather_workspace import Workspace, survey
from dot.plan.plan import Baseline, Project
from dot.plan.record import Record
from dot.plan.request import DbtRequest
from dot.plan.retry import Retried, find_repeated, repeat_variables, repeated_words, tells_which
from dot.profile.find_profile import FoundProfile
from dot.profile.isolate import adapter_type
from dot.system import store
from dot.system.git import read_objects
from dot.system.shell import Shell
from dot.system.yaml import load_document

NEEDS_NO_PROFILE = ("clean", "debug", "deps", "init")
"""Commands that dbt runs without a profile, and so does dot in a project that has no environments file."""


@dataclass(frozen=True)
class Gathered:
    """What the planner needs, and what the executor needs besides."""

    request: DbtRequest
    facts: Facts
    here: Workspace


def gather(request: DbtRequest, shell: Shell) -> Gathered:
    """Read everything that the plan of this request depends on. Raises `DotError`."""
    check_request(request)
    here = survey(shell, request.project_dir, needs_project=request.dbt_command != "init")
    refuse_foreign(request.dbt_command, request.typed, here.dbt.major)
    target = gather_target(here, request.address, _read_given(request))
    _refuse_swallowed_address(request, list_environments(here, target.found))
    return Gathered(request, gather_command(here, target, request), here)


def gather_command(here: Workspace, target: Target, request: DbtRequest) -> Facts:
    """What the dbt command needs to know beyond what its address means. Raises `DotError`."""
    baseline = gather_baseline(here, request, target.found, target.build)
    retried, target = _gather_retried(here, target, request)
    _refuse_itself(target, baseline)
    found = target.found
    facts = Facts(
        dot_version=dot.__version__,
        dbt=here.dbt,
        cwd=here.cwd,
        project=Project(name=target.project.name, folder=here.project),
        flags=_live_flags(request, here, found),
        environment=target.environment,
        commit=target.commit,
        baseline=baseline,
        retried=retried,
        files=digest_files((*here.files, found.file) if found else here.files),
        refuses_unproved=here.settings.unproved == "refuse",
        stores_failures=may_be_switched_on(here.environ, "store-failures"),
        working_dir=here.settings.working_dir,
    )
    if target.commit:
        _refuse_missing_folder(facts, target.commit)
        folders = gather_folders(facts, target.project, here.environ, request.dbt_command)
        facts = facts.model_copy(update={"commit": folders})
    return facts.model_copy(update=_gather_profile(facts, target))


def digest_files(files: Iterable[Path]) -> FrozenMapping:
    """The SHA-256 of each file, by its path."""
    return FrozenMapping({str(file): store.digest(file) for file in files})


def _read_given(request: DbtRequest) -> Given:
    scanned = scan_options(request.dbt_command, request.words)
    return Given(
        variables=read_given_vars(load_document(request.vars or "", "--vars")),
        options={typed.option.key: "".join(typed.values[:1]) for typed in scanned},
        needs_profile=request.dbt_command not in NEEDS_NO_PROFILE,
    )


def _gather_retried(here: Workspace, target: Target, request: DbtRequest) -> tuple[Retried | None, Target]:
    """What a retry would repeat, and the target with the variables that it had."""
    if request.dbt_command != "retry" or tells_which(request):
        return None, target
    build, environment = target.build, target.environment
    options = environment.options if environment else {}
    retried = gather_retried(Path(build.target) if build else locate_live_target(here, target.project, options))
    if retried and build and environment and (repeated := find_repeated(read_records(build), retried)):
        retried = retried.model_copy(update={"words": repeated_words(repeated)})
        given = _read_given(request).variables.plain()
        variables = repeat_variables(_read_variables(repeated), environment.vars, given)
        environment = environment.model_copy(update={"vars": FrozenMapping(variables)})
        target = complete_target(replace(target, environment=environment))
    return retried, target


def _refuse_itself(target: Target, baseline: Baseline | None) -> None:
    if not baseline or not target.commit or not target.environment:
        return
    if baseline.address == write_address(target.environment.name, target.commit.commit.short_hash):
        raise UsageError.of(
            f"the build {baseline.address} cannot defer to itself",
            hint="defer to another commit or environment, or leave `--defer` out",
        )


def _read_variables(repeated: Record) -> Mapping[str, Any]:
    """The variables that dbt got in this run, whoever had typed them."""
    variables = repeated.environment.vars if repeated.environment else FrozenMapping()
    words = dict(pairwise(repeated.argv))
    if words.get("--vars", str(variables)) != str(variables):
        with suppress(ConfigurationError):  # of what is masked
            return read_given_vars(load_document(words["--vars"], "--vars")).plain()
    return variables


def _gather_profile(facts: Facts, target: Target) -> dict[str, Any]:
    """The profile, and where it names database files those of the environment's last build.

    Raises `ProfileError`; in a live build it is dbt that says what is wrong with a profile.
    """
    if not target.environment or not target.found or not (target.profile or target.commit):
        return {}
    profile = target.profile or read_profile(target)
    is_file = adapter_type(profile) == "duckdb"
    return {"profile": profile, "last_databases": _read_databases(facts, target.environment) if is_file else ()}


def _read_databases(facts: Facts, environment: Environment) -> tuple[PurePath, ...]:
    layout = Layout(facts.project.folder)
    newest = find_last_run(layout, environment.name)
    records = read_records(layout.build(newest).environment(environment.name)) if newest else ()
    return next((record.databases for record in records if record.databases), ())


def _refuse_missing_folder(facts: Facts, found: CommitFacts) -> None:
    """With `working_dir` as `as_run`, the folder where dot was started is needed in the commit, too."""
    if facts.working_dir == "as_run" and facts.cwd.is_relative_to(found.repository):
        place = facts.cwd.relative_to(found.repository).as_posix()
        name = f"{found.commit.hash}:{'' if place == '.' else place}"
        if read_objects(Path(found.repository), [name])[name] is None:
            raise UsageError.of(
                f"commit {found.commit.short_hash} has no folder `{place}`, in which dbt would run",
                hint="start dot in another folder, or set `working_dir` in `[tool.dot]` to `project` or `repository`",
            )


def check_request(request: DbtRequest) -> None:
    """Raise `UsageError` for words that mean nothing, or contradict each other."""
    for words, is_known in ((request.typed, True), (request.extra, False)):
        check_words(request.dbt_command, words, is_known=is_known)
    for macro in (word for word in request.arguments if "@" in word):
        hint = f"the macro comes first: `dot run-operation {str(request.address) or '<macro>'} {macro}`"
        raise UsageError.of(f"`{macro}` is no macro but an address", hint=hint)
    if request.dbt_command == "init" and str(request.address):
        raise UsageError.of("`init` makes a new project and takes no address", hint="write `dot init -- <name>`")
    check_deferral(request)


def _refuse_swallowed_address(request: DbtRequest, environments: Collection[str]) -> None:
    """`--select a dev@main` gives dbt two nodes, and would build neither of what the person meant in `dev@main`."""
    if str(request.address):
        return
    lists = (typed for typed in scan_options(request.dbt_command, request.typed) if typed.option.kind == "list")
    for option, value in ((typed.option.name, value) for typed in lists for value in typed.values[1:]):
        if "@" in value or value in environments:
            raise UsageError.of(
                f"`{value}` looks like an address, but stands among the values of `{option}`",
                hint=f"put the address first: `dot {request.dbt_command} {value} {option} …`; "
                f"or several values in quotes: `{option} 'a {value}'`",
            )


def _live_flags(request: DbtRequest, here: Workspace, found: FoundProfile | None) -> tuple[str, ...]:
    """How a live dbt is told what it would not find by itself."""
    project = ("--project-dir", str(here.project)) if request.project_dir else ()
    return (*project, "--profiles-dir", str(found.file.parent)) if found and found.is_fallback else project
