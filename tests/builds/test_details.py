"""All that is known of one build, as data and for a person."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from builds.test_listing import make_build
from cases import each
from dot.base.frozen import FrozenMapping
from dot.base.wording import MOST_NAMES
from dot.builds.details import BuildDetails, describe_details, make_details
from dot.isolation.own_sources import LostSource
from dot.isolation.proof import Proof, Proofs
from dot.isolation.rules import Leak
from dot.plan.planner import plan_build
from dot.plan.record import Outcome, Record, RemoteRun, make_record
from dot.plan.request import DbtRequest
from dot.relation.relation import Relation
from examples.plans import BASELINE, make_isolated_facts

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
REMEMBERED = BASELINE.model_copy(update={"is_remembered": True})
PLAN = plan_build(DbtRequest(dbt_command="build"), make_isolated_facts(baseline=BASELINE))


def make_leak(name: str, cause: str = "why") -> Leak:
    return Leak(unique_id=f"model.shop.{name}", name=name, file="", relation=f"db.x.{name}", cause=cause, hint="what")


def make_run(hour: int, *leaks: Leak, **changes: Any) -> Record:
    outcome = Outcome(
        started_at=f"2026-11-20T{hour:02}:00:00Z",
        finished_at=f"2026-11-20T{hour:02}:00:09.4Z",
        exit_code=0,
        leaks=leaks,
    )
    return make_record(PLAN, outcome).model_copy(update=changes)


def make_proof(dbt_command: str, relations: Mapping[str, Relation], *unproved: tuple[str, str]) -> Proof:
    empty: dict[str, Any] = dict.fromkeys(("key", "manifest", "owner"), "")
    nothing: dict[str, Any] = dict.fromkeys(("schemas", "leaks", "lost_sources", "long_schemas"), ())
    return Proof(
        **empty,
        **nothing,
        dbt_command=dbt_command,
        claims=(),
        adapter="postgres",
        relations=tuple(relations.items()),
        unproved=unproved,
    )


def at(name: str) -> Relation:
    """A relation by its schema and its own name."""
    schema, identifier = name.split(".")
    return Relation(database=None, schema_name=schema, identifier=identifier)


def make(*records: Record, proofs: tuple[Proof, ...] = (), **known: Any) -> BuildDetails:
    return make_details(make_build(**known), "Zoë", records, Proofs(proofs=proofs))


def fields_of(details: BuildDetails) -> dict[str, tuple[str, ...]]:
    return dict(describe_details(details, ".dot/build/a1b2c3d/env/dev", NOW))


# -- data ----------------------------------------------------------------------------------------------------------


def test_a_build_is_what_its_last_run_was_made_from() -> None:
    older = make_run(9, dot_version="0.0.1")
    details = make(make_run(10, baseline=None), older)  # `--no-defer` forgets the baseline for that run alone
    assert PLAN.environment
    assert (
        *(details.build_id, details.dot_version, details.dbt_version, details.baseline),
        *(details.options, details.vars),
    ) == (PLAN.build_id, "0.1.0", "1.11.16", REMEMBERED, PLAN.environment.options, PLAN.environment.vars)
    assert (details.address, details.author) == ("dev@a1b2c3d", "Zoë")


def test_a_build_that_never_ran_has_nothing_of_a_run() -> None:
    details = make()
    assert (details.build_id, details.dot_version, details.dbt_version, details.baseline) == (None, None, None, None)
    assert (
        *(details.options, details.vars),
        *(details.runs, details.relations),
    ) == (FrozenMapping(), FrozenMapping(), (), ())


def test_a_run_without_an_environment_has_no_options() -> None:
    assert make(make_run(10, environment=None)).options == FrozenMapping()


def test_the_last_five_runs_are_shown() -> None:
    runs = make(*(make_run(hour, exit_code=hour) for hour in range(10, 3, -1))).runs
    assert [run.exit_code for run in runs] == [10, 9, 8, 7, 6]
    assert runs[0].seconds == 9.4


@each("field", ["started_at", "finished_at"])
def test_a_run_whose_time_is_broken_has_no_duration(field: str) -> None:
    (run,) = make(make_run(10, **{field: "then"})).runs
    assert run.seconds is None


def test_what_any_run_let_through_is_listed_once() -> None:
    leaks = make(make_run(10), make_run(9, make_leak("b")), make_run(8, make_leak("b", "old"), make_leak("a"))).leaks
    assert {leak.name for leak in leaks} == {"a", "b"}
    assert len(leaks) == 2


@each(
    ("adapter", "relation", "text"),
    [
        ("postgres", Relation(database='d"b', schema_name="a.b", identifier="c d"), '"d""b"."a.b"."c d"'),
        ("bigquery", Relation(database="p-1", schema_name="x", identifier="orders"), "`p-1`.`x`.`orders`"),
        ("spark", Relation(database=None, schema_name="x", identifier="or.ders"), "`x`.`or.ders`"),
    ],
)
def test_a_relation_is_shown_in_its_parts_and_as_its_warehouse_writes_it(
    adapter: str, relation: Relation, text: str
) -> None:
    proof = make_proof("run", {"model.shop.a": relation}).model_copy(update={"adapter": adapter})
    (shown,) = make(proofs=(proof,)).relations
    assert {
        "unique_id": "model.shop.a",
        "database": relation.database,
        "schema_name": relation.schema_name,
        "name": relation.identifier,
        "kind": "unknown",
        "relation": text,
    } == shown.model_dump()


def test_a_person_can_tell_a_dot_in_a_name_from_one_between_two() -> None:
    relation = Relation(database="db", schema_name="a.b", identifier='c"d')
    assert fields_of(make(proofs=(make_proof("run", {"model.shop.a": relation}),)))["writes"] == ('db."a.b": "c""d"',)


def test_relations_are_those_of_every_command_by_schema_and_name() -> None:
    run = make_proof("run", {"model.shop.b": at("s.b"), "model.shop.a": at("s.a"), "model.shop.z": at("r.z")})
    seed = make_proof("seed", {"seed.shop.c": at("s.c"), "model.shop.a": at("s.a2")})
    assert [relation.name for relation in make(proofs=(run, seed)).relations] == ["z", "a2", "b", "c"]


def test_a_hook_that_two_commands_have_is_one() -> None:
    hooks = (("post-hook", "a"), ("on-run-end", "shop"))
    proofs = (make_proof("run", {}, *hooks), make_proof("build", {}, *hooks, ("post-hook", "b")))
    found = [(hook.kind, hook.of) for hook in make(proofs=proofs).unproved]
    assert [*hooks, ("post-hook", "b")] == found


LOST = LostSource(source="raw.a", file="a.yml", reads="db.raw.a", makes="db.x.a", schema_line="schema: x")


def test_a_source_that_reads_past_the_build_is_listed_once() -> None:
    proofs = tuple(make_proof(command, {}).model_copy(update={"lost_sources": (LOST,)}) for command in ("run", "test"))
    details = make(proofs=proofs)
    assert details.lost_sources == (LOST,)
    assert fields_of(details)["reads"] == ("raw.a is db.raw.a, this build makes db.x.a",)


def test_details_go_through_json_unchanged() -> None:
    proof = make_proof("run", {"model.shop.a": at("s.a")}, ("post-hook", "a"))
    details = make(make_run(10, make_leak("a")), proofs=(proof,), size=14)
    assert BuildDetails.model_validate_json(details.model_dump_json()) == details


# -- for a person --------------------------------------------------------------------------------------------------


def test_a_person_sees_everything_that_is_known() -> None:
    proof = make_proof(
        "run", {"model.shop.a": at("s.a"), "model.shop.b": at("s.b")}, ("post-hook", "a"), ("post-hook", "b")
    )
    runs = (make_run(10, make_leak("a")), make_run(9, dbt_command="run-operation", exit_code=1))
    known = {
        "commit": "a1b2c3d4",
        "subject": "Count refunds",
        "author_date": "2026-11-18T12:00:00Z",
        "size": 14_000_000,
        "reached_from": ("main", "v2.2"),
    }
    assert fields_of(make(*runs, proofs=(proof,), **known)) == {
        "commit": ("a1b2c3d4",),
        "subject": ("Count refunds",),
        "author": ("Zoë, 2026-11-18, 2 days ago",),
        "reached from": ("main, v2.2",),
        "folder": (".dot/build/a1b2c3d/env/dev", "14 MB with its worktree"),
        "build id": (str(PLAN.build_id),),
        "made by": ("dot 0.1.0 · dbt 1.11.16",),
        "baseline": ("prod@9d8c7b6, remembered: what this build lacks is read from there",),
        "options": ('target: "dev"', "threads: 4"),
        "variables": ("sample: 10",),
        "last runs": ("1 hour ago    build          ok   9.4 s", "2 hours ago   run-operation  1    9.4 s"),
        "writes": ("s: a, b",),
        "leaks": ("db.x.a: why",),
        "unproved": ("post-hook of a, b",),
    }


def test_a_person_sees_what_is_not_known() -> None:
    assert fields_of(make()) == {
        "commit": ("–",),
        "subject": ("–",),
        "reached from": ("–",),
        "folder": (".dot/build/a1b2c3d/env/dev",),
        "build id": ("–",),
        "made by": ("–",),
        "last runs": ("none",),
    }


def test_a_run_without_duration_is_shown_all_the_same() -> None:
    assert fields_of(make(make_run(10, finished_at="then")))["last runs"] == ("–   build  ok   –",)


def test_a_run_elsewhere_says_where() -> None:
    there = RemoteRun(run_id=42, url="https://dbx.example/run/42")
    shown = make(make_run(11), make_run(10, remote=there), make_run(9, remote=RemoteRun(run_id=41)))
    assert [run.remote for run in shown.runs] == [None, there, RemoteRun(run_id=41)]
    assert [line.partition("9.4 s")[2].strip() for line in fields_of(shown)["last runs"]] == [
        "",
        "on Databricks: https://dbx.example/run/42",
        "on Databricks: run 41",
    ]


@each(("schemas", "shown"), [(1, 20), (4, 5), (50, 1)])
def test_schemas_share_the_names_that_a_person_is_shown(schemas: int, shown: int) -> None:
    names = {f"model.shop.m{number}": at(f"s{number % schemas:02}.m{number}") for number in range(100)}
    lines = fields_of(make(proofs=(make_proof("run", names),)))["writes"]
    assert len(lines) == schemas
    each = 100 // schemas
    assert all(line.endswith(f" and {each - shown} more") and shown - 1 == line.count(",") for line in lines)
    assert schemas * shown <= max(MOST_NAMES, schemas)


def test_what_a_small_schema_leaves_others_get() -> None:
    names = {"model.shop.a": at("s1.a")} | {f"model.shop.m{number:02}": at(f"s2.m{number:02}") for number in range(25)}
    first, second = fields_of(make(proofs=(make_proof("run", names),)))["writes"]
    assert first == "s1: a"
    assert second.endswith(", m18 and 6 more")
