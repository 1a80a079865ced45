"""The bundle's own YAML, with all that it includes, as the Databricks CLI would find it."""

import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from dot.base.yaml_document import YamlDocument
from dot.bundle.configuration import BundleConfiguration
from dot.bundle.find_specs import read_shown_text
from dot.bundle.layout import BUNDLE_FILE, TARGETS_FOLDER
from dot.plan.gather_workspace import show_path
from dot.system.yaml import load_document


def read_configuration(root: Path, cwd: Path) -> BundleConfiguration:
    """`databricks.yml` and what it includes. Raises `ConfigurationError` for a file that is no text."""
    first = _read(root / BUNDLE_FILE, cwd)
    documents = {BUNDLE_FILE: first}
    for path in _list_included(root, first):
        if path not in documents:
            documents[path] = _read(root / path, cwd)
    return BundleConfiguration(documents)


def list_target_files(root: Path) -> tuple[str, ...]:
    """The files in which targets stand, whether they are included or not."""
    folder = root / TARGETS_FOLDER
    return tuple(sorted(f"{TARGETS_FOLDER}/{path.name}" for end in ("yml", "yaml") for path in folder.glob(f"*.{end}")))


def _list_included(root: Path, document: YamlDocument) -> Iterator[str]:
    """The files that the patterns find. `**` is `*` here, as it is for the CLI."""
    data = document.data if isinstance(document.data, dict) else {}
    patterns = data.get("include")
    for pattern in patterns if isinstance(patterns, list) else ():
        if isinstance(pattern, str):
            found = _find_files(root, re.sub(r"\*+", "*", pattern))
            yield from sorted(path.relative_to(root).as_posix() for path in found)


def _find_files(root: Path, pattern: str) -> Iterator[Path]:
    """The files of this pattern; none for one that is not relative, or no pattern at all."""
    with suppress(ValueError, IndexError, NotImplementedError):
        yield from (path for path in root.glob(pattern) if path.is_file())


def _read(path: Path, cwd: Path) -> YamlDocument:
    name = show_path(path, cwd)
    return load_document(read_shown_text(path, name), name)
