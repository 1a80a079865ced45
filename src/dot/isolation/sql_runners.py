"""Which macros run SQL when they are called, by themselves or through others."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from dot.dbt.jinja_text import read_mentions, strip_comments
from dot.dbt.manifest import Macro, Manifest
from dot.isolation.dbts_own import comes_with_dbt

_READING = (
    *("Column", "ConnectionManager", "Relation", "already_exists", "assert_valid_snapshot_target_given_strategy"),
    *("behavior", "build_catalog_relation", "check_schema_exists", "config", "convert_type", "disable_transactions"),
    *("escape_sql_string", "external_read_location", "external_root", "external_write_options"),
    *("get_binding_char", "get_catalog_integration", "get_columns_in_relation", "get_common_options"),
    *("get_hard_deletes_behavior", "get_missing_columns", "get_relation", "get_table_options", "get_view_options"),
    *("is_ducklake", "is_motherduck", "is_replaceable", "list_relations", "list_relations_without_caching"),
    *("list_schemas", "location_exists", "parse_index", "parse_partition_by", "quote", "quote_as_configured"),
    *("quote_seed_column", "render_raw_columns_constraints", "render_raw_model_constraints", "standardize_grants_dict"),
    *("type", "valid_incremental_strategies", "valid_snapshot_target", "verify_database", "warn_once"),
)
"""Methods of dbt's `adapter` that change nothing; whatever else it has may run any SQL."""

_READS = frozenset(f"adapter.{name}" for name in (*_READING, "dispatch"))
# Functions of dbt that run SQL or code, or through which anything can be reached.
_FUNCTIONS = ("adapter", "context", "render", "set_sql_header", "submit_python_job")
# dbt's own, which asks the warehouse to count the days between two dates.
_TRUSTED = ("dbt.default__get_intervals_between", "dbt.get_intervals_between")
UNREADABLE = "Jinja that cannot be read"
DYNAMIC = "adapter.dispatch of a computed name"

_WORD = re.compile(r"\w+")
_PREFIX = re.compile(r"[a-z0-9]+__")
_READ = re.compile(rf"\badapter\s*\.\s*(?:{'|'.join(_READING)})\b")
_DISPATCHED = re.compile(r"\badapter\s*\.\s*dispatch\s*\(\s*(?:macro_name\s*=\s*)?[\"'](\w+)")
_CALLED = re.compile(r"(?<![\w.])(?:dbt\s*\.\s*)?(\w+)\s*\(|\b(adapter)\s*\.|\b(context)\s*[\[.]")


@dataclass(frozen=True)
class SqlRunners:
    """All that runs SQL. `names` has the name that people use by each way to mention it; `words` are searched first."""

    names: Mapping[str, str]
    words: frozenset[str]


def find_sql_runners(manifest: Manifest) -> SqlRunners:
    """All macros that run SQL. Those of dbt, which are many, are judged by the words in their texts alone."""
    names = {name: name for name in (*_FUNCTIONS, DYNAMIC, UNREADABLE)}
    left = {
        macro: read_words(macro.macro_sql) if comes_with_dbt(macro.package_name, manifest) else _words(macro.macro_sql)
        for macro in manifest.macros.values()
        if _qualified(macro) not in _TRUSTED
    }
    words = frozenset(_FUNCTIONS)
    found = [*left]
    while found:
        runners = SqlRunners(names, words)
        found = [macro for macro, used in left.items() if used & words and _runs(macro, manifest, runners)]
        for macro in found:
            del left[macro]
            names |= dict.fromkeys(_forms(macro), _known_as(macro, manifest))
        words |= {word for macro in found for word in (macro.name, base_name(macro.name))}
    return SqlRunners(names, words)


def _runs(macro: Macro, manifest: Manifest, runners: SqlRunners) -> bool:
    return comes_with_dbt(macro.package_name, manifest) or bool(list_sql_calls(macro.macro_sql, runners))


def list_sql_calls(text: str, runners: SqlRunners) -> tuple[str, ...]:
    """The names of everything that the text mentions and that runs SQL."""
    if "{" not in text or not _words(text) & runners.words:
        return ()
    mentions = _name_mentions(text)
    effects = (name for name in mentions if name.startswith("adapter.") and name not in _READS)
    return tuple(sorted({*(runners.names[name] for name in mentions if name in runners.names), *effects}))


def _name_mentions(text: str) -> frozenset[str]:
    """Everything that the text mentions, in the forms that `_forms` gives; the members of objects are among them."""
    found = read_mentions(text)
    if not found.is_readable:
        return frozenset({UNREADABLE})
    members = (f"{owner}.{name}" for owner, name in found.members)
    return found.names.union(members, (f"dispatch {name}" if name else DYNAMIC for name in found.dispatched))


def base_name(name: str) -> str:
    """The name of a macro that is dispatched to, without its adapter."""
    return _PREFIX.sub("", name, count=1)


def _words(text: str) -> frozenset[str]:
    """The words of a text that may be mentions; `adapter` is one only where it does more than read."""
    return frozenset(_WORD.findall(_without_reading(text)))


def read_words(text: str) -> frozenset[str]:
    """The names that a macro of dbt's own calls, in the ways in which those are written."""
    return frozenset(word for found in _CALLED.findall(_without_reading(text)) for word in found if word)


def _without_reading(text: str) -> str:
    return _DISPATCHED.sub(r" \1()", _READ.sub("", strip_comments(text)))


def _qualified(macro: Macro) -> str:
    return f"{macro.package_name}.{macro.name}"


def _known_as(macro: Macro, manifest: Manifest) -> str:
    """The name by which people know a macro: with its package, unless it comes with dbt."""
    return macro.name if comes_with_dbt(macro.package_name, manifest) else _qualified(macro)


def _forms(macro: Macro) -> tuple[str, ...]:
    return (macro.name, _qualified(macro), f"dbt.{macro.name}", f"dispatch {base_name(macro.name)}")
