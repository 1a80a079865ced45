"""Production is filled once; every test has a copy of it."""

from pathlib import Path

import pytest

from e2e.leaks.stage import DATABASES, fill


@pytest.fixture(scope="session")
def production(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the databases as they are before anything runs; only to be read."""
    folder = tmp_path_factory.mktemp("production")
    for database in DATABASES:
        fill(folder / f"{database}.duckdb")
    return folder
