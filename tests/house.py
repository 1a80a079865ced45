"""The rules of the house: each takes the source of dot, and yields what is wrong with it."""

import ast
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import dot

SOURCE = Path(dot.__file__).parent
MAX_MODULE_LINES = 500
MAX_FUNCTION_LINES = 60

# Each layer and what it may import besides itself; everybody may import `errors` and the version in `dot`.
LAYERS: Mapping[str, frozenset[str]] = {
    "__main__": frozenset({"cli"}),
    "cli": frozenset({"commands", "console", "completion"}),
    "completion": frozenset({"commands", "core"}),  # core for the words of shells, which no command is about
    "commands": frozenset({"execution", "system", "core", "console"}),
    "execution": frozenset({"system", "core"}),
    "system": frozenset({"core"}),
    "core": frozenset(),
    "console": frozenset(),
    "errors": frozenset(),
    "dot": frozenset(),
}
CONFINED = {
    "dbt": ("dot.system.driver",),
    "typer": ("dot.cli.app", "dot.cli.dbt", "dot.cli.diff", "dot.cli.groups", "dot.cli.guard", "dot.cli.parameters"),
    "rich": ("dot.console", "dot.console.tables"),
    "subprocess": ("dot.system.process",),
    "yaml": ("dot.system.yaml",),
    "ruamel": ("dot.system.yaml",),
    "pydantic_settings": ("dot.system.settings",),
    "jinja2": ("dot.core.jinja_text", "dot.system.jinja"),
    "filelock": ("dot.system.store",),
}
PURE = {
    *(
        "base64",
        "collections",
        "dataclasses",
        "difflib",
        "enum",
        "functools",
        "hashlib",
        "itertools",
        "json",
        "math",
        "operator",
    ),
    *("posixpath", "re", "string", "textwrap", "types", "typing", "pydantic", "pydantic_core"),
}
# From these, core may take these names only.
PURE_NAMES = {
    "pathlib": ("PurePath", "PurePosixPath", "PureWindowsPath"),
    "uuid": ("UUID", "uuid5"),
    "decimal": ("Decimal",),
    "datetime": ("UTC", "date", "datetime", "timedelta", "timezone"),
}
IMPURE_CALLS = {
    *("open", "print", "input", "exec", "eval", "__import__", "now", "utcnow", "today", "uuid1", "uuid4"),
    *("abspath", "realpath", "expanduser", "expandvars", "exists", "isfile", "isdir"),
}
PRINTING = {"print", "typer.echo", "typer.secho", "sys.stdout.write", "sys.stderr.write"}
# The driver runs in dbt's process and says what dbt would say.
PRINTERS = ("dot.console", "dot.console.terminal", "dot.system.driver")
VAGUE_MODULES = {"utils", "util", "common", "helpers", "helper", "misc"}
VAGUE_PREFIXES = ("get_", "handle_", "process_")
VAGUE_SUFFIXES = ("Manager", "Helper")


@dataclass(frozen=True)
class Module:
    """A module of dot: its dotted name, its text and its syntax tree."""

    name: str
    text: str
    tree: ast.Module

    @property
    def layer(self) -> str:
        return layer_of(self.name)


House = tuple[Module, ...]


def parse_house(texts: Mapping[str, str]) -> House:
    return tuple(Module(name, text, ast.parse(text)) for name, text in texts.items())


def read_house() -> House:
    paths = {path: path.relative_to(SOURCE.parent).with_suffix("").parts for path in SOURCE.rglob("*.py")}
    texts = {".".join(parts).removesuffix(".__init__"): path.read_text("utf-8") for path, parts in paths.items()}
    return parse_house(texts)


def layer_of(name: str) -> str:
    """`core` for `dot.core.plan` and for all that is in it."""
    return name.split(".")[1] if "." in name else name


def imports_of(module: Module) -> Iterator[tuple[str, int]]:
    """Everything that the module imports, anywhere in it, as `a.b.name`, with the line."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{module.name}:{node.lineno} imports relatively, which these rules cannot read"
            yield from ((f"{node.module}.{alias.name}", node.lineno) for alias in node.names)


def inner_imports_of(module: Module) -> Iterator[tuple[str, int]]:
    return ((name, line) for name, line in imports_of(module) if name.split(".")[0] == "dot")


def inner_modules_of(module: Module) -> Iterator[str]:
    """What may be a module of dot among its imports: `from dot.core import plan` names one, and its package."""
    for name, _ in inner_imports_of(module):
        yield from (name, name.rpartition(".")[0])


def calls_of(module: Module) -> Iterator[tuple[str, int]]:
    """Every function that is called, as it is written there, with the line."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), node.lineno


def functions_of(module: Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in ast.walk(module.tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


# -- the rules: a house in, complaints out -------------------------------------------------------------------------


def find_wrong_layers(house: House) -> Iterator[str]:
    for module in house:
        if module.layer not in LAYERS:
            yield f"{module.name} belongs to no layer"
            continue
        allowed = LAYERS[module.layer] | {module.layer, "errors", "__version__"}
        for name, line in inner_imports_of(module):
            if name != "dot" and layer_of(name) not in allowed:
                yield f"{module.name}:{line} imports {name}"


def find_impure_core(house: House) -> Iterator[str]:
    for module in house:
        if module.layer != "core":
            continue
        for name, line in imports_of(module):
            package, _, imported = name.partition(".")
            is_pure = package in PURE | {"dot"} or imported in PURE_NAMES.get(package, ())
            is_parsing = (package, module.name) == ("jinja2", "dot.core.jinja_text")  # and renders nothing
            if not is_pure and not is_parsing:
                yield f"{module.name}:{line} imports {name}"
        for called, line in calls_of(module):
            if called.rpartition(".")[2] in IMPURE_CALLS:
                yield f"{module.name}:{line} calls {called}()"


def find_stray_libraries(house: House) -> Iterator[str]:
    for module in house:
        for name, line in imports_of(module):
            package = name.split(".")[0]
            if module.name not in CONFINED.get(package, (module.name,)):
                yield f"{module.name}:{line} imports {name}"


def find_printing(house: House) -> Iterator[str]:
    for module in house:
        for called, line in calls_of(module):
            if called in PRINTING and module.name not in PRINTERS:
                yield f"{module.name}:{line} calls {called}()"


def find_cycle(house: House) -> Iterator[str]:
    graph = {module.name: set(inner_modules_of(module)) & {other.name for other in house} for module in house}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        yield " -> ".join(error.args[1])


def find_long(house: House) -> Iterator[str]:
    for module in house:
        lines = len(module.text.splitlines())
        if lines > MAX_MODULE_LINES and "Do not edit" not in (ast.get_docstring(module.tree) or ""):
            yield f"{module.name} has {lines} lines"
        for function in functions_of(module):
            length = (function.end_lineno or function.lineno) - function.lineno + 1
            if length > MAX_FUNCTION_LINES:
                yield f"{module.name}:{function.lineno} {function.name} has {length} lines"


def find_vague_names(house: House) -> Iterator[str]:
    for module in house:
        if VAGUE_MODULES & set(module.name.split(".")):
            yield f"{module.name} says nothing about what is in it"
        for node in module.tree.body:
            name = getattr(node, "name", "")
            if name.lstrip("_").startswith(VAGUE_PREFIXES) or name.endswith(VAGUE_SUFFIXES):
                yield f"{module.name} has {name}"


Rule = Callable[[House], Iterator[str]]

RULES: tuple[Rule, ...] = (
    find_wrong_layers,
    find_impure_core,
    find_stray_libraries,
    find_printing,
    find_cycle,
    find_long,
    find_vague_names,
)
