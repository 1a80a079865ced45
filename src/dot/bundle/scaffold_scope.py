"""What a new source of a bundle needs: packages in `resources/`, the layers of `src/`, and folders for its specs."""

from dot.bundle.layout import (
    KIND_FOLDERS,
    LAYERS,
    RESOURCES_FOLDER,
    SOURCES_FOLDER,
    Layer,
    Scope,
    list_specs_folders,
)

MEANINGS: dict[Layer, str] = {
    "raw": "What the source delivers, as it delivers it: nothing is renamed, cast or left out.",
    "base": "One table for each of the source's: names and types are the house's, rows that are no use are gone.",
    "staging": "What is joined, counted and decided on the way; nobody outside of this source reads it.",
    "final": "What others may rely on: a change here is a change of a contract.",
}
"""What each layer holds."""


def scope_files(scope: Scope) -> dict[str, str]:
    """The text of each file that a source begins with, by its path."""
    domain, source = scope
    resources, sources = (f"{root}/{domain}/{source}" for root in (RESOURCES_FOLDER, SOURCES_FOLDER))
    packages = [f"{RESOURCES_FOLDER}/{domain}", resources]
    packages += [f"{resources}/{folder}" for folder in KIND_FOLDERS.values()]
    packages += [f"{SOURCES_FOLDER}/{domain}", sources, *(f"{sources}/{layer}" for layer in LAYERS)]
    return {
        **{f"{package}/__init__.py": "" for package in packages},
        **{f"{folder}/.gitkeep": "" for folder in list_specs_folders(scope)},
        f"{sources}/README.md": _describe_layers(scope),
    }


def list_meanings() -> str:
    """What each layer holds, as rows of a table."""
    return "\n".join(f"| `{layer}/` | {meaning} |" for layer, meaning in MEANINGS.items())


def _describe_layers(scope: Scope) -> str:
    return (
        f"# {scope.domain} / {scope.source}\n\n"
        f"Tables stand in the catalog `{scope.domain}`, schema `{scope.source}`. "
        "Code stands in one folder for each layer:\n\n"
        f"| folder | holds |\n| --- | --- |\n{list_meanings()}\n"
    )
