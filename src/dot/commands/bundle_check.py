"""`dot bundle check`: whether specs, modules, the bundle's YAML and Databricks' own build agree. Nothing is written."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from dot.base.errors import ConfigurationError, ExitCode, OutsideError, Problem
from dot.base.yaml_document import Tree
from dot.bundle import agreement, configuration, references
from dot.bundle.agreement import Loaded
from dot.bundle.configuration import BundleConfiguration
from dot.bundle.find_build import build, find_python
from dot.bundle.find_bundle import find_bundle
from dot.bundle.find_configuration import list_target_files, read_configuration
from dot.bundle.find_specs import read_modules, read_specs
from dot.bundle.layout import RESOURCES_FOLDER
from dot.bundle.modules import Made, make_all
from dot.bundle.references import LocalPath
from dot.config.files import in_order
from dot.console import Console
from dot.console.shell import read_shell
from dot.console.terminal import write, write_exactly
from dot.plan.gather_workspace import show_path
from dot.system.git import scrub
from dot.system.shell import Shell
from dot.system.yaml import load_documents


@dataclass(frozen=True)
class Bundle:
    """What was read: what the specs make, whether all of them could be read, the modules, and the bundle's YAML."""

    root: Path
    made: tuple[Made, ...]
    is_whole: bool
    modules: Mapping[str, str]
    configuration: BundleConfiguration

    @property
    def in_yaml(self) -> tuple[tuple[str, str, Tree], ...]:
        return tuple(self.configuration.resources())


def run(bundle_dir: str | None, console: Console, *, as_json: bool) -> int:
    """Say that all agree, unless it is to be quiet. Raises `ConfigurationError` with everything that is wrong."""
    shell = read_shell()
    root = find_bundle(shell, bundle_dir)
    bundle, problems = _read(root, shell.cwd)
    try:
        problems += _examine(bundle, shell, console, are_right=not problems)
    except OutsideError as error:  # Databricks' own build is not there, which is not the first thing to be told
        if not problems:
            raise
        problems += error.problems
    if problems:
        raise ConfigurationError(*in_order(_seen_from(root, shell.cwd, problem) for problem in problems))
    if as_json:
        write_exactly(json.dumps({"errors": []}))
    elif console.verbosity >= 0:
        specs = "1 spec" if len(bundle.made) == 1 else f"{len(bundle.made):,} specs"
        targets = ", ".join(bundle.configuration.targets)
        write(f"{specs}, their modules and what Databricks loads are the same for {targets}")
    return ExitCode.OK


def _read(root: Path, cwd: Path) -> tuple[Bundle, list[Problem]]:
    """The bundle, and what is wrong with each of its specs and with its own YAML."""
    files, strays = read_specs(root, cwd)
    documents = load_documents((file.text, file.name) for file in files)
    made, wrong = make_all((file.path, document) for file, document in zip(files, documents, strict=True))
    found = read_configuration(root, cwd)
    bundle = Bundle(root, made, not wrong, read_modules(root), found)
    unreadable = tuple(configuration.find_unreadable(found))
    problems = [*strays, *wrong, *unreadable]
    return bundle, problems if unreadable else [*problems, *_examine_yaml(root, found)]


def _examine_yaml(root: Path, found: BundleConfiguration) -> Iterator[Problem]:
    """What is wrong with the bundle's own YAML, whatever its resources are."""
    yield from configuration.find_wrong_bundle(found)
    yield from configuration.find_wrong_includes(found, list_target_files(root))
    yield from configuration.find_wrong_targets(found)
    yield from configuration.find_secrets(found)
    yield from agreement.find_wrong_names(tuple(found.resources()))


def _examine(bundle: Bundle, shell: Shell, console: Console, *, are_right: bool) -> list[Problem]:
    """What does not go together: specs, modules, YAML, and what is loaded of them.

    Nothing is loaded where something is wrong already. Raises `OutsideError` where the build is not installed.
    """
    made, problems = bundle.made, [*agreement.find_missing_packages(bundle.made, bundle.modules)]
    paths = references.list_local_paths(made)
    problems += (references.explain_missing(path) for path in paths if not _is_there(bundle.root, path))
    problems += agreement.find_shared_keys(made, bundle.in_yaml)
    if bundle.is_whole:
        problems += agreement.find_wrong_modules(made, bundle.modules)
        problems += _find_unknown(bundle)
    if problems or not are_right:
        return problems
    loaded = _load(bundle, shell, console)
    return [*agreement.find_complaints(loaded), *agreement.find_differences(made, bundle.in_yaml, loaded)]


def _is_there(root: Path, path: LocalPath) -> bool:
    file = root / path.path
    return file.is_dir() if path.is_folder else file.is_file()


def _find_unknown(bundle: Bundle) -> Iterator[Problem]:
    """References to what is not there."""
    elsewhere = {(kind, key) for kind, key, _ in bundle.in_yaml}
    resources = references.known_resources((one.resource for one in bundle.made), elsewhere)
    known = references.Known(resources, bundle.configuration.declared_variables())
    documents = [*bundle.configuration.documents.values(), *(one.document for one in bundle.made)]
    yield from references.find_unknown_references(documents, known)
    yield from references.find_unknown_pipelines(bundle.made, known)


def _load(bundle: Bundle, shell: Shell, console: Console) -> Sequence[Loaded]:
    """What Databricks' own build loads for each target. Raises `OutsideError` where it is not installed."""
    found = bundle.configuration
    python, environ = find_python(bundle.root, found.venv), scrub(shell.environ)
    loaded: list[Loaded] = []
    for target in found.targets:
        with console.progress(f"loading the bundle for {target}"):
            built = build(bundle.root, python, found.build_input(target), environ)
        loaded.append(Loaded(target, built.resources, built.complaints))
    return loaded


def _seen_from(root: Path, cwd: Path, problem: Problem) -> Problem:
    """The place of a module, which rules name by its path in the bundle, as a person standing in `cwd` writes it."""
    where = problem.location
    if not where or where.line is not None or not where.file.startswith(f"{RESOURCES_FOLDER}/"):
        return problem
    return replace(problem, location=replace(where, file=show_path(root / where.file, cwd)))
