"""Why data may differ although nobody changed the code."""

import re
from collections.abc import Iterator

from dot.dbt.jinja_text import strip_comments
from dot.dbt.manifest import Checksum, Manifest, Node
from dot.isolation.dbts_own import comes_with_dbt, list_dbts_macros
from dot.isolation.macro_facts import find_reached

NO_REASON = "no reason found in its SQL"

_ASIDE = re.compile(r"/\*.*?\*/|--[^\n]*|'(?:[^'\n]|'')*'", re.DOTALL)
"""Comments of SQL, and texts in quotes."""

_VARYING = re.compile(
    r"\b(?:"
    r"(?P<word>current_timestamp|current_date|current_time|localtimestamp|sysdate|invocation_id|run_started_at)\b"
    r"|(?P<call>now|today|getdate|getutcdate|random|rand|randn|uuid|uuid_string|generate_uuid|gen_random_uuid|newid"
    r"|env_var)\s*\()",
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"\brow_number\s*\(\s*\)\s*over\s*\((?P<window>[^()]*(?:\([^()]*\)[^()]*)*)\)", re.IGNORECASE)
_ORDER = re.compile(r"\border\s+by\b", re.IGNORECASE)
_LIMIT = re.compile(r"\blimit\s+(?:\d|\{\{)", re.IGNORECASE)

_KEEPS = "it keeps rows from earlier runs"


def explain_difference(unique_id: str, manifest: Manifest, base: Manifest | None = None) -> str:
    """The likely reason why a node's rows differ from those in `base` although its code and its parents do not."""
    return next(_find_reasons(unique_id, manifest, base), NO_REASON)


def _find_reasons(unique_id: str, manifest: Manifest, base: Manifest | None) -> Iterator[str]:
    """Every reason, the likeliest first: its own before those of what it reads, facts before what may have been."""
    nodes = manifest.everything
    reads = {name: node.depends_on.nodes for name, node in nodes.items()}
    above = find_reached([unique_id], lambda name: reads.get(name, ()))
    for name in sorted(above & nodes.keys(), key=lambda name: (name != unique_id, name)):
        place = "" if name == unique_id else f" ({nodes[name].name}, above it)"
        yield from (f"{reason}{place}" for reason in _node_reasons(nodes[name], manifest))
    sources = sorted(above & manifest.sources.keys())
    if base:
        yield from _differences(sources, base, manifest)
    if sources:
        yield "its sources may have changed in between"
    if unique_id.startswith("seed."):
        yield "seed: its table may have been changed since it was loaded"


def _node_reasons(node: Node, manifest: Manifest) -> Iterator[str]:
    """What in the node itself gives other rows in every run."""
    for origin, text in _texts(node, manifest):
        yield from (f"{reason}{origin}" for reason in _find_varying(_ASIDE.sub("''", strip_comments(text))))
    kind = node.config.materialized
    if kind in ("incremental", "snapshot"):
        yield f"{kind}: {_KEEPS}"
    if isinstance(node.checksum, Checksum) and node.checksum.name == "path":
        yield "seed: dbt does not look into files that large for changes"
    if node.language == "python":
        yield "python model: its code may read anything"


def _texts(node: Node, manifest: Manifest) -> Iterator[tuple[str, str]]:
    """The code of a node and of the macros that it calls, each with the words that say where it stands."""
    yield "", node.raw_code or ""
    calls = {name: one.depends_on.macros for name, one in manifest.macros.items()}
    called = find_reached(node.depends_on.macros, lambda name: calls.get(name, ()))
    for unique_id in sorted(called & manifest.macros.keys()):
        macro = manifest.macros[unique_id]
        if not comes_with_dbt(macro.package_name, manifest):
            yield f" in the macro {macro.name}", macro.macro_sql


def _find_varying(code: str) -> Iterator[str]:
    for match in _VARYING.finditer(code):
        yield f"uses {match['word'] or match['call'] + '()'}"
    if any(not _ORDER.search(match["window"]) for match in _NUMBERED.finditer(code)):
        yield "uses row_number() without an order"
    if _LIMIT.search(code) and not _ORDER.search(code):
        yield "uses limit without an order"


def _differences(sources: list[str], base: Manifest, head: Manifest) -> Iterator[str]:
    """What the two builds were made with."""
    for unique_id in sources:
        before, after = base.sources.get(unique_id), head.sources[unique_id]
        if before and before.relation_name != after.relation_name:
            yield f"its source {after.source_name}.{after.name} is {before.relation_name} -> {after.relation_name}"
    if list_dbts_macros(base) != list_dbts_macros(head):
        yield f"dbt's own macros differ: dbt {base.metadata.dbt_version} -> {head.metadata.dbt_version}"
