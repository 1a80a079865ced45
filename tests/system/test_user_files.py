"""Files that are the user's are read byte for byte, and replaced whole or not at all."""

import stat
from pathlib import Path

import pytest

from builders import make_tree, snapshot
from dot.base.errors import StorageError
from dot.base.file_edit import EditFile
from dot.system.user_files import apply_edit, read_user_file

STRANGE = b"\xef\xbb\xbfa\r\nb\rc\xff\xfe\n"


def edit(path: Path, before: str | None, after: str) -> EditFile:
    return EditFile(path=path, name=path.name, before=before, after=after)


def test_every_byte_is_read_and_written(tmp_path: Path) -> None:
    path = make_tree(tmp_path, {"a": STRANGE}) / "a"
    text = read_user_file(path)
    apply_edit(edit(path, text, f"{text}d"))
    assert path.read_bytes() == STRANGE + b"d"


def test_a_missing_file_is_made_with_its_folder_and_open_to_whom_new_files_are(tmp_path: Path) -> None:
    path = tmp_path / ".vscode" / "settings.json"
    assert read_user_file(path) is None
    apply_edit(edit(path, None, "{}"))
    usual = make_tree(tmp_path, {"usual/file": ""}) / "usual"
    modes = [stat.S_IMODE(found.stat().st_mode) for found in (path.parent, path, usual, usual / "file")]
    assert modes[2:] == modes[:2]
    assert [found.name for found in path.parent.iterdir()] == ["settings.json"]


@pytest.mark.parametrize("mode", [0o600, 0o664, 0o755])
def test_a_file_keeps_its_mode(mode: int, tmp_path: Path) -> None:
    path = make_tree(tmp_path, {"a": "x"}) / "a"
    path.chmod(mode)
    apply_edit(edit(path, "x", "y"))
    assert (stat.S_IMODE(path.stat().st_mode), path.read_text()) == (mode, "y")


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    make_tree(tmp_path, {"elsewhere/a": "x"})
    link = tmp_path / "a"
    link.symlink_to("elsewhere/a")
    apply_edit(edit(link, "x", "y"))
    assert (link.is_symlink(), (tmp_path / "elsewhere" / "a").read_text()) == (True, "y")


@pytest.mark.parametrize("link", ["shop/.vscode", "shop/.vscode/settings.json"])
def test_a_link_that_leads_out_of_the_repository_is_refused(link: str, tmp_path: Path) -> None:
    make_tree(tmp_path, {"shop/.git/HEAD": "", "home/settings.json": "x"})
    (tmp_path / link).parent.mkdir(exist_ok=True)
    (tmp_path / link).symlink_to(tmp_path / "home" / link.removeprefix("shop/.vscode").strip("/"))
    before = snapshot(tmp_path)
    with pytest.raises(StorageError, match=r"is a link to .*home/settings\.json, outside"):
        apply_edit(edit(tmp_path / "shop" / ".vscode" / "settings.json", "x", "y"))
    assert snapshot(tmp_path) == before


def test_no_link_is_followed_on_the_way(tmp_path: Path) -> None:
    make_tree(tmp_path, {"a": "x", "mine": "mine"})
    (tmp_path / ".a.new").symlink_to("mine")
    apply_edit(edit(tmp_path / "a", "x", "y"))
    assert [(tmp_path / name).read_text() for name in ("a", "mine")] == ["y", "mine"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "mine"]


@pytest.mark.parametrize(
    ("before", "reason"),
    [("x", "cannot write .*: it is read-only"), ("old", "has changed meanwhile"), (None, "has changed meanwhile")],
)
def test_a_file_that_may_not_be_written_or_has_changed_is_left_alone(
    before: str | None, reason: str, tmp_path: Path
) -> None:
    path = make_tree(tmp_path, {"a": "x"}) / "a"
    path.chmod(0o444)
    found = snapshot(tmp_path)
    with pytest.raises(StorageError, match=reason):
        apply_edit(edit(path, before, "y"))
    assert snapshot(tmp_path) == found


def test_what_the_system_refuses_is_an_error_with_the_reason(tmp_path: Path) -> None:
    make_tree(tmp_path, {"folder/x": "", ".a.new/x": ""})
    with pytest.raises(StorageError, match=r"cannot read .*folder: is a directory"):
        read_user_file(tmp_path / "folder")
    with pytest.raises(StorageError, match=r"cannot write .*a: is a directory"):
        apply_edit(edit(tmp_path / "a", None, "y"))
    assert not (tmp_path / "a").exists()
