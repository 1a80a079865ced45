"""Paths in a profile: which of its fields hold one, and how a path is written for a dbt that runs elsewhere."""

import re
from collections.abc import Iterator, Mapping
from pathlib import PurePath
from typing import Any

from dot.profile.adapters import find_adapter

Keys = tuple[str | int, ...]

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:|[~:]")
# What may stand before a path: DuckDB's type of a database, one around another, or a whole URL; a quote in SQL.
_TYPES = re.compile(r"(?:ducklake:)?(?:(?:duckdb|sqlite):|file://(?=/))?'?", re.IGNORECASE)
_URL = re.compile(r"(?:sqlite|duckdb)(?:\+\w+)?:///(?!/)")
_FILE_TYPES = ("duckdb", "sqlite", "ducklake", "delta")
# Fields that take a name as well, and what such a name looks like: of an extension, of a repository.
_NAMED = (
    (re.compile(r"extensions\.\d+"), re.compile(r"\w+")),
    (re.compile(r".*repo(?:sitory)?"), re.compile(r"[\w.-]+")),
)


def is_path(adapter: str, keys: Keys) -> bool:
    """Whether this field of an output holds a path. DuckDB takes its names in any case."""
    patterns = (pattern.split(".") for pattern in find_adapter(adapter).paths)
    names = [key.lower() if isinstance(key, str) else key for key in keys]
    return any(
        len(pattern) == len(names) and all(part in ("*", key) for part, key in zip(pattern, names, strict=True))
        for pattern in patterns
    )


def is_relative(output: Mapping[str, Any], keys: Keys, text: str) -> bool:
    """Whether the text of this field is a path that depends on where dbt runs."""
    _, path = _split(keys, text)
    if not path or _SCHEME.match(path) or PurePath(path).is_absolute():
        return False
    is_name = any(field.fullmatch(dotted(keys)) and name.fullmatch(path) for field, name in _NAMED)
    return _is_local(output, keys) and not is_name and not _is_secret_name(output, keys, text)


def make_absolute(keys: Keys, text: str, base: PurePath) -> str:
    """The path as it is from anywhere, behind whatever stands before it."""
    before, path = _split(keys, text)
    return before + str(base / path)


def dotted(keys: Keys) -> str:
    """The field's name for a person."""
    return ".".join(str(key) for key in keys)


def find_database_files(output: Mapping[str, Any], rendered: Mapping[str, Any]) -> tuple[PurePath, ...]:
    """The local files of DuckDB, which lets one process write, or several read."""
    return tuple(path for _, path in _local_files(output, rendered))


def name_databases(output: Mapping[str, Any], rendered: Mapping[str, Any]) -> dict[str, PurePath]:
    """The local files of DuckDB by the names that their databases have in a relation."""
    found: dict[str, PurePath] = {}
    for keys, path in _local_files(output, rendered):
        name = output.get("database") if keys == ("path",) else _holder(output, keys).get("alias")
        found.setdefault(str(name or path.stem).lower(), path)
    return found


def _local_files(output: Mapping[str, Any], rendered: Mapping[str, Any]) -> Iterator[tuple[Keys, PurePath]]:
    for keys, value in _databases(output):
        path = PurePath(_split(keys, str(rendered.get(dotted(keys), value)))[1]) if value else PurePath()
        if _is_local(output, keys) and (path.is_absolute() or path.parts[:1] == ("~",)):
            yield keys, _without_detours(path)


def _databases(output: Mapping[str, Any]) -> Iterator[tuple[Keys, Any]]:
    yield ("path",), output.get("path")
    for part, field in (("attach", "path"), ("secrets", "metadata_path")):
        items = output.get(part)
        for index, item in enumerate(items if isinstance(items, list) else []):
            if isinstance(item, Mapping) and not _is_read_only(item):
                yield (part, index, field), item.get(field)


def _is_read_only(attachment: Mapping[str, Any]) -> bool:
    options = attachment.get("options")
    return bool(attachment.get("read_only") or (isinstance(options, Mapping) and options.get("read_only")))


def _is_local(output: Mapping[str, Any], keys: Keys) -> bool:
    """Whether what holds this field says that it is a file, and not how to reach a server."""
    holder = _holder(output, keys)
    if keys[0] == "attach":
        return _kind(output, keys) in _FILE_TYPES
    return not any(str(key).endswith("_protocol") for key in holder)


def _is_secret_name(output: Mapping[str, Any], keys: Keys, text: str) -> bool:
    """Whether DuckLake takes this for the name of a secret, which holds the path."""
    is_ducklake = text.lower().startswith("ducklake:") or _kind(output, keys) == "ducklake"
    return keys[-1] == "path" and is_ducklake and bool(re.fullmatch(r"\w+", _split(keys, text)[1]))


def _kind(output: Mapping[str, Any], keys: Keys) -> str:
    """The type that an attached database is said to have."""
    holder = _holder(output, keys)
    options = holder.get("options")
    kind = holder.get("type") or (options.get("type") if isinstance(options, Mapping) else None)
    return str(kind or "duckdb").lower()


def _holder(output: Mapping[str, Any], keys: Keys) -> Mapping[str, Any]:
    """The item of a list that this field belongs to."""
    items = output.get(str(keys[0])) if len(keys) > 1 else None
    found = items[keys[1]] if isinstance(items, list | tuple) and isinstance(keys[1], int) else None
    return found if isinstance(found, Mapping) else {}


def _split(keys: Keys, text: str) -> tuple[str, str]:
    """What stands before the path, and the path."""
    before = (_URL if keys[-1] == "connection_url" else _TYPES).match(text)
    end = before.end() if before else 0
    return text[:end], text[end:]


def _without_detours(path: PurePath) -> PurePath:
    """The path without `..`, so that two projects that name the same file name it alike."""
    parts: list[str] = []
    for part in path.parts:
        parts = parts[:1] + parts[1:-1] if part == ".." else [*parts, part]
    return PurePath(*parts)
