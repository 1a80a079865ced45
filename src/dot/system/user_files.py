"""Files that are the user's, which dot changes only when it is asked to: every byte, the mode and links are kept."""

import errno
import os
import stat
from contextlib import suppress
from pathlib import Path

from dot.base.errors import StorageError
from dot.base.file_edit import EditFile
from dot.system.store import explained, is_there

_HINT = "see that you may write there, and that the disk has space"


def read_user_file(path: Path) -> str | None:
    """The text with its line ends and byte order mark, what is no UTF-8 as surrogates; None when there is none."""
    with explained("read", path, _HINT):
        try:
            return path.read_bytes().decode("utf-8", "surrogateescape")
        except (FileNotFoundError, NotADirectoryError):
            return None


def apply_edit(edit: EditFile) -> None:
    """Replace the file in one step, or make it and its folders.

    Raises `StorageError`, also for a file that is read-only, that a link takes out of its repository, or that is no
    longer what it was when it was read.
    """
    path = Path(edit.path).resolve()  # a link stays one
    home = _find_repository(Path(edit.path)).resolve()
    if not path.is_relative_to(home):
        hint = "a commit could lead it anywhere: change that file yourself"
        raise StorageError.of(f"{edit.path} is a link to {path}, outside {home}", hint=hint)
    if read_user_file(path) != edit.before:
        raise StorageError.of(f"{path} has changed meanwhile", hint="run the same command again")
    staged = path.with_name(f".{path.name}.new")
    with explained("write", path, _HINT):
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            mode = _writable_mode(path)
            staged.unlink(missing_ok=True)
            with staged.open("xb") as file:  # which follows no link
                file.write(edit.after.encode("utf-8", "surrogateescape"))
            if mode is not None:
                staged.chmod(mode)
            staged.replace(path)
        except OSError:
            with suppress(OSError):
                staged.unlink(missing_ok=True)
            raise


def _find_repository(path: Path) -> Path:
    """The folder of the repository that the file is in; without one its own folder."""
    return next((folder for folder in path.parents if is_there(folder / ".git")), path.parent)


def _writable_mode(path: Path) -> int | None:
    """The mode of a file; None when there is none. Replacing would not care whether it may be written."""
    if not path.exists():
        return None
    mode = stat.S_IMODE(path.stat().st_mode)
    if not mode & stat.S_IWUSR or not os.access(path, os.W_OK):
        raise PermissionError(errno.EACCES, "it is read-only")
    return mode
