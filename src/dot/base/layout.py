"""Where everything lives under `.dot/`, which stands beside `dbt_project.yml`. Paths only, no file is touched."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePath

FOLDER = ".dot"

_SHORT = re.compile(r"[0-9a-f]{4,64}\Z")
_FULL = re.compile(r"(?:[0-9a-f]{40}|[0-9a-f]{64})\Z")


def parse_marker(text: str | None, short_hash: str) -> str | None:
    """The full hash in a build's marker; None unless it is one and begins with the name of the build's folder."""
    commit = (text or "").strip()
    return commit if _SHORT.match(short_hash) and _FULL.match(commit) and commit.startswith(short_hash) else None


@dataclass(frozen=True)
class EnvironmentFolder:
    """`env/<environment>/` of a build: the profile, dbt's target and logs, and one record a run."""

    path: PurePath

    @property
    def profiles(self) -> PurePath:
        return self.path / "profiles.yml"

    @property
    def target(self) -> PurePath:
        return self.path / "target"

    @property
    def logs(self) -> PurePath:
        return self.path / "logs"

    @property
    def isolation(self) -> PurePath:
        """What the last check of the manifest found, and what the build promised to write."""
        return self.path / "isolation.json"

    @property
    def baseline(self) -> PurePath:
        """The manifest of the baseline, where it is not read as it is."""
        return self.path / "baseline"

    @property
    def comparison(self) -> PurePath:
        """Where dbt keeps what it needs to answer `dot diff`."""
        return self.path / "diff"

    @property
    def runs(self) -> PurePath:
        return self.path / "runs.jsonl"


@dataclass(frozen=True)
class BuildFolder:
    """`build/<short_hash>/`: the worktree of one commit, and a folder for each environment built from it."""

    path: PurePath

    @property
    def worktree(self) -> PurePath:
        return self.path / "worktree"

    @property
    def marker(self) -> PurePath:
        """Holds the full hash; written last, so its presence says that the worktree is complete."""
        return self.path / "commit"

    @property
    def packages(self) -> PurePath:
        """Holds the digest of the package declarations that were installed last."""
        return self.path / "packages"

    def environment(self, name: str) -> EnvironmentFolder:
        return EnvironmentFolder(self.path / f"env/{name}")


@dataclass(frozen=True)
class Layout:
    """The `.dot/` folder of the project in `project`."""

    project: PurePath

    @property
    def root(self) -> PurePath:
        return self.project / FOLDER

    @property
    def gitignore(self) -> PurePath:
        return self.root / ".gitignore"

    @property
    def config(self) -> PurePath:
        """This clone's answers to the startup prompts."""
        return self.root / "config.yml"

    @property
    def schemas(self) -> PurePath:
        """What editors check the configuration files by."""
        return self.root / "schemas"

    @property
    def builds(self) -> PurePath:
        return self.root / "build"

    def build(self, short_hash: str) -> BuildFolder:
        return BuildFolder(self.builds / short_hash)

    def live(self, environment: str) -> EnvironmentFolder:
        """Where dbt writes what dot asks of the working tree: the user's own target folder stays as it is."""
        return EnvironmentFolder(self.root / "live" / environment)

    @property
    def locks(self) -> PurePath:
        return self.root / "locks"

    def lock(self, *names: str) -> PurePath:
        return self.locks / ("-".join(names) + ".lock")

    @property
    def hiding(self) -> PurePath:
        """Locked while `.dot/` gets the file by which git ignores it."""
        return self.lock("gitignore")

    def use(self, short_hash: str, environment: str) -> PurePath:
        """Locked while a command of this environment uses the build's worktree and packages."""
        return self.lock(f"{short_hash}.used-by", environment)

    def users(self, short_hash: str) -> PurePath:
        """The locks of all commands that use the build's worktree and packages, as a pattern."""
        return self.use(short_hash, "*")


@dataclass(frozen=True)
class SharedLocks:
    """The locks in git's own folder, for what all projects and worktrees of the repository share."""

    common_dir: PurePath

    @property
    def worktrees(self) -> PurePath:
        """Locked while git's list of worktrees changes: two that change it at once are in each other's way."""
        return self.common_dir / "dot-worktrees.lock"

    @property
    def claims(self) -> PurePath:
        """Locked while a build looks whether another one writes the same."""
        return self.common_dir / "dot-claims.lock"

    def databases(self, files: Iterable[PurePath]) -> tuple[PurePath, ...]:
        """One for each database file, in an order that is the same for everybody."""
        from hashlib import sha256  # noqa: PLC0415 - completion has nothing to digest

        names = sorted(sha256(str(file).encode()).hexdigest()[:16] for file in files)
        return tuple(self.common_dir / f"dot-database-{name}.lock" for name in names)
