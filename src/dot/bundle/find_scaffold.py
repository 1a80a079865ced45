"""The text of every file that a new bundle begins with."""

from collections.abc import Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable

from dot.bundle.describe_specs import PAGE, render_page
from dot.bundle.emit import LOADER
from dot.bundle.layout import KIND_FOLDERS, RESOURCES_FOLDER, SPECS_FOLDER
from dot.bundle.scaffold_scope import list_meanings

_HIDDEN, _TEXT = "dot_", ".txt"
"""In the scaffold's folder no name begins with a dot, and what tools of dot's own would read ends in this."""


def read_scaffold(name: str) -> dict[str, str]:
    """Every file of a new bundle of this name, by its path."""
    found = {
        path: text.replace("@NAME@", name).replace("@LAYERS@", list_meanings())
        for path, text in _read(files("dot") / "scaffold", "")
    }
    empty = (f"{SPECS_FOLDER}/{folder}/.gitkeep" for folder in KIND_FOLDERS.values())
    made = {f"{RESOURCES_FOLDER}/__init__.py": LOADER, PAGE: render_page()}
    return dict(sorted((found | made | dict.fromkeys(empty, "")).items()))


def _read(folder: Traversable, before: str) -> Iterator[tuple[str, str]]:
    for entry in folder.iterdir():
        name = entry.name.removesuffix(_TEXT)
        path = before + (f".{name.removeprefix(_HIDDEN)}" if name.startswith(_HIDDEN) else name)
        if entry.is_dir():
            yield from _read(entry, f"{path}/")
        else:
            yield path, entry.read_text("utf-8")
