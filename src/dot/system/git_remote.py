"""What a remote of the repository has. Only its refs are asked for, and nothing is fetched."""

from pathlib import Path

from dot.base.errors import GitError
from dot.system.git import call, refusal

_ALONE = {"GIT_TERMINAL_PROMPT": "0"}
"""Nobody sees a question that git would ask."""


def read_remote_url(folder: Path, remote: str) -> str | None:
    """The URL of the remote as it is written; None where there is no such remote."""
    done = call(folder, "config", "--get", f"remote.{remote}.url")
    return done.stdout.decode("utf-8", "replace").rstrip("\n") if done.exit_code == 0 else None


def is_on_remote(folder: Path, remote: str, commit: str) -> bool:
    """Whether a branch or tag of the remote contains the commit, as far as this clone knows what they contain.

    Raises `GitError` when the remote cannot be asked.
    """
    done = call(folder, "ls-remote", "--quiet", "--heads", "--tags", "--", remote, env=_ALONE)
    if done.exit_code:
        hint = f"see that `git fetch {remote}` works"
        raise refusal(f"ask the remote {remote}", done, hint)
    tips = {line.split(b"\t")[0].decode() for line in done.stdout.splitlines() if line.strip()}
    if commit in tips:
        return True
    known = call(folder, "cat-file", "--batch-check=%(objectname)", stdin="".join(f"{tip}\n" for tip in tips).encode())
    there = [line for line in known.stdout.decode().splitlines() if line in tips]
    if not there:
        return False
    asked = "".join((f"{commit}\n", *(f"^{tip}\n" for tip in there)))
    left = call(folder, "rev-list", "--max-count=1", "--ignore-missing", "--stdin", stdin=asked.encode())
    if left.exit_code:
        raise GitError.of(f"git cannot tell whether {remote} has the commit", hint=f"`git fetch {remote}` may help")
    return not left.stdout.strip()
