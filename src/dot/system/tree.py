"""The state of a tree of files, by which it shows whether anything in it was written since."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path


def read_tree(top: Path) -> dict[str, str] | None:
    """The state of each file below a folder by its name, but for what is git's own; None where a link leads out of it.

    Raises `OSError`, as when a file goes meanwhile.
    """
    found: dict[str, str] = {}
    real = Path(os.path.realpath(top))
    start = len(os.path.join(top, ""))  # noqa: PTH118 - a path by pathlib for each file takes longer than the rest
    for entry in _walk(top):
        goal = ""
        if entry.is_symlink():
            goal = f" to {Path(entry.path).readlink()}"
            if not Path(os.path.realpath(entry.path)).is_relative_to(real):
                return None
        found[entry.path[start:]] = _describe(entry.stat(follow_symlinks=False)) + goal
    return found


def read_contents(top: Path, names: Iterable[str]) -> Iterator[bytes]:
    """What is in each of these files below a folder. Raises `OSError`."""
    for name in names:
        with open(f"{top}{os.sep}{name}", "rb") as file:  # noqa: PTH123 - as above
            yield file.read()


def read_state(path: Path) -> str:
    """The state of one file, or of the one that a link leads to. Raises `OSError`."""
    return _describe(path.stat())


def _describe(state: os.stat_result) -> str:
    """A text that differs once the file was written, even if its size and time are set back afterwards."""
    return f"{state.st_mode} {state.st_ino} {state.st_size} {state.st_mtime_ns} {state.st_ctime_ns}"


def _walk(top: Path) -> Iterator["os.DirEntry[str]"]:
    """All files and links below a folder; links are not followed."""
    folders = [os.fspath(top)]
    while folders:
        with os.scandir(folders.pop()) as entries:
            for entry in entries:
                if entry.name == ".git":
                    continue
                if entry.is_dir(follow_symlinks=False):
                    folders.append(entry.path)
                else:
                    yield entry
