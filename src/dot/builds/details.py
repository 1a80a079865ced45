"""All that is known of one build, as `dot builds show` says it."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import groupby
from uuid import UUID

from dot.base.frozen import FrozenLenient, FrozenMapping, render_json, thaw
from dot.base.wording import MOST_NAMES, NOTHING, describe_age, describe_result, describe_size, list_some, parse_moment
from dot.builds.listing import ListedBuild
from dot.isolation.own_sources import LostSource
from dot.isolation.proof import Proofs
from dot.isolation.rules import Leak
from dot.isolation.unproved import describe_unproved
from dot.plan.plan import Baseline
from dot.plan.record import Record, RemoteRun, recall_baseline
from dot.relation.quoting import quote
from dot.relation.relation import Kind, describe_name

MOST_RUNS = 5


class Run(FrozenLenient):
    """One run of dbt. Times are ISO 8601 in UTC, `seconds` what it took; `remote` is where it ran, if not here."""

    command: str
    address: str
    started_at: str
    finished_at: str
    seconds: float | None
    exit_code: int
    remote: RemoteRun | None = None


class PromisedRelation(FrozenLenient):
    """What the build promised to write: the parts of its name, and as `relation` the whole as dbt writes it."""

    unique_id: str
    database: str | None
    schema_name: str | None
    name: str
    kind: Kind
    relation: str


class Unproved(FrozenLenient):
    """What runs SQL of its own: its kind, and the node or project that it belongs to, or the macro that it is."""

    kind: str
    of: str


class BuildDetails(ListedBuild):
    """A build with what it was made from and what it does. Newest run first, at most `MOST_RUNS`."""

    format_version: str = "1.0"
    author: str | None
    build_id: UUID | None
    dot_version: str | None
    dbt_version: str | None
    baseline: Baseline | None
    options: FrozenMapping
    vars: FrozenMapping
    runs: tuple[Run, ...]
    relations: tuple[PromisedRelation, ...]
    leaks: tuple[Leak, ...]
    unproved: tuple[Unproved, ...]
    lost_sources: tuple[LostSource, ...] = ()


def make_details(build: ListedBuild, author: str | None, records: Sequence[Record], proofs: Proofs) -> BuildDetails:
    """Everything about the build, from its records, the newest first, and its proofs."""
    last = records[0] if records else None
    environment = last.environment if last else None
    leaks = {(leak.unique_id, leak.relation): leak for record in records for leak in record.leaks}
    hooks = dict.fromkeys(hook for proof in proofs.proofs for hook in proof.unproved)
    return BuildDetails(
        **dict(build),
        author=author,
        build_id=last.build_id if last else None,
        dot_version=last.dot_version if last else None,
        dbt_version=last.dbt.version if last else None,
        baseline=recall_baseline(records),
        options=environment.options if environment else FrozenMapping(),
        vars=environment.vars if environment else FrozenMapping(),
        runs=tuple(_summarize(record) for record in records[:MOST_RUNS]),
        relations=list_relations(proofs),
        leaks=tuple(leaks.values()),
        unproved=tuple(Unproved(kind=kind, of=of) for kind, of in hooks),
        lost_sources=tuple(dict.fromkeys(source for proof in proofs.proofs for source in proof.lost_sources)),
    )


def _summarize(record: Record) -> Run:
    since, until = parse_moment(record.started_at), parse_moment(record.finished_at)
    return Run(
        command=record.dbt_command,
        address=record.address,
        started_at=record.started_at,
        finished_at=record.finished_at,
        seconds=(until - since).total_seconds() if since and until else None,
        exit_code=record.exit_code,
        remote=record.remote,
    )


def list_relations(proofs: Proofs) -> tuple[PromisedRelation, ...]:
    """What any of the build's commands promised to write, by schema and name."""
    named = {
        unique_id: PromisedRelation(
            unique_id=unique_id,
            database=relation.database,
            schema_name=relation.schema_name,
            name=relation.identifier,
            kind=relation.kind,
            relation=quote(relation, proof.adapter),
        )
        for proof in proofs.proofs
        for unique_id, relation in proof.relations
    }
    return tuple(sorted(named.values(), key=lambda found: (_schema(found), found.name, found.unique_id)))


def _schema(relation: PromisedRelation) -> str:
    return describe_name(relation.database, relation.schema_name)


# -- for a person --------------------------------------------------------------------------------------------------


def describe_details(build: BuildDetails, folder: str, now: datetime) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """What is known of the build, by labels; `folder` is where it stands, as the person would write it."""
    made_by = " · ".join(f"{name} {version}" for name, version in _versions(build) if version)
    fields = (
        ("commit", (build.commit or NOTHING,)),
        ("subject", (build.subject or NOTHING,)),
        ("author", _describe_author(build, now)),
        ("reached from", (", ".join(build.reached_from) or NOTHING,)),
        ("folder", (folder, *([f"{describe_size(build.size)} with its worktree"] if build.size else []))),
        ("build id", (str(build.build_id or NOTHING),)),
        ("made by", (made_by or NOTHING,)),
        (
            "baseline",
            (f"{build.baseline.address}, remembered: what this build lacks is read from there",)
            if build.baseline
            else (),
        ),
        ("options", _describe_mapping(build.options)),
        ("variables", _describe_mapping(build.vars)),
        ("last runs", _describe_runs(build.runs, now) or ("none",)),
        ("writes", _describe_relations(build.relations)),
        ("leaks", tuple(f"{leak.relation}: {leak.cause}" for leak in build.leaks)),
        ("unproved", describe_unproved([(hook.kind, hook.of) for hook in build.unproved], MOST_NAMES)),
        ("reads", tuple(f"{one.source} is {one.reads}, this build makes {one.makes}" for one in build.lost_sources)),
    )
    return tuple((label, lines) for label, lines in fields if lines)


def _versions(build: BuildDetails) -> Iterable[tuple[str, str | None]]:
    return (("dot", build.dot_version), ("dbt", build.dbt_version))


def _describe_author(build: BuildDetails, now: datetime) -> tuple[str, ...]:
    moment = parse_moment(build.author_date)
    if not build.author or not moment:
        return ()
    return (f"{build.author}, {moment:%Y-%m-%d}, {describe_age(moment, now)}",)


def _describe_mapping(values: FrozenMapping) -> tuple[str, ...]:
    return tuple(f"{name}: {render_json(thaw(value))}" for name, value in values.items())


def _describe_runs(runs: Sequence[Run], now: datetime) -> tuple[str, ...]:
    """When, what, how it ended, how long it took, and where if not here, in columns."""
    longest = max((len(run.command) for run in runs), default=0)
    rows = [
        (
            describe_age(parse_moment(run.finished_at), now),
            describe_result(run.command, run.exit_code, longest),
            NOTHING if run.seconds is None else f"{run.seconds:,.1f} s",
            f"on Databricks: {run.remote.url or f'run {run.remote.run_id}'}" if run.remote else "",
        )
        for run in runs
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ("   ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)) for row in rows)
    return tuple(line.rstrip() for line in lines)


def _describe_relations(relations: Sequence[PromisedRelation]) -> tuple[str, ...]:
    """A line a schema, which share the names that a person is shown."""
    schemas = {
        schema: [describe_name(relation.name) for relation in found] for schema, found in groupby(relations, _schema)
    }
    counts = [len(names) for names in schemas.values()]
    limits = (limit for limit in range(MOST_NAMES, 1, -1) if sum(min(count, limit) for count in counts) <= MOST_NAMES)
    limit = next(limits, 1)
    return tuple(f"{schema}: {list_some(names, limit)}" for schema, names in schemas.items())
