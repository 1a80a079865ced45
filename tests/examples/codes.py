"""Two versions of a project's code, side by side."""

from collections.abc import Iterable
from typing import Any

from dot.dbt.manifest import Manifest
from dot.diff.code.compare import CodeDiff, compare_code
from dot.diff.code.side import CodeSide
from dot.diff.report import NodeDiff
from examples.manifests import Entry, make_manifest, make_node

MANIFEST_PARTS = {"source": "sources", "function": "functions", "unit_test": "unit_tests", "macro": "macros"}


def make_model(name: str = "a", code: str = "select 1 as id", **given: Any) -> Entry:
    """A model with its code; `reads` and `macros` are what it depends on, `config` is as it was written too."""
    reads, macros = given.pop("reads", ()), given.pop("macros", ())
    config = given.pop("config", {})
    node = make_node(name, **({"config": {"materialized": "view"} | config, "unrendered_config": config} | given))
    return node | {"raw_code": code, "depends_on": {"nodes": list(reads), "macros": list(macros)}}


def make_generic(name: str, of: str, test: str = "unique", **given: Any) -> Entry:
    """A generic test of a column or more of the node `of`; `kwargs` are its arguments."""
    kwargs = {"model": f"ref('{of}')", **given.pop("kwargs", {"column_name": "id"})}
    more = {"test_metadata": {"name": test, "kwargs": kwargs}, "attached_node": of, "reads": [of]} | given
    return make_model(name, f"{{{{ test_{test}(**_dbt_generic_test_kwargs) }}}}", resource_type="test", **more)


def make_source(**given: Any) -> Entry:
    """A table of the source `raw`."""
    source = {"unique_id": "source.shop.raw.t", "resource_type": "source", "name": "t", "source_name": "raw"}
    return source | {"schema": "raw", "database": "shop", "identifier": "t"} | given


def make_project(*entries: Entry, **metadata: Any) -> Manifest:
    """The manifest of whatever these are."""
    parts: dict[str, Any] = {}
    for entry in entries:
        kind = "macro" if entry["unique_id"].startswith("macro.") else entry["resource_type"]
        parts.setdefault(MANIFEST_PARTS.get(kind, "nodes"), []).append(entry)
    manifest = make_manifest(*parts.pop("nodes", ()), **parts)
    return manifest.model_copy(update={"metadata": manifest.metadata.model_copy(update=metadata)})


def compare(base: Iterable[Entry], head: Iterable[Entry], **given: Any) -> CodeDiff:
    """What changed between the two; `given` holds pairs of what else the sides have, and `files` those that differ."""
    files = given.pop("files", ())
    sides = ({name: pair[place] for name, pair in given.items()} for place in (0, 1))
    entries = (base, head)
    one, other = (CodeSide(make_project(*one), **side) for one, side in zip(entries, sides, strict=True))
    return compare_code(one, other, files)


def affected(diff: CodeDiff) -> dict[str, tuple[str, ...]]:
    """What became of each node that is not the same, and why, by unique id without the project's name."""
    return {_name(node): (node.code, *_reasons(node)) for node in (*diff.nodes, *diff.sources) if node.code != "same"}


def _name(node: NodeDiff) -> str:
    return node.unique_id.replace(".shop.", ".")


def _reasons(node: NodeDiff) -> Iterable[str]:
    return (f"{change.part}: {change.summary}" for change in node.changes)
