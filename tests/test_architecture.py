"""Who may import whom, what is pure, and what stays out of a quick start. Each rule is tried on a bad example too."""

import subprocess
import sys
from pathlib import Path

import pytest

from builders import make_tree
from cases import each
from house import (
    CHANGES,
    FOLDERS,
    RULES,
    Rule,
    find_changing_readers,
    find_cycle,
    find_double_meanings,
    find_long,
    find_printing,
    find_reading_values,
    find_speaking,
    find_state,
    find_stray_libraries,
    find_vague_names,
    find_wrong_folders,
    functions_of,
    imports_of,
    parse_house,
    read_house,
)

HEAVY = (
    "databricks",
    "filelock",
    "jinja2",
    "pydantic",
    "pydantic_settings",
    "requests",
    "rich",
    "ruamel",
    "subprocess",
    "yaml",
)

GOOD = {
    "dot": '__version__ = "1"',
    "dot.base.errors": "import enum",
    "dot.base.layout": "from pathlib import PurePath\nfrom dot.base import errors",
    "dot.builds.gather_builds": "from dot.system import store\nfrom pathlib import Path\nstore.read_text(Path())",
    "dot.cli.app": "import typer\ndef f():\n    from dot.commands.dbt import run\n    from dot.console import write",
    "dot.commands.dbt": "import dot\nfrom dot.run.executor import execute\nfrom dot.base.errors import DotError",
    "dot.console": "from dot import __version__\nprint(1)",
    "dot.plan.plan": "from uuid import UUID, uuid5\nfrom pydantic import BaseModel\ndef f(now): return now",
    "dot.run.executor": "from dot.system import process, store\nfrom dot.plan.plan import BuildPlan\nstore.lock()",
    "dot.system.process": "import subprocess",
    "dot.system.store": "def lock(): ...\ndef read_text(path): ...",
}

BAD: tuple[tuple[Rule, dict[str, str]], ...] = (
    (find_wrong_folders, {"dot.base.errors": "from dot.plan.plan import BuildPlan"}),
    (find_wrong_folders, {"dot.commands.dbt": "from dot.cli.app import app"}),
    (find_wrong_folders, {"dot.isolation.leaks": "from dot.plan.step import Step"}),
    (find_wrong_folders, {"dot.plan.gather": "def f():\n    from dot.builds.gather_builds import list_builds"}),
    (find_wrong_folders, {"dot.plan.gather": "from dot import run"}),
    (find_wrong_folders, {"dot.run.executor": "from dot.commands import dbt"}),
    (find_wrong_folders, {"dot.system.git": "from dot.run.context import Context"}),
    (find_wrong_folders, {"dot.tools": "import json"}),
    (find_reading_values, {"dot.plan.plan": "import os"}),
    (find_reading_values, {"dot.plan.plan": "def f():\n    from sys import argv"}),
    (find_reading_values, {"dot.plan.plan": "from os.path import join"}),
    (find_reading_values, {"dot.plan.plan": "import time"}),
    (find_reading_values, {"dot.plan.plan": "from pathlib import Path"}),
    (find_reading_values, {"dot.plan.plan": "import pathlib"}),
    (find_reading_values, {"dot.plan.plan": "from uuid import uuid4"}),
    (find_reading_values, {"dot.plan.plan": "from jinja2 import Template"}),
    (find_reading_values, {"dot.plan.plan": "from datetime import datetime\ndatetime.now()"}),
    (find_reading_values, {"dot.plan.plan": "open('a')"}),
    (find_reading_values, {"dot.plan.plan": "import posixpath\nposixpath.abspath('a')"}),
    (find_reading_values, {"dot.plan.plan": "print('a')"}),
    (find_reading_values, {"dot.plan.plan": "from dot.system.store import read_text"}),
    (find_reading_values, {"dot.plan.plan": "from dot.system import store"}),
    (find_reading_values, {"dot.setup.offers": "from dot.builds.gather_builds import list_builds"}),
    (find_speaking, {"dot.plan.gather": "from dot.console.terminal import write"}),
    (find_speaking, {"dot.run.executor": "from dot.console import Console"}),
    (find_reading_values, {"dot.plan.plan": "from dot.dbt.program import x", "dot.dbt.program": "import os"}),
    (find_changing_readers, {"dot.plan.gather": "from dot.system import store\nstore.write_whole(1, 2)"}),
    (find_changing_readers, {"dot.plan.gather": "from dot.system.store import lock"}),
    (find_changing_readers, {"dot.commands.setup": "from dot.system.user_files import apply_edit\napply_edit(1)"}),
    (find_changing_readers, {"dot.builds.find_runs": "from dot.system import git\ndef f():\n    git.add_worktree()"}),
    (find_changing_readers, {"dot.doctor.gather": "from dot.system import store\nf = partial(store.remove_tree, 1)"}),
    (find_stray_libraries, {"dot.commands.dbt": "import typer"}),
    (find_stray_libraries, {"dot.dbt.program": "from dbt.cli.main import dbtRunner"}),
    (find_stray_libraries, {"dot.commands.dbt": "from rich.table import Table"}),
    (find_stray_libraries, {"dot.system.git": "def f():\n    import subprocess"}),
    (find_stray_libraries, {"dot.dbt.project": "import yaml"}),
    (find_stray_libraries, {"dot.dbt.project": "from ruamel.yaml import YAML"}),
    (find_stray_libraries, {"dot.config.find_names": "from pydantic_settings import BaseSettings"}),
    (find_stray_libraries, {"dot.run.executor": "from jinja2.sandbox import SandboxedEnvironment"}),
    (find_stray_libraries, {"dot.run.context": "from filelock import FileLock"}),
    (find_printing, {"dot.commands.dbt": "print('hello')"}),
    (find_printing, {"dot.cli.app": "import typer\ntyper.echo('hello')"}),
    (find_printing, {"dot.commands.dbt": "import sys\nsys.stdout.write('hello')"}),
    (find_cycle, {"dot.plan.a": "from dot.plan.b import x", "dot.plan.b": "def f():\n    from dot.plan import a"}),
    (find_long, {"dot.plan.plan": "x = 1\n" * 501}),
    (find_long, {"dot.plan.plan": "def f():\n" + "    x = 1\n" * 60}),
    (find_double_meanings, {"dot.plan.plan": "class Place: ...", "dot.run.place": "class Place: ..."}),
    (find_state, {"dot.run.executor": "kept = None\ndef f():\n    global kept\n    kept = 1"}),
    (find_state, {"dot.run.executor": "kept = []\ndef f():\n    kept.append(1)"}),
    (find_state, {"dot.run.executor": "kept: list[int] = [0]\ndef f():\n    kept[:] = [1]"}),
    (find_state, {"dot.run.executor": "class Kept: ...\nkept = Kept()\ndef f():\n    kept.number = 1"}),
    (find_vague_names, {"dot.plan.utils": "x = 1"}),
    (find_vague_names, {"dot.common.text": "x = 1"}),
    (find_vague_names, {"dot.plan.plan": "def _get_plan(): ..."}),
    (find_vague_names, {"dot.plan.plan": "class PlanManager: ..."}),
)


@each("rule", RULES)
def test_the_source_follows_every_rule(rule: Rule) -> None:
    assert list(rule(read_house())) == []


@each("rule", RULES)
def test_a_rule_lets_pass_what_is_allowed(rule: Rule) -> None:
    assert list(rule(parse_house(GOOD))) == []


@each(("rule", "example"), BAD)
def test_a_rule_finds_the_one_thing_that_is_wrong(rule: Rule, example: dict[str, str]) -> None:
    assert len(list(rule(parse_house({**GOOD, **example})))) == 1


def test_every_folder_of_the_design_has_been_read() -> None:
    later = {"reuse", "release"}  # the subjects that have nothing yet
    assert {module.folder for module in read_house()} - {"dot", "demo"} == {*FOLDERS} - later


def test_what_changes_something_is_there_under_its_name() -> None:
    named = {module.name: {function.name for function in functions_of(module)} for module in read_house()}
    assert [(owner, names - named[owner]) for owner, names in CHANGES.items() if names - named[owner]] == []


def test_the_driver_which_runs_in_dbts_interpreter_needs_nothing_but_python_and_dbt() -> None:
    (driver,) = (module for module in read_house() if module.name == "dot.dbt.driver")
    assert {name.split(".")[0] for name, _ in imports_of(driver)} - sys.stdlib_module_names == {"dbt"}


def loaded(*statements: str) -> set[str]:
    """Which heavy modules Python has loaded after these statements."""
    ask = f"print('LOADED', *(name for name in {HEAVY!r} if name in sys.modules))"
    script = "\n".join(("import sys", *statements, ask))
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(done.stdout.partition("LOADED")[2].split())


@each("option", ["--version", "--help"])
def test_no_heavy_library_is_loaded_for(option: str) -> None:
    start = ("import dot.cli", "try:", f"    dot.cli.main([{option!r}])", "except SystemExit:", "    pass")
    assert loaded(*start) - loaded("import typer") == set()


@pytest.mark.parametrize("line", ["dot bu", "dot build ", "dot build dev@", "dot build dev@main --sel", "dot run -s "])
def test_no_heavy_library_is_loaded_to_complete(line: str, shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usual = "environment:\n  default: dev\n  dev:\n    threads: 2\n"
    make_tree(shop, {"dot_environments.yml": usual})
    monkeypatch.setenv("_DOT_COMPLETE", "complete_zsh")
    monkeypatch.setenv("_TYPER_COMPLETE_ARGS", line)
    start = ("import dot.cli", "try:", "    dot.cli.main()", "except SystemExit:", "    pass")
    assert loaded(*start) - loaded("import typer") == set()


def test_the_sdk_of_databricks_is_loaded_only_where_a_run_is_submitted() -> None:
    found = loaded("import dot.commands.bundle_submit", "import dot.run.executor", "import dot.commands.bundle_scope")
    assert found & {"databricks", "requests"} == set()


def test_a_heavy_library_that_is_loaded_would_be_seen() -> None:
    assert loaded("import dot.base.frozen") - loaded("import typer") == {"pydantic"}


def test_no_plugin_of_pydantic_is_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    entry = {"METADATA": "Name: intruder\nVersion: 1\n", "entry_points.txt": "[pydantic]\nintruder = intruder:plugin\n"}
    make_tree(
        tmp_path, {"intruder.py": "plugin = None\n", **{f"intruder-1.dist-info/{k}": v for k, v in entry.items()}}
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    ask = "from dot.plan.plan import Project; Project.model_rebuild(force=True); import sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", f"import dot.cli; {ask}"], capture_output=True, text=True, check=True)
    assert {"intruder", "importlib.metadata"}.isdisjoint(done.stdout.split())
