"""`plan_build(request, facts) -> BuildPlan`: pure; the same facts give the same plan, byte for byte."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePath

from dot.base.errors import ProfileError, UsageError
from dot.base.frozen import FrozenJson, FrozenMapping
from dot.dbt.options import OWNED, render_options, scan_options
from dot.plan.build_steps import NEEDS_NO_DATABASE, IsolatedBuild
from dot.plan.dbt_args import (
    compose_argv,
    dot_variables,
    identify,
    variable_words,
    warn_of_databases,
    warn_of_extra,
)
from dot.plan.deferral import NO_FAVOR, defer_words, warn_of_engines, warn_of_functions
from dot.plan.facts import Facts
from dot.plan.plan import BuildPlan, Lock
from dot.plan.request import DbtRequest
from dot.plan.retry import refuse_retry
from dot.plan.step import RunDbt, Step
from dot.profile.isolate import isolate_profile


@dataclass(frozen=True)
class _Decision:
    """What the planner decides, as against what the facts say."""

    steps: tuple[Step, ...]
    left_out: tuple[str, ...]
    warnings: tuple[str, ...]
    locks: tuple[Lock, ...] = ()
    folders: tuple[PurePath, ...] = ()


def plan_build(request: DbtRequest, facts: Facts) -> BuildPlan:
    """The plan of one dbt command. Raises `UsageError` and `ProfileError`."""
    if request.dbt_command == "retry":
        refuse_retry(request, facts.retried)
    decision = _decide_isolated(request, facts) if facts.commit else _decide_live(request, facts)
    return BuildPlan(
        dot_version=facts.dot_version,
        request=request,
        cwd=facts.cwd,
        build_id=identify(facts),
        project=facts.project,
        dbt=facts.dbt,
        environment=facts.environment,
        commit=facts.commit.commit if facts.commit else None,
        baseline=facts.baseline,
        files=facts.files,
        options_not_applied=decision.left_out,
        warnings=decision.warnings,
        locks=decision.locks,
        folders=decision.folders,
        steps=decision.steps,
    )


def _decide_live(request: DbtRequest, facts: Facts) -> _Decision:
    options: Mapping[str, FrozenJson] = facts.environment.options if facts.environment else {}
    words, left_out = render_options(request.dbt_command, options, engine=facts.dbt.dialect)
    deferring = defer_words(request, facts.baseline, is_isolated=False)
    argv = compose_argv(
        facts,
        request.dbt_command,
        *request.arguments,
        *facts.flags,
        *words,
        *variable_words(facts.environment),
        *deferring,
        *request.words,
    )
    env = FrozenMapping({**dot_variables(facts), **(NO_FAVOR if deferring else {})})
    step = RunDbt(argv=argv, cwd=facts.cwd, env=env, databases=_live_databases(request, facts))
    others = (*warn_of_databases(step.databases, facts), *warn_of_functions(request, facts.baseline))
    engines = warn_of_engines(facts.dbt, facts.baseline)
    return _Decision((step,), left_out, (*others, *engines, *warn_of_extra(request)))


def _live_databases(request: DbtRequest, facts: Facts) -> tuple[PurePath, ...]:
    """The files that the user's own dbt opens; none where the profile cannot be read, which is dbt's to say."""
    if not facts.profile or request.dbt_command in NEEDS_NO_DATABASE:
        return ()
    try:
        return isolate_profile(facts.profile, "").files
    except ProfileError:
        return ()


def _decide_isolated(request: DbtRequest, facts: Facts) -> _Decision:
    refuse_owned(request)
    if not facts.commit or not facts.environment or not facts.profile:
        raise ValueError("an isolated build has a commit, an environment and a profile")
    isolated = isolate_profile(facts.profile, facts.commit.commit.suffix)
    build = IsolatedBuild(request, facts, facts.commit, facts.environment, facts.profile, isolated)
    _, left_out = render_options(request.dbt_command, facts.environment.options, owned=OWNED, engine=facts.dbt.dialect)
    others = (*warn_of_databases(build.databases, facts), *warn_of_engines(facts.dbt, facts.baseline))
    warnings = (*isolated.warnings, *build.warnings(), *others, *warn_of_extra(request))
    return _Decision(tuple(build.steps()), left_out, warnings, build.locks(), build.folders())


_TELLS_ONLY = ("--help", "-h", "--version")
"""Words with which dbt says something about itself and ends with 0, which is no build."""


def refuse_owned(request: DbtRequest) -> None:
    """Raise `UsageError` for words that an isolated build decides, or with which dbt would build nothing."""
    if asked := next((word for word in request.words if word in _TELLS_ONLY), None):
        hint = f"ask dbt itself: `dbt {request.dbt_command} {asked}`"
        raise UsageError.of(f"with `{asked}` dbt would do nothing, and end as if it had", hint=hint)
    for typed in scan_options(request.dbt_command, request.words):
        name = typed.option.name
        if name in OWNED:
            raise UsageError.of(
                f"`{name}` cannot be given: an isolated build decides it",
                hint="set `target` in an environment of dot_environments.yml"
                if name in ("--target", "--profile")
                else f"leave `{name}` out, or run a live build (an address without `@`)",
            )
