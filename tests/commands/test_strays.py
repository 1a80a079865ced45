"""A build reads and fills its own worktree alone, whatever paths its commit names and whatever links it has."""

from collections.abc import Callable
from pathlib import Path

import pytest

from builders import PROJECT, Outcome, commit, git, make_repo, make_tree, read_calls, snapshot

Dot = Callable[..., Outcome]

FILE = "dbt_project.yml"
TAIL = "  # a comment\n"


def say(outcome: Outcome) -> str:
    return " ".join((outcome.stdout + outcome.stderr).split())


def extend(shop: Path, text: str, name: str = FILE) -> None:
    before = (shop / name).read_text() if (shop / name).exists() else ""
    commit(make_tree(shop, {name: before + text}), "stray")


@pytest.mark.parametrize(
    ("line", "command"),
    [
        ("packages-install-path: ../../shared", "build"),
        ("packages-install-path: /tmp/shared", "deps"),
        ("packages-install-path: \"{{ env_var('PLACE', '..') }}/shared\"", "build"),
        ("packages-install-path: \"{{ var('place', '/') }}\"", "parse"),
        ("model-paths: [models, ../models]", "run"),
        ("macro-paths: [/srv/macros]", "compile"),
        ("docs-paths: ['../docs']", "docs generate"),
        ("asset-paths: ['../../../..']", "docs generate"),
        ("clean-targets: [target, /srv/target]", "clean"),
    ],
)
def test_a_path_that_leads_out_is_refused_where_it_stands(
    line: str, command: str, shop: Path, log: Path, dot: Dot
) -> None:
    extend(shop, line + TAIL)
    before = snapshot(shop)
    for words in (("plan", *command.split()), (*command.split(),)):
        done = dot(*words, "dev@main")
        assert done.exit_code == 2
        assert f"`{line.partition(':')[0]}` leads out of the build's worktree" in say(done)
        assert f"/{FILE}:4" in say(done)
    assert snapshot(shop) == before
    assert read_calls(log) == []


@pytest.mark.parametrize("name", ["packages.yml", "dependencies.yml", "package-lock.yml"])
def test_a_local_package_outside_of_the_repository_is_refused(name: str, shop: Path, dot: Dot) -> None:
    extend(shop, "packages:\n- {git: g, revision: r}\n- {local: ../house}\n", name)
    done = dot("build", "dev@main")
    assert (done.exit_code, f"/{name}:3" in say(done)) == (2, True)


def test_what_a_command_does_not_use_is_no_reason(shop: Path, dot: Dot) -> None:
    extend(shop, "asset-paths: ['../a']\nclean-targets: ['../t']\n")
    assert dot("build", "dev@main").exit_code == 0


def test_jinja_that_cannot_be_rendered_is_told_where_it_stands(shop: Path, dot: Dot) -> None:
    extend(shop, "packages-install-path: \"{{ env_var('NOT_SET') }}\"\n")
    done = dot("plan", "build", "dev@main")
    assert (done.exit_code, f"/{FILE}:4" in say(done)) == (2, True)
    assert "`NOT_SET` is not set" in say(done)


def test_rendered_folders_are_those_of_the_plan(shop: Path, dot: Dot, monkeypatch: pytest.MonkeyPatch) -> None:
    extend(shop, "packages-install-path: \"{{ env_var('PLACE') }}\"\nmodel-paths: ['{{ var(\"where\") }}']\n")
    extend(shop, "packages: [{git: g, revision: r}]\n", "packages.yml")
    monkeypatch.setenv("PLACE", "lib/packages")
    done = dot("plan", "build", "dev@main", "--json", "--vars", "where: src")
    assert done.exit_code == 0
    assert '/worktree/lib/packages"' in done.stdout
    assert '/worktree/src"' in done.stdout


def test_a_folder_beside_the_project_is_the_commits_own(
    tmp_path: Path, log: Path, dot: Dot, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = {f"team/shop/{name}": content for name, content in PROJECT.items()}
    repository = make_repo(tmp_path / "house", {**files, "team/shared/a.sql": "select 1"})
    monkeypatch.chdir(repository / "team" / "shop")
    extend(repository, "model-paths: [../shared]\n", f"team/shop/{FILE}")
    assert dot("build", "dev@main").exit_code == 0
    assert read_calls(log)
    extend(repository, "macro-paths: [../../../shared]\n", f"team/shop/{FILE}")
    assert dot("build", "dev@main").exit_code == 2


def link(shop: Path, name: str, goal: str) -> None:
    (shop / name).parent.mkdir(parents=True, exist_ok=True)
    (shop / name).symlink_to(goal)


@pytest.mark.parametrize(
    ("name", "goal", "setting"),
    [
        ("macros", "../../../../../other", ""),
        ("models/stolen.sql", "../../../../../../other/stolen.sql", ""),
        ("models/nowhere.sql", "/nowhere/x.sql", ""),
        ("seeds/deep/down/x.csv", "/etc/hostname", ""),
        ("dbt_packages", "../../../../../other", ""),
        ("lib", "/tmp", "packages-install-path: lib/packages\n"),
        # `..` after a link is that of where it leads to
        ("a/b/up", "../..", "packages-install-path: a/b/up/../../x\n"),
        # a folder of the commit under another name
        ("src/x.sql", "/etc/hostname", ""),
    ],
)
def test_a_link_that_leads_out_is_refused_before_dbt_starts(
    name: str, goal: str, setting: str, shop: Path, log: Path, dot: Dot
) -> None:
    make_tree(shop.parent, {"other/stolen.sql": "select 1"})
    link(shop, name, goal)
    if name.startswith("src"):
        link(shop, "macros", "src")
    extend(shop, setting)
    outside = snapshot(shop.parent / "other")
    done = dot("build", "dev@main")
    assert (done.exit_code, "leads out of the build's worktree by a link" in say(done)) == (3, True)
    assert snapshot(shop.parent / "other") == outside
    assert read_calls(log) == []


def test_a_link_that_stays_or_that_dbt_does_not_look_at_is_none(shop: Path, dot: Dot) -> None:
    link(shop, "models/same.sql", "a.sql")
    link(shop, "macros", "lib/macros")
    link(shop, "notes", "/etc/hostname")
    extend(shop, "")
    assert dot("build", "dev@main").exit_code == 0


def test_a_link_of_a_submodule_is_seen(shop: Path, tmp_path: Path, dot: Dot) -> None:
    module = make_repo(tmp_path / "module", {"a.sql": "select 1"})
    (module / "x.sql").symlink_to("/etc/hostname")
    commit(module, "a link")
    git(shop, "submodule", "add", "--quiet", str(module), "models/module")
    commit(shop, "with a submodule")
    done = dot("build", "dev@main")
    assert (done.exit_code, "`models/module/x.sql` of commit" in say(done)) == (3, True)


def test_a_clean_never_removes_what_is_outside(shop: Path, log: Path, dot: Dot) -> None:
    (shop / FILE).write_text("name: shop\nprofile: shop\nflags: {clean_project_files_only: false}\n")
    commit(shop, "a flag")
    assert dot("clean", "dev@main").exit_code == 0
    assert "--clean-project-files-only" in read_calls(log)[-1].argv
    assert dot("clean", "dev@main", "--", "--no-clean-project-files-only").exit_code == 2
