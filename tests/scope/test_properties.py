from typing import Any

from cases import each
from dot.scope.properties import compare_properties, is_selectable

A, B = {"name": "a"}, {"name": "b", "columns": [{"name": "id"}]}
CHANGED = {"name": "b", "columns": [{"name": "id", "tests": ["unique"]}]}


@each(
    "base, head, told",
    [
        ({"models": [A, B]}, {"models": [A, CHANGED]}, [("model", "b", "b")]),
        ({"models": [A, B]}, {"models": [B, A]}, []),
        ({"models": [A | {"tests": [1]}]}, {"models": [A | {"tests": [True]}]}, [("model", "a", "a")]),
        ({"models": [A | {"tests": [1]}]}, {"models": [A | {"tests": [1.0]}]}, [("model", "a", "a")]),
        (
            {"models": [A | {"meta": {"x": 1, "y": 2}}]},
            {"models": [A | {"meta": {"y": 2, "x": 1}}]},
            [("model", "a", "a")],
        ),
        ({"version": 1}, {"version": 2}, []),
        (None, {"models": [A]}, [("model", "a", "a")]),
        ({"models": [A]}, None, [("model", "a", "a")]),
        ({"models": [A, A]}, {"models": [A]}, [("model", "a", "a")]),
        ({"seeds": None}, {"seeds": [A]}, [("seed", "a", "a")]),
        ({"snapshots": [A]}, {}, [("snapshot", "a", "a")]),
        ({"sources": [A]}, {"sources": [{"name": "a", "tables": []}]}, [("source", "a", "source:a+1")]),
        ({"exposures": []}, {"exposures": [A]}, [("exposure", "a", "exposure:a")]),
        ({"unit_tests": []}, {"unit_tests": [A]}, [("unit_test", "a", "unit_test:a")]),
        ({"data_tests": []}, {"data_tests": [A]}, [("test", "a", "a")]),
        ({"macros": []}, {"macros": [A]}, []),
        ({"groups": []}, {"groups": [A]}, None),
        ({"metrics": []}, {"metrics": [A]}, None),
        ({"something": 1}, {"something": 2}, None),
        ({"models": [A]}, {"models": {"a": 1}}, None),
        ({"models": [A]}, {"models": [{"nom": "a"}]}, None),
        ({"models": [A]}, {"models": ["a"]}, None),
        ({"models": []}, {"models": [{"name": "{{ x }}"}]}, None),
        ({"models": []}, {"models": [{"name": "a b"}]}, None),
        ({"models": []}, {"models": [{"name": "a+"}]}, None),
        ([], {"models": [A]}, None),
        ("text", {}, None),
    ],
)
def test_what_two_versions_of_a_property_file_do_not_say_alike(base: Any, head: Any, told: Any) -> None:
    found = compare_properties(base, head)
    assert (None if found is None else [tuple(one) for one in found]) == told


@each(
    "path, expected",
    [
        ("models/a.sql", True),
        ("models/größe.sql", True),
        ("models/a b.sql", False),
        ("models/a,b.sql", False),
        ("models/[a].sql", False),
        ("models/a?.sql", False),
        ("models/a*.sql", False),
        ('models/"a".sql', False),
        ("models\\a.sql", False),
        ("models/a\n.sql", False),
        ("models/\udcff.sql", False),
    ],
)
def test_a_path_that_means_more_to_dbt_is_not_selected_by(path: str, *, expected: bool) -> None:
    assert is_selectable(path) == expected
