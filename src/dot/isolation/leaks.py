"""Every relation in the manifest of a build that would be written outside the build's own schemas, and why."""

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping

from dot.base.frozen import FrozenLenient
from dot.dbt.jinja_text import may_have_jinja
from dot.dbt.manifest import Macro, Manifest, Node, RunResults
from dot.isolation.dbts_own import comes_with_dbt
from dot.isolation.rules import Leak, Rules
from dot.isolation.schema_macro import SUFFIX, Suspect, find_suspects, keeps_schema
from dot.relation.quoting import quote
from dot.relation.relation import Relation, describe_relation
from dot.relation.written import Written, list_written, relation_of

PIECE = "(?<![0-9a-z]){}(?![0-9a-z])"
"""A short hash in a name as a piece of its own."""

_NAMES_SCHEMA = re.compile(r"(\w+__)?generate_schema_name\Z")
_URL = re.compile(r"(?P<start>[^/]+://)(?P<path>[^?]*)|~")
_ENCODED_DOT = re.compile("%2e", re.IGNORECASE)
_IN_PATHS = ("spark", "databricks")
_LITERAL = ("external_location", "custom_location", "storage_uri")
_EXTERNAL_ROOT = "the profile's external_root"
_PLUGIN = "a plugin of dbt-duckdb"


def find_written(manifest: Manifest, rules: Rules) -> Iterator[Written]:
    """Every node that the command could write, if it is selected."""
    return list_written(manifest, rules.dbt_command, store_failures=rules.store_failures)


def find_leaks(manifest: Manifest, rules: Rules) -> tuple[Leak, ...]:
    """Everything that the command could write outside the build's own schemas, in the order of the manifest."""
    leaks: list[Leak] = []
    written = tuple(find_written(manifest, rules))
    macros = {package: _find_macro(manifest, package) for package in {one.node.package_name for one in written}}
    for one in written:
        macro = macros[one.node.package_name]
        if not _has_own_schema(one.node, manifest.macros[macro].macro_sql if macro else "", rules):
            leaks.append(_schema_leak(one, macro))
        else:
            places = find_places(one.node, rules)
            shared = [place for place in places if not _is_own_place(one.node, place.where, rules)]
            leaks += [_location_leak(one, place, rules) for place in shared[:1]]
    return tuple(leaks)


def is_own(name: str | None, rules: Rules) -> bool:
    """Whether the name of a schema, or a path, has the build's short hash in it as a piece of its own."""
    return bool(re.search(PIECE.format(rules.short_hash), (name or "").lower()))


def _has_own_schema(node: Node, macro_sql: str, rules: Rules) -> bool:
    """Whether the short hash in the schema is dot's: the same digits in a name that somebody wrote do not count."""
    names = re.findall(rf"\w[\w-]*[_-]{PIECE.format(rules.short_hash)}[\w-]*", macro_sql.lower())
    literals = (*_literals(node, ("schema", "target_schema")), *names)
    return is_own(_without(node.schema_name or "", literals), rules)


def _literals(node: Node, keys: Iterable[str]) -> tuple[str, ...]:
    """The values of these settings that people wrote as they are, without Jinja."""
    unrendered, code = node.unrendered_config or {}, node.raw_code or ""
    values = ((key, node.setting(key)) for key in keys)
    # What a model's own code sets is kept as it came out, Jinja or not.
    return tuple(
        value
        for key, value in values
        if isinstance(value, str) and value and (value in code or (unrendered.get(key) == value and key not in code))
    )


def _without(name: str, literals: Iterable[str]) -> str:
    """The name with each of these literals taken out once."""
    rest = name.lower()
    for literal in literals:
        rest = rest.replace(literal.lower(), "", 1)
    return rest


def name_claim(relation: Relation, rules: Rules) -> str:
    """The relation, named the same by every build that would write it."""
    database = (relation.database or "").lower()
    warehouse = dict(rules.databases).get(database, f"{rules.connection}/{database}")
    return f"{warehouse}\n{relation.schema_name}\n{relation.identifier}"


def find_long_schemas(manifest: Manifest, rules: Rules) -> dict[str, list[str]]:
    """Schemas that are longer than the warehouse allows, with the nodes in them; it would cut them short in silence."""
    found: dict[str, list[str]] = {}
    for one in find_written(manifest, rules):
        schema = one.relation.schema_name or ""
        if rules.max_schema_bytes and len(schema.encode()) > rules.max_schema_bytes:
            found.setdefault(schema, []).append(one.node.name)
    return found


def list_unpromised(results: RunResults, promised: Mapping[str, str]) -> tuple[str, ...]:
    """The unique ids of what a run wrote, as far as it says, and the manifest had not promised."""
    # dbt names a relation for a test even when its own configuration keeps the test from storing anything.
    named = (result.unique_id for result in results.results if result.relation_name)
    return tuple(name for name in named if name not in promised and not name.startswith("test."))


def promise_own(unique_ids: Iterable[str], manifest: Manifest, rules: Rules) -> dict[str, str]:
    """Of these nodes the names of those that are in the build's own schemas, as dbt writes them."""
    nodes = ((unique_id, manifest.everything.get(unique_id)) for unique_id in unique_ids)
    found = {unique_id: relation_of(node, manifest) for unique_id, node in nodes if node}
    own = {unique_id: one for unique_id, one in found.items() if is_own(one.schema_name, rules)}
    return {unique_id: quote(one, rules.adapter) for unique_id, one in own.items()}


def find_broken_promises(results: RunResults, promised: Mapping[str, str]) -> dict[str, str]:
    """What a run wrote under another name than was promised, and what had no promise: its name by unique id."""
    unpromised = list_unpromised(results, promised)
    return {
        result.unique_id: result.relation_name
        for result in results.results
        if result.relation_name
        and (
            result.unique_id in unpromised
            or promised.get(result.unique_id, result.relation_name) != result.relation_name
        )
    }


# -- causes --------------------------------------------------------------------------------------------------------


def _schema_leak(written: Written, macro: str | None) -> Leak:
    node = written.node
    is_literal = node.resource_type == "snapshot" and bool(node.config.target_schema)
    macro = None if is_literal else macro
    cause, hint = _explain_snapshot(node) if is_literal else _explain_schema(node, macro)
    return Leak(
        unique_id=written.unique_id,
        name=node.name,
        file=node.original_file_path,
        relation=describe_relation(written.relation),
        cause=cause,
        hint=hint,
        macro=macro,
    )


def _explain_snapshot(node: Node) -> tuple[str, str]:
    literal = node.config.target_schema
    change = f"keep builds apart with  {_suffixed(node, 'target_schema', str(literal))}"
    way_out = "or leave snapshots out with `-- --exclude resource_type:snapshot`"
    return f"the snapshot names its schema literally (target_schema='{literal}')", f"{change}\n{way_out}"


def _explain_schema(node: Node, macro: str | None) -> tuple[str, str]:
    if macro:
        custom = node.config.schema_name
        given = f"for the custom schema '{custom}'" if custom else "for a node without a custom schema"
        returned = f"'{node.schema_name}'" if node.schema_name else "nothing"
        return (
            f"generate_schema_name returns {returned} {given}",
            f"add {{{{ {SUFFIX} }}}} wherever that macro leaves target.schema out",
        )
    return (
        f"the adapter puts it into the schema '{node.schema_name}' by itself",
        "write a generate_schema_name macro that starts with target.schema",
    )


def _find_macro(manifest: Manifest, package: str) -> str | None:
    """The macro that names the schemas of this package's nodes, as dbt looks for it; none when it is dbt's own.

    A package's own macro names its nodes, else the project's does; last come those that dbt's own dispatches to.
    """
    root = manifest.metadata.project_name
    ranks: dict[tuple[bool, bool, bool], str] = {}
    for unique_id, macro in manifest.macros.items():
        is_dispatched = macro.name != "generate_schema_name"
        is_near = macro.package_name in (root, package)
        is_foreign = is_dispatched and not comes_with_dbt(macro.package_name, manifest)
        if _NAMES_SCHEMA.match(macro.name) and (is_near or is_foreign):
            home = root if is_dispatched else package
            ranks[is_dispatched, macro.package_name != home, macro.name.startswith("default__")] = unique_id
    return ranks[min(ranks)] if ranks else None


def suspects_of(manifest: Manifest, macro: str) -> tuple[Macro, tuple[Suspect, ...]]:
    """The macro behind a leak, and the lines in it that forget the target's schema."""
    found = manifest.macros[macro]
    return found, find_suspects(found.macro_sql)


# -- storage outside the warehouse ---------------------------------------------------------------------------------


class FileLocation(FrozenLenient):
    """Where a node's files go, by which setting."""

    setting: str
    where: str


def find_places(node: Node, rules: Rules) -> Iterator[FileLocation]:
    """Where the node's files go by another setting than its schema."""
    config, name = node.config, node.alias or node.name
    for setting in _LITERAL:
        if where := node.setting(setting):
            yield FileLocation(setting=setting, where=str(where))
    naming = None if node.setting("external_location") else node.setting("s3_data_naming") or rules.s3_data_naming
    if rules.adapter == "athena" and (naming == "table" or may_have_jinja(str(naming))):
        yield FileLocation(setting="s3_data_naming", where=f"~/{name}")
    if rules.adapter in _IN_PATHS and config.location_root and not config.include_full_name_in_path:
        yield FileLocation(setting="location_root", where=posixpath.join(str(config.location_root), name))
    if rules.adapter == "duckdb" and config.materialized == "external":
        options = node.setting("options")  # a text where dbt drops it
        is_folder = options.get("partition_by") if isinstance(options, dict) else "partition_by" in str(options)
        file = name if is_folder else f"{name}.{config.format or 'parquet'}"
        default = posixpath.join(rules.external_root or ".", file)
        setting = "location" if config.location else _EXTERNAL_ROOT
        yield FileLocation(setting=setting, where=str(config.location or default))
        plugin, glue = node.setting("plugin"), node.setting("glue_register")
        if glue or plugin:
            catalog = f"glue://{node.setting('glue_database') or 'default'}/" if glue else f"{plugin}://"
            yield FileLocation(setting=_PLUGIN, where=catalog + name)


def _is_own_place(node: Node, where: str, rules: Rules) -> bool:
    """Whether a path has the short hash from dot, or stays in the worktree, where dbt runs."""
    path = locate(where, rules)
    if may_have_jinja(where):
        return keeps_schema(path)  # dbt renders it only when it runs
    if path.startswith(rules.worktree.as_posix() + "/"):
        return True
    literals = _literals(node, (*_LITERAL, "location", "location_root"))
    return is_own(path, rules) and is_own(_without(where, literals), rules)


def locate(where: str, rules: Rules) -> str:
    """The whole path of a file without links and detours, relative ones seen from where dbt runs; a URL's path."""
    url = _URL.match(where)
    if url and url["start"]:
        return url["start"] + posixpath.normpath(_ENCODED_DOT.sub(".", url["path"]))
    path = where if url else (rules.folder / where).as_posix()
    return _follow(path, dict(rules.links)) if rules.links else posixpath.normpath(path)


def _follow(path: str, links: Mapping[str, str]) -> str:
    """Where a path leads, link by link: `..` behind a link is that of where it leads to."""
    first, *parts = path.split("/")
    place = first or "/"
    for part in parts:
        place = posixpath.normpath(posixpath.join(place, part))
        place = links.get(place, place)
    return place


def _location_leak(written: Written, place: FileLocation, rules: Rules) -> Leak:
    node = written.node
    cause, hint = _explain_place(node, place)
    path = locate(place.where, rules)
    if path != locate(place.where, rules.model_copy(update={"links": ()})):
        cause += f", which a link of the commit leads to {path}"
    return Leak(
        unique_id=written.unique_id,
        name=node.name,
        file=node.original_file_path,
        relation=describe_relation(written.relation) if place.setting == "s3_data_naming" else place.where,
        cause=cause,
        hint=hint,
    )


def _explain_place(node: Node, place: FileLocation) -> tuple[str, str]:
    if place.setting == "s3_data_naming":
        return (
            "its files go into one folder in every build (s3_data_naming: table)",
            "use  s3_data_naming: schema_table",
        )
    if place.setting == _PLUGIN:
        cause = f"it is stored under the same name in every build (by {_PLUGIN})"
        return cause, f"keep builds apart with  {_suffixed(node, 'alias', node.alias or node.name)}"
    cause = f"its files go to the same place in every build ({place.setting})"
    if may_have_jinja(place.where):
        return cause, f"put  {{{{ {SUFFIX} }}}}  into {place.setting}"
    if place.setting == _EXTERNAL_ROOT:
        change = f"end `external_root` in profiles.yml with  {{{{ {SUFFIX} }}}}"
        return cause, f"{change}\na local folder has to be there first"
    setting, is_folder = place.setting, place.setting == "location_root"
    stem, ending = (str(node.config.location_root), "") if is_folder else posixpath.splitext(place.where.rstrip("/"))
    return cause, f"keep builds apart with  {_suffixed(node, setting, stem, ending)}"


def _suffixed(node: Node, setting: str, stem: str, ending: str = "") -> str:
    """The setting as it keeps builds apart: for the node's own SQL, or for the YAML that it stands or belongs in."""
    is_elsewhere = node.raw_code and node.setting(setting) and setting not in node.raw_code
    if is_elsewhere or node.language == "python":  # whose `dbt.config` takes literal values only
        return f'{setting}: "{stem}{{{{ {SUFFIX} }}}}{ending}"'
    return f"{setting}='{stem}' ~ {SUFFIX}" + (f" ~ '{ending}'" if ending else "")
