"""What the refs of a repository say about its commits."""

import re
from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase
from pathlib import Path

from dot.system.git import ask

_AT_ONCE = 500
"""So many hashes fit into a command line everywhere."""

_REMOTE_HEAD = "refs/remotes/*/HEAD"
"""Another name of a remote's main branch."""

_WAY = re.compile(r"[~^].*")


def read_tips(cwd: Path) -> dict[str, tuple[str, ...]]:
    """The full names of the refs that point at each commit, an annotated tag at the commit that it names."""
    targets: dict[str, str] = {}
    for line in (ask(cwd, "show-ref", "--dereference") or "").splitlines():
        commit, _, ref = line.partition(" ")
        targets[ref.removesuffix("^{}")] = commit
    tips: dict[str, tuple[str, ...]] = {}
    for ref, commit in targets.items():
        if not fnmatchcase(ref, _REMOTE_HEAD):
            tips[commit] = (*tips.get(commit, ()), ref)
    return tips


def read_nearest(cwd: Path, commits: Sequence[str], *, below: str) -> dict[str, str]:
    """The full name of the nearest ref below `refs/heads/` or the like from which each commit is reached, if any."""
    lines: list[str] = []
    for start in range(0, len(commits), _AT_ONCE):
        words = ("name-rev", f"--refs={below}*", f"--exclude={_REMOTE_HEAD}", *commits[start : start + _AT_ONCE])
        lines += (ask(cwd, *words) or "").splitlines()
    return dict(_read_names(lines, below))


def _read_names(lines: Iterable[str], below: str) -> Iterable[tuple[str, str]]:
    """Without the way from the ref to the commit, and with `refs/heads/`, which git leaves out, as it does `refs/`."""
    for commit, _, name in (line.partition(" ") for line in lines):
        if name != "undefined":
            yield commit, below + _WAY.sub("", name).removeprefix(below.removeprefix("refs/"))


def list_refs(cwd: Path, start: str) -> dict[str, str]:
    """HEAD, branches, remote branches and tags whose short names start so, and the object of each; none outside of git.

    No object is read, so that it stays quick with thousands of refs.
    """
    patterns = (f"refs/{kind}/{start}*{below}" for kind in ("heads", "remotes", "tags") for below in ("", "/**"))
    output = ask(cwd, "for-each-ref", "--format=%(objectname) %(refname:lstrip=2)", *patterns)
    if output is None or set(start) & set("*?[\\"):  # which no ref has
        return {}
    words = output.replace("\n", " ").split(" ")[:-1]  # neither hashes nor names of refs have spaces in them
    head = {"HEAD": "HEAD"} if "HEAD".startswith(start) else {}
    found = zip(words[1::2], words[::2], strict=True)
    return head | {name: target for name, target in found if not name.endswith("/HEAD")}


def read_refs(cwd: Path) -> dict[str, str]:
    """HEAD, branches, remote branches and tags by short name, and the commit that each means; none outside of git."""
    output = ask(cwd, "show-ref", "--head", "--dereference") or ""
    kind = r"refs/(?:heads|tags|remotes(?!/[^/\n]+/HEAD$))/|(?=HEAD$)"
    found = re.findall(rf"^([0-9a-f]+) (?:{kind})(.+)$", output, re.MULTILINE)
    # The commit of an annotated tag stands in a line of its own, after the line of the tag.
    return {name.removesuffix("^{}"): commit for commit, name in found}
