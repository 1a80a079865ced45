"""git through its own command line: plain functions, one question or one effect each."""

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from fnmatch import fnmatchcase
from pathlib import Path
from typing import NamedTuple

from dot.base.errors import AddressError, GitError
from dot.system.process import SIGNALLED, Command, Completed, run

_HEXADECIMAL = re.compile(r"[0-9a-f]{4,}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")

_TIES = {
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_ATTR_SOURCE",
    "GIT_COMMON_DIR",
    "GIT_CONFIG",
    "GIT_DIR",
    "GIT_GRAFT_FILE",
    "GIT_IMPLICIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_NAMESPACE",
    "GIT_NO_REPLACE_OBJECTS",
    "GIT_OBJECT_DIRECTORY",
    "GIT_PREFIX",
    "GIT_QUARANTINE_PATH",
    "GIT_REPLACE_REF_BASE",
    "GIT_SHALLOW_FILE",
    "GIT_WORK_TREE",
}
"""Inherited from a hook or an alias, these would point git at another repository than the one that dot means.

They are what `git rev-parse --local-env-vars` names, but for the configuration of `git -c`, and a few that it forgets.
"""
_TIES_PREFIXES = ("GIT_INTERNAL_", "GIT_REDIRECT_")
_TIES_SUFFIX = "_PATHSPECS"  # which say how the names of files are read


class Repository(NamedTuple):
    """A repository seen from a folder in it: `prefix` is that folder, relative to `toplevel`."""

    toplevel: Path
    common_dir: Path
    prefix: str
    is_shallow: bool


class Link(NamedTuple):
    """Where the `.git` file of a worktree leads: git's entry, its repository, and the worktree that it is meant for."""

    entry: Path
    common_dir: Path
    worktree: Path


class CommitInfo(NamedTuple):
    """What a commit says of itself: first line of its message, who wrote it, and times in seconds since 1970."""

    subject: str
    committed_at: int
    author: str
    authored_at: int


_AGAIN = "then run the same command again"
_HINTS = {
    r"no space left|out of diskspace|quota exceeded": f"free some space, {_AGAIN}",
    r"name too long": f"move the project to a shorter path, {_AGAIN}",
    r"read-only file system|permission denied.*\.dot": "dot writes under `.dot/`: allow yourself to write there",
    r"git-crypt": f"`git-crypt unlock` the repository, {_AGAIN}",
    r"smudge|external filter|clean filter": "the filter is one that `.gitattributes` names for these files: "
    f"see that its program works here, {_AGAIN}",
    r"promisor|could not fetch|unable to read (sha1 file|tree)|missing blob|invalid object": "objects of the commit "
    f"are not in this clone: see that the remote can be reached (`git fetch --refetch` brings all of them), {_AGAIN}",
    r"unable to (write|create)|could(n't| not) (write|create)|write error|ended by signal": "see that the disk has "
    f"space, can be written and takes a path this long, {_AGAIN}",
    r"transport '\w+' not allowed": "`GIT_ALLOW_PROTOCOL` or `protocol.allow` in git's configuration allows it",
}
"""What helps, by what git says."""

_ALWAYS = {"GIT_OPTIONAL_LOCKS": "0", "LANGUAGE": "C"}
"""Reading never refreshes the index, and what git says is looked up above."""


def scrub(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment without what ties every git in it to one repository."""
    return {name: value for name, value in environ.items() if not _is_tie(name)}


def _is_tie(name: str) -> bool:
    is_of_git = name.startswith("GIT_")
    return name in _TIES or name.startswith(_TIES_PREFIXES) or (is_of_git and name.endswith(_TIES_SUFFIX))


def call(cwd: Path, *words: str, stdin: bytes = b"", env: Mapping[str, str] | None = None) -> Completed:
    """Run git to its end, whatever that is. Raises `GitError` when there is none."""
    command = Command(("git", *words), cwd, scrub(os.environ) | _ALWAYS | dict(env or {}))
    try:
        return run(command, stdin=stdin)
    except FileNotFoundError:
        raise GitError.of("git is not installed", hint="install git, and see that it is on PATH") from None
    except ValueError:
        raise GitError.of("a git ref cannot hold a NUL character") from None


def _text(output: bytes) -> str:
    return output.decode("utf-8", "surrogateescape")


def _answer(cwd: Path, *words: str) -> str | None:
    """What git prints, with `\ufffd` for what is not UTF-8; None when git ends with an error."""
    done = call(cwd, *words)
    return done.stdout.decode("utf-8", "replace") if done.exit_code == 0 else None


def _checked(cwd: Path, *words: str, what: str, hint: str | None = None) -> str:
    done = call(cwd, *words)
    if done.exit_code:
        raise refusal(what, done, hint)
    return _text(done.stdout)


def refusal(what: str, done: Completed, hint: str | None = None) -> GitError:
    """What git could not do, why, and what helps against that."""
    notes = reasons(done)
    causes = (help_ for cause, help_ in _HINTS.items() if re.search(cause, "\n".join(notes), re.IGNORECASE))
    return GitError.of(f"git could not {what}", notes=notes, hint=next(causes, hint))


def reasons(done: Completed) -> tuple[str, ...]:
    """What git said on stderr, without its decoration."""
    lines = done.stderr.decode("utf-8", "replace").splitlines()
    if not lines and done.exit_code > SIGNALLED:
        return (f"it was ended by signal {done.exit_code - SIGNALLED}",)
    return tuple(line.removeprefix("fatal: ").removeprefix("error: ") for line in lines if line.strip())[-5:]


# -- questions -----------------------------------------------------------------------------------------------------


def read_repository(folder: Path) -> Repository:
    """The repository that this folder is in. Raises `GitError` when it is in none."""
    questions = ("--show-toplevel", "--git-common-dir", "--is-shallow-repository", "--show-prefix")
    done = call(folder, "rev-parse", "--path-format=absolute", *questions)
    if done.exit_code:
        raise GitError.of(
            f"{folder} is not in a git work tree",
            notes=reasons(done),
            hint="isolated builds need a git repository; an address without `@` runs a live build",
        )
    toplevel, common_dir, is_shallow, prefix = _text(done.stdout).split("\n")[:4]
    return Repository(Path(toplevel), Path(common_dir), prefix.rstrip("/"), is_shallow == "true")


def resolve_commit(cwd: Path, ref: str) -> str | None:
    """The full hash of the commit that the ref means, an annotated tag's commit for a tag; nothing for no commit.

    Raises `AddressError` for a name that means several commits, of which git takes one and warns.
    """
    words = ("rev-parse", "--verify", "--end-of-options", f"{ref}^{{commit}}")
    done = call(cwd, "-c", "core.warnAmbiguousRefs=true", *words)
    if b"is ambiguous" in done.stderr:
        _refuse_ambiguous(cwd, ref)
    commit = _text(done.stdout).strip() if not done.exit_code else ""
    return commit if commit and not commit.startswith("^") else None  # `^main` means "not main"


def _refuse_ambiguous(cwd: Path, ref: str) -> None:
    """Raise unless all that the name could mean is one commit."""
    name = re.split(r"[~^:]|@\{", ref)[0]
    if name in ("HEAD", "@", ""):  # for which there is no other name
        return
    places = [f"refs/{kind}{name}" for kind in ("", "tags/", "heads/", "remotes/")] + [f"refs/remotes/{name}/HEAD"]
    listed = _answer(cwd, "for-each-ref", "--format=%(refname)", *places) or ""
    names = [place for place in places if place in listed.splitlines()]
    if _HEXADECIMAL.fullmatch(name):
        names += (_answer(cwd, "rev-parse", f"--disambiguate={name}") or "").split()
    peeled = ((full, _answer(cwd, "rev-parse", "--verify", "--quiet", f"{full}^{{commit}}")) for full in names)
    meant = {full: commit.strip() for full, commit in peeled if commit}
    if len(set(meant.values())) > 1:
        said = [f"`{full.removeprefix('refs/')}{ref.removeprefix(name)}`" for full in meant]
        raise AddressError.of(
            f"`{name}` is the name of {len(meant)} commits in this repository",
            notes=tuple(full if full == commit else f"{full} is {commit[:12]}" for full, commit in meant.items()),
            hint=f"say which one is meant: {' or '.join(said)}",
        )


LEAST_DIGITS = 7
"""Fewer may well stand in a name by chance, as `2024` does; git gives fewer only to those who configured it so."""


def abbreviate(cwd: Path, commit: str, length: int | None) -> str:
    """The full hash as git abbreviates it: as short as is unambiguous here, or at least `length` digits."""
    option = f"--short={length}" if length else "--short"
    short_hash = _checked(cwd, "rev-parse", option, commit, what=f"abbreviate {commit}").strip()
    return short_hash if length or len(short_hash) >= LEAST_DIGITS else abbreviate(cwd, commit, LEAST_DIGITS)


def read_objects(cwd: Path, names: Iterable[str]) -> dict[str, bytes | None]:
    """The contents of git objects (`<commit>`, `<commit>:<path>`) by name, in one process; None for a missing one."""
    names = list(names)
    done = call(cwd, "cat-file", "--batch", stdin="".join(f"{name}\n" for name in names).encode())
    if done.exit_code:
        raise refusal("read the commit", done)
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
    """A commit object's subject, author and times; no control character in them, which could mislead a terminal."""
    header, _, message = content.partition(b"\n\n")
    fields = {line.partition(b" ")[0]: line.partition(b" ")[2] for line in header.split(b"\n")}
    encoding = fields.get(b"encoding", b"utf-8").decode("ascii", "replace")
    _, committed_at = _parse_person(fields.get(b"committer", b""))
    author, authored_at = _parse_person(fields.get(b"author", b""))
    subject = _decode(message.strip().partition(b"\n")[0], encoding)
    return CommitInfo(subject.strip(), committed_at, _decode(author, encoding), authored_at)


def _parse_person(field: bytes) -> tuple[bytes, int]:
    """The name in `name <address> seconds zone`, and the seconds."""
    seconds = field.rsplit(b" ", 2)[-2:-1]
    return field.partition(b" <")[0], int(seconds[0]) if seconds else 0


def _decode(text: bytes, encoding: str) -> str:
    try:
        decoded = text.decode(encoding, "replace")
    except LookupError:
        decoded = text.decode("utf-8", "replace")
    return _CONTROL.sub(" ", decoded)


def read_version(cwd: Path) -> str:
    """The version of git."""
    return _checked(cwd, "version", what="tell its version").strip().removeprefix("git version ")


def list_worktrees(cwd: Path) -> tuple[Path, ...]:
    """Every worktree that the repository knows, whether it is still there or not."""
    output = _checked(cwd, "worktree", "list", "--porcelain", "-z", what="list the worktrees")
    fields = (field.partition(" ") for field in output.split("\0"))
    return tuple(Path(value) for name, _, value in fields if name == "worktree")


def read_link(path: Path) -> Link | None:
    """Where the worktree's `.git` file leads; None when that is nowhere."""
    try:
        entry = (path / _read_path(path / ".git").removeprefix("gitdir: ")).resolve()
        worktree = (entry / _read_path(entry / "gitdir")).parent.resolve()
    except OSError:
        return None
    return Link(entry, entry.parent.parent, worktree)


def _read_path(file: Path) -> str:
    return file.read_text("utf-8", "surrogateescape").rstrip("\n")


def read_ref_names(cwd: Path) -> list[str]:
    """The short names of branches, tags and remote branches."""
    words = ("for-each-ref", "--format=%(refname:short)", "refs/heads", "refs/tags", "refs/remotes")
    return _checked(cwd, *words, what="list branches and tags").split("\n")[:-1]


def is_ignored(folder: Path, name: str) -> bool | None:
    """Whether the user's own files have git ignore this name in the folder, tracked or not; None in no repository.

    A name that ends in a slash is a folder's. What stands in that folder's own `.gitignore` is not asked.
    """
    # Of a folder that is there git asks its own file too, if the name has the slash; without it git knows the folder.
    asked = name.rstrip("/") if (folder / name).is_dir() else name
    exit_code = call(folder, "check-ignore", "--no-index", "--quiet", "--", asked).exit_code
    return None if exit_code > 1 else not exit_code


def is_tracked(folder: Path, name: str) -> bool:
    """Whether a commit decides what has this name in the folder: that which is checked out, or the next.

    Upper and lower case are the same, as they are to many a file system.
    """
    words = ("-z", "--", f":(icase){name}")
    try:
        found = _answer(folder, "ls-files", "--with-tree=HEAD", *words)
        return bool(_answer(folder, "ls-files", *words) if found is None else found)  # before the first commit
    except GitError:  # without git there are no commits
        return False


def list_edits(folder: Path, *, is_everywhere: bool = False) -> tuple[str, ...]:
    """The files that differ from HEAD, and new ones that git does not ignore, each as seen from the repository's top.

    Only those below the folder, unless it `is_everywhere`.
    """
    where = ":/" if is_everywhere else "."
    done = call(folder, "status", "--porcelain", "-z", "--untracked-files=all", "--no-renames", "--", where)
    return () if done.exit_code else tuple(line[3:] for line in _text(done.stdout).split("\0") if line)


def read_changes(path: Path, commit: str) -> tuple[str, ...] | None:
    """The tracked files of a worktree that git calls changed; None when it is no worktree of that commit."""
    if not (path / ".git").is_file():
        return None
    done = call(path, *_WHOLE, "status", "--porcelain=v2", "--branch", "-z", "--untracked-files=no", "--no-renames")
    lines = _text(done.stdout).split("\0")
    if done.exit_code or f"# branch.oid {commit}" not in lines:
        return None
    # "1 XY sub mH mI mW hH hI path", "u …" likewise with ten fields before the path.
    return tuple(line.split(" ", 10 if line[0] == "u" else 8)[-1] for line in lines if line[:2] in ("1 ", "u "))


def list_links(path: Path) -> tuple[Path, ...]:
    """Every link that the worktree's commit, or a submodule of it, has."""
    entries = call(path, "ls-files", "--stage", "--recurse-submodules", "-z").stdout.split(b"\0")
    return tuple(path / os.fsdecode(entry.partition(b"\t")[2]) for entry in entries if entry.startswith(b"120000 "))


def list_differing(cwd: Path, base: str | None, head: str | None) -> tuple[str, ...]:
    """The files that two commits of the repository do not have alike, from its top; None is the working tree.

    A file of the working tree that was edited and edited back may be among them: `git diff`, which would tell, writes
    the index anew.
    """
    if base == head:
        return ()
    commits = (base or "HEAD", head or "HEAD")
    names = call(cwd, "diff", "--name-only", "--no-renames", "--no-ext-diff", "-z", *commits, "--").stdout
    edits = () if base and head else list_edits(cwd, is_everywhere=True)
    return tuple(sorted({name for name in (*_text(names).split("\0"), *edits) if name}))


# -- what refs say of commits --------------------------------------------------------------------------------------

_AT_ONCE = 500
"""So many hashes fit into a command line everywhere."""

_REMOTE_HEAD = "refs/remotes/*/HEAD"
"""Another name of a remote's main branch."""

_WAY_FROM_REF = re.compile(r"[~^].*")


def read_tips(cwd: Path) -> dict[str, tuple[str, ...]]:
    """The full names of the refs that point at each commit, an annotated tag at the commit that it names."""
    targets: dict[str, str] = {}
    for line in (_answer(cwd, "show-ref", "--dereference") or "").splitlines():
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
        lines += (_answer(cwd, *words) or "").splitlines()
    return dict(_read_names(lines, below))


def _read_names(lines: Iterable[str], below: str) -> Iterable[tuple[str, str]]:
    """Without the way from the ref to the commit, and with `refs/heads/`, which git leaves out, as it does `refs/`."""
    for commit, _, name in (line.partition(" ") for line in lines):
        if name != "undefined":
            yield commit, below + _WAY_FROM_REF.sub("", name).removeprefix(below.removeprefix("refs/"))


def list_refs(cwd: Path, start: str) -> dict[str, str]:
    """HEAD, branches, remote branches and tags whose short names start so, and the object of each; none outside of git.

    No object is read, so that it stays quick with thousands of refs.
    """
    patterns = (f"refs/{kind}/{start}*{below}" for kind in ("heads", "remotes", "tags") for below in ("", "/**"))
    output = _answer(cwd, "for-each-ref", "--format=%(objectname) %(refname:lstrip=2)", *patterns)
    if output is None or set(start) & set("*?[\\"):  # which no ref has
        return {}
    words = output.replace("\n", " ").split(" ")[:-1]  # neither hashes nor names of refs have spaces in them
    head = {"HEAD": "HEAD"} if "HEAD".startswith(start) else {}
    found = zip(words[1::2], words[::2], strict=True)
    return head | {name: target for name, target in found if not name.endswith("/HEAD")}


def read_refs(cwd: Path) -> dict[str, str]:
    """HEAD, branches, remote branches and tags by short name, and the commit that each means; none outside of git."""
    output = _answer(cwd, "show-ref", "--head", "--dereference") or ""
    kind = r"refs/(?:heads|tags|remotes(?!/[^/\n]+/HEAD$))/|(?=HEAD$)"
    found = re.findall(rf"^([0-9a-f]+) (?:{kind})(.+)$", output, re.MULTILINE)
    # The commit of an annotated tag stands in a line of its own, after the line of the tag.
    return {name.removesuffix("^{}"): commit for commit, name in found}


# -- effects -------------------------------------------------------------------------------------------------------

_NO_HOOKS = ("-c", f"core.hooksPath={os.devnull}")
# What a person has configured must not change what the demo looks like, or ask for a key to sign with.
_DEMO = tuple(
    word
    for setting in (
        *("commit.gpgsign=false", "i18n.commitEncoding=UTF-8"),
        *("core.excludesFile=", "core.attributesFile=", "core.autocrlf=false"),
    )
    for word in ("-c", setting)
)
_DEMO_PERSON = {
    f"GIT_{role}_{field}": value
    for role in ("AUTHOR", "COMMITTER")
    for field, value in (("NAME", "dot demo"), ("EMAIL", "demo@example.com"))
}
_WHOLE = tuple(
    word
    for setting in ("core.sparseCheckout=false", "submodule.recurse=false", "core.fsmonitor=false")
    for word in ("-c", setting)
)
_CHECKOUT = (*_WHOLE, "-c", "checkout.workers=0", "-c", "core.longpaths=true")


def add_worktree(cwd: Path, path: Path, commit: str) -> None:
    """Register an empty detached worktree. The caller holds the repository's lock."""
    words = ("worktree", "add", "--force", "--detach", "--no-checkout", str(path), commit)
    _checked(cwd, *_NO_HOOKS, *words, what=f"add a worktree for {commit}")
    link = read_link(path)
    if link and (link.common_dir / "git-crypt").is_dir():  # which looks for its keys beside the worktree's HEAD
        with suppress(OSError):
            (link.entry / "git-crypt").symlink_to("../../git-crypt")


def fill_worktree(path: Path) -> None:
    """Check out every file of the worktree's HEAD, on all processors."""
    _checked(path, *_NO_HOOKS, *_CHECKOUT, "reset", "--hard", "--quiet", what=f"check out {path}")


def update_submodules(path: Path) -> None:
    """Check out the submodules that the commit has, as it has them."""
    words = ("submodule", "update", "--init", "--recursive", "--force", "--quiet")
    _checked(path, *_NO_HOOKS, *_CHECKOUT, *words, what=f"check out the submodules of {path}")


def repair_worktree(cwd: Path, path: Path) -> None:
    """Mend the links between the repository and a worktree after one of them was moved. The caller holds the lock."""
    call(cwd, "worktree", "repair", str(path))


def restore_files(path: Path, files: Iterable[str]) -> None:
    """Bring these tracked files back to what they are in the worktree's commit."""
    stdin = "\0".join(files).encode("utf-8", "surrogateescape")
    words = ("checkout", "--quiet", "--force", "HEAD", "--pathspec-from-file=-", "--pathspec-file-nul")
    done = call(path, "--literal-pathspecs", *_NO_HOOKS, *_WHOLE, *words, stdin=stdin)
    if done.exit_code:
        raise refusal(f"restore files in {path}", done)


def forget_worktree(cwd: Path, path: Path) -> None:
    """Drop git's entry for a worktree whose folder is gone. The caller holds the lock."""
    call(cwd, "worktree", "remove", "--force", "--force", str(path))


def init_repository(folder: Path, branch: str) -> None:
    """Make a repository whose first branch has this name."""
    words = ("init", "--quiet", "--template=", "--object-format=sha1", f"--initial-branch={branch}")
    _checked(folder, *words, what=f"make a repository in {folder}")


def commit_all(folder: Path, message: str, moment: str) -> None:
    """Commit everything in the folder as if at this moment, without hooks."""
    _checked(folder, *_DEMO, "add", "--all", what="add the files")
    env = {**_DEMO_PERSON, "GIT_AUTHOR_DATE": moment, "GIT_COMMITTER_DATE": moment}
    done = call(folder, *_NO_HOOKS, *_DEMO, "commit", "--quiet", "--message", message, env=env)
    if done.exit_code:
        raise refusal("commit", done)


def switch_branch(folder: Path, branch: str, *, create: bool = False) -> None:
    """Check out a branch, or start one here."""
    words = ("switch", "--quiet", "--create", branch) if create else ("switch", "--quiet", branch)
    _checked(folder, *_NO_HOOKS, *words, what=f"switch to {branch}")
