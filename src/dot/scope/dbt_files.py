"""What a path of a dbt project is, by the folders that its `dbt_project.yml` names."""

import posixpath
from collections.abc import Iterable, Iterator

from dot.dbt.jinja_text import has_jinja
from dot.dbt.project_paths import LOCAL, ProjectPath
from dot.scope.aside import is_aside
from dot.scope.links import leads_out

OTHER = "other"
"""What may touch everything: macros, packages, settings, and files that dot knows nothing of."""

_NODES = {
    "model-paths": ("model", (".sql", ".py")),
    "source-paths": ("model", (".sql", ".py")),
    "seed-paths": ("seed", (".csv",)),
    "data-paths": ("seed", (".csv",)),
    "snapshot-paths": ("snapshot", (".sql",)),
    "function-paths": ("function", (".sql", ".py")),
    "test-paths": ("test", (".sql",)),
}
"""The kind of node that a folder holds, by its setting, and the endings of the files."""

NODES = ("model", "seed", "snapshot", "function", "test")
"""The kinds of files that hold a node."""

PROPERTIES = (".yml", ".yaml")
"""The endings of files that say something of nodes."""

_PAGE = ".md"
_NO_TESTS = ("generic", "fixtures")
"""The folders below one of tests whose files are macros, and rows for unit tests."""


class Folders:
    """The folders of a project, seen from its own."""

    def __init__(self, paths: Iterable[ProjectPath]) -> None:
        self._named = [(path.setting, posixpath.normpath(path.text.replace("\\", "/"))) for path in paths]
        self._starts = [(setting, "" if folder == "." else f"{folder}/") for setting, folder in self._named]

    @property
    def is_known(self) -> bool:
        """Whether no name of a folder is made by Jinja."""
        return not any(has_jinja(folder) for _, folder in self._named)

    @property
    def outside(self) -> Iterator[str]:
        """Those that are out of the project, local packages too."""
        used = (folder for setting, folder in self._named if setting in (*_NODES, "macro-paths", "docs-paths", LOCAL))
        return (folder for folder in used if leads_out(folder))

    def classify(self, path: str) -> str:
        """What the file is: a kind of node, `properties`, `documentation`, `analysis`, `ignored` or `other`."""
        within = {setting for setting, start in self._starts if path.startswith(start)}
        if "macro-paths" in within or LOCAL in within:
            return OTHER
        holding = [setting for setting in _NODES if setting in within]
        ending = posixpath.splitext(path)[1].lower()
        for setting in holding:
            kind, endings = _NODES[setting]
            is_no_test = kind == "test" and not {*path.split("/")[:-1]}.isdisjoint(_NO_TESTS)
            if ending in endings:
                return OTHER if is_no_test else kind
        if (holding or "docs-paths" in within) and ending == _PAGE:
            return "documentation"
        if (holding or "analysis-paths" in within) and ending in PROPERTIES:
            return "properties"
        if "analysis-paths" in within:
            return "analysis"
        return "ignored" if is_aside(path) or path.rpartition("/")[2] == ".gitignore" else OTHER
