"""What a finished run leaves behind about itself, one JSON line in the build's `runs.jsonl`."""

from collections.abc import Iterable, Mapping
from pathlib import PurePath
from uuid import UUID

from dot.base.frozen import FrozenLenient, FrozenMapping
from dot.config.files import Environment
from dot.dbt.engine import Dbt
from dot.dbt.option_variables import may_be_switched_on
from dot.dbt.options import scan_options
from dot.isolation.rules import Leak
from dot.plan.commit import Commit
from dot.plan.plan import Baseline, BuildPlan
from dot.plan.request import SubmitRequest
from dot.plan.run_summary import has_built

_LIMITS = ("--empty", "--sample", "--event-time-start", "--event-time-end")
"""Options of dbt by which relations get fewer rows than their code says."""

_SELECTS = ("--select", "--exclude", "--selector", "--resource-types", "--exclude-resource-types")


class RemoteRun(FrozenLenient):
    """A run of Databricks: its number, where a person sees it, and the last that was known of it."""

    run_id: int
    url: str | None = None
    state: str = "SUBMITTED"


class Outcome(FrozenLenient):
    """What became of a plan. Times are ISO 8601 in UTC; `leaks` are what `--allow-leaks` let through.

    `tests` says how many tests had which result, in a run that had any. `size` is what the build's folder of its
    environment and its worktree hold, in bytes; older records have neither. `has_run` is false where it is known that
    dbt came to no node: the project could not be read, a leak was refused, an option was unknown. `inherited` are the
    options that leave out rows or nodes, and that variables of dbt had set. `remote` is where it ran, if not here.
    """

    started_at: str
    finished_at: str
    exit_code: int
    leaks: tuple[Leak, ...] = ()
    size: int | None = None
    tests: FrozenMapping | None = None
    has_run: bool = True
    inherited: tuple[str, ...] = ()
    remote: RemoteRun | None = None


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
        return has_built(self.dbt_command, has_run=self.has_run)


def recall_baseline(records: Iterable[Record]) -> Baseline | None:
    """What a build remembers, from its records, the newest first: the last baseline that it was given."""
    found = next((record.baseline for record in records if record.baseline), None)
    return found and found.model_copy(update={"is_remembered": True})


def make_record(plan: BuildPlan, outcome: Outcome) -> Record:
    """The record of a plan that was carried out."""
    return Record(
        build_id=plan.build_id,
        address=plan.address,
        dbt_command=plan.request.dbt_command if isinstance(plan.request, SubmitRequest) else plan.command,
        argv=plan.dbt_words,
        environment=plan.environment,
        commit=plan.commit,
        baseline=plan.baseline,
        dbt=plan.dbt,
        dot_version=plan.dot_version,
        databases=plan.databases,
        **dict(outcome),
    )


def find_limit(records: Iterable[Record]) -> str | None:
    """The option that kept rows out of a build's relations, from its records, the newest first.

    Only a whole `build` that went well and made everything anew makes good what runs before it had left out: an
    incremental model adds what is new by its own reckoning.
    """
    for record in records:
        if not record.has_built:
            continue
        typed = {one.option.name: not one.is_negative for one in scan_options(record.dbt_command, record.argv)}
        given = {name for name, holds in (dict.fromkeys(record.inherited, True) | typed).items() if holds}
        if limit := next((name for name in _LIMITS if name in given), None):
            return limit
        is_anew = record.dbt_command == "build" and "--full-refresh" in given
        if is_anew and not record.exit_code and given.isdisjoint(_SELECTS):
            return None
    return None


def keeps_from_writing(word: str) -> bool:
    """Whether dbt may write no manifest and no results, by a word of its command or the name of a variable."""
    return "write-json" in word or word.endswith("_WRITE_JSON")


def find_inherited(environ: Mapping[str, str]) -> tuple[str, ...]:
    """The options that leave out rows or nodes, of those that a variable of dbt sets."""
    return tuple(name for name in (*_LIMITS, *_SELECTS) if may_be_switched_on(environ, name))
