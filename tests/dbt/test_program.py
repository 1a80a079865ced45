"""dbt's program and version are found without starting a Python."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from builders import make_tree
from cases import each
from dot.base.errors import DbtError, DotError, ExitCode
from dot.dbt.engine import Dbt
from dot.dbt.program import find_dbt, is_at_least, read_packages

NATIVE = '#include <stdio.h>\n#include <stdlib.h>\nint main(void) { fputs(getenv("SAYS"), stdout); return 0; }\n'


def make_program(path: Path) -> Path:
    make_tree(path.parent, {path.name: "#!/bin/sh\nexit 9\n"})
    path.chmod(0o755)
    return path


def make_venv(folder: Path, *packages: str) -> Path:
    """A virtual environment that has these distributions; its dbt."""
    for package in packages:
        (folder / "lib" / "python3.12" / "site-packages" / f"{package}.dist-info").mkdir(parents=True)
    return make_program(folder / "bin" / "dbt")


@pytest.fixture(scope="session")
def native(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A program that is no script, and prints what the variable SAYS holds; skipped where nothing can make one."""
    if not shutil.which("cc") and not os.environ.get("CI"):
        pytest.skip("there is no C compiler")
    folder = make_tree(tmp_path_factory.mktemp("native"), {"dbt.c": NATIVE})
    subprocess.run(["cc", "-o", folder / "dbt", folder / "dbt.c"], check=True)
    return folder / "dbt"


@pytest.fixture
def lonely(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A Python beside which there is no dbt; its folder."""
    monkeypatch.setattr(sys, "executable", str(tmp_path / "dots" / "bin" / "python"))
    return tmp_path / "dots" / "bin"


def test_dbt_is_found_on_path_with_its_version(lonely: Path, tmp_path: Path) -> None:
    program = make_venv(tmp_path / "venv", "dbt_core-1.11.16", "dbt_duckdb-1.11.1", "agate-1.9.1")
    make_program(lonely / "dbt")
    path = os.pathsep.join((str(tmp_path / "nowhere"), str(program.parent)))
    assert find_dbt("dbt", {"PATH": path}, tmp_path) == Dbt(command=(str(program),), version="1.11.16")


def test_a_relative_command_is_relative_to_the_project(lonely: Path, tmp_path: Path) -> None:
    program = make_venv(tmp_path / "shop" / ".venv", "dbt_core-1.9.0")
    make_program(lonely / "dbt")
    expected = Dbt(command=(str(program),), version="1.9.0")
    assert find_dbt(".venv/bin/dbt", {"PATH": ""}, tmp_path / "shop") == expected
    with pytest.raises(DbtError):
        find_dbt(".venv/bin/dbt", {"PATH": ""}, tmp_path)


@pytest.mark.parametrize(
    ("command", "words"),
    [("uv run dbt", ("run", "dbt")), ("uv run --project '/a b' dbt", ("run", "--project", "/a b", "dbt"))],
)
def test_a_command_of_several_words_has_no_version_that_is_known(
    command: str, words: tuple[str, ...], lonely: Path, tmp_path: Path
) -> None:
    program = make_program(tmp_path / "venv" / "bin" / "uv")
    make_venv(tmp_path / "venv", "dbt_core-1.11.16")
    assert not lonely.exists()
    expected = Dbt(command=(str(program), *words), version=None)
    assert find_dbt(command, {"PATH": str(program.parent)}, tmp_path) == expected


def test_dbt_is_found_beside_the_python_that_runs_dot_when_path_has_none(lonely: Path, tmp_path: Path) -> None:
    program = make_venv(lonely.parent, "dbt_core-1.10.2")
    assert find_dbt("dbt", {"PATH": ""}, tmp_path) == Dbt(command=(str(program),), version="1.10.2")


def test_a_missing_dbt_is_an_error_that_says_what_to_do(lonely: Path, tmp_path: Path) -> None:
    with pytest.raises(DbtError, match="no program `dbt`") as caught:
        find_dbt("dbt", {"PATH": str(lonely)}, tmp_path)
    assert caught.value.exit_code == ExitCode.WORLD
    assert "pip install" in (caught.value.problems[0].hint or "")


@pytest.mark.parametrize("command", [" ", "dbt '", '"dbt'])
def test_a_command_that_is_none_is_a_wrong_setting(command: str, lonely: Path) -> None:
    with pytest.raises(DotError, match="setting `dbt`") as caught:
        find_dbt(command, {"PATH": ""}, lonely)
    assert (caught.value.exit_code, bool(caught.value.problems[0].hint)) == (ExitCode.USAGE, True)


@pytest.mark.parametrize(
    ("packages", "version"),
    [
        (("dbt-2.0.9",), "2.0.9"),
        (("dbt_oss-2.0.8",), "2.0.8"),
        (("dbt_core-2.0.0a4",), "2.0.0a4"),
        (("dbt_core-1.11.16", "dbt-2.0.9"), "2.0.9"),
        (("dbt_core-1.11.16", "dbt_oss-2.0.8"), "2.0.8"),
        (("dbt_core-1.0.1", "dbt-1.0.0.40.1"), "1.0.1"),
        (("dbt_fusion_package_tools-2.0.0",), None),
    ],
)
def test_dbt_2_is_known_by_its_distributions_and_wins_over_dbt_1(
    packages: tuple[str, ...], version: str | None, lonely: Path, tmp_path: Path
) -> None:
    program = make_venv(tmp_path / "venv", *packages)
    assert not lonely.exists()
    assert find_dbt("dbt", {"PATH": str(program.parent)}, tmp_path).version == version


@pytest.mark.parametrize(
    ("said", "version"),
    [
        ("dbt-core 2.0.0-alpha.4\n", "2.0.0-alpha.4"),
        ("dbt 2.0.9\n", "2.0.9"),
        ("dbt-fusion 2.0.0-preview.31\nmore", "2.0.0-preview.31"),
        ("dbt Cloud CLI - 0.38.0\n", None),
        ("", None),
    ],
)
@pytest.mark.parametrize("packages", [(), ("dbt_core-1.11.16",)], ids=["alone", "beside dbt 1"])
def test_a_program_that_is_no_script_is_asked_for_its_version(
    said: str, version: str | None, packages: tuple[str, ...], native: Path, tmp_path: Path
) -> None:
    program = make_venv(tmp_path / "venv", *packages)
    program.write_bytes(native.read_bytes())
    environ = {"PATH": str(program.parent), "SAYS": said}
    known = "1.11.16" if packages else None
    assert (version or known) == find_dbt("dbt", environ, tmp_path).version
    assert (version or known) == find_dbt(str(program), environ, tmp_path).version


def test_a_program_that_the_project_brings_along_is_not_started(native: Path, tmp_path: Path) -> None:
    program = tmp_path / "shop" / "bin" / "dbt"
    program.parent.mkdir(parents=True)
    program.write_bytes(native.read_bytes())
    program.chmod(0o755)
    environ = {"PATH": str(native.parent), "SAYS": "dbt 2.0.9"}
    assert find_dbt("bin/dbt", environ, tmp_path / "shop") == Dbt(command=(str(program),), version=None)


def test_packages_are_those_of_dbt_alone(tmp_path: Path) -> None:
    program = make_venv(tmp_path, "dbt_core-2.0.0b1", "dbt_duckdb-1.11.1", "agate-1.9.1", "dbtx-1.0")
    assert read_packages(program) == {"dbt_core": "2.0.0b1", "dbt_duckdb": "1.11.1"}


def test_packages_are_read_where_a_link_to_the_program_leads(tmp_path: Path) -> None:
    program = make_venv(tmp_path / "tool", "dbt_core-1.11.16")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "dbt").symlink_to(program)
    assert read_packages(tmp_path / "bin" / "dbt") == {"dbt_core": "1.11.16"}


def test_a_dbt_that_is_no_python_program_has_no_packages(tmp_path: Path) -> None:
    assert read_packages(make_program(tmp_path / "bin" / "dbt")) == {}


@each(
    ("version", "minimum", "expected"),
    [
        (None, (1, 8), False),
        ("", (1, 8), False),
        ("1.11.16", (1, 11, 8), True),
        ("1.11.8", (1, 11, 8), True),
        ("1.11.7", (1, 11, 8), False),
        ("1.9.0", (1, 11), False),
        ("1.12.0b2", (1, 12), True),
        ("2.0.0-preview.31", (2,), True),
        ("1.12.0", (2,), False),
        ("10.0", (2,), True),
    ],
)
def test_versions_are_compared_by_number(version: str | None, minimum: tuple[int, ...], expected: bool) -> None:  # noqa: FBT001
    assert expected is is_at_least(version, *minimum)
