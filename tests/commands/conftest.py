"""A dbt project in a repository, a program on PATH that stands for dbt, and dot itself."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from builders import PROJECT, Outcome, call_dot, make_fake_dbt, make_repo


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


@pytest.fixture
def dot(capfd: pytest.CaptureFixture[str]) -> Callable[..., Outcome]:
    """dot with these words, where the test stands: what it prints and its exit code."""

    def call(*words: str) -> Outcome:
        capfd.readouterr()
        code = call_dot(*words)
        return Outcome(code, *capfd.readouterr())

    return call
