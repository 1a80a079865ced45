"""What git is asked: which commit a ref means, how it is abbreviated, and which repository a folder is in."""

import os
from pathlib import Path

import pytest

from builders import commit, git, make_repo, make_tree
from cases import each
from dot.base.errors import AddressError, GitError
from dot.system.git import (
    CommitInfo,
    abbreviate,
    list_differing,
    list_refs,
    parse_commit,
    read_objects,
    read_ref_names,
    read_refs,
    read_repository,
    resolve_commit,
)

STRANGE = "Größe mit Leerzeichen/日本"


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """Two commits on `main`; tags, an annotated one among them, and a branch at the first."""
    folder = make_repo(tmp_path / "shop", {"a.sql": "1"}, {"a.sql": "2"})
    git(folder, "tag", "light", "main~1")
    git(folder, "tag", "--annotate", "v1", "--message", "one", "main~1")
    git(folder, "tag", "--annotate", "of-a-tag", "--message", "two", "v1")
    git(folder, "tag", "of-a-file", "main:a.sql")
    git(folder, "branch", "feature/x", "main~1")
    return folder


def hashes(folder: Path) -> list[str]:
    """The commits of `main`, the oldest first."""
    return git(folder, "rev-list", "--reverse", "main").splitlines()


FIRST = ("main~1", "main^", "HEAD~1", "HEAD@{1}", "main@{1}", "light", "v1", "tags/v1", "of-a-tag", "feature/x")
SECOND = ("main", "heads/main", "refs/heads/main", "HEAD", "@", "HEAD@{0}", "@{0}", "HEAD^{/commit 2}")


@pytest.mark.parametrize(("ref", "number"), [*((ref, 0) for ref in FIRST), *((ref, 1) for ref in SECOND)])
def test_a_ref_resolves_to_its_commit(ref: str, number: int, shop: Path) -> None:
    assert hashes(shop)[number] == resolve_commit(shop, ref)


@pytest.mark.parametrize("length", [7, 12, 40])
def test_a_hash_resolves_in_every_length(length: int, shop: Path) -> None:
    first = hashes(shop)[0]
    assert resolve_commit(shop, first[:length]) == first


def test_the_upstream_of_a_branch_resolves_to_its_commit(shop: Path, tmp_path: Path) -> None:
    git(tmp_path, "clone", "--quiet", str(shop), "clone")
    commit(tmp_path / "clone", "not pushed")
    assert hashes(shop)[1] == resolve_commit(tmp_path / "clone", "main@{upstream}")
    assert hashes(shop)[1] == resolve_commit(tmp_path / "clone", "origin/main")


OPTIONS = ("-x", "--help", "--all", "--show-toplevel", "--git-dir", "-h", "--", "-", "--branches", "--since=1970")
NO_COMMIT = ("nowhere", "", " ", "main:a.sql", "main^{tree}", "of-a-file", "0" * 40, "HEAD@{99}", "main..feature/x")


@pytest.mark.parametrize("ref", [*OPTIONS, *NO_COMMIT, "main\n", "main --all"])
def test_what_is_no_commit_resolves_to_nothing(ref: str, shop: Path) -> None:
    assert resolve_commit(shop, ref) is None


@pytest.mark.parametrize("ref", ["^main", "^HEAD", "^v1"])
def test_an_exclusion_is_no_commit(ref: str, shop: Path) -> None:
    assert resolve_commit(shop, ref) is None


def test_a_branch_named_like_an_option_can_be_asked_for_in_full(shop: Path) -> None:
    git(shop, "update-ref", "refs/heads/--help", "main~1")
    assert hashes(shop)[0] == resolve_commit(shop, "refs/heads/--help")


def test_a_nul_character_in_a_ref_is_an_error_and_no_crash(shop: Path) -> None:
    with pytest.raises(GitError, match="NUL"):
        resolve_commit(shop, "main\0")


def test_an_empty_repository_has_no_head(tmp_path: Path) -> None:
    folder = make_repo(tmp_path / "empty")
    assert resolve_commit(folder, "HEAD") is None
    assert read_ref_names(folder) == []
    assert not read_repository(folder).is_shallow


def test_a_shallow_clone_is_known_and_lacks_the_older_commit(shop: Path, tmp_path: Path) -> None:
    git(tmp_path, "clone", "--quiet", "--depth", "1", shop.as_uri(), "clone")
    first, second = hashes(shop)
    assert read_repository(tmp_path / "clone").is_shallow
    assert [resolve_commit(tmp_path / "clone", name) for name in (second, first)] == [second, None]
    assert not read_repository(shop).is_shallow


@pytest.mark.parametrize("length", [4, 7, 12, 40])
def test_an_abbreviation_has_the_length_that_is_asked_for(length: int, shop: Path) -> None:
    first = hashes(shop)[0]
    assert abbreviate(shop, first, length) == first[:length]


def test_an_abbreviation_follows_the_setting_of_git_when_no_length_is_asked_for(shop: Path) -> None:
    git(shop, "config", "core.abbrev", "9")
    assert hashes(shop)[0][:9] == abbreviate(shop, hashes(shop)[0], None)


def test_a_hash_that_is_not_there_cannot_be_abbreviated(shop: Path) -> None:
    with pytest.raises(GitError):
        abbreviate(shop, "no hash", None)


def test_ref_names_are_branches_tags_and_remote_branches(shop: Path, tmp_path: Path) -> None:
    git(tmp_path, "clone", "--quiet", "--origin", "up", str(shop), "clone")
    names = {"main", "v1", "light", "of-a-tag", "of-a-file", "up/main", "up/feature/x"}
    assert names <= set(read_ref_names(tmp_path / "clone"))


def test_a_repository_is_seen_from_a_folder_below_its_top(tmp_path: Path) -> None:
    folder = make_repo(tmp_path / STRANGE, {f"{STRANGE}/dbt_project.yml": "name: shop"})
    found = read_repository(folder / STRANGE)
    assert (found.toplevel, found.common_dir, found.prefix) == (folder, folder / ".git", STRANGE)
    assert read_repository(folder).prefix == ""


def test_a_linked_worktree_shares_the_folder_of_its_repository(shop: Path, tmp_path: Path) -> None:
    git(shop, "worktree", "add", "--quiet", str(tmp_path / "linked"), "feature/x")
    found = read_repository(tmp_path / "linked")
    assert (found.toplevel, found.common_dir) == (tmp_path / "linked", shop / ".git")


@pytest.mark.parametrize("inside", ["", ".git"])
def test_a_folder_without_work_tree_is_in_no_repository(inside: str, tmp_path: Path) -> None:
    folder = make_repo(tmp_path / "shop") / ".git" if inside else tmp_path
    with pytest.raises(GitError, match="not in a git work tree") as caught:
        read_repository(folder)
    assert "live build" in (caught.value.problems[0].hint or "")


def test_a_missing_git_is_an_error_that_says_so(shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(GitError, match="git is not installed"):
        resolve_commit(shop, "main")


def test_objects_are_read_by_name_and_a_missing_one_is_none(shop: Path) -> None:
    make_tree(shop, {f"{STRANGE}/empty": "", "bytes": b"\0\n\xff blob 3\n", "-x missing": "dash"})
    head = commit(shop, "more")
    names = [f"{head}:{name}" for name in (f"{STRANGE}/empty", "nowhere", "bytes", "a.sql", "-x missing")]
    assert list(read_objects(shop, names).values()) == [b"", None, b"\0\n\xff blob 3\n", b"2", b"dash"]
    assert {name: content and content[:4] for name, content in read_objects(shop, [head]).items()} == {head: b"tree"}


@pytest.mark.parametrize(
    ("message", "subject"),
    [("Count refunds once\n\nThey came twice.", "Count refunds once"), ("Größe 日本", "Größe 日本"), ("\n", "")],
)
def test_a_commit_tells_its_subject_its_author_and_its_times(message: str, subject: str, shop: Path) -> None:
    by = ("--author", "Zoë <zoe@example.com>", "--date=2020-01-01T00:00:00Z")
    git(shop, "commit", "--quiet", "--allow-empty", "--allow-empty-message", *by, "--message", message)
    committed_at = int(git(shop, "log", "-1", "--format=%ct"))
    assert parse_commit(read_objects(shop, ["HEAD"])["HEAD"] or b"") == CommitInfo(
        subject, committed_at, "Zoë", 1577836800
    )


@each("encoding", ["iso-8859-1", "utf-16-le"])
def test_a_subject_is_read_in_the_encoding_that_the_commit_names(encoding: str) -> None:
    content = f"tree 0\ncommitter A <a@b> 17 +0100\nencoding {encoding}\n\n".encode() + "Größe\n".encode(encoding)
    assert parse_commit(content) == CommitInfo("Größe", 17, "", 0)


def test_an_author_is_read_in_the_encoding_that_the_commit_names() -> None:
    content = "author Zoë <z@b> 16 -0800\ncommitter A <a@b> 17 +0100\nencoding iso-8859-1\n\na\n".encode("iso-8859-1")
    assert parse_commit(content) == CommitInfo("a", 17, "Zoë", 16)


def test_a_commit_that_is_strange_is_read_all_the_same() -> None:
    assert parse_commit(b"encoding no-such\n\na\xff\n") == CommitInfo("a\ufffd", 0, "", 0)
    assert parse_commit(b"") == CommitInfo("", 0, "", 0)


def test_every_branch_and_tag_is_read_with_its_commit(shop: Path, tmp_path: Path) -> None:
    first, second = hashes(shop)
    git(shop, "update-ref", "refs/elsewhere/x", "HEAD")
    git(tmp_path, "clone", "--quiet", str(shop), "clone")
    expected = {
        "HEAD": second,
        "main": second,
        "origin/main": second,
        "origin/feature/x": first,
        "light": first,
        "v1": first,
    }
    found = read_refs(tmp_path / "clone")
    assert expected | {"of-a-tag": first, "of-a-file": git(shop, "rev-parse", "main:a.sql")} == found


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        ("", ["HEAD", "feature/x", "main", "origin/feature/x", "origin/main", "light", "of-a-file", "of-a-tag", "v1"]),
        ("H", ["HEAD"]),
        ("f", ["feature/x"]),
        ("feature/", ["feature/x"]),
        ("origin/m", ["origin/main"]),
        ("main", ["main"]),
        *((start, []) for start in ("mainly", "m.in", "m*", "mai?", "[m]ain", "\\main", "HEAD~1")),
    ],
)
def test_refs_are_listed_by_the_start_of_their_names(
    start: str, expected: list[str], shop: Path, tmp_path: Path
) -> None:
    git(tmp_path, "clone", "--quiet", str(shop), "clone")
    git(tmp_path / "clone", "branch", "feature/x", "origin/feature/x")
    found = list_refs(tmp_path / "clone", start)
    assert list(found) == expected
    assert {name: git(tmp_path / "clone", "rev-parse", name) for name in expected} == {
        name: git(tmp_path / "clone", "rev-parse", target) for name, target in found.items()
    }


def test_outside_of_git_there_are_no_refs(tmp_path: Path) -> None:
    assert (read_refs(tmp_path), list_refs(tmp_path, "")) == ({}, {})


def test_files_that_differ_between_two_commits_and_from_the_working_tree(tmp_path: Path) -> None:
    folder = make_repo(tmp_path / "shop", {"a.sql": "1", "b.csv": "1", f"dbt/{STRANGE}": "1"}, {"b.csv": "2"})
    first, second = hashes(folder)
    make_tree(folder, {f"dbt/{STRANGE}": "2", "dbt/new.csv": "1"})
    changed = (f"dbt/{STRANGE}", "dbt/new.csv")

    assert list_differing(folder / "dbt", first, second) == ("b.csv",)
    assert changed == list_differing(folder / "dbt", second, None) == list_differing(folder, None, second)
    assert ("b.csv", *changed) == list_differing(folder / "dbt", first, None)
    assert list_differing(folder, None, None) == ()


def test_looking_at_the_working_tree_leaves_the_index_as_it_is(shop: Path) -> None:
    os.utime(shop / "a.sql", (1, 1))
    index = (shop / ".git" / "index").read_bytes()

    assert list_differing(shop, git(shop, "rev-parse", "main~1"), None) == ("a.sql",)
    assert list_differing(shop, git(shop, "rev-parse", "main"), None) == ()
    assert (shop / ".git" / "index").read_bytes() == index


@pytest.mark.parametrize(
    ("name", "places"),
    [
        ("dup", ("tags/dup", "heads/dup")),
        ("origin/x", ("heads/origin/x", "remotes/origin/x")),
        ("origin", ("heads/origin", "remotes/origin/HEAD")),
    ],
)
def test_a_name_of_several_commits_is_refused_with_all_that_it_could_mean(
    name: str, places: tuple[str, ...], shop: Path
) -> None:
    for place, found in zip(places, hashes(shop), strict=True):
        git(shop, "update-ref", f"refs/{place}", found)
    for typed in (name, f"{name}~0"):
        with pytest.raises(AddressError) as refused:
            resolve_commit(shop, typed)
        problem = refused.value.problems[0]
        assert {f"refs/{place} is {found[:12]}" for place, found in zip(places, hashes(shop), strict=True)} == set(
            problem.notes
        )
        assert all(f"`{typed.replace(name, place)}`" in (problem.hint or "") for place in places)
    assert hashes(shop) == [resolve_commit(shop, place) for place in places]


def test_a_branch_whose_name_is_a_hash_of_another_commit_is_refused(shop: Path) -> None:
    old, new = hashes(shop)
    git(shop, "branch", old[:7], new)
    with pytest.raises(AddressError, match=f"`{old[:7]}` is the name of 2 commits"):
        resolve_commit(shop, old[:7])
    assert [resolve_commit(shop, old), resolve_commit(shop, f"heads/{old[:7]}")] == [old, new]


def test_two_names_of_one_commit_and_a_branch_that_is_called_head_are_no_trouble(shop: Path) -> None:
    old, new = hashes(shop)
    git(shop, "branch", "light", "main~1")
    git(shop, "update-ref", "refs/heads/HEAD", old)
    assert [resolve_commit(shop, ref) for ref in ("light", "HEAD", "@", "HEAD~1")] == [old, new, new, old]
