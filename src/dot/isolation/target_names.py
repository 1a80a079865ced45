"""Whether the name of a relation may depend on what the output of the profile is called.

Databricks writes the profile of a task by itself, and nothing here tells what it calls the output.
"""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from dot.dbt.jinja_text import Mentions, read_nested_mentions
from dot.dbt.manifest import Manifest
from dot.isolation.dbts_own import comes_with_dbt
from dot.isolation.macro_facts import find_reached

_NAMING = ("generate_schema_name", "generate_database_name", "generate_alias_name")
_SAME_THERE = frozenset({"catalog", "database", "schema", "type"})
"""What `target` holds that the submission itself decides, and so is the same here and there."""

_PLACES = (
    "alias",
    "database",
    "schema",
    "target_database",
    "target_schema",
    "location_root",
    "enabled",
    "materialized",
)
"""Settings that say whether a node is a relation, and which."""

_TARGET, _CONFIG = "target", "config"


class WrittenNode(NamedTuple):
    """A node as people wrote it: its name, its file, its settings with their Jinja, and its code."""

    name: str
    file: str
    settings: dict[str, Any]
    code: str


def find_named_by_target(manifest: Manifest, disabled: Iterable[WrittenNode] = ()) -> tuple[str, ...]:
    """The macros and nodes by which there may be another relation where the output is called otherwise.

    A node that is `disabled` here may be enabled there.
    """
    nodes = manifest.everything.values()
    written = [
        WrittenNode(node.name, node.original_file_path, node.unrendered_config or {}, node.raw_code or "")
        for node in nodes
    ]
    asking = (f"{one.name} ({one.file})" for one in (*written, *disabled) if _asks_by_itself(one))
    return tuple(sorted({*_find_macros(manifest), *asking}))


def _find_macros(manifest: Manifest) -> Iterator[str]:
    """Macros that ask for more of `target`, of those that name relations, that these call, or that configure."""
    macros = manifest.macros
    naming = [unique_id for unique_id, macro in macros.items() if macro.name.endswith(_NAMING)]
    reached = find_reached(naming, lambda name: macros[name].depends_on.macros if name in macros else ())
    for unique_id, macro in macros.items():
        if _TARGET not in macro.macro_sql or comes_with_dbt(macro.package_name, manifest):
            continue
        mentions = read_nested_mentions(macro.macro_sql)
        if (unique_id in reached or _CONFIG in mentions.names) and _asks(mentions):
            yield f"{macro.name} ({macro.original_file_path})"


def _asks_by_itself(node: WrittenNode) -> bool:
    """Whether a node's own settings ask for more of `target` where they say what it is and where."""
    values = (str(node.settings.get(key, "")) for key in _PLACES)
    if any(_asks(read_nested_mentions(_as_jinja(value))) for value in values if _TARGET in value):
        return True
    if _TARGET not in node.code or not _asks(read_nested_mentions(node.code)):
        return False
    # What a variable of the code holds may come from `target`, too.
    return any(read_nested_mentions(tag).names != {_CONFIG} or _asks(read_nested_mentions(tag)) for tag in _tags(node))


def _tags(node: WrittenNode) -> Iterator[str]:
    """Each tag of the code with a call of `config()`."""
    for start, end in (("{{", "}}"), ("{%", "%}")):
        tags = (part.partition(end)[0] for part in node.code.split(start)[1:])
        yield from (f"{start} {tag.strip('-').strip()} {end}" for tag in tags if _CONFIG in tag)


def _as_jinja(text: str) -> str:
    return text if "{{" in text or "{%" in text else f"{{{{ {text} }}}}"


def _asks(mentions: Mentions) -> bool:
    """Whether anything of `target` is asked for that may be otherwise there; `target` as a whole holds its name."""
    attributes = {name for owner, name in mentions.members if owner == _TARGET}
    return _TARGET in mentions.names or not attributes <= _SAME_THERE
