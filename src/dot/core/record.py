"""What a finished run leaves behind about itself, one JSON line in the build's `runs.jsonl`."""

from collections.abc import Iterable
from pathlib import PurePath
from uuid import UUID

from dot.core.config import Environment
from dot.core.isolation import WRITES, Leak
from dot.core.model import FrozenMapping, Part
from dot.core.options import scan_options
from dot.core.plan import Baseline, BuildPlan, Commit, Dbt

BUILDING = tuple(command for command, kinds in WRITES.items() if {*kinds} - {"test"})
"""The dbt commands that write the relations of a build."""

_LIMITS = ("--empty", "--sample", "--event-time-start", "--event-time-end")
"""Options of dbt by which relations get fewer rows than their code says."""

_SELECTS = ("--select", "--exclude", "--selector", "--resource-type", "--exclude-resource-type")


class Outcome(Part):
    """What became of a plan. Times are ISO 8601 in UTC; `leaks` are what `--allow-leaks` let through.

    `tests` says how many tests had which result, in a run that had any. `size` is what the build's folder of its
    environment and its worktree hold, in bytes; older records have neither. `has_run` is false where it is known that
    dbt came to no node: the project could not be read, a leak was refused, an option was unknown.
    """

    started_at: str
    finished_at: str
    exit_code: int
    leaks: tuple[Leak, ...] = ()
    size: int | None = None
    tests: FrozenMapping | None = None
    has_run: bool = True


class Record(Outcome):
    """One run of dbt in an isolated build, what it was made from and what became of it."""

    format_version: str = "1.0"
    build_id: UUID | None
    address: str
    dbt_command: str
    argv: tuple[str, ...]
    environment: Environment | None
    commit: Commit | None
    baseline: Baseline | None
    dbt: Dbt
    dot_version: str
    databases: tuple[PurePath, ...] = ()

    @property
    def has_built(self) -> bool:
        """Whether it may have written relations of the build."""
        return self.dbt_command in BUILDING and self.has_run


def recall_baseline(records: Iterable[Record]) -> Baseline | None:
    """What a build remembers, from its records, the newest first: the last baseline that it was given."""
    found = next((record.baseline for record in records if record.baseline), None)
    return found and found.model_copy(update={"is_remembered": True})


def make_record(plan: BuildPlan, outcome: Outcome) -> Record:
    """The record of a plan that was carried out."""
    return Record(
        build_id=plan.build_id,
        address=plan.address,
        dbt_command=plan.dbt_command,
        argv=plan.dbt_step.argv,
        environment=plan.environment,
        commit=plan.commit,
        baseline=plan.baseline,
        dbt=plan.dbt,
        dot_version=plan.dot_version,
        databases=plan.dbt_step.databases,
        **dict(outcome),
    )


def find_limit(records: Iterable[Record]) -> str | None:
    """The option that kept rows out of a build's relations, from its records, the newest first.

    Only a whole `build` that went well makes good what runs before it had left out.
    """
    for record in records:
        if not record.has_built:
            continue
        typed = {one.option.name: one for one in scan_options(record.dbt_command, record.argv)}
        if limit := next((name for name in _LIMITS if name in typed and not typed[name].is_negative), None):
            return limit
        if record.dbt_command == "build" and not record.exit_code and not any(name in typed for name in _SELECTS):
            return None
    return None
