"""What the folder of a build says of it, in brief. Nothing is written."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from dot.base.frozen import FrozenLenient
from dot.base.layout import BuildFolder, EnvironmentFolder, parse_marker
from dot.plan.run_summary import RunSummary
from dot.system import store

RunT = TypeVar("RunT", bound=FrozenLenient)


def read_built(build: BuildFolder) -> str | None:
    """The full hash of the commit whose worktree is complete in this folder; None when none is."""
    return parse_marker(store.read_text(Path(build.marker)), build.path.name)


def read_summaries(folder: EnvironmentFolder) -> Iterator[RunSummary]:
    """Each run of a build that can be read, in brief, the newest first."""
    return read_runs(folder, RunSummary)


def read_runs(folder: EnvironmentFolder, model: type[RunT]) -> Iterator[RunT]:
    """What the model keeps of each run of a build that can be read, the newest first."""
    for line in store.read_lines_backwards(folder.runs):
        with suppress(ValidationError):
            yield model.model_validate_json(line)
