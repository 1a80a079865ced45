"""What an answer about a dbt project needs: git's objects, and the manifests of two builds where they are there."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from dot.base.address import Address
from dot.base.errors import DotError, MissingBuildError, OutsideError
from dot.base.layout import Layout
from dot.base.tree_change import TreeChange
from dot.config.find_settings import follow_settings
from dot.dbt.manifest import parse_manifest
from dot.dbt.project import DbtProject, find_project
from dot.diff.code.compare import compare_code
from dot.diff.code.gather_code import gather_code
from dot.diff.gather_sides import gather_side
from dot.plan.gather_commit import find_build, gather_commit
from dot.plan.gather_workspace import survey
from dot.scope.commits import CommitRange, Mode
from dot.scope.dbt_files import PROPERTIES, Folders
from dot.scope.dbt_scope import DbtScope, PathFacts, scope_by_code, scope_by_paths, scope_of_range
from dot.scope.gather_links import find_linked, find_outside
from dot.scope.gather_range import gather_range
from dot.scope.properties import Told, compare_properties
from dot.system import git, git_range, store
from dot.system.shell import Shell
from dot.system.yaml import load_values


@dataclass(frozen=True)
class DbtScopeRequest:
    """What was typed. Without an `environment`, the default one's builds are looked for."""

    base: str
    head: str = "HEAD"
    mode: Mode = "direct"
    environment: str | None = None
    project_dir: str | None = None


@dataclass(frozen=True)
class GatheredScope:
    """The answer, why it is not by code where there are builds to go by, and how many files are in no commit."""

    scope: DbtScope
    note: str | None = None
    edits: int = 0


def gather_dbt_scope(request: DbtScopeRequest, shell: Shell) -> GatheredScope:
    """Which nodes the range touches, by the code of both builds if they are there. Raises `DotError`."""
    project = find_project(shell.cwd, request.project_dir, shell.environ)
    settings = follow_settings(project, shell)
    found = gather_range(project, request.base, request.head, request.mode)
    _, dbt_project = gather_commit(project, found.head.commit or "", settings.short_hash_length)
    is_here = found.head.commit == git.resolve_commit(project, "HEAD")
    edits = len(git.list_edits(project)) if is_here else 0
    if answered := scope_of_range(found):
        return GatheredScope(answered, edits=edits)
    changes = git_range.read_changes(project, found.compare_from or "", found.head.commit or "")
    note = None
    if _are_built(project, found) or request.environment:
        try:
            return GatheredScope(_scope_by_code(request, shell, found, changes), edits=edits)
        except DotError as error:
            if request.environment and not isinstance(error, MissingBuildError | OutsideError):
                raise
            note = error.problems[0].message
    return GatheredScope(scope_by_paths(found, _gather_paths(project, found, changes, dbt_project)), note, edits)


def _are_built(project: Path, found: CommitRange) -> bool:
    return all(find_build(Layout(project), commit) for commit in (found.compare_from, found.head.commit) if commit)


def _scope_by_code(
    request: DbtScopeRequest, shell: Shell, found: CommitRange, changes: tuple[TreeChange, ...]
) -> DbtScope:
    """Raises `DotError` when a build or its manifest is not there, or the environment is not."""
    here = survey(shell, request.project_dir)
    commits = (found.compare_from or "", found.head.commit or "")
    base, head = (gather_side(here, Address(environment=request.environment, ref=commit)) for commit in commits)
    manifests = tuple(
        parse_manifest(store.read_bytes(Path(side.folder.target / "manifest.json"))) for side in (base, head)
    )
    if not manifests[0] or not manifests[1]:
        raise OutsideError.of("a manifest of the two builds cannot be read", hint="build them again")
    sides = gather_code((base, head), (manifests[0], manifests[1]), shows_rows=False)
    # Which rows a build was limited to says nothing of the commits.
    sides = (replace(sides[0], limit=None), replace(sides[1], limit=None))
    code = compare_code(*sides, git.list_differing(here.project, *commits))
    return scope_by_code(found, code, head.environment.name, changes)


def _gather_paths(
    project: Path, found: CommitRange, changes: tuple[TreeChange, ...], dbt_project: DbtProject
) -> PathFacts:
    folders = Folders(dbt_project.paths)
    linked = find_linked(project, found, changes, git_range.list_tree(project, found.head.commit or ""))
    files = [change for change in changes if change.path.lower().endswith(PROPERTIES) and not change.is_link]
    files = [change for change in files if folders.classify(change.path) == "properties"]
    names = [blob for change in files for blob in (change.base_blob, change.head_blob) if blob]
    blobs = git_range.read_blobs(project, names) if names else {}
    return PathFacts(
        folders=folders,
        changes=changes,
        properties={change.path: _compare(change, blobs) for change in files},
        elsewhere=(*linked, *find_outside(project, found, folders.outside)),
    )


def _compare(change: TreeChange, blobs: Mapping[str, bytes]) -> tuple[Told, ...] | None:
    """What a property file says otherwise; None where one of its two versions cannot be read."""
    data = []
    for blob in (change.base_blob, change.head_blob):
        try:
            source = load_values((blobs[blob] if blob else b"").decode("utf-8"), change.path)
        except UnicodeDecodeError:
            return None
        if source.problems:
            return None
        data.append(source.data)
    return compare_properties(*data)
