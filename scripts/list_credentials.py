"""Writes the fields of a profile's output that dbt's adapters know into `tests/profile/credentials.json`.

    python scripts/list_credentials.py FOLDER...

What kind a field is of, stays as people wrote it there; a test names those that have none yet. Each FOLDER holds the
packages of adapters, as `pip install --no-deps --target FOLDER dbt-postgres …` puts them there. They are read and not
imported, since most of them need a driver of their own.
"""

import ast
import json
import sys
from collections.abc import Iterator
from pathlib import Path

TABLE = Path(__file__).parent.parent / "tests" / "profile" / "credentials.json"
NOT_ADAPTERS = {"base", "catalogs", "clients", "contracts", "events", "record", "relation_configs", "sql"}


def main() -> None:
    """Write the fields of every adapter in the folders."""
    classes: dict[str, list[ast.ClassDef]] = {}
    adapters: dict[str, set[str]] = {}
    for folder in map(Path, sys.argv[1:]):
        for adapter in sorted((folder / "dbt" / "adapters").glob("*/")):
            if adapter.name not in NOT_ADAPTERS:
                found = [one for file in sorted(adapter.rglob("*.py")) for one in find_classes(file)]
                adapters.setdefault(adapter.name, set()).update(one.name for one in found if is_credentials(one))
                for one in found:
                    classes.setdefault(one.name, []).append(one)
    fields = {
        adapter: sorted({field for name in names for field in fields_of(name, classes, set())})
        for adapter, names in sorted(adapters.items())
    }
    kinds = json.loads(TABLE.read_text(encoding="utf-8"))["kinds"]
    data = {"adapters": {adapter: names for adapter, names in fields.items() if names}, "kinds": kinds}
    TABLE.write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")


def find_classes(file: Path) -> Iterator[ast.ClassDef]:
    """The classes of a module."""
    tree = ast.parse(file.read_text(encoding="utf-8-sig"))
    return (node for node in ast.walk(tree) if isinstance(node, ast.ClassDef))


def is_credentials(one: ast.ClassDef) -> bool:
    """Whether a class holds what an output may."""
    return "Credentials" in one.name or any("Credentials" in name for name in bases_of(one))


def bases_of(one: ast.ClassDef) -> list[str]:
    """The names of the classes that it is made from."""
    return [ast.unparse(base).rpartition(".")[2] for base in one.bases]


def fields_of(name: str, classes: dict[str, list[ast.ClassDef]], seen: set[str]) -> Iterator[str]:
    """The fields of a class, of those that it is made from, and of those that its fields hold; and their aliases."""
    if name in seen:
        return
    seen.add(name)
    for one in classes.get(name, []):
        for base in bases_of(one):
            yield from fields_of(base, classes, seen)
        for node in ast.walk(one):
            if node in one.body and isinstance(node, ast.AnnAssign) and is_field(node):
                yield ast.unparse(node.target)
                for word in ast.walk(node.annotation):
                    if isinstance(word, ast.Name) and word.id in classes:
                        yield from fields_of(word.id, classes, seen)
            if isinstance(node, ast.Dict) and is_aliases(one, node):
                yield from (
                    key.value for key in node.keys if isinstance(key, ast.Constant) and isinstance(key.value, str)
                )


def is_field(node: ast.AnnAssign) -> bool:
    """Whether an annotated name is a field that a profile may fill."""
    return not ast.unparse(node.target).startswith("_") and "ClassVar" not in ast.unparse(node.annotation)


def is_aliases(one: ast.ClassDef, node: ast.Dict) -> bool:
    """Whether this is the table of other names for fields."""
    tables = (
        part.value
        for part in ast.walk(one)
        if isinstance(part, ast.Assign | ast.AnnAssign) and "_ALIASES" in ast.unparse(part)
    )
    return node in tables


if __name__ == "__main__":
    main()
