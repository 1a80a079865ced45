"""How much a folder holds, and the end of a file that only grows."""

import os
from pathlib import Path

import pytest

from builders import make_tree
from dot.system import store

BLOCK = 1 << 16


def test_a_folder_holds_the_bytes_of_all_its_files(tmp_path: Path) -> None:
    make_tree(tmp_path, {"a": b"12", "b/c/d": b"345", "b/.hidden": b"6", "empty": b""})
    assert store.measure_folder(tmp_path) == 6


def test_links_are_not_followed(tmp_path: Path) -> None:
    inside = make_tree(tmp_path / "inside", {"a": b"12"})
    make_tree(tmp_path / "outside", {"large": b"0" * 5000})
    (inside / "file").symlink_to(tmp_path / "outside" / "large")
    (inside / "folder").symlink_to(tmp_path / "outside", target_is_directory=True)
    (inside / "loop").symlink_to(inside, target_is_directory=True)
    links = sum(path.lstat().st_size for path in inside.iterdir() if path.is_symlink())
    assert store.measure_folder(inside) == 2 + links


def test_what_is_not_there_holds_nothing(tmp_path: Path) -> None:
    assert store.measure_folder(tmp_path / "nowhere") == 0


@pytest.mark.skipif(os.geteuid() == 0, reason="root enters every folder")
def test_what_is_closed_counts_nothing(tmp_path: Path) -> None:
    make_tree(tmp_path, {"a": b"12", "closed/b": b"3"})
    (tmp_path / "closed").chmod(0)
    assert store.measure_folder(tmp_path) == 2
    (tmp_path / "closed").chmod(0o700)


LONG = "x" * (3 * BLOCK)
FILES: tuple[tuple[str, list[str]], ...] = (
    ("", []),
    ("\n\n", []),
    ("a", ["a"]),
    ("a\nb\n", ["b", "a"]),
    ("a\n\n \nb", ["b", "a"]),
    (f"a\n{LONG}\nb\n", ["b", LONG, "a"]),
    ("ä\n" * BLOCK, ["ä"] * BLOCK),
    ("a\r\nb\r\n", ["b\r", "a\r"]),
)


@pytest.mark.parametrize(("content", "lines"), FILES, ids=range(len(FILES)))
def test_lines_are_read_from_the_end_on(content: str, lines: list[str], tmp_path: Path) -> None:
    path = make_tree(tmp_path, {"runs.jsonl": content}) / "runs.jsonl"
    assert list(store.read_lines_backwards(path)) == lines


@pytest.mark.parametrize("shift", [-1, 0, 1])
def test_a_line_that_ends_where_a_block_does_is_read_whole(shift: int, tmp_path: Path) -> None:
    line = "y" * (BLOCK + shift - 1)
    path = make_tree(tmp_path, {"runs.jsonl": f"first\n{line}\n"}) / "runs.jsonl"
    assert list(store.read_lines_backwards(path)) == [line, "first"]


def test_a_line_that_is_no_text_is_read_as_far_as_it_is(tmp_path: Path) -> None:
    path = make_tree(tmp_path, {"runs.jsonl": b"a\n\xff\0b\n"}) / "runs.jsonl"
    assert list(store.read_lines_backwards(path)) == ["\ufffd\0b", "a"]


def test_a_file_that_is_not_there_has_no_lines(tmp_path: Path) -> None:
    make_tree(tmp_path, {"file": "", "folder/a": ""})
    for name in ("nowhere", "folder", "file/below"):
        assert list(store.read_lines_backwards(tmp_path / name)) == []


def test_no_more_of_a_long_file_is_read_than_is_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "runs.jsonl"
    with path.open("wb") as file:
        file.truncate(1 << 40)  # a terabyte of nothing, which takes no space
        file.seek(0, os.SEEK_END)
        file.write(b"\nlast but one\nlast\n")
    lines = store.read_lines_backwards(path)
    assert [next(lines), next(lines)] == ["last", "last but one"]
