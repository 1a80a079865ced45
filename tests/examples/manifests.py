"""Manifests as dbt would write them, and the rules of a build whose commit is `HASH`."""

import json
from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import Any

from dot.dbt.manifest import Manifest, parse_manifest
from dot.isolation.rules import Rules

HASH = "a1b2c3d"
WORKTREE = "/srv/worktree"

Entry = dict[str, Any]


def make_node(name: str, **given: Any) -> Entry:
    """A node of a manifest: a model in the build's own schema, unless it is said to be something else."""
    kind, package = given.get("resource_type", "model"), given.get("package_name", "shop")
    node = {
        "unique_id": f"{kind}.{package}.{name}",
        "resource_type": kind,
        "package_name": package,
        "name": name,
        "original_file_path": f"{kind}s/{name}.sql",
        "database": "shop",
        "schema": f"analytics_{HASH}",
        "alias": name,
        "config": {},
    }
    return node | given


def make_macro(name: str = "generate_schema_name", package: str = "shop", text: str = "{{ custom }}") -> Entry:
    """A macro that forgets the target's schema."""
    return {
        "unique_id": f"macro.{package}.{name}",
        "name": name,
        "package_name": package,
        "original_file_path": f"macros/{name}.sql",
        "macro_sql": f"{{% macro {name}(custom, node) %}}{text}{{% endmacro %}}",
    }


def make_manifest(
    *nodes: Entry, project: str = "shop", adapter: str = "postgres", **parts: Iterable[Entry]
) -> Manifest:
    """The manifest of the project with these nodes in it, and other parts such as `macros`."""
    metadata = {"dbt_schema_version": "v12", "project_name": project, "adapter_type": adapter}
    named = {part: {entry["unique_id"]: entry for entry in entries} for part, entries in parts.items()}
    nodes_by_id = {node["unique_id"]: node for node in nodes}
    manifest = parse_manifest(json.dumps({"metadata": metadata, "nodes": nodes_by_id, **named}))
    assert manifest
    return manifest


def make_rules(**given: Any) -> Rules:
    """The rules of `dbt build` on PostgreSQL; those given instead."""
    usual: dict[str, Any] = {
        "short_hash": HASH,
        "dbt_command": "build",
        "store_failures": None,
        "adapter": "postgres",
        "connection": "db",
        "owner": "mine",
        "folder": PurePosixPath(f"{WORKTREE}/shop"),
        "worktree": PurePosixPath(WORKTREE),
    }
    return Rules(**(usual | given))
