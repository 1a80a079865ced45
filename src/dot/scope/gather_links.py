"""What lies outside of a folder, and counts for what is inside: the targets of its links, and places that it names."""

import posixpath
from collections.abc import Iterable, Iterator
from pathlib import Path

from dot.base.tree_change import TreeChange, TreeEntry
from dot.scope.commits import CommitRange, Reason
from dot.scope.links import find_links_to, leads_out, resolve_links
from dot.system import git_range
from dot.system.git import read_repository


def find_linked(
    folder: Path, found: CommitRange, changes: tuple[TreeChange, ...], entries: Iterable[TreeEntry]
) -> Iterator[Reason]:
    """A reason for each link among the entries of head whose target has changed, inside the folder or out of it."""
    links = [entry for entry in entries if entry.is_link]
    if links:
        blobs = git_range.read_blobs(folder, (link.blob for link in links))
        targets = {link.path: blobs[link.blob].decode("utf-8", "surrogateescape") for link in links}
        places = resolve_links(targets)
        for link in find_links_to([change.path for change in changes], places):
            yield Reason(code="linked-file", path=link)
        yield from find_outside(folder, found, filter(leads_out, places.values()))


def find_outside(folder: Path, found: CommitRange, places: Iterable[str]) -> Iterator[Reason]:
    """A reason for each of these places out of the folder that has changed, or of which no commit can tell."""
    named = sorted(set(places))
    prefix = read_repository(folder).prefix if named else ""
    for place in named:
        is_committed = not leads_out(posixpath.normpath(posixpath.join(prefix, place)))
        base, head = found.compare_from, found.head.commit
        if not is_committed or (base and head and git_range.has_changed(folder, base, head, [place])):
            yield Reason(code="outside-file", path=place)
