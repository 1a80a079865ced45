"""Values that the tests of core start from: configuration as texts, a profile, and the facts of a build."""

import json
from collections.abc import Mapping
from pathlib import PurePath
from typing import Any, TypeVar

import pytest
from hypothesis import strategies as st

from dot.base.errors import ConfigurationError, Problem
from dot.base.frozen import FrozenMapping
from dot.config.files import (
    ENVIRONMENTS_FILE,
    USER_FILE,
    VARS_FILE,
    Configuration,
    Environment,
    read_configuration,
    read_given_vars,
)
from dot.config.resolution import resolve_environment
from dot.dbt.engine import Dbt
from dot.plan.commit import Commit
from dot.plan.facts import CommitFacts, Facts
from dot.plan.plan import Baseline, BuildPlan, Project
from dot.plan.planner import plan_build
from dot.plan.request import DbtRequest
from dot.plan.step import RunDbt
from dot.profile.isolate import ProfileFacts
from dot.system.yaml import load_document

SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
JSON_VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3), max_leaves=8
)
JSON_OBJECTS = st.dictionaries(st.text(), JSON_VALUES, max_size=4)


def as_text(value: Any) -> str:
    """JSON text, which tells `1`, `1.0`, `true` and `"1"` apart where Python's `==` does not."""
    return json.dumps(value, sort_keys=True)


def read(project: str | None = None, user: str | None = None, variables: str | None = None) -> Configuration:
    """The configuration that these files hold, each given as its text. Raises `ConfigurationError`."""
    configuration, problems = read_what_is_right(project, user, variables)
    if problems or not configuration:
        raise ConfigurationError(*problems)
    return configuration


def read_what_is_right(
    project: str | None = None, user: str | None = None, variables: str | None = None
) -> tuple[Configuration | None, tuple[Problem, ...]]:
    """What these files hold but for what is wrong, and what that is."""
    texts = {ENVIRONMENTS_FILE: project, USER_FILE: user, VARS_FILE: variables}
    return read_configuration(*(None if text is None else load_document(text, name) for name, text in texts.items()))


def resolve(configuration: Configuration, name: str = "dev", given: str = "") -> Environment:
    """An environment with the text after `--vars` on top."""
    return resolve_environment(configuration, name, read_given_vars(load_document(given, "--vars")))


def problems_of(
    project: str | None = None, user: str | None = None, variables: str | None = None
) -> tuple[Problem, ...]:
    """Everything that is wrong with these files."""
    with pytest.raises(ConfigurationError) as raised:
        read(project, user, variables)
    return raised.value.problems


def make_profile(output: Mapping[str, Any], **more: Any) -> ProfileFacts:
    """The output `dev` of the profile `shop`; `rendered` may be a plain mapping."""
    rendered = FrozenMapping(more.pop("rendered", {}))
    places = {"file": PurePath("/home/ada/.dbt/profiles.yml"), "base": PurePath("/srv/shop")}
    return ProfileFacts(name="shop", target="dev", output=FrozenMapping(output), rendered=rendered, **places, **more)


HASH = "a1b2c3d4e5f60718293a4b5c6d7e8f9001122334"
COMMIT = Commit(hash=HASH, short_hash="a1b2c3d", subject="Count refunds", committed_at="2026-11-20T10:00:00+00:00")
BASELINE = Baseline(address="prod@9d8c7b6", hash="9d8c7b6" * 5 + "00000", state=PurePath("/srv/shop/.dot/old/target"))


def make_environment(name: str = "dev", **options: Any) -> Environment:
    """An environment with these options, in snake case, and one variable."""
    spelled = {key.replace("_", "-"): value for key, value in options.items()}
    return Environment(name=name, options=FrozenMapping(spelled), vars=FrozenMapping({"sample": 10}))


def make_commit(**changes: Any) -> CommitFacts:
    """A commit of a project in the folder `dbt` of its repository."""
    values: dict[str, Any] = {
        "commit": COMMIT,
        "repository": PurePath("/srv"),
        "common_dir": PurePath("/srv/.git"),
        "folder": PurePath("dbt"),
        "submodules": False,
        "packages": None,
    }
    return CommitFacts(**(values | changes))


def make_facts(**changes: Any) -> Facts:
    """The facts of a live build."""
    values: dict[str, Any] = {
        "dot_version": "0.1.0",
        "dbt": Dbt(command=("/env/bin/dbt",), version="1.11.16"),
        "cwd": PurePath("/srv/shop/models"),
        "project": Project(name="shop", folder=PurePath("/srv/shop")),
        "environment": make_environment(target="dev", threads=4),
    }
    return Facts(**(values | changes))


def make_isolated_facts(**changes: Any) -> Facts:
    """The facts of an isolated build."""
    profile = make_profile({"type": "postgres", "host": "db", "password": "hunter2", "schema": "analytics"})
    return make_facts(**({"commit": make_commit(), "profile": profile} | changes))


BUILD = PurePath("/srv/shop/.dot/build/a1b2c3d")
FOLDER = BUILD / "env/dev"
CWD = BUILD / "worktree/dbt"
START = ("--project-dir", str(CWD), "--profiles-dir", str(FOLDER), "--profile", "shop", "--target", "dev")
LOGS = ("--log-path", str(FOLDER / "logs"))
PLACES = (*START, "--target-path", str(FOLDER / "target"), *LOGS)
VARS = ("--vars", '{"sample": 10}')
DEFER = (
    *("--defer", "--no-favor-state"),
    *("--state", "/srv/shop/.dot/old/target", "--defer-state", "/srv/shop/.dot/old/target"),
)
"""Words of the isolated build above."""

StepT = TypeVar("StepT")


def with_options(**options: Any) -> Facts:
    """The facts of an isolated build in an environment with these options."""
    return make_isolated_facts(environment=make_environment(**options))


def with_output(rendered: dict[str, str] | None = None, **fields: Any) -> Facts:
    """The facts of an isolated build with this output in its profile."""
    return make_isolated_facts(profile=make_profile({"schema": "analytics", **fields}, rendered=rendered or {}))


def plan(dbt_command: str = "build", *extra: str, facts: Facts | None = None, **request: Any) -> BuildPlan:
    """The plan of an isolated build, or of what the facts say; `extra` stands after the dashes."""
    return plan_build(DbtRequest(dbt_command=dbt_command, extra=extra, **request), facts or make_isolated_facts())


def step_of(built: BuildPlan, kind: type[StepT]) -> StepT:
    """The one step of this kind."""
    (step,) = [step for step in built.steps if isinstance(step, kind)]
    return step


def kinds_of(built: BuildPlan) -> list[str]:
    """What the steps are, in order."""
    return [step.kind for step in built.steps]


def dbt_step(plan: BuildPlan) -> RunDbt:
    """The one step that runs the dbt command."""
    (step,) = plan.steps_of(RunDbt)
    return step
