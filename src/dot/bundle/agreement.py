"""Whether specs, modules, the bundle's YAML and what Databricks' own build loads agree, and are named by the rules."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from posixpath import basename
from typing import Any

from dot.base.errors import Location, Problem
from dot.base.yaml_document import Tree
from dot.bundle.emit import LOADER, read_header
from dot.bundle.layout import KIND_FOLDERS, LAYERS, RESOURCES_FOLDER, asset_problem, name_problem
from dot.bundle.modules import Made, find_orphans, package_files

_WRITES = "`dot bundle generate` writes it"
_NAME_PARTS = 4


@dataclass(frozen=True)
class Loaded:
    """What Databricks' own build came to for a target: the resources by type and key, and what it complains of."""

    target: str
    resources: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    complaints: tuple[str, ...] = ()


def find_wrong_modules(made: Sequence[Made], there: Mapping[str, str]) -> Iterator[Problem]:
    """Modules that are missing, stale, left over, or not made by dot, of which there must be none in `resources/`."""
    wanted = {one.resource.module: one for one in made}
    for path, one in wanted.items():
        if path not in there:
            yield Problem(f"the module of {one.path} is missing", Location(path), hint=_WRITES)
        elif read_header(there[path]) and there[path] != one.text:
            yield Problem(f"the module is not what {one.path} says", Location(path), hint=_WRITES)
    for path in find_orphans(made, there):
        hint = "`dot bundle generate --prune` removes it"
        yield Problem("the spec of this module is gone", Location(path), hint=hint)
    for path, text in there.items():
        if basename(path) != "__init__.py" and not read_header(text):
            hint = "describe it in a spec, or move it to `src/`: whatever is in `resources/` is loaded with the bundle"
            yield Problem("dot has not made this module", Location(path), hint=hint)


def find_missing_packages(made: Sequence[Made], there: Mapping[str, str]) -> Iterator[Problem]:
    """Folders of modules without `__init__.py`, which vanish from the bundle, and nobody says so."""
    folders = {one.resource for one in made}
    for path in package_files(folders) if made else {f"{RESOURCES_FOLDER}/__init__.py": LOADER}:
        if path not in there:
            yield Problem("without this file, what is below it is not loaded", Location(path), hint=_WRITES)


def find_shared_keys(made: Sequence[Made], in_yaml: Sequence[tuple[str, str, Tree]]) -> Iterator[Problem]:
    """Keys that two resources have, be they of one type or of two: the CLI refuses both, and the build neither."""
    holders: dict[str, tuple[str, str]] = {}
    for one in made:
        kind, _, key = one.resource.address.partition(".")
        holders[key] = (kind, one.path)
    for kind, key, tree in in_yaml:
        if key in holders:
            message = f"`{key}` is a key that {holders[key][1]} has already, among the {holders[key][0]}"
            yield Problem(message, tree.location, hint="give one of them another key")
        else:
            holders[key] = (kind, tree.location.file)


# -- the build -----------------------------------------------------------------------------------------------------


def find_complaints(loaded: Sequence[Loaded]) -> Iterator[Problem]:
    """What the build complains of, once for all targets of which it says the same."""
    targets: dict[str, list[str]] = {}
    for one in loaded:
        for complaint in one.complaints:
            targets.setdefault(complaint, []).append(one.target)
    for complaint, names in targets.items():
        yield Problem(f"Databricks cannot load the bundle for {', '.join(names)}: {complaint}")


def find_differences(
    made: Sequence[Made], in_yaml: Sequence[tuple[str, str, Tree]], loaded: Sequence[Loaded]
) -> Iterator[Problem]:
    """Resources that are not loaded as their specs say, and those that are loaded and nobody has described."""
    expected = {tuple(one.resource.address.split(".")): one for one in made}
    elsewhere = {(kind, key) for kind, key, _ in in_yaml}
    for one in loaded:
        if one.complaints:
            continue
        found = {(kind, key): data for kind, held in one.resources.items() for key, data in held.items()}
        for address, spec in expected.items():
            where = Location(spec.resource.module)
            if address not in found:
                hint = f"see that `{RESOURCES_FOLDER}/__init__.py` loads every module below it"
                yield Problem(f"`{address[1]}` is not loaded for target `{one.target}`", where, hint=hint)
            elif path := find_difference(spec.data, found[address]):  # pyrefly: ignore
                message = f"`{address[1]}` is not loaded for target `{one.target}` as {spec.path} says: {path} differs"
                yield Problem(message, where, hint="see what changes it on the way: a mutator, or another loader")
        for kind, key in sorted(set(found) - set(expected) - elsewhere):
            message = f"`{key}` among the {kind} is loaded for target `{one.target}`, and no spec describes it"
            yield Problem(message, hint="describe it in a spec")


def find_difference(expected: Any, actual: Any, path: str = "") -> str | None:
    """The path to the first part that is not the same, in value and type; nothing where all is."""
    if isinstance(expected, dict) and isinstance(actual, dict):
        for key in dict.fromkeys([*expected, *actual]):
            if key not in expected or key not in actual:
                return f"`{path}{key}`"
            if found := find_difference(expected[key], actual[key], f"{path}{key}."):
                return found
        return None
    if isinstance(expected, list) and isinstance(actual, list) and len(expected) == len(actual):
        pairs = enumerate(zip(expected, actual, strict=True))
        return next((found for n, (a, b) in pairs if (found := find_difference(a, b, f"{path}{n}."))), None)
    is_same = type(expected) is type(actual) and expected == actual
    return None if is_same else f"`{path.removesuffix('.')}`"


# -- names ---------------------------------------------------------------------------------------------------------


def find_wrong_names(in_yaml: Sequence[tuple[str, str, Tree]]) -> Iterator[Problem]:
    """Jobs and pipelines in YAML that are not named, or write elsewhere than the rules say."""
    for kind, key, tree in in_yaml:
        one = next((name for name, folder in KIND_FOLDERS.items() if folder == kind), None)
        if not one:
            continue
        name = tree.children["name"].value if "name" in tree.children else None
        parts = _split_name(name)
        where = tree.children["name"].location if "name" in tree.children else tree.location
        if not parts:
            yield Problem(f"the name of `{key}` is not `{{domain}}_{{source}}_{{layer}}_{{asset}}`", where)
            continue
        if key != f"{name}_{one}":
            yield Problem(f"the key of `{name}` must be `{name}_{one}`", tree.location)
        for field_, wanted in (("catalog", parts[0]), ("schema", parts[1])) if one == "pipeline" else ():
            if field_ not in tree.children or tree.children[field_].value != wanted:
                place = tree.children[field_].location if field_ in tree.children else tree.location
                yield Problem(f"the {field_} of `{name}` must be `{wanted}`", place)


def _split_name(name: Any) -> list[str] | None:
    """Domain, source, layer and asset of a name; nothing where it is none of ours."""
    parts = re.split("_", name, maxsplit=_NAME_PARTS - 1) if isinstance(name, str) else []
    if len(parts) < _NAME_PARTS or any(map(name_problem, parts[:2])) or parts[2] not in LAYERS:
        return None
    return None if asset_problem(parts[3]) else parts
