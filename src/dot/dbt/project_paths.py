"""Where a commit's `dbt_project.yml` and package files lead: its build reads and fills its own worktree alone."""

import posixpath
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from pathlib import PurePath
from typing import TYPE_CHECKING, NamedTuple

from dot.base.errors import Location, Problem

if TYPE_CHECKING:  # completion reads modules that need this one, and must load quickly
    from dot.base.yaml_document import YamlDocument

INSTALLED = "packages-install-path"
LOCAL = "local"

_USUAL: Mapping[str, tuple[str, ...]] = {
    "model-paths": ("models",),
    "seed-paths": ("seeds",),
    "snapshot-paths": ("snapshots",),
    "analysis-paths": ("analyses",),
    "macro-paths": ("macros",),
    "test-paths": ("tests",),
    "function-paths": ("functions",),
    INSTALLED: ("dbt_packages",),
    **dict.fromkeys(("source-paths", "data-paths", "docs-paths", "osi-paths", "asset-paths", "clean-targets"), ()),
}
"""The settings that name folders, and what dbt takes where they are left out."""

_ONLY_FOR = {"asset-paths": "docs generate", "clean-targets": "clean"}
"""Settings that one command alone goes by, which removes the folders."""


class ProjectPath(NamedTuple):
    """A path as the commit has it, perhaps with Jinja, the setting that it is of, and what finds its place."""

    setting: str
    text: str
    locate: Callable[[], Location]


def read_folders(source: "YamlDocument") -> Iterator[ProjectPath]:
    """The folders that a `dbt_project.yml` names, or that dbt takes instead."""
    for setting, usual in _USUAL.items():
        named = source.data.get(setting)
        locate = partial(source.locate, (setting,))
        for value in named if isinstance(named, list) else [named] if named else usual:
            yield ProjectPath(setting, str(value), locate)


def read_local_packages(source: "YamlDocument") -> Iterator[ProjectPath]:
    """The folders that a package file installs from."""
    packages = source.data.get("packages") if isinstance(source.data, dict) else None
    for number, package in enumerate(packages if isinstance(packages, list) else ()):
        if isinstance(package, dict) and isinstance(package.get(LOCAL), str):
            yield ProjectPath(LOCAL, package[LOCAL], partial(source.locate, ("packages", number)))


def concerns(path: ProjectPath, dbt_command: str) -> bool:
    """Whether the command goes by this path."""
    return _ONLY_FOR.get(path.setting, dbt_command) == dbt_command


def find_strays(paths: Iterable[ProjectPath], folder: PurePath) -> Iterator[Problem]:
    """What is wrong with each path, all Jinja rendered, of the project in this folder of the repository."""
    for path in paths:
        # dbt looks for assets in its target folder, too, which stands elsewhere.
        top = "" if path.setting == "asset-paths" else folder.as_posix()
        if _leads_out(posixpath.join(top, path.text.replace("\\", "/"))):
            message = f"`{path.setting}` leads out of the build's worktree, to `{path.text}`: {_explain(path)}"
            yield Problem(message, path.locate(), hint=_advise(path))


def _leads_out(path: str) -> bool:
    """Whether a path from the top of the repository leads out of it, links aside."""
    first = posixpath.normpath(path).partition("/")[0]
    return first in ("", "..") or first[1:2] == ":" or any(part.startswith("~") for part in path.split("/"))


def _explain(path: ProjectPath) -> str:
    if path.setting in _ONLY_FOR:
        return f"`{_ONLY_FOR[path.setting]}` would remove what is there"
    if path.setting == INSTALLED:
        return "builds of two commits would share packages"
    return "a build would read what is not in its commit"


def _advise(path: ProjectPath) -> str:
    if path.setting == LOCAL:
        return "bring the package into the repository, or install it with `git:` and a `revision`"
    return "make it a folder inside the project, then commit that"
