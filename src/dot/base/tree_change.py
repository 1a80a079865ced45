"""What git tells of paths in commits, as values."""

from typing import NamedTuple


class TreeChange(NamedTuple):
    """A path that two commits do not have alike. A blob is the name of its contents, and missing where no file is.

    `status` is git's letter: A, D, M, or T for what is a link, or a submodule, on one side alone.
    """

    path: str
    status: str
    is_link: bool = False
    is_submodule: bool = False
    base_blob: str | None = None
    head_blob: str | None = None


class TreeEntry(NamedTuple):
    """A file of a commit, or a link or submodule, and the name of its contents."""

    path: str
    is_link: bool
    blob: str
