"""One commit that dbt 1 and dbt 2 have read, each in its own way, is the same code."""

import pytest

from dot.diff.code.compare import CodeDiff, compare_code
from dot.diff.code.side import CodeSide
from examples.codes import make_generic, make_model, make_project
from examples.manifests import Entry

FIRST, SECOND = {"dbt_version": "1.12.6"}, {"dbt_version": "2.0.9"}


def compare_engines(base: Entry, head: Entry) -> CodeDiff:
    return compare_code(CodeSide(make_project(base, **FIRST)), CodeSide(make_project(head, **SECOND)), ())


def test_what_the_engines_write_of_a_generic_test_in_their_own_ways_is_the_same() -> None:
    call = "{{ test_unique(**_dbt_generic_test_kwargs) }}"
    config = {"severity": "warn", "alias": "unique_1234", "where": "id > 0"}
    first = make_generic("t", "model.shop.a", config=config, alias="unique_1234")
    first |= {"raw_code": call + '{{ config(alias="unique_1234",severity="warn",where="id > 0") }}'}
    config = {"severity": "WARN", "alias": None, "where": "id > 0", "static_analysis": "baseline"}
    second = make_generic("t", "model.shop.a", config=config, alias="unique_1234", unrendered_config={})
    assert [node.code for node in compare_engines(first, second).nodes] == ["same"]


@pytest.mark.parametrize("key", ["severity", "where"])
@pytest.mark.parametrize("versions", [(FIRST, SECOND), (SECOND, SECOND)])
def test_a_setting_of_a_generic_test_is_seen_though_dbt_2_keeps_it_rendered_alone(
    key: str, versions: tuple[dict[str, str], dict[str, str]]
) -> None:
    usual = {"severity": "ERROR", "where": None}
    base, head = (
        CodeSide(make_project(make_generic("t", "model.shop.a", config=usual | more, unrendered_config={}), **version))
        for more, version in zip(({}, {key: "warn"}), versions, strict=True)
    )
    assert [node.code for node in compare_code(base, head, ()).nodes] == ["changed"]


def test_what_an_engine_takes_for_granted_is_no_change() -> None:
    first = make_model(config={"on_schema_change": "ignore"}, unrendered_config={})
    second = make_model(config={"quoting": {"schema": True}}, unrendered_config={})
    assert [node.code for node in compare_engines(first, second).nodes] == ["same"]
