"""Which macros a text may mean by what it mentions, and so which macros call which.

dbt notes which macros a text calls while it renders it to parse it. What stands in a branch that is not taken then, as
of `is_incremental()`, or is passed on and called by another name, is not among them.
"""

import re
from collections.abc import Iterable
from functools import cached_property

from dot.dbt.jinja_text import Mentions, read_nested_mentions
from dot.dbt.manifest import Macro, Manifest
from dot.isolation.dbts_own import comes_with_dbt

_WORD = re.compile(r"\w+")


class Calls:
    """Which macros of a manifest are called by what."""

    def __init__(self, manifest: Manifest) -> None:
        self._manifest = manifest
        self._packages = {macro.package_name for macro in manifest.macros.values()}

    @cached_property
    def _recorded_callers(self) -> dict[str, set[str]]:
        """The macros that call a macro, as dbt noted it."""
        found: dict[str, set[str]] = {}
        for unique_id, macro in self._manifest.macros.items():
            for called in macro.depends_on.macros:
                found.setdefault(called, set()).add(unique_id)
        return found

    @cached_property
    def _macros_by_word(self) -> dict[str, set[str]]:
        """The macros by the words in their texts, comments included, so that only few texts have to be parsed."""
        found: dict[str, set[str]] = {}
        for unique_id, macro in self._manifest.macros.items():
            for word in _WORD.findall(macro.macro_sql):
                found.setdefault(word, set()).add(unique_id)
        return found

    def list_callers(self, unique_id: str) -> set[str]:
        """The macros that may call this one."""
        macro = self._manifest.macros.get(unique_id)
        if not macro:
            return set()
        having = set().union(*(self._macros_by_word.get(name, ()) for name in list_called_names(macro)))
        found = {
            other
            for other in having - {unique_id}
            if self.may_mean(self._read_macro(other), self._manifest.macros[other].package_name, macro)
        }
        return found | self._recorded_callers.get(unique_id, set())

    def _read_macro(self, unique_id: str) -> Mentions:
        return read_nested_mentions(self._manifest.macros[unique_id].macro_sql)

    def may_mean(self, mentions: Mentions, package: str, macro: Macro) -> bool:
        """Whether a text in this package that mentions this may mean that macro."""
        home = macro.package_name
        if not mentions.is_readable:
            return macro.name in mentions.names
        is_near = comes_with_dbt(home, self._manifest) or home in {package, self._manifest.metadata.project_name}
        is_looked_up = "context" in mentions.names and macro.name in mentions.texts
        if is_near and (macro.name in mentions.names or is_looked_up):
            return True
        if any(self._leads_to(owner, home, mentions) for owner, name in mentions.members if name == macro.name):
            return True
        base = macro.name.partition("__")[2]
        return base in mentions.dispatched or (None in mentions.dispatched and base in mentions.texts)

    def _leads_to(self, owner: str, home: str, mentions: Mentions) -> bool:
        """Whether the name before a dot may mean this package: it is the package's, or a variable that may hold it."""
        if owner in self._packages:
            return owner == home or (owner == "dbt" and comes_with_dbt(home, self._manifest))
        return home in mentions.names


def list_called_names(macro: Macro) -> Iterable[str]:
    """The names by which a macro is called: its own, and the one that dispatch uses."""
    return {macro.name, macro.name.partition("__")[2]} - {""}
