"""`dot bundle add`: the folders of a source, and nothing over what is there."""

from collections.abc import Callable
from pathlib import Path

import pytest

from builders import Outcome, make_tree, snapshot

Dot = Callable[..., Outcome]


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that holds a `databricks.yml`, the current one."""
    folder = tmp_path / "platform"
    make_tree(folder, {"databricks.yml": "bundle: {name: platform}\n"})
    monkeypatch.chdir(folder)
    return folder


def files_of(root: Path) -> set[str]:
    return {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()}


def test_every_level_is_a_package_and_every_folder_is_kept_by_git(root: Path, dot: Dot) -> None:
    outcome = dot("bundle", "add", "sales", "crm")
    assert outcome == Outcome(0, "", "dot  wrote 13 files: sales/crm has its folders\n")
    packages = ("", "/crm", "/crm/jobs", "/crm/pipelines")
    layers = ("", "/crm", "/crm/raw", "/crm/base", "/crm/staging", "/crm/final")
    assert files_of(root) == {
        "databricks.yml",
        "src/sales/crm/README.md",
        *(f"resources/sales{folder}/__init__.py" for folder in packages),
        *(f"src/sales{folder}/__init__.py" for folder in layers),
        *(f"specs/{kind}/sales/crm/.gitkeep" for kind in ("jobs", "pipelines")),
    }


def test_what_is_there_stays_and_only_what_is_missing_is_written(root: Path, dot: Dot) -> None:
    make_tree(root, {"src/sales/crm/README.md": "mine\n", "resources/sales/__init__.py": "# mine\n"})
    assert dot("bundle", "add", "sales", "crm").exit_code == 0
    assert (root / "src/sales/crm/README.md").read_text() == "mine\n"
    assert (root / "resources/sales/__init__.py").read_text() == "# mine\n"
    before = snapshot(root)
    assert dot("bundle", "add", "sales", "crm") == Outcome(0, "", "dot  sales/crm has all of its folders\n")
    assert snapshot(root) == before


def test_a_dry_run_names_the_files_and_writes_none(root: Path, dot: Dot) -> None:
    before = snapshot(root)
    outcome = dot("bundle", "add", "sales", "crm", "--dry-run")
    assert (outcome.exit_code, len(outcome.stdout.splitlines())) == (0, 13)
    assert "new      src/sales/crm/README.md\n" in outcome.stdout
    assert snapshot(root) == before


def test_wrong_names_are_refused_together(root: Path, dot: Dot) -> None:
    before = snapshot(root)
    outcome = dot("bundle", "add", "Sales", "class")
    assert outcome.exit_code == 2
    assert "the domain `Sales`" in outcome.stderr
    assert "the source `class`" in outcome.stderr
    assert snapshot(root) == before


def test_the_bundle_is_found_from_within_and_by_its_name(root: Path, dot: Dot, monkeypatch: pytest.MonkeyPatch) -> None:
    make_tree(root, {"docs/a.md": ""})
    monkeypatch.chdir(root / "docs")
    assert "new      ../src/sales/crm/README.md" in dot("bundle", "add", "sales", "crm", "--dry-run").stdout
    monkeypatch.chdir(root.parent)
    assert dot("bundle", "add", "sales", "crm", "--bundle-dir", "platform").exit_code == 0
    assert (root / "src/sales/crm/README.md").is_file()


def test_without_a_bundle_it_says_how_to_get_one(tmp_path: Path, dot: Dot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    outcome = dot("bundle", "add", "sales", "crm")
    assert outcome.exit_code == 2
    assert "dot bundle init" in outcome.stderr
    outcome = dot("bundle", "add", "sales", "crm", "--bundle-dir", "nowhere")
    assert "there is no databricks.yml in" in outcome.stderr
