"""How an isolated build is proved before it runs, by which rules, and what it locks."""

from hashlib import sha256
from itertools import pairwise
from pathlib import PurePath
from typing import Any

from cases import each
from dot.dbt.engine import Dbt
from dot.dbt.option_table import COMMANDS
from dot.dbt.writes import WRITES
from dot.isolation.rules import Rules
from dot.plan.facts import Facts
from dot.plan.plan import Project
from dot.plan.step import CheckIsolation
from examples.plans import (
    BASELINE,
    BUILD,
    CWD,
    DEFER,
    FOLDER,
    HASH,
    PLACES,
    VARS,
    dbt_step,
    kinds_of,
    make_commit,
    make_environment,
    make_facts,
    make_isolated_facts,
    plan,
    step_of,
    with_options,
    with_output,
)

LISTED = ("--output", "json", "--output-keys", "unique_id", "--quiet")


# -- the proof -----------------------------------------------------------------------------------------------------


@each("command", sorted(COMMANDS[1]))
def test_every_command_that_writes_is_proved_first(command: str) -> None:
    assert (command in WRITES) == ("check_isolation" in kinds_of(plan(command)))


def test_nothing_is_proved_of_a_live_build() -> None:
    assert kinds_of(plan(facts=make_facts())) == ["run_dbt"]


def test_the_proof_is_of_the_manifest_that_parse_leaves_behind() -> None:
    facts = with_options(threads=4)

    assert CheckIsolation(
        argv=("/env/bin/dbt", "parse", *PLACES, "--threads", "4", *VARS, "--log-level", "warn", "--write-json"),
        select_argv=(
            *("/env/bin/dbt", "list", *PLACES, "--no-defer", *VARS, "--resource-types", "seed"),
            *("--exclude-resource-types", "analysis", *LISTED),
        ),
        cwd=CWD,
        manifest=FOLDER / "target/manifest.json",
        results=FOLDER / "target/run_results.json",
        kept=FOLDER / "isolation.json",
        repository=PurePath("/srv"),
        claims=PurePath("/srv/.git/dot-claims.lock"),
        rules=Rules(
            short_hash="a1b2c3d",
            dbt_command="seed",
            store_failures=False,
            adapter="postgres",
            max_schema_bytes=63,
            connection=sha256(b"['postgres', ('host', 'db'), ('port', '5432'), False]").hexdigest(),
            owner=sha256(
                f"dbt\n{HASH}\n{facts.environment and facts.environment.model_dump_json()}".encode()
            ).hexdigest(),
            folder=CWD,
            worktree=BUILD / "worktree",
        ),
        allow_leaks=True,
    ) == step_of(plan("seed", facts=facts, allow_leaks=True), CheckIsolation)


@each(
    ("options", "extra", "words"),
    [
        ({}, ("--vars", "{a: 1}"), ("--vars", "{a: 1}", "--log-level", "warn")),
        ({}, ("-x", "--select", "a", "b", "--exclude=c"), (*VARS, "--fail-fast", "--log-level", "warn")),
        ({}, ("--threads=2",), (*VARS, "--threads", "2", "--log-level", "warn")),
        ({}, ("--no-partial-parse",), (*VARS, "--no-partial-parse", "--log-level", "warn")),
        ({}, ("--full-refresh", "--empty"), (*VARS, "--log-level", "warn")),
        ({}, ("--quiet",), (*VARS, "--quiet")),
        ({}, ("-d",), (*VARS, "--debug")),
        ({"log_level": "error"}, (), ("--log-level", "error", *VARS)),
        ({"select": "a", "debug": True}, (), ("--debug", *VARS)),
    ],
)
def test_the_project_is_parsed_as_the_command_would_and_quietly(
    options: dict[str, Any], extra: tuple[str, ...], words: tuple[str, ...]
) -> None:
    step = step_of(plan("build", *extra, facts=with_options(**options)), CheckIsolation)

    assert (*PLACES, *words, "--write-json") == step.argv[2:]


def test_a_selection_makes_no_other_parse_where_dbt_would_take_it_for_one() -> None:
    facts = make_isolated_facts(dbt=Dbt(command=("dbt",), version="2.0.9"))
    words = ("--select", "a", "b", "--exclude", "c", "--selector", "d", "--threads", "3")
    step = step_of(plan("build", *words, facts=facts), CheckIsolation)

    assert step.argv[-6:] == (*VARS, "--threads", "3", "--quiet", "--write-json")
    assert {"a", "b", "c", "d"} <= set(step.select_argv)


@each("version", [None, "2.0.0-alpha.4"])
def test_a_dbt_that_tells_no_error_among_warnings_is_asked_to_tell_errors(version: str | None) -> None:
    facts = make_isolated_facts(dbt=Dbt(command=("dbt",), version=version))

    assert step_of(plan(facts=facts), CheckIsolation).argv[-4:] == (*VARS, "--quiet", "--write-json")


@each(
    ("options", "extra", "words"),
    [
        ({}, (), VARS),
        ({"threads": 4}, ("--empty",), VARS),
        ({}, ("--select", "a", "b"), (*VARS, "--select", "a", "--select", "b")),
        ({}, ("--select=a", "b"), (*VARS, "--select", "a", "--select", "b")),
        ({}, ("-sa", "--exclude", "c"), (*VARS, "--select", "a", "--exclude", "c")),
        ({"select": "a"}, ("-m", "b"), ("--select", "a", *VARS, "--select", "b")),
        ({"selector": "nightly"}, (), ("--selector", "nightly", *VARS)),
        ({"exclude": ["x", "-y"]}, (), ("--exclude", "x", "--exclude=-y", *VARS)),
        ({"resource_types": "model"}, (), ("--resource-types", "model", *VARS)),
        ({"exclude_resource_types": "test"}, (), ("--exclude-resource-types", "test", *VARS)),
        ({"indirect_selection": "buildable"}, (), ("--indirect-selection", "buildable", *VARS)),
        ({}, ("--vars", "{a: 1}", "-s", "b"), ("--vars", "{a: 1}", "--select", "b")),
        ({"output": "path", "debug": True}, ("--empty", "-s", "b"), ("--debug", *VARS, "--select", "b")),
    ],
)
def test_what_is_selected_is_listed_as_the_command_would_select_it(
    options: dict[str, Any], extra: tuple[str, ...], words: tuple[str, ...]
) -> None:
    step = step_of(plan("build", *extra, facts=with_options(**options)), CheckIsolation)

    assert ("/env/bin/dbt", "list", *PLACES, "--no-defer", *words, *LISTED) == step.select_argv


@each(("command", "kind"), [("run", "model"), ("seed", "seed"), ("snapshot", "snapshot")])
def test_a_command_of_one_kind_selects_that_kind_whatever_the_environment_says(command: str, kind: str) -> None:
    step = step_of(plan(command, facts=with_options(resource_types="test")), CheckIsolation)

    words = (*VARS, "--resource-types", kind, "--exclude-resource-types", "analysis")
    assert (*PLACES, "--no-defer", *words, *LISTED) == step.select_argv[2:]


def test_the_baseline_is_no_part_of_the_proof() -> None:
    assert "--defer" not in step_of(plan(facts=make_isolated_facts(baseline=BASELINE)), CheckIsolation).argv


@each("command", ["retry", "source freshness"])
def test_nothing_is_listed_for_a_retry_and_for_what_writes_nothing(command: str) -> None:
    assert step_of(plan(command, facts=with_options(indirect_selection="eager")), CheckIsolation).select_argv == ()


@each(
    ("options", "extra"),
    [
        ({"state": "/s"}, ("-s", "state:modified")),
        ({}, ("--state", "/s", "-s", "state:modified")),
        ({"state": "/old"}, ("--state", "/s", "-s", "state:modified")),
    ],
)
def test_a_selection_by_state_is_listed_with_that_state(options: dict[str, Any], extra: tuple[str, ...]) -> None:
    words = step_of(plan("build", *extra, facts=with_options(**options)), CheckIsolation).select_argv

    assert [pair for pair in pairwise(words) if pair[0] == "--state"][-1] == ("--state", "/s")  # the last one counts


def test_a_selection_is_listed_against_the_baseline() -> None:
    facts = make_isolated_facts(baseline=BASELINE)
    words = step_of(plan("build", "-s", "state:modified", facts=facts), CheckIsolation).select_argv

    assert words[2:] == (*PLACES, *VARS, *DEFER, "--select", "state:modified", *LISTED)


# -- rules ---------------------------------------------------------------------------------------------------------


def rules(facts: Facts, *extra: str) -> Rules:
    return step_of(plan("test", *extra, facts=facts), CheckIsolation).rules


@each(
    ("options", "extra", "expected"),
    [
        ({}, (), False),
        ({"store_failures": True}, (), True),
        ({"store_failures": False}, (), False),
        ({}, ("--store-failures",), True),
        ({"store_failures": False}, ("--store-failures",), True),
        ({}, ("--vars", "--store-failures"), False),
    ],
)
def test_the_rules_know_whether_tests_store_their_failures(
    options: dict[str, Any],
    extra: tuple[str, ...],
    expected: bool,  # noqa: FBT001
) -> None:
    assert rules(with_options(**options), *extra).store_failures is expected


@each(
    ("options", "extra", "expected"),
    [
        ({}, (), True),
        ({"store_failures": False}, (), False),
    ],
)
def test_the_shell_says_whether_tests_store_their_failures_where_no_option_does(
    options: dict[str, Any],
    extra: tuple[str, ...],
    expected: bool,  # noqa: FBT001
) -> None:
    facts = with_options(**options).model_copy(update={"stores_failures": True})
    assert rules(facts, *extra).store_failures is expected


@each(
    ("fields", "rendered", "external_root"),
    [
        ({}, {}, None),
        ({"external_root": "s3://bucket/x"}, {}, "s3://bucket/x"),
        ({"external_root": "out"}, {}, "/srv/shop/out"),
        ({"external_root": "{{ x }}"}, {"external_root": "s3://bucket/x"}, "s3://bucket/x"),
        ({"external_root": 5}, {}, None),
    ],
)
def test_the_rules_know_where_external_files_go(
    fields: dict[str, Any], rendered: dict[str, str], external_root: str | None
) -> None:
    assert rules(with_output(rendered, type="duckdb", **fields)).external_root == external_root


def test_the_rules_know_the_adapter_and_how_it_names_its_files() -> None:
    found = rules(with_output({"type": "athena"}, type="{{ t }}", s3_data_naming="table"))

    assert (found.adapter, found.s3_data_naming, found.max_schema_bytes) == ("athena", "table", 255)


def test_the_rules_tell_one_warehouse_from_another_by_where_it_is_and_show_nobody_where() -> None:
    def connection(**changes: Any) -> str:
        output: dict[str, Any] = {"type": "snowflake", "account": "x", "database": "shop", **changes}
        return rules(with_output(**output)).connection

    assert connection() == connection(account="X", user="ada", password="p")
    assert connection() == connection(database="another")  # which a relation names itself
    assert connection() != connection(account="y")
    assert "x" not in connection()


def test_a_database_in_memory_is_shared_with_nobody() -> None:
    memory, file = with_output(type="duckdb"), with_output(type="duckdb", path="/x.db")
    ci = {"environment": make_environment("ci")}

    assert rules(memory).connection != rules(memory.model_copy(update=ci)).connection
    assert rules(file).connection == rules(file.model_copy(update=ci)).connection


def test_the_same_build_has_one_owner_wherever_it_is_made() -> None:
    facts = make_isolated_facts()
    elsewhere = facts.model_copy(update={"project": Project(name="shop", folder=PurePath("/srv/elsewhere"))})
    another = facts.model_copy(update={"commit": make_commit(folder=PurePath("another"))})

    assert rules(facts).owner == rules(elsewhere).owner
    assert len({rules(one).owner for one in (facts, another, with_options(threads=9))}) == 3


# -- locks ---------------------------------------------------------------------------------------------------------

ATTACHED = {"type": "duckdb", "path": "b.db", "attach": [{"path": "/a.db"}]}
TURNED = {"type": "duckdb", "path": "/a.db", "attach": [{"path": "b.db"}]}


@each("output", [ATTACHED, TURNED])
def test_files_that_one_process_may_write_are_locked_for_the_whole_repository_in_one_order(
    output: dict[str, Any],
) -> None:
    step = dbt_step(plan(facts=with_output(**output)))
    names = sorted(sha256(file.encode()).hexdigest()[:16] for file in ("/a.db", "/srv/shop/b.db"))

    assert tuple(PurePath(f"/srv/.git/dot-database-{name}.lock") for name in names) == step.locks


@each("command", ["clean", "deps", "docs serve", "list", "ls", "parse"])
def test_a_command_that_opens_no_database_locks_none(command: str) -> None:
    assert dbt_step(plan(command, facts=with_output(**ATTACHED))).locks == ()


def test_a_server_needs_no_lock() -> None:
    assert dbt_step(plan()).locks == ()
