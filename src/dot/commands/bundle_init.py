"""`dot bundle init`: everything that a new bundle begins with. What is there already stays as it is."""

import os
import shlex
from collections.abc import Iterable
from pathlib import Path

from dot.base.errors import ExitCode, GitError, UsageError
from dot.bundle.find_bundle import read_edits
from dot.bundle.find_scaffold import read_scaffold
from dot.bundle.layout import BUNDLE_FILE, bundle_name_problem
from dot.commands.bundle_files import Changes, carry_out, count_files
from dot.config.find_settings import follow_settings
from dot.console import Console
from dot.console.shell import read_shell
from dot.console.terminal import write
from dot.plan.gather_workspace import show_path
from dot.system.git import read_repository


def run(folder: str, name: str | None, console: Console, *, dry_run: bool) -> int:
    """Write the bundle. Raises `UsageError` for a name that none can have, and where there is a bundle already."""
    if name is None:
        raise UsageError.of("the bundle needs a name", hint="`--name platform`, for one")
    if problem := bundle_name_problem(name):
        raise UsageError.of(problem, hint="`--name platform`, for one")
    shell = read_shell()
    root = Path(os.path.normpath(shell.cwd / folder))
    if (root / BUNDLE_FILE).exists():
        hint = "`dot bundle add <domain> <source>` adds a source to it"
        raise UsageError.of(f"{show_path(root, shell.cwd)} is a bundle already", hint=hint)
    if root.exists() and not root.is_dir():
        raise UsageError.of(f"{folder} is a file", hint="name a folder, new or not")
    follow_settings(root, shell)
    edits = read_edits(root, read_scaffold(name).items(), shell.cwd)
    new = [edit for edit in edits if edit.before is None]
    if dry_run:
        write(render_tree(show_path(root, shell.cwd), (Path(edit.path).relative_to(root).as_posix() for edit in new)))
    else:
        carry_out(Changes(root, new), shell.cwd, console, dry_run=False)
    for edit in edits:
        if edit.before is not None:
            console.warn(f"{edit.name} is there already, and stays as it is")
    if dry_run:
        console.say("nothing was written")
    else:
        console.say(f"wrote {count_files(len(new))} in {show_path(root, shell.cwd)}")
        _tell_what_next(root, shell.cwd, console)
    return ExitCode.OK


def _tell_what_next(root: Path, cwd: Path, console: Console) -> None:
    console.say(f"try next: `cd {shlex.quote(show_path(root, cwd))}`, `uv sync`, `dot bundle add <domain> <source>`")
    try:
        prefix = read_repository(root).prefix
    except GitError:
        return
    if prefix:
        message = (
            "GitHub reads workflows at the top of a repository only: move .github there, and name the folder in it"
        )
        console.warn(message)


def render_tree(top: str, paths: Iterable[str]) -> str:
    """The paths as a tree, folders before what is in them."""
    lines = [f"{top}/"]
    seen: set[str] = set()
    for path in sorted(paths, key=lambda path: path.split("/")):
        *folders, name = path.split("/")
        for depth in range(len(folders)):
            folder = "/".join(folders[: depth + 1])
            if folder not in seen:
                seen.add(folder)
                lines.append(f"{'  ' * (depth + 1)}{folders[depth]}/")
        lines.append(f"{'  ' * (len(folders) + 1)}{name}")
    return "\n".join(lines)
