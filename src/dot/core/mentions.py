"""What a text with Jinja in it mentions, and which macros it may mean by that.

dbt notes which macros a text calls while it renders it to parse it. What stands in a branch that is not taken then, as
of `is_incremental()`, or is passed on and called by another name, is not among them.
"""

import re
from collections.abc import Callable, Iterable
from functools import cached_property
from typing import NamedTuple

from dot.core.adapters import ADAPTER_TYPES
from dot.core.manifest import Macro, Manifest


class Mentions(NamedTuple):
    """What stands in the Jinja of a text.

    `names` are those that it does not define itself, each below the name and the dot before it, if there is one.
    `texts` stand in quotes. `variables` are those of dbt that are asked for; None is one whose name does not stand
    there; and so are `env_variables`.
    """

    names: frozenset[tuple[str, str]] = frozenset()
    texts: frozenset[str] = frozenset()
    variables: frozenset[str | None] = frozenset()
    env_variables: frozenset[str | None] = frozenset()

    def __or__(self, other: "Mentions") -> "Mentions":
        return Mentions(
            self.names | other.names,
            self.texts | other.texts,
            self.variables | other.variables,
            self.env_variables | other.env_variables,
        )


Read = Callable[[str], Mentions]
"""What reads the Jinja of a text; the same text has the same mentions."""

_WORD = re.compile(r"\w+")


def list_dbts_packages(*manifests: Manifest) -> frozenset[str]:
    """The packages that come with dbt and its adapters, and so change with their versions."""
    adapters = ADAPTER_TYPES.union(manifest.metadata.adapter_type for manifest in manifests)
    return frozenset({"dbt", *(f"dbt_{adapter}" for adapter in adapters)})


def list_dbts_macros(manifest: Manifest) -> dict[str, str]:
    """The text of every macro in these packages, by its unique id."""
    internal = list_dbts_packages(manifest)
    macros = manifest.macros.items()
    return {unique_id: macro.macro_sql for unique_id, macro in macros if macro.package_name in internal}


class Calls:
    """Which macros of a manifest are called by what."""

    def __init__(self, manifest: Manifest, read: Read) -> None:
        self._manifest, self._read = manifest, read
        self._internal = list_dbts_packages(manifest)
        self._packages = {macro.package_name for macro in manifest.macros.values()}

    @cached_property
    def _noted(self) -> dict[str, set[str]]:
        """The macros that call a macro, as dbt noted it."""
        found: dict[str, set[str]] = {}
        for unique_id, macro in self._manifest.macros.items():
            for called in macro.depends_on.macros:
                found.setdefault(called, set()).add(unique_id)
        return found

    @cached_property
    def _having(self) -> dict[str, set[str]]:
        """The macros in whose text a word stands, be it in a comment: few texts have to be read as Jinja."""
        found: dict[str, set[str]] = {}
        for unique_id, macro in self._manifest.macros.items():
            for word in _WORD.findall(macro.macro_sql):
                found.setdefault(word, set()).add(unique_id)
        return found

    def callers(self, unique_id: str) -> set[str]:
        """The macros that may call this one."""
        macro = self._manifest.macros.get(unique_id)
        if not macro:
            return set()
        having = set().union(*(self._having.get(name, ()) for name in list_names(macro)))
        found = {
            other
            for other in having - {unique_id}
            if self.means(self._read_macro(other), self._manifest.macros[other].package_name, macro)
        }
        return found | self._noted.get(unique_id, set())

    def _read_macro(self, unique_id: str) -> Mentions:
        return self._read(self._manifest.macros[unique_id].macro_sql)

    def means(self, mentions: Mentions, package: str, macro: Macro) -> bool:
        """Whether a text in this package that mentions this may mean that macro."""
        home = macro.package_name
        is_near = home in self._internal or home in {package, self._manifest.metadata.project_name}
        bare = {name for before, name in mentions.names if not before}
        in_context = ("context", macro.name) in mentions.names or ("context" in bare and macro.name in mentions.texts)
        if is_near and (macro.name in bare or in_context):
            return True
        if any(self._leads_to(before, home, bare) for before, name in mentions.names if before and name == macro.name):
            return True
        names = {name for _, name in mentions.names}
        return "dispatch" in names and macro.name.partition("__")[2] in mentions.texts

    def _leads_to(self, before: str, home: str, bare: set[str]) -> bool:
        """Whether what stands before a dot may be this package: it is, or is a variable beside the package's name."""
        if before in self._packages:
            return before == home or (before == "dbt" and home in self._internal)
        return home in bare


def list_names(macro: Macro) -> Iterable[str]:
    """By what a macro is called: its name, and that by which it is dispatched."""
    return {macro.name, macro.name.partition("__")[2]} - {""}
