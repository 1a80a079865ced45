"""`dot bundle scope`: what of a bundle a range of commits touches. It only reads."""

import shlex

from pydantic_core import to_json

from dot.bundle.gather_scope import BundleScopeRequest, gather_bundle_scope
from dot.bundle.scope import render_bundle_scope
from dot.commands.scope import check_form
from dot.console import Console
from dot.console.shell import read_shell
from dot.console.terminal import write, write_exactly

FORMS = ("text", "json", "command")


def run(request: BundleScopeRequest, form: str, console: Console) -> int:
    """Print what has to be deployed; 0. Raises `DotError`."""
    check_form(form, FORMS)
    gathered = gather_bundle_scope(request, read_shell())
    if count := gathered.edits:
        files = "1 edited or new file" if count == 1 else f"{count:,} edited or new files"
        console.warn(f"`databricks bundle deploy` would deploy {files} of the working tree that no commit has")
    match form:
        case "json":
            write_exactly(to_json(gathered.scope.plain(), indent=2).decode())
        case "command":
            write(shlex.join(gathered.scope.command))
        case _:
            write(render_bundle_scope(gathered.scope))
    return 0
