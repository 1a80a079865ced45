"""Relations whose rows depend on the folder of whoever reads them."""

from typing import Any

from cases import each
from dot.isolation.folder_bound import find_folder_bound
from examples.codes import make_model, make_source
from examples.manifests import Entry, make_manifest

A = "model.shop.a"


def bound(*nodes: Entry, adapter: str = "duckdb", **parts: Any) -> dict[str, str]:
    return find_folder_bound(make_manifest(*nodes, adapter=adapter, **parts))


@each(
    ("code", "file"),
    [
        ("select * from read_csv('data/rates.csv')", "data/rates.csv"),
        ("select * from READ_CSV_AUTO(['data/a.csv', 'b.csv'])", "data/a.csv"),
        ("select * from parquet_scan('x.parquet')", "x.parquet"),
        ('select * from "data/*.csv"', "data/*.csv"),
        ("select 1 from t join '../x.csv' on true", "../x.csv"),
        ("select * from read_csv('/srv/rates.csv')", None),
        ("select * from read_csv('s3://bucket/rates.csv')", None),
        ("select * from read_csv('C:/rates.csv')", None),
        ('select * from "orders"', None),
        ("select 'data/rates.csv' as name", None),
    ],
)
def test_a_view_over_a_relative_path_is_bound_to_a_folder(code: str, file: str | None) -> None:
    view, table = (make_model("a", code, config={"materialized": kind}) for kind in ("view", "table"))

    assert bound(view) == ({A: file} if file else {})
    assert {} == bound(table) == bound(view, adapter="postgres")


def test_what_dbt_compiled_counts_before_what_was_written() -> None:
    assert bound(make_model("a", "select * from read_csv('{{ x }}/a.csv')", compiled_code="read_csv('/x/a.csv')")) == {}


@each(
    ("location", "file"),
    [
        ("data/{name}.csv", "data/{name}.csv"),
        ("'data/t.csv'", "data/t.csv"),
        ("read_csv('data/t.csv', header=true)", "data/t.csv"),
        ("s3://bucket/{name}.csv", None),
    ],
)
def test_a_view_of_a_source_with_a_relative_location_is_bound(location: str, file: str | None) -> None:
    view, expected = make_model("a", reads=["source.shop.raw.t", "source.shop.raw.gone"]), {A: file} if file else {}
    for given in ({"meta": {"external_location": location}}, {"config": {"external_location": location}}):
        assert bound(view, sources=[make_source(**given)]) == expected


def test_a_relation_that_is_a_file_is_bound_by_its_location() -> None:
    places = {"a": "out/a.parquet", "b": "/srv/b.parquet", "c": None}
    nodes = [make_model(name, config={"materialized": "external", "location": place}) for name, place in places.items()]
    assert bound(*nodes) == {A: "out/a.parquet", "model.shop.c": "./c"}


def test_a_view_of_a_bound_view_is_bound_and_a_table_of_it_is_not() -> None:
    view = make_model("a", "select * from 'x.csv'")
    above = [make_model("b", reads=[A]), make_model("c", reads=["model.shop.b"])]
    table = make_model("d", reads=[A], config={"materialized": "table"})
    assert bound(view, *above, table, make_model("e", reads=["model.shop.d"])) == {
        A: "x.csv",
        "model.shop.b": "x.csv",
        "model.shop.c": "x.csv",
    }


def test_an_external_model_without_a_location_is_where_the_profile_says() -> None:
    external = make_model("a", config={"materialized": "external"})
    manifest = make_manifest(external, adapter="duckdb")
    assert find_folder_bound(manifest) == {A: "./a"}
    assert find_folder_bound(manifest, "out") == {A: "out/a"}
    assert {} == find_folder_bound(manifest, "/srv/out") == find_folder_bound(manifest, "s3://bucket")


def test_a_source_whose_location_is_no_text_is_bound_to_no_folder() -> None:
    source = make_source(meta={"external_location": 1})
    assert bound(make_model("a", reads=[source["unique_id"]]), sources=[source]) == {}
