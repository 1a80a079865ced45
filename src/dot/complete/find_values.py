"""What may stand where the cursor is, read from the project and its repository. Nothing is written, and dbt rests.

Every TAB starts a new process, so nothing here loads pydantic, rich or a YAML parser, unless a file is unusual.
"""

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from dot.base.errors import DotError
from dot.base.layout import Layout, parse_marker
from dot.complete.find_names import Start, read_environments, read_macros, read_nodes, read_outputs, read_target_folder
from dot.complete.shell import Candidates, Completions, Files
from dot.dbt.project import find_project
from dot.dbt.selection import split_selection
from dot.system import git, store

MANIFEST = "manifest.json"
MAX_DESCRIBED = 300
"""Of more commits than this nobody reads the subjects, and reading them takes longer than listing the names."""


@dataclass(frozen=True)
class CompletionQuery:
    """The word to finish, and what else of the line it depends on."""

    text: str
    start: Start
    address: str = ""
    project_dir: str | None = None

    @cached_property
    def project(self) -> Path:
        """Raises `UsageError` when there is none."""
        return find_project(self.start.cwd, self.project_dir, self.start.environ)

    @cached_property
    def builds(self) -> Mapping[str, str]:
        """The full hash of every build by its short one."""
        layout = Layout(self.project)
        names = store.list_folder(Path(layout.builds))
        found = {name: parse_marker(store.read_text(Path(layout.build(name).marker)), name) for name in names}
        return {name: commit for name, commit in found.items() if commit}


def complete_value(metavar: str, asked: CompletionQuery) -> Completions:
    """What may stand for this metavar, which is how help names a value: `[ENVIRONMENT][@REF]`, `FOLDER`, `a|b`."""
    what = metavar.rstrip(".…")
    what = what if "REF" in what else what.strip("[]")
    if what == "FILE":
        return Completions(files=Files.ANY)
    if what == "FOLDER":
        return Completions(_list_folders(asked.text), Files.FOLDERS)
    if what in _SOURCES:
        return Completions(_SOURCES[what](asked))
    return Completions(_fitting(asked, metavar.split("|") if "|" in metavar else ()))


def _fitting(asked: CompletionQuery, values: Iterable[str]) -> Candidates:
    return {value: "" for value in values if value.startswith(asked.text)}


def _list_folders(typed: str) -> Candidates:
    above, slash, start = typed.rpartition("/")
    folder = Path(os.path.expanduser(above + slash or "."))  # noqa: PTH111 - Path raises for an unknown user
    names = (name for name in store.list_folder(folder) if start or not name.startswith("."))
    found = (name for name in names if name.startswith(start) and (folder / name).is_dir())
    return {f"{above}{slash}{name}/": "" for name in found}


# -- addresses -----------------------------------------------------------------------------------------------------


def _list_addresses(asked: CompletionQuery) -> Candidates:
    """Environments before the `@`; after it every ref and build."""
    environment, at, start = asked.text.partition("@")
    names = () if at else read_environments(asked.project, asked.start).names
    if at or not (names or environment):
        return _list_refs(asked, f"{environment}@", start)
    live = {name: f"live build in {name}" for name in names}
    isolated = {f"{name}@": f"isolated build of a commit in {name}" for name in names}
    default = {} if asked.text else {"@": "isolated build of a commit in the default environment"}
    texts = live | isolated | default
    return {value: texts[value] for value in _fitting(asked, texts)}


def _list_refs(asked: CompletionQuery, environment: str, start: str) -> Candidates:
    builds = {name: commit for name, commit in asked.builds.items() if name.startswith(start)}
    found = git.list_refs(asked.project, start) | builds
    subjects = _read_subjects(asked, found)
    return {environment + name: subjects.get(commit, "") for name, commit in found.items()}


def _read_subjects(asked: CompletionQuery, commits: Mapping[str, str]) -> Mapping[str, str]:
    """The first line of each commit's message, by the commit; none where nobody would read them."""
    if not asked.start.is_described or len(commits) > MAX_DESCRIBED:
        return {}
    names = {commit: f"{commit}^{{commit}}" for commit in commits.values()}
    objects = git.read_objects(asked.project, names.values())
    return {commit: git.parse_commit(objects[name] or b"").subject for commit, name in names.items()}


def _list_builds(asked: CompletionQuery) -> Candidates:
    """Builds that can be deferred to, under their short hashes and under every ref that means the same commit."""
    default = read_environments(asked.project, asked.start).default if asked.text.startswith("@") else None
    refs: dict[str, list[str]] = {}
    for ref, commit in git.read_refs(asked.project).items() if asked.builds else ():
        refs.setdefault(commit, []).append(ref)
    subjects = _read_subjects(asked, asked.builds)
    found: dict[str, str] = {}
    for short_hash, commit in asked.builds.items():
        for name in _list_built(asked, short_hash):
            starts = (f"{name}@", "@") if name == default else (f"{name}@",)
            values = (start + ref for start in starts for ref in (short_hash, *refs.get(commit, ())))
            found |= dict.fromkeys(_fitting(asked, values), subjects.get(commit, ""))
    return found


def _list_sides(asked: CompletionQuery) -> Candidates:
    """What can be compared: builds, and live environments."""
    live = (
        {}
        if "@" in asked.text
        else {name: f"live build in {name}" for name in read_environments(asked.project, asked.start).names}
    )
    return {**{name: live[name] for name in _fitting(asked, live)}, **_list_builds(asked)}


def _list_built(asked: CompletionQuery, short_hash: str) -> tuple[str, ...]:
    """The environments in which this commit was built."""
    build = Layout(asked.project).build(short_hash)
    names = store.list_folder(Path(build.path / "env"))
    return tuple(name for name in names if Path(build.environment(name).target / MANIFEST).is_file())


# -- what stands in the project ------------------------------------------------------------------------------------


def _list_environments(asked: CompletionQuery) -> Candidates:
    return _fitting(asked, read_environments(asked.project, asked.start).names)


def _list_outputs(asked: CompletionQuery) -> Candidates:
    return _fitting(asked, read_outputs(asked.project, asked.start).names)


def _list_macros(asked: CompletionQuery) -> Candidates:
    return _fitting(asked, read_macros(asked.project))


def _list_nodes(asked: CompletionQuery) -> Candidates:
    """Models and the like, after whatever is complete of the selection."""
    done, start = split_selection(asked.text)
    nodes = read_nodes(asked.project, _find_manifest(asked))
    return {done + name: kind for name, kind in nodes if name.startswith(start)}


def _find_manifest(asked: CompletionQuery) -> Path:
    """That of the build that the address names, else that of the last live build."""
    environment, _, ref = asked.address.partition("@")
    if ref:
        short_hash = _find_build(asked, ref)
        name = environment or read_environments(asked.project, asked.start).default or ""
        target = Layout(asked.project).build(short_hash).environment(name).target if short_hash else None
        if target and Path(target / MANIFEST).is_file():
            return Path(target / MANIFEST)
    return read_target_folder(asked.project, asked.start) / MANIFEST


def _find_build(asked: CompletionQuery, ref: str) -> str | None:
    if not asked.builds or ref in asked.builds:
        return ref if asked.builds else None
    try:
        commit = git.resolve_commit(asked.project, ref)
    except DotError:
        return None
    return next((short_hash for short_hash, built in asked.builds.items() if built == commit), None)


_SOURCES: Mapping[str, Callable[[CompletionQuery], Candidates]] = {
    "ADDRESS": _list_builds,
    "BASE": _list_sides,
    "HEAD": _list_sides,
    "[ENVIRONMENT][@REF]": _list_addresses,
    "[ENVIRONMENT]@REF": _list_builds,
    "ENVIRONMENT": _list_environments,
    "MACRO": _list_macros,
    "NODES": _list_nodes,
    "OUTPUT": _list_outputs,
}
