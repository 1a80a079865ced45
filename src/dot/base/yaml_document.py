"""A file that was read: its data, and where each part of it stands; and trees of values merged from several files."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dot.base.errors import Location, Problem
from dot.base.secrets import holds_secret

Path = tuple[str | int, ...]


@dataclass(frozen=True)
class YamlDocument:
    """A parsed YAML file: plain data, and the line and column (from 1) of the key or item at each path into it."""

    name: str
    data: Any
    lines: tuple[str, ...]
    positions: Mapping[Path, tuple[int, int]]
    problems: tuple[Problem, ...] = ()

    def locate(self, path: Path) -> Location:
        """Where this path stands, or its nearest parent that is in the file."""
        while path and path not in self.positions:
            path = path[:-1]
        if path not in self.positions:
            return Location(self.name)
        line, column = self.positions[path]
        text = self.lines[line - 1] if line <= len(self.lines) else None
        return Location(self.name, line, column, None if text and holds_secret(text) else text)

    def tree(self) -> "Tree":
        """The data with its places, ready to be merged."""
        return self._tree(self.data, ())

    def _tree(self, data: Any, path: Path) -> "Tree":
        if isinstance(data, dict):
            data = {key: self._tree(value, (*path, key)) for key, value in data.items()}
        return Tree(data, self.locate(path))


@dataclass(frozen=True)
class Tree:
    """A value and the place where it was set; a mapping's values are trees themselves, a list is one value."""

    value: Any
    location: Location

    @property
    def children(self) -> dict[str, "Tree"]:
        """The entries of a mapping; none for anything else."""
        return self.value if isinstance(self.value, dict) else {}

    @property
    def is_mapping(self) -> bool:
        """Whether it is a mapping; a key with nothing after it counts as an empty one."""
        return self.value is None or isinstance(self.value, dict)

    def plain(self) -> Any:
        """The data without places."""
        return {key: child.plain() for key, child in self.value.items()} if isinstance(self.value, dict) else self.value

    def follow(self, path: Path) -> tuple[tuple[str, ...], "Tree"]:
        """As much of this path as the tree has, and the node at its end."""
        node, found = self, ()
        for key in path:
            if key not in node.children:
                break
            node, found = node.children[str(key)], (*found, str(key))
        return found, node


def merge_deep(weak: Tree, strong: Tree) -> Tree:
    """Of two mappings, their deep merge; of anything else, the stronger. Associative."""
    if not isinstance(weak.value, dict) or not isinstance(strong.value, dict):
        return strong
    merged = dict(weak.value)
    for key, child in strong.value.items():
        merged[key] = merge_deep(merged[key], child) if key in merged else child
    return Tree(merged, strong.location)
