"""Changes of what many nodes use: macros of the project and of its packages, variables, and files."""

from collections.abc import Iterable, Mapping
from typing import Any

from dot.base.frozen import is_same, thaw
from dot.base.text_diff import describe_change, diff_texts, render_setting, unify_line_ends
from dot.dbt.jinja_text import Mentions, read_nested_mentions
from dot.dbt.manifest import Macro, Manifest
from dot.diff.code.files_read import may_read_file
from dot.diff.code.side import FoundChange, Pair, Sides
from dot.diff.report import CodeChange
from dot.isolation.dbts_own import comes_with_dbt
from dot.isolation.macro_facts import MacroFacts, find_strings, list_texts, read_node

_Reasons = dict[str, FoundChange]
"""Changes, each by a name of its own, so that none is told twice."""


class SharedChanges:
    """The changes of macros, variables and files between two sides, to be asked which of them touch a node."""

    def __init__(self, sides: Sides, files: Iterable[str]) -> None:
        self._sides, self._files = sides, tuple(files)
        self._variables = self._find_values() | {name: _variable(name, sides) for name in _find_variables(sides)}
        own = self._find_own()
        self._facts = tuple(MacroFacts(side.manifest, own) for side in sides)

    def find(self, pair: Pair) -> tuple[FoundChange, ...]:
        """The changes that affect a node, in the order of their names."""
        found: _Reasons = {}
        for node, facts in zip((pair.base, pair.head), self._facts, strict=True):
            mentions = read_node(node, ("var", *self._variables) if self._variables else ())
            texts = list_texts(node) if node.language != "python" else (node.raw_code or "",)
            found |= self._find_mentioned(mentions) | self._find_files(texts) | facts.find(node)
        return tuple(found[name] for name in sorted(found))

    def find_in(self, *values: Any) -> tuple[FoundChange, ...]:
        """The changes that affect any text in these values, each of which may also be the name of a file."""
        found: _Reasons = {}
        for text in find_strings(values):
            found |= self._find_mentioned(read_nested_mentions(text)) | self._find_files([text, f"'{text}'"])
        return tuple(found[name] for name in sorted(found))

    def _find_mentioned(self, mentions: Mentions) -> _Reasons:
        """The variables that are asked for; all, where the name of one does not stand there."""
        names = self._variables.keys() & mentions.variables if None not in mentions.variables else self._variables
        return {f"var {name}": self._variables[name] for name in names}

    def _find_files(self, texts: Iterable[str]) -> _Reasons:
        """The files that are read."""
        if not self._files:
            return {}
        named = {file for text in texts for file in self._files if may_read_file(text, file)}
        return {
            f"file {file}": FoundChange(CodeChange(part="file", summary=f"{file} changed", diff="")) for file in named
        }

    def _find_values(self) -> _Reasons:
        """The variables whose values name files that changed."""
        values = [
            (name, text) for side in self._sides for name, one in side.variables.items() for text in find_strings(one)
        ]
        found = {name: self._find_files([text, f"'{text}'"]) for name, text in values}
        return {name: files[min(files)] for name, files in found.items() if files}

    def _find_own(self) -> dict[str, _Reasons]:
        """What has changed in each macro, by its unique id."""
        manifests = self._sides[0].manifest, self._sides[1].manifest
        searched = _find_searched(self._sides)
        own: dict[str, _Reasons] = {}
        for manifest in manifests:
            for unique_id, macro in manifest.macros.items():
                reasons = _find_redirected(macro, searched, manifest) if searched else {}
                if not any(comes_with_dbt(macro.package_name, one) for one in manifests):
                    reasons |= self._find_in_macro(macro) | _compare_macro(unique_id, manifests)
                own[unique_id] = own.get(unique_id, {}) | reasons
        return own

    def _find_in_macro(self, macro: Macro) -> _Reasons:
        asks = bool(self._variables) and "var" in macro.macro_sql
        mentions = read_nested_mentions(macro.macro_sql) if asks else Mentions()
        return self._find_mentioned(mentions) | self._find_files([macro.macro_sql])


# -- variables -----------------------------------------------------------------------------------------------------


def _find_variables(sides: Sides) -> list[str]:
    base, head = (side.variables for side in sides)
    return [name for name in sorted({*base, *head}) if not is_same(base.get(name), head.get(name))]


def _variable(name: str, sides: Sides) -> FoundChange:
    base, head = (thaw(side.variables.get(name)) for side in sides)
    diff = diff_texts(render_setting(name, base), render_setting(name, head))
    return FoundChange(CodeChange(part="configuration", summary=describe_change(f"var {name}", base, head), diff=diff))


# -- macros --------------------------------------------------------------------------------------------------------


def _compare_macro(unique_id: str, manifests: tuple[Manifest, Manifest]) -> _Reasons:
    before, after = (manifest.macros.get(unique_id) for manifest in manifests)
    base, head = (unify_line_ends(macro.macro_sql) if macro else "" for macro in (before, after))
    if base == head:
        return {}
    diff = diff_texts(base, head)
    done = "added" if before is None else "removed" if after is None else "changed"
    package, name = unique_id.split(".")[1:3]
    called = name if package == manifests[1].metadata.project_name else f"{package}.{name}"
    change = CodeChange(part="macro", summary=f"macro {called} {done}", diff=diff)
    return {f"macro {unique_id}": FoundChange(change)}


# -- dispatch ------------------------------------------------------------------------------------------------------


def _find_searched(sides: Sides) -> dict[str, tuple[Any, Any]]:
    """The packages whose macros are looked for elsewhere, or in another order: where in base, and where in head."""
    base, head = (side.dispatch for side in sides)
    return {name: (base.get(name), head.get(name)) for name in {*base, *head} if base.get(name) != head.get(name)}


def _find_redirected(macro: Macro, searched: Mapping[str, tuple[Any, Any]], manifest: Manifest) -> _Reasons:
    """The change of a search order by which dispatch may now find another package's macro for this one."""
    home = "dbt" if comes_with_dbt(macro.package_name, manifest) else macro.package_name
    if home not in searched or "dispatch" not in macro.macro_sql:
        return {}
    base, head = searched[home]
    others = {*(base or ()), *(head or ())} - {home}
    suffix = f"__{macro.name}"
    if not any(one.package_name in others and one.name.endswith(suffix) for one in manifest.macros.values()):
        return {}
    summary = describe_change(f"dispatch of {home}", base, head)
    diff = diff_texts(render_setting("search_order", base), render_setting("search_order", head))
    return {f"dispatch {home}": FoundChange(CodeChange(part="configuration", summary=summary, diff=diff))}
