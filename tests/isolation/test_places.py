"""Where a node's files go besides its schema, and whether other builds would put theirs there too."""

from pathlib import PurePosixPath, PureWindowsPath
from typing import Any

from cases import each
from dot.isolation.leaks import find_leaks
from examples.manifests import HASH, WORKTREE, make_manifest, make_node, make_rules

EXTERNAL = {"materialized": "external"}


@each(
    ("adapter", "config", "leaking"),
    [
        ("duckdb", {"location": "/lake/orders.parquet", **EXTERNAL}, "/lake/orders.parquet"),
        ("duckdb", {"location": "s3://lake/orders.parquet", **EXTERNAL}, "s3://lake/orders.parquet"),
        ("duckdb", {"location": "~/orders.parquet", **EXTERNAL}, "~/orders.parquet"),
        ("duckdb", {"location": "../../orders.parquet", **EXTERNAL}, "../../orders.parquet"),
        ("duckdb", {"location": "{{ env_var('LAKE') }}/x.csv", **EXTERNAL}, "{{ env_var('LAKE') }}/x.csv"),
        ("duckdb", {"location": "{% if x %}/{% endif %}x.csv", **EXTERNAL}, "{% if x %}/{% endif %}x.csv"),
        ("duckdb", {"location": "/lake/{{ target.schema }}/orders.parquet", **EXTERNAL}, None),
        ("duckdb", {"location": f"/lake/{HASH}/orders.parquet", **EXTERNAL}, None),
        ("duckdb", {"location": f"/lake/x_{HASH}/../y.csv", **EXTERNAL}, f"/lake/x_{HASH}/../y.csv"),
        ("duckdb", {"location": f"~/x_{HASH}/../y.csv", **EXTERNAL}, f"~/x_{HASH}/../y.csv"),
        ("duckdb", {"location": f"s3://lake/x_{HASH}/./%2E%2e/y", **EXTERNAL}, f"s3://lake/x_{HASH}/./%2E%2e/y"),
        ("duckdb", {"location": f"s3://lake/y?x={HASH}", **EXTERNAL}, f"s3://lake/y?x={HASH}"),
        ("duckdb", {"location": f"/lake/x{HASH}.csv", **EXTERNAL}, f"/lake/x{HASH}.csv"),
        (
            "duckdb",
            {"location": "/lake/{{ target.schema }}/../y.csv", **EXTERNAL},
            "/lake/{{ target.schema }}/../y.csv",
        ),
        ("duckdb", {"location": f"{WORKTREE}/../y.csv", **EXTERNAL}, f"{WORKTREE}/../y.csv"),
        ("duckdb", {"location": f"s3://lake/{HASH.upper()}/orders.parquet", **EXTERNAL}, None),
        ("duckdb", {"location": "orders.parquet", **EXTERNAL}, None),
        ("duckdb", {"location": "../orders.parquet", **EXTERNAL}, None),
        ("duckdb", {"location": f"{WORKTREE}/orders.parquet", **EXTERNAL}, None),
        ("duckdb", {"location": f"{WORKTREE}s/orders.parquet", **EXTERNAL}, f"{WORKTREE}s/orders.parquet"),
        ("duckdb", {"location": "/lake/orders.parquet", "materialized": "table"}, None),
        ("duckdb", {"location": 2026, **EXTERNAL}, None),
        ("postgres", {"location": "/lake/orders.parquet", **EXTERNAL}, None),
        ("duckdb", EXTERNAL, None),
        ("spark", {"location_root": "/mnt/lake"}, "/mnt/lake/orders"),
        ("databricks", {"location_root": "s3://lake/"}, "s3://lake/orders"),
        ("databricks", {"location_root": 2026}, None),
        ("databricks", {"location_root": "/mnt/lake", "include_full_name_in_path": True}, None),
        ("databricks", {"location_root": f"/mnt/{HASH}"}, None),
        ("snowflake", {"location_root": "/mnt/lake"}, None),
        ("athena", {"external_location": "s3://lake/orders/"}, "s3://lake/orders/"),
        ("athena", {"external_location": 2026}, None),
        ("athena", {"external_location": f"s3://lake/{HASH}/"}, None),
        ("athena", {"s3_data_naming": "table"}, f"shop.analytics_{HASH}.orders"),
        ("athena", {"s3_data_naming": "schema_table"}, None),
        ("athena", {"s3_data_naming": "table_unique"}, None),
        ("athena", {}, None),
        ("trino", {"s3_data_naming": "table"}, None),
        ("glue", {"custom_location": "s3://lake/orders"}, "s3://lake/orders"),
        ("bigquery", {"storage_uri": "gs://lake/orders"}, "gs://lake/orders"),
        ("duckdb", {"location": "x.csv", "glue_register": True, **EXTERNAL}, "glue://default/orders"),
        ("duckdb", {"glue_register": True, "glue_database": f"x_{HASH}", **EXTERNAL}, None),
        ("duckdb", {"plugin": "warehouse", **EXTERNAL}, "warehouse://orders"),
        ("duckdb", {"plugin": "my_sheets", **EXTERNAL}, "my_sheets://orders"),
    ],
)
def test_a_node_leaks_when_its_files_go_where_those_of_other_builds_go(
    adapter: str, config: dict[str, Any], leaking: str | None
) -> None:
    leaks = find_leaks(make_manifest(make_node("orders", config=config)), make_rules(adapter=adapter))

    assert [leaking] * (leaking is not None) == [leak.relation for leak in leaks]


@each(
    ("location", "leaking"),
    [(f"/lake/{HASH}.csv", True), (f"{HASH}.csv", False), (f"../{HASH}.csv", False), (f"../../{HASH}.csv", True)],
)
def test_the_digits_of_a_short_hash_in_a_location_that_somebody_wrote_are_not_the_builds(
    location: str, *, leaking: bool
) -> None:
    code = f"{{{{ config(materialized='external', location='{location}') }}}} select 1"
    node = make_node("orders", raw_code=code, config={"location": location, **EXTERNAL})

    assert bool(find_leaks(make_manifest(node), make_rules(adapter="duckdb"))) == leaking


LINKS = {"out": "/lake", "deep/in": f"{WORKTREE}/shop", "deep/up": f"{WORKTREE}/other", "top": WORKTREE}


@each(
    ("location", "goal"),
    [
        ("../out/x.csv", "/lake/x.csv"),
        ("../deep/../out/x.csv", "/lake/x.csv"),
        (f"{WORKTREE}/out/../x.csv", "/x.csv"),
        ("../deep/in/../out/x.csv", "/lake/x.csv"),
        ("../top/../x.csv", "/srv/x.csv"),
        ("../outer/x.csv", None),
        ("../deep/in/x.csv", None),
        ("../deep/up/../x.csv", None),
        (f"/lake/{HASH}/x.csv", None),
    ],
)
def test_a_place_in_the_worktree_is_where_the_commits_links_lead(location: str, goal: str | None) -> None:
    links = tuple((f"{WORKTREE}/{name}", to) for name, to in LINKS.items())
    manifest = make_manifest(make_node("orders", config={"location": location, **EXTERNAL}))

    causes = [leak.cause for leak in find_leaks(manifest, make_rules(adapter="duckdb", links=links))]

    told = f"its files go to the same place in every build (location), which a link of the commit leads to {goal}"
    assert [told] * bool(goal) == causes
    assert [leak for leak in find_leaks(manifest, make_rules(adapter="duckdb")) if not goal] == []


@each(
    ("root", "config", "leaking"),
    [
        ("/lake", {}, "/lake/clients.parquet"),
        ("/lake", {"format": "csv"}, "/lake/clients.csv"),
        ("/lake", {"options": {"partition_by": "day"}}, "/lake/clients"),
        ("/lake", {"options": {"compression": "zstd"}}, "/lake/clients.parquet"),
        ("/lake", {"location": "clients.parquet"}, None),
        ("{{ env_var('LAKE') }}", {}, "{{ env_var('LAKE') }}/clients.parquet"),
        ("/lake{{ env_var('DOT_SCHEMA_SUFFIX', '') }}", {}, None),
        (".", {}, None),
        (None, {}, None),
    ],
)
def test_files_without_a_place_of_their_own_go_under_the_root_that_the_profile_names(
    root: str | None, config: dict[str, Any], leaking: str | None
) -> None:
    node = make_node("orders", alias="clients", config=config | EXTERNAL)
    leaks = find_leaks(make_manifest(node), make_rules(adapter="duckdb", external_root=root))

    assert [leaking] * (leaking is not None) == [leak.relation for leak in leaks]


def test_athena_takes_the_profiles_way_of_naming_unless_the_model_has_its_own() -> None:
    manifest = make_manifest(make_node("a"), make_node("b", config={"s3_data_naming": "schema_table"}))

    assert [leak.name for leak in find_leaks(manifest, make_rules(adapter="athena", s3_data_naming="table"))] == ["a"]
    assert find_leaks(manifest, make_rules(adapter="athena", s3_data_naming="schema_table")) == ()


def test_a_node_in_a_shared_schema_and_a_shared_place_is_one_leak() -> None:
    node = make_node("orders", schema="live", config={"location": "/lake/orders.parquet", **EXTERNAL})

    assert [leak.relation for leak in find_leaks(make_manifest(node), make_rules(adapter="duckdb"))] == [
        "shop.live.orders"
    ]


def test_a_node_with_two_shared_places_is_one_leak() -> None:
    node = make_node("orders", config={"external_location": "s3://lake/orders", "location_root": "/mnt/lake"})

    assert [leak.relation for leak in find_leaks(make_manifest(node), make_rules(adapter="databricks"))] == [
        "s3://lake/orders"
    ]


@each(
    ("location", "leaking"),
    [("C:/lake/x.csv", True), (r"D:\lake\x.csv", True), ("x.csv", False), (r"..\..\x.csv", True)],
)
def test_a_place_on_windows_may_be_on_a_drive(location: str, *, leaking: bool) -> None:
    node = make_node("orders", config={"location": location, **EXTERNAL})
    worktree = PureWindowsPath("C:/shop/worktree")
    rules = make_rules(adapter="duckdb", folder=worktree / "shop", worktree=worktree)

    assert bool(find_leaks(make_manifest(node), rules)) == leaking


@each(
    ("adapter", "config", "leaking"),
    [
        ("duckdb", {"location": "orders.csv", **EXTERNAL}, ["orders.csv"]),
        ("duckdb", EXTERNAL, ["./clients.parquet"]),
        ("duckdb", {}, []),
        ("spark", {"location_root": "lake"}, ["lake/clients"]),
        ("spark", {}, []),
    ],
)
def test_a_relative_place_is_one_in_the_folder_where_dbt_runs(
    adapter: str, config: dict[str, Any], leaking: list[str]
) -> None:
    rules = make_rules(adapter=adapter, folder=PurePosixPath("/srv/shop"))

    for node in (make_node("orders", alias="clients", config=config), make_node("clients", alias=None, config=config)):
        assert [leak.relation for leak in find_leaks(make_manifest(node), rules)] == leaking


@each(
    ("adapter", "written", "leaking"),
    [
        ("athena", {"external_location": "s3://lake/orders/"}, "s3://lake/orders/"),
        ("athena", {"s3_data_naming": "table"}, f"shop.analytics_{HASH}.orders"),
        ("athena", {"s3_data_naming": "{{ var('naming') }}"}, f"shop.analytics_{HASH}.orders"),
        ("athena", {"s3_data_naming": "schema_table"}, None),
        ("glue", {"custom_location": "s3://lake/orders"}, "s3://lake/orders"),
        ("glue", {"custom_location": "s3://lake/{{ target.schema }}/orders"}, None),
        ("duckdb", {"plugin": "sheets"}, "sheets://orders"),
        ("duckdb", {"glue_register": True, "glue_database": "lake"}, "glue://lake/orders"),
        ("duckdb", {"options": "{'partition_by': 'id'}"}, None),
    ],
)
def test_a_setting_that_dbt_2_drops_counts_as_it_was_written(
    adapter: str, written: dict[str, Any], leaking: str | None
) -> None:
    config = {"materialized": "external", "schema": None}
    node = make_node("orders", config=config, unrendered_config=written)
    found = find_leaks(make_manifest(node, adapter=adapter), make_rules(adapter=adapter))
    assert [leaking] * bool(leaking) == [leak.relation for leak in found]
    known = {**config, **dict.fromkeys(written)}
    node = make_node("orders", config=known, unrendered_config=written)
    assert not find_leaks(make_manifest(node, adapter=adapter), make_rules(adapter=adapter)), "dbt knows it as nothing"
