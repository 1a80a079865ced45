"""The manifest of a build, and every relation in it that would be written outside the build's own schemas."""

import posixpath
import re
from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import PurePath

from dot.core.macro import Suspect, find_suspects
from dot.core.manifest import Macro, Manifest, Node, RunResults
from dot.core.model import FrozenMapping, Model

WRITES: dict[str, tuple[str, ...]] = {
    "build": ("model", "seed", "snapshot", "test", "function"),
    "clone": ("model", "seed", "snapshot"),
    "retry": ("model", "seed", "snapshot", "test", "function"),
    "run": ("model",),
    "seed": ("seed",),
    "snapshot": ("snapshot",),
    "test": ("test",),
}
"""The kinds of nodes that a dbt command can write."""

_INTERNAL = re.compile(r"dbt(_\w+)?\Z")
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_IN_PATHS = ("spark", "databricks")


class Rules(Model):
    """What makes a relation the build's own.

    `storage` are fields of the profile's output that say where files go. `max_schema_bytes` is the warehouse's limit.
    `connection` tells two warehouses apart. dbt runs in `folder`, the project in the `worktree`.
    """

    short_hash: str
    dbt_command: str
    store_failures: bool | None
    adapter: str
    external_root: str | None = None
    s3_data_naming: str | None = None
    max_schema_bytes: int | None = None
    connection: str
    folder: PurePath
    worktree: PurePath


class Leak(Model):
    """A relation that would be written outside the build, and why. `macro` is the unique id of the one to change."""

    unique_id: str
    name: str
    file: str
    relation: str
    cause: str
    hint: str
    macro: str | None = None


def written_nodes(manifest: Manifest, rules: Rules) -> Iterator[tuple[str, Node]]:
    """Every node that the command could write, if it is selected."""
    kinds = WRITES.get(rules.dbt_command, ())
    for unique_id, node in {**manifest.nodes, **manifest.functions}.items():
        if node.resource_type not in kinds or node.config.materialized == "ephemeral":
            continue
        if node.resource_type == "test" and not stores_failures(node, rules.store_failures):
            continue
        yield unique_id, node


def stores_failures(node: Node, flag: bool | None) -> bool:  # noqa: FBT001 - dbt's flag, or nothing
    """Whether this test writes its failures into a relation. A test's own configuration wins over the flag."""
    config = node.config
    if config.store_failures_as is not None:
        return config.store_failures_as in ("table", "view")
    return bool(config.store_failures if config.store_failures is not None else flag)


def find_leaks(manifest: Manifest, rules: Rules) -> tuple[Leak, ...]:
    """Everything that the command could write outside the build's own schemas, in the order of the manifest."""
    leaks: list[Leak] = []
    for unique_id, node in written_nodes(manifest, rules):
        if not is_own(node.schema_name, rules):
            leaks.append(_schema_leak(manifest, unique_id, node))
        elif location := _leaking_location(node, rules):
            leaks.append(_location_leak(unique_id, node, location))
    return tuple(leaks)


def is_own(schema: str | None, rules: Rules) -> bool:
    """Whether a schema carries the build's short hash."""
    return rules.short_hash in (schema or "").lower()


def describe_relation(node: Node) -> str:
    """The node's relation as a person writes it."""
    return ".".join(part for part in (node.database, node.schema_name, node.alias or node.name) if part)


def promised_relations(manifest: Manifest, rules: Rules) -> dict[str, str]:
    """The name in the warehouse of everything that the command could write, by unique id."""
    return {unique_id: node.relation_name for unique_id, node in written_nodes(manifest, rules) if node.relation_name}


def find_long_schemas(manifest: Manifest, rules: Rules) -> dict[str, list[str]]:
    """Schemas that are longer than the warehouse allows, with the nodes in them; it would cut them short in silence."""
    found: dict[str, list[str]] = {}
    for _, node in written_nodes(manifest, rules):
        schema = node.schema_name or ""
        if rules.max_schema_bytes and len(schema.encode()) > rules.max_schema_bytes:
            found.setdefault(schema, []).append(node.name)
    return found


def list_unproved(manifest: Manifest, rules: Rules) -> tuple[str, ...]:
    """The hooks and operations that hold SQL of their own, which a manifest cannot prove."""
    kinds = WRITES.get(rules.dbt_command, ())
    found: list[str] = []
    for node in manifest.nodes.values():
        if node.resource_type == "operation":
            found.append(f"{node.name} ({node.original_file_path})")
        elif node.resource_type in kinds:
            hooks = (("pre-hook", node.config.pre_hook), ("post-hook", node.config.post_hook))
            found += [f"{kind} of {node.name} ({node.original_file_path})" for kind, hook in hooks if hook]
    return tuple(found)


def find_broken_promises(results: RunResults, promised: dict[str, str]) -> dict[str, str]:
    """What a run wrote elsewhere than the manifest had promised: the relation's name by unique id."""
    return {
        result.unique_id: result.relation_name
        for result in results.results
        if result.relation_name and promised.get(result.unique_id, result.relation_name) != result.relation_name
    }


# -- causes --------------------------------------------------------------------------------------------------------


def _schema_leak(manifest: Manifest, unique_id: str, node: Node) -> Leak:
    macro = _find_macro(manifest, node, "schema")
    cause, hint = _explain_schema(node, macro)
    return Leak(
        unique_id=unique_id,
        name=node.name,
        file=node.original_file_path,
        relation=describe_relation(node),
        cause=cause,
        hint=hint,
        macro=macro if not node.config.target_schema else None,
    )


def _explain_schema(node: Node, macro: str | None) -> tuple[str, str]:
    if node.config.target_schema:
        return (
            f"the snapshot names its schema literally (target_schema='{node.config.target_schema}')",
            "use `schema` instead of `target_schema`, or leave it out with `-- --exclude resource_type:snapshot`",
        )
    if macro:
        literal = node.config.schema_name
        given = f"for the custom schema '{literal}'" if literal else "for a node without a custom schema"
        return f"generate_schema_name returns '{node.schema_name}' {given}", "keep builds apart in that macro"
    return (
        f"the adapter puts it into the schema '{node.schema_name}' by itself",
        "write a generate_schema_name macro that starts with target.schema",
    )


def _find_macro(manifest: Manifest, node: Node, component: str) -> str | None:
    """The project's or the node's package's own macro that names this component, as dbt looks for it."""
    names = re.compile(rf"(\w+__)?generate_{component}_name\Z")
    root = manifest.metadata.project_name
    own = {unique_id: macro for unique_id, macro in manifest.macros.items() if names.match(macro.name)}
    for package in (root, node.package_name):
        for unique_id, macro in own.items():
            if macro.package_name == package and not _INTERNAL.match(macro.package_name):
                return unique_id
    return None


def suspects_of(manifest: Manifest, macro: str) -> tuple[Macro, tuple[Suspect, ...]]:
    """The macro behind a leak, and the lines in it that forget the target's schema."""
    found = manifest.macros[macro]
    return found, find_suspects(found.macro_sql)


# -- storage outside the warehouse ---------------------------------------------------------------------------------


def _location_leak(unique_id: str, node: Node, location: str) -> Leak:
    return Leak(
        unique_id=unique_id,
        name=node.name,
        file=node.original_file_path,
        relation=location,
        cause="its data are stored outside the schema, at a place that every build shares",
        hint="put `{{ env_var('DOT_SHORT_HASH', '') }}` into that location, or leave the model out with `-- --exclude`",
    )


def _leaking_location(node: Node, rules: Rules) -> str | None:
    """Where the node's files go, if another build's files of this node would go there too."""
    config = node.config
    candidates = [config.external_location]
    if rules.adapter in _IN_PATHS and not config.include_full_name_in_path:
        candidates.append(config.location_root)
    if rules.adapter == "duckdb" and config.materialized == "external":
        name = f"{node.alias or node.name}.parquet"
        candidates.append(config.location or posixpath.join(rules.external_root or ".", name))
    if rules.adapter == "athena" and (config.s3_data_naming or rules.s3_data_naming) == "table":
        candidates.append("the table's folder in s3_data_dir (s3_data_naming: table)")
    return next((str(place) for place in candidates if place and not _is_own_place(str(place), rules)), None)


def _is_own_place(place: str, rules: Rules) -> bool:
    """Whether a path carries the short hash, or stays in the worktree, where dbt runs."""
    if rules.short_hash in place.lower():
        return True
    if _URL.match(place) or place.startswith(("~", "the ")):
        return False
    whole = posixpath.normpath(posixpath.join(rules.folder.as_posix(), place))
    return whole.startswith(rules.worktree.as_posix() + "/")


# -- the result ----------------------------------------------------------------------------------------------------


class Proof(Model):
    """What a check of a manifest found; kept beside the build, so that an unchanged manifest is not checked again.

    `relations` are what the build promises to write, by unique id.
    """

    key: str
    connection: str
    relations: FrozenMapping
    schemas: tuple[str, ...]
    leaks: tuple[Leak, ...]
    unproved: tuple[str, ...]
    long_schemas: tuple[tuple[str, tuple[str, ...]], ...]


def proof_key(manifest_digest: str, rules: Rules) -> str:
    """The same key means the same proof."""
    return sha256(f"{manifest_digest}\n{rules.model_dump_json()}".encode()).hexdigest()


def prove(key: str, manifest: Manifest, rules: Rules) -> Proof:
    """Everything that the manifest says about where the command writes."""
    written = tuple(node for _, node in written_nodes(manifest, rules))
    return Proof(
        key=key,
        connection=rules.connection,
        relations=FrozenMapping(promised_relations(manifest, rules)),
        schemas=tuple(sorted({node.schema_name or "" for node in written})),
        leaks=find_leaks(manifest, rules),
        unproved=list_unproved(manifest, rules),
        long_schemas=tuple((schema, tuple(names)) for schema, names in find_long_schemas(manifest, rules).items()),
    )


def find_shared(proof: Proof, others: Mapping[str, Proof]) -> tuple[Leak, ...]:
    """What another build of the same warehouse, named by its address, writes too."""
    leaks: list[Leak] = []
    for address, other in others.items():
        if other.connection != proof.connection:
            continue
        taken = set(other.relations.values())
        leaks += [
            Leak(
                unique_id=unique_id,
                name=unique_id.split(".")[-1],
                file="",
                relation=str(relation),
                cause=f"the build {address} writes the same relation",
                hint="give each environment an output of its own (`target`), with a schema of its own",
            )
            for unique_id, relation in proof.relations.items()
            if relation in taken
        ]
    return tuple(leaks)
