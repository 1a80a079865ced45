"""What the builds of a repository claim to write, found through the worktrees that git lists."""

from pathlib import Path

from dot.base.address import write_address
from dot.base.layout import FOLDER, Layout
from dot.isolation.proof import Proofs, parse_proofs
from dot.plan.step import CheckIsolation
from dot.system import git, store


def read_claims(step: CheckIsolation) -> dict[str, Proofs]:
    """The proofs of this commit's other builds by address: of all environments, projects and work trees."""
    mine, short_hash = Path(step.kept).parent.resolve(), step.rules.short_hash
    worktrees = {path.resolve() for path in (*git.list_worktrees(Path(step.repository)), Path(step.rules.worktree))}
    found: dict[str, Proofs] = {}
    for project in sorted(filter(None, (_find_project(worktree, short_hash) for worktree in worktrees))):
        build = Layout(project).build(short_hash)
        home = "" if mine.is_relative_to(project) else f" of {project}"
        for name in store.list_folder(Path(build.path / "env")):
            kept = Path(build.environment(name).isolation)
            if kept.parent != mine:
                found[write_address(name, short_hash) + home] = read_proofs(kept)
    return found


def _find_project(worktree: Path, short_hash: str) -> Path | None:
    """The project for which dot made this worktree; None for one of somebody else's, or of another commit."""
    place = (FOLDER, "build", short_hash, "worktree")
    return worktree.parents[3] if worktree.parts[-4:] == place else None


def read_proofs(path: Path) -> Proofs:
    """The proofs in a file; none where there is no such file."""
    return parse_proofs(store.read_text(path))
