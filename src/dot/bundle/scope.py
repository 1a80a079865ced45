"""What of a bundle a range of commits touches, and what therefore has to be deployed."""

import ast
import shlex
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from dot.base.frozen import Frozen
from dot.base.tree_change import TreeChange
from dot.bundle.layout import RESOURCES_FOLDER, Resource, Scope, domain_of, resource_of, scope_of
from dot.scope.aside import is_aside
from dot.scope.commits import RANGE_REASONS, CommitRange, FileChange, Reason, show_path, sort_reasons

REASONS = {
    **RANGE_REASONS,
    "other-file": "this file may touch every resource",
    "submodule": "what changed in this submodule is not in the commits",
    "linked-file": "this link leads to what has changed",
    "outside-file": "this is out of the bundle, and has changed or is in no commit",
    "yaml-resource": "a YAML file may hold resources whose names dot does not know",
    "deleted-resource": "it is gone, and `--select` cannot name what is to be deleted",
    "nothing-selectable": "this scope has no resource that could be selected",
    "foreign-module": "this module holds more or less than the resource that its path names, or did so at the base",
}
"""Why all is deployed, by the code of the reason."""

_ASIDE = ("docs", "tests")
_YAML = (".yml", ".yaml")
_VALUES = (ast.Constant, ast.JoinedStr, ast.List, ast.Tuple, ast.Set, ast.Dict, ast.ListComp, ast.DictComp, ast.SetComp)
"""Expressions whose value is no resource."""


class BundleScope(Frozen):
    """The answer. All is deployed exactly when there is a reason; else what `select` names, which may be nothing."""

    found: CommitRange
    reasons: tuple[Reason, ...] = ()
    scopes: tuple[Scope, ...] = ()
    removed_scopes: tuple[Scope, ...] = ()
    deleted_resources: tuple[str, ...] = ()
    select: tuple[str, ...] = ()
    files: tuple[FileChange, ...] = ()

    @property
    def is_full(self) -> bool:
        return bool(self.reasons)

    @property
    def command(self) -> tuple[str, ...]:
        """What deploys it; no words where there is nothing to deploy."""
        deploy = ("databricks", "bundle", "deploy")
        if self.is_full:
            return deploy
        return (*deploy, "--select", ",".join(self.select)) if self.select else ()

    def plain(self) -> dict[str, Any]:
        """As JSON has it, the same for the same range."""
        return {
            **self.found.plain(),
            "full_deploy": self.is_full,
            "reasons": [reason.plain() for reason in self.reasons],
            "scopes": [scope._asdict() for scope in self.scopes],
            "removed_scopes": [scope._asdict() for scope in self.removed_scopes],
            "deleted_resources": list(self.deleted_resources),
            "select": list(self.select),
            "files": [file.plain() for file in self.files],
        }


@dataclass(frozen=True)
class BundleFacts:
    """What was read: what has changed, the paths that base and head have, and the texts of the touched modules of both.

    `elsewhere` are the reasons that lie outside of what has changed in the bundle.
    """

    changes: tuple[TreeChange, ...]
    base: tuple[str, ...]
    head: tuple[str, ...]
    modules: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    elsewhere: tuple[Reason, ...] = ()


def classify(path: str) -> str:
    """What a path is to a deployment: `ignored`, of a `scope`, of a whole `domain`, or of the `bundle`."""
    top, _, below = path.partition("/")
    if is_aside(path) or (below and top in _ASIDE):
        return "ignored"
    return "scope" if scope_of(path) else "domain" if domain_of(path) else "bundle"


def scope_bundle(found: CommitRange, facts: BundleFacts) -> BundleScope:
    """What to deploy. Whatever cannot be told, or not be selected, deploys all."""
    if found.reason:
        return BundleScope(found=found, reasons=(Reason(code=found.reason),))
    touched = _Touched(facts)
    kinds = touched.kinds
    return BundleScope(
        found=found,
        reasons=sort_reasons({*facts.elsewhere, *touched.list_reasons()}),
        scopes=tuple(sorted(touched.scopes)),
        removed_scopes=tuple(sorted(touched.at_base - touched.at_head)),
        deleted_resources=tuple(sorted(resource.address for resource in touched.deleted)),
        select=tuple(sorted(resource.address for resource in touched.selectable)),
        files=tuple(FileChange(one.path, one.status, kinds[one.path]) for one in sorted(facts.changes)),
    )


def list_modules(facts: BundleFacts) -> tuple[str, ...]:
    """The modules of head that would be selected, by their paths."""
    return tuple(sorted(resource.module for resource in _Touched(facts).selectable))


@dataclass(frozen=True)
class _Touched:
    """What is found out, each thing from those above it."""

    facts: BundleFacts

    @cached_property
    def kinds(self) -> dict[str, str]:
        return {change.path: classify(change.path) for change in self.facts.changes}

    @cached_property
    def at_base(self) -> set[Scope]:
        return _list_scopes(self.facts.base)

    @cached_property
    def at_head(self) -> set[Scope]:
        return _list_scopes(self.facts.head)

    @cached_property
    def scopes(self) -> set[Scope]:
        """Those with a file that has changed, or that their domain has changed."""
        domains = {domain_of(path) for path, kind in self.kinds.items() if kind == "domain"}
        own = _list_scopes(path for path, kind in self.kinds.items() if kind == "scope")
        return own | {scope for scope in self.at_base | self.at_head if scope.domain in domains}

    @cached_property
    def deleted(self) -> set[Resource]:
        return _list_resources(self.facts.base) - self._resources

    @cached_property
    def _resources(self) -> set[Resource]:
        return _list_resources(self.facts.head)

    @cached_property
    def selectable(self) -> set[Resource]:
        """The resources of head that are in a touched scope."""
        return {resource for resource in self._resources if resource.scope in self.scopes}

    def list_reasons(self) -> Iterator[Reason]:
        """Why all has to be deployed."""
        for change in self.facts.changes:
            if code := _find_reason(change, self.kinds[change.path]):
                yield Reason(code=code, path=show_path(change.path))
        yield from (Reason(code="deleted-resource", resource=resource.address) for resource in self.deleted)
        having = {resource.scope for resource in self.selectable}
        for scope in self.scopes & self.at_head - having:
            yield Reason(code="nothing-selectable", resource=".".join(scope))
        for path in filter(self._is_stray, self.facts.head):
            yield Reason(code="foreign-module", path=show_path(path))
        for resource in self.selectable:
            texts = self.facts.modules.get(resource.module, ())
            if not all(_holds_alone(text, resource.key) for text in texts):
                yield Reason(code="foreign-module", path=show_path(resource.module), resource=resource.address)

    def _is_stray(self, path: str) -> bool:
        """Whether it is a module of a touched scope that would be loaded, and whose resources no path tells."""
        is_module = path.startswith(f"{RESOURCES_FOLDER}/") and path.endswith(".py")
        is_empty = path.endswith("/__init__.py")
        return is_module and not is_empty and not resource_of(path) and scope_of(path) in self.scopes


def _find_reason(change: TreeChange, kind: str) -> str | None:
    """Why this change has all deployed, by the code of the reason."""
    if kind == "ignored":
        return None
    if change.is_submodule:
        return "submodule"
    if kind == "bundle":
        return "other-file"
    is_yaml = change.path.startswith(f"{RESOURCES_FOLDER}/") and change.path.lower().endswith(_YAML)
    return "yaml-resource" if is_yaml else None


def _list_resources(paths: Iterable[str]) -> set[Resource]:
    return set(filter(None, map(resource_of, (path for path in paths if path.startswith(f"{RESOURCES_FOLDER}/")))))


def _list_scopes(paths: Iterable[str]) -> set[Scope]:
    """The scopes of the paths, of which all in one folder belong to the same."""
    folders = {path.rpartition("/")[0] for path in paths}
    return {scope for folder in folders if (scope := scope_of(f"{folder}/x"))}


def _holds_alone(text: str, key: str) -> bool:
    """Whether the module has this resource and, as far as can be told, no other; nobody's code is run to see it."""
    try:
        body = ast.parse(text).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    names = [_find_resource(statement) for statement in body]
    return set(filter(None, names)) == {key}


def _find_resource(statement: ast.stmt) -> str | None:
    """The name under which a statement may have a resource; nothing where it has none."""
    match statement:
        case (
            ast.Assign(targets=[ast.Name(id=name)], value=value)
            | ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value)
        ):
            return None if isinstance(value, _VALUES) else name
        case ast.FunctionDef(decorator_list=[_, *_]):
            return statement.name
        case ast.FunctionDef() | ast.ClassDef() | ast.Import() | ast.ImportFrom() | ast.Expr(value=ast.Constant()):
            return None
    return "?"


def render_bundle_scope(scope: BundleScope) -> str:
    """The answer in words; the command that deploys it stands last."""
    return "\n".join(_list_lines(scope))


def _list_lines(scope: BundleScope) -> Iterator[str]:
    count = len(scope.files)
    yield f"{scope.found.describe()} · {count:,} file{'' if count == 1 else 's'}"
    names = [f"{one.domain}.{one.source}" for one in scope.scopes]
    yield f"touched: {', '.join(names) or 'no scope'}"
    if scope.removed_scopes:
        yield f"removed: {', '.join(f'{one.domain}.{one.source}' for one in scope.removed_scopes)}"
    if scope.is_full:
        yield "everything is deployed:"
        yield from _some([f"  {explain_reason(reason)}" for reason in scope.reasons])
    yield shlex.join(scope.command) if scope.command else "nothing to deploy"


def explain_reason(reason: Reason) -> str:
    """`databricks.yml: this file may touch every resource (other-file)`."""
    about = reason.path or reason.resource
    text = f"{REASONS.get(reason.code, reason.code)} ({reason.code})"
    return f"{about}: {text}" if about else text


def _some(lines: list[str], most: int = 20) -> Iterator[str]:
    yield from lines[:most]
    if len(lines) > most:
        yield f"  and {len(lines) - most:,} more, see `--json`"
