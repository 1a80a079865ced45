"""The part of dbt's `manifest.json` that dot reads."""

from pydantic import ConfigDict, Field, ValidationError

from dot.core.model import Model


class _Part(Model):
    model_config = ConfigDict(extra="ignore")


class Metadata(_Part):
    """Who wrote the manifest."""

    dbt_schema_version: str
    dbt_version: str | None = None


class Node(_Part):
    """A node of the graph. `relation_name` is quoted as its warehouse wants it; none where nothing is written."""

    resource_type: str
    name: str
    relation_name: str | None = None


class Manifest(_Part):
    """A dbt manifest, as far as dot knows it."""

    metadata: Metadata
    nodes: dict[str, Node] = Field(default_factory=dict)

    def relations(self) -> dict[str, str]:
        """What models, seeds and snapshots are called in the warehouse, by name, in the order of the manifest."""
        kinds = ("model", "seed", "snapshot")
        nodes = (node for node in self.nodes.values() if node.resource_type in kinds)
        return {node.name: node.relation_name for node in nodes if node.relation_name}


def parse_manifest(text: str) -> Manifest | None:
    """The manifest; None for a text that is none, such as one that was cut short."""
    try:
        return Manifest.model_validate_json(text)
    except ValidationError:
        return None
