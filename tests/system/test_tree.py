"""Whether anything in a tree of files was written since."""

import os
from pathlib import Path

import pytest

from builders import make_tree
from dot.system.tree import read_contents, read_state, read_tree


@pytest.fixture
def top(tmp_path: Path) -> Path:
    return make_tree(tmp_path / "top", {"a.sql": "a", "models/b.sql": "b", ".git/HEAD": "x", "sub/.git": "gitdir: x"})


def test_every_file_but_those_of_git_has_a_state(top: Path) -> None:
    assert {"a.sql", os.path.join("models", "b.sql")} == set(read_tree(top) or ())  # noqa: PTH118 - as the system has it
    assert read_tree(top) == read_tree(top)


def test_a_file_that_was_written_has_another_state_though_its_size_and_time_are_the_same(top: Path) -> None:
    before, known = read_tree(top), (top / "a.sql").stat()
    make_tree(top, {"a.sql": "c"})
    os.utime(top / "a.sql", ns=(known.st_atime_ns, known.st_mtime_ns))
    assert read_tree(top) != before


def test_files_that_come_and_go_show(top: Path) -> None:
    before = read_tree(top)
    make_tree(top, {"c.sql": "c"})
    assert read_tree(top) != before
    (top / "c.sql").unlink()
    assert read_tree(top) == before


def test_a_link_is_known_by_where_it_leads_and_nothing_is_known_of_what_lies_outside(top: Path) -> None:
    link = top / "link"
    link.symlink_to("models")
    first = read_tree(top)
    assert first is not None
    assert first["link"].endswith(" to models")
    link.unlink()
    link.symlink_to("../outside")
    assert read_tree(top) is None


def test_a_program_is_known_behind_its_link(top: Path) -> None:
    (top / "dbt").symlink_to("a.sql")
    before = read_state(top / "dbt")
    assert read_state(top / "a.sql") == before
    make_tree(top, {"a.sql": "another"})
    assert read_state(top / "dbt") != before


def test_files_are_read_and_one_that_is_gone_is_an_error(top: Path) -> None:
    assert list(read_contents(top, ["a.sql", "models/b.sql"])) == [b"a", b"b"]
    with pytest.raises(FileNotFoundError):
        list(read_contents(top, ["gone.sql"]))
