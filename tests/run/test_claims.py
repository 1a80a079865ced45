"""The claims of every build of a repository are found, whichever project or work tree it was made from."""

from pathlib import Path

import pytest

from builders import PROJECT, gather_typed, git, make_repo, make_tree
from dot.isolation.proof import Proofs, prove
from dot.plan.planner import plan_build
from dot.plan.step import CheckIsolation
from dot.run.claims import read_claims
from examples.manifests import make_manifest, make_node, make_rules

PROOFS = Proofs(proofs=(prove("5f2c", make_manifest(make_node("orders")), make_rules()),))


def claim(project: Path, short_hash: str, environment: str) -> None:
    """A build of this project as dot leaves it."""
    worktree = project / ".dot" / "build" / short_hash / "worktree"
    if not worktree.exists():
        git(project, "worktree", "add", "--quiet", "--detach", str(worktree))
    make_tree(worktree.parent / "env" / environment, {"isolation.json": PROOFS.model_dump_json()})


def test_the_claims_of_all_projects_and_work_trees_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    projects = {f"{name}/{file}": text for name in ("one", "two") for file, text in PROJECT.items()}
    repository = make_repo(tmp_path / "shops", projects | {".gitignore": ".dot\n"})
    git(repository, "worktree", "add", "--quiet", "--detach", "../elsewhere")
    short, one, two = git(repository, "rev-parse", "--short", "HEAD"), repository / "one", repository / "two"
    for project, name in ((one, "dev"), (one, "ci"), (two, "dev"), (tmp_path / "elsewhere" / "one", "dev")):
        claim(project, short, name)
    claim(two, "0000000", "dev")  # of another commit
    monkeypatch.chdir(one)
    found = gather_typed("build", "dev@HEAD")
    steps = plan_build(found.request, found.facts).steps
    step = next(step for step in steps if isinstance(step, CheckIsolation))

    elsewhere = tmp_path / "elsewhere" / "one"
    expected = {f"ci@{short}", f"dev@{short} of {elsewhere}", f"dev@{short} of {two}"}
    assert dict.fromkeys(expected, PROOFS) == read_claims(step)
    (two / ".dot").rename(two / "gone")
    assert set(read_claims(step)) == {f"ci@{short}", f"dev@{short} of {elsewhere}"}
