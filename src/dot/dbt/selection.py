"""What `--select` can name, as a manifest or the files of a project tell it."""

import re
from collections.abc import Iterable, Iterator

GRAPH = '"parent_map"'
"""The key near the end of a manifest under which every node stands with its parents."""

# Kinds that are selected by their bare names; others need the method of the same name.
_BARE = ("model", "seed", "snapshot", "function", "analysis", "test")
_METHODS = ("source", "exposure", "metric", "semantic_model", "saved_query")
_GENERIC_TEST = re.compile(r"\.[0-9a-f]{10}\Z")
_DONE = re.compile(r"(?:.*[ ,])?(?:@|\d*\+)?", re.DOTALL)


def parse_graph(text: str) -> Iterator[tuple[str, str]]:
    """What can be selected, and its kind, from what follows `GRAPH` in a manifest. Raises `ValueError`."""
    import json  # noqa: PLC0415 - most of what is completed is no node

    start = text.index("{")
    graph, _ = json.JSONDecoder().raw_decode(text, start)
    for unique_id in graph:
        kind, _, rest = unique_id.partition(".")
        name = rest.partition(".")[2]
        if kind in _BARE and not _GENERIC_TEST.search(name):
            yield name, kind
        elif kind in _METHODS:
            yield f"{kind}:{name}", kind


def list_file_nodes(paths: Iterable[str]) -> Iterator[tuple[str, str]]:
    """What can be selected, and its kind, from the names of files."""
    kinds = {".sql": "model", ".py": "model", ".csv": "seed"}
    for path in paths:
        name, dot, suffix = path.rpartition(".")
        if kind := kinds.get(dot + suffix):
            yield name, kind


def split_selection(typed: str) -> tuple[str, str]:
    """What is complete in a selection, with the operators of the graph (`+`, `2+`, `@`), and the name that is not."""
    start = _DONE.sub("", typed, count=1)
    return typed.removesuffix(start), start
