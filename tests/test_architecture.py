"""Who may import whom, what is pure, and what stays out of a quick start. Each rule is tried on a bad example too."""

import subprocess
import sys
from pathlib import Path

import pytest

from builders import make_tree
from house import (
    RULES,
    Rule,
    find_cycle,
    find_impure_core,
    find_long,
    find_printing,
    find_stray_libraries,
    find_vague_names,
    find_wrong_layers,
    imports_of,
    parse_house,
    read_house,
)

HEAVY = ("filelock", "jinja2", "pydantic", "pydantic_settings", "rich", "ruamel", "subprocess", "yaml")

GOOD = {
    "dot": '__version__ = "1"',
    "dot.cli.app": "import typer\ndef f():\n    from dot.commands.dbt import run\n    from dot.console import write",
    "dot.commands.dbt": "import dot\nfrom dot.execution.executor import execute\nfrom dot.errors import DotError",
    "dot.console": "from dot import __version__\nprint(1)",
    "dot.core.layout": "from pathlib import PurePath\nfrom dot.core import plan",
    "dot.core.plan": "from uuid import UUID, uuid5\nfrom pydantic import BaseModel\ndef f(now): return now",
    "dot.errors": "import enum",
    "dot.execution.executor": "from dot.system import process\nfrom dot.core.plan import BuildPlan",
    "dot.system.process": "import subprocess",
}

BAD: tuple[tuple[Rule, dict[str, str]], ...] = (
    (find_wrong_layers, {"dot.cli.app": "from dot.core.plan import BuildPlan"}),
    (find_wrong_layers, {"dot.commands.dbt": "from dot.cli.app import app"}),
    (find_wrong_layers, {"dot.completion": "from dot.system.git import read_refs"}),
    (find_wrong_layers, {"dot.core.plan": "def f():\n    import dot.system.git"}),
    (find_wrong_layers, {"dot.core.plan": "from dot import system"}),
    (find_wrong_layers, {"dot.errors": "from dot.core.model import Model"}),
    (find_wrong_layers, {"dot.execution.executor": "from dot.console import write"}),
    (find_wrong_layers, {"dot.execution.executor": "from dot.commands import dbt"}),
    (find_wrong_layers, {"dot.system.git": "from dot.execution.context import Context"}),
    (find_wrong_layers, {"dot.tools": "import json"}),
    (find_impure_core, {"dot.core.plan": "import os"}),
    (find_impure_core, {"dot.core.plan": "def f():\n    from sys import argv"}),
    (find_impure_core, {"dot.core.plan": "from os.path import join"}),
    (find_impure_core, {"dot.core.plan": "import time"}),
    (find_impure_core, {"dot.core.plan": "from pathlib import Path"}),
    (find_impure_core, {"dot.core.plan": "import pathlib"}),
    (find_impure_core, {"dot.core.plan": "from uuid import uuid4"}),
    (find_impure_core, {"dot.core.plan": "from jinja2 import Template"}),
    (find_impure_core, {"dot.core.plan": "from datetime import datetime\ndatetime.now()"}),
    (find_impure_core, {"dot.core.plan": "open('a')"}),
    (find_impure_core, {"dot.core.plan": "import posixpath\nposixpath.abspath('a')"}),
    (find_impure_core, {"dot.core.plan": "print('a')"}),
    (find_stray_libraries, {"dot.commands.dbt": "import typer"}),
    (find_stray_libraries, {"dot.system.dbt": "from dbt.cli.main import dbtRunner"}),
    (find_stray_libraries, {"dot.commands.dbt": "from rich.table import Table"}),
    (find_stray_libraries, {"dot.system.git": "def f():\n    import subprocess"}),
    (find_stray_libraries, {"dot.system.project": "import yaml"}),
    (find_stray_libraries, {"dot.system.project": "from ruamel.yaml import YAML"}),
    (find_stray_libraries, {"dot.core.settings": "from pydantic_settings import BaseSettings"}),
    (find_stray_libraries, {"dot.core.profile": "from jinja2.sandbox import SandboxedEnvironment"}),
    (find_stray_libraries, {"dot.execution.context": "from filelock import FileLock"}),
    (find_printing, {"dot.commands.dbt": "print('hello')"}),
    (find_printing, {"dot.cli.app": "import typer\ntyper.echo('hello')"}),
    (find_printing, {"dot.commands.dbt": "import sys\nsys.stdout.write('hello')"}),
    (find_cycle, {"dot.core.a": "from dot.core.b import x", "dot.core.b": "def f():\n    from dot.core import a"}),
    (find_long, {"dot.core.plan": "x = 1\n" * 501}),
    (find_long, {"dot.core.plan": "def f():\n" + "    x = 1\n" * 60}),
    (find_vague_names, {"dot.core.utils": "x = 1"}),
    (find_vague_names, {"dot.common.text": "x = 1"}),
    (find_vague_names, {"dot.core.plan": "def _get_plan(): ..."}),
    (find_vague_names, {"dot.core.plan": "class PlanManager: ..."}),
)


@pytest.mark.parametrize("rule", RULES)
def test_the_source_follows_every_rule(rule: Rule) -> None:
    assert [] == list(rule(read_house()))


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_lets_pass_what_is_allowed(rule: Rule) -> None:
    assert [] == list(rule(parse_house(GOOD)))


@pytest.mark.parametrize(("rule", "example"), BAD)
def test_a_rule_finds_the_one_thing_that_is_wrong(rule: Rule, example: dict[str, str]) -> None:
    assert 1 == len(list(rule(parse_house(example))))


def test_every_layer_of_the_design_has_been_read() -> None:
    layers = {module.layer for module in read_house()}
    assert {"cli", "commands", "console", "core", "errors", "execution", "system"} <= layers


def test_the_driver_which_runs_in_dbts_interpreter_needs_nothing_but_python_and_dbt() -> None:
    (driver,) = (module for module in read_house() if module.name == "dot.system.driver")
    assert {"dbt"} == {name.split(".")[0] for name, _ in imports_of(driver)} - sys.stdlib_module_names


def loaded(*statements: str) -> set[str]:
    """Which heavy modules Python has loaded after these statements."""
    ask = f"print('LOADED', *(name for name in {HEAVY!r} if name in sys.modules))"
    script = "\n".join(("import sys", *statements, ask))
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(done.stdout.partition("LOADED")[2].split())


@pytest.mark.parametrize("option", ["--version", "--help"])
def test_no_heavy_library_is_loaded_for(option: str) -> None:
    start = ("import dot.cli", "try:", f"    dot.cli.main([{option!r}])", "except SystemExit:", "    pass")
    assert set() == loaded(*start) - loaded("import typer")


@pytest.mark.parametrize("line", ["dot bu", "dot build ", "dot build dev@", "dot build dev@main --sel", "dot run -s "])
def test_no_heavy_library_is_loaded_to_complete(line: str, shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usual = "environment:\n  default: dev\n  dev:\n    threads: 2\n"
    make_tree(shop, {"dot_environments.yml": usual})
    monkeypatch.setenv("_DOT_COMPLETE", "complete_zsh")
    monkeypatch.setenv("_TYPER_COMPLETE_ARGS", line)
    start = ("import dot.cli", "try:", "    dot.cli.main()", "except SystemExit:", "    pass")
    assert set() == loaded(*start) - loaded("import typer")


def test_a_heavy_library_that_is_loaded_would_be_seen() -> None:
    assert {"pydantic"} == loaded("import dot.core.model") - loaded("import typer")
