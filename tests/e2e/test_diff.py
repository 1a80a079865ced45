"""`dot diff` through a real dbt, on DuckDB, and on PostgreSQL as a user who may do no more than read."""

import json
import os
import shutil
from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pytest

from builders import PROJECT, Outcome, commit, git, make_repo, make_tree, run_dot, snapshot
from dot.diff.report import DiffReport, NodeDiff
from e2e.changes import FIRST, make_project
from e2e.warehouse import open_database, read_schema, read_schema_names

if TYPE_CHECKING:
    from postgres import Server

pytestmark = pytest.mark.e2e

OWN = (".dot", ".git/worktrees", ".git/dot-*.lock", "*.duckdb*")
"""What dot may write, and DuckDB's file, whose relations are compared instead."""


@dataclass(frozen=True)
class Shop:
    """The project of `changes`, both of its commits built, with what the diff is run as."""

    project: Path
    env: Mapping[str, str] = field(default_factory=dict)

    def diff(self, *words: str) -> Outcome:
        """`dot diff` of the two builds."""
        return run_dot(self.project, "diff", "dev@main", "dev@feature", *words, env=self.env)

    def report(self, *words: str) -> dict[str, NodeDiff]:
        """What it finds, by name."""
        return read_report(self.diff("--json", *words))

    def schema(self, ref: str) -> str:
        """The schema of a build."""
        return f"analytics_{git(self.project, 'rev-parse', '--short', ref)}"


def read_report(done: Outcome) -> dict[str, NodeDiff]:
    assert done.exit_code == 0, done.stderr
    return {node.name: node for node in DiffReport.model_validate_json(done.stdout).nodes}


def build(project: Path, *addresses: str) -> None:
    for address in addresses:
        done = run_dot(project, "build", address)
        assert done.exit_code == 0, done.stdout + done.stderr


@pytest.fixture(scope="session")
def people(tmp_path_factory: pytest.TempPathFactory) -> Generator[None]:
    """Somebody to commit as, whichever test asks first."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(tmp_path_factory.mktemp("home")))
        for role in ("AUTHOR", "COMMITTER"):
            patch.setenv(f"GIT_{role}_NAME", "Ada")
            patch.setenv(f"GIT_{role}_EMAIL", "ada@example.com")
        yield


@pytest.fixture(scope="session")
def duck(people: None, tmp_path_factory: pytest.TempPathFactory) -> Shop:  # noqa: ARG001
    """On DuckDB, with a relation that somebody dropped, and a view that cannot be read any more.

    dbt's flags stand in profiles.yml, where its older versions had them.
    """
    flags = "{send_anonymous_usage_stats: false}\n"
    files = {
        "dbt_project.yml": str(FIRST["dbt_project.yml"]).replace(f"flags: {flags}", ""),
        "profiles.yml": f"config: {flags}{FIRST['profiles.yml']}",
    }
    shop = Shop(make_project(tmp_path_factory.mktemp("duck"), **files))
    build(shop.project, "dev@main", "dev@feature")
    head = shop.schema("feature")
    with open_database(shop.project / "shop.duckdb") as connection:
        connection.execute(f"drop table {head}.vanishes; create table {head}.t as select 1 as id")
        connection.execute(f"create or replace view {head}.locked as from {head}.t; drop table {head}.t")
    return shop


@pytest.fixture(scope="session")
def elephant(people: None, tmp_path_factory: pytest.TempPathFactory, postgres: "Server") -> Shop:  # noqa: ARG001
    """On PostgreSQL, the same, and the diff is run as a user who may read all but one relation."""
    output = postgres.profile().replace("user: postgres", "user: \"{{ env_var('SHOP_USER', 'postgres') }}\"")
    profile = f"shop: {{target: dev, outputs: {{dev: {output}}}}}\n"
    shop = Shop(
        make_project(tmp_path_factory.mktemp("elephant"), **{"profiles.yml": profile}), {"SHOP_USER": "auditor"}
    )
    build(shop.project, "dev@main", "dev@feature")
    postgres.make_reader("auditor")
    for ref in ("main", "feature"):
        schema = shop.schema(ref)
        postgres.query(
            f"grant usage on schema {schema} to auditor; grant select on all tables in schema {schema} to auditor"
        )
    postgres.query(
        f"drop table {head}.vanishes; revoke select on {head}.locked from auditor" if (head := schema) else ""
    )
    return shop


@pytest.fixture(params=["duck", pytest.param("elephant", marks=pytest.mark.dbt1)])
def shop(request: pytest.FixtureRequest) -> Shop:
    return request.getfixturevalue(request.param)


# -- what is found -------------------------------------------------------------------------------------------------


def data_of(node: NodeDiff) -> tuple[Any, ...] | None:
    """What became of the rows: in short, their numbers, those added, removed and changed, and changed values."""
    data = node.data
    if data is None:
        return None
    columns = {column.name: column.changed for column in data.columns}
    return (data.status, (data.rows_base, data.rows_head), (data.added, data.removed, data.changed), columns)


EXPECTED: Mapping[str, tuple[Any, ...]] = {
    "numbers": ("changed", ("different", (3, 3), (1, 1, 2), {"n": 2})),
    "reads_numbers": ("parent", ("different", (3, 3), (3, 3, None), {})),
    "passing": ("changed", None),
    "reads_passing": ("parent", ("different", (1, 1), (1, 1, None), {})),
    "comes": ("added", ("missing", (None, 1), (None, None, None), {})),
    "goes": ("removed", ("missing", (2, None), (None, None, None), {})),
    "renamed_to": ("renamed", ("equal", (1, 1), (0, 0, 0), {})),
    "repeated": ("changed", ("different", (2, 2), (1, 1, None), {})),
    "pairs": ("changed", ("different", (3, 3), (0, 0, 2), {"v": 2})),
    "vanishes": ("changed", ("missing", (1, None), (None, None, None), {})),
    "locked": ("changed", ("failed", (None, None), (None, None, None), {})),
    "colors": ("changed", ("different", (2, 3), (2, 1, None), {})),
    "history": ("parent", ("different", (3, 3), (1, 1, 2), {"n": 2})),
    "unique_renamed_to_id": ("renamed", None),
}
TIMES = ("dbt_scd_id", "dbt_updated_at", "dbt_valid_from")
"""What a snapshot writes of its own run."""


def test_every_kind_of_change_is_found(shop: Shop) -> None:
    found = shop.report()

    history = found["history"]
    assert history.data
    kept = tuple(column for column in history.data.columns if column.name not in TIMES)
    assert len(history.data.columns) == len(kept) + len(TIMES)
    found["history"] = history.model_copy(update={"data": history.data.model_copy(update={"columns": kept})})
    assert {name.split(".")[0]: (node.code, data_of(node)) for name, node in found.items()} == EXPECTED
    data = {name: node.data for name, node in found.items() if node.data}
    assert (data["numbers"].key, data["numbers"].key_source) == (("id",), "unique test")
    assert [(column.changed, column.nulls) for column in data["numbers"].columns] == [(2, 1)]
    assert (data["pairs"].key, data["pairs"].key_source) == (("k", "l"), "unique_key")
    assert (data["repeated"].key, data["repeated"].duplicates) == ((), (1, 1))
    assert "id is no key" in (data["repeated"].message or "")
    assert data["vanishes"].message == "its relation is not there in head"
    assert ("permission denied" if shop.env else "does not exist") in (data["locked"].message or "")
    assert not any(node.data.samples for node in found.values() if node.data)


def test_everything_is_compared_if_asked_for_and_what_differs_without_a_reason_is_told(shop: Shop) -> None:
    words = ("--all", "--tolerance", "N=0.1", "--show-rows", "--rows", "2", "--fail-on", "none")
    found = shop.report(*words)

    assert EXPECTED.keys() | {"varies"} == found.keys()
    assert found["varies"].unexplained == "uses random()"
    numbers = found["numbers"].data
    assert numbers
    assert [(one.name, one.changed, one.nulls, one.tolerated) for one in numbers.columns] == [("n", 1, 1, 1)]
    rows = [
        (row.key["id"], row.base and str(row.base["n"]), str(row.head and row.head["n"])) for row in numbers.samples
    ]
    assert [(key, str(old).split(".")[0], new.split(".")[0]) for key, old, new in rows] == [
        ("2", "2", "None"),
        ("3", "None", "3"),
    ]


def test_as_text_it_says_what_a_person_should_know(shop: Shop) -> None:
    done = shop.diff("--show-rows", "--key", "repeated=nowhere", "--where", "1 = 1")

    assert (done.exit_code, done.stderr) == (0, "")
    base, head = (git(shop.project, "rev-parse", "--short", ref) for ref in ("main", "feature"))
    lines = [" ".join(line.split()) for line in done.stdout.splitlines()]
    assert [lines[0], lines[2]] == [f'dev@main is {base} "commit 1"', f'→ dev@feature is {head} "One of everything"']
    assert all(line.startswith("built ") for line in (lines[1], lines[3]))
    assert lines[4].startswith("11 of 14 models, 1 of 1 seed, 1 of 1 snapshot affected · "), lines[4]
    for line in (
        "pairs changed 3 → 3 = v: 2 changed (66.7 %)",
        "colors changed (seed) 2 → 3 = 2 added · 1 removed · no key known",
        "renamed_to renamed 1 → 1 = =",
        "comes new 1 row 2 columns",
        "goes removed 2 rows 1 column",
        "its relation is not there in head: vanishes",
        "affected, too: renamed test unique_renamed_to_id",
        "k=null, l=2 v: z → Z",
    ):
        assert line in lines, done.stdout
    (told,) = (line for line in lines if line.startswith("repeated: "))
    assert told.startswith("repeated: `--key` names nowhere, which base and head do not both have; id is no key")


WRITE_DOWN = """
import json, os, sys
with open(os.environ["STARTS"], "a", encoding="utf-8") as starts:
    print(json.dumps(sys.orig_argv), file=starts)
"""
"""What every Python that starts runs first: how it was called."""


def test_nothing_is_written_outside_dots_folder_and_dbt_is_started_once(
    shop: Shop, tmp_path: Path, request: pytest.FixtureRequest, dbt_major: int
) -> None:
    make_tree(tmp_path, {"sitecustomize.py": WRITE_DOWN})
    path = os.pathsep.join([str(tmp_path), *filter(None, [os.environ.get("PYTHONPATH")])])
    watched = Shop(shop.project, {**shop.env, "PYTHONPATH": path, "STARTS": str(tmp_path / "starts")})
    catalog = catalog_of(shop, request)
    files = snapshot(shop.project, without=OWN)
    manifests = {file: file.read_bytes() for file in shop.project.glob(".dot/build/*/env/*/target/manifest.json")}

    watched.report("--all", "--show-rows", "--select", "numbers varies repeated locked")

    assert snapshot(shop.project, without=OWN) == files
    assert catalog_of(shop, request) == catalog
    assert {file: file.read_bytes() for file in manifests} == manifests
    starts = (tmp_path / "starts").read_text(encoding="utf-8").splitlines()
    programs = [Path(json.loads(start)[1]).name for start in starts]
    own = ("-c", "-B")  # which Python starts by itself, to look after semaphores
    assert ["-m", *(["driver.py"] if dbt_major == 1 else [])] == [name for name in programs if name not in own]


def catalog_of(shop: Shop, request: pytest.FixtureRequest) -> object:
    """Every relation, in a way that shows whether it was written anew."""
    if shop.env:
        server: Server = request.getfixturevalue("postgres")
        queries = (
            "select oid, xmin::text, relname, relfilenode from pg_class",
            "select oid, nspname from pg_namespace",
        )
        return [sorted(server.query(query), key=str) for query in queries]
    database = shop.project / "shop.duckdb"
    with duckdb.connect(str(database), read_only=True) as connection:
        queries = ("select table_oid, sql from duckdb_tables()", "select view_oid, sql from duckdb_views()")
        return [sorted(connection.execute(query).fetchall()) for query in queries], read_schema_names(database)


@pytest.mark.matrix  # which it is, cannot be told by a script of the shell
def test_a_dbt_that_is_started_anew_for_each_question_comes_to_the_same(duck: Shop, tmp_path: Path) -> None:
    program = make_tree(tmp_path, {"dbt": f'#!/bin/sh\nexec {shutil.which("dbt")} "$@"\n'}) / "dbt"
    program.chmod(0o755)
    assert duck.report() == Shop(duck.project, {"DOT_DBT": str(program)}).report()


# -- what can be asked for -----------------------------------------------------------------------------------------


def test_only_what_is_selected_is_compared(duck: Shop) -> None:
    assert duck.report("--select", "numbers+", "goes").keys() == {"numbers", "reads_numbers", "history", "goes"}
    nothing = duck.diff("--select", "nowhere")
    assert (nothing.exit_code, "`--select nowhere` names nothing on either side" in nothing.stderr) == (0, True)


def test_only_rows_that_are_asked_for_are_compared(duck: Shop) -> None:
    words = ("--select", "numbers", "--where", "id < 3")
    data = duck.report(*words, "--key", "numbers=Letter")["numbers"].data
    assert data
    assert ((data.rows_base, data.rows_head), (data.added, data.removed, data.changed)) == ((2, 1), (0, 1, 1))
    assert (data.key, data.key_source) == (("letter",), "--key")


def test_a_budget_that_is_used_up_is_told(duck: Shop) -> None:
    done = duck.diff("--budget", "0")
    assert done.exit_code == 0
    assert "no time was left for 9: locked, numbers, pairs and 6 more" in done.stdout


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("--fail-on", "none"), 0),
        (("--fail-on", "schema", "--select", "pairs"), 0),
        (("--fail-on", "schema", "--select", "numbers"), 1),
        (("--fail-on", "data", "--select", "renamed_to"), 0),
        (("--fail-on", "data", "--select", "vanishes"), 1),
        (("--fail-on", "any", "--select", "renamed_to"), 1),
        (("--fail-on", "any", "--select", "a"), 0),
        (("--fail-on", "schema", "--select", "locked"), 6),
        (("--fail-on", "data", "--select", "pairs", "--budget", "0"), 6),
        (("--fail-on", "schema", "--select", "numbers", "--where", "no_such_column"), 1),
        (("--fail-on", "schema", "--select", "pairs", "--where", "no_such_column"), 6),
    ],
)
def test_the_exit_code_tells_what_became_of_the_gate(words: tuple[str, ...], expected: int, duck: Shop) -> None:
    assert duck.diff(*words).exit_code == expected


def test_the_report_comes_in_every_form(duck: Shop, tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    done = duck.diff("--markdown", "--html", str(page), "--select", "numbers")

    assert done.stdout.startswith("<!-- dot diff -->\n### `dev@")
    assert "| `numbers` | changed |" in done.stdout
    assert f"wrote {page}" in done.stderr
    assert "numbers" in page.read_text(encoding="utf-8")
    text = duck.diff("--json", "--select", "numbers").stdout
    assert json.loads(text) == json.loads(DiffReport.model_validate_json(text).model_dump_json())


REFUSED: Mapping[tuple[str, ...], tuple[str, ...]] = {
    ("dev@main", "prod@main"): ("there is no build prod@", "`dot build prod@main` makes it"),
    ("dev@main", "other"): ("are in different databases", "differ in little more than their schema"),
    ("dev@main", "dev@feature", "--fail-on", "some"): ("`--fail-on some` is unknown", "none, schema, data, any"),
    ("dev@main", "--select", "numbers", "prod"): ("`prod` is an environment", "`dot diff dev@main prod --select …`"),
    ("dev@main", "dev@feature", "--key", "id"): ("`--key id` is no key of a model", "`MODEL=COLUMN[,COLUMN]`"),
    ("dev@main", "dev@feature", "--tolerance", "n=-1"): (
        "`--tolerance n=-1` is no tolerance of a column",
        "a number from 0 on",
    ),
    ("dev@main", "dev@feature", "--budget", "-1"): ("`--budget -1` is no time", "it takes seconds"),
    ("dev@main", "dev@feature", "--select", "numbers", "--tolerance", "idd=1"): (
        "`--tolerance` names `idd`, which nothing that was compared has",
        "did you mean `id`?",
    ),
    ("dev@main", "dev@feature", "--key", "number=id"): ("`--key` names `number`", "did you mean `numbers`?"),
    ("dev@main", "dev@feature", "--select", "nonsense:new"): (
        "dbt cannot select `nonsense:new`",
        "`dot list dev@feature -- --select …`",
    ),
}


@pytest.mark.parametrize("words", REFUSED)
def test_what_makes_no_sense_is_refused_with_a_way_out(words: tuple[str, ...], duck: Shop) -> None:
    done = run_dot(duck.project, "diff", *words)
    assert (done.exit_code, done.stdout) == (2, ""), done
    for text in REFUSED[words]:
        assert text in done.stderr


# -- what no manifest holds ----------------------------------------------------------------------------------------

_LARGE = "id,note\n" + "".join(f"{number},{'x' * 120_000}\n" for number in range(10))
"""A seed of more than 1 MiB, of which dbt remembers the path alone."""


def test_variables_and_large_seeds_are_part_of_the_code_as_they_were_when_it_was_built(tmp_path: Path) -> None:
    settings = f"{PROJECT['dbt_project.yml']}vars: {{cut: 10, same: 1, shop: {{own: 1}}}}\n"
    files = {
        **PROJECT,
        "dbt_project.yml": settings,
        "dot_environments.yml": "environment: {default: dev, dev: {vars: {rate: 1}}}\n",
        "models/cut.sql": "select {{ var('cut') }} as id",
        "models/below.sql": "select * from {{ ref('cut') }}",
        "models/own.sql": "select {{ var('own') }} as id",
        "models/rate.sql": "select {{ var('rate') }} as id",
        "models/same.sql": "select {{ var('same') }} as id",
        "seeds/large.csv": _LARGE,
    }
    project = make_repo(tmp_path / "shop", files)
    build(project, "dev@HEAD")
    settings = settings.replace("10", "20").replace("own: 1", "own: 2")
    large = _LARGE.replace("5,", "17,")
    make_tree(project, {"dbt_project.yml": settings, "seeds/large.csv": large})
    make_tree(project, {"dot_environments.yml": "environment: {default: dev, dev: {vars: {rate: 2}}}\n"})
    commit(project, "other values")
    assert run_dot(project, "test", "dev@HEAD~1").exit_code == 0  # with other values, which no model is made of
    build(project, "dev@HEAD")

    plain, shown = (
        read_report(run_dot(project, "diff", "dev@HEAD~1", "dev@HEAD", "--json", *words))
        for words in ((), ("--show-rows",))
    )

    assert {name: [change.summary for change in node.changes] for name, node in plain.items()} == {
        "cut": ["var cut: 10 -> 20"],
        "below": [],
        "own": ["var own: 1 -> 2"],
        "rate": ["var rate: 1 -> 2"],
        "large": ["1 row added, 1 row removed"],
    }
    assert {(node.data.status, node.data.added, node.data.removed) for node in plain.values() if node.data} == {
        ("different", 1, 1)
    }
    assert ["+17,x" in report["large"].changes[0].diff for report in (plain, shown)] == [False, True]


# -- the working tree, and builds that are not there yet -----------------------------------------------------------


def test_a_build_is_compared_with_the_working_tree_as_it_is_and_live_environments_with_each_other(
    tmp_path: Path,
) -> None:
    project = make_project(tmp_path / "shop")
    make_tree(project, {"models/pairs.sql": "select 1 as k, 2 as l, 'live' as v"})
    build(project, "dev")
    commit(project, "pairs")
    make_tree(project, {"models/a.sql": "select 2 as id", "models/not_built.sql": "select 1 as id"})
    before = snapshot(project, without=OWN)

    made = run_dot(project, "diff", "@main", "--build", "--json", "--select", "a b pairs not_built")
    found = read_report(made)

    assert "building @main" in made.stderr
    assert snapshot(project, without=OWN) == before
    expected = {"a": ("changed", "equal"), "b": ("parent", "equal"), "pairs": ("changed", "different")}
    assert {name: (node.code, node.data and node.data.status) for name, node in found.items()} == expected | {
        "not_built": ("added", "missing")
    }

    (project / "models" / "not_built.sql").unlink()
    build(project, "prod")
    tables = read_schema(project / "shop.duckdb", "production")
    both = read_report(run_dot(project, "diff", "dev", "prod", "--all", "--json"))
    assert {name: (node.code, node.data and node.data.added) for name, node in both.items() if name in ("a", "b")} == {
        "a": ("same", 1),
        "b": ("same", 1),
    }
    assert "varies" in both
    assert "pairs" not in both
    assert read_schema(project / "shop.duckdb", "production") == tables
