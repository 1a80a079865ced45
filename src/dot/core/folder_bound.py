"""Relations whose rows are read from a file anew by whoever asks, relative to the folder that he stands in."""

import re
from collections.abc import Iterator

from dot.core.manifest import Manifest, Node, Source
from dot.core.spread import find_reached

_FILE = re.compile(
    r"""(?:\b(?:read|scan|sniff|glob)\w*\s*\(\s*\[?\s*|\b\w+_scan\s*\(\s*\[?\s*|\b(?:from|join)\s+)['"]([^'"\n]+)['"]""",
    re.IGNORECASE,
)
_NAME = re.compile(r"\.\w+$")
_FIXED = re.compile(r"/|~|[a-z][a-z0-9+.-]*:|[a-z]:[\\/]", re.IGNORECASE)
"""What begins a path that means the same everywhere: of a root, a home, another machine, a drive."""


def find_folder_bound(manifest: Manifest) -> dict[str, str]:
    """The file by which the rows of a view depend on the reader's folder, by unique id; the views above it too.

    Only DuckDB reads files by paths of whoever asks; those of any other are on its own machine.
    """
    if manifest.metadata.adapter_type != "duckdb":
        return {}
    own = {unique_id: file for unique_id, node in manifest.nodes.items() if (file := _find_file(node, manifest))}
    readers: dict[str, list[str]] = {}
    for unique_id, node in manifest.nodes.items():
        if node.config.materialized in ("view", "ephemeral"):
            for read in node.depends_on.nodes:
                readers.setdefault(read, []).append(unique_id)
    return {
        reached: file
        for start, file in own.items()
        for reached in find_reached([start], lambda name: readers.get(name, ()))
    }


def _find_file(node: Node, manifest: Manifest) -> str | None:
    """The first file that a view reads by a relative path."""
    return next((path for path in _list_files(node, manifest) if not _FIXED.match(path)), None)


def _list_files(node: Node, manifest: Manifest) -> Iterator[str]:
    kind = node.config.materialized
    if kind == "external":
        if isinstance(node.config.location, str):
            yield node.config.location
    elif kind in ("view", "ephemeral"):
        code = node.compiled_code or node.raw_code or ""
        yield from (path for path in _FILE.findall(code) if _NAME.search(path) or "/" in path)
        for source in (manifest.sources[name] for name in node.depends_on.nodes if name in manifest.sources):
            yield from _locate(source)


def _locate(source: Source) -> Iterator[str]:
    """Where the files of a source are."""
    settings = {**(source.source_meta or {}), **(source.meta or {}), **source.config}
    if isinstance(place := settings.get("external_location"), str):
        yield from _FILE.findall(place) or [place.strip("'")]
