"""What may be called otherwise where nobody knows what the output of the profile is called."""

from typing import Any

from cases import each
from dot.dbt.manifest import Manifest
from dot.isolation.target_names import WrittenNode, find_named_by_target

MACROS = {
    "generate_schema_name": "{% macro generate_schema_name(name) %}{{ prefix() }}{{ target.schema }}{% endmacro %}",
    "prefix": "{% macro prefix() %}{{ target.type }}{% endmacro %}",
    "other": "{% macro other() %}{{ target.name }}{% endmacro %}",
}


def manifest(macros: dict[str, str] | None = None, package: str = "shop", **node: Any) -> Manifest:
    listed = {
        f"macro.{package}.{name}": {
            "name": name,
            "package_name": package,
            "original_file_path": f"macros/{name}.sql",
            "macro_sql": text,
            "depends_on": {"macros": [f"macro.{package}.prefix"] if name.startswith("generate") else []},
        }
        for name, text in (macros or MACROS).items()
    }
    model = {"resource_type": "model", "name": "a", "original_file_path": "models/a.sql", **node}
    metadata = {"dbt_schema_version": "v12", "adapter_type": "databricks"}
    return Manifest.model_validate({"metadata": metadata, "macros": listed, "nodes": {"model.shop.a": model}})


@each(
    "name, text, is_found",
    [
        ("generate_schema_name", "{% macro generate_schema_name() %}{{ target.name }}{% endmacro %}", True),
        ("databricks__generate_alias_name", "{% macro x() %}{{ target['name'] }}{% endmacro %}", True),
        ("generate_database_name", "{% macro x() %}{% set t = target %}{{ t.schema }}{% endmacro %}", True),
        ("generate_schema_name", "{% macro x() %}{{ target.profile_name }}{% endmacro %}", True),
        ("generate_schema_name", "{% macro x() %}{{ target.get('name') }}{% endmacro %}", True),
        ("prefix", "{% macro prefix() %}{{ target.name }}{% endmacro %}", True),
        ("configure", "{% macro configure() %}{{ config(schema=target.name) }}{% endmacro %}", True),
        ("other", "{% macro other() %}{{ target.name == 'prod' }}{% endmacro %}", False),
        ("generate_schema_name", "{% macro x() %}{# target.name #}{{ target.catalog }}{% endmacro %}", False),
    ],
)
def test_macros_that_name_relations_are_asked(name: str, text: str, *, is_found: bool) -> None:
    found = find_named_by_target(manifest(MACROS | {name: text}))
    assert found == ((f"{name} (macros/{name}.sql)",) if is_found else ())


def test_what_comes_with_dbt_is_known_to_ask_for_nothing_else() -> None:
    text = "{% macro x() %}{{ target.name }}{% endmacro %}"
    assert find_named_by_target(manifest({"generate_schema_name": text}, package="dbt_databricks")) == ()


@each(
    "node, is_found",
    [
        ({"raw_code": "select 1"}, False),
        ({"raw_code": "select '{{ target.name }}' as x"}, False),
        ({"raw_code": "{{ config(materialized='table') }} select '{{ target.name }}' as x"}, False),
        ({"raw_code": "{{ config(schema=target.name) }} select 1"}, True),
        ({"raw_code": "{{- config(alias='a_' ~ target['name']) -}} select 1"}, True),
        ({"raw_code": "{% set s = target.name %}{{ config(schema=s) }} select 1"}, True),
        ({"raw_code": "{% do config(enabled=(target.name == 'prod')) %} select 1"}, True),
        ({"raw_code": "{{ config(schema=target.schema) }} select 1"}, False),
        ({"unrendered_config": {"schema": "{{ target.name }}"}}, True),
        ({"unrendered_config": {"enabled": "target.name == 'prod'"}}, True),
        ({"unrendered_config": {"schema": "{{ target.schema }}"}}, False),
        ({"unrendered_config": {"meta": "{{ target.name }}"}}, False),
        ({"unrendered_config": {"schema": "target audience"}}, True),
        ({"unrendered_config": {"schema": "{{ target"}}, True),
    ],
)
def test_a_nodes_own_settings_are_asked(node: dict[str, Any], *, is_found: bool) -> None:
    assert find_named_by_target(manifest(**node)) == (("a (models/a.sql)",) if is_found else ())


def test_a_node_that_is_disabled_here_may_be_there() -> None:
    disabled = [
        WrittenNode("b", "models/b.sql", {"enabled": "{{ target.name == 'prod' }}"}, ""),
        WrittenNode("c", "models/c.sql", {"enabled": False}, "select 1"),
    ]
    assert find_named_by_target(manifest(), disabled) == ("b (models/b.sql)",)
