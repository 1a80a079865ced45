"""Files are read with limits, written whole or not at all, open to their owner only, and locked for one process."""

import os
import resource
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from builders import make_tree, snapshot
from dot.base.errors import ConfigurationError, ExitCode, LockTimeoutError, StorageError
from dot.system import store


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture(params=[0o000, 0o022, 0o077])
def umask(request: pytest.FixtureRequest) -> Iterator[int]:
    """The bits that the user's shell takes away from every new file."""
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


@contextmanager
def disk_for(size: int) -> Iterator[None]:
    """No file can grow beyond this size meanwhile, as on a disk that is full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


# -- reading -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "text"),
    [(b"", ""), (b"a: 1\r\nb: 2\n", "a: 1\nb: 2\n"), (b"\xef\xbb\xbfa", "a"), ("Größe 日本".encode(), "Größe 日本")],
)
def test_a_configuration_file_is_text(content: bytes, text: str, tmp_path: Path) -> None:
    assert store.read_configuration_text(make_tree(tmp_path, {"a.yml": content}) / "a.yml") == text


def test_a_missing_file_is_none(tmp_path: Path) -> None:
    assert store.read_configuration_text(tmp_path / "a.yml") is None
    make_tree(tmp_path, {"file": ""})
    for path in (tmp_path / "nowhere", tmp_path / "file" / "below"):
        assert (store.read_text(path), store.digest(path), store.list_folder(path)) == (None, None, ())


def test_a_file_of_dots_own_is_read_as_well_as_may_be(tmp_path: Path) -> None:
    assert store.read_text(make_tree(tmp_path, {"a": b"\xc3\xa9\xff"}) / "a") == "é\ufffd"


@pytest.mark.parametrize("content", [b"a: \0", b"\xff\xfea\0", b"caf\xe9", b"\x89PNG\r\n"])
def test_a_binary_file_is_no_configuration(content: bytes, tmp_path: Path) -> None:
    path = make_tree(tmp_path, {"a.yml": content}) / "a.yml"
    with pytest.raises(ConfigurationError, match="no text file") as caught:
        store.read_configuration_text(path)
    assert str(path) in str(caught.value.problems)


def test_a_configuration_file_has_a_limit(tmp_path: Path) -> None:
    path = tmp_path / "a.yml"
    path.write_bytes(b"#" * store.MAX_CONFIGURATION_BYTES)
    assert store.read_configuration_text(path)
    path.write_bytes(b"#" * (store.MAX_CONFIGURATION_BYTES + 1))
    with pytest.raises(ConfigurationError, match="larger than 1,000,000 bytes"):
        store.read_configuration_text(path)


def test_an_endless_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.yml").symlink_to("/dev/zero")
    with pytest.raises(ConfigurationError, match="larger than"):
        store.read_configuration_text(tmp_path / "a.yml")


def test_a_folder_in_place_of_a_file_is_an_error_and_no_crash(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="is a directory"):
        store.read_configuration_text(tmp_path)
    with pytest.raises(StorageError, match="is a directory"):
        store.read_text(tmp_path)


# -- writing -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "expected"),
    [(b"a[b[c", "c"), (b"a[", ""), (b"a[\xff", "\ufffd"), (b"abc", None), (b"", None), (None, None)],
)
def test_the_end_of_a_file_is_what_follows_the_last_mark(
    content: bytes | None, expected: str | None, tmp_path: Path
) -> None:
    if content is not None:
        (tmp_path / "large").write_bytes(content)
    assert store.read_end(tmp_path / "large", b"[") == expected


def test_a_file_and_its_folders_are_their_owners_alone(umask: int, tmp_path: Path) -> None:
    path = tmp_path / ".dot" / "build" / "abc" / "profiles.yml"
    store.write_whole(path, "x", root=tmp_path / ".dot")
    store.append_line(path.with_name("runs.jsonl"), "{}", root=tmp_path / ".dot")
    assert [mode(path), mode(path.with_name("runs.jsonl"))] == [0o600, 0o600], f"umask {umask:o}"
    assert [mode(folder) for folder in (path.parent, path.parent.parent, tmp_path / ".dot")] == [0o700, 0o700, 0o700]


def test_a_file_that_others_could_read_is_closed_to_them(tmp_path: Path) -> None:
    path = make_tree(tmp_path, {"profiles.yml": "old"}) / "profiles.yml"
    path.chmod(0o644)
    store.write_whole(path, "new", root=tmp_path)
    assert (mode(path), path.read_text()) == (0o600, "new")


def test_a_file_with_the_same_content_is_not_written_again(tmp_path: Path) -> None:
    path = tmp_path / "a"
    store.write_whole(path, "same", root=tmp_path)
    before = path.stat()
    store.write_whole(path, "same", root=tmp_path)
    assert (before.st_ino, before.st_mtime_ns) == (path.stat().st_ino, path.stat().st_mtime_ns)


def test_what_cannot_be_written_whole_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    store.write_whole(tmp_path / "a", "old", root=tmp_path)
    before = snapshot(tmp_path)
    with disk_for(1000), pytest.raises(StorageError, match="cannot write"):
        store.write_whole(tmp_path / "a", "new" * 1000, root=tmp_path)
    assert snapshot(tmp_path) == before


def test_a_file_that_cannot_be_replaced_leaves_nothing_else(tmp_path: Path) -> None:
    make_tree(tmp_path, {"a/b": ""})
    before = snapshot(tmp_path)
    with pytest.raises(StorageError, match="cannot write"):
        store.write_whole(tmp_path / "a", "new", root=tmp_path)
    assert snapshot(tmp_path) == before


def test_lines_are_added_one_by_one(tmp_path: Path) -> None:
    for line in ("a", "Größe"):
        store.append_line(tmp_path / "runs.jsonl", line, root=tmp_path)
    assert (tmp_path / "runs.jsonl").read_text(encoding="utf-8") == "a\nGröße\n"


def test_a_line_is_there_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "runs.jsonl"
    store.append_line(path, "a" * 900, root=tmp_path)
    before = path.read_bytes()
    with disk_for(1000), pytest.raises(StorageError, match="cannot write"):
        store.append_line(path, "b" * 900, root=tmp_path)
    assert path.read_bytes() == before


def test_a_file_in_place_of_a_folder_is_an_error_that_says_what_to_do(tmp_path: Path) -> None:
    make_tree(tmp_path, {".dot": "a file"})
    actions: list[Callable[[], None]] = [
        lambda: store.make_private_folder(tmp_path / ".dot", tmp_path / ".dot"),
        lambda: store.write_whole(tmp_path / ".dot" / "a", "x", root=tmp_path / ".dot"),
        lambda: store.append_line(tmp_path / ".dot" / "build" / "a", "x", root=tmp_path / ".dot"),
    ]
    for action in actions:
        with pytest.raises(StorageError) as caught:
            action()
        assert (caught.value.exit_code, "move it away" in str(caught.value.problems[0].hint)) == (ExitCode.WORLD, True)
    assert (tmp_path / ".dot").read_text() == "a file"


def test_a_private_copy_replaces_nothing(tmp_path: Path) -> None:
    make_tree(tmp_path, {"from": "new", "to": "old"})
    store.copy_private(tmp_path / "from", tmp_path / "to", root=tmp_path)
    store.copy_private(tmp_path / "from", tmp_path / "other", root=tmp_path)
    store.copy_private(tmp_path / "nowhere", tmp_path / "none", root=tmp_path)
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"from": "new", "to": "old", "other": "new"}
    assert mode(tmp_path / "other") == 0o600


def test_a_removed_tree_is_gone_but_not_what_a_link_in_it_names(tmp_path: Path) -> None:
    make_tree(tmp_path, {"tree/a/b": "", "kept/c": "", "file": ""})
    (tmp_path / "tree" / "link").symlink_to(tmp_path / "kept")
    (tmp_path / "link").symlink_to(tmp_path / "kept")
    for name in ("tree", "link", "file", "nowhere"):
        store.remove_tree(tmp_path / name)
    assert set(snapshot(tmp_path)) == {"kept", "kept/c"}


# -- locks ---------------------------------------------------------------------------------------------------------

HOLD = """
import sys, time
from pathlib import Path
from dot.system.store import lock
with lock(Path(sys.argv[1]), root=Path(sys.argv[1]).parent, timeout=0, on_wait=print):
    print("held", flush=True)
    time.sleep(60)
"""


OUTLIVED = """
import sys
from pathlib import Path
from dot.system import store
from dot.system.process import Command, start
path = Path({path!r})
with store.lock(path, root=path.parent, timeout=0, on_wait=print):
    child = start(Command((sys.executable, "-c", "import time; time.sleep(60)"), path.parent))
    print(child.pid, flush=True)
    sys.stdin.read()
"""
"""A process with a lock and a child, which ends when its input does and leaves the child behind."""


@contextmanager
def held(path: Path) -> Iterator["subprocess.Popen[str]"]:
    """Another process holds the lock."""
    with subprocess.Popen([sys.executable, "-c", HOLD, str(path)], stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout
        try:
            assert child.stdout.readline() == "held\n"
            yield child
        finally:
            child.kill()


def test_a_lock_that_another_process_holds_is_waited_for_and_then_given_up(tmp_path: Path) -> None:
    path, waits = tmp_path / "locks" / "a.lock", list[str]()
    with held(path) as child:
        since = time.monotonic()
        with (
            pytest.raises(LockTimeoutError) as caught,
            store.lock(path, root=tmp_path, timeout=0.3, on_wait=waits.append),
        ):
            pytest.fail("the lock was not waited for")
        assert 0.3 <= time.monotonic() - since < 5
    assert (len(waits), caught.value.exit_code) == (1, ExitCode.WORLD)
    assert f"process {child.pid}" in waits[0]
    assert "DOT_LOCK_TIMEOUT" in (caught.value.problems[0].hint or "")
    assert mode(path) == 0o600


def test_a_lock_ends_with_the_process_that_holds_it_however_it_ends(tmp_path: Path) -> None:
    path = tmp_path / "a.lock"
    with held(path) as child:
        child.kill()
        child.wait()
        with store.lock(path, root=tmp_path, timeout=5, on_wait=pytest.fail):
            assert path.exists()


def test_a_lock_outlasts_a_process_that_was_killed_by_its_child_and_no_process_that_ended(tmp_path: Path) -> None:
    path = tmp_path / "a.lock"
    script = OUTLIVED.format(path=str(path))
    for is_killed in (True, False):
        with subprocess.Popen([sys.executable, "-c", script], stdin=-1, stdout=-1, text=True) as holder:
            assert holder.stdin
            assert holder.stdout
            child = int(holder.stdout.readline())
            if is_killed:
                holder.kill()
            holder.stdin.close()
            holder.wait()
            waits = list[str]()
            with suppress(LockTimeoutError), store.lock(path, root=tmp_path, timeout=0, on_wait=waits.append):
                assert not is_killed
            assert bool(waits) == is_killed
            assert bool(store.read_living_owners([path.with_suffix(".owner")])) == is_killed
            os.kill(child, signal.SIGKILL)
            with store.lock(path, root=tmp_path, timeout=5, on_wait=pytest.fail):
                pass


def test_a_lock_is_free_again_after_an_error(tmp_path: Path) -> None:
    with pytest.raises(KeyError), store.lock(tmp_path / "a", root=tmp_path, timeout=0, on_wait=pytest.fail):
        raise KeyError
    with store.lock(tmp_path / "a", root=tmp_path, timeout=0, on_wait=pytest.fail):
        pass


def test_a_lock_that_cannot_be_made_is_an_error_that_says_what_to_do(tmp_path: Path) -> None:
    make_tree(tmp_path, {"locks": "a file"})
    with (
        pytest.raises(StorageError, match="locks"),
        store.lock(tmp_path / "locks" / "a.lock", root=tmp_path, timeout=0, on_wait=pytest.fail),
    ):
        pytest.fail("there can be no such lock")


# -- links ---------------------------------------------------------------------------------------------------------

WRITES: tuple[Callable[[Path, Path], None], ...] = (
    lambda path, root: store.write_whole(path, "new", root=root),
    lambda path, root: store.append_line(path, "new", root=root),
    store.make_private_folder,
    lambda path, root: store.lock(path, root=root, timeout=1, on_wait=print).__enter__(),
)


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize("link", ["root/a", "root/a/b"])
def test_a_folder_that_is_a_link_is_refused(write: Callable[[Path, Path], None], link: str, tmp_path: Path) -> None:
    make_tree(tmp_path, {"outside/b/file.lock": "mine"})
    (tmp_path / link).parent.mkdir(parents=True)
    (tmp_path / link).symlink_to(tmp_path / "outside" / "b" if link.endswith("b") else tmp_path / "outside")
    before = snapshot(tmp_path / "outside")
    with pytest.raises(StorageError, match="it is a link"):
        write(tmp_path / "root" / "a" / "b" / "file.lock", tmp_path / "root")
    assert snapshot(tmp_path / "outside") == before


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize("target", ["outside.txt", "nowhere.txt"])
def test_a_file_that_is_a_link_is_not_followed(
    write: Callable[[Path, Path], None], target: str, tmp_path: Path
) -> None:
    make_tree(tmp_path, {"outside.txt": "mine", "root/x": ""})
    for name in ("a.lock", ".a.lock.new", ".a.owner.new"):
        (tmp_path / "root" / name).symlink_to(tmp_path / target)
    with suppress(StorageError):
        write(tmp_path / "root" / "a.lock", tmp_path / "root")
    assert {path.name for path in tmp_path.iterdir()} == {"outside.txt", "root"}
    assert (tmp_path / "outside.txt").read_text() == "mine"


def test_a_link_is_replaced_by_the_file_that_is_written_though_it_holds_the_same(tmp_path: Path) -> None:
    make_tree(tmp_path, {"outside.txt": "same"})
    (tmp_path / "a").symlink_to("outside.txt")
    store.write_whole(tmp_path / "a", "same", root=tmp_path)
    assert not (tmp_path / "a").is_symlink()


def test_a_root_that_is_a_link_is_whose_it_is(tmp_path: Path) -> None:
    """The folder of a file that a person named, or a repository's git folder: they may lie wherever they want."""
    (tmp_path / "real").mkdir()
    (tmp_path / "root").symlink_to("real")
    store.write_whole(tmp_path / "root" / "a", "text", root=tmp_path / "root")
    assert (tmp_path / "real" / "a").read_text() == "text"
