"""What earlier runs left behind in the folders of builds. Nothing is written."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from dot.base.layout import EnvironmentFolder, Layout
from dot.plan.record import Record, RunSummary
from dot.system import store

RunT = TypeVar("RunT", Record, RunSummary)


def read_records(folder: EnvironmentFolder) -> Iterator[Record]:
    """The records of a build that can be read, the newest first."""
    return _read(folder, Record)


def read_summaries(folder: EnvironmentFolder) -> Iterator[RunSummary]:
    """The same of each run in brief."""
    return _read(folder, RunSummary)


def _read(folder: EnvironmentFolder, model: type[RunT]) -> Iterator[RunT]:
    for line in store.read_lines_backwards(Path(folder.runs)):
        with suppress(ValidationError):
            yield model.model_validate_json(line)


def find_last_run(layout: Layout, environment: str, *, but: str | None = None) -> str | None:
    """The short hash of the environment's build in which dbt ran last, leaving out the one named `but`."""
    others = (name for name in store.list_folder(Path(layout.builds)) if name != but)
    runs = {name: store.read_modified(Path(layout.build(name).environment(environment).runs)) for name in others}
    newest = max(runs, key=runs.__getitem__, default=None)
    return newest if newest and runs[newest] else None
