"""Every test has a home folder and a git configuration of its own, and cannot reach the developer's."""

import os
from collections.abc import Callable, Generator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from builders import PROJECT, Outcome, call_dot, make_fake_dbt, make_repo

if TYPE_CHECKING:
    from postgres import Server

# Properties are tried without a clock, because machines may be busy, and leave no database of examples behind.
settings.register_profile("dot", deadline=None, database=None, max_examples=50)
settings.load_profile("dot")

collect_ignore = [] if os.environ.get("SPARK_DBT") else ["spark"]
"""What `just spark` alone has a dbt for."""

DBT2 = Path(__file__).parent.parent / ".dbt2"
"""Where `just dbt2` puts dbt 2 and DuckDB's driver for it."""

GIT_CONFIG = """
[user]
    name = Ada
    email = ada@example.com
[init]
    defaultBranch = main
[protocol "file"]
    allow = always
"""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--dbt", choices=("1", "2"), default="1", help="the major version of dbt that PATH leads to")


def pytest_configure(config: pytest.Config) -> None:
    """Put dbt 2 first on PATH where it is asked for: before any test, since fixtures of a whole session use it, too."""
    if config.getoption("--dbt") == "2":
        if not (DBT2 / "complete").is_file():
            pytest.exit("dbt 2 is not there: `just dbt2` installs it", returncode=4)
        os.environ["PATH"] = f"{DBT2 / 'bin'}{os.pathsep}{os.environ['PATH']}"
        os.environ["LD_LIBRARY_PATH"] = str(DBT2 / "lib")


@pytest.fixture(scope="session")
def dbt_major(pytestconfig: pytest.Config) -> int:
    """The major version of the dbt that the tests run on."""
    return int(pytestconfig.getoption("--dbt"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """dbt 2 cannot reach PostgreSQL here."""
    for item in items:
        if "postgres" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.dbt1)


@pytest.fixture(autouse=True)
def _own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path_factory.mktemp("home")
    (home / ".gitconfig").write_text(GIT_CONFIG)
    for name in list(os.environ):
        if name.startswith(("DOT_", "DBT_", "GIT_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(home / ".gitconfig"))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.setenv("DO_NOT_TRACK", "1")


@pytest.fixture
def home() -> Path:
    """The home folder of this test."""
    return Path(os.environ["HOME"])


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the program on PATH that stands for dbt writes down how it was called."""
    monkeypatch.setenv("PATH", str(make_fake_dbt(tmp_path / "bin").parent), prepend=os.pathsep)
    monkeypatch.setenv("FAKE_DBT_LOG", str(tmp_path / "calls.jsonl"))
    return tmp_path / "calls.jsonl"


@pytest.fixture
def shop(tmp_path: Path, log: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A dbt project that is a repository, the current folder."""
    assert not log.exists()
    folder = make_repo(tmp_path / "shop", PROJECT)
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture(scope="session")
def postgres() -> "Generator[Server]":
    """A real PostgreSQL server. Where none is installed the test is skipped, but for CI, where that is a failure."""
    from postgres import find_binaries, run_server  # noqa: PLC0415 - psycopg2 is slow to import

    binaries = find_binaries()
    if binaries is None:
        if os.environ.get("CI"):
            pytest.fail("PostgreSQL is not installed")
        pytest.skip("PostgreSQL is not installed")
    with run_server(binaries) as server:
        yield server


@pytest.fixture
def dot(capfd: pytest.CaptureFixture[str]) -> Callable[..., Outcome]:
    """dot with these words, where the test stands: what it prints and its exit code."""

    def call(*words: str) -> Outcome:
        capfd.readouterr()
        code = call_dot(*words)
        return Outcome(code, *capfd.readouterr())

    return call
