"""How much a folder holds, and the end of a file that only grows."""

import os
from collections.abc import Iterator
from pathlib import Path

_BLOCK_BYTES = 1 << 16


def measure_folder(path: Path) -> int:
    """Bytes in all files below a folder; links are not followed, and what is gone or closed to us counts nothing."""
    total = 0
    folders = [os.fspath(path)]
    while folders:
        try:
            with os.scandir(folders.pop()) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        folders.append(entry.path)
                    else:
                        total += _measure(entry)
        except OSError:
            continue
    return total


def _measure(entry: "os.DirEntry[str]") -> int:
    try:
        return entry.stat(follow_symlinks=False).st_size
    except OSError:
        return 0


def read_lines_backwards(path: Path) -> Iterator[str]:
    """The lines of a text file from its end on, none of them empty; of a long file no more is read than is asked for.

    Nothing when there is no such file, or when it cannot be read.
    """
    try:
        file = path.open("rb")
    except OSError:
        return
    with file:
        place = file.seek(0, os.SEEK_END)
        rest = b""
        while place:
            start = max(place - _BLOCK_BYTES, 0)
            file.seek(start)
            rest, *lines = (file.read(place - start) + rest).split(b"\n")
            yield from (line.decode("utf-8", "replace") for line in reversed(lines) if line.strip())
            place = start
        if rest.strip():
            yield rest.decode("utf-8", "replace")
