"""What comes with dbt, and what a project or its packages bring."""

from cases import each
from dot.isolation.dbts_own import comes_with_dbt, is_materialization, list_dbts_macros, list_own_materializations
from examples.manifests import make_macro, make_manifest


@each(
    ("package", "is_dbts"),
    [
        ("dbt", True),
        ("dbt_postgres", True),
        ("dbt_snowflake", True),
        ("dbt_strange", True),  # of an adapter that this manifest alone tells
        ("dbt_compare_macros", True),  # which dbt 2 brings
        ("dbt_utils", False),
        ("shop", False),
    ],
)
def test_packages_of_dbt_and_its_adapters_come_with_it(package: str, is_dbts: bool) -> None:  # noqa: FBT001
    manifest = make_manifest(adapter="strange", macros=[make_macro("pick", package)])
    assert comes_with_dbt(package, manifest) == is_dbts
    assert bool(list_dbts_macros(manifest)) == is_dbts


def test_a_materialization_is_a_projects_own_where_a_package_brings_it_that_is_not_dbts() -> None:
    manifest = make_manifest(
        adapter="databricks",
        macros=[
            make_macro("materialization_table_default", "dbt"),
            make_macro("materialization_table_spark", "dbt_spark"),
            make_macro("materialization_table_databricks", "shop"),
            make_macro("materialization_log_table_default", "utils"),
            make_macro("materialization_view_duckdb", "shop"),  # which nobody looks for with this adapter
            make_macro("table_default", "shop"),
        ],
    )
    assert list_own_materializations(manifest, "databricks") == {"table": ("shop",), "log_table": ("utils",)}


@each("name", ["table", "my_materialization_", "generate_alias_name"])
def test_any_other_macro_is_no_materialization(name: str) -> None:
    assert not is_materialization(name)
    assert is_materialization(f"materialization_{name}_default")
