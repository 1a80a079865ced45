"""What a check of a manifest found, kept beside the build; and what two builds would both write."""

from collections.abc import Iterable, Mapping
from hashlib import sha256

from pydantic import ValidationError

from dot.core.isolation import (
    Leak,
    Rules,
    find_leaks,
    find_long_schemas,
    find_places,
    locate,
    promised_relations,
    written_nodes,
)
from dot.core.manifest import Manifest
from dot.core.model import FrozenMapping, Model
from dot.core.unproved import list_unproved


class Proof(Model):
    """What a check of a manifest for one dbt command found, so that an unchanged manifest is not checked again.

    `relations` are what the build promises to write, `places` where its files go, by unique id; `manifest` is the
    digest of the manifest.
    """

    key: str
    dbt_command: str
    manifest: str
    connection: str
    relations: FrozenMapping
    places: tuple[tuple[str, str], ...]
    schemas: tuple[str, ...]
    leaks: tuple[Leak, ...]
    unproved: tuple[tuple[str, str], ...]
    long_schemas: tuple[tuple[str, tuple[str, ...]], ...]


class Proofs(Model):
    """The last proof of each dbt command that a build was made with."""

    proofs: tuple[Proof, ...] = ()

    def find(self, key: str) -> Proof | None:
        """The proof with this key."""
        return next((proof for proof in self.proofs if proof.key == key), None)

    def keep(self, proof: Proof) -> "Proofs":
        """These proofs with one more, in place of the last one of its command."""
        others = (other for other in self.proofs if other.dbt_command != proof.dbt_command)
        return Proofs(proofs=(*others, proof))

    def own_schemas(self, suffix: str) -> tuple[str, ...]:
        """The schemas with this suffix that the command checked last writes to."""
        return tuple(schema for proof in self.proofs[-1:] for schema in proof.schemas if suffix in schema)

    def news(self, proof: Proof) -> tuple[tuple[str, str], ...]:
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
    places = ((unique_id, place.where) for unique_id, node in written for place in find_places(node, rules))
    return Proof(
        key=proof_key(manifest_digest, rules),
        dbt_command=rules.dbt_command,
        manifest=manifest_digest,
        connection=rules.connection,
        relations=FrozenMapping(promised_relations(manifest, rules)),
        # What dbt renders only when it runs cannot be compared.
        places=tuple((name, locate(where, rules)) for name, where in places if "target." not in where),
        schemas=tuple(sorted({node.schema_name or "" for _, node in written})),
        leaks=find_leaks(manifest, rules),
        unproved=list_unproved(manifest, rules),
        long_schemas=tuple((schema, tuple(names)) for schema, names in find_long_schemas(manifest, rules).items()),
    )


def find_shared(proof: Proof, others: Mapping[str, Proofs]) -> tuple[Leak, ...]:
    """What another build, named by its address, writes too: relations of the same warehouse, and files."""
    leaks: dict[str, Leak] = {}
    for address, kept in others.items():
        for other in kept.proofs:
            same = _same(proof.places, other.places)
            if other.connection == proof.connection:
                same |= _same(proof.relations.items(), other.relations.items())
            for unique_id, relation in same.items():
                leaks.setdefault(unique_id, _shared_leak(unique_id, relation, address))
    return tuple(leaks.values())


def _same(mine: Iterable[tuple[str, object]], theirs: Iterable[tuple[str, object]]) -> dict[str, str]:
    taken = {str(name).lower() for _, name in theirs}
    return {unique_id: str(name) for unique_id, name in mine if str(name).lower() in taken}


def _shared_leak(unique_id: str, relation: str, address: str) -> Leak:
    return Leak(
        unique_id=unique_id,
        name=unique_id.split(".")[2],
        file="",
        relation=relation.replace('"', "").replace("`", ""),
        cause=f"the build {address} writes it too",
        hint="give each environment an output of its own (`target`) whose schema differs",
    )
