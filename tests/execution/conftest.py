"""A dbt project in a repository, with a program on PATH that stands for dbt."""

import os
from pathlib import Path

import pytest

from builders import PROJECT, make_fake_dbt, make_repo


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the fake dbt writes down how it was called."""
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
