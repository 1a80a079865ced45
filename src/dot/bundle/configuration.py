"""The bundle's own YAML, `databricks.yml` and what it includes, as one tree; and what the build is given of it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from dot.base.errors import Location, Problem
from dot.base.secrets import is_secret
from dot.base.wording import did_you_mean
from dot.base.yaml_document import Path, Tree, YamlDocument, merge_deep
from dot.bundle.layout import BUNDLE_FILE, TARGETS_FOLDER

LOADER_NAME = "resources:load_resources"
MODES = ("development", "production")
ROOT_PATH = "~/.bundle/${bundle.name}/${bundle.target}"

_NO_VALUES = ("description", "lookup")


@dataclass(frozen=True)
class BundleConfiguration:
    """The files that were read, `databricks.yml` first, by their paths in the bundle; and all of them merged."""

    documents: Mapping[str, YamlDocument]

    @property
    def root(self) -> YamlDocument:
        return self.documents[BUNDLE_FILE]

    @property
    def tree(self) -> Tree:
        """Of two mappings the merge; else what a later file says."""
        merged = Tree({}, Location(self.root.name))
        for document in self.documents.values():
            if isinstance(document.data, dict):
                merged = merge_deep(merged, document.tree())
        return merged

    @property
    def targets(self) -> dict[str, Tree]:
        """The targets by name."""
        return _children(self.tree, "targets")

    @property
    def venv(self) -> str | None:
        """The folder of the environment that loads the resources."""
        found = _plain(self.tree, "python").get("venv_path")
        return found if isinstance(found, str) else None

    def declared_variables(self) -> tuple[str, ...]:
        return tuple(_children(self.tree, "variables"))

    def resources(self) -> Iterator[tuple[str, str, Tree]]:
        """The resources that stand in YAML: type, key, and what each is."""
        for kind, found in _children(self.tree, "resources").items():
            yield from ((kind, key, tree) for key, tree in found.children.items())

    def build_input(self, target: str) -> dict[str, Any]:
        """What the Databricks CLI would hand to the build for this target, as far as files tell."""
        chosen = _plain(self.targets[target], "variables")
        bundle = {**_plain(self.tree, "bundle"), "target": target}
        found: dict[str, Any] = {"bundle": bundle, "python": _plain(self.tree, "python")}
        found["variables"] = {
            name: {"value": _value(tree.plain(), chosen.get(name))}
            for name, tree in _children(self.tree, "variables").items()
        }
        if resources := _plain(self.tree, "resources"):
            found["resources"] = resources
        return found


def _children(tree: Tree, key: str) -> dict[str, Tree]:
    return tree.children[key].children if key in tree.children else {}


def _plain(tree: Tree, key: str) -> dict[str, Any]:
    return {name: child.plain() for name, child in _children(tree, key).items()}


def _value(declared: Any, chosen: Any) -> Any:
    """The value of a variable: what the target says, else its default; null for one that is looked up or typed."""
    value = chosen.get("default") if isinstance(chosen, dict) else chosen
    return declared.get("default") if value is None and isinstance(declared, dict) else value


# -- what is wrong with it -----------------------------------------------------------------------------------------


def find_unreadable(configuration: BundleConfiguration) -> Iterator[Problem]:
    """Files that are no YAML, or no mapping."""
    for document in configuration.documents.values():
        yield from document.problems
        if not document.problems and not isinstance(document.data, dict):
            yield Problem("the file must be a mapping", document.locate(()))


def find_wrong_bundle(configuration: BundleConfiguration) -> Iterator[Problem]:
    """A bundle that lacks what loads its resources, or by which a part of it can be deployed."""
    tree, root = configuration.tree, configuration.root
    bundle, python = _children(tree, "bundle"), _children(tree, "python")
    if not isinstance(bundle.get("name", tree).value, str):
        yield Problem("`bundle.name` is missing", root.locate(("bundle",)))
    if "engine" not in bundle or bundle["engine"].value != "direct":
        where = bundle["engine"].location if "engine" in bundle else root.locate(("bundle",))
        hint = "a part of a bundle can be deployed by no other: see `dot bundle scope`"
        yield Problem("`bundle.engine` must be `direct`", where, hint=hint)
    loaders = python["resources"].value if "resources" in python else None
    if not isinstance(loaders, list) or LOADER_NAME not in loaders:
        where = python["resources"].location if "resources" in python else root.locate(("python",))
        yield Problem(f"`python.resources` must name `{LOADER_NAME}`", where, hint="nothing is loaded without it")


def find_wrong_includes(configuration: BundleConfiguration, targets_files: tuple[str, ...]) -> Iterator[Problem]:
    """Patterns that mean less than they look, and files of targets that nothing includes."""
    root = configuration.root
    data = root.data if isinstance(root.data, dict) else {}
    patterns = data.get("include") if isinstance(data.get("include"), list) else []
    for number, pattern in enumerate(patterns or []):
        if isinstance(pattern, str) and "**" in pattern:
            hint = "name one pattern for each depth: `resources/*/*.yml`"
            yield Problem("`**` is not recursive here, and means `*`", root.locate(("include", number)), hint=hint)
    for path in targets_files:
        if path not in configuration.documents:
            hint = f"add `{TARGETS_FOLDER}/*.yml` to `include`"
            yield Problem(f"{path} is not included", root.locate(("include",)), hint=hint)


def find_wrong_targets(configuration: BundleConfiguration) -> Iterator[Problem]:
    """Targets whose mode is none of the two, which nothing else looks at; and those of production without a path."""
    if not configuration.targets:
        yield Problem("there is no target", configuration.root.locate(()), hint=f"name one in {TARGETS_FOLDER}/")
    for name, target in configuration.targets.items():
        mode = target.children.get("mode")
        if not mode or mode.value not in MODES:
            where = mode.location if mode else target.location
            hint = did_you_mean(str(mode.value), MODES) if mode else None
            yield Problem(f"the `mode` of target `{name}` must be {' or '.join(MODES)}", where, hint=hint)
        elif mode.value == "production" and not _has_root_path(configuration.tree, target):
            hint = f"`root_path: {ROOT_PATH}` below `workspace`"
            yield Problem(
                f"target `{name}` is for production, and needs `workspace.root_path`", mode.location, hint=hint
            )


def _has_root_path(tree: Tree, target: Tree) -> bool:
    return any(_plain(one, "workspace").get("root_path") for one in (target, tree))


def find_secrets(configuration: BundleConfiguration) -> Iterator[Problem]:
    """Values that look like secrets, or are called so."""
    for document in configuration.documents.values():
        for path, text in walk_texts(document.data):
            names = [step for step in path if isinstance(step, str)]
            if "${" in text or "{{" in text or set(names) & set(_NO_VALUES):
                continue
            if is_secret(names, text):
                hint = "leave it out: the CLI takes what it signs in with from its profile or the environment"
                name = names[-1] if names else document.name
                yield Problem(f"`{name}` holds a secret, which everybody would see", document.locate(path), hint=hint)


def walk_texts(data: Any, path: Path = ()) -> Iterator[tuple[Path, str]]:
    """Every text in the data, with the path to it."""
    if isinstance(data, dict | list):
        for step, value in data.items() if isinstance(data, dict) else enumerate(data):
            yield from walk_texts(value, (*path, step))
    elif isinstance(data, str):
        yield path, data
