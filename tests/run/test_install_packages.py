"""Packages are installed once for a commit, before anything else that dbt does."""

import shutil
from pathlib import Path

import pytest

from builders import Tree, carry_out, commit, git, make_tree, read_calls, waiting_dot
from dot.base.errors import LockTimeoutError
from dot.plan.record import Record

PACKAGES = {"packages.yml": "packages:\n  - {package: dbt-labs/dbt_utils, version: 1.3.0}\n"}


@pytest.fixture
def packaged(shop: Path) -> Path:
    """The project, with a package declared."""
    commit(make_tree(shop, PACKAGES), "packages")
    return shop


def commands(log: Path) -> list[str]:
    """The dbt commands since the last time, the first of each run of the same."""
    names = [call.argv[0] for call in read_calls(log)]
    log.unlink(missing_ok=True)
    return [name for name in names if name != "parse"]


def worktree(shop: Path) -> Path:
    return shop / ".dot" / "build" / git(shop, "rev-parse", "--short", "main") / "worktree"


def test_packages_are_installed_first_and_once(packaged: Path, log: Path) -> None:
    assert carry_out("build", "dev@main")[1] == 0
    assert read_calls(log)[0].argv[0] == "deps"
    assert worktree(packaged) == read_calls(log)[0].cwd
    assert commands(log) == ["deps", "build"]
    carry_out("build", "dev@main")
    carry_out("run", "prod@main")
    assert commands(log) == ["build", "run"]


def test_packages_that_were_deleted_are_installed_again(packaged: Path, log: Path) -> None:
    carry_out("build", "dev@main")
    commands(log)
    shutil.rmtree(worktree(packaged) / "dbt_packages")
    carry_out("build", "dev@main")
    assert commands(log) == ["deps", "build"]


def test_packages_are_installed_again_for_another_commit(packaged: Path, log: Path) -> None:
    carry_out("build", "dev@main")
    commit(packaged, "another")
    carry_out("build", "dev@main")
    assert commands(log) == ["deps", "build", "deps", "build"]


def test_packages_are_installed_again_when_their_variables_change(packaged: Path, log: Path) -> None:
    commit(make_tree(packaged, {"packages.yml": "packages: [{local: \"{{ var('where') }}\"}]\n"}), "by variable")
    for where in ("a", "a", "b"):
        carry_out("build", "dev@main", vars=f"where: {where}")
    assert commands(log) == ["deps", "build", "build", "deps", "build"]


@pytest.mark.parametrize(
    ("asked", "changed"),
    [
        ("env_var('WHERE', 'a')", ["WHERE"]),
        ("env_var('WH' ~ 'ERE', 'a')", ["WHERE"]),
        ("env_var('DBT_ENV_SECRET_TOKEN', 'a')", []),
        ("env_var('OTHER', 'a')", []),
    ],
)
def test_packages_are_installed_again_when_what_they_ask_the_environment_for_changes(
    asked: str, changed: list[str], packaged: Path, log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit(make_tree(packaged, {"packages.yml": f'packages: [{{local: "{{{{ {asked} }}}}"}}]\n'}), "by variable")
    for value in ("a", "a", "b"):
        monkeypatch.setenv("WHERE", value)
        monkeypatch.setenv("DBT_ENV_SECRET_TOKEN", value)
        carry_out("build", "dev@main")
    assert ["deps", "build", "build", *["deps"] * bool(changed), "build"] == commands(log)


def test_variables_do_not_matter_to_packages_whose_declaration_has_no_jinja(packaged: Path, log: Path) -> None:
    assert packaged.is_dir()
    for where in ("a", "b"):
        carry_out("build", "dev@main", vars=f"where: {where}")
    assert commands(log) == ["deps", "build", "build"]


def test_packages_are_not_changed_while_another_environment_uses_them(
    packaged: Path, log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit(make_tree(packaged, {"packages.yml": "packages: [{local: \"{{ var('where') }}\"}]\n"}), "by variable")
    monkeypatch.setenv("DOT_LOCK_TIMEOUT", "0")
    with waiting_dot(packaged, "list", "dev@main", "--vars", "where: a"):
        assert commands(log) == ["deps", "list"]
        for command in ("build", "deps", "clean"):
            with pytest.raises(LockTimeoutError, match="`dot list dev@main"):
                carry_out(command, "prod@main", vars="where: b")
        assert carry_out("build", "prod@main", vars="where: a")[1] == 0
        assert commands(log) == ["build"]
    assert carry_out("build", "prod@main", vars="where: b")[1] == 0
    assert commands(log) == ["deps", "build"]


def test_no_packages_are_installed_when_that_is_not_wanted(packaged: Path, log: Path) -> None:
    assert packaged.is_dir()
    carry_out("build", "dev@main", install_packages=False)
    assert commands(log) == ["build"]


def test_a_live_build_installs_no_packages(packaged: Path, log: Path) -> None:
    assert packaged.is_dir()
    carry_out("build", "dev")
    assert commands(log) == ["build"]


def test_the_command_that_installs_packages_is_not_run_twice(packaged: Path, log: Path) -> None:
    assert packaged.is_dir()
    carry_out("deps", "dev@main")
    assert commands(log) == ["deps"]


def test_packages_that_cannot_be_installed_stop_dbt_and_leave_a_record(
    packaged: Path, log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKE_DBT_EXIT_DEPS", "7")
    assert carry_out("build", "dev@main")[1] == 7
    assert commands(log) == ["deps"]
    records = (worktree(packaged).parent / "env" / "dev" / "runs.jsonl").read_text().splitlines()
    assert [(record.dbt_command, record.exit_code) for record in map(Record.model_validate_json, records)] == [
        ("build", 7)
    ]
    monkeypatch.delenv("FAKE_DBT_EXIT_DEPS")
    assert carry_out("build", "dev@main")[1] == 0
    assert commands(log) == ["deps", "build"]


def test_what_the_installation_prints_is_no_data(packaged: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert packaged.is_dir()
    carry_out("build", "dev@main")
    output, errors = capfd.readouterr()
    assert errors.count("dbt says hello") == 1
    assert "packages installed" in errors
    assert "packages installed" not in output


@pytest.mark.parametrize(
    ("files", "are_declared"),
    [
        ({}, False),
        ({"packages.yml": ""}, False),
        ({"packages.yml": "packages: []\n"}, False),
        ({"dependencies.yml": "projects: [{name: other}]\n"}, False),
        ({"dependencies.yml": "packages: [{local: x}]\n"}, True),
        ({"packages.yml": "packages: []\n", "dependencies.yml": "packages: [{local: x}]\n"}, True),
        ({"packages.yml": "{% if true %}packages: [{local: x}]{% endif %}\n"}, True),
        ({"packages.yml": "packages: [not: yaml: at all\n"}, True),
    ],
)
def test_dbt_is_asked_to_install_only_what_is_declared(
    files: Tree,
    are_declared: bool,  # noqa: FBT001
    shop: Path,
    log: Path,
) -> None:
    commit(make_tree(shop, files), "declared")
    carry_out("build", "dev@main")
    assert commands(log) == (["deps"] if are_declared else []) + ["build"]


def test_a_packages_folder_of_another_name_is_the_one_that_counts(packaged: Path, log: Path) -> None:
    project = (packaged / "dbt_project.yml").read_text() + "packages-install-path: lib\n"
    commit(make_tree(packaged, {"dbt_project.yml": project}), "lib")
    carry_out("build", "dev@main")
    make_tree(worktree(packaged), {"lib/x": ""})
    carry_out("build", "dev@main")
    carry_out("build", "dev@main")
    assert commands(log) == ["deps", "build", "build", "build"]
