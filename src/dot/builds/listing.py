"""The builds that there are, as data and as a person reads them."""

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import PurePath
from typing import Protocol, TypeVar

from dot.base.frozen import FrozenLenient
from dot.base.wording import NOTHING, describe_age, parse_moment


class ListedBuild(FrozenLenient):
    """One build. What nobody knows, since it never ran or its commit is gone, is None; times are ISO 8601 in UTC.

    `environment` is None for a worktree in which no environment was built. `size` is in bytes, as it was after the
    last run. `built_by` is the last command that wrote relations, `last_command` the last of any kind.
    """

    address: str
    environment: str | None
    commit: str | None
    short_hash: str
    subject: str | None
    author_date: str | None
    size: int | None
    built_by: str | None
    built_at: str | None
    built_exit_code: int | None
    last_command: str | None
    exit_code: int | None
    finished_at: str | None
    reached_from: tuple[str, ...]
    path: PurePath


class Listing(FrozenLenient):
    """All builds of a project, as `dot builds --json` prints them."""

    format_version: str = "1.0"
    builds: tuple[ListedBuild, ...]


class _Build(Protocol):
    @property
    def address(self) -> str: ...

    @property
    def finished_at(self) -> str | None: ...


BuildT = TypeVar("BuildT", bound=_Build)


def newest_first(builds: Iterable[BuildT]) -> tuple[BuildT, ...]:
    """By their last run, those that never ran after all others; by address where that leaves it open."""
    oldest = datetime.min.replace(tzinfo=UTC)
    by_address = sorted(builds, key=lambda build: build.address)
    return tuple(sorted(by_address, key=lambda build: parse_moment(build.finished_at) or oldest, reverse=True))


def describe_built(build: ListedBuild, now: datetime) -> str:
    """Which command wrote the build last, what it came to and how long ago: `build ok, 5 min ago`."""
    if not build.built_by:
        return NOTHING
    return f"{_describe_end(build.built_by, build.built_exit_code)}, {describe_age(parse_moment(build.built_at), now)}"


def describe_since(build: ListedBuild) -> str:
    """What ran last, if it ran after the build was built, and what it came to: `test exit 1`."""
    is_later = build.last_command and build.finished_at != build.built_at
    return _describe_end(build.last_command or "", build.exit_code) if is_later else NOTHING


def _describe_end(command: str, exit_code: int | None) -> str:
    return f"{command} {f'exit {exit_code}' if exit_code else 'ok'}"
