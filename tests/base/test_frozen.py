"""The frozen, strict base of values, and JSON that cannot change."""

import json
import math
from itertools import combinations
from typing import Any

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import ValidationError

from cases import each
from dot.base.frozen import Frozen, FrozenMapping, freeze, is_same, render_json, thaw
from examples.plans import JSON_OBJECTS, JSON_VALUES, as_text

ALIKE = (1, True, 1.0, "1", "true", 0, False, 0.0, "", None, [], {}, [1], [True], {"a": 1}, {"a": 1.0}, {"a": [1]})
"""Values of which Python holds several to be equal, and JSON none."""


class Example(Frozen):
    count: int = 0
    data: FrozenMapping = FrozenMapping()


# -- freezing ------------------------------------------------------------------------------------------------------


@given(JSON_VALUES)
def test_a_value_that_is_frozen_and_thawed_is_the_same(value: Any) -> None:
    assert as_text(value) == as_text(thaw(freeze(value)))


@given(JSON_VALUES)
def test_whatever_is_frozen_can_be_hashed(value: Any) -> None:
    assert hash(freeze(value)) == hash(freeze(thaw(freeze(value))))


def test_lists_become_tuples_and_mappings_frozen_at_any_depth() -> None:
    assert freeze({"a": [{"b": [1]}]}) == FrozenMapping({"a": ({"b": (1,)},)})
    assert isinstance(freeze([{"b": [1]}]), tuple)


@each("value", [{1}, b"x", object(), [{1}], {"a": {"b": {1}}}])
def test_what_json_cannot_hold_is_not_frozen(value: Any) -> None:
    with pytest.raises(TypeError, match="is no JSON value"):
        freeze(value)


@each("value", [math.nan, math.inf, -math.inf])
def test_a_number_that_json_does_not_know_is_not_frozen(value: float) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        FrozenMapping({"a": value})


# -- frozen mappings -----------------------------------------------------------------------------------------------


@given(JSON_OBJECTS)
def test_the_order_of_insertion_makes_no_difference(data: dict[str, Any]) -> None:
    one, other = FrozenMapping(data), FrozenMapping(dict(reversed(data.items())))

    assert one == other
    assert hash(one) == hash(other)
    assert str(one) == str(other)
    assert sorted(data) == list(one) == list(other)


FEW = st.dictionaries(st.sampled_from("ab"), st.sampled_from(ALIKE), max_size=2)


@given(FEW, FEW)
def test_mappings_are_equal_exactly_when_their_json_is(left: dict[str, Any], right: dict[str, Any]) -> None:
    assert (as_text(left) == as_text(right)) == (FrozenMapping(left) == FrozenMapping(right))


@given(JSON_OBJECTS)
def test_a_frozen_mapping_reads_like_the_mapping_it_was_made_of(data: dict[str, Any]) -> None:
    frozen = FrozenMapping(data)

    assert len(data) == len(frozen)
    assert [freeze(data[key]) for key in data] == [frozen[key] for key in data]
    assert "no such key" not in frozen


@each(("left", "right"), tuple(combinations(ALIKE, 2)))
def test_values_of_different_types_are_different(left: Any, right: Any) -> None:
    assert not is_same(left, right)
    assert FrozenMapping({"a": left}) != FrozenMapping({"a": right})


@each("value", ALIKE)
def test_a_value_is_the_same_as_itself(value: Any) -> None:
    assert is_same(value, thaw(freeze(value)))


def test_an_empty_mapping_needs_no_argument() -> None:
    assert FrozenMapping({}) == FrozenMapping()


def test_a_frozen_mapping_is_no_dict() -> None:
    assert {"a": 1} != FrozenMapping({"a": 1})


def test_a_frozen_mapping_cannot_change() -> None:
    with pytest.raises(TypeError, match="does not support item assignment"):
        FrozenMapping({"a": 1})["a"] = 2  # pyrefly: ignore


def test_the_text_of_a_frozen_mapping_is_canonical_json() -> None:
    mapping = FrozenMapping({"z": [1, 1.0, True, None], "ä": {"b": "x", "a": "y"}})

    assert str(mapping) == '{"z": [1, 1.0, true, null], "ä": {"a": "y", "b": "x"}}'
    assert repr(mapping) == f"FrozenMapping({mapping})"


# -- JSON for dbt -----------------------------------------------------------------------------------------------


@given(JSON_OBJECTS)
@example({"a": [1e-05, 1e20, -1e-07, 5e-324], "1e5": '"1e5", \\" 1e5', "\\": "1e5"})
@example({"\x85": "\x7f\u2028\u2029\ufeff", "smile": "\U0001f600"})
def test_json_is_the_same_data_to_whoever_reads_it_as_json_or_as_yaml(data: dict[str, Any]) -> None:
    text = render_json(data)

    assert as_text(data) == as_text(json.loads(text))
    assert as_text(data) == as_text(yaml.safe_load(text))


def test_json_for_dbt_stays_as_it_is_where_it_can() -> None:
    assert (
        render_json({"é": [1.5, 1e-05, 1.5e20], "1e5": '1e-05 "', "x": "\x85"})
        == '{"é": [1.5, 1.0e-05, 1.5e+20], "1e5": "1e-05 \\"", "x": "\\u0085"}'
    )


# -- models --------------------------------------------------------------------------------------------------------


@given(JSON_OBJECTS)
def test_a_model_with_a_mapping_goes_through_json_unchanged(data: dict[str, Any]) -> None:
    example = Example(data=FrozenMapping(data))

    assert Example.model_validate_json(example.model_dump_json()) == example


def test_a_model_takes_a_plain_mapping_and_gives_one_back() -> None:
    example = Example.model_validate({"data": {"a": [1]}})

    assert example.data == FrozenMapping({"a": [1]})
    assert example.model_dump() == {"count": 0, "data": {"a": [1]}}


def test_a_model_keeps_the_very_mapping_it_is_given() -> None:
    data = FrozenMapping({"a": 1})

    assert data is Example(data=data).data


@each("text", ['{"data": [1]}', '{"data": null}', '{"data": "x"}'])
def test_only_a_mapping_is_a_mapping(text: str) -> None:
    with pytest.raises(ValidationError, match="must be a mapping"):
        Example.model_validate_json(text)


@each("text", ['{"count": "1"}', '{"count": true}', '{"count": 1.0}', '{"counts": 1}'])
def test_a_model_coerces_nothing_and_knows_its_fields(text: str) -> None:
    with pytest.raises(ValidationError):
        Example.model_validate_json(text)


def test_a_model_cannot_change() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        Example().count = 1  # pyrefly: ignore


def test_the_error_of_a_model_does_not_show_the_value() -> None:
    with pytest.raises(ValidationError) as raised:
        Example.model_validate_json('{"count": "hunter2"}')

    assert "hunter2" not in str(raised.value)


def test_the_json_schema_of_a_mapping_is_any_object() -> None:
    schema = Example.model_json_schema()

    assert {key: schema["properties"]["data"][key] for key in ("type", "additionalProperties")} == {
        "type": "object",
        "additionalProperties": True,
    }
