"""What the verbs of a bundle have in common: files to write, shown or written."""

from collections.abc import Sequence

from dot.base.file_edit import Edit
from dot.console import Console
from dot.console.terminal import write
from dot.system.user_files import apply_edit


def carry_out(edits: Sequence[Edit], console: Console, *, dry_run: bool) -> None:
    """Write the files; in a dry run say on stdout which of them would be new, and which would change."""
    if dry_run:
        for edit in edits:
            write(f"{'new' if edit.before is None else 'changed':<8} {edit.name}")
        console.say("nothing was written")
        return
    for edit in edits:
        apply_edit(edit)


def count_files(count: int) -> str:
    """So many files, in words."""
    return "1 file" if count == 1 else f"{count:,} files"
