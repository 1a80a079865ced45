"""Where the bundle is, and which files stand in it."""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from dot.base.errors import UsageError
from dot.base.file_edit import EditFile
from dot.base.wording import show_path
from dot.bundle.layout import BUNDLE_FILE
from dot.config.find_settings import follow_settings
from dot.system.shell import Shell
from dot.system.user_files import read_user_file


def find_bundle(shell: Shell, given: str | None) -> Path:
    """The folder that `--bundle-dir` names, else the nearest at or above the current one that holds `databricks.yml`.

    From here on, colour is as the settings there say. Raises `UsageError` when there is none.
    """
    folder = _find_folder(shell.cwd, given)
    follow_settings(folder, shell)
    return folder


def _find_folder(cwd: Path, given: str | None) -> Path:
    if given:
        folder = Path(os.path.normpath(cwd / given))
        if (folder / BUNDLE_FILE).is_file():
            return folder
        hint = "name the folder that holds it, relative to where you are"
        raise UsageError.of(f"there is no {BUNDLE_FILE} in {folder}, which `--bundle-dir` names", hint=hint)
    for folder in (cwd, *cwd.parents):
        if (folder / BUNDLE_FILE).is_file():
            return folder
    raise UsageError.of(
        f"there is no {BUNDLE_FILE} in {cwd} or above it",
        hint="go to a bundle, or name one with `--bundle-dir`; `dot bundle init <folder> --name <name>` makes one",
    )


def read_edits(root: Path, texts: Iterable[tuple[str, str]], cwd: Path) -> tuple[EditFile, ...]:
    """What it takes to give each of these paths below `root` this text; nothing for a file that has it already."""
    texts = tuple(texts)
    there = {path: found for path, _ in texts if (found := read_user_file(root / path)) is not None}
    return make_edits(root, texts, there, cwd)


def make_edits(
    root: Path, texts: Iterable[tuple[str, str]], there: Mapping[str, str], cwd: Path
) -> tuple[EditFile, ...]:
    """The same, where it is known already what is `there`."""
    return tuple(
        EditFile(path=root / path, name=show_path(root / path, cwd), before=there.get(path), after=text)
        for path, text in texts
        if there.get(path) != text
    )
