"""Macros that stand for dbt's own."""

import pytest

from dot.isolation.sql_runners import find_sql_runners
from dot.isolation.substitutes import find_substitutes
from examples.manifests import Entry, make_macro, make_manifest, make_node

UTILS = "macros/utils/expressions.sql"


def own(name: str, text: str = "", file: str = "macros/relations/a.sql", package: str = "dbt") -> Entry:
    return make_macro(name, package, text) | {"original_file_path": file}


OWN = (
    own("create_table_as", "{{ adapter.dispatch('create_table_as', 'dbt')() }}{{ string_literal('x') }}"),
    own("postgres__only_here", package="dbt_postgres"),
    own("generate_schema_name", file="macros/get_custom_name/a.sql"),
    own("dateadd", file=UTILS),
    own("windows", file="macros\\utils\\a.sql"),
    own("string_literal", file=UTILS),
    own("upstream", "{% call statement() %}{% endcall %}", file=UTILS),
    own("test_unique", file="tests/generic/builtin.sql"),
    own("materialization_table_default"),
    own("statement", "{{ adapter.execute(sql) }}"),
)


@pytest.mark.parametrize("package", ["shop", "house"])
@pytest.mark.parametrize(
    ("name", "listed"),
    [
        ("create_table_as", True),
        ("default__create_table_as", True),
        ("postgres__create_table_as", True),
        ("snowflake__create_table_as", False),
        ("my_create_table_as", False),
        ("only_here", True),
        ("default__only_here", True),
        ("generate_schema_name", False),
        ("postgres__generate_schema_name", False),
        ("dateadd", False),
        ("postgres__dateadd", False),
        ("windows", False),
        ("string_literal", True),
        ("upstream", True),
        ("default__test_unique", False),
        ("materialization_table_default", False),
        ("statement", True),
        ("get_incremental_house_rules_sql", True),
        ("snapshot_house_strategy", True),
        ("this", True),
        ("cents", False),
    ],
)
def test_a_macro_stands_for_dbts_own_by_its_name_or_by_dispatch(name: str, package: str, *, listed: bool) -> None:
    manifest = make_manifest(make_node("rules", package_name=package), macros=[*OWN, make_macro(name, package)])

    found = find_substitutes(manifest, {"postgres"}, find_sql_runners(manifest))

    assert [(macro.package_name, macro.name) for macro in found] == [(package, name)] * listed


def test_dbts_own_stand_for_nothing() -> None:
    manifest = make_manifest(macros=OWN)

    assert list(find_substitutes(manifest, {"postgres"}, find_sql_runners(manifest))) == []


QUERY = "{% call statement() %}{% endcall %}"


@pytest.mark.parametrize(
    ("of", "searched", "named"),
    [
        ("house", (), True),
        ("shop", ("house",), True),
        ("shop", ("*",), True),
        ("shop", ("dbt_utils", "shop"), False),
        ("shop", (), False),
    ],
)
@pytest.mark.parametrize("name", ["spine", "default__spine"])
def test_an_expression_of_a_package_is_taken_for_dbts_own_only_where_dbt_looks_for_it(
    name: str, of: str, searched: tuple[str, ...], *, named: bool
) -> None:
    macros = [*OWN, own("spine", file=UTILS), make_macro(name, "house", QUERY), make_macro("drop_it", "house")]
    manifest = make_manifest(make_node("a", package_name=of), macros=[*macros, own("drop_it")])

    found = find_substitutes(manifest, {"postgres"}, find_sql_runners(manifest), searched)

    # An adapter's own code may call the other one, whatever package has it.
    assert {macro.name for macro in found} == {"drop_it", *([name] if named else [])}
