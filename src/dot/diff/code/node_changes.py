"""What was changed by hand between two versions of one node."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from dot.base.text_diff import count_lines, describe_change, diff_texts, render_setting, unify_line_ends
from dot.dbt.jinja_text import split_jinja
from dot.dbt.manifest import Node, Source
from dot.diff.code.column_changes import find_column_changes
from dot.diff.code.side import DOCUMENTATION_ONLY, CodeSide, FoundChange, Pair, Sides, is_same_value
from dot.diff.report import CodeChange

_DOCUMENTATION = frozenset({"description", "docs", "meta", "persist_docs"})
_SAME_ROWS = _DOCUMENTATION | {
    *("access", "deprecation_date", "grants", "group", "latest_version", "tags"),
    *("alias", "database", "location", "location_root", "schema", "target_database", "target_schema"),
}
"""Settings that say where rows are, who may read them and what they mean, but not which."""

_UNREAD = _SAME_ROWS | {"enabled", "freshness", "loaded_at_field", "loaded_at_query", "static_analysis"}
_LOCATES = frozenset({"external_location", "plugin"})
"""Settings of a source that have no bearing on its rows, and those by which an adapter finds them in no table."""

_OF_TESTS = (
    *("enabled", "error_if", "fail_calc", "group", "limit", "meta", "severity", "store_failures", "store_failures_as"),
    *("tags", "warn_if", "where"),
)
"""Settings of generic tests that every dbt takes alike where nobody has written any."""

_SYNTAX_TREE = re.compile(r"Keyword\(key=")


def find_changes(pair: Pair, sides: Sides) -> tuple[FoundChange, ...]:
    """Everything of its own that differs: what was written in its files, and about it."""
    settings = tuple(_find_settings(pair, sides))
    sql = _find_sql(pair, is_configured=bool(settings))
    return (*sql, *_find_seed(pair, sides), *settings, *find_column_changes(pair, sides))


def find_source_changes(base: Source, head: Source, sides: Sides) -> tuple[FoundChange, ...]:
    """The changes by which a source is another table than before."""
    return tuple(_compare_settings(_place(base), _place(head), sides))


def find_rendered(base: Node, head: Node, sides: Sides) -> set[str]:
    """The settings that are written the same on both sides, and that dbt rendered to different values."""
    keys = _find_rendered(_configuration(base), _configuration(head), sides)
    return {key for key in keys if key not in _SAME_ROWS}


def find_rendered_source(base: Source, head: Source, sides: Sides) -> set[str]:
    """The same of a source."""
    return set(_find_rendered(_place(base), _place(head), sides))


def _find_rendered(base: "_Settings", head: "_Settings", sides: Sides) -> Iterator[str]:
    for key in base.written.keys() & head.written.keys():
        is_same = is_same_value(sides, base.rendered.get(key), head.rendered.get(key))
        if not is_same and is_same_value(sides, base.written[key], head.written[key]):
            yield key


# -- SQL -----------------------------------------------------------------------------------------------------------


def body(node: Node) -> str:
    """The code of a node as it was written; of a unit test, what is given and expected."""
    if node.resource_type == "unit_test":
        parts = {"given": node.given, "expect": node.expect, "overrides": node.overrides}
        return json.dumps(parts, indent=2, sort_keys=True, ensure_ascii=False)
    return unify_line_ends(node.raw_code)


def _find_sql(pair: Pair, *, is_configured: bool) -> Iterator[FoundChange]:
    base, head = body(pair.base), body(pair.head)
    # Of a generic test dbt writes the code itself, and renders the configuration into it.
    is_config_told = is_configured or pair.head.test_metadata is not None
    if base == head or (is_config_told and without_config(base) == without_config(head)):
        return
    diff = diff_texts(base, head)
    yield FoundChange(CodeChange(part="sql", summary=count_lines(diff), diff=diff))


def show_code(base: Node | None, head: Node | None) -> tuple[CodeChange, ...]:
    """The whole code of a node that only one side has; nothing for a generic test, whose code dbt wrote."""
    if (base and head) or any(node and node.test_metadata for node in (base, head)):
        return ()
    diff = diff_texts(*(body(node) if node else "" for node in (base, head)))
    return (CodeChange(part="sql", summary=count_lines(diff), diff=diff),) if diff else ()


def without_config(text: str) -> str:
    """The code without its call of `config`."""
    pieces = (piece for piece in split_jinja(text) if piece.kind != "output" or piece.words[:2] != ("config", "("))
    return "".join(piece.text for piece in pieces).strip()


# -- seeds ---------------------------------------------------------------------------------------------------------


def _find_seed(pair: Pair, sides: Sides) -> Iterator[FoundChange]:
    texts = (sides[0].seeds.get(pair.base_id), sides[1].seeds.get(pair.head_id))
    base, head = (unify_line_ends(text) for text in texts)
    is_same = base == head if None not in texts else _is_same_file(pair)
    if pair.head.resource_type == "seed" and not is_same:
        diff = "" if None in texts else diff_texts(base, head)
        shown = diff if sides[1].shows_rows else ""
        yield FoundChange(CodeChange(part="seed", summary=count_lines(diff, of="row"), diff=shown))


def _is_same_file(pair: Pair) -> bool:
    """Whether dbt saw the same content. Of a large file it keeps the path alone, which says nothing."""
    base, head = pair.base.checksum, pair.head.checksum
    names = {getattr(checksum, "name", None) for checksum in (base, head)}
    return names == {"path"} or base == head


# -- configuration -------------------------------------------------------------------------------------------------


class _Settings(NamedTuple):
    """Settings as dbt has rendered them, and those that people wrote, as they wrote them."""

    rendered: Mapping[str, Any]
    written: Mapping[str, Any]


def _find_settings(pair: Pair, sides: Sides) -> Iterator[FoundChange]:
    if pair.base.config != pair.head.config:
        yield from _compare_settings(_configuration(pair.base), _configuration(pair.head), sides)
    base, head = _statements(pair.base), _statements(pair.head)
    if base != head:
        yield from _compare_settings(base, head, sides)


def _configuration(node: Node) -> _Settings:
    rendered = node.config.settings()
    if "severity" in rendered:
        rendered["severity"] = str(rendered["severity"]).lower()  # as dbt compares it; some versions raise it
    written = {key.replace("_hook", "-hook"): value for key, value in (node.unrendered_config or {}).items()}
    if node.test_metadata:
        rendered["alias"] = node.alias  # dbt 1 alone counts one that it has shortened among the settings
        # dbt 2 keeps of no generic test how it was written.
        written = written or {key: rendered[key] for key in _OF_TESTS if key in rendered}
    return _Settings(rendered, written)


def _statements(node: Node) -> _Settings:
    """What is said of a node beside its configuration."""
    names = ("description", "latest_version", "deprecation_date", "arguments", "returns")
    stated = {name: getattr(node, name) for name in names}
    return _Settings(stated, stated)


def _place(source: Source) -> _Settings:
    """What a source is, and what an adapter reads of it; older versions of dbt do not keep how it was written."""
    stated = {"identifier": source.identifier, "quoting": source.quoting, "external": source.external}
    if source.external:  # by which packages make the table
        stated["columns"] = {name: column.get("data_type") for name, column in (source.columns or {}).items()}
    names = {"database": source.database, "schema": source.schema_name}
    written = {"database": source.unrendered_database, "schema": source.unrendered_schema}
    is_kept = "unrendered_schema" in source.model_fields_set
    read, read_written = _read_by_adapter(source)
    return _Settings(
        names | stated | read,
        ({name: value for name, value in written.items() if value} if is_kept else names) | stated | read_written,
    )


def _read_by_adapter(source: Source) -> tuple[dict[str, Any], dict[str, Any]]:
    """What a source is configured with, rendered and as it was written; `meta` too, where it says where rows are.

    That is how dbt-duckdb reads files: any key may stand in the template of a location, or be meant for a plugin.
    """
    written = source.unrendered_config or {}
    config = {key: value for key, value in source.config.items() if key not in _UNREAD}
    config_written = {key: value for key, value in written.items() if key not in _UNREAD}
    meta = {**(source.source_meta or {}), **(source.meta or {})}
    if _LOCATES.isdisjoint({*meta, *config}):
        return config, config | config_written
    return meta | config, meta | config | (written.get("meta") or {}) | config_written


def _compare_settings(base: _Settings, head: _Settings, sides: Sides) -> Iterator[FoundChange]:
    """Settings that differ as they were rendered, and as they were written too."""
    is_written = all(side.keeps_unrendered for side in sides) or sides[0].engine != sides[1].engine
    for key in sorted({*base.rendered, *head.rendered}):
        if is_same_value(sides, base.rendered.get(key), head.rendered.get(key)):
            continue
        if key in base.written or key in head.written:
            if is_same_value(sides, base.written.get(key), head.written.get(key)):
                continue
        elif is_written or key not in base.rendered or key not in head.rendered:
            continue  # nobody wrote it: what dbt takes for granted differs
        yield _setting(key, *(_shown(key, *one) for one in zip((base, head), sides, strict=True)))


def _shown(key: str, settings: _Settings, side: CodeSide) -> Any:
    """A setting as it was rendered; as it was written where that shows what only the build is called."""
    rendered, written = settings.rendered.get(key), settings.written.get(key)
    if written is not None and len({*side.readings(str(rendered))}) > 1 and not _SYNTAX_TREE.search(str(written)):
        return written
    if key.endswith("-hook"):
        return [hook.get("sql") if isinstance(hook, Mapping) else hook for hook in rendered or ()]
    return rendered


def _setting(key: str, base: Any, head: Any) -> FoundChange:
    summary = describe_change(key, base, head) + (DOCUMENTATION_ONLY if key in _DOCUMENTATION else "")
    diff = diff_texts(render_setting(key, base), render_setting(key, head))
    return FoundChange(CodeChange(part="configuration", summary=summary, diff=diff), changes_rows=key not in _SAME_ROWS)
