"""What no manifest can prove: hooks, and materializations that neither dbt nor its adapter brings."""

import pytest

from core.manifests import make_macro, make_manifest, make_node, make_rules
from dot.core.unproved import list_unproved


def test_hooks_of_the_project_and_of_what_is_written_cannot_be_proved() -> None:
    manifest = make_manifest(
        make_node("orders", config={"pre-hook": [{"sql": "select 1"}], "post-hook": [{"sql": "select 2"}]}),
        make_node("colors", resource_type="seed", config={"post-hook": ["select 3"]}),
        make_node("plain", config={"post-hook": []}),
        make_node("shop-on-run-start-0", resource_type="operation"),
        make_node("shop-on-run-end-0", resource_type="operation"),
        make_node("shop-on-run-end-1", resource_type="operation"),
        make_node("on-run-house-on-run-end-12", resource_type="operation", package_name="on-run-house"),
    )
    operations = (("on-run-start", "shop"), ("on-run-end", "shop"), ("on-run-end", "on-run-house"))
    hooks = (("pre-hook", "orders"), ("post-hook", "orders"))

    assert (*hooks, *operations) == list_unproved(manifest, make_rules(dbt_command="run"))
    assert (*hooks, ("post-hook", "colors"), *operations) == list_unproved(manifest, make_rules())
    for command in ("source freshness", "parse"):
        assert operations == list_unproved(manifest, make_rules(dbt_command=command))


@pytest.mark.parametrize(
    ("macro", "package", "listed"),
    [
        ("materialization_swap_default", "shop", True),
        ("materialization_swap_postgres", "dbt_house", True),
        ("materialization_swap_snowflake", "shop", False),
        ("materialization_other_default", "shop", False),
        ("materialization_swap_default", "dbt", False),
        ("materialization_swap_postgres", "dbt_postgres", False),
        ("materialization_swap_default", "dbt_rare", False),
    ],
)
def test_a_materialization_of_the_projects_own_cannot_be_proved(macro: str, package: str, *, listed: bool) -> None:
    nodes = [make_node(name, config={"materialized": "swap"}) for name in ("orders", "customers")]
    manifest = make_manifest(*nodes, macros=[make_macro(macro, package)], adapter="rare")

    assert (("materialization swap", package),) * listed == list_unproved(manifest, make_rules())


def test_a_materialization_for_what_the_adapter_builds_on_cannot_be_proved() -> None:
    macros = [make_macro("materialization_swap_spark"), make_macro("materialization_table_spark", "dbt_spark")]
    manifest = make_manifest(make_node("orders", config={"materialized": "swap"}), macros=macros)

    assert (("materialization swap", "shop"),) == list_unproved(manifest, make_rules(adapter="databricks"))


def test_every_package_with_a_materialization_of_this_name_is_listed() -> None:
    macros = [make_macro("materialization_table_default", package) for package in ("shop", "house")]
    manifest = make_manifest(make_node("orders", config={"materialized": "table"}), macros=macros)

    assert ["shop", "house"] == [package for _, package in list_unproved(manifest, make_rules())]
