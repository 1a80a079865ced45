"""What the verbs of a bundle have in common: files to write, shown or written."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath

from dot.base.errors import StorageError
from dot.base.file_edit import EditFile
from dot.base.wording import show_path
from dot.console import Console
from dot.console.terminal import write
from dot.plan.upkeep import Remove, UpkeepPlan
from dot.run.context import Context
from dot.run.upkeep import execute_upkeep


@dataclass(frozen=True)
class Changes:
    """Files of the bundle in this folder to write, and files of it to remove."""

    root: Path
    edits: Sequence[EditFile]
    removals: Sequence[PurePath] = ()

    def plan(self) -> UpkeepPlan:
        """The same as steps. Raises `StorageError` where a link leads out of the bundle."""
        home = self.root.resolve()
        for folder in sorted({Path(path).parent for path in (*(edit.path for edit in self.edits), *self.removals)}):
            if not folder.resolve().is_relative_to(home):
                hint = "dot writes within the bundle only: put a folder in its place"
                raise StorageError.of(f"{folder} leads to {folder.resolve()}, outside the bundle", hint=hint)
        removals = (Remove(path=path) for path in self.removals)
        return UpkeepPlan(title=f"{self.root} → {count_files(len(self.edits))}", steps=(*self.edits, *removals))


def carry_out(changes: Changes, cwd: Path, console: Console, *, dry_run: bool) -> None:
    """Write the files; in a dry run say on stdout which of them would be new, change or go. Raises `StorageError`."""
    plan = changes.plan()
    if dry_run:
        for edit in changes.edits:
            write(f"{'new' if edit.before is None else 'changed':<8} {edit.name}")
        for path in changes.removals:
            write(f"{'removed':<8} {show_path(Path(path), cwd)}")
        console.say("nothing was written")
        return
    execute_upkeep(plan, Context(Path(), {}, 0, console))  # of no dbt project, and without locks


def count_files(count: int) -> str:
    """So many files, in words."""
    return "1 file" if count == 1 else f"{count:,} files"
