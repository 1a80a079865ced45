"""What runs SQL of its own, of which no manifest can prove that it stays inside the build."""

import re
from collections.abc import Iterator, Mapping, Sequence

from dot.base.wording import list_some
from dot.dbt.manifest import Manifest, Node
from dot.dbt.writes import WRITES
from dot.isolation.dbts_own import list_adapters, list_own_materializations
from dot.isolation.macro_facts import find_strings
from dot.isolation.rules import Rules
from dot.isolation.sql_runners import SqlRunners, find_sql_runners, list_sql_calls
from dot.isolation.substitutes import find_substitutes

MATERIALIZATION = "materialization "
"""What the kind of an unproved materialization starts with."""

MACRO = "macro in place of dbt's"
PYTHON = "Python model"
CONSTRAINT = "constraint"
CALL = "call of "
"""What the kind of a body starts with that calls what runs SQL; the macro or function follows."""

_OPERATION = re.compile(r"^.*-(?=on-run-)|-\d+$")
_REFERRING = ("foreign_key", "custom")
_OF_PROJECT = re.compile(rf"on-run-|{MATERIALIZATION}|{MACRO}")
# These compile whatever is selected, and run no hook.
_COMPILING = ("compile", "docs generate", "show")
_BODIES = ("model", "test", "snapshot", "analysis", "function", "unit_test")

Unproved = tuple[str, str]
"""What it is, and whose."""


def list_unproved(manifest: Manifest, rules: Rules) -> tuple[Unproved, ...]:
    """Everything with SQL of its own, which a manifest cannot prove: what it is, and whose."""
    adapters = list_adapters(manifest, rules.adapter)
    runners = find_sql_runners(manifest)
    found = [*_list_hooks(manifest, rules), *_list_bodies(manifest, rules, runners)]
    substitutes = find_substitutes(manifest, adapters, runners, rules.searched)
    found += [(MACRO, f"{macro.package_name}.{macro.name}") for macro in substitutes]
    return tuple(dict.fromkeys(found))


def runs_always(unproved: Unproved) -> bool:
    """Whether it runs whatever is selected."""
    return bool(_OF_PROJECT.match(unproved[0]))


def describe_unproved(found: Sequence[Unproved], most: int) -> tuple[str, ...]:
    """A line for each kind, with so many of those that it is said of."""
    kinds = dict.fromkeys(kind for kind, _ in found)
    named = {kind: list_some([of for other, of in found if other == kind], most) for kind in kinds}
    return tuple(f"{kind}{_joint(kind)}{names}" for kind, names in named.items())


def _joint(kind: str) -> str:
    return ": " if kind in (MACRO, PYTHON) else " in " if kind.startswith(CALL) else " of "


def _list_hooks(manifest: Manifest, rules: Rules) -> Iterator[Unproved]:
    kinds = WRITES.get(rules.dbt_command, ())
    custom = list_own_materializations(manifest, rules.adapter)
    for node in manifest.nodes.values():
        config = node.config
        if node.resource_type == "operation" and rules.dbt_command not in _COMPILING:
            yield _OPERATION.sub("", node.name), node.package_name
        elif node.resource_type in kinds:
            hooks = (("pre-hook", config.pre_hook), ("post-hook", config.post_hook))
            yield from ((kind, node.name) for kind, hook in hooks if hook)
            if (config.model_extra or {}).get("sql_header"):
                yield "sql_header", node.name
            if _names_others(node):
                yield CONSTRAINT, node.name
            kind = config.materialized or ""
            yield from ((f"{MATERIALIZATION}{kind}", package) for package in custom.get(kind, ()))


def _names_others(node: Node) -> bool:
    """Whether SQL of a constraint that dbt enforces may name another relation, as a foreign key does."""
    columns = [column.get("constraints") or () for column in (node.columns or {}).values()]
    is_enforced = isinstance(node.config.contract, Mapping) and node.config.contract.get("enforced")
    constraints = [one for found in (node.constraints or (), *columns) for one in found] if is_enforced else []
    return any(one.get("expression") and one.get("type") in _REFERRING and not one.get("to") for one in constraints)


def _list_bodies(manifest: Manifest, rules: Rules, runners: SqlRunners) -> Iterator[Unproved]:
    """The nodes whose own code runs SQL when dbt compiles or runs them."""
    is_compiling = rules.dbt_command in _COMPILING
    kinds = _BODIES if is_compiling else () if rules.dbt_command == "clone" else WRITES.get(rules.dbt_command, ())
    mocked = {parent for test in manifest.unit_tests.values() for parent in test.depends_on.nodes}
    for unique_id, node in manifest.everything.items():
        if node.resource_type in kinds or ("test" in kinds and (unique_id in mocked or unique_id.startswith("unit_"))):
            if node.language == "python" and not is_compiling:
                yield PYTHON, node.name
            yield from ((f"{CALL}{name}", node.name) for name in list_sql_calls(" ".join(_code(node)), runners))


def _code(node: Node) -> Iterator[str]:
    """The texts of a node that dbt renders when it compiles it; those of Python models are no Jinja."""
    if node.language != "python":
        yield node.raw_code or ""
    given = (node.test_metadata.kwargs if node.test_metadata else None, node.given, node.expect, node.overrides)
    yield from find_strings(given)
