"""A build claims what it writes; what another build has claimed it must not write.

The claims of a build stand beside it, with its proofs. Git's own folder lists the worktrees of all builds of a
repository, of each project in it and from each of its work trees, and so leads to them; a build that is gone claims
nothing.
"""

from collections.abc import Mapping

from dot.isolation.proof import Proof, Proofs
from dot.isolation.rules import Leak
from dot.relation.relation import describe_relation


def find_claimed_twice(proof: Proof, others: Mapping[str, Proofs]) -> tuple[Leak, ...]:
    """The relations and files of this proof that another build has claimed too. `others` are proofs by address.

    A build of the same commit, options and variables in another work tree is the same build.
    """
    leaks: dict[str, Leak] = {}
    relations = dict(proof.relations)
    for address, kept in others.items():
        for other in (other for other in kept.proofs if other.owner != proof.owner):
            claims = (*other.claims, *other.files)
            taken = {claim.lower() for unique_id, claim in claims if unique_id not in other.left_out}
            for unique_id, claim in proof.claims:
                if claim.lower() in taken:
                    name = describe_relation(relations[unique_id])
                    leaks.setdefault(unique_id, _shared_leak(unique_id, name, address))
            for unique_id, file in proof.files:
                if file.lower() in taken:
                    leaks.setdefault(unique_id, _shared_leak(unique_id, file, address))
    return tuple(leaks.values())


def _shared_leak(unique_id: str, relation: str, address: str) -> Leak:
    return Leak(
        unique_id=unique_id,
        name=unique_id.split(".")[2],
        file="",
        relation=relation,
        cause=f"the build {address} writes it too",
        hint="give each project, and each environment, an output of its own (`target`) whose schema differs",
    )
