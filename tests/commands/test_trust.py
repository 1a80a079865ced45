"""What a commit, or somebody else, put into `.dot/` decides nothing."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from builders import Outcome, call_dot, commit, git, make_tree, read_calls, read_commands, snapshot

Dot = Callable[..., Outcome]

BUNDLES = ("add", "check", "generate", "init", "job", "pipeline", "scope")
NEEDS_NO_PROJECT = ("schema", "demo", "apply", *(f"bundle {name}" for name in BUNDLES))
"""What looks at no `.dot/`: a bundle need not be a dbt project."""

MORE = {
    "run-operation": ("grant_all",),
    "plan run-operation": ("grant_all",),
    "builds show": ("dev@main",),
    "diff": ("dev@main", "dev@main~1"),
    "plan diff": ("dev@main", "dev@main~1"),
    "scope": ("main",),
    "bundle submit": ("dev@main",),
    "plan bundle submit": ("dev@main",),
}


def tracked(shop: Path) -> None:
    make_tree(shop, {".dot/build/d/commit": git(shop, "rev-parse", "main")})
    commit(shop, "a build of ours")


def once_tracked(shop: Path) -> None:
    tracked(shop)
    git(shop, "rm", "-r", "--quiet", "--cached", ".dot")


def staged(shop: Path) -> None:
    make_tree(shop, {".dot/config.yml": "{}"})
    git(shop, "add", ".dot")


def link(shop: Path) -> None:
    make_tree(shop.parent, {"other/config.yml": "{}"})
    (shop / ".dot").symlink_to("../other")


def foreign(shop: Path) -> None:
    if os.geteuid():
        pytest.skip("only root can give a folder away")
    (shop / ".dot").mkdir()
    os.chown(shop / ".dot", 4321, 4321)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (tracked, "is tracked by git"),
        (once_tracked, "is tracked by git"),
        (staged, "is tracked by git"),
        (link, "is a link"),
        (foreign, "belongs to somebody else"),
    ],
)
def test_a_folder_that_is_not_dots_own_is_refused_by_every_command(
    make: Callable[[Path], None], message: str, shop: Path, log: Path, dot: Dot
) -> None:
    make(shop)
    before = snapshot(shop.parent, without=("calls.jsonl",))
    for name in set(read_commands()) - set(NEEDS_NO_PROJECT):
        done = dot(*name.split(), *MORE.get(name, ()))
        said = done.stdout + done.stderr
        assert (name, done.exit_code, f"{shop / '.dot'} {message}" in " ".join(said.split())) == (name, 3, True)
    assert snapshot(shop.parent, without=("calls.jsonl",)) == before
    assert read_calls(log) == []


@pytest.mark.parametrize("make", [tracked, link])
def test_completion_says_nothing_about_it(
    make: Callable[[Path], None], shop: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    make(shop)
    for line in ("dot build dev@", "dot run --defer ", "dot run --select "):
        monkeypatch.setenv("_TYPER_COMPLETE_ARGS", line)
        monkeypatch.setenv("_DOT_COMPLETE", "complete_zsh")
        assert call_dot() == 0
        done = capfd.readouterr()
        assert done.err == ""
        assert "dev@d" not in done.out


def test_a_folder_that_another_project_tracks_is_its_own_affair(shop: Path, dot: Dot) -> None:
    make_tree(shop, {"other/.dot/config.yml": "{}"})
    commit(shop, "somebody else's")
    assert dot("plan", "build", "dev@main").exit_code == 0


@pytest.mark.parametrize("digits", [1, 4, 6])
def test_the_name_of_a_folder_is_no_short_hash_because_a_marker_in_it_says_so(
    digits: int, shop: Path, dot: Dot
) -> None:
    full = git(shop, "rev-parse", "main")
    make_tree(shop, {f".dot/build/{full[:digits]}/commit": full})
    assert f'"short_hash": "{full[:7]}"' in dot("plan", "build", "dev@main", "--json").stdout


def test_git_abbreviates_to_seven_digits_at_least_unless_fewer_are_asked_for(
    shop: Path, dot: Dot, monkeypatch: pytest.MonkeyPatch
) -> None:
    git(shop, "config", "core.abbrev", "4")
    full = git(shop, "rev-parse", "main")
    assert f'"short_hash": "{full[:7]}"' in dot("plan", "build", "dev@main", "--json").stdout
    make_tree(shop, {f".dot/build/{full[:5]}/commit": full})
    monkeypatch.setenv("DOT_SHORT_HASH_LENGTH", "5")
    assert f'"short_hash": "{full[:5]}"' in dot("plan", "build", "dev@main", "--json").stdout
