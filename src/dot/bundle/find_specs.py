"""The specs and the modules that stand in a bundle."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from dot.base.errors import ConfigurationError, Location, Problem, UsageError
from dot.base.wording import show_path
from dot.bundle.layout import KIND_FOLDERS, RESOURCES_FOLDER, SPECS_FOLDER
from dot.plan.gather_workspace import collecting
from dot.system.store import read_configuration_text
from dot.system.user_files import read_user_file


class SpecFile(NamedTuple):
    """The text of a spec: its path in the bundle, and what a person who stands somewhere calls it."""

    path: str
    name: str
    text: str


def read_specs(root: Path, cwd: Path) -> tuple[tuple[SpecFile, ...], tuple[Problem, ...]]:
    """Every spec of the bundle, by its path, and what stands there and is none."""
    problems: list[Problem] = []
    found: list[SpecFile] = []
    for path in list_files(root, f"{SPECS_FOLDER}/"):
        if not path.endswith((".yml", ".yaml")):
            continue
        if path.split("/")[1] not in KIND_FOLDERS.values():
            folders = " or ".join(f"`{SPECS_FOLDER}/{folder}/`" for folder in KIND_FOLDERS.values())
            problems.append(Problem(f"a spec belongs in {folders}", Location(show_path(root / path, cwd))))
            continue
        with collecting(problems):
            found.append(_read(root, path, cwd))
    return tuple(found), tuple(problems)


def read_named_specs(root: Path, cwd: Path, names: Sequence[str]) -> tuple[SpecFile, ...]:
    """The specs that somebody named. Raises `UsageError` for one that is not there, or not in the bundle."""
    problems: list[Problem] = []
    found: list[SpecFile] = []
    for name in dict.fromkeys(names):
        file = Path(os.path.normpath(cwd / name))
        if file.is_dir():
            problems.append(Problem(f"{name} is a folder", hint="name its specs; `dot bundle generate` takes all"))
        elif not file.is_file():
            problems.append(Problem(f"there is no file {name}", hint="name a spec, relative to where you are"))
        elif not file.is_relative_to(root):
            problems.append(Problem(f"{name} is not in the bundle {root}", hint="name its bundle with `--bundle-dir`"))
        else:
            with collecting(problems):
                found.append(_read(root, file.relative_to(root).as_posix(), cwd))
    if problems:
        raise UsageError(*problems)
    return tuple(found)


def _read(root: Path, path: str, cwd: Path) -> SpecFile:
    name = show_path(root / path, cwd)
    return SpecFile(path, name, read_shown_text(root / path, name))


def read_shown_text(file: Path, name: str) -> str:
    """The text of a file that a person calls `name`. Raises `ConfigurationError` for one that is no text."""
    try:
        return read_configuration_text(file) or ""
    except ConfigurationError as error:
        raise ConfigurationError(Problem(error.problems[0].message, Location(name))) from None


def list_files(root: Path, *below: str) -> Iterator[str]:
    """Every file below these folders of the bundle, by its path, in the order of the paths; links are not followed."""
    for folder in below:
        found = []
        for place, folders, names in os.walk(root / folder):
            folders[:] = sorted(name for name in folders if not name.startswith(".") and name != "__pycache__")
            inner = Path(place).relative_to(root).as_posix()
            found += [f"{inner}/{name}" for name in names]
        yield from sorted(found)


def read_modules(root: Path) -> dict[str, str]:
    """The text of each Python module in `resources/`, by its path."""
    paths = (path for path in list_files(root, f"{RESOURCES_FOLDER}/") if path.endswith(".py"))
    return {path: read_user_file(root / path) or "" for path in paths}
