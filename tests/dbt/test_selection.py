"""What `--select` can name."""

import pytest

from cases import each
from dot.dbt.selection import list_file_nodes, parse_graph, split_selection

GRAPH = """: {
  "model.shop.a": [], "model.shop.b.v2": ["model.shop.a"], "seed.shop.c": [], "snapshot.shop.d": [],
  "source.shop.raw.orders": [], "exposure.shop.weekly": [], "test.shop.not_null_a.0123456789": ["model.shop.a"],
  "test.shop.assert_e": [], "operation.shop.f": [],
  "function.shop.f": [], "analysis.shop.g": [], "metric.shop.m": [], "semantic_model.shop.n": [],
  "saved_query.shop.q": [], "model.shop.\\u00e9": []}, "child_map": {"model.shop.z": []}}"""


def test_the_graph_of_a_manifest_holds_what_can_be_selected() -> None:
    expected = [
        ("a", "model"),
        ("b.v2", "model"),
        ("c", "seed"),
        ("d", "snapshot"),
        ("source:raw.orders", "source"),
        ("exposure:weekly", "exposure"),
        ("assert_e", "test"),
        ("f", "function"),
        ("g", "analysis"),
        ("metric:m", "metric"),
        ("semantic_model:n", "semantic_model"),
        ("saved_query:q", "saved_query"),
        ("é", "model"),
    ]
    assert list(parse_graph(GRAPH)) == expected


@each("text", ["", ": null", ': {"model.shop.a": [', ": {nonsense}"])
def test_a_graph_that_cannot_be_read_is_an_error(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        list(parse_graph(text))


def test_files_have_the_names_of_nodes() -> None:
    expected = [("a", "model"), ("b", "model"), ("c", "seed"), ("d.e", "seed")]
    assert list(list_file_nodes(["a.sql", "b.py", "c.csv", "d.e.csv", "schema.yml", "README"])) == expected


@each(
    ("typed", "done", "start"),
    [
        ("", "", ""),
        ("stg", "", "stg"),
        ("+stg", "+", "stg"),
        ("2+stg", "2+", "stg"),
        ("@stg", "@", "stg"),
        ("a b", "a ", "b"),
        ("a,+b", "a,+", "b"),
        ("a+ ", "a+ ", ""),
        ("a+", "", "a+"),
        ("tag:x", "", "tag:x"),
        ("a@b", "", "a@b"),
    ],
)
def test_a_selection_is_finished_at_its_last_name(typed: str, done: str, start: str) -> None:
    assert split_selection(typed) == (done, start)
