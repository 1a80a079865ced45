"""Macros of a project or its packages that stand for dbt's own, and so decide what dbt writes, and where."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator

from dot.dbt.manifest import Macro, Manifest
from dot.isolation.dbts_own import comes_with_dbt, is_materialization
from dot.isolation.rules import ANY
from dot.isolation.sql_runners import SqlRunners, read_words

# What these give stands in the manifest, where it is proved.
_PROVED = ("generate_alias_name", "generate_database_name", "generate_schema_name", "generate_schema_name_for_env")
# Where dbt keeps macros that give an expression, or a test's query, whoever calls them.
_EXPRESSIONS = re.compile(r"(?:^|/)macros/(?:utils|generic_test_sql)/|(?:^|/)tests/generic/")
# Strategies that a configuration names, which dbt looks for by these names.
_STRATEGY = re.compile(r"get_incremental_\w+_sql|snapshot_\w+_strategy")
# What dbt's materializations take from their surroundings, of which a macro of this name takes the place.
_SURROUNDINGS = ("adapter", "api", "config", "database", "execute", "model", "schema", "sql", "this")


def find_substitutes(
    manifest: Manifest, adapters: set[str], runners: SqlRunners, searched: Iterable[str] = ()
) -> Iterator[Macro]:
    """Every macro that dbt may call in place of its own when it writes, by its name or by dispatch.

    What Python code of an adapter calls is looked for in every package. What dbt's own macros call is looked for in the
    project, in the package whose node it is for, and where a `dispatch` of the project has dbt search: in `searched`.
    """
    near = {manifest.metadata.project_name, *searched, *(node.package_name for node in manifest.everything.values())}
    prefix = re.compile(rf"(?:default|{'|'.join(map(re.escape, sorted(adapters)))})__")
    foreign: dict[str, list[Macro]] = defaultdict(list)
    own: dict[str, list[Macro]] = defaultdict(list)
    for macro in manifest.macros.values():
        owner = own if comes_with_dbt(macro.package_name, manifest) else foreign
        owner[prefix.sub("", macro.name, count=1)].append(macro)
    needed = frozenset(runners.names) | _needed(macro for macros in own.values() for macro in macros)
    for name, macros in foreign.items():
        # A materialization is told by what is built with it.
        is_own = name in own and name not in _PROVED and not is_materialization(name)
        gives_expression = all(map(_gives_expression, own.get(name, ())))
        is_called = _STRATEGY.fullmatch(name) or name in _SURROUNDINGS
        for macro in macros:
            is_needed = name in needed and not near.isdisjoint((macro.package_name, ANY))
            if is_called or (is_own and (is_needed or not gives_expression)):
                yield macro


def _needed(own: Iterable[Macro]) -> frozenset[str]:
    """What dbt's own macros call while they write."""
    called = (read_words(macro.macro_sql) for macro in own if not _gives_expression(macro))
    return frozenset().union(*called)


def _gives_expression(macro: Macro) -> bool:
    return bool(_EXPRESSIONS.search(macro.original_file_path.replace("\\", "/")))
