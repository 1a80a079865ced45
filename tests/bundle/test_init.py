"""`dot bundle init`: the scaffold passes its own checks, and nothing that is there is overwritten."""

import os
import subprocess
import sys
import tomllib
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import pytest

from builders import Outcome, git, make_tree, snapshot
from dot.bundle.describe_specs import render_page
from dot.bundle.find_scaffold import read_scaffold
from dot.bundle.layout import bundle_name_problem
from dot.commands.bundle_init import render_tree
from dot.system.yaml import load_document
from examples.specs import JOB, JOB_PATH, PIPELINE, PIPELINE_PATH

Dot = Callable[..., Outcome]

TARGETS = ("dev", "staging", "prod")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, the current one."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def files_of(root: Path) -> set[str]:
    return {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()}


def test_the_files_are_those_that_were_shown_and_each_names_the_bundle(here: Path, dot: Dot) -> None:
    shown = dot("bundle", "init", "platform", "--name", "shop-data", "--dry-run")
    assert (shown.exit_code, list(here.iterdir())) == (0, [])
    assert dot("bundle", "init", "platform", "--name", "shop-data").exit_code == 0
    root = here / "platform"
    assert shown.stdout == f"{render_tree('platform', files_of(root))}\n"
    assert files_of(root) == set(read_scaffold("shop-data"))
    assert load_document((root / "databricks.yml").read_text(), "").data["bundle"] == {
        "name": "shop-data",
        "engine": "direct",
    }
    assert tomllib.loads((root / "pyproject.toml").read_text())["project"]["name"] == "shop-data"
    assert (root / "docs/resource-generation.md").read_text() == render_page()


def test_no_placeholder_is_left_and_every_yaml_file_can_be_read() -> None:
    files = read_scaffold("platform")
    assert [path for path, text in files.items() if "@NAME@" in text or "@LAYERS@" in text] == []
    documents = {path: load_document(text, path) for path, text in files.items() if path.endswith(".yml")}
    assert {path: document.problems for path, document in documents.items() if document.problems} == {}
    modes = {name: documents[f"targets/{name}.yml"].data["targets"][name]["mode"] for name in TARGETS}
    assert modes == {"dev": "development", "staging": "production", "prod": "production"}


def test_the_layers_are_explained_and_the_workflow_deploys_the_scope_after_the_checks() -> None:
    files = read_scaffold("platform")
    assert all(f"| `{layer}/` | " in files["src/README.md"] for layer in ("raw", "base", "staging", "final"))
    jobs = load_document(files[".github/workflows/bundle.yml"], "").data["jobs"]
    assert jobs["deploy"]["needs"] == "quality"
    assert "uv run just check" in str(jobs["quality"])
    assert "dot bundle scope" in str(jobs["deploy"])
    assert "databricks bundle deploy" not in str(jobs["deploy"])  # but for what the scope says


def test_what_is_there_stays_and_a_second_bundle_is_refused(here: Path, dot: Dot) -> None:
    make_tree(here, {"README.md": "mine\n", ".gitignore": "mine\n"})
    outcome = dot("bundle", "init", ".", "--name", "platform")
    assert outcome.exit_code == 0
    assert "README.md is there already" in outcome.stderr
    assert {(here / name).read_text() for name in ("README.md", ".gitignore")} == {"mine\n"}
    before = snapshot(here)
    outcome = dot("bundle", "init", ".", "--name", "platform")
    assert (outcome.exit_code, "is a bundle already" in outcome.stderr) == (2, True)
    assert snapshot(here) == before


@pytest.mark.parametrize("name", ["", "Platform", "a b", "1a", "a/b", "-a", "a-", "a" * 64, "ä", "a\n"])
def test_a_name_that_no_package_can_have_is_refused(name: str, here: Path, dot: Dot) -> None:
    outcome = dot("bundle", "init", "platform", "--name", name)
    assert (outcome.exit_code, "is no name" in outcome.stderr) == (2, True)
    assert list(here.iterdir()) == []
    assert [bundle_name_problem(good) for good in ("a", "a-b", "a_1", "a" * 63)] == [None] * 4


@pytest.mark.parametrize("words", [("platform",), ("--name", "platform"), ("file", "--name", "platform")])
def test_without_a_folder_or_a_name_nothing_is_made(words: tuple[str, ...], here: Path, dot: Dot) -> None:
    make_tree(here, {"file": ""})
    assert dot("bundle", "init", *words).exit_code == 2
    assert files_of(here) == {"file"}


def test_in_a_repositorys_subfolder_it_says_that_the_workflow_has_to_move(here: Path, dot: Dot) -> None:
    git(here, "init", "--quiet")
    assert "workflows" not in dot("bundle", "init", ".", "--name", "top").stderr
    assert "workflows" in dot("bundle", "init", "below", "--name", "below").stderr


# -- the checks of the scaffold, with the tools of this environment, which are those that it names ------------------


@pytest.fixture(scope="module")
def scaffold(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh bundle in a repository of its own; its environment is the one that runs the tests."""
    root = tmp_path_factory.mktemp("platform")
    make_tree(root, read_scaffold("platform"))
    (root / ".venv").symlink_to(sys.prefix)
    return root


def just(root: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environ = {
        **os.environ,
        "PATH": f"{sys.prefix}/bin{os.pathsep}{os.environ['PATH']}",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    return subprocess.run(["just", *words], cwd=root, env=environ, capture_output=True, text=True, check=False)


def commit_all(root: Path) -> None:
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--allow-empty", "--message", "all")


def test_the_tools_that_it_names_are_those_that_it_is_tested_with() -> None:
    project = tomllib.loads(read_scaffold("platform")["pyproject.toml"])
    pins = dict(text.split("==") for text in project["dependency-groups"]["dev"] if "==" in text)
    assert {name: version(name) for name in pins} == pins
    assert sorted(pins) == ["databricks-bundles", "pyrefly", "ruff", "rust-just"]


def test_the_checks_pass_in_a_fresh_one_and_with_specs_and_a_wrong_type_fails_them(scaffold: Path, dot: Dot) -> None:
    git(scaffold, "init", "--quiet")
    (scaffold / ".git" / "info" / "exclude").write_text(".venv\n")
    commit_all(scaffold)
    fresh = just(scaffold, "check")
    assert fresh.returncode == 0, fresh.stdout + fresh.stderr
    assert "3 passed" in fresh.stdout
    assert git(scaffold, "status", "--porcelain") == ""
    assert dot("bundle", "add", "sales", "crm", "--bundle-dir", str(scaffold)).exit_code == 0
    make_tree(scaffold, {JOB_PATH: JOB, PIPELINE_PATH: PIPELINE})
    for words in (
        ("build-job-resource", f"spec={JOB_PATH}"),
        ("build-job-resource", JOB_PATH),
        ("build-pipeline-resource", f"spec={PIPELINE_PATH}"),
        ("build-pipeline-resource", PIPELINE_PATH),
    ):
        done = just(scaffold, *words)
        assert done.returncode == 0, done.stderr
    full = just(scaffold, "lint", "typecheck")  # `dot bundle check` with specs is in test_check.py
    assert full.returncode == 0, full.stdout + full.stderr
    make_tree(scaffold, {"src/sales/crm/raw/load.py": 'COUNT: int = "one"\n'})
    wrong = just(scaffold, "typecheck")
    assert (wrong.returncode, "is not assignable to `int`" in wrong.stdout + wrong.stderr) == (1, True)
