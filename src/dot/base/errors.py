"""One tree of errors and the exit codes. Errors hold data; `console` shows them, `cli` turns them into an exit code."""

import re
from dataclasses import dataclass
from enum import IntEnum
from typing import Self


class ExitCode(IntEnum):
    """dot's own exit codes; 0, 1 and 2 of dbt pass through unchanged."""

    OK = 0
    USAGE = 2
    WORLD = 3
    ISOLATION = 4
    BUG = 5
    NOT_PROVEN = 6
    INTERRUPTED = 130


@dataclass(frozen=True)
class Location:
    """A place in a file: `line` and `column` count from 1, `text` is the line itself."""

    file: str
    line: int | None = None
    column: int | None = None
    text: str | None = None


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong: what, where, and what to do next."""

    message: str
    location: Location | None = None
    notes: tuple[str, ...] = ()
    hint: str | None = None
    details: tuple[str, ...] = ()
    """Lines to show below, as they are."""


class DotError(Exception):
    """Anything dot refuses to do. Never shown as a traceback."""

    exit_code = ExitCode.WORLD
    help = "`dot doctor` looks for the cause"
    """What to do where no problem of the error says it."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("\n".join(problem.message for problem in problems))
        self.problems = problems

    @property
    def code(self) -> str:
        """What kind of error it is, for programs: the name of its class in snake case, `lock_timeout` for one."""
        return re.sub(r"(?<!^)(?=[A-Z])", "_", type(self).__name__.removesuffix("Error")).lower()

    @classmethod
    def of(cls, message: str, *, hint: str | None = None, notes: tuple[str, ...] = ()) -> Self:
        """The error of a single problem that has no place in a file."""
        return cls(Problem(message, hint=hint, notes=notes))


class UsageError(DotError):
    """The command line asks for something that makes no sense."""

    exit_code = ExitCode.USAGE
    help = "`dot --help` lists the commands, and `dot <command> --help` what each takes"


class AddressError(UsageError):
    """An address that does not follow the grammar, or names what does not exist."""


class MissingBuildError(AddressError):
    """A build that somebody wants to use does not exist."""


class ConfigurationError(DotError):
    """A configuration file or a variable is not as it must be."""

    exit_code = ExitCode.USAGE
    help = "correct it, then run the same command again"


class ProfileError(ConfigurationError):
    """The dbt profile cannot be found, read or isolated."""


class OutsideError(DotError):
    """What is outside of dot refused: git, dbt, the disk or a lock."""


class GitError(OutsideError):
    """git is missing, or refused."""


class DbtError(OutsideError):
    """dbt is missing."""


class IsolationError(DotError):
    """A build would write, or has written, outside its own schemas."""

    exit_code = ExitCode.ISOLATION


class StorageError(OutsideError):
    """A file or folder could not be read or written."""


class TrustError(OutsideError):
    """The `.dot/` folder is not dot's own, or a commit leads out of its worktree."""


class StalePlanError(OutsideError):
    """A saved plan is no longer what would be planned now."""


class LockTimeoutError(OutsideError):
    """Another process held a lock for longer than `lock_timeout`."""
