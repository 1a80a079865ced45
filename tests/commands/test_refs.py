"""Refs as people type them: what they mean, what helps when they mean nothing, and the short hash of a build."""

from collections.abc import Callable
from pathlib import Path

import pytest

from builders import PROJECT, Outcome, commit, git, make_repo, make_tree, read_calls

Dot = Callable[..., Outcome]


@pytest.fixture
def history(shop: Path) -> Path:
    """Two commits on `main`, a branch and an annotated tag at the first."""
    git(shop, "branch", "feature/new-metric")
    git(shop, "tag", "--annotate", "v1.2", "--message", "one")
    commit(make_tree(shop, {"models/c.sql": "select 3\n"}), "second")
    return shop


@pytest.mark.parametrize(
    ("ref", "meant"),
    [
        ("main", "main"),
        ("@", "main"),
        ("HEAD", "main"),
        ("HEAD@{1}", "main~1"),
        ("main@{0}", "main"),
        ("v1.2", "main~1"),
        ("feature/new-metric", "main~1"),
        ("HEAD~1", "main~1"),
    ],
)
def test_the_rest_of_an_address_is_the_ref(ref: str, meant: str, history: Path, log: Path, dot: Dot) -> None:
    done = dot("parse", f"dev@{ref}")
    assert (0, git(history, "rev-parse", meant)) == (done.exit_code, read_calls(log)[-1].env["DOT_COMMIT"])
    assert done.stderr.startswith(f"dot  {ref} is ")


@pytest.mark.parametrize(
    ("ref", "hint"),
    [
        ("feature/new-metrik", "did you mean `feature/new-metric`?"),
        ("new-metric", "did you mean `feature/new-metric`?"),
        ("v1.3", "did you mean `v1.2`?"),
        ("zzz", "git branch --all"),
        ("--help", "git branch --all"),
        ("-x", "git branch --all"),
        ("--upload-pack=x", "git branch --all"),
        ("^main", "did you mean `main`?"),
        ("main..v1.2", "git branch --all"),
        ("main:models", "git branch --all"),
    ],
)
def test_a_ref_that_means_no_commit_is_an_error_that_helps(
    ref: str, hint: str, history: Path, log: Path, dot: Dot
) -> None:
    done = dot("build", f"dev@{ref}")
    assert (done.exit_code, done.stdout, read_calls(log)) == (2, "", [])
    assert f"`{ref}` names no commit" in done.stderr
    assert hint in done.stderr.rpartition(" = help: ")[2]
    assert not (history / ".dot").exists()


def test_a_branch_that_only_the_remote_has_is_hinted_and_can_be_built(
    history: Path, tmp_path: Path, dot: Dot, monkeypatch: pytest.MonkeyPatch
) -> None:
    git(tmp_path, "clone", "--quiet", str(history), "clone")
    monkeypatch.chdir(tmp_path / "clone")
    done = dot("plan", "build", "dev@feature/new-metric")
    assert (done.exit_code, "did you mean `origin/feature/new-metric`?" in done.stderr) == (2, True)
    assert dot("plan", "build", "dev@origin/feature/new-metric").exit_code == 0
    assert dot("plan", "build", "dev@main@{upstream}").exit_code == 0


def test_a_shallow_clone_says_how_to_get_the_rest(
    history: Path, tmp_path: Path, dot: Dot, monkeypatch: pytest.MonkeyPatch
) -> None:
    git(tmp_path, "clone", "--quiet", "--depth", "1", history.as_uri(), "clone")
    monkeypatch.chdir(tmp_path / "clone")
    done = dot("plan", "build", f"dev@{git(history, 'rev-parse', 'main~1')}")
    assert (done.exit_code, "git fetch --unshallow" in done.stderr) == (2, True)
    git(tmp_path / "clone", "fetch", "--quiet", "--unshallow")
    assert dot("plan", "build", f"dev@{git(history, 'rev-parse', 'main~1')}").exit_code == 0


@pytest.mark.parametrize(
    "words",
    [
        ("build", "main"),
        ("plan", "build", "v1.2"),
        ("diff", "main", "dev"),
        ("build", "dev@main", "--defer", "main"),
        ("builds", "show", "main"),
    ],
    ids=" ".join,
)
def test_a_ref_where_an_environment_stands_is_recognised(words: tuple[str, ...], history: Path, dot: Dot) -> None:
    assert history.is_dir()
    ref = "v1.2" if "v1.2" in words else "main"
    done = dot(*words)
    assert (done.exit_code, f"= help: did you mean `@{ref}`?" in done.stderr) == (2, True), done.stderr


def test_a_new_branch_without_commits_is_not_taken_for_a_repository_without_any(history: Path, dot: Dot) -> None:
    git(history, "switch", "--quiet", "--orphan", "fresh")
    make_tree(history, PROJECT)
    done = dot("plan", "build", "dev@mian")
    assert (done.exit_code, "did you mean `main`?" in done.stderr) == (2, True)
    assert dot("plan", "build", "dev@main").exit_code == 0


def test_a_commit_without_the_project_is_an_error_that_names_the_folder(
    log: Path, tmp_path: Path, dot: Dot, monkeypatch: pytest.MonkeyPatch
) -> None:
    top = make_repo(tmp_path / "mono", {"x": ""}, {f"dbt/{name}": text for name, text in PROJECT.items()})
    monkeypatch.chdir(top / "dbt")
    done = dot("build", "dev@HEAD~1")
    short = git(top, "rev-parse", "--short", "HEAD~1")
    assert (done.exit_code, done.stdout, read_calls(log)) == (2, "", [])
    assert f"commit {short} has no dbt project: dbt_project.yml is not in `dbt/`" in done.stderr
    assert f"`git ls-tree -r --name-only {short}` lists its files" in done.stderr
    assert not (top / "dbt" / ".dot").exists()


# -- the short hash of a build -------------------------------------------------------------------------------------


def builds(shop: Path) -> list[str]:
    return sorted(path.name for path in (shop / ".dot" / "build").iterdir())


@pytest.mark.parametrize("length", [4, 10, 40])
def test_a_setting_pins_the_length_of_short_hashes(
    length: int, shop: Path, log: Path, dot: Dot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOT_SHORT_HASH_LENGTH", str(length))
    assert dot("parse", "dev@main").exit_code == 0
    short = git(shop, "rev-parse", "main")[:length]
    assert (builds(shop), read_calls(log)[-1].env["DOT_SCHEMA_SUFFIX"]) == ([short], f"_{short}")


def test_a_build_keeps_its_short_hash_however_git_abbreviates_today(
    shop: Path, dot: Dot, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert dot("parse", "dev@main").exit_code == 0
    before = builds(shop)
    git(shop, "config", "core.abbrev", "12")
    assert dot("parse", "dev@main").exit_code == 0
    monkeypatch.setenv("DOT_SHORT_HASH_LENGTH", "20")
    assert dot("parse", "prod@main").exit_code == 0
    assert builds(shop) == before


def test_a_short_hash_that_another_commit_has_is_made_longer(shop: Path, log: Path, dot: Dot) -> None:
    found = git(shop, "rev-parse", "main")
    for length in (7, 8):
        other = found[:length] + ("0" if found[length] != "0" else "1") * (40 - length)
        make_tree(shop, {f".dot/build/{found[:length]}/commit": f"{other}\n"})
    assert dot("parse", "dev@main").exit_code == 0
    assert builds(shop) == [found[:7], found[:8], found[:9]]
    assert read_calls(log)[-1].env["DOT_SHORT_HASH"] == found[:9]
    assert dot("parse", "dev@main").exit_code == 0
    assert builds(shop) == [found[:7], found[:8], found[:9]]
