"""The paths and names of a bundle: which domain and source a path belongs to, and what a resource is called.

Every path here is relative to the folder of `databricks.yml`, and has `/` between its parts on every system.
"""

import re
from keyword import iskeyword
from typing import Literal, NamedTuple, get_args

BUNDLE_FILE = "databricks.yml"
TARGETS_FOLDER, RESOURCES_FOLDER, SOURCES_FOLDER, SPECS_FOLDER = "targets", "resources", "src", "specs"

Kind = Literal["job", "pipeline"]
Layer = Literal["raw", "base", "staging", "final"]

KINDS: tuple[Kind, ...] = get_args(Kind)
LAYERS: tuple[Layer, ...] = get_args(Layer)
KIND_FOLDERS = {kind: f"{kind}s" for kind in KINDS}
"""The folder of a kind, and the name of its type in a bundle: `jobs`, `pipelines`."""

MAX_ASSET = 40
MAX_BUNDLE_NAME = 63
NAME_PATTERN = "^[a-z][a-z0-9]{0,30}$"
"""What a domain or a source may be called. An underscore would make the joined name ambiguous."""

ASSET_PATTERN = "^[a-z][a-z0-9]*(_[a-z0-9]+)*$"

_NAME, _ASSET = re.compile(NAME_PATTERN), re.compile(ASSET_PATTERN)
_BUNDLE_NAME = re.compile("[a-z]([a-z0-9_-]*[a-z0-9])?")
_RESERVED = ("databricks", "dbt", "resources")
"""Packages of others, which a package of this name would hide."""


class Scope(NamedTuple):
    """What is deployed together: a source within its domain; the catalog and the schema are called the same."""

    domain: str
    source: str


class Resource(NamedTuple):
    """A job or a pipeline, by the kind and the name that its module has."""

    scope: Scope
    kind: Kind
    name: str

    @property
    def key(self) -> str:
        """What it is called within its type, the same in no other type: `sales_crm_raw_customers_job`."""
        return f"{self.name}_{self.kind}"

    @property
    def address(self) -> str:
        """What `databricks bundle deploy --select` takes: `jobs.sales_crm_raw_customers_job`."""
        return f"{KIND_FOLDERS[self.kind]}.{self.key}"

    @property
    def module(self) -> str:
        """The path of its module."""
        return f"{RESOURCES_FOLDER}/{self.scope.domain}/{self.scope.source}/{KIND_FOLDERS[self.kind]}/{self.name}.py"


def join_name(scope: Scope, layer: str, asset: str) -> str:
    """The name of a resource: `{domain}_{source}_{layer}_{asset}`."""
    return f"{scope.domain}_{scope.source}_{layer}_{asset}"


def name_problem(name: str) -> str | None:
    """Why no domain and no source can be called this; nothing where it can."""
    if not _NAME.fullmatch(name):
        return f"`{name}` is no name: it has 1 to 31 characters a-z and 0-9, the first a letter, and no underscore"
    if iskeyword(name):
        return f"`{name}` is a keyword of Python, so that no package can be called it"
    return f"`{name}` would hide the package of this name" if name in _RESERVED else None


def bundle_name_problem(name: str) -> str | None:
    """Why no bundle can be called this, nor a Python package as pip knows it; nothing where it can."""
    if _BUNDLE_NAME.fullmatch(name) and len(name) <= MAX_BUNDLE_NAME:
        return None
    return (
        f"`{name}` is no name: it has 1 to {MAX_BUNDLE_NAME} characters a-z, 0-9, `_` and `-`, and begins with a letter"
    )


def asset_problem(name: str) -> str | None:
    """Why no asset can be called this; nothing where it can."""
    if not _ASSET.fullmatch(name):
        return f"`{name}` is no snake case: words of a-z and 0-9 with one underscore between them, a letter first"
    return (
        f"`{name}` has {len(name)} characters, and at most {MAX_ASSET} are allowed" if len(name) > MAX_ASSET else None
    )


def scope_of(path: str) -> Scope | None:
    """The scope that a path belongs to; nothing for one that is of a whole domain, or of the whole bundle."""
    parts = _strip_root(path)
    is_below = len(parts) > 2 and not any(map(name_problem, parts[:2]))  # noqa: PLR2004 - domain, source, and more
    return Scope(*parts[:2]) if is_below else None


def domain_of(path: str) -> str | None:
    """The domain that a file stands directly in, as `resources/sales/__init__.py` does; nothing for any other path."""
    parts = _strip_root(path)
    is_direct = len(parts) == 2 and not name_problem(parts[0])  # noqa: PLR2004 - domain and file
    return parts[0] if is_direct else None


def _strip_root(path: str) -> tuple[str, ...]:
    """The parts of a path below `resources/`, `src/` or `specs/<kind>s/`; none for any other path."""
    root, *rest = path.split("/")
    if root == SPECS_FOLDER:
        return tuple(rest[1:]) if rest and rest[0] in KIND_FOLDERS.values() else ()
    return tuple(rest) if root in (RESOURCES_FOLDER, SOURCES_FOLDER) else ()


def resource_of(path: str) -> Resource | None:
    """The job or pipeline whose module a path is, as far as the path tells; nothing for any other path."""
    scope, parts = scope_of(path), path.split("/")
    if not scope or parts[0] != RESOURCES_FOLDER or len(parts) != 5 or not parts[4].endswith(".py"):  # noqa: PLR2004
        return None
    kind = next((kind for kind, folder in KIND_FOLDERS.items() if folder == parts[3]), None)
    name = parts[4].removesuffix(".py")
    return Resource(scope, kind, name) if kind and name != "__init__" else None


def list_specs_folders(scope: Scope) -> tuple[str, ...]:
    """The folders that the specs of a scope stand in."""
    return tuple(f"{SPECS_FOLDER}/{folder}/{scope.domain}/{scope.source}" for folder in KIND_FOLDERS.values())
