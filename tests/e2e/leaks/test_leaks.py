"""Every kind of leak is refused and named before anything is written, and its harmless twin is built.

Production holds every relation that a leak would hit. What it held before stands there afterwards, row by row.
"""

from pathlib import Path

import pytest

from e2e.leaks import files, literals, macros
from e2e.leaks.case import LAKE, Case
from e2e.leaks.stage import ONE_PROCESS, SEPARATE_PROCESSES, Stage, make_stage, read_named

pytestmark = pytest.mark.e2e

CASES = (*macros.CASES, *literals.CASES, *files.CASES)
RUNS = [
    *(pytest.param(case, ONE_PROCESS, id=case.kind, marks=getattr(pytest.mark, case.mark)) for case in CASES),
    pytest.param(CASES[0], SEPARATE_PROCESSES, id=f"{CASES[0].kind}, {SEPARATE_PROCESSES}", marks=pytest.mark.matrix),
]
"""On a dbt that can be asked many things in one process, which dbt 2 cannot, and one case on a dbt 1 that cannot."""


@pytest.mark.parametrize(("case", "engine"), RUNS)
def test_a_leak_is_refused_and_its_harmless_twin_is_built(
    case: Case, engine: str, tmp_path: Path, production: Path
) -> None:
    stage = make_stage(tmp_path, production, case.leaky, case.twin)
    leaking, harmless = stage.short_hash("main~1"), stage.short_hash("main")

    refused = stage.run(*case.words, env=case.env, engine=engine)
    written = stage.builds()
    built = stage.run(*case.twin_words, env=case.twin_env, engine=engine)

    assert all(is_held(stage, hit) for hit in case.leaks.values())
    assert refused.exit_code == 4, refused
    assert written == set()
    assert {named(stage, node, hit, leaking) for node, hit in case.leaks.items()} == read_named(refused.stderr)
    for fragment in case.says:
        assert stage.place(fragment) in refused.stderr
    assert built.exit_code == 0, built
    assert {relation.format(hash=harmless) for relation in case.writes} == stage.builds()
    assert (stage.before, stage.files) == stage.production()


def named(stage: Stage, node: str, relation: str, short_hash: str) -> str:
    """How a message names a relation: with the node, where its own name does not end in it."""
    relation = stage.place(relation).replace("{hash}", short_hash)
    return relation if relation.endswith(f".{node}") else f"{relation} ({node})"


def is_held(stage: Stage, relation: str) -> bool:
    """Whether production has what this leak would hit; it has nothing of a name with the hash in it."""
    path = relation.replace("../../../../../lake", LAKE).replace("{{ env_var('LAKE') }}", LAKE)
    files = {f"{LAKE}/{name}" for name in stage.files}
    return path in {*stage.before, *files} or "{hash}" in path
