"""What a check of a manifest found, kept beside the build."""

from collections.abc import Iterator
from hashlib import sha256

from pydantic import ValidationError

from dot.base.frozen import Frozen, FrozenMapping
from dot.dbt.manifest import Manifest
from dot.isolation.leaks import (
    Leak,
    Rules,
    find_leaks,
    find_long_schemas,
    find_places,
    locate,
    name_claim,
    promised_relations,
    written_nodes,
)
from dot.isolation.own_sources import LostSource, find_lost_sources
from dot.isolation.unproved import list_unproved


class Proof(Frozen):
    """What a check of a manifest for one dbt command found, so that an unchanged manifest is not checked again.

    `relations` are what the build promises to write, by unique id. `claims` are relations and files as every build
    names them; what is `left_out` of them was not selected, and another build's. `manifest` is the digest of the
    manifest, and `parsed` the key of a parse that would write the same, where that can be known.
    """

    key: str
    dbt_command: str
    manifest: str
    owner: str
    relations: FrozenMapping
    claims: tuple[tuple[str, str], ...]
    left_out: tuple[str, ...] = ()
    parsed: str | None = None
    schemas: tuple[str, ...]
    leaks: tuple[Leak, ...]
    unproved: tuple[tuple[str, str], ...]
    lost_sources: tuple[LostSource, ...]
    long_schemas: tuple[tuple[str, tuple[str, ...]], ...]


class Proofs(Frozen):
    """The last proof of each dbt command that a build was made with."""

    proofs: tuple[Proof, ...] = ()

    def find(self, key: str) -> Proof | None:
        """The proof with this key."""
        return next((proof for proof in self.proofs if proof.key == key), None)

    def find_parsed(self, parsed: str | None, rules: Rules) -> Proof | None:
        """The proof of what the parse with this key would write, under these rules."""
        same = (proof for proof in self.proofs if parsed and proof.parsed == parsed)
        return next((proof for proof in same if proof.key == proof_key(proof.manifest, rules)), None)

    def with_proof(self, proof: Proof) -> "Proofs":
        """These proofs with one more, in place of the last one of its command."""
        others = (other for other in self.proofs if other.dbt_command != proof.dbt_command)
        return Proofs(proofs=(*others, proof))

    def own_schemas(self, suffix: str) -> tuple[str, ...]:
        """The schemas with this suffix that the command checked last writes to."""
        return tuple(schema for proof in self.proofs[-1:] for schema in proof.schemas if suffix in schema)

    def find_untold(self, proof: Proof) -> tuple[tuple[str, str], ...]:
        """What is unproved and was not listed for the same manifest before."""
        known = {hook for other in self.proofs if other.manifest == proof.manifest for hook in other.unproved}
        return tuple(hook for hook in proof.unproved if hook not in known)


def parse_proofs(text: str | None) -> Proofs:
    """The proofs in a file; none where there is no file, and where another version of dot wrote it."""
    try:
        return Proofs.model_validate_json(text or "")
    except ValidationError:
        return Proofs()


def proof_key(manifest_digest: str, rules: Rules) -> str:
    """The same key means the same proof."""
    return sha256(f"{manifest_digest}\n{rules.model_dump_json()}".encode()).hexdigest()


def prove(manifest_digest: str, manifest: Manifest, rules: Rules) -> Proof:
    """Everything that the manifest says about where the command writes."""
    written = tuple(written_nodes(manifest, rules))
    return Proof(
        key=proof_key(manifest_digest, rules),
        dbt_command=rules.dbt_command,
        manifest=manifest_digest,
        owner=rules.owner,
        relations=FrozenMapping(promised_relations(manifest, rules)),
        claims=tuple(_claims(manifest, rules)),
        schemas=tuple(sorted({node.schema_name or "" for _, node in written})),
        leaks=find_leaks(manifest, rules),
        unproved=list_unproved(manifest, rules),
        lost_sources=find_lost_sources(manifest, rules),
        long_schemas=tuple((schema, tuple(names)) for schema, names in find_long_schemas(manifest, rules).items()),
    )


def _claims(manifest: Manifest, rules: Rules) -> Iterator[tuple[str, str]]:
    """What the command could write: each relation, and each file but those whose name dbt renders when it runs."""
    for unique_id, node in written_nodes(manifest, rules):
        if node.relation_name:
            yield unique_id, name_claim(node, rules)
        for place in find_places(node, rules):
            if "target." not in place.where:
                yield unique_id, locate(place.where, rules)
