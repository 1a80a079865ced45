"""Where the links of a commit lead, since what changes there changes here too."""

import posixpath
from collections.abc import Iterable, Iterator, Mapping


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
    paths = {parent for path in changed for parent in _with_parents(path)}
    yield from (link for link, place in places.items() if place == "." or place in paths)


def _with_parents(path: str) -> Iterator[str]:
    while path:
        yield path
        path = path.rpartition("/")[0]
