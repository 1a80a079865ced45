"""What the macros of `warehouse/` say of random pairs of tables, against an oracle in Python."""

import math
import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import duckdb
import psycopg2
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

import dot
from builders import make_tree
from dot.base.frozen import FrozenMapping
from dot.dbt.program import find_dbt
from dot.dbt.session import Call, open_session
from dot.diff.data.compare import Begun, ComparisonResult, RelationPair, parse_printed, render_arguments
from dot.relation.relation import Relation
from e2e.warehouse import open_database

if TYPE_CHECKING:
    from postgres import Server

pytestmark = pytest.mark.e2e

WAREHOUSE = Path(dot.__file__).parent / "warehouse"
Row = tuple[Any, ...]


class Database(Protocol):
    """A database that tests fill before dbt reads it."""

    name: str
    schema: str
    adapter: str

    def execute(self, sql: str, rows: Sequence[Row] | None = None) -> None:
        """A statement, or one for each of the rows."""
        ...


@dataclass
class Duck:
    """DuckDB, which belongs to dbt once that has opened it."""

    connection: duckdb.DuckDBPyConnection
    name: str = "shop"
    schema: str = "main"
    adapter: str = "duckdb"

    def execute(self, sql: str, rows: Sequence[Row] | None = None) -> None:
        if rows is None:
            self.connection.execute(sql)
        elif rows:
            self.connection.executemany(sql, rows)


@dataclass
class Postgres:
    """PostgreSQL, which dbt reads as a user who may do no more than read."""

    connection: Any
    name: str = "postgres"
    schema: str = "public"
    adapter: str = "postgres"

    def execute(self, sql: str, rows: Sequence[Row] | None = None) -> None:
        with self.connection.cursor() as cursor:
            if rows is None:
                cursor.execute(sql)
            else:
                cursor.executemany(sql.replace("?", "%s"), rows)


def place(database: Database, name: str) -> Relation:
    return Relation(database=database.name, schema_name=database.schema, identifier=name)


def pair(database: Database, name: str, base: str, head: str, **more: Any) -> RelationPair:
    """The comparison of two of its tables."""
    sides = {"base": place(database, base), "head": place(database, head)}
    return RelationPair(id=name, adapter=database.adapter, **sides, **more)


def ask(folder: Path, output: str, comparisons: Sequence[RelationPair], rows: int = 3) -> dict[str, ComparisonResult]:
    """The answers by id, from one dbt."""
    make_tree(folder, {"profiles.yml": f"shop:\n  target: dev\n  outputs:\n    dev: {output}\n"})
    places = {"--project-dir": WAREHOUSE, "--profiles-dir": folder, "--target-path": folder, "--log-path": folder}
    words = [word for name, path in places.items() for word in (name, str(path))]
    lines: list[str] = []
    arguments = render_arguments(tuple(comparisons), budget=None, rows=rows)
    with open_session(find_dbt("dbt", os.environ, folder), folder, dict(os.environ)) as session:
        call = Call(("run-operation", "dot_diff", *words, "--profile", "shop", "--args", arguments), folder)
        exit_code, message = session.listen(call, lines.append)
        assert exit_code == 0, message
    printed = [parse_printed(line) for line in lines]
    assert [comparison.id for comparison in comparisons] == [one.id for one in printed if isinstance(one, Begun)]
    return {answer.id: answer for answer in printed if isinstance(answer, ComparisonResult)}


# -- random pairs of tables ----------------------------------------------------------------------------------------

ZONES = st.sampled_from([UTC, timezone(timedelta(hours=5, minutes=30))])
MOMENTS = {"min_value": datetime(1900, 1, 1), "max_value": datetime(2200, 1, 1)}  # noqa: DTZ001
TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=4)
TYPES: Mapping[str, st.SearchStrategy[Any]] = {
    "integer": st.integers(-3, 3) | st.integers(-(2**31), 2**31 - 1),
    "bigint": st.integers(-(2**63), 2**63 - 1),
    "decimal(38, 10)": st.decimals(Decimal(-(10**27)), Decimal(10**27), places=10),
    "double precision": st.floats(),
    "text": TEXTS,
    "boolean": st.booleans(),
    "date": st.dates(date(1900, 1, 1), date(2200, 1, 1)),
    "timestamp": st.datetimes(**MOMENTS),
    "timestamp with time zone": st.datetimes(**MOMENTS, timezones=ZONES),
    "text[]": st.lists(TEXTS, max_size=2),
}
NAMES = ("id", "select", "Select", "größe", 'quote"d', "a b", "dot_rows", "s1")


@dataclass(frozen=True)
class Table:
    """Columns with their types, and rows."""

    columns: tuple[tuple[str, str], ...]
    rows: tuple[Row, ...]


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Table, Table, tuple[str, ...]]:
    """Two tables, the second made from the first by some changes, and a key which may be none."""
    names = draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=4, unique_by=str.lower))
    columns = tuple((name, draw(st.sampled_from(list(TYPES)))) for name in names)
    row = st.tuples(*(st.none() | TYPES[kind] for _, kind in columns))
    base = draw(st.lists(row, max_size=6))
    head = [draw(row) if draw(st.integers(0, 3)) == 0 else old for old in base if draw(st.integers(0, 4))]
    head += draw(st.lists(row, max_size=2))
    plain = [name for name, kind in columns if kind not in ("text[]", "double precision")]
    key = draw(st.lists(st.sampled_from(plain), max_size=2, unique=True)) if plain else []
    return Table(columns, tuple(base)), Table(columns, tuple(draw(st.permutations(head)))), tuple(key)


def quote(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def fill(database: Database, name: str, table: Table) -> None:
    columns = ", ".join(f"{quote(column)} {kind}" for column, kind in table.columns)
    database.execute(f"create table {name} ({columns})")
    database.execute(f"insert into {name} values ({', '.join('?' * len(table.columns))})", table.rows)


def canonical(value: Any) -> Any:
    """A value that equals another exactly when a database says that they do not differ."""
    if isinstance(value, float):
        return "nan" if math.isnan(value) else value + 0.0
    if isinstance(value, datetime) and value.tzinfo:
        return value.astimezone(UTC)
    return tuple(value) if isinstance(value, list) else value


def expect(base: Table, head: Table, key: tuple[str, ...]) -> dict[str, Any]:
    """What the comparison must come to."""
    names = [name for name, _ in base.columns]
    sides = [[tuple(map(canonical, row)) for row in table.rows] for table in (base, head)]
    counted = [Counter(rows) for rows in sides]
    of_key = [[tuple(row[names.index(name)] for name in key) for row in rows] for rows in sides]
    duplicates = tuple(sum(count > 1 for count in Counter(keys).values()) for keys in of_key) if key else (0, 0)
    expected: dict[str, Any] = {"rows": (len(sides[0]), len(sides[1])), "columns": {}}
    if counted[0] == counted[1]:
        return expected | {"added": 0, "removed": 0, "changed": 0}
    if not key or any(duplicates):
        return expected | {
            "added": (counted[1] - counted[0]).total(),
            "removed": (counted[0] - counted[1]).total(),
            "changed": None,
        }
    left, right = (dict(zip(keys, rows, strict=True)) for keys, rows in zip(of_key, sides, strict=True))
    both = [(left[found], right[found]) for found in left if found in right]
    counts = {name: sum(one[at] != other[at] for one, other in both) for at, name in enumerate(names)}
    return expected | {
        "added": len(right.keys() - left.keys()),
        "removed": len(left.keys() - right.keys()),
        "changed": sum(one != other for one, other in both),
        "columns": {name: count for name, count in counts.items() if count},
    }


def read(answer: ComparisonResult) -> dict[str, Any]:
    columns = {column.name: column.changed for column in answer.columns}
    numbers = {"added": answer.added, "removed": answer.removed, "changed": answer.changed}
    return {"rows": (answer.rows_base, answer.rows_head), "columns": columns, **numbers}


Case = tuple[Table, Table, tuple[str, ...]]


def draw_cases(number: int) -> list[Case]:
    """Random cases, all drawn before the one dbt starts that looks at them."""
    drawn: list[Case] = []

    @settings(max_examples=number, phases=[Phase.generate], database=None, deadline=None)
    @given(pairs())
    def collect(case: Case) -> None:
        drawn.append(case)

    collect()
    return drawn


def agrees(case: Case, answer: ComparisonResult) -> bool:
    expected, found = expect(*case), read(answer)
    if expected["changed"] is None and found["added"] == found["removed"] == 0:
        expected["changed"] = found["changed"]  # the checksums were equal, or whole rows were
    differs = bool(expected["added"] or expected["removed"] or expected["changed"])
    shown = answer.samples.rows if answer.samples else ()
    return (expected, "different" if differs else "equal", differs) == (found, answer.status, bool(shown))


# -- what is not left to chance ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Scenario:
    """Two queries, either of which may be missing, and what else is said of their comparison."""

    base: str | None
    head: str | None
    more: Mapping[str, Any] = field(default_factory=dict)


def wide(value: int) -> str:
    """More columns than PostgreSQL answers with three numbers of each."""
    return ", ".join(f"{value} as c{number}" for number in range(560))


BY_ID: Mapping[str, Any] = {"candidates": (("id",),)}
NUMBERS = "select * from (values (1, 1.0), (2, 2.0), (3, null), (4, 4.0)) as t(id, n)"
LETTERS = "select * from (values (1, 'a', 1), (2, 'b', 1), (3, 'c', 1)) as t(id, n, x)"
SCENARIOS = {
    "gone": Scenario("select 1 as id", None),
    "new": Scenario(None, "select 1 as id"),
    "nowhere": Scenario(None, None),
    "retyped": Scenario(
        "select 1 as id, cast(5 as integer) as n, '7' as t, cast('2025-01-01' as date) as d",
        "select 1 as id, cast(5 as decimal(10, 2)) as n, 7 as t, cast('2025-01-02' as date) as d",
        BY_ID,
    ),
    "tolerated": Scenario(
        NUMBERS,
        "select * from (values (1, 1.05), (2, 2.5), (3, 3.0), (4, 4.0)) as t(id, n)",
        {**BY_ID, "tolerance": FrozenMapping({"n": 0.1})},
    ),
    "near": Scenario(NUMBERS, NUMBERS.replace("2.0", "2.01"), {**BY_ID, "tolerance": FrozenMapping({"n": 0.1})}),
    "where": Scenario(LETTERS, LETTERS.replace("'b'", "'B'"), {**BY_ID, "where": "id < 2"}),
    "crossed": Scenario(
        "select * from (values (1, 1), (2, 2)) as t(a, b)", "select * from (values (1, 2), (2, 1)) as t(a, b)"
    ),
    "shown": Scenario(
        LETTERS,
        "select * from (values (1, 'a', 1), (2, 'B', 1), (4, 'd', 1)) as t(id, n, x)",
        BY_ID,
    ),
    "no such key": Scenario(LETTERS, LETTERS.replace("'b'", "'B'"), {"candidates": (("id", "nothing"),)}),
    "crossed beside what is no key": Scenario(
        "select * from (values (1, 'a', 'b'), (1, 'c', 'd')) as t(id, v, w)",
        "select * from (values (1, 'a', 'd'), (1, 'c', 'b')) as t(id, v, w)",
        BY_ID,
    ),
    "another key": Scenario(
        LETTERS.replace("3", "2"),
        LETTERS.replace("3", "2").replace("'c', 1", "'c', 5"),
        {"candidates": (("id",), ("N",))},
    ),
    "far": Scenario(
        "select 1 as id, cast(-9223372036854775807 as bigint) as n",
        "select 1 as id, cast(9223372036854775807 as bigint) as n",
        {**BY_ID, "tolerance": FrozenMapping({"n": 2.0})},
    ),
    "null beside keys of another type": Scenario(
        "select * from (values (1, cast('2025-01-01' as date), 'a'), (2, null, 'b'), (null, null, 'c')) as t(k, l, v)",
        "select cast(k as decimal(9, 2)) as k, cast(l as timestamp) as l, v "
        "from (values (1, cast('2025-01-01' as date), 'A'), (2, null, 'b'), (null, null, 'c')) as t(k, l, v)",
        {"candidates": (("k", "l"),)},
    ),
    "moments": Scenario(
        "select * from (values (1, cast('2025-01-01' as date)), (2, cast('2025-01-02' as date))) as t(id, d)",
        "select * from (values (1, cast('2025-01-01' as timestamp)), (2, cast('2025-01-02 10:00' as timestamp))) "
        "as t(id, d)",
        BY_ID,
    ),
    "other case": Scenario('select 1 as "Id", 1 as "N"', "select 1 as id, 2 as n", BY_ID),
    "beyond the first plane": Scenario(
        "select 1 as \"ключ 😀\", 'a' as n",
        "select 1 as \"ключ 😀\", 'b' as n",
        {"candidates": (("ключ 😀",),), "where": "n <> '😀'"},
    ),
    "nothing in common": Scenario("select 1 as a", "select 1 as b"),
    "wide": Scenario(f"select 1 as id, {wide(0)}", f"select 1 as id, {wide(1)}", BY_ID),
    "twice": Scenario(LETTERS.replace("3", "2"), LETTERS.replace("3", "2").replace("'b'", "'B'"), BY_ID),
}

Answers = tuple[list[Case], dict[str, ComparisonResult]]


def prepare(database: Database) -> tuple[list[Case], list[RelationPair]]:
    """Fill the database with random cases and with the scenarios."""
    cases, comparisons = draw_cases(100), []
    for number, (base, head, key) in enumerate(cases):
        fill(database, f"base_{number}", base)
        fill(database, f"head_{number}", head)
        candidates = (key,) if key else ()
        comparisons.append(pair(database, str(number), f"base_{number}", f"head_{number}", candidates=candidates))
    for number, (name, scenario) in enumerate(SCENARIOS.items()):
        for side, query in (("left", scenario.base), ("right", scenario.head)):
            if query:
                database.execute(f"create table {side}_{number} as {query}")
        comparisons.append(pair(database, name, f"left_{number}", f"right_{number}", **scenario.more))
    return cases, comparisons


@pytest.fixture(scope="session")
def duck(tmp_path_factory: pytest.TempPathFactory) -> Answers:
    folder = tmp_path_factory.mktemp("duck")
    with open_database(folder / "shop.duckdb") as connection:
        cases, comparisons = prepare(Duck(connection))
    return cases, ask(folder, "{type: duckdb, path: shop.duckdb, schema: main}", comparisons)


@pytest.fixture(scope="session")
def elephant(tmp_path_factory: pytest.TempPathFactory, postgres: "Server") -> Answers:
    postgres.make_reader("reader")
    postgres.query("grant pg_read_all_data to reader")
    connection = psycopg2.connect(host="127.0.0.1", port=postgres.port, user="postgres", dbname="postgres")
    connection.autocommit = True
    cases, comparisons = prepare(Postgres(connection))
    connection.close()
    output = postgres.profile().replace("user: postgres", "user: reader")
    return cases, ask(tmp_path_factory.mktemp("elephant"), output, comparisons)


@pytest.fixture(params=["duck", pytest.param("elephant", marks=pytest.mark.dbt1)])
def answers(request: pytest.FixtureRequest) -> Answers:
    """What dbt said, on DuckDB and on PostgreSQL."""
    return request.getfixturevalue(request.param)


def test_every_random_pair_of_tables_agrees_with_the_oracle(answers: Answers) -> None:
    cases, found = answers
    assert [
        (case, expect(*case), answer)
        for number, case in enumerate(cases)
        if not agrees(case, answer := found[str(number)])
    ] == []


def test_a_relation_that_is_not_there_is_a_result(answers: Answers) -> None:
    found = {name: answers[1][name] for name in ("gone", "new", "nowhere")}
    assert {answer.status for answer in found.values()} == {"missing"}
    assert {name: (answer.rows_base, answer.rows_head) for name, answer in found.items()} == {
        "gone": (1, None),
        "new": (None, 1),
        "nowhere": (None, None),
    }
    assert [column.name for column in found["gone"].base_columns] == ["id"]
    assert found["gone"].head_columns == ()


def test_characters_of_every_plane_reach_the_warehouse(answers: Answers) -> None:
    answer = answers[1]["beyond the first plane"]
    assert (answer.key, answer.status, answer.changed) == (("ключ 😀",), "different", 1)


def test_what_has_nothing_in_common_is_not_proven(answers: Answers) -> None:
    answer = answers[1]["nothing in common"]
    assert (answer.status, answer.message) == ("not_proven", "base and head have no column in common")


def test_as_many_columns_as_a_table_may_have_are_compared(answers: Answers) -> None:
    answer = answers[1]["wide"]
    assert (answer.status, answer.changed, len(answer.columns)) == ("different", 1, 560)


def test_columns_of_another_type_are_compared_by_value(answers: Answers) -> None:
    answer = answers[1]["retyped"]
    assert (answer.status, {column.name: column.changed for column in answer.columns}) == ("different", {"d": 1})


@pytest.mark.dbt1
def test_a_column_in_other_case_is_another_where_case_makes_other_names(request: pytest.FixtureRequest) -> None:
    same, other = (request.getfixturevalue(name)[1]["other case"] for name in ("duck", "elephant"))
    assert (same.key, same.changed) == (("id",), 1)
    assert tuple([column.name for column in side] for side in (other.base_columns, other.head_columns)) == (
        ["Id", "N"],
        ["id", "n"],
    )
    assert [column.name for column in same.base_columns] == ["id", "n"]


def test_a_date_is_the_moment_at_which_it_begins(answers: Answers) -> None:
    answer = answers[1]["moments"]
    assert (answer.added, answer.removed, answer.changed) == (0, 0, 1)


def test_keys_of_another_type_are_found_again_where_others_are_null(answers: Answers) -> None:
    answer = answers[1]["null beside keys of another type"]
    assert (answer.key, answer.added, answer.removed, answer.changed) == (("k", "l"), 0, 0, 1)


def test_what_differs_by_no_more_than_the_tolerance_is_counted_apart(answers: Answers) -> None:
    answer, near = answers[1]["tolerated"], answers[1]["near"]
    (column,) = answer.columns
    assert (column.changed, column.nulls, column.tolerated, answer.changed) == (2, 1, 1, 2)
    assert (near.status, near.changed, near.columns[0].tolerated) == ("equal", 0, 1)


def test_only_the_rows_that_are_asked_for_are_compared(answers: Answers) -> None:
    answer = answers[1]["where"]
    assert (answer.status, answer.rows_base, answer.rows_head) == ("equal", 1, 1)


def test_equal_columns_that_do_not_make_equal_rows_are_told_without_a_key(answers: Answers) -> None:
    answer = answers[1]["crossed"]
    assert (answer.status, answer.added, answer.removed, answer.changed) == ("different", 2, 2, None)


def test_rows_are_shown_old_beside_new(answers: Answers) -> None:
    samples = answers[1]["shown"].samples
    assert samples
    assert samples.columns == ("n", "x")
    assert [(row.key, row.base, row.head) for row in samples.rows] == [
        (("2",), ("b", "1"), ("B", "1")),
        (("3",), ("c", "1"), None),
        (("4",), None, ("d", "1")),
    ]


def test_what_differs_by_more_than_their_type_holds_is_compared_with_the_tolerance(answers: Answers) -> None:
    assert (answers[1]["far"].status, answers[1]["far"].changed) == ("different", 1)


def test_the_next_candidate_is_taken_where_the_first_is_no_key(answers: Answers) -> None:
    answer = answers[1]["another key"]
    assert (answer.rejected, answer.duplicates, answer.key) == (("id",), (1, 1), ("n",))
    assert (
        answer.added,
        answer.removed,
        answer.changed,
        {c.name: c.changed for c in answer.columns},
    ) == (0, 0, 1, {"x": 1})


def test_rows_whose_columns_agree_beside_what_is_no_key_are_compared_as_a_whole(answers: Answers) -> None:
    answer = answers[1]["crossed beside what is no key"]
    assert (answer.status, answer.added, answer.removed, answer.rejected) == ("different", 2, 2, ("id",))


@pytest.mark.parametrize(("name", "duplicates"), [("no such key", (0, 0)), ("twice", (1, 1))])
def test_a_key_that_is_none_is_told_and_whole_rows_are_compared(
    name: str, duplicates: tuple[int, int], answers: Answers
) -> None:
    answer = answers[1][name]
    assert (answer.duplicates, answer.added, answer.removed, answer.changed) == (duplicates, 1, 1, None)
    assert answer.key == ()
