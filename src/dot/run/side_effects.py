"""What dbt writes besides what it was asked for: a line in `.gitignore`, and a manifest when it has failed."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from dot.base.errors import StorageError
from dot.run.context import Context, Reporter
from dot.system import store

DBTS_FILE = ".gitignore"
DBTS_LINE = "dbt_internal_packages/"
"""What dbt 2 adds to this file of each project that it reads, if there is one that lacks it."""


def is_dbts_addition(before: str, after: str) -> bool:
    """Whether the only change of a `.gitignore` is dbt's line at its end."""
    return after.splitlines() == [*before.splitlines(), DBTS_LINE]


@contextmanager
def watching_gitignore(project: Path, reporter: Reporter) -> Generator[None]:
    """Tell the user if dbt has added its line to the project's own `.gitignore` meanwhile."""
    file = project / DBTS_FILE
    before = _read_users(file)
    yield
    after = _read_users(file)
    if before is not None and after is not None and is_dbts_addition(before, after):
        reporter.say(f"dbt has added `{DBTS_LINE}` to {file.name}, and would again: commit the line")


def _read_users(file: Path) -> str | None:
    """A file of the user's, which may be anything, and may be unreadable."""
    try:
        return store.read_text(file) if file.is_file() else None
    except StorageError:
        return None


def restore_manifest(manifest: Path, before: str | None, context: Context) -> None:
    """Put back the manifest from before a command that failed, and that builds nothing: its own may lack nodes."""
    if before is None:
        store.remove_tree(manifest)
    else:
        store.write_whole(manifest, before, root=context.root)
