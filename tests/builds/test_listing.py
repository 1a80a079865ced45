"""The builds that there are: their order, ages, sizes and results."""

from datetime import UTC, datetime, timedelta
from pathlib import PurePosixPath
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from cases import each
from dot.base.wording import NOTHING, describe_age, describe_result, describe_size, list_some, name_refs, parse_moment
from dot.builds.listing import ListedBuild, Listing, describe_built, describe_since, newest_first

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
DAY = 86400


def make_build(address: str = "dev@a1b2c3d", finished_at: str | None = None, **known: Any) -> ListedBuild:
    environment, _, short_hash = address.partition("@")
    fields = ("commit", "subject", "author_date", "size", "last_command", "exit_code")
    unknown = dict.fromkeys((*fields, "built_by", "built_at", "built_exit_code"))
    values: dict[str, Any] = {"reached_from": (), "path": PurePosixPath("/srv/shop/.dot/build"), **unknown, **known}
    return ListedBuild(
        address=address, environment=environment, short_hash=short_hash, finished_at=finished_at, **values
    )


# -- order ---------------------------------------------------------------------------------------------------------


def test_the_newest_run_comes_first_whatever_its_zone_and_what_never_ran_last() -> None:
    moments = {
        "a@1": None,
        "b@1": "2026-11-20T10:00:00.000+00:00",
        "c@1": "2026-11-20T11:30:00+02:00",
        "d@1": "2026-11-20T10:00:01Z",
        "e@1": "no time",
        "f@1": "2026-11-20T10:00:00",
    }
    builds = newest_first(make_build(address, moment) for address, moment in reversed(moments.items()))
    assert [build.address for build in builds] == ["d@1", "b@1", "f@1", "c@1", "a@1", "e@1"]


@given(st.permutations([f"dev@{number}" for number in range(6)]), st.lists(st.integers(0, 3), min_size=6, max_size=6))
def test_the_order_does_not_depend_on_how_builds_are_found(addresses: list[str], hours: list[int]) -> None:
    moments = {f"dev@{number}": f"2026-11-20T0{hour}:00:00Z" for number, hour in enumerate(hours)}
    expected = newest_first(make_build(address, moment) for address, moment in moments.items())
    assert newest_first(make_build(address, moments[address]) for address in addresses) == expected


def test_a_listing_goes_through_json_unchanged() -> None:
    listing = Listing(builds=(make_build(size=14, reached_from=("main", "v2.2")), make_build("@9d8c7b6")))
    assert Listing.model_validate_json(listing.model_dump_json()) == listing
    assert listing.model_dump_json().startswith('{"format_version":"1.0","builds":[{"address":"dev@a1b2c3d",')


# -- times ---------------------------------------------------------------------------------------------------------


@each("text", [None, "", "yesterday", "2026-13-01T00:00:00Z", "12"])
def test_what_is_no_time_is_none(text: str | None) -> None:
    assert parse_moment(text) is None


AGES = {
    -5: "just now",
    0: "just now",
    59: "just now",
    60: "1 min ago",
    3599: "59 min ago",
    3600: "1 hour ago",
    DAY - 1: "23 hours ago",
    DAY: "1 day ago",
    14 * DAY - 1: "13 days ago",
    14 * DAY: "2 weeks ago",
    61 * DAY - 1: "8 weeks ago",
    61 * DAY: "2 months ago",
    365 * DAY: "11 months ago",
    730 * DAY - 1: "23 months ago",
    730 * DAY: "2 years ago",
    3653 * DAY: "10 years ago",
}


@each(("seconds", "age"), AGES.items())
def test_an_age_is_told_in_the_largest_unit(seconds: int, age: str) -> None:
    assert describe_age(NOW - timedelta(seconds=seconds), NOW) == age


def test_an_age_that_nobody_knows_is_a_dash() -> None:
    assert describe_age(None, NOW) == NOTHING


@given(st.integers(0, 4000 * DAY))
def test_an_age_is_short_and_no_number_in_it_is_nought(seconds: int) -> None:
    age = describe_age(NOW - timedelta(seconds=seconds), NOW)
    assert len(age) <= len("23 months ago")
    assert not age.startswith("0")


# -- sizes ---------------------------------------------------------------------------------------------------------

SIZES = {
    None: NOTHING,
    0: "0 B",
    999: "999 B",
    1000: "1.0 kB",
    9949: "9.9 kB",
    9960: "10 kB",
    14_000_000: "14 MB",
    999_400: "999 kB",
    999_600: "1.0 MB",
    1_400_000_000: "1.4 GB",
    10**18: "1.0 EB",
    10**22: "10000 EB",
}


@each(("size", "text"), SIZES.items())
def test_a_size_has_at_most_three_digits(size: int | None, text: str) -> None:
    assert describe_size(size) == text


UNITS = {"B": 1, "kB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12, "PB": 10**15}


@given(st.integers(0, 10**17))
def test_a_size_is_told_within_a_tenth_of_it(size: int) -> None:
    number, unit = describe_size(size).split()
    assert len(number) <= 3
    assert abs(float(number) * UNITS[unit] - size) <= size / 10


# -- the rest ------------------------------------------------------------------------------------------------------


@each(
    ("command", "exit_code", "width", "text"),
    [
        ("build", 0, 0, "build  ok"),
        ("test", 1, 0, "test  1"),
        ("test", 1, 5, "test   1"),
        ("docs generate", 130, 5, "docs generate  130"),
        (None, None, 5, NOTHING),
    ],
)
def test_a_result_is_a_command_and_what_it_came_to(
    command: str | None, exit_code: int | None, width: int, text: str
) -> None:
    assert describe_result(command, exit_code, width) == text


RUN_ENDS = (
    ({}, "–", "–"),
    ({"built_by": "build", "built_at": "2026-11-20T10:00:00Z"}, "build ok, 2 hours ago", "–"),
    ({"built_by": "run", "built_exit_code": 1, "built_at": "2026-11-19T10:00:00Z"}, "run exit 1, 1 day ago", "–"),
    (
        {"built_by": "build", "built_exit_code": 1, "built_at": "2026-11-20T10:00:00Z", "last_command": "show"},
        "build exit 1, 2 hours ago",
        "show ok",
    ),
    ({"last_command": "test", "exit_code": 2}, "–", "test exit 2"),
)


@each(("known", "built", "since"), RUN_ENDS)
def test_what_built_a_build_is_told_apart_from_what_ran_since(known: dict[str, Any], built: str, since: str) -> None:
    """A failed build that somebody looked at is no build that is fine."""
    moment = "2026-11-20T11:00:00Z" if "last_command" in known else known.get("built_at")
    fields: dict[str, Any] = {"last_command": known.get("built_by")} | known
    build = make_build(finished_at=moment, **fields)
    assert (describe_built(build, NOW), describe_since(build)) == (built, since)


def test_a_ref_is_named_as_a_person_writes_it() -> None:
    refs = ("refs/heads/feature/x", "refs/heads/main", "refs/remotes/origin/y/z", "refs/tags/v2.2")
    assert name_refs(refs) == ("feature/x", "main", "origin/y/z", "v2.2")


@each(("limit", "text"), [(1, "a and 2 more"), (2, "a, b and 1 more"), (3, "a, b, c"), (9, "a, b, c")])
def test_names_beyond_a_limit_are_counted(limit: int, text: str) -> None:
    assert list_some(["a", "b", "c"], limit) == text
