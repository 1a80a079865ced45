"""The part of dbt's `manifest.json` and `run_results.json` that dot reads."""

from collections import Counter
from functools import cached_property
from hashlib import sha256
from typing import Any, TypeVar

from pydantic import ConfigDict, Field, ValidationError

from dot.base.frozen import Frozen


class _Part(Frozen):
    # dbt adds to its artifacts with every version, and a configuration may hold anything.
    model_config = ConfigDict(extra="ignore", strict=False, populate_by_name=True)


class Metadata(_Part):
    """Who wrote the manifest, and which parts of names the project has in quotes."""

    dbt_schema_version: str
    dbt_version: str | None = None
    project_name: str | None = None
    adapter_type: str | None = None
    quoting: Any = None


class NodeConfig(_Part):
    """The whole configuration of a node. The fields are those that say where it is written, and what it is."""

    model_config = ConfigDict(extra="allow")

    enabled: Any = True
    materialized: str | None = None
    schema_name: Any = Field(default=None, alias="schema")
    database: Any = None
    target_schema: Any = None
    target_database: Any = None
    alias: Any = None
    quoting: Any = None
    store_failures: bool | None = None
    store_failures_as: str | None = None
    location: Any = None
    format: Any = None
    options: Any = None
    location_root: Any = None
    external_location: Any = None
    custom_location: Any = None
    storage_uri: Any = None
    plugin: Any = None
    glue_register: Any = None
    glue_database: Any = None
    s3_data_naming: Any = None
    include_full_name_in_path: Any = None
    pre_hook: tuple[Any, ...] = Field(default=(), alias="pre-hook")
    post_hook: tuple[Any, ...] = Field(default=(), alias="post-hook")
    unique_key: Any = None
    contract: Any = None

    def settings(self) -> dict[str, Any]:
        """Every key as dbt spells it, without those that this version of dbt does not know."""
        return self.model_dump(by_alias=True, exclude_unset=True)


class DependsOn(_Part):
    """The unique ids of what a node reads, and of the macros that it calls."""

    nodes: tuple[str, ...] = ()
    macros: tuple[str, ...] = ()


class Checksum(_Part):
    """A digest of a file, or its path where `name` says so, because the file is large."""

    name: str
    checksum: str


class TestMetadata(_Part):
    """Which generic test a test is, and with which arguments."""

    __test__ = False  # for pytest

    name: str
    kwargs: dict[str, Any] = Field(default_factory=dict)


class Node(_Part):
    """A node of the graph. `relation_name` is quoted as its warehouse wants it; none where nothing is written.

    `unrendered_config` is what people wrote of `config`, with its Jinja, as far as dbt keeps that.
    """

    resource_type: str
    name: str
    package_name: str = ""
    original_file_path: str = ""
    database: str | None = None
    schema_name: str | None = Field(default=None, alias="schema")
    alias: str | None = None
    relation_name: str | None = None
    config: NodeConfig = NodeConfig()
    unrendered_config: dict[str, Any] | None = None
    language: str | None = None
    raw_code: str | None = None
    compiled_code: str | None = None
    checksum: Checksum | str | None = None
    description: str | None = None
    columns: dict[str, dict[str, Any]] | None = None
    constraints: tuple[dict[str, Any], ...] | None = None
    depends_on: DependsOn = DependsOn()
    version: Any = None
    latest_version: Any = None
    deprecation_date: Any = None
    primary_key: tuple[str, ...] | None = None
    # Of generic tests.
    attached_node: str | None = None
    test_metadata: TestMetadata | None = None
    # Of unit tests.
    given: Any = None
    expect: Any = None
    overrides: Any = None
    # Of functions.
    arguments: Any = None
    returns: Any = None
    # Of exposures.
    label: str | None = None
    owner: dict[str, Any] | None = None
    url: str | None = None

    def setting(self, key: str) -> Any:
        """A setting by dbt's name; as it was written, with its Jinja, where dbt 2 drops it as one that it lacks."""
        name = "schema_name" if key == "schema" else key
        is_known = name in self.config.model_fields_set
        return getattr(self.config, name) if is_known else (self.unrendered_config or {}).get(key)

    @property
    def title(self) -> str:
        """The name that people use: with its version for a model that has several, and the label of an exposure."""
        return self.label or (self.name if self.version is None else f"{self.name}.v{self.version}")


class Source(_Part):
    """A table that somebody else writes."""

    name: str
    source_name: str = ""
    original_file_path: str = ""
    database: str | None = None
    schema_name: str | None = Field(default=None, alias="schema")
    identifier: str | None = None
    unrendered_database: Any = None
    unrendered_schema: Any = None
    quoting: Any = None
    external: Any = None
    meta: Any = None
    source_meta: Any = None
    config: dict[str, Any] = Field(default_factory=dict)
    unrendered_config: dict[str, Any] | None = None
    columns: dict[str, dict[str, Any]] | None = None
    tags: Any = None
    relation_name: str | None = None


class Measure(_Part):
    """A metric, a semantic model or a saved query, by which an exposure reads models."""

    depends_on: DependsOn = DependsOn()


class Macro(_Part):
    """A macro; its file is relative to the folder of its package."""

    name: str
    package_name: str
    original_file_path: str
    macro_sql: str
    depends_on: DependsOn = DependsOn()


class Manifest(_Part):
    """A dbt manifest, as far as dot knows it."""

    metadata: Metadata
    nodes: dict[str, Node] = Field(default_factory=dict)
    functions: dict[str, Node] = Field(default_factory=dict)
    unit_tests: dict[str, Node] = Field(default_factory=dict)
    sources: dict[str, Source] = Field(default_factory=dict)
    macros: dict[str, Macro] = Field(default_factory=dict)
    exposures: dict[str, Node] = Field(default_factory=dict)
    metrics: dict[str, Measure] = Field(default_factory=dict)
    semantic_models: dict[str, Measure] = Field(default_factory=dict)
    saved_queries: dict[str, Measure] = Field(default_factory=dict)

    @cached_property
    def everything(self) -> dict[str, Node]:
        """Every enabled node by unique id: functions, unit tests and exposures too."""
        nodes = {**self.nodes, **self.functions, **self.unit_tests, **self.exposures}
        return {unique_id: node for unique_id, node in nodes.items() if node.config.enabled is not False}

    def list_reads(self, node: Node) -> tuple[str, ...]:
        """The unique ids of what a node reads, directly or through metrics, semantic models and saved queries."""
        measures = {**self.metrics, **self.semantic_models, **self.saved_queries}
        found = list(node.depends_on.nodes)
        for unique_id in found:  # which grows meanwhile
            more = measures[unique_id].depends_on.nodes if unique_id in measures else ()
            found += [one for one in more if one not in found]
        return tuple(found)

    @cached_property
    def tests(self) -> dict[str, tuple[tuple[TestMetadata, NodeConfig], ...]]:
        """The generic tests of each node, by its unique id, in the order of their names."""
        found: dict[str, list[tuple[TestMetadata, NodeConfig]]] = {}
        for node in sorted(self.everything.values(), key=lambda node: node.name):
            if node.test_metadata:
                of = node.attached_node or next(iter(node.depends_on.nodes), "")
                found.setdefault(of, []).append((node.test_metadata, node.config))
        return {unique_id: tuple(tests) for unique_id, tests in found.items()}


class Result(_Part):
    """What became of one node in a run."""

    unique_id: str
    status: str
    relation_name: str | None = None


_WELL = ("no-op", "pass", "reused", "success", "warn")
"""The statuses of what went as it should, by dbt 1 and 2."""


class RunResults(_Part):
    """What became of a run, and the options that it had, by dbt's names for them."""

    args: dict[str, Any] = Field(default_factory=dict)
    results: tuple[Result, ...] = ()

    @property
    def has_failed(self) -> bool:
        """Whether there is a node that `dbt retry` would run again."""
        return any(result.status.lower() not in _WELL for result in self.results)

    def count_tests(self) -> dict[str, int]:
        """How many tests had which result."""
        tests = (result for result in self.results if result.unique_id.startswith(("test.", "unit_test.")))
        return dict(Counter(test.status for test in tests))


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
