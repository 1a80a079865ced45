"""The builds that there are, as data and as a person reads them: ages, sizes, results."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import PurePath

from dot.core.model import Part

NOTHING = "–"
"""What stands where nothing is known."""

_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_AGES = (  # from how many seconds on, the unit's own seconds, its name
    (730 * _DAY, 365 * _DAY, "year"),
    (61 * _DAY, 30.44 * _DAY, "month"),
    (14 * _DAY, 7 * _DAY, "week"),
    (_DAY, _DAY, "day"),
    (_HOUR, _HOUR, "hour"),
)
_SIZES = ("B", "kB", "MB", "GB", "TB", "PB", "EB")
_THOUSAND, _TEN = 1000, 10


class ListedBuild(Part):
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


class Listing(Part):
    """All builds of a project, as `dot builds --json` prints them."""

    format_version: str = "1.0"
    builds: tuple[ListedBuild, ...]


def newest_first(builds: Iterable[ListedBuild]) -> tuple[ListedBuild, ...]:
    """By their last run, those that never ran after all others; by address where that leaves it open."""
    oldest = datetime.min.replace(tzinfo=UTC)
    by_address = sorted(builds, key=lambda build: build.address)
    return tuple(sorted(by_address, key=lambda build: parse_moment(build.finished_at) or oldest, reverse=True))


def parse_moment(text: str | None) -> datetime | None:
    """A time in ISO 8601, in UTC where it names no zone; None for what is no time."""
    try:
        moment = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def describe_age(moment: datetime | None, now: datetime) -> str:
    """How long ago it was, in the largest unit that leaves no year, month or week alone: `23 months ago`."""
    if moment is None:
        return NOTHING
    seconds = (now - moment).total_seconds()
    for least, unit, name in _AGES:
        if seconds >= least:
            count = int(seconds // unit)
            return f"{count} {name}{'s' if count > 1 else ''} ago"
    return f"{int(seconds // _MINUTE)} min ago" if seconds >= _MINUTE else "just now"


def describe_size(size: int | None) -> str:
    """Bytes in at most three digits: `812 B`, `1.4 MB`, `14 MB`."""
    if size is None:
        return NOTHING
    value, unit = float(size), 0
    while round(value) >= _THOUSAND and unit < len(_SIZES) - 1:
        value, unit = value / _THOUSAND, unit + 1
    digits = 1 if unit and round(value, 1) < _TEN else 0
    return f"{value:.{digits}f} {_SIZES[unit]}"


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


def describe_result(command: str | None, exit_code: int | None, width: int = 0) -> str:
    """A command, in so many columns, and what it came to: `build  ok`, `test   1`."""
    return f"{command:<{width}}  {exit_code or 'ok'}" if command else NOTHING


def name_refs(refs: Iterable[str]) -> tuple[str, ...]:
    """Full names of refs as a person writes them, without `refs/heads/` and the like."""
    return tuple(ref.split("/", 2)[-1] for ref in refs)


def name_some(names: Sequence[str], limit: int) -> str:
    """The first names, and how many more there are."""
    more = len(names) - limit
    return ", ".join(names[:limit]) + (f" and {more:,} more" if more > 0 else "")
