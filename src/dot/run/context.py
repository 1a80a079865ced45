"""What carrying out a plan needs besides the plan."""

from collections.abc import Generator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Protocol

from dot.base.layout import Layout
from dot.dbt.head_start import HeadStart
from dot.dbt.session import Session
from dot.plan.gather_workspace import Workspace
from dot.plan.plan import Lock
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

    def can_ask(self) -> bool:
        """Whether somebody is there to answer."""
        ...

    def ask(self, question: str, answers: Sequence[str]) -> str:
        """One of these answers."""
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

    `project` is the folder beside whose `dbt_project.yml` the `.dot/` folder stands. dbt may have a `head_start`.
    """

    project: Path
    environ: Mapping[str, str]
    lock_timeout: float
    reporter: Reporter
    locks: tuple[Lock, ...] = ()
    """Those of the plan that is carried out."""
    head_start: HeadStart | None = None

    @property
    def root(self) -> Path:
        """The `.dot/` folder."""
        return Path(Layout(self.project).root)

    def hide_folder(self) -> None:
        """`.dot/` never shows up in git's status, whatever the user's `.gitignore` says."""
        gitignore = Path(Layout(self.project).gitignore)
        if store.read_text(gitignore) != "*\n":
            with self.take(Layout(self.project).hiding):
                store.write_whole(gitignore, "*\n", root=self.root)

    def hold_before(self, to_the_end: ExitStack, preparing: ExitStack) -> None:
        """Hold what the plan locks before its first step, until these end."""
        for lock in self._held:
            stack = preparing if lock.held == "while_preparing" else to_the_end
            stack.enter_context(self._hold(lock.path))

    def take(self, path: PurePath) -> AbstractContextManager[None]:
        """Hold a lock in a step, unless it is held since before the first one.

        Who waits for all that use a build, as one of them, holds the build's lock, and never waits for that again
        before letting go. Raises `LookupError` for a lock that the plan does not name.
        """
        if all(path != lock.path for lock in self.locks):
            raise LookupError(f"the plan does not name the lock {path}")
        return nullcontext() if any(path == lock.path for lock in self._held) else self._hold(path)

    @contextmanager
    def _hold(self, lock: PurePath) -> Generator[None]:
        """Hold this lock, or all that a `*` in its name stands for but those that are held already."""
        path, named = Path(lock), {one.path for one in self._held}
        every = [one for one in sorted(path.parent.glob(path.name)) if one not in named] if "*" in path.name else [path]
        with ExitStack() as stack:
            for one in every:
                is_own = one.is_relative_to(self.root)
                stack.enter_context(self._lock(one, self.root if is_own else one.parent))
            yield

    @property
    def _held(self) -> tuple[Lock, ...]:
        return tuple(lock for lock in self.locks if lock.held != "in_a_step")

    def _lock(self, path: Path, root: Path) -> AbstractContextManager[None]:
        def on_wait(holder: str) -> None:
            self.reporter.say(f"waiting for {holder}")

        return store.lock(path, root=root, timeout=self.lock_timeout, on_wait=on_wait)


def make_context(here: Workspace, reporter: Reporter) -> Context:
    """What a plan that was made here is carried out in."""
    return Context(here.project, here.environ, here.settings.lock_timeout, reporter)
