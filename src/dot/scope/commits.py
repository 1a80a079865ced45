"""A range of commits as a value, and what every answer about one has in common."""

import re
from typing import Any, Literal, NamedTuple

from dot.base.frozen import Frozen

VERSION = 1
"""Of what `--json` prints. A key may join, none changes its meaning."""

_ZEROS = re.compile(r"0{40}(?:0{24})?\Z")
_ODD = re.compile(r"[\x00-\x1f\x7f-\x9f]")

Mode = Literal["direct", "merge-base"]

RANGE_REASONS = {
    "no-base": "there is no base to compare with",
    "no-merge-base": "the two commits have no history in common",
    "several-merge-bases": "both commits come from several others, of which none is the base",
    "shallow-history": "this clone is shallow, and lacks commits that tell what both come from: "
    "`git fetch --unshallow` brings them",
}
"""Why a range cannot be told, by the code of the reason."""


class NamedCommit(Frozen):
    """A commit and what it was called; without `commit` there is none, as before the first deployment."""

    ref: str
    commit: str | None


class Reason(Frozen):
    """Why everything counts as touched: a code for programs, and the path or the resource that it is about."""

    code: str
    path: str | None = None
    resource: str | None = None

    def plain(self) -> dict[str, str]:
        """Without what it does not have."""
        return {name: value for name, value in self.model_dump().items() if value is not None}


class FileChange(NamedTuple):
    """A path that differs, git's letter for how, and what dot makes of it."""

    path: str
    status: str
    kind: str

    def plain(self) -> dict[str, str]:
        """As JSON has it."""
        return {"path": show_path(self.path), "status": self.status, "class": self.kind}


class CommitRange(Frozen):
    """Base and head as they were named, and the commit that head is compared with, unless a reason says why none is."""

    base: NamedCommit
    head: NamedCommit
    mode: Mode
    compare_from: str | None
    reason: str | None = None

    def plain(self) -> dict[str, Any]:
        """As every answer begins."""
        return {
            "version": VERSION,
            "base": self.base.model_dump(),
            "head": self.head.model_dump(),
            "mode": self.mode,
            "compare_from": self.compare_from,
        }

    def describe(self) -> str:
        """`a1b2c3d4e5f6 (main) -> 0f1e2d3c4b5a (HEAD)`."""
        start = self.compare_from[:12] if self.compare_from else "nothing"
        name = f"where {self.base.ref} and it part" if self.mode == "merge-base" else self.base.ref or "no base"
        return f"{start} ({name}) → {(self.head.commit or '')[:12]} ({self.head.ref})"


def is_no_base(ref: str) -> bool:
    """Whether the base is empty, or all zeros, as CI systems call what was before a branch was."""
    return not ref.strip() or bool(_ZEROS.match(ref))


def choose_start(bases: tuple[str, ...], *, is_cut: bool) -> tuple[str | None, str | None]:
    """The merge base to compare with, or the code of the reason why there is none that can be relied on."""
    if is_cut:
        return None, "shallow-history"
    if len(bases) != 1:
        return None, "several-merge-bases" if bases else "no-merge-base"
    return bases[0], None


def show_path(path: str) -> str:
    """A path as text: what is not UTF-8 in it, and what would mislead a terminal, escaped."""
    text = path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return _ODD.sub(lambda found: f"\\x{ord(found[0]):02x}", text)


def sort_reasons(reasons: "set[Reason]") -> tuple[Reason, ...]:
    """Each reason once, by its code."""
    return tuple(sorted(reasons, key=lambda one: (one.code, one.path or "", one.resource or "")))
