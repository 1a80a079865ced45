"""What an answer about a bundle needs, from git's objects alone: nothing is imported, and nothing is checked out."""

import posixpath
import re
from dataclasses import dataclass, replace
from pathlib import Path

from dot.base.tree_change import TreeChange, TreeEntry
from dot.bundle.find_bundle import find_bundle
from dot.bundle.layout import BUNDLE_FILE, TARGETS_FOLDER
from dot.bundle.scope import BundleFacts, BundleScope, list_modules, scope_bundle
from dot.scope.commits import CommitRange, Mode, Reason
from dot.scope.gather_links import find_linked, find_outside
from dot.scope.gather_range import gather_range
from dot.scope.links import leads_out
from dot.system import git, git_range
from dot.system.shell import Shell

_WAY_OUT = re.compile(r"""(?:^|[\s"'\[,:])((?:\./)?\.\.(?:/[^\s"',\]#]*)?)""", re.MULTILINE)
"""A relative path in YAML that begins by leaving its folder."""


@dataclass(frozen=True)
class BundleScopeRequest:
    """What was typed."""

    base: str
    head: str = "HEAD"
    mode: Mode = "direct"
    bundle_dir: str | None = None


@dataclass(frozen=True)
class GatheredBundle:
    """The answer, and how many files of the bundle are in no commit, though they would be deployed."""

    scope: BundleScope
    edits: int


def gather_bundle_scope(request: BundleScopeRequest, shell: Shell) -> GatheredBundle:
    """What of the bundle the range touches. Raises `DotError`."""
    folder = find_bundle(shell, request.bundle_dir)
    found = gather_range(folder, request.base, request.head, request.mode)
    facts = BundleFacts((), (), ()) if found.reason else _gather_facts(folder, found)
    return GatheredBundle(scope_bundle(found, facts), len(git.list_edits(folder)))


def _gather_facts(folder: Path, found: CommitRange) -> BundleFacts:
    base, head = found.compare_from or "", found.head.commit or ""
    changes = git_range.read_changes(folder, base, head)
    at_base, at_head = (git_range.list_tree(folder, commit) for commit in (base, head))
    base_paths, head_paths = (tuple(entry.path for entry in entries) for entries in (at_base, at_head))
    facts = BundleFacts(changes, base_paths, head_paths, elsewhere=_find_elsewhere(folder, found, changes, at_head))
    wanted = set(list_modules(facts))
    blobs = [(entry.path, entry.blob) for entry in (*at_base, *at_head) if entry.path in wanted]
    contents = git_range.read_blobs(folder, (blob for _, blob in blobs)) if blobs else {}
    texts: dict[str, tuple[str, ...]] = {}
    for path, blob in blobs:
        texts[path] = (*texts.get(path, ()), contents[blob].decode("utf-8", "replace"))
    return replace(facts, modules=texts)


def _find_elsewhere(
    folder: Path, found: CommitRange, changes: tuple[TreeChange, ...], entries: tuple[TreeEntry, ...]
) -> tuple[Reason, ...]:
    """Why more is touched than what changed in the bundle: links, and what its settings name outside of it."""
    settings = [entry for entry in entries if not entry.is_link and _is_settings(entry.path)]
    blobs = git_range.read_blobs(folder, (entry.blob for entry in settings))
    named = (
        posixpath.normpath(posixpath.join(posixpath.dirname(entry.path), place))
        for entry in settings
        for place in _WAY_OUT.findall(blobs[entry.blob].decode("utf-8", "replace"))
    )
    linked = find_linked(folder, found, changes, entries)
    return (*linked, *find_outside(folder, found, filter(leads_out, named)))


def _is_settings(path: str) -> bool:
    return path == BUNDLE_FILE or (path.startswith(f"{TARGETS_FOLDER}/") and path.endswith((".yml", ".yaml")))
