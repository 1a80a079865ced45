"""The part of dbt's artifacts that dot reads."""

import json
from hashlib import sha256
from typing import Any

from cases import each
from dot.dbt.manifest import (
    Checksum,
    DependsOn,
    Manifest,
    Metadata,
    Node,
    NodeConfig,
    Result,
    RunResults,
    digest_manifest,
    parse_manifest,
    parse_run_results,
)

METADATA = {"dbt_schema_version": "https://schemas.getdbt.com/dbt/manifest/v12.json", "project_name": "shop"}


def write(nodes: dict[str, Any] | None = None, **more: Any) -> str:
    """A manifest as dbt would write it."""
    return json.dumps({"metadata": METADATA, "nodes": nodes or {}, **more})


def make_node(name: str, resource_type: str = "model", **more: Any) -> dict[str, Any]:
    return {"resource_type": resource_type, "name": name, "relation_name": f'"db"."s"."{name}"', **more}


def test_a_manifest_is_read_as_far_as_dot_knows_it() -> None:
    node = {
        "resource_type": "model",
        "name": "a",
        "package_name": "shop",
        "original_file_path": "models/a.sql",
        "database": "db",
        "schema": "s",
        "alias": "b",
        "relation_name": '"db"."s"."b"',
        "config": {
            "materialized": "table",
            "schema": "x",
            "pre-hook": [{"sql": "select 1"}],
            "post-hook": ["select 2"],
            "meta": {"owner": "ada"},
        },
        "unrendered_config": {"materialized": "{{ var('kind') }}"},
        "raw_code": "select 1",
        "checksum": {"name": "sha256", "checksum": "abc"},
        "columns": {"id": {"name": "id", "data_type": "int"}},
        "depends_on": {"nodes": ["model.shop.b"], "nodes_with_ref_location": []},
        "primary_key": ["id"],
        "created_at": 5.0,
    }
    text = write({"model.shop.a": node}, docs={"x": 1})

    assert Manifest(
        metadata=Metadata(dbt_schema_version=METADATA["dbt_schema_version"], project_name="shop"),
        nodes={
            "model.shop.a": Node(
                resource_type="model",
                name="a",
                package_name="shop",
                original_file_path="models/a.sql",
                database="db",
                schema_name="s",
                alias="b",
                relation_name='"db"."s"."b"',
                config=NodeConfig.model_validate(node["config"]),
                unrendered_config={"materialized": "{{ var('kind') }}"},
                raw_code="select 1",
                checksum=Checksum(name="sha256", checksum="abc"),
                columns={"id": {"name": "id", "data_type": "int"}},
                depends_on=DependsOn(nodes=("model.shop.b",)),
                primary_key=("id",),
            )
        },
    ) == parse_manifest(text)


def test_the_configuration_of_a_node_is_read_whole() -> None:
    config = {"materialized": "table", "pre-hook": [{"sql": "select 1"}], "schema": None, "meta": {"owner": "ada"}}
    manifest = parse_manifest(write({"model.shop.a": make_node("a", config=config)}))

    assert manifest
    read = manifest.nodes["model.shop.a"].config
    assert (read.materialized, read.schema_name, read.unique_key) == ("table", None, None)
    assert read.settings() == config | {"pre-hook": ({"sql": "select 1"},)}


def test_everything_is_all_that_is_enabled() -> None:
    nodes = {
        "model.shop.a": make_node("a"),
        "model.shop.b": make_node("b", config={"enabled": False}),
        "model.shop.c": make_node("c", config={"enabled": True}),
    }
    functions = {"function.shop.d": make_node("d", "function")}
    unit_tests = {"unit_test.shop.a.e": make_node("e", "unit_test", checksum="abc")}
    manifest = parse_manifest(write(nodes, functions=functions, unit_tests=unit_tests))

    assert manifest
    assert list(manifest.everything) == ["model.shop.a", "model.shop.c", "function.shop.d", "unit_test.shop.a.e"]


def test_the_tests_of_a_node_are_the_generic_ones_that_are_attached_to_it() -> None:
    nodes = {
        "test.shop.two": make_node("two", "test", attached_node="model.shop.a", test_metadata={"name": "unique"}),
        "test.shop.one": make_node(
            "one", "test", depends_on={"nodes": ["model.shop.a"]}, test_metadata={"name": "not_null"}
        ),
        "test.shop.none": make_node("none", "test", test_metadata={"name": "odd"}),
        "test.shop.own": make_node("own", "test", depends_on={"nodes": ["model.shop.a"]}),
    }
    manifest = parse_manifest(write(nodes))

    assert manifest
    names = {of: [test.name for test, _ in tests] for of, tests in manifest.tests.items()}
    assert names == {"model.shop.a": ["not_null", "unique"], "": ["odd"]}


def test_a_manifest_is_read_however_its_author_wrote_a_yes() -> None:
    manifest = parse_manifest(write({"test.shop.a": make_node("a", "test", config={"store_failures": "true"})}))

    assert manifest
    assert manifest.nodes["test.shop.a"].config.store_failures is True


def test_a_manifest_may_be_bytes() -> None:
    assert parse_manifest(write()) == parse_manifest(write().encode())


@each(
    "text",
    [
        "",
        "{}",
        "[]",
        write()[:-1],
        '{"metadata": {}}',
        '{"metadata": 5}',
        write({"model.shop.a": {"name": "a"}}),
        write({"model.shop.a": 5}),
    ],
)
def test_what_is_no_manifest_is_none(text: str) -> None:
    assert parse_manifest(text) is None


def test_run_results_say_what_was_written_where() -> None:
    results = [{"unique_id": "model.shop.a", "status": "success", "relation_name": '"db"."s"."a"', "timing": []}]
    results += [{"unique_id": "test.shop.b", "status": "pass", "relation_name": None}]

    assert parse_run_results(json.dumps({"metadata": {}, "results": results})) == RunResults(
        results=(
            Result(unique_id="model.shop.a", status="success", relation_name='"db"."s"."a"'),
            Result(unique_id="test.shop.b", status="pass"),
        )
    )


@each("text", ["", "[]", '{"results": 5}', '{"results": [{"status": "success"}]}'])
def test_what_are_no_run_results_is_none(text: str) -> None:
    assert parse_run_results(text) is None


def test_the_digest_of_a_manifest_forgets_when_it_was_written() -> None:
    one = b'{"metadata": {"generated_at": "2026-11-20"}, "nodes": {"a": 1}}'
    other = b'{"metadata": {"generated_at": "2026-11-21"}, "nodes": {"a": 1}}'
    changed = b'{"metadata": {"generated_at": "2026-11-20"}, "nodes": {"a": 2}}'

    assert digest_manifest(one) == digest_manifest(other)
    assert digest_manifest(one) != digest_manifest(changed)


def test_what_has_no_nodes_is_digested_whole() -> None:
    assert sha256(b"{}").hexdigest() == digest_manifest(b"{}")


@each(
    ("statuses", "expected"),
    [
        ((), False),
        (("success", "pass", "warn", "no-op", "reused", "Success"), False),
        (("success", "skipped"), True),
        (("fail",), True),
        (("error",), True),
        (("TaskCancelled",), True),
        (("partial success",), True),
    ],
)
def test_what_a_retry_would_run_again_has_failed(statuses: tuple[str, ...], expected: bool) -> None:  # noqa: FBT001
    results = RunResults(results=tuple(Result(unique_id="model.shop.a", status=status) for status in statuses))
    assert expected is results.has_failed


def test_tests_are_counted_by_their_result() -> None:
    found = {"test.shop.a": "pass", "test.shop.b": "fail", "unit_test.shop.c": "pass", "model.shop.d": "success"}
    text = json.dumps({"results": [{"unique_id": name, "status": status} for name, status in found.items()]})
    results = parse_run_results(text)
    assert results
    assert results.count_tests() == {"pass": 2, "fail": 1}
