"""The macros that write a node, which dbt finds by the name of its materialization."""

import re

from dot.dbt.manifest import Manifest
from dot.profile.adapters import ADAPTER_TYPES


def list_materializations(manifest: Manifest, adapter: str | None) -> dict[str, tuple[str, ...]]:
    """The unique ids of the macros that may write a node, by its materialization; dbt does not say which of them does.

    An adapter may build on others, as that of Databricks does on Spark's, and takes their materializations too.
    """
    packages = {macro.package_name for macro in manifest.macros.values()}
    adapters = {str(adapter), *(name for name in ADAPTER_TYPES if f"dbt_{name}" in packages)}
    name_of = re.compile(rf"materialization_(\w+)_(?:default|{'|'.join(map(re.escape, sorted(adapters)))})\Z")
    found: dict[str, tuple[str, ...]] = {}
    for unique_id, macro in manifest.macros.items():
        if named := name_of.match(macro.name):
            found[named[1]] = (*found.get(named[1], ()), unique_id)
    return found
