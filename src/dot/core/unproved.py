"""What runs SQL of its own, of which no manifest can prove that it stays inside the build."""

import re

from dot.core.adapters import ADAPTER_TYPES
from dot.core.isolation import WRITES, Rules, comes_with_dbt
from dot.core.manifest import Manifest

MATERIALIZATION = "materialization "
"""What the kind of an unproved materialization starts with."""

_OPERATION = re.compile(r"^.*-(?=on-run-)|-\d+$")


def list_unproved(manifest: Manifest, rules: Rules) -> tuple[tuple[str, str], ...]:
    """The hooks and materializations with SQL of their own, which a manifest cannot prove: what it is, and whose."""
    kinds = WRITES.get(rules.dbt_command, ())
    custom = _find_custom_materializations(manifest, rules)
    found: list[tuple[str, str]] = []
    for node in manifest.nodes.values():
        if node.resource_type == "operation":
            found.append((_OPERATION.sub("", node.name), node.package_name))
        elif node.resource_type in kinds:
            hooks = (("pre-hook", node.config.pre_hook), ("post-hook", node.config.post_hook))
            found += [(kind, node.name) for kind, hook in hooks if hook]
            found += custom.get(node.config.materialized or "", ())
    return tuple(dict.fromkeys(found))


def _find_custom_materializations(manifest: Manifest, rules: Rules) -> dict[str, tuple[tuple[str, str], ...]]:
    """The materializations that neither dbt nor its adapter brings, by name."""
    packages = {macro.package_name for macro in manifest.macros.values()}
    # An adapter may build on others, as that of Databricks does on Spark's, and takes their materializations too.
    adapters = {rules.adapter, *(name for name in ADAPTER_TYPES if f"dbt_{name}" in packages)}
    name_of = re.compile(rf"materialization_(\w+)_(?:default|{'|'.join(map(re.escape, sorted(adapters)))})\Z")
    found: dict[str, tuple[tuple[str, str], ...]] = {}
    for macro in manifest.macros.values():
        if (named := name_of.match(macro.name)) and not comes_with_dbt(macro.package_name, manifest):
            found[named[1]] = (*found.get(named[1], ()), (f"{MATERIALIZATION}{named[1]}", macro.package_name))
    return found
