"""Ages, sizes, results and names as a person reads them."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from difflib import get_close_matches
from os.path import relpath
from pathlib import PurePath

NOTHING = "–"
"""What stands where nothing is known."""

MOST_NAMES = 20
"""So many relations are named to a person, who has `--json` for all."""

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


def describe_result(command: str | None, exit_code: int | None, width: int = 0) -> str:
    """A command, in so many columns, and what it came to: `build  ok`, `test   1`."""
    return f"{command:<{width}}  {exit_code or 'ok'}" if command else NOTHING


def name_refs(refs: Iterable[str]) -> tuple[str, ...]:
    """Full names of refs as a person writes them, without `refs/heads/` and the like."""
    return tuple(ref.split("/", 2)[-1] for ref in refs)


def list_some(names: Sequence[str], limit: int) -> str:
    """The first names, and how many more there are."""
    more = len(names) - limit
    return ", ".join(names[:limit]) + (f" and {more:,} more" if more > 0 else "")


def show_path(path: PurePath, cwd: PurePath) -> str:
    """A path as a person standing in `cwd` would write it."""
    relative = relpath(path, cwd)
    return relative if len(relative) < len(str(path)) else str(path)


def did_you_mean(name: str, names: Iterable[str]) -> str | None:
    """A hint that names the nearest, when one is near."""
    near = get_close_matches(name, list(names), 1)
    return f"did you mean `{near[0]}`?" if near else None
