"""Files and folders: reading with limits, writing whole or not at all, and locks that survive crashes."""

import errno
import mmap
import os
import platform
import shlex
import shutil
import stat
import sys
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path, PurePath
from time import monotonic, sleep

from dot.base.errors import ConfigurationError, Location, LockTimeoutError, Problem, StorageError

MAX_CONFIGURATION_BYTES = 1_000_000
"""Hundreds of times what a configuration file holds; a larger one was named by mistake."""

LOCK_POLL_SECONDS = 0.05
UNNOTICED_SECONDS = 0.3
"""A wait for a lock that is not worth a word."""

_BLOCK_BYTES = 1 << 16
"""How much of a long file is read at once, from its end on."""

_HINTS = {
    errno.ENOSPC: "free some space, then run the same command again",
    errno.EDQUOT: "free some of your quota, then run the same command again",
    errno.EFBIG: "raise the limit on the size of files (`ulimit -f`), then run the same command again",
    errno.EROFS: "dot writes under `.dot/`: put the project on a file system that can be written",
    errno.EACCES: "dot writes under `.dot/`: allow yourself to write there",
    errno.ENAMETOOLONG: "use a shorter name for the environment, or move the project to a shorter path",
    errno.ENOTDIR: "a file stands where dot needs a folder: move it away",
    errno.EEXIST: "a file stands where dot needs a folder: move it away",
    errno.EISDIR: "a folder stands where dot needs a file: name another, or move it away",
    errno.ELOOP: "a link stands where dot writes, which follows none: remove it",
}


@contextmanager
def explained(action: str, path: PurePath, hint: str | None = None) -> Generator[None]:
    """Turn what the operating system refused into an error that says what to do; `hint` if that is given."""
    try:
        yield
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise StorageError.of(f"cannot {action} {path}: {reason}", hint=hint or _HINTS.get(error.errno or 0)) from None


def read_configuration_text(path: Path) -> str | None:
    """A text file that a person wrote; None when there is none. Raises `ConfigurationError` for a binary one."""
    try:
        with path.open("rb") as file:
            content = file.read(MAX_CONFIGURATION_BYTES + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise ConfigurationError(Problem(f"cannot be read: {reason}", Location(str(path)))) from None
    return decode_configuration(content, str(path))


def decode_configuration(content: bytes, name: str) -> str:
    """The text of a configuration file. Raises `ConfigurationError` for a binary file, and for a very large one."""
    if len(content) > MAX_CONFIGURATION_BYTES:
        size = f"{MAX_CONFIGURATION_BYTES:,}"
        raise ConfigurationError(Problem(f"is larger than {size} bytes", Location(name)))
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        raise ConfigurationError(Problem("is no text file in UTF-8", Location(name)))
    return text.replace("\r\n", "\n")


def read_text(path: Path) -> str | None:
    """A small file of dot's own; None when there is none."""
    with explained("read", path):
        try:
            return path.read_text(encoding="utf-8", errors="replace")
        except (FileNotFoundError, NotADirectoryError):
            return None


def read_end(path: Path, mark: bytes) -> str | None:
    """What follows the last `mark` in a file, which may be a very large one; None when there is neither."""
    try:
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
            place = content.rfind(mark)
            return content[place + len(mark) :].decode("utf-8", "replace") if place >= 0 else None
    except (OSError, ValueError):  # an empty file cannot be mapped
        return None


def read_lines_backwards(path: PurePath) -> Iterator[str]:
    """The lines of a text file from its end on, none of them empty; of a long file no more is read than is asked for.

    Nothing when there is no such file, or when it cannot be read.
    """
    try:
        file = open(path, "rb", buffering=0)  # noqa: PTH123, SIM115 - a list of builds opens a thousand files
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


def read_bytes(path: Path) -> bytes:
    """A file that must be there. Raises `StorageError`."""
    with explained("read", path):
        return path.read_bytes()


def digest(path: Path) -> str | None:
    """SHA-256 of a file's bytes, in hexadecimal; None when there is no such file."""
    import hashlib  # noqa: PLC0415 - completion has nothing to digest

    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return None


def describe(path: Path) -> str | None:
    """What tells a file from an edited one: the digest, a link's target, whether it can be run; None for a folder."""
    if path.is_symlink():
        return f"link to {path.readlink()}"
    if path.is_dir():
        return None
    return f"{'program' if os.access(path, os.X_OK) else 'file'} {digest(path)}"


def list_folder(path: PurePath) -> tuple[str, ...]:
    """The names in a folder, sorted; none when there is no such folder."""
    with explained("read", path):
        try:
            return tuple(sorted(os.listdir(path)))
        except (FileNotFoundError, NotADirectoryError):
            return ()


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


def is_there(path: Path) -> bool:
    """Whether anything has this name, be it a link that leads nowhere."""
    return os.path.lexists(path)


def read_modified(path: Path) -> float:
    """When the file was written last, in seconds since 1970; 0 when there is none."""
    return path.stat().st_mtime if path.is_file() else 0.0


def make_old(path: Path) -> None:
    """Set back when the file was written last to 0, so that it shows when somebody writes it again."""
    with suppress(FileNotFoundError):
        os.utime(path, (0, 0))


def matches(folder: Path, pattern: str) -> bool:
    """Whether there is a file of this name, which may have `*` in it, relative to the folder."""
    try:
        return any(folder.glob(pattern))
    except (NotImplementedError, OSError, ValueError):
        return False


def is_private(path: Path) -> bool:
    """Whether nobody but the owner can enter the folder; true where the system has no such modes."""
    return os.name == "nt" or not stat.S_IMODE(path.stat().st_mode) & (stat.S_IRWXG | stat.S_IRWXO)


def is_foreign(path: Path) -> bool:
    """Whether what stands here belongs to somebody else; a link belongs to whoever made it."""
    return os.name != "nt" and path.lstat().st_uid != os.geteuid()


def make_private(path: Path) -> None:
    """Close the folder to everybody but its owner."""
    with explained("change", path):
        path.chmod(stat.S_IRWXU)


def make_private_folder(path: Path, root: Path) -> None:
    """The folder and its parents down from `root`, open to their owner only, none of those below `root` a link."""
    with explained("make", path):
        for folder in (*reversed([parent for parent in path.parents if parent.is_relative_to(root)]), path):
            folder.mkdir(mode=stat.S_IRWXU, exist_ok=True)
            if folder != root:
                _refuse_link(folder)


def _refuse_link(path: Path) -> None:
    if path.is_symlink():
        raise OSError(errno.ELOOP, "it is a link", str(path))


_OWNERS = stat.S_IRUSR | stat.S_IWUSR


def _open_own(path: Path, flags: int, mode: int = _OWNERS) -> int:
    """A file to write to, readable by its owner only by default, that is no link."""
    _refuse_link(path)  # Windows has no such flag
    flags |= os.O_WRONLY | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)
    return os.open(path, flags, mode)


def write_whole(path: Path, text: str, *, root: Path, mode: int = _OWNERS) -> None:
    """Replace a file in one step, readable by its owner only by default; untouched if it holds this text already."""
    make_private_folder(path.parent, root)
    content = text.encode("utf-8", "surrogateescape")
    with explained("write", path):
        if not path.is_symlink() and path.is_file() and path.read_bytes() == content:
            return
        # Always the same name, so that what a crash leaves behind is gone with the next write.
        staged = path.with_name(f".{path.name}.new")
        try:
            with os.fdopen(_open_own(staged, os.O_TRUNC, mode), "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            staged.replace(path)
        except OSError:
            staged.unlink(missing_ok=True)
            if not path.is_file() or path.read_bytes() != content:  # else somebody else wrote the same just now
                raise


def write_output(path: Path, text: str, *, mark: str) -> None:
    """A file that somebody named, as readable as any that they make.

    What is there is replaced only if it holds `mark`, and so was made by dot.
    """
    there = read_text(path)
    if there and mark not in there:
        raise StorageError.of(f"{path} is there already, and was not made by dot", hint="name another file")
    write_whole(path, text, root=path.absolute().parent, mode=0o666)  # less what the umask takes


def append_line(path: Path, line: str, *, root: Path) -> None:
    """Add a line to a file, readable by its owner only, in one write."""
    make_private_folder(path.parent, root)
    with explained("write", path):
        handle = _open_own(path, os.O_APPEND)
        size, content = os.fstat(handle).st_size, line.encode() + b"\n"
        try:
            _write_all(handle, content)
        except OSError:
            os.ftruncate(handle, size)
            raise
        finally:
            os.close(handle)


def _write_all(handle: int, content: bytes) -> None:
    """Write in one go, a part of it being none: the disk is full."""
    if os.write(handle, content) < len(content):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def read_current_folder() -> Path:
    """Where dot was started. Raises `StorageError` if that is gone, or has a name that JSON cannot hold."""
    try:
        cwd = Path.cwd()
    except FileNotFoundError:
        raise StorageError.of("the current folder is gone", hint="go to one that exists") from None
    try:
        str(cwd).encode()
    except UnicodeEncodeError:
        shown = os.fsencode(cwd).decode("utf-8", "replace")
        hint = "plans and records are text: rename the folder"
        raise StorageError.of(f"the name of the current folder is no text in UTF-8: {shown}", hint=hint) from None
    return cwd


def copy_private(source: Path, target: Path, *, root: Path) -> None:
    """Copy a small text file, unless the target exists already or the source does not."""
    text = None if target.exists() else read_text(source)
    if text is not None:
        write_whole(target, text, root=root)


def remove_tree(path: Path) -> None:
    """Remove a file, or a folder with all that is in it; nothing to do when there is neither."""
    with explained("remove", path):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def remove_empty(path: Path) -> None:
    """Remove a folder with nothing in it; one that holds something stays."""
    with suppress(OSError):
        path.rmdir()


@contextmanager
def lock(path: Path, *, root: Path, timeout: float, on_wait: Callable[[str], None]) -> Generator[None]:
    """Hold an exclusive lock that ends with this process and the children that it has started meanwhile.

    A git or a dbt that outlives a dot that was killed is still at work on what the lock is for. `on_wait` is called
    once with the holder's description if somebody else has it. Raises `LockTimeoutError` after `timeout` seconds.
    """
    from filelock import unlock_descriptor  # noqa: PLC0415 - planning needs no locks

    from dot.system.process import lasting  # noqa: PLC0415 - nor does completion

    make_private_folder(path.parent, root)
    owner = path.with_suffix(".owner")
    with explained("lock", path):
        _refuse_link(path)
        handle = os.open(path, os.O_RDWR | os.O_CREAT, stat.S_IRUSR | stat.S_IWUSR)
    try:
        if not _acquire(handle, path, UNNOTICED_SECONDS):
            on_wait(read_owner(owner))
            if not _acquire(handle, path, timeout):
                raise LockTimeoutError.of(
                    f"waited {timeout:g} s for {read_owner(owner)}",
                    hint="wait for it, and for the git or dbt that it started, to end, or give it more time with "
                    "`DOT_LOCK_TIMEOUT=<seconds>`",
                )
        try:
            with lasting(handle):
                write_whole(owner, _describe_self(), root=root)
                yield
        finally:
            with suppress(OSError):  # the text goes with the process; the lock must go in any case
                owner.unlink()
            unlock_descriptor(handle)  # in children that go on, too: a daemon of git's would keep it
    finally:
        os.close(handle)


def _acquire(handle: int, path: Path, seconds: float) -> bool:
    from filelock import lock_descriptor  # noqa: PLC0415

    until = monotonic() + seconds
    with explained("lock", path):
        while not lock_descriptor(handle, blocking=False):
            if monotonic() >= until:
                return False
            sleep(LOCK_POLL_SECONDS)
    return True


def read_owner(path: Path) -> str:
    """Who holds a lock, in words."""
    return read_text(path) or "another dot"


def read_living_owners(paths: Iterable[Path]) -> tuple[str, ...]:
    """Who holds locks, in words, or had started what holds them; what was left behind without a lock is not said."""
    texts = ((path, text) for path in sorted(paths) if (text := read_text(path)))
    return tuple(dict.fromkeys(text for path, text in texts if _is_held(path.with_suffix(".lock"))))


def _is_held(path: Path) -> bool:
    """Whether somebody holds this lock, which is tried for a moment that nobody notices."""
    try:
        handle = os.open(path, os.O_RDWR)
    except OSError:
        return False
    try:
        return not _acquire(handle, path, 0)
    finally:
        os.close(handle)


def _describe_self() -> str:
    command = shlex.join(["dot", *sys.argv[1:]])
    since = datetime.now().astimezone().isoformat(sep=" ", timespec="seconds")
    return f"`{command}` (process {os.getpid()} on {platform.node()}, since {since})"
