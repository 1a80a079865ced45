"""What comes with dbt and its adapters, and so changes with their versions: packages, macros and materializations."""

import re

from dot.dbt.manifest import Manifest
from dot.profile.adapters import ADAPTER_TYPES

_MATERIALIZATION = "materialization_"
"""What dbt calls the macro behind a materialization, before its name and that of an adapter."""

_PACKAGES = frozenset({"dbt", "dbt_compare_macros", *(f"dbt_{adapter}" for adapter in ADAPTER_TYPES)})


def comes_with_dbt(package: str, manifest: Manifest) -> bool:
    """Whether a package is dbt's own, or one of its adapters', be it one that is known by this manifest alone."""
    return package in _PACKAGES or package == f"dbt_{manifest.metadata.adapter_type}"


def list_dbts_macros(manifest: Manifest) -> dict[str, str]:
    """The text of every macro that comes with dbt, by its unique id."""
    macros = manifest.macros.items()
    return {unique_id: macro.macro_sql for unique_id, macro in macros if comes_with_dbt(macro.package_name, manifest)}


def list_adapters(manifest: Manifest, adapter: str | None) -> set[str]:
    """The adapter that a build has, and those that it is made from, as that of Databricks is from Spark's."""
    packages = {macro.package_name for macro in manifest.macros.values()}
    return {str(adapter), *(name for name in ADAPTER_TYPES if f"dbt_{name}" in packages)}


def is_materialization(macro_name: str) -> bool:
    """Whether a macro of this name is what is behind a materialization, of whichever adapter."""
    return macro_name.startswith(_MATERIALIZATION)


def list_materializations(manifest: Manifest, adapter: str | None) -> dict[str, tuple[str, ...]]:
    """The unique ids of the macros that may write a node, by its materialization; dbt does not say which of them does.

    Those of the adapters that this one is made from are among them.
    """
    adapters = "|".join(map(re.escape, sorted(list_adapters(manifest, adapter))))
    name_of = re.compile(rf"{_MATERIALIZATION}(\w+)_(?:default|{adapters})\Z")
    found: dict[str, tuple[str, ...]] = {}
    for unique_id, macro in manifest.macros.items():
        if named := name_of.match(macro.name):
            found[named[1]] = (*found.get(named[1], ()), unique_id)
    return found


def list_own_materializations(manifest: Manifest, adapter: str | None) -> dict[str, tuple[str, ...]]:
    """The packages, other than those of dbt, that bring a materialization, by its name; none for one that is dbt's."""
    found: dict[str, tuple[str, ...]] = {}
    for name, macros in list_materializations(manifest, adapter).items():
        packages = (manifest.macros[macro].package_name for macro in macros)
        found[name] = tuple(package for package in packages if not comes_with_dbt(package, manifest))
    return found
