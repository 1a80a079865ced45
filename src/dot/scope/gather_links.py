"""What lies outside of a folder, and counts for what is inside: the targets of its links, and places that it names."""

import posixpath
from collections.abc import Iterable, Iterator
from pathlib import Path

from dot.base.tree_change import TreeChange, TreeEntry
from dot.scope.commits import CommitRange, Reason
from dot.scope.links import find_links_to, follow_links, is_below_any, leads_out, list_parents, resolve_links
from dot.system import git_range
from dot.system.git import read_repository


def find_linked(
    folder: Path, found: CommitRange, changes: tuple[TreeChange, ...], entries: Iterable[TreeEntry]
) -> Iterator[Reason]:
    """A reason for each link among the entries of head whose target has changed, inside the folder or out of it."""
    places = resolve_links(_read_targets(folder, entries))
    for link in find_links_to([change.path for change in changes], places):
        yield Reason(code="linked-file", path=link)
    yield from find_outside(folder, found, filter(leads_out, places.values()))


def find_outside(folder: Path, found: CommitRange, places: Iterable[str]) -> Iterator[Reason]:
    """A reason for each of these places out of the folder that has changed, or of which no commit can tell."""
    named = sorted(set(places))
    if not named:
        return
    repository, head = read_repository(folder), found.head.commit or ""
    entries = git_range.list_tree(repository.toplevel, head)
    links = resolve_links(_read_targets(repository.toplevel, entries))
    committed = {".", *list_parents(entry.path for entry in entries)}
    for place in named:
        spots = follow_links(posixpath.normpath(posixpath.join(repository.prefix, place)), links)
        is_committed = all(spot in committed or is_below_any(spot, links) for spot in spots)
        if not is_committed or git_range.has_changed(repository.toplevel, found.compare_from or head, head, spots):
            yield Reason(code="outside-file", path=place)


def _read_targets(folder: Path, entries: Iterable[TreeEntry]) -> dict[str, str]:
    """What each link among the entries says, by its path."""
    links = [entry for entry in entries if entry.is_link]
    blobs = git_range.read_blobs(folder, (link.blob for link in links)) if links else {}
    return {link.path: blobs[link.blob].decode("utf-8", "surrogateescape") for link in links}
