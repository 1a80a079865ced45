"""dot itself, in this process."""

from collections.abc import Callable

import pytest

from builders import Outcome, call_dot


@pytest.fixture
def dot(capfd: pytest.CaptureFixture[str]) -> Callable[..., Outcome]:
    """dot with these words, where the test stands: what it prints and its exit code."""

    def call(*words: str) -> Outcome:
        capfd.readouterr()
        code = call_dot(*words)
        return Outcome(code, *capfd.readouterr())

    return call
