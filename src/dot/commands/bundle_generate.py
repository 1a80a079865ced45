"""`dot bundle job`, `dot bundle pipeline` and `dot bundle generate`: the modules that specs make."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from dot.base.errors import ConfigurationError, ExitCode, Problem
from dot.base.file_edit import EditFile
from dot.base.wording import show_path
from dot.bundle.emit import read_header
from dot.bundle.find_bundle import find_bundle, make_edits
from dot.bundle.find_specs import SpecFile, read_modules, read_named_specs, read_specs
from dot.bundle.layout import Kind
from dot.bundle.modules import Made, find_foreign, find_orphans, make_all, package_files
from dot.commands.bundle_files import Changes, carry_out, count_files
from dot.config.files import in_order
from dot.console import Console
from dot.console.shell import read_shell
from dot.console.terminal import write
from dot.system.user_files import read_user_file
from dot.system.yaml import load_documents

STALE = 1
"""The exit code of `--check` where a module is not what its spec makes."""


class GenerateMode(Enum):
    """What becomes of the modules."""

    WRITE = "write"
    SHOW = "show"
    CHECK = "check"


@dataclass(frozen=True)
class Wanted:
    """What is to be generated: these specs, all of one kind, or every spec of the bundle."""

    mode: GenerateMode
    bundle_dir: str | None = None
    kind: Kind | None = None
    specs: Sequence[str] = ()
    prune: bool = False


def run(wanted: Wanted, console: Console) -> int:
    """The modules of the specs, written, shown or compared. Raises `ConfigurationError` with all that is wrong."""
    shell = read_shell()
    root = find_bundle(shell, wanted.bundle_dir)
    found = _make_named(wanted.kind, wanted.specs, root, shell.cwd) if wanted.kind else _make_all(root, shell.cwd)
    if wanted.mode is GenerateMode.CHECK:
        return _compare(root, found, shell.cwd, console)
    removals = [root / path for path in found.orphans] if wanted.prune else []
    carry_out(Changes(root, found.edits, removals), shell.cwd, console, dry_run=wanted.mode is GenerateMode.SHOW)
    if wanted.mode is GenerateMode.WRITE:
        specs = "1 spec" if found.count == 1 else f"{found.count:,} specs"
        done = f"wrote {count_files(len(found.edits))}" if found.edits else "every module is as its spec says"
        console.say(f"{specs}: {done}")
        _tell_of_orphans([show_path(root / path, shell.cwd) for path in found.orphans], console, are_gone=wanted.prune)
    return ExitCode.OK


@dataclass(frozen=True)
class Found:
    """How many specs there are, what it takes to write their modules, and modules of specs that are gone."""

    count: int
    edits: tuple[EditFile, ...]
    orphans: tuple[str, ...] = ()


def _make_named(kind: Kind, names: Sequence[str], root: Path, cwd: Path) -> Found:
    made, problems = _make(read_named_specs(root, cwd, names))
    _refuse((*problems, *(_explain_kind(one, kind) for one in made if one.spec.kind != kind)))
    modules = [one.resource.module for one in made]
    there = {path: text for path in modules if (text := read_user_file(root / path)) is not None}
    _refuse(tuple(find_foreign(made, there, _others(root, there, made))))
    return Found(len(made), _make_edits(root, made, there, cwd))


def _make_all(root: Path, cwd: Path) -> Found:
    files, strays = read_specs(root, cwd)
    made, problems = _make(files)
    _refuse((*strays, *problems))
    there = read_modules(root)
    _refuse(tuple(find_foreign(made, there, [file.path for file in files])))
    return Found(len(made), _make_edits(root, made, there, cwd), find_orphans(made, there))


def _compare(root: Path, found: Found, cwd: Path, console: Console) -> int:
    """Say which modules are not as they should be; 0, or 1 where there are such."""
    for edit in found.edits:
        write(f"{'missing' if edit.before is None else 'stale':<8} {edit.name}")
    for orphan in found.orphans:
        write(f"{'orphan':<8} {show_path(root / orphan, cwd)}")
    if found.edits or found.orphans:
        console.say("`dot bundle generate` writes what is missing or stale, and with `--prune` removes orphans")
        return STALE
    return ExitCode.OK


def _tell_of_orphans(names: Sequence[str], console: Console, *, are_gone: bool) -> None:
    for name in names:
        if are_gone:
            console.say(f"removed {name}, whose spec is gone")
        else:
            console.warn(f"the spec of {name} is gone; `dot bundle generate --prune` removes it")


def _others(root: Path, there: dict[str, str], made: Sequence[Made]) -> tuple[str, ...]:
    """The specs that modules say they are made of, and that are there."""
    named = {origin.spec for text in there.values() if (origin := read_header(text))}
    return tuple(path for path in named - {one.path for one in made} if (root / path).is_file())


def _explain_kind(one: Made, kind: Kind) -> Problem:
    hint = f"`dot bundle {one.spec.kind}` makes it"
    return Problem(f"this is a {one.spec.kind}, and no {kind}", one.document.locate(("kind",)), hint=hint)


def _make(files: Sequence[SpecFile]) -> tuple[tuple[Made, ...], tuple[Problem, ...]]:
    documents = load_documents((file.text, file.name) for file in files)
    return make_all((file.path, document) for file, document in zip(files, documents, strict=True))


def _refuse(problems: tuple[Problem, ...]) -> None:
    if problems:
        raise ConfigurationError(*in_order(problems))


def _make_edits(root: Path, made: Sequence[Made], there: Mapping[str, str], cwd: Path) -> tuple[EditFile, ...]:
    packages = package_files(one.resource for one in made).items()
    missing = [(path, text) for path, text in packages if not (root / path).exists()]
    return make_edits(root, [*missing, *((one.resource.module, one.text) for one in made)], there, cwd)
