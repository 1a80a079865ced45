"""What a check of a manifest found, kept beside the build."""

import json
from collections.abc import Iterable, Iterator
from hashlib import sha256

from pydantic import ValidationError

from dot.base.frozen import Frozen
from dot.dbt.manifest import Manifest
from dot.isolation.leaks import find_leaks, find_long_schemas, find_places, find_written, locate, name_claim
from dot.isolation.own_sources import LostSource, find_lost_sources
from dot.isolation.rules import Leak, Rules
from dot.isolation.unproved import list_unproved
from dot.relation.quoting import quote
from dot.relation.relation import Relation
from dot.relation.written import Written

_FORMAT = 2
"""Goes up whenever a proof that is kept no longer says what is needed of it."""


class Proof(Frozen):
    """What a check of a manifest for one dbt command found, so that an unchanged manifest is not checked again.

    `relations` are what the build promises to write, by unique id, in the warehouse of this `adapter`. `claims` are
    relations, and `files` files, as every build names them; what is `left_out` of them was not selected, and another
    build's. `manifest` is the digest of the manifest, and `parsed` the key of a parse that would write the same, where
    that can be known.
    """

    key: str
    dbt_command: str
    manifest: str
    owner: str
    adapter: str = ""
    relations: tuple[tuple[str, Relation], ...]
    claims: tuple[tuple[str, str], ...]
    files: tuple[tuple[str, str], ...] = ()
    left_out: tuple[str, ...] = ()
    parsed: str | None = None
    schemas: tuple[str, ...]
    leaks: tuple[Leak, ...]
    unproved: tuple[tuple[str, str], ...]
    lost_sources: tuple[LostSource, ...]
    long_schemas: tuple[tuple[str, tuple[str, ...]], ...]

    @property
    def names(self) -> dict[str, str]:
        """What dbt calls what the build promises to write, by unique id."""
        return {unique_id: quote(relation, self.adapter) for unique_id, relation in self.relations}


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
    """The proofs in a file; none where there is no file, and where dot cannot read what another version wrote."""
    try:
        return Proofs.model_validate_json(text or "")
    except ValidationError:
        return _parse_older(text or "")


def _parse_older(text: str) -> Proofs:
    """Proofs of the first format, which name no parts of relations: they are made anew, but what they claim holds."""
    try:
        kept = [proof | {"relations": []} for proof in json.loads(text)["proofs"]]
        return Proofs.model_validate_json(json.dumps({"proofs": kept}))
    except (ValueError, TypeError, KeyError):  # among them that of a validation
        return Proofs()


def proof_key(manifest_digest: str, rules: Rules) -> str:
    """The same key means the same proof."""
    return sha256(f"{_FORMAT}\n{manifest_digest}\n{rules.model_dump_json()}".encode()).hexdigest()


def prove(manifest_digest: str, manifest: Manifest, rules: Rules) -> Proof:
    """Everything that the manifest says about where the command writes."""
    written = tuple(find_written(manifest, rules))
    named = tuple(one for one in written if one.node.relation_name)
    return Proof(
        key=proof_key(manifest_digest, rules),
        dbt_command=rules.dbt_command,
        manifest=manifest_digest,
        owner=rules.owner,
        adapter=rules.adapter,
        relations=tuple((one.unique_id, one.relation) for one in named),
        claims=tuple((one.unique_id, name_claim(one.relation, rules)) for one in named),
        files=tuple(_list_files(written, rules)),
        schemas=tuple(sorted({one.relation.schema_name or "" for one in written})),
        leaks=find_leaks(manifest, rules),
        unproved=list_unproved(manifest, rules),
        lost_sources=find_lost_sources(manifest, rules),
        long_schemas=tuple((schema, tuple(names)) for schema, names in find_long_schemas(manifest, rules).items()),
    )


def _list_files(written: Iterable[Written], rules: Rules) -> Iterator[tuple[str, str]]:
    """The files that the command could write, but those whose name dbt renders when it runs."""
    for one in written:
        for place in find_places(one.node, rules):
            if "target." not in place.where:
                yield one.unique_id, locate(place.where, rules)
