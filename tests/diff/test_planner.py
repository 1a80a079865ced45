"""The plan of a comparison: what is asked, by which connection, and what nobody else may touch meanwhile."""

from pathlib import PurePath

from dot.base.address import parse_address
from dot.base.frozen import FrozenMapping
from dot.dbt.engine import Dbt
from dot.diff.planner import DiffFacts, SideFacts, find_connected, plan_diff
from dot.plan.commit import Commit
from dot.plan.explainer import explain
from dot.plan.plan import PlannedSide, Project, mask_plan, parse_plan, render_plan
from dot.plan.request import DiffRequest
from dot.plan.step import AskMacro, ReadProject, SelectNodes, SideName, WriteProfile
from examples.plans import COMMIT, make_environment, plan

PROJECT = PurePath("/srv/shop")
DATABASE = PurePath("/srv/.git/dot-database-1.lock")
FOLDERS = {"base": PROJECT / ".dot/build/a1b2c3d/env/dev", "head": PROJECT / ".dot/live/prod"}


def make_side(side: SideName, environment: str, commit: Commit | None, *, is_whole: bool = False) -> SideFacts:
    """A build that is there, or without a commit the working tree; all of it is compared if it `is_whole`."""
    address = f"{environment}@main" if commit else environment
    folder = FOLDERS[side]
    asked = {"side": side, "cwd": folder, "env": FrozenMapping()}
    profile = WriteProfile(
        path=folder / "diff/profiles.yml",
        source=PROJECT / "profiles.yml",
        profile="shop",
        target=environment,
        schema_name="analytics",
        content=FrozenMapping(),
        user_file=None,
    )
    return SideFacts(
        planned=PlannedSide(address=parse_address(address), environment=make_environment(environment), commit=commit),
        folder=folder,
        locks=(DATABASE,) if commit else (),
        profile=profile,
        read=None if commit else ReadProject(argv=("dbt", "parse"), **asked),
        select=None if is_whole else SelectNodes(argv=("dbt", "list", "--select", side), **asked),
        ask=AskMacro(argv=("dbt", "run-operation"), macro="dot_diff", **asked),
    )


def make_facts(*sides: SideFacts) -> DiffFacts:
    base, head = sides
    return DiffFacts(
        dot_version="0.6.0",
        dbt=Dbt(command=("dbt",), version="1.12.6"),
        cwd=PROJECT,
        project=Project(name="shop", folder=PROJECT),
        files=FrozenMapping(),
        sides=(base, head),
    )


BUILD_AND_LIVE = make_facts(make_side("base", "dev", COMMIT), make_side("head", "prod", None))


def make_request(**more: object) -> DiffRequest:
    return DiffRequest.model_validate(
        {"base": parse_address("dev@main"), "head": parse_address("prod"), **more}, strict=False
    )


def test_each_side_is_read_and_selected_and_the_warehouse_asked_once() -> None:
    planned = plan_diff(make_request(html="page.html"), BUILD_AND_LIVE)
    assert [(step.kind, getattr(step, "side", None)) for step in planned.steps] == [
        ("write_profile", None),
        ("read_project", "head"),
        ("select_nodes", "base"),
        ("select_nodes", "head"),
        ("ask_macro", "base"),
        ("write_page", None),
    ]
    assert planned.command == "diff"
    assert mask_plan(planned).request == planned.request
    assert parse_plan(render_plan(planned)) == planned


def test_where_everything_is_compared_nothing_is_selected() -> None:
    sides = make_side("base", "dev", COMMIT, is_whole=True), make_side("head", "prod", COMMIT, is_whole=True)
    kinds = [step.kind for step in plan_diff(make_request(), make_facts(*sides)).steps]
    assert kinds == ["write_profile", "ask_macro"]


def test_a_build_brings_the_connection_where_the_other_side_is_live() -> None:
    build, live = BUILD_AND_LIVE.sides
    for facts, connected in (
        (BUILD_AND_LIVE, build),
        (make_facts(live, build), build),
        (make_facts(live, live), live),
        (make_facts(build, build), build),
    ):
        assert find_connected(facts) == connected


def test_both_sides_and_the_opened_database_are_locked() -> None:
    planned = plan_diff(make_request(), BUILD_AND_LIVE)
    assert {lock.path.name: lock.held for lock in planned.locks} == {
        "gitignore.lock": "in_a_step",
        "a1b2c3d-dev.lock": "to_the_end",
        "live-prod.lock": "to_the_end",
        "dot-database-1.lock": "to_the_end",
    }
    assert planned.folders == (PROJECT / ".dot/locks", FOLDERS["base"], FOLDERS["head"], DATABASE.parent)


def test_a_build_that_both_sides_lack_is_made_once() -> None:
    build = plan()
    base, head = (side.model_copy(update={"build": build}) for side in BUILD_AND_LIVE.sides)
    assert plan_diff(make_request(build=True), make_facts(base, head)).before == (build,)


def test_a_person_reads_what_is_compared_and_what_is_locked() -> None:
    base, head = BUILD_AND_LIVE.sides
    planned = plan_diff(make_request(build=True), make_facts(base.model_copy(update={"build": plan()}), head))
    text = explain(planned, PROJECT)
    assert text.startswith(f"{explain(plan(), PROJECT)}\n")
    for line in (
        "dev@main and prod → comparison",
        f"  base  commit {COMMIT.hash[:12]}… in environment dev",
        "  head  the working tree, live in environment prod",
        "  locks .dot/locks/a1b2c3d-dev.lock, .dot/locks/live-prod.lock, ../.git/dot-database-1.lock",
    ):
        assert line in text.splitlines(), line
