"""What carrying out a plan needs besides the plan."""

from collections.abc import Generator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Protocol

from dot.base.layout import Layout
from dot.dbt.session import Session
from dot.system import store


class Reporter(Protocol):
    """Who is told what is going on."""

    def say(self, message: str) -> None:
        """One line for a person."""

    def warn(self, message: str) -> None:
        """One line that should not be missed."""

    def show_command(self, argv: tuple[str, ...]) -> None:
        """A child process is about to start."""

    def pass_on(self, output: str, *, to_stderr: bool) -> None:
        """What dbt had printed while it was held back."""

    def diverted(self) -> AbstractContextManager[None]:
        """Meanwhile what children print on stdout goes to stderr."""
        ...

    def progress(self, message: str) -> AbstractContextManager[bool]:
        """Meanwhile a line on the terminal says what is going on, and for how long; whether there is such a line."""
        ...


@contextmanager
def showing_progress(session: Session, reporter: Reporter, message: str, *, to_stderr: bool = False) -> Generator[bool]:
    """Show a line of progress while dbt works, and after that what it printed; gives whether that must be held back."""
    try:
        with reporter.progress(message) if session.can_hold else nullcontext(enter_result=False) as is_held:
            yield is_held
    finally:
        reporter.pass_on(session.take_held(), to_stderr=to_stderr)


@dataclass(frozen=True)
class Context:
    """The environment for children, the seconds to wait for a lock, and who is told.

    `project` is the folder beside whose `dbt_project.yml` the `.dot/` folder stands.
    """

    project: Path
    environ: Mapping[str, str]
    lock_timeout: float
    reporter: Reporter
    held: frozenset[PurePath] = frozenset()
    """The locks that the plan holds."""

    @property
    def root(self) -> Path:
        """The `.dot/` folder."""
        return Path(Layout(self.project).root)

    def hide_folder(self) -> None:
        """`.dot/` never shows up in git's status, whatever the user's `.gitignore` says."""
        gitignore = Path(Layout(self.project).gitignore)
        if store.read_text(gitignore) != "*\n":
            with self.lock("gitignore"):
                store.write_whole(gitignore, "*\n", root=self.root)

    def lock(self, *names: str) -> AbstractContextManager[None]:
        """Hold a lock of this project: a build's, or with an environment's name that environment's in the build."""
        return self._lock(Path(Layout(self.project).lock(*names)), self.root)

    @contextmanager
    def lock_users(self, short_hash: str) -> Generator[None]:
        """Wait until no other command uses the build's worktree and packages. The caller holds the build's lock.

        Whoever takes the lock that says so holds the build's lock, and never waits for that again before letting go.
        """
        with self.take(Layout(self.project).use(short_hash, "*")):
            yield

    @contextmanager
    def take(self, lock: PurePath) -> Generator[None]:
        """Hold the lock of this file; with a `*` in its name every such lock that there is, but for those held."""
        path = Path(lock)
        paths = sorted(path.parent.glob(path.name)) if "*" in path.name else [path]
        with ExitStack() as stack:
            for one in paths:
                if one == path or one not in self.held:
                    is_own = one.is_relative_to(self.root)
                    stack.enter_context(self._lock(one, self.root if is_own else one.parent))
            yield

    def lock_worktrees(self, common_dir: Path) -> AbstractContextManager[None]:
        """Hold the lock of the repository's list of worktrees, which all its projects and worktrees share."""
        return self.lock_shared(common_dir / "dot-worktrees.lock")

    def lock_shared(self, path: Path) -> AbstractContextManager[None]:
        """Hold a lock that stands in git's own folder, for what all projects of the repository share."""
        return self._lock(path, path.parent)

    def _lock(self, path: Path, root: Path) -> AbstractContextManager[None]:
        def on_wait(holder: str) -> None:
            self.reporter.say(f"waiting for {holder}")

        return store.lock(path, root=root, timeout=self.lock_timeout, on_wait=on_wait)
