"""What the verbs of a bundle have in common: files to write, shown or written."""

from collections.abc import Sequence
from pathlib import Path

from dot.base.file_edit import EditFile
from dot.console import Console
from dot.console.terminal import write
from dot.plan.upkeep import UpkeepPlan
from dot.run.context import Context
from dot.run.upkeep import execute_upkeep


def carry_out(edits: Sequence[EditFile], console: Console, *, dry_run: bool) -> None:
    """Write the files; in a dry run say on stdout which of them would be new, and which would change."""
    if dry_run:
        for edit in edits:
            write(f"{'new' if edit.before is None else 'changed':<8} {edit.name}")
        console.say("nothing was written")
        return
    plan = UpkeepPlan(title=f"write {count_files(len(edits))}", steps=tuple(edits))
    execute_upkeep(plan, Context(Path(), {}, 0, console))  # of no dbt project, and without locks


def count_files(count: int) -> str:
    """So many files, in words."""
    return "1 file" if count == 1 else f"{count:,} files"
