"""Views that read a file by a relative path, so that their rows depend on the folder in which a query is run."""

import re
from collections.abc import Iterator

from dot.dbt.manifest import Manifest, Node, Source
from dot.isolation.macro_facts import find_reached

_FILE = re.compile(
    r"""(?:\b(?:read|scan|sniff|glob)\w*\s*\(\s*\[?\s*|\b\w+_scan\s*\(\s*\[?\s*|\b(?:from|join)\s+)['"]([^'"\n]+)['"]""",
    re.IGNORECASE,
)
_NAME = re.compile(r"\.\w+$")
_FIXED = re.compile(r"/|~|[a-z][a-z0-9+.-]*:|[a-z]:[\\/]", re.IGNORECASE)
"""What begins a path that means the same everywhere: of a root, a home, another machine, a drive."""


def find_folder_bound(manifest: Manifest, external_root: str | None = None) -> dict[str, str]:
    """The views whose rows depend on the folder of whoever reads them, each with the file that is the reason.

    A view that reads such a view is among them. Only DuckDB opens files in the folder of whoever asks; other
    warehouses have them on a machine of their own. `external_root` is where external models go that name no location.
    """
    if manifest.metadata.adapter_type != "duckdb":
        return {}
    files = (
        (unique_id, _find_file(node, manifest, external_root or ".")) for unique_id, node in manifest.nodes.items()
    )
    own = {unique_id: file for unique_id, file in files if file}
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


def _find_file(node: Node, manifest: Manifest, external_root: str) -> str | None:
    """The first file that a view reads by a relative path."""
    return next((path for path in _list_files(node, manifest, external_root) if not _FIXED.match(path)), None)


def _list_files(node: Node, manifest: Manifest, external_root: str) -> Iterator[str]:
    kind = node.config.materialized
    if kind == "external":
        location = node.config.location
        yield location if isinstance(location, str) else f"{external_root}/{node.alias or node.name}"
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
