"""A clone that was made to do harm goes through the whole command surface, and nothing outside it changes."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from builders import PROJECT, Outcome, call_dot, commit, git, make_repo, make_tree, read_commands, snapshot

Dot = Callable[..., Outcome]

HARM = "touch {around}/hooked"
NAMES = ("--help.sql", "$(touch hooked).sql", "`touch hooked`.sql", "a'b\".sql", "line\nfeed.sql", "\x1b[31mred.sql")
BRANCHES = ("x;touch${IFS}hooked", "$(touch${IFS}hooked)", "it's", 'q"q', "é-😀", "b" * 200)
HOOKS = ("post-checkout", "post-merge", "pre-commit", "reference-transaction", "post-index-change", "fsmonitor")
LINKS = {
    ".gitignore": "../bashrc",
    ".vscode": "../other",
    ".pre-commit-config.yaml": "../bashrc",
    "models/out": "../../other",
    "seeds": "../other",
    "dbt_packages": "../other",
    "target": "../other",
    "logs": "../other",
}
WORDS = {
    "apply": ("plan.json",),
    "builds show": ("dev@main",),
    "diff": ("dev@main", "dev@main~1"),
    "plan run-operation": ("grant_all", "dev@main"),
    "run-operation": ("grant_all", "dev@main"),
    "schema": ("plan",),
    "doctor": ("--fix",),
    "setup": ("--yes",),
}
NO_ADDRESS = ("builds", "check", "init", "plan init")


def words_of(command: str) -> tuple[str, ...]:
    return WORDS.get(command, () if command in NO_ADDRESS else ("dev@main",))


@pytest.fixture
def clone(tmp_path: Path, log: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The clone, the current folder; beside it and in the home folder is what must stay."""
    around = tmp_path / "around"
    make_tree(around, {"bashrc": "alias ls=ls\n", "other/config.yml": "{}", "other/a.csv": "id\n1\n"})
    make_tree(Path.home(), {".bashrc": "alias ls=ls\n", ".ssh/id": "canary"})
    folder = make_repo(around / "clone", {**PROJECT, **{f"models/{name}": "select 1" for name in NAMES}})
    commit(folder, "\x1b]0;title\x07 $(touch hooked) `touch hooked`")
    for branch in BRANCHES:
        git(folder, "branch", branch)
    arm(folder, HARM.format(around=around))
    assert not log.exists()
    monkeypatch.chdir(folder)
    return folder


def arm(folder: Path, harm: str) -> None:
    """Hooks where git looks for them and where the configuration says."""
    for hooks in (folder / ".git" / "hooks", folder / ".git" / "more"):
        for name in HOOKS:
            (make_tree(hooks, {name: f"#!/bin/sh\n{harm}\n"}) / name).chmod(0o755)


def read_around(clone: Path) -> tuple[object, ...]:
    return snapshot(clone.parent, without=("clone",)), snapshot(Path.home())


def link(clone: Path, links: dict[str, str]) -> None:
    for name, goal in links.items():
        (clone / name).unlink(missing_ok=True)
        (clone / name).symlink_to(goal)
    commit(clone, "links")


def forge(clone: Path) -> None:
    make_tree(clone, {".dot/build/d/commit": git(clone, "rev-parse", "main")})
    (clone / ".dot" / "..gitignore.new").symlink_to("../../bashrc")
    commit(clone, "a build of ours")


def link_dots_folder(clone: Path) -> None:
    link(clone, {".dot": "../other"})


def link_everything(clone: Path) -> None:
    link(clone, LINKS)


def plant(clone: Path) -> None:
    """Links in a `.dot/` that is no longer tracked, and hooks that the configuration names."""
    git(clone, "config", "core.hooksPath", ".git/more")
    for name, goal in (("..gitignore.new", "bashrc"), (".config.yml.new", "bashrc"), ("locks", "other")):
        (clone / ".dot").mkdir(mode=0o700, exist_ok=True)
        (clone / ".dot" / name).symlink_to(f"../../{goal}")


def stay(clone: Path) -> None:
    """Nothing but odd names, hooks, and a filter that no configuration of the user's defines."""
    make_tree(clone, {".gitattributes": "*.sql filter=harm diff=harm merge=harm\n"})
    commit(clone, "attributes")


@pytest.mark.parametrize("make", [forge, link_dots_folder, link_everything, plant, stay])
def test_nothing_around_a_hostile_clone_changes_whatever_the_command(
    make: Callable[[Path], None], clone: Path, dot: Dot
) -> None:
    make(clone)
    (clone.parent / "hooked").unlink(missing_ok=True)  # by the commits of this test itself
    before = read_around(clone)
    for command in sorted(set(read_commands()) - {"demo"}):
        done = dot(*command.split(), *words_of(command))
        assert (command, done.exit_code in (0, 2, 3, 4)) == (command, True)
        assert "Traceback" not in done.stderr
        assert read_around(clone) == before, command
    assert not list(clone.rglob("hooked"))


def test_odd_names_of_branches_are_names(clone: Path, dot: Dot) -> None:
    (clone.parent / "hooked").unlink(missing_ok=True)
    before = read_around(clone)
    for branch in BRANCHES:
        assert (branch, dot("list", f"dev@{branch}").exit_code) == (branch, 0)
    for ref in ("--upload-pack=touch hooked", "-x", "a\nb", "\x1b[31m", "..", "a" * 5000, "@{-1}", "$(touch hooked)"):
        assert (ref, dot("list", f"dev@{ref}").exit_code) == (ref, 2)
    assert read_around(clone) == before
    assert not list(clone.rglob("hooked"))


def test_a_change_around_it_would_be_seen(clone: Path) -> None:
    before = read_around(clone)
    assert call_dot("list", "dev@main") == 0
    shutil.copy(clone.parent / "bashrc", Path.home() / "new")
    assert read_around(clone) != before
