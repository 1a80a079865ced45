"""The part of dbt's `manifest.json` and `run_results.json` that dot reads."""

from hashlib import sha256
from typing import Any, TypeVar

from pydantic import ConfigDict, Field, ValidationError

from dot.core.model import Model


class _Part(Model):
    # dbt adds to its artifacts with every version, and a configuration may hold anything.
    model_config = ConfigDict(extra="ignore", strict=False, populate_by_name=True)


class Metadata(_Part):
    """Who wrote the manifest."""

    dbt_schema_version: str
    dbt_version: str | None = None
    project_name: str | None = None


class NodeConfig(_Part):
    """What decides where a node is written, besides the names that dbt has generated from it."""

    materialized: str | None = None
    schema_name: Any = Field(default=None, alias="schema")
    database: Any = None
    target_schema: Any = None
    target_database: Any = None
    store_failures: bool | None = None
    store_failures_as: str | None = None
    location: Any = None
    format: Any = None
    location_root: Any = None
    external_location: Any = None
    s3_data_naming: Any = None
    include_full_name_in_path: Any = None
    pre_hook: tuple[Any, ...] = Field(default=(), alias="pre-hook")
    post_hook: tuple[Any, ...] = Field(default=(), alias="post-hook")


class Node(_Part):
    """A node of the graph. `relation_name` is quoted as its warehouse wants it; none where nothing is written."""

    resource_type: str
    name: str
    package_name: str = ""
    original_file_path: str = ""
    database: str | None = None
    schema_name: str | None = Field(default=None, alias="schema")
    alias: str | None = None
    relation_name: str | None = None
    config: NodeConfig = NodeConfig()


class Macro(_Part):
    """A macro; its file is relative to the folder of its package."""

    name: str
    package_name: str
    original_file_path: str
    macro_sql: str


class Manifest(_Part):
    """A dbt manifest, as far as dot knows it."""

    metadata: Metadata
    nodes: dict[str, Node] = Field(default_factory=dict)
    functions: dict[str, Node] = Field(default_factory=dict)
    macros: dict[str, Macro] = Field(default_factory=dict)

    def relations(self) -> dict[str, str]:
        """What models, seeds and snapshots are called in the warehouse, by name, in the order of the manifest."""
        kinds = ("model", "seed", "snapshot")
        nodes = (node for node in self.nodes.values() if node.resource_type in kinds)
        return {node.name: node.relation_name for node in nodes if node.relation_name}


class Result(_Part):
    """What became of one node in a run."""

    unique_id: str
    status: str
    relation_name: str | None = None


class RunResults(_Part):
    """What became of a run."""

    results: tuple[Result, ...] = ()


Artifact = TypeVar("Artifact", bound=_Part)


def parse_manifest(content: str | bytes) -> Manifest | None:
    """The manifest; None for a text that is none, such as one that was cut short."""
    return _parse(Manifest, content)


def parse_run_results(content: str | bytes) -> RunResults | None:
    """The run results; None for a text that is none."""
    return _parse(RunResults, content)


def _parse(model: type[Artifact], content: str | bytes) -> Artifact | None:
    try:
        return model.model_validate_json(content)
    except ValidationError:
        return None


def digest_manifest(content: bytes) -> str:
    """SHA-256 of a manifest but for its head, which holds the time and the id of the invocation that wrote it."""
    start = content.find(b'"nodes"')
    return sha256(content[max(start, 0) :]).hexdigest()
