"""What earlier runs left behind in the folders of builds. Nothing is written."""

from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

from dot.base.layout import EnvironmentFolder, Layout
from dot.plan.find_built import read_runs
from dot.plan.record import Record
from dot.plan.run_summary import RunSummary
from dot.system import store

RunT = TypeVar("RunT", Record, RunSummary)


def read_records(folder: EnvironmentFolder) -> Iterator[Record]:
    """The records of a build that can be read, the newest first."""
    return read_runs(folder, Record)


def find_last_run(layout: Layout, environment: str, *, but: str | None = None) -> str | None:
    """The short hash of the environment's build in which dbt ran last, leaving out the one named `but`."""
    others = (name for name in store.list_folder(Path(layout.builds)) if name != but)
    runs = {name: store.read_modified(Path(layout.build(name).environment(environment).runs)) for name in others}
    newest = max(runs, key=runs.__getitem__, default=None)
    return newest if newest and runs[newest] else None
