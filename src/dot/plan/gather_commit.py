"""What a plan needs to know of a commit, read from git's objects alone."""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from difflib import get_close_matches
from pathlib import Path

from dot.base.errors import AddressError, UsageError
from dot.base.layout import Layout
from dot.dbt.jinja_text import has_jinja, read_mentions
from dot.dbt.project import PROJECT_FILE, DbtProject, parse_project
from dot.dbt.project_paths import read_local_packages
from dot.isolation.rules import ANY
from dot.plan.commit import Commit
from dot.plan.facts import CommitFacts
from dot.plan.find_built import read_built
from dot.system import git
from dot.system.store import decode_configuration, list_folder
from dot.system.yaml import load_values

PACKAGE_FILES = ("packages.yml", "dependencies.yml", "package-lock.yml")


def resolve_ref(project: Path, ref: str) -> tuple[git.Repository, str]:
    """The repository, and the full hash of the commit that the ref means. Raises `GitError` and `AddressError`."""
    repository = git.read_repository(project)
    commit = git.resolve_commit(project, ref)
    if not commit:
        raise _unknown_ref(project, ref, repository)
    return repository, commit


def suggest_ref(folder: Path, word: str) -> str | None:
    """A hint for whoever typed a branch, tag or commit where an environment or an address has its place."""
    try:
        is_ref = git.resolve_commit(folder, word) is not None
    except AddressError:  # it means several commits
        is_ref = True
    return f"did you mean `@{word}`?" if is_ref else None


def gather_commit(project: Path, ref: str, length: int | None) -> tuple[CommitFacts, DbtProject]:
    """The commit that the ref means, and the dbt project that it holds. Raises `DotError`."""
    repository, commit = resolve_ref(project, ref)
    inside = f"{commit}:{repository.prefix}/" if repository.prefix else f"{commit}:"
    names = [commit, f"{commit}:.gitmodules", *(inside + name for name in (PROJECT_FILE, *PACKAGE_FILES))]
    objects = git.read_objects(project, names)
    short_hash = find_build(Layout(project), commit, length) or _name_build(project, commit, length)
    content = objects[inside + PROJECT_FILE]
    if content is None:
        where = f"`{repository.prefix}/`" if repository.prefix else "its top folder"
        raise UsageError.of(
            f"commit {short_hash} has no dbt project: {PROJECT_FILE} is not in {where}",
            hint=f"was the project elsewhere then? `git ls-tree -r --name-only {short_hash}` lists its files",
        )
    info = git.parse_commit(objects[commit] or b"")
    described = Commit(
        hash=commit,
        short_hash=short_hash,
        subject=info.subject,
        committed_at=datetime.fromtimestamp(info.committed_at, UTC).isoformat(),
    )
    place = f"{short_hash}:{repository.prefix or '.'}/"
    dbt_project = parse_project(content, place + PROJECT_FILE)
    declarations = {name: objects[inside + name] for name in PACKAGE_FILES}
    for name, declared in declarations.items():
        if declared is not None:
            source = load_values(decode_configuration(declared, place + name), place + name)
            dbt_project = replace(dbt_project, paths=(*dbt_project.paths, *read_local_packages(source)))
    texts = [content.decode("utf-8", "replace") for content in declarations.values() if content]
    facts = CommitFacts(
        commit=described,
        repository=repository.toplevel,
        common_dir=repository.common_dir,
        folder=Path(repository.prefix),
        submodules=objects[f"{commit}:.gitmodules"] is not None,
        packages=_digest_packages(declarations),
        packages_ask=tuple(sorted({name or "" for text in texts for name in read_mentions(text).env_variables})),
        searched=_list_searched(dbt_project),
        packages_vary=any(map(has_jinja, texts)),
        packages_folder=dbt_project.packages_folder,
    )
    return facts, dbt_project


def find_build(layout: Layout, commit: str, length: int | None = None) -> str | None:
    """The short hash under which this commit was built here before: it stays, however git abbreviates today.

    Fewer digits than git would give count only where `length` asks for so few.
    """
    least = min(length or git.LEAST_DIGITS, git.LEAST_DIGITS)
    names = (name for name in list_folder(Path(layout.builds)) if len(name) >= least and commit.startswith(name))
    return next((name for name in names if read_built(layout.build(name)) == commit), None)


def _name_build(project: Path, commit: str, length: int | None) -> str:
    """The abbreviation by git, made longer while another commit's build has that name."""
    short_hash = git.abbreviate(project, commit, length)
    while read_built(Layout(project).build(short_hash)) not in (None, commit):
        short_hash = commit[: len(short_hash) + 1]
    return short_hash


def _list_searched(project: DbtProject) -> tuple[str, ...]:
    """The packages in the search orders of `dispatch`; every package where one is no list of plain names."""
    orders = list(project.dispatch.values())
    names = [name for order in orders if isinstance(order, list | tuple) for name in order]
    is_plain = all(isinstance(order, list | tuple) for order in orders)
    is_plain &= all(isinstance(name, str) and not has_jinja(name) for name in names)
    return tuple(sorted(set(names))) if is_plain else (ANY,)


def _digest_packages(files: Mapping[str, bytes | None]) -> str | None:
    """A digest of what declares packages; nothing when nothing does."""
    declaring = (name for name in ("packages.yml", "dependencies.yml") if files[name] is not None)
    if not any(_declares_packages(files[name] or b"", name) for name in declaring):
        return None
    total = hashlib.sha256()
    for name in PACKAGE_FILES:
        total.update(f"{name}\0".encode() + (files[name] or b"") + b"\0")
    return total.hexdigest()


def _declares_packages(content: bytes, name: str) -> bool:
    text = decode_configuration(content, name)
    source = load_values(text, name)
    if has_jinja(text) or source.problems:
        return True  # dbt is the one to say what is in it
    return isinstance(source.data, dict) and bool(source.data.get("packages"))


def _unknown_ref(project: Path, ref: str, repository: git.Repository) -> AddressError:
    names = git.read_ref_names(project)
    if not names and not git.resolve_commit(project, "HEAD"):
        return AddressError.of("the repository has no commits yet", hint="commit the project, then build it")
    remote = [name for name in names if name.partition("/")[2] == ref]
    near = remote or get_close_matches(ref, names, 3)
    hints = [f"did you mean {' or '.join(f'`{name}`' for name in near)}?"] if near else []
    if repository.is_shallow:
        hints.append("this clone is shallow: `git fetch --unshallow` brings all commits")
    return AddressError.of(
        f"`{ref}` names no commit in this repository",
        hint="; ".join(hints) or "`git branch --all` and `git tag` list the names there are; `git fetch` brings more",
    )
