"""Which nodes of a dbt project a range of commits touches: by the paths that differ, or by the code of two builds."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from dot.base.frozen import Frozen
from dot.base.tree_change import TreeChange
from dot.diff.code.compare import CodeDiff
from dot.diff.report import NodeDiff
from dot.scope.commits import RANGE_REASONS, CommitRange, FileChange, Reason, show_path, sort_reasons
from dot.scope.dbt_files import NODES, OTHER, Folders
from dot.scope.properties import Told, is_selectable

EVERYTHING = "fqn:*"
"""What has dbt select all nodes."""

Way = Literal["paths", "code"]

REASONS = {
    **RANGE_REASONS,
    "other-file": "this file may touch every node",
    "submodule": "what changed in this submodule is not in the commits",
    "linked-file": "this link leads to what has changed",
    "outside-file": "this is out of the project, and has changed or is in no commit",
    "deleted-file": "its node is gone, and no path tells what had read it",
    "unreadable-properties": "what this file says of which node cannot be told",
    "unselectable-name": "dbt cannot select by this name",
    "project-paths": "Jinja names the folders of the project",
    "hook": "this hook runs beside every node",
    "all-doubtful": "what both builds were made with differs",
}
"""Why every node counts as touched, by the code of the reason."""


class Touched(Frozen):
    """A node that is touched, and how dbt selects it; of `doubt` nobody knows whether its rows stay the same."""

    name: str
    resource_type: str
    change: Literal["added", "changed", "renamed", "doubt"]
    file: str | None
    select: str
    unique_id: str | None = None


class DbtScope(Frozen):
    """The answer. With a reason, every node counts as touched, and `nodes` are those that are known to be."""

    found: CommitRange
    by: Way
    environment: str | None = None
    reasons: tuple[Reason, ...] = ()
    nodes: tuple[Touched, ...] = ()
    removed: tuple[str, ...] = ()
    files: tuple[FileChange, ...] = ()

    @property
    def is_full(self) -> bool:
        return bool(self.reasons)

    def select(self, *, with_children: bool) -> str:
        """What to give dbt's `--select`, in quotes: nothing where nothing is touched, by which dbt selects nothing."""
        if self.is_full:
            return EVERYTHING
        names = dict.fromkeys(node.select for node in self.nodes)
        return " ".join(_with_children(name) if with_children else name for name in names)

    def plain(self) -> dict[str, Any]:
        """As JSON has it, the same for the same range."""
        return {
            **self.found.plain(),
            "by": self.by,
            "environment": self.environment,
            "full": self.is_full,
            "reasons": [reason.plain() for reason in self.reasons],
            "nodes": [node.model_dump() for node in self.nodes],
            "removed": list(self.removed),
            "select": [EVERYTHING] if self.is_full else self.select(with_children=False).split(),
            "files": [file.plain() for file in self.files],
        }


def _with_children(name: str) -> str:
    return f"{name.removesuffix('+1')}+"


@dataclass(frozen=True)
class PathFacts:
    """What was read for an answer by paths. `properties` has what differs in each property file, where it can be told.

    `elsewhere` are the reasons that lie outside of what has changed in the project.
    """

    folders: Folders
    changes: tuple[TreeChange, ...]
    properties: Mapping[str, tuple[Told, ...] | None] = field(default_factory=dict)
    elsewhere: tuple[Reason, ...] = ()


def scope_of_range(found: CommitRange) -> DbtScope | None:
    """The answer where the range itself says why there can be no better one."""
    return DbtScope(found=found, by="paths", reasons=(Reason(code=found.reason),)) if found.reason else None


def scope_by_paths(found: CommitRange, facts: PathFacts) -> DbtScope:
    """The answer without a manifest: what cannot be told from the paths touches every node."""
    kinds = {change.path: facts.folders.classify(change.path) for change in facts.changes}
    there = {_identify(path, kinds[path]) for path in (change.path for change in facts.changes if change.head_blob)}
    removed = [change.path for change in facts.changes if kinds[change.path] in NODES and not change.head_blob]
    reasons = {*facts.elsewhere, *(() if facts.folders.is_known else (Reason(code="project-paths"),))}
    nodes: list[Touched] = []
    for change in facts.changes:
        kind, path = kinds[change.path], change.path
        code = _find_reason(change, kind, facts.properties)
        if path in removed and not code and _identify(path, kind) not in there:
            code = "deleted-file"
        if code:
            reasons.add(Reason(code=code, path=show_path(path)))
        elif kind == "properties":
            nodes += [_touch_told(one, path) for one in facts.properties.get(path) or ()]
        elif kind in NODES and path not in removed:
            nodes.append(_touch_file(change, kind))
    return DbtScope(
        found=found,
        by="paths",
        reasons=sort_reasons(reasons),
        nodes=_sort(nodes),
        removed=tuple(map(show_path, sorted(removed))),
        files=_list_files(facts.changes, kinds),
    )


def _find_reason(change: TreeChange, kind: str, properties: Mapping[str, tuple[Told, ...] | None]) -> str | None:
    """Why this change may touch every node, by the code of the reason."""
    if change.is_submodule:
        return "submodule"
    if kind == OTHER or (change.is_link and kind in (*NODES, "properties")):
        return "other-file"
    if kind == "properties":
        return "unreadable-properties" if properties.get(change.path) is None else None
    is_unselectable = kind in NODES and change.head_blob and not is_selectable(change.path)
    return "unselectable-name" if is_unselectable else None


def _touch_told(told: Told, path: str) -> Touched:
    return Touched(name=told.name, resource_type=told.kind, change="changed", file=show_path(path), select=told.select)


def _identify(path: str, kind: str) -> tuple[str, str]:
    """A file's kind and the name of its node, by which a file that was moved is the same."""
    return kind, _stem(path)


def _stem(path: str) -> str:
    """The name of a file without its folder and its ending."""
    return path.rpartition("/")[2].rpartition(".")[0]


def _touch_file(change: TreeChange, kind: str) -> Touched:
    how = "changed" if change.base_blob else "added"
    return Touched(
        name=_stem(change.path), resource_type=kind, change=how, file=change.path, select=f"path:{change.path}"
    )


def _list_files(changes: Iterable[TreeChange], kinds: Mapping[str, str]) -> tuple[FileChange, ...]:
    return tuple(FileChange(change.path, change.status, kinds[change.path]) for change in sorted(changes))


def _sort(nodes: Iterable[Touched]) -> tuple[Touched, ...]:
    return tuple(sorted(set(nodes), key=lambda one: (one.resource_type, one.name, one.file or "", one.change)))


# -- by the code of two builds -------------------------------------------------------------------------------------

_CHANGES: Mapping[str, Literal["added", "changed", "renamed"]] = {
    "added": "added",
    "changed": "changed",
    "renamed": "renamed",
}


def scope_by_code(found: CommitRange, code: CodeDiff, environment: str, changes: Iterable[TreeChange]) -> DbtScope:
    """The answer by what the manifests of two builds say; it needs no reason but what runs beside every node."""
    reasons = {Reason(code="hook", resource=node.unique_id) for node in code.nodes if _is_changed_hook(node)}
    if code.nodes and all(node.code != "same" or node.unique_id in code.doubts for node in code.nodes):
        why = set(code.doubts.values())
        reasons |= {Reason(code="all-doubtful", resource=str(one)) for one in why if len(why) == 1}
    touched = [*_list_touched(code)]
    for node in touched:
        if not is_selectable(node.select.partition(":")[2] or node.select):
            reasons.add(Reason(code="unselectable-name", resource=node.unique_id))
    return DbtScope(
        found=found,
        by="code",
        environment=environment,
        reasons=sort_reasons(reasons),
        nodes=_sort(touched),
        removed=tuple(node.unique_id for node in code.nodes if node.code == "removed"),
        files=tuple(FileChange(change.path, change.status, "compared") for change in sorted(changes)),
    )


def _is_changed_hook(node: NodeDiff) -> bool:
    return node.resource_type == "operation" and node.code not in ("same", "parent")


def _list_touched(code: CodeDiff) -> Iterator[Touched]:
    for node in (*code.nodes, *code.sources):
        change = _CHANGES.get(node.code)
        if node.resource_type != "operation" and (change or node.unique_id in code.doubts):
            yield Touched(
                name=node.name,
                resource_type=node.resource_type,
                change=change or "doubt",
                file=node.file,
                select=_select(node),
                unique_id=node.unique_id,
            )


def _select(node: NodeDiff) -> str:
    """How dbt selects the node: by its name, which is unique within its kind but for packages."""
    parts = node.unique_id.split(".")
    name = ".".join(parts[2:3] if node.resource_type == "test" else parts[2:])
    match node.resource_type:
        case "source":
            return f"source:{name}+1"
        case "exposure" | "unit_test":
            return f"{node.resource_type}:{parts[-1]}"
        case _:
            return name
