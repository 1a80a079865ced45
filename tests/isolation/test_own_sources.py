"""Sources that are relations of the project itself, which its build has elsewhere."""

from typing import Any

import pytest

from cases import each
from dot.isolation.leaks import find_leaks
from dot.isolation.own_sources import find_lost_sources, list_sources_to_change
from examples.manifests import HASH, Entry, make_macro, make_manifest, make_node, make_rules

TAG = "{{ env_var('DOT_SCHEMA_SUFFIX', '') }}"


def make_source(name: str = "raw_orders", schema: str = "raw", **given: Any) -> Entry:
    source = {
        "unique_id": f"source.shop.ecom.{name}",
        "name": name,
        "source_name": "ecom",
        "original_file_path": "models/sources.yml",
        "database": "shop",
        "schema": schema,
        "identifier": name,
        "unrendered_schema": schema,
    }
    return source | given


def make_seed(schema: str, name: str = "raw_orders", **given: Any) -> Entry:
    return make_node(name, **({"resource_type": "seed", "schema": schema} | given))


READER = make_node("orders", depends_on={"nodes": ["source.shop.ecom.raw_orders"]})


def lost(seed: Entry, source: Entry, *readers: Entry) -> list[tuple[str, str, str, str, str]]:
    manifest = make_manifest(seed, *(readers or (READER,)), sources=[source])
    return [
        (found.source, found.file, found.reads, found.makes, found.schema_line)
        for found in find_lost_sources(manifest, make_rules())
    ]


# -- what is read from outside the build ---------------------------------------------------------------------------


@each(
    ("made", "read", "written", "line"),
    [
        (f"raw_{HASH}", "raw", "raw", f'schema: "raw{TAG}"'),
        (f"raw_{HASH.upper()}", "RAW", "RAW", f'schema: "RAW{TAG}"'),
        (f"raw_{HASH}", "raw", '{{ var("raw") }}', f"schema: \"{{{{ var('raw') }}}}{TAG}\""),
        (f"raw_{HASH}", "raw", None, f'schema: "raw{TAG}"'),
        (f"analytics_{HASH}_raw", "analytics_raw", "analytics_raw", f'schema: "analytics{TAG}_raw"'),
    ],
)
def test_a_source_that_the_project_makes_elsewhere_in_a_build_is_named_with_both(
    made: str, read: str, written: str | None, line: str
) -> None:
    source = make_source(schema=read, unrendered_schema=written)

    assert lost(make_seed(made), source) == [
        ("ecom.raw_orders", "models/sources.yml", f"shop.{read}.raw_orders", f"shop.{made}.raw_orders", line)
    ]


def test_a_source_is_known_by_its_identifier_and_a_model_by_its_alias() -> None:
    source = make_source(identifier="o")
    snapshot = make_seed(f"raw_{HASH}", name="history", resource_type="snapshot", alias="o")

    assert [found[0] for found in lost(snapshot, source)] == ["ecom.raw_orders"]


@each(
    ("seed", "source"),
    [
        (make_seed(f"raw_{HASH}"), make_source(schema=f"raw_{HASH}")),
        (make_seed("raw"), make_source()),
        (make_seed(f"raw_{HASH}"), make_source(schema="other")),
        (make_seed(f"raw_{HASH}"), make_source(database="archive")),
        (make_seed(f"raw_{HASH}"), make_source(identifier="other")),
        (make_seed(f"raw_{HASH}", resource_type="test"), make_source()),
        (make_seed(f"raw_{HASH}", config={"materialized": "ephemeral"}), make_source()),
        (make_seed(f"raw_{HASH}", config={"enabled": False}), make_source()),
        (make_seed(f"raw_{HASH}x"), make_source()),
    ],
)
def test_a_source_of_the_build_itself_or_of_somebody_else_is_not(seed: Entry, source: Entry) -> None:
    assert lost(seed, source) == []


def test_a_source_that_nothing_reads_is_not() -> None:
    assert lost(make_seed(f"raw_{HASH}"), make_source(), make_node("orders")) == []


# -- beside the cure of a leak -------------------------------------------------------------------------------------


def changes(leaking: Entry, source: Entry, *macros: Entry) -> dict[tuple[str, str], str]:
    manifest = make_manifest(leaking, READER, sources=[source], macros=macros)
    leaks = find_leaks(manifest, make_rules())
    assert [leak.unique_id for leak in leaks] == [leaking["unique_id"]]
    return list_sources_to_change(manifest, leaks)


def test_a_source_that_is_a_leaking_relation_has_to_change_with_it() -> None:
    assert changes(make_seed("raw"), make_source(), make_macro()) == {
        ("ecom", "models/sources.yml"): f'schema: "raw{TAG}"'
    }


def test_so_it_has_with_a_snapshot_that_names_its_schema() -> None:
    snapshot = make_seed("raw", resource_type="snapshot", config={"target_schema": "raw"})

    assert changes(snapshot, make_source()) == {("ecom", "models/sources.yml"): f'schema: "raw{TAG}"'}


@pytest.mark.parametrize(
    ("source", "macros"),
    [(make_source(schema="other"), (make_macro(),)), (make_source(), ())],
    ids=["another relation", "another cure"],
)
def test_another_source_and_one_to_which_that_cure_does_not_apply_stay(
    source: Entry, macros: tuple[Entry, ...]
) -> None:
    assert changes(make_seed("raw"), source, *macros) == {}
