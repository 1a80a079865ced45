"""Where the links of a commit lead, since what changes there changes here too."""

import posixpath
from collections.abc import Iterable, Iterator, Mapping

_LONGEST = 4096
"""No system opens a path that has more characters."""


def resolve_links(targets: Mapping[str, str]) -> dict[str, str]:
    """The place of each link's target, seen from the folder that the links are seen from; `..` leads out of it."""
    return {
        path: posixpath.normpath(posixpath.join(posixpath.dirname(path), target)) for path, target in targets.items()
    }


def leads_out(place: str) -> bool:
    """Whether a place is not below the folder that it is seen from."""
    return place == ".." or place.startswith(("../", "/"))


def find_links_to(changed: Iterable[str], places: Mapping[str, str]) -> Iterator[str]:
    """The links inside the folder to something that has changed, or that is in a folder that has."""
    paths = list_parents(changed)
    yield from (link for link, place in places.items() if place == "." or place in paths)


def follow_links(place: str, links: Mapping[str, str]) -> set[str]:
    """All that is read with this place: the links on the way to it and below it, and where they lead.

    A link that leads to itself ends as a place that is longer than any path is, and so in no commit.
    """
    found: set[str] = set()
    waiting = [place]
    while waiting:
        spot = waiting.pop()
        if spot in found:
            continue
        found.add(spot)
        for link, target in links.items() if len(spot) < _LONGEST else ():
            if f"{spot}/".startswith(f"{link}/"):
                waiting += [link, posixpath.normpath(target + spot[len(link) :])]
            elif spot == "." or link.startswith(f"{spot}/"):
                waiting.append(target)
    return found


def is_below_any(spot: str, links: Iterable[str]) -> bool:
    """Whether a link is on the way to the place, so that the place is where the link leads."""
    return len(spot) < _LONGEST and any(spot.startswith(f"{link}/") for link in links)


def list_parents(paths: Iterable[str]) -> set[str]:
    """The paths and all folders that they are in."""
    return {parent for path in paths for parent in _with_parents(path)}


def _with_parents(path: str) -> Iterator[str]:
    while path:
        yield path
        path = path.rpartition("/")[0]
