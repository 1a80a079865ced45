"""git through its own command line: plain functions, one question or one effect each."""

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from dot.errors import GitError
from dot.system.process import Command, Completed, run

# Inherited from a hook or an alias, variables such as GIT_DIR would point git at the wrong repository. These stay,
# because they carry credentials and configuration.
_KEPT = {
    "GIT_ASKPASS",
    "GIT_CONFIG_COUNT",
    "GIT_CONFIG_GLOBAL",
    "GIT_CONFIG_NOSYSTEM",
    "GIT_CONFIG_SYSTEM",
    "GIT_EXEC_PATH",
    "GIT_HTTP_LOW_SPEED_LIMIT",
    "GIT_HTTP_LOW_SPEED_TIME",
    "GIT_SSL_CAINFO",
    "GIT_SSL_NO_VERIFY",
    "GIT_TERMINAL_PROMPT",
}
_KEPT_PREFIXES = ("GIT_SSH", "GIT_CONFIG_KEY_", "GIT_CONFIG_VALUE_", "GIT_TRACE")


@dataclass(frozen=True)
class Repository:
    """A repository seen from a folder in it: `prefix` is that folder, relative to `toplevel`."""

    toplevel: Path
    common_dir: Path
    prefix: str
    is_shallow: bool


@dataclass(frozen=True)
class CommitInfo:
    """What a commit says of itself: first line of its message, and its committer's time in seconds since 1970."""

    subject: str
    committed_at: int


_READING = {"GIT_OPTIONAL_LOCKS": "0"}
"""Reading never refreshes the index."""


def scrub(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment without what git sets for hooks and aliases, which would lead astray every git in it."""
    return {
        name: value
        for name, value in environ.items()
        if not name.startswith("GIT_") or name in _KEPT or name.startswith(_KEPT_PREFIXES)
    }


def _git(cwd: Path, *words: str, stdin: bytes = b"", env: Mapping[str, str] | None = None) -> Completed:
    command = Command(("git", *words), cwd, scrub(os.environ) | _READING | dict(env or {}))
    try:
        return run(command, stdin=stdin)
    except FileNotFoundError:
        raise GitError.of("git is not installed", hint="install git, and see that it is on PATH") from None
    except ValueError:
        raise GitError.of("a git ref cannot hold a NUL character") from None


def _text(output: bytes) -> str:
    return output.decode("utf-8", "surrogateescape")


def _checked(cwd: Path, *words: str, what: str, hint: str | None = None) -> str:
    done = _git(cwd, *words)
    if done.exit_code:
        raise GitError.of(f"git could not {what}", notes=reasons(done), hint=hint)
    return _text(done.stdout)


def reasons(done: Completed) -> tuple[str, ...]:
    """What git said on stderr, without its decoration."""
    lines = done.stderr.decode("utf-8", "replace").splitlines()
    return tuple(line.removeprefix("fatal: ").removeprefix("error: ") for line in lines if line.strip())[-5:]


# -- questions -----------------------------------------------------------------------------------------------------


def read_repository(folder: Path) -> Repository:
    """The repository that this folder is in. Raises `GitError` when it is in none."""
    questions = ("--show-toplevel", "--git-common-dir", "--is-shallow-repository", "--show-prefix")
    done = _git(folder, "rev-parse", "--path-format=absolute", *questions)
    if done.exit_code:
        raise GitError.of(
            f"{folder} is not in a git work tree",
            notes=reasons(done),
            hint="isolated builds need a git repository; an address without `@` runs a live build",
        )
    toplevel, common_dir, is_shallow, prefix = _text(done.stdout).split("\n")[:4]
    return Repository(Path(toplevel), Path(common_dir), prefix.rstrip("/"), is_shallow == "true")


def resolve_commit(cwd: Path, ref: str) -> str | None:
    """The full hash of the commit that the ref means, an annotated tag's commit for a tag; nothing for no commit."""
    done = _git(cwd, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}")
    commit = _text(done.stdout).strip() if done.exit_code == 0 else ""
    return commit if commit and not commit.startswith("^") else None  # `^main` means "not main"


def abbreviate(cwd: Path, commit: str, length: int | None) -> str:
    """The full hash as git abbreviates it: as short as is unambiguous here, or at least `length` digits."""
    option = f"--short={length}" if length else "--short"
    return _checked(cwd, "rev-parse", option, commit, what=f"abbreviate {commit}").strip()


def read_objects(cwd: Path, names: Iterable[str]) -> dict[str, bytes | None]:
    """The contents of git objects (`<commit>`, `<commit>:<path>`) by name, in one process; None for a missing one."""
    names = list(names)
    done = _git(cwd, "cat-file", "--batch", stdin="".join(f"{name}\n" for name in names).encode())
    if done.exit_code:
        raise GitError.of("git could not read the commit", notes=reasons(done))
    rest = done.stdout
    found: dict[str, bytes | None] = {}
    for name in names:
        header, _, rest = rest.partition(b"\n")
        words = header.rsplit(b" ", 2)
        if len(words) < 3 or not words[2].isdigit():  # noqa: PLR2004 - "<object> <type> <size>", else "… missing"
            found[name] = None
            continue
        size = int(words[2])
        found[name], rest = rest[:size], rest[size + 1 :]
    return found


def parse_commit(content: bytes) -> CommitInfo:
    """A commit object's subject and committer time."""
    header, _, message = content.partition(b"\n\n")
    fields = {line.partition(b" ")[0]: line.partition(b" ")[2] for line in header.split(b"\n")}
    seconds = fields.get(b"committer", b"").rsplit(b" ", 2)[-2:-1]
    encoding = fields.get(b"encoding", b"utf-8").decode("ascii", "replace")
    try:
        text = message.decode(encoding, "replace")
    except LookupError:
        text = message.decode("utf-8", "replace")
    return CommitInfo(text.strip().partition("\n")[0], int(seconds[0]) if seconds else 0)


def read_version(cwd: Path) -> str:
    """The version of git."""
    return _checked(cwd, "version", what="tell its version").strip().removeprefix("git version ")


def list_worktrees(cwd: Path) -> tuple[Path, ...]:
    """Every worktree that the repository knows, whether it is still there or not."""
    output = _checked(cwd, "worktree", "list", "--porcelain", "-z", what="list the worktrees")
    fields = (field.partition(" ") for field in output.split("\0"))
    return tuple(Path(value) for name, _, value in fields if name == "worktree")


def read_age(cwd: Path, commit: str) -> str:
    """How long ago the commit was made, in words, such as `3 days ago`."""
    return _checked(cwd, "show", "--no-patch", "--format=%cr", commit, what=f"read {commit}").strip()


def read_ref_names(cwd: Path) -> list[str]:
    """The short names of branches, tags and remote branches."""
    words = ("for-each-ref", "--format=%(refname:short)", "refs/heads", "refs/tags", "refs/remotes")
    return _checked(cwd, *words, what="list branches and tags").split("\n")[:-1]


def list_refs(cwd: Path, start: str) -> dict[str, str]:
    """HEAD, branches, remote branches and tags whose short names start so, and the object of each; none outside of git.

    No object is read, so that it stays quick with thousands of refs.
    """
    patterns = (f"refs/{kind}/{start}*{below}" for kind in ("heads", "remotes", "tags") for below in ("", "/**"))
    done = _git(cwd, "for-each-ref", "--format=%(objectname) %(refname:lstrip=2)", *patterns)
    if done.exit_code or set(start) & set("*?[\\"):  # which no ref has
        return {}
    found = (line.partition(" ") for line in _text(done.stdout).split("\n")[:-1])
    head = {"HEAD": "HEAD"} if "HEAD".startswith(start) else {}
    return head | {name: target for target, _, name in found if not name.endswith("/HEAD")}


def read_refs(cwd: Path) -> dict[str, str]:
    """HEAD, branches, remote branches and tags by short name, and the commit that each means; none outside of git."""
    output = _text(_git(cwd, "show-ref", "--head", "--dereference").stdout)
    kind = r"refs/(?:heads|tags|remotes(?!/[^/\n]+/HEAD$))/|(?=HEAD$)"
    found = re.findall(rf"^([0-9a-f]+) (?:{kind})(.+)$", output, re.MULTILINE)
    # The commit of an annotated tag stands in a line of its own, after the line of the tag.
    return {name.removesuffix("^{}"): commit for commit, name in found}


def read_changes(path: Path, commit: str) -> tuple[str, ...] | None:
    """The tracked files of a worktree that are not as in the commit; None when it is no worktree of that commit."""
    if not (path / ".git").is_file():
        return None
    done = _git(path, *_WHOLE, "status", "--porcelain=v2", "--branch", "-z", "--untracked-files=no", "--no-renames")
    lines = _text(done.stdout).split("\0")
    if done.exit_code or f"# branch.oid {commit}" not in lines:
        return None
    # "1 XY sub mH mI mW hH hI path", "u …" likewise with ten fields before the path.
    return tuple(line.split(" ", 10 if line[0] == "u" else 8)[-1] for line in lines if line[:2] in ("1 ", "u "))


# -- effects -------------------------------------------------------------------------------------------------------

_NO_HOOKS = ("-c", f"core.hooksPath={os.devnull}")
# What a person has configured must not change what the demo looks like, or ask for a key to sign with.
_DEMO = tuple(
    word
    for setting in (
        *("user.name=dot demo", "user.email=demo@example.com", "commit.gpgsign=false"),
        *("core.excludesFile=", "core.attributesFile=", "core.autocrlf=false", "i18n.commitEncoding=UTF-8"),
    )
    for word in ("-c", setting)
)
_WHOLE = tuple(
    word
    for setting in ("core.sparseCheckout=false", "submodule.recurse=false", "core.fsmonitor=false")
    for word in ("-c", setting)
)
_CHECKOUT = (*_WHOLE, "-c", "checkout.workers=0", "-c", "core.longpaths=true")
_SPACE = "see that the disk has space, can be written and takes a path this long, then run the same command again"


def add_worktree(cwd: Path, path: Path, commit: str) -> None:
    """Register an empty detached worktree. The caller holds the repository's lock."""
    words = ("worktree", "add", "--force", "--detach", "--no-checkout", str(path), commit)
    _checked(cwd, *_NO_HOOKS, *words, what=f"add a worktree for {commit}", hint=_SPACE)


def fill_worktree(path: Path) -> None:
    """Check out every file of the worktree's HEAD, on all processors."""
    _checked(path, *_NO_HOOKS, *_CHECKOUT, "reset", "--hard", "--quiet", what=f"check out {path}", hint=_SPACE)


def update_submodules(path: Path) -> None:
    """Check out the submodules that the commit has, as it has them."""
    words = ("submodule", "update", "--init", "--recursive", "--force", "--quiet")
    _checked(path, *_NO_HOOKS, *_CHECKOUT, *words, what=f"check out the submodules of {path}")


def repair_worktree(cwd: Path, path: Path) -> None:
    """Mend the links between the repository and a worktree after one of them was moved. The caller holds the lock."""
    _git(cwd, "worktree", "repair", str(path))


def restore_files(path: Path, files: Iterable[str]) -> None:
    """Bring these tracked files back to what they are in the worktree's commit."""
    stdin = "\0".join(files).encode("utf-8", "surrogateescape")
    words = ("checkout", "--quiet", "--force", "HEAD", "--pathspec-from-file=-", "--pathspec-file-nul")
    done = _git(path, "--literal-pathspecs", *_NO_HOOKS, *_WHOLE, *words, stdin=stdin)
    if done.exit_code:
        raise GitError.of(f"git could not restore files in {path}", notes=reasons(done))


def forget_worktree(cwd: Path, path: Path) -> None:
    """Drop git's entry for a worktree whose folder is gone. The caller holds the lock."""
    _git(cwd, "worktree", "remove", "--force", "--force", str(path))


def init_repository(folder: Path, branch: str) -> None:
    """Make a repository whose first branch has this name."""
    _checked(
        folder, "init", "--quiet", "--template=", f"--initial-branch={branch}", what=f"make a repository in {folder}"
    )


def commit_all(folder: Path, message: str, moment: str) -> None:
    """Commit everything in the folder as if at this moment, without hooks."""
    _checked(folder, *_DEMO, "add", "--all", what="add the files")
    env = {"GIT_AUTHOR_DATE": moment, "GIT_COMMITTER_DATE": moment}
    done = _git(folder, *_NO_HOOKS, *_DEMO, "commit", "--quiet", "--message", message, env=env)
    if done.exit_code:
        raise GitError.of("git could not commit", notes=reasons(done))


def switch_branch(folder: Path, branch: str, *, create: bool = False) -> None:
    """Check out a branch, or start one here."""
    words = ("switch", "--quiet", "--create", branch) if create else ("switch", "--quiet", branch)
    _checked(folder, *_NO_HOOKS, *words, what=f"switch to {branch}")
