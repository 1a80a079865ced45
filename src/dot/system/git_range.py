"""What git says of a range of commits, by its plumbing alone: nothing is checked out, and no index is read."""

from collections.abc import Iterable
from pathlib import Path

from dot.base.tree_change import TreeChange, TreeEntry
from dot.system.git import call, read_objects, refusal

_LINK, _SUBMODULE = "120000", "160000"
_NO_MERGE_BASE = 1
"""What `git merge-base` ends with where there is none."""

# A submodule counts, though `.gitmodules` may say that nobody should look at it.
_DIFF = ("diff-tree", "-r", "-z", "--raw", "--no-renames", "--ignore-submodules=none")


def read_changes(folder: Path, base: str, head: str) -> tuple[TreeChange, ...]:
    """The paths below the folder, and seen from it, that two commits do not have alike. A rename is two of them."""
    return tuple(_parse_changes(_ask(folder, *_DIFF, "--relative", base, head, what="compare the commits")))


def has_changed(folder: Path, base: str, head: str, places: Iterable[str]) -> bool:
    """Whether two commits differ in any of these files and folders, which are seen from this folder."""
    words = (*_DIFF, base, head, "--", *places)
    return bool(_ask(folder, "--literal-pathspecs", *words, what="compare the commits"))


def _parse_changes(output: bytes) -> Iterable[TreeChange]:
    fields = output.decode("utf-8", "surrogateescape").split("\0")
    for told, path in zip(fields[::2], fields[1::2], strict=False):
        base_mode, head_mode, base_blob, head_blob, status = told.removeprefix(":").split(" ")
        modes = (base_mode, head_mode)
        yield TreeChange(
            path,
            status[:1],
            is_link=_LINK in modes,
            is_submodule=_SUBMODULE in modes,
            base_blob=base_blob if base_blob.strip("0") else None,
            head_blob=head_blob if head_blob.strip("0") else None,
        )


def list_tree(folder: Path, commit: str) -> tuple[TreeEntry, ...]:
    """All that the commit has below the folder, seen from it; nothing where it has no such folder."""
    output = _ask(folder, "ls-tree", "-r", "-z", commit, what="list the files of the commit")
    entries = (entry.partition("\t") for entry in output.decode("utf-8", "surrogateescape").split("\0") if entry)
    told = ((path, *words.split(" ")) for words, _, path in entries)
    return tuple(TreeEntry(path, mode == _LINK, blob) for path, mode, _, blob in told)


def read_blobs(folder: Path, names: Iterable[str]) -> dict[str, bytes]:
    """The contents of these blobs, by name. Raises `GitError` where this clone lacks one."""
    found = read_objects(folder, dict.fromkeys(names))
    return {name: content for name, content in found.items() if content is not None}


def list_merge_bases(folder: Path, base: str, head: str) -> tuple[str, ...]:
    """The best commits that both commits come from: none for histories that have nothing in common."""
    done = call(folder, "merge-base", "--all", base, head)
    if done.exit_code > _NO_MERGE_BASE:
        raise refusal("look for the commit that both come from", done)
    return tuple(done.stdout.decode().split())


def is_cut(folder: Path, base: str, head: str) -> bool:
    """Whether the clone is shallow, and lacks parents of what is in one of the two histories alone."""
    output = _ask(folder, "rev-parse", "--path-format=absolute", "--git-path", "shallow", what="find its own folder")
    try:
        cut = set(Path(output.decode("utf-8", "surrogateescape").rstrip("\n")).read_text("utf-8").split())
    except FileNotFoundError:
        return False
    only = _ask(folder, "rev-list", f"{base}...{head}", what="list the commits between").decode().split()
    return not cut.isdisjoint(only)


def _ask(folder: Path, *words: str, what: str) -> bytes:
    done = call(folder, *words)
    if done.exit_code:
        raise refusal(what, done)
    return done.stdout
