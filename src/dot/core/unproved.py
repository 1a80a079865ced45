"""What runs SQL of its own, of which no manifest can prove that it stays inside the build."""

import re

from dot.core.isolation import WRITES, Rules, comes_with_dbt
from dot.core.manifest import Manifest
from dot.core.materializations import list_materializations

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
    found: dict[str, tuple[tuple[str, str], ...]] = {}
    for name, macros in list_materializations(manifest, rules.adapter).items():
        packages = (manifest.macros[macro].package_name for macro in macros)
        own = (package for package in packages if not comes_with_dbt(package, manifest))
        found[name] = tuple((f"{MATERIALIZATION}{name}", package) for package in own)
    return found
