"""`BuildPlan`: everything that is going to happen, as an immutable value, before any of it does."""

import json
from collections.abc import Iterator
from hashlib import sha256
from pathlib import PurePath
from typing import Any, Literal, TypeVar
from uuid import UUID, uuid5

from pydantic import Field, ValidationError, field_validator

from dot.base.address import Address
from dot.base.errors import OutsideError
from dot.base.frozen import FrozenLenient, FrozenMapping
from dot.base.secrets import mask_mapping, mask_word, mask_words
from dot.config.files import Environment
from dot.dbt.engine import Dbt
from dot.plan.commit import Commit
from dot.plan.request import DbtRequest, Request
from dot.plan.step import RunDbt, Step, SubmitRun

FORMAT_VERSION = "1.2"
"""A minor step is compatible: readers ignore unknown keys. An unknown major is refused."""

StepT = TypeVar("StepT")

_NAMESPACE = UUID("5d0f8a3e-3a34-5c49-9d1f-2f0f5b8e7c11")


class Project(FrozenLenient):
    """The dbt project. `folder` is the one in the user's working tree."""

    name: str
    folder: PurePath


class Baseline(FrozenLenient):
    """The existing build that this one defers to; `state` is its target folder, `functions` are the names of its UDFs.

    `dbt_version` is that of the dbt which wrote its manifest. `is_remembered`: an earlier run of the build named it,
    and not this one.
    """

    address: str
    hash: str
    state: PurePath
    is_remembered: bool = False
    functions: tuple[str, ...] = ()
    dbt_version: str | None = None


class Lock(FrozenLenient):
    """A lock that only one process holds at a time, by its file. No plan takes another one than it names.

    It is taken before the first step, in the order in which the plan names them, and held to the end, or only while
    steps change what several commands share; or it is taken in a step, for the moment in which that changes
    something. A name with `*` means every lock that there is of such a name, but those that the plan holds already.
    """

    path: PurePath
    held: Literal["to_the_end", "while_preparing", "in_a_step"] = "to_the_end"


def in_a_step(*paths: PurePath) -> tuple[Lock, ...]:
    """Locks that are taken when a step needs them."""
    return tuple(Lock(path=path, held="in_a_step") for path in paths)


class PlannedSide(FrozenLenient):
    """One side of a comparison: the address as typed, and what it means. A live environment has no commit."""

    address: Address
    environment: Environment
    commit: Commit | None


class BuildPlan(FrozenLenient):
    """What it was made from, and its steps in order."""

    format_version: str = Field(
        default=FORMAT_VERSION, description="A reader of 1.0 reads every 1.x of a dbt command, and no 2.0"
    )
    dot_version: str = Field(description="The dot that made the plan")
    request: Request = Field(description="What was asked for")
    cwd: PurePath = Field(description="Where dot was started")
    build_id: UUID | None = Field(description="Made from project, commit and environment; nothing for a live build")
    project: Project
    dbt: Dbt
    environment: Environment | None
    commit: Commit | None
    baseline: Baseline | None
    files: FrozenMapping = Field(description="SHA-256 of every configuration file that was read, by path")
    options_not_applied: tuple[str, ...] = Field(
        description="Environment options that the dbt command does not take, or that dot decides in an isolated build"
    )
    warnings: tuple[str, ...] = Field(description="What should be known before the plan is carried out")
    sides: tuple[PlannedSide, ...] = Field(default=(), description="Base and head of a comparison")
    before: tuple["BuildPlan", ...] = Field(default=(), description="What is built first, each a plan of its own")
    locks: tuple[Lock, ...] = Field(
        default=(), description="What is locked: before the first step in this order, or in a step"
    )
    folders: tuple[PurePath, ...] = Field(
        default=(),
        description="The folders below which dot writes, and has dbt write; `.dot/` gets a `.gitignore` before",
    )
    steps: tuple[Step, ...] = Field(description="What happens, in this order")

    @property
    def command(self) -> str:
        """The words after `dot` that asked for it."""
        return self.request.command

    @property
    def address(self) -> str:
        """The addresses as typed."""
        return " ".join(str(address) for address in self.request.addresses).strip()

    @property
    def dbt_words(self) -> tuple[str, ...]:
        """The words of the dbt command; none in a plan that runs none."""
        running = (step for step in self.steps if isinstance(step, RunDbt | SubmitRun))
        return tuple(word for step in running for word in step.argv)

    @property
    def databases(self) -> tuple[PurePath, ...]:
        """The database files that the dbt command opens."""
        return tuple(file for step in self.steps_of(RunDbt) for file in step.databases)

    def steps_of(self, kind: type[StepT]) -> Iterator[StepT]:
        """The steps of this kind, in order."""
        return (step for step in self.steps if isinstance(step, kind))

    @field_validator("format_version")
    @classmethod
    def _known_major(cls, version: str) -> str:
        if version.partition(".")[0] != FORMAT_VERSION.partition(".")[0]:
            raise ValueError("unknown major version")
        return version


def build_id(project: str, commit_hash: str, environment: str) -> UUID:
    """The identity of a build: the same wherever and whenever it is asked for."""
    return uuid5(_NAMESPACE, f"{project}\n{commit_hash}\n{environment}")


def mask_plan(plan: BuildPlan) -> BuildPlan:
    """The plan as it may be shown and kept: no secret among its words and variables. Equal plans stay equal."""
    steps = []
    for step in plan.steps:
        words = {name: mask_words(getattr(step, name, ())) for name in ("argv", "select_argv") if hasattr(step, name)}
        steps.append(step.model_copy(update=words))
    return plan.model_copy(
        update={
            "request": _mask_request(plan.request),
            "environment": mask_environment(plan.environment),
            "sides": tuple(
                side.model_copy(update={"environment": mask_environment(side.environment)}) for side in plan.sides
            ),
            "before": tuple(map(mask_plan, plan.before)),
            "steps": tuple(steps),
        }
    )


def _mask_request(request: Request) -> Request:
    if not isinstance(request, DbtRequest):
        return request
    typed = {name: mask_words(getattr(request, name)) for name in ("arguments", "typed", "extra")}
    variables = {"vars": mask_word(request.vars)} if request.vars else {}
    return request.model_copy(update=typed | variables)


def mask_environment(environment: Environment | None) -> Environment | None:
    """The environment as it may be shown and kept."""
    if not environment:
        return None
    return environment.model_copy(
        update={"options": mask_mapping(environment.options), "vars": mask_mapping(environment.vars)}
    )


def render_plan(plan: BuildPlan) -> str:
    """The plan as JSON text, the same bytes for equal plans; its digest stands last."""
    data = plan.model_dump(mode="json")
    return json.dumps({**data, "digest": _digest(data)}, indent=2, ensure_ascii=False)


def is_edited(text: str) -> bool:
    """Whether this JSON text of a plan is no longer what `render_plan` had made, whatever its format was."""
    data: Any = json.loads(text)
    return data.pop("digest", None) != _digest(data)


def _digest(data: Any) -> str:
    return sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()


def parse_plan(text: str) -> BuildPlan:
    """The opposite of `render_plan`. Raises `OutsideError` for what is no plan, or one of an unknown format."""
    try:
        return BuildPlan.model_validate_json(text)
    except ValidationError as error:
        raise OutsideError.of(_reason(text, error), hint="make the plan again with this version of dot") from None


def _reason(text: str, error: ValidationError) -> str:
    try:
        data: Any = json.loads(text)
    except ValueError:
        return "this is no plan of dot: it is not JSON"
    version = data.get("format_version") if isinstance(data, dict) else None
    if version and any(detail["loc"] == ("format_version",) for detail in error.errors()):
        return f"the plan has format {version}; this dot knows format {FORMAT_VERSION}"
    return "this is no plan of dot"
