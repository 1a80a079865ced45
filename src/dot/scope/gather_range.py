"""The range of commits that somebody asks about, and what differs in it, from git's objects alone."""

from pathlib import Path

from dot.plan.gather_commit import resolve_ref
from dot.scope.commits import CommitRange, Mode, NamedCommit, choose_start, is_no_base
from dot.system import git_range


def gather_range(folder: Path, base: str, head: str, mode: Mode) -> CommitRange:
    """What base and head mean in the repository of this folder. Raises `AddressError` for an unknown ref."""
    _, head_commit = resolve_ref(folder, head)
    named = NamedCommit(ref=head, commit=head_commit)
    if is_no_base(base):
        none = NamedCommit(ref=base, commit=None)
        return CommitRange(base=none, head=named, mode=mode, compare_from=None, reason="no-base")
    _, base_commit = resolve_ref(folder, base)
    start, reason = base_commit, None
    if mode == "merge-base":
        bases = git_range.list_merge_bases(folder, base_commit, head_commit)
        start, reason = choose_start(bases, is_cut=git_range.is_cut(folder, base_commit, head_commit))
    base_named = NamedCommit(ref=base, commit=base_commit)
    return CommitRange(base=base_named, head=named, mode=mode, compare_from=start, reason=reason)
