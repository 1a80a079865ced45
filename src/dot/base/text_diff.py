"""Unified diffs of texts and of settings, and what they come to in a few words."""

import difflib
import json
from collections.abc import Mapping
from typing import Any

_MOST_LINES = 3000
"""More lines than that are not compared one by one: it would take longer than dbt itself."""

_LONGEST = 40


def diff_texts(base: str, head: str) -> str:
    """A unified diff without the names of files; empty where the texts are too long for one."""
    before, after = (text.removesuffix("\n").split("\n") if text else [] for text in (base, head))
    if len(before) + len(after) > _MOST_LINES:
        return ""
    return "\n".join(list(difflib.unified_diff(before, after, lineterm=""))[2:])


def count_lines(diff: str, *, of: str = "line") -> str:
    """How many lines a diff adds and removes."""
    added, removed = (sum(line.startswith(sign) for line in diff.split("\n")) for sign in "+-")
    counts = ((added, "added"), (removed, "removed"))
    return ", ".join(f"{render_count(number, of)} {done}" for number, done in counts if number) or "changed"


def render_count(count: int, word: str) -> str:
    """`1 row`, `1,204 rows`."""
    return f"{count:,} {word}{'' if count == 1 else 's'}"


def unify_line_ends(text: str | None) -> str:
    """The text with line ends that are the same on every system."""
    return (text or "").replace("\r\n", "\n").replace("\r", "\n")


def describe_value(value: Any) -> str:
    """A value of JSON as a person would say it."""
    if value is None or value in ([], {}):
        return "none"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def describe_change(name: str, base: Any, head: Any) -> str:
    """`materialized: view -> table`; without the values where they are long."""
    before, after = describe_value(base), describe_value(head)
    if "\n" in before + after or max(len(before), len(after)) > _LONGEST:
        return f"{name} changed"
    return f"{name}: {before} -> {after}"


def render_setting(name: str, value: Any, indent: str = "") -> str:
    """A value as lines that read like YAML; none for one that is not there."""
    if value is None:
        return ""
    if isinstance(value, Mapping):
        inner = "".join(render_setting(key, value[key], f"{indent}  ") for key in value)
        return f"{indent}{name}:\n{inner}"
    if isinstance(value, list | tuple):
        return f"{indent}{name}:\n" + "".join(_indented(f"- {describe_value(item)}", f"{indent}  ") for item in value)
    return _indented(f"{name}: {describe_value(value)}", indent)


def _indented(text: str, indent: str) -> str:
    return "".join(f"{indent}{line}\n" for line in text.splitlines())
