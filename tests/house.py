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

FOLDERS = (
    *(
        "base",
        "system",
        "console",
        "dbt",
        "config",
        "profile",
        "relation",
        "isolation",
        "plan",
        "run",
        "builds",
        "reuse",
    ),
    *("release", "diff", "scope", "bundle", "setup", "doctor", "complete", "commands", "cli", "__main__"),
)
"""The subjects, as the data flows: each imports from those before it, and everybody the version in `dot`."""

READING = ("system", "dbt", "run", "commands", "cli", "console", "__main__")
"""The folders that may read the world; in any other only modules called `gather…` or `find…`."""

CHANGING = ("system", "dbt", "run", "console")
"""The folders that may change it. A verb makes a plan, and `run` carries that out."""

SPEAKING = ("console", "commands", "cli")
"""The folders that may import the console; every other is told whom to tell."""

CHANGES: Mapping[str, frozenset[str]] = {
    "dot.system.store": frozenset(
        {"append_line", "copy_private", "lock", "make_old", "make_private", "make_private_folder", "remove_empty"}
        | {"remove_tree", "write_output", "write_whole"}
    ),
    "dot.system.git": frozenset(
        {"add_worktree", "commit_all", "fill_worktree", "forget_worktree", "init_repository", "repair_worktree"}
        | {"restore_files", "switch_branch", "update_submodules"}
    ),
    "dot.system.user_files": frozenset({"apply_edit"}),
}
"""What changes files, git or the user's files."""

CONFINED = {
    "dbt": ("dot.dbt.driver",),
    "typer": (
        "dot.cli.app",
        "dot.cli.bundle",
        "dot.cli.dbt",
        "dot.cli.diff",
        "dot.cli.groups",
        "dot.cli.guard",
        "dot.cli.parameters",
        "dot.cli.scope",
        "dot.cli.submit",
    ),
    "rich": ("dot.console", "dot.console.tables"),
    "subprocess": ("dot.system.process",),
    "yaml": ("dot.system.yaml",),
    "ruamel": ("dot.system.yaml",),
    "pydantic_settings": ("dot.config.find_settings",),
    "jinja2": ("dot.dbt.jinja_text", "dot.dbt.jinja"),
    "filelock": ("dot.system.store",),
    "databricks": ("dot.system.databricks",),
}
PURE = {
    *(
        "ast",
        "base64",
        "collections",
        "contextlib",
        "dataclasses",
        "difflib",
        "enum",
        "functools",
        "hashlib",
        "itertools",
        "json",
        "keyword",
    ),
    *("math", "operator", "posixpath", "re", "shlex", "string", "textwrap", "types", "typing"),
    *("pydantic", "pydantic_core"),
}
# From these, values take these names only.
PURE_NAMES = {
    "os": ("path.relpath",),  # which asks for the current folder only where a path is relative
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
PRINTERS = ("dot.console", "dot.console.terminal", "dot.dbt.driver")
MUTATING = {
    *("add", "append", "clear", "discard", "extend", "insert", "pop", "popitem", "remove", "setdefault", "update"),
}
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
    def folder(self) -> str:
        return folder_of(self.name)

    @property
    def is_value(self) -> bool:
        """Whether it takes values and gives values, and neither reads nor changes anything."""
        is_reader = self.folder in READING or self.name.rpartition(".")[2].startswith(("gather", "find"))
        return self.name != "dot" and not is_reader


House = tuple[Module, ...]


def parse_house(texts: Mapping[str, str]) -> House:
    return tuple(Module(name, text, ast.parse(text)) for name, text in texts.items())


def read_house() -> House:
    paths = {path: path.relative_to(SOURCE.parent).with_suffix("").parts for path in SOURCE.rglob("*.py")}
    texts = {".".join(parts).removesuffix(".__init__"): path.read_text("utf-8") for path, parts in paths.items()}
    return parse_house(texts)


def folder_of(name: str) -> str:
    """`plan` for `dot.plan.step` and for all that is in it."""
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


def find_wrong_folders(house: House) -> Iterator[str]:
    for module in house:
        if module.folder not in (*FOLDERS, "dot"):
            yield f"{module.name} belongs to no folder of the house"
            continue
        allowed = FOLDERS[: FOLDERS.index(module.folder) + 1] if module.folder in FOLDERS else ()
        for name, line in inner_imports_of(module):
            if folder_of(name) not in (*allowed, "__version__", "dot"):
                yield f"{module.name}:{line} imports {name}"


def find_pure(house: House) -> set[str]:
    """The modules that neither read nor change anything, whatever folder they are in."""
    pure = {module.name for module in house if not any(_impurities_of(module))} - {"dot"}
    pure = {name for name in pure if folder_of(name) not in {"cli", "commands", "console", "__main__"}}
    while lost := {module.name for module in house if module.name in pure and _needs_others(module, house, pure)}:
        pure -= lost
    return pure


def _needs_others(module: Module, house: House, pure: set[str]) -> bool:
    return bool({*inner_modules_of(module)} & {other.name for other in house} - pure - {"dot"})


def find_speaking(house: House) -> Iterator[str]:
    for module in house:
        for name, line in inner_imports_of(module):
            if folder_of(name) == "console" and module.folder not in SPEAKING:
                yield f"{module.name}:{line} imports {name}"


def find_reading_values(house: House) -> Iterator[str]:
    """Modules that should be values in, values out, and see the world: by themselves, or by what they import."""
    readers = {module.name for module in house if not module.is_value and any(_impurities_of(module))}
    readers |= {module.name for module in house if not module.is_value and module.folder != "dbt"}
    for module in house:
        if module.is_value:
            yield from _impurities_of(module)
            for name, line in inner_imports_of(module):
                if {name, name.rpartition(".")[0]} & (readers - {"dot"}):
                    yield f"{module.name}:{line} imports {name}"


def _impurities_of(module: Module) -> Iterator[str]:
    for name, line in imports_of(module):
        package, _, imported = name.partition(".")
        is_pure = package in PURE | {"dot"} or imported in PURE_NAMES.get(package, ())
        is_parsing = (package, module.name) == ("jinja2", "dot.dbt.jinja_text")  # and renders nothing
        if not is_pure and not is_parsing:
            yield f"{module.name}:{line} imports {name}"
    for called, line in calls_of(module):
        if called.rpartition(".")[2] in IMPURE_CALLS:
            yield f"{module.name}:{line} calls {called}()"


def find_changing_readers(house: House) -> Iterator[str]:
    """Modules that may read, and change something."""
    for module in house:
        if module.folder in CHANGING:
            continue
        for name, line in inner_imports_of(module):
            owner, _, function = name.rpartition(".")
            if function in CHANGES.get(owner, ()):
                yield f"{module.name}:{line} imports {name}"
        modules = {owner.rpartition(".")[2]: names for owner, names in CHANGES.items()}
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Attribute) and node.attr in modules.get(ast.unparse(node.value), ()):
                yield f"{module.name}:{node.lineno} takes {ast.unparse(node)}"


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


def find_double_meanings(house: House) -> Iterator[str]:
    """One class name has one meaning in all of dot."""
    homes: dict[str, str] = {}
    for module in house:
        for node in module.tree.body:
            if isinstance(node, ast.ClassDef) and (home := homes.setdefault(node.name, module.name)) != module.name:
                yield f"{node.name} is a class in {home} and in {module.name}"


def find_state(house: House) -> Iterator[str]:
    """What a function changes of its module, which outlives every run of dot in a process."""
    for module in house:
        targets = (target for node in module.tree.body for target in _targets_of(node))
        names = {target.id for target in targets if isinstance(target, ast.Name)}
        for function in functions_of(module):
            for node in ast.walk(function):
                if isinstance(node, ast.Global):
                    yield f"{module.name} changes {', '.join(node.names)}"
                elif changed := names & set(_changed_by(node)):
                    yield f"{module.name} changes what is in {', '.join(changed)}"


def _targets_of(node: ast.AST) -> list[ast.expr]:
    if isinstance(node, ast.Assign | ast.Delete):
        return node.targets
    return [node.target] if isinstance(node, ast.AnnAssign | ast.AugAssign) else []


def _changed_by(node: ast.AST) -> Iterator[str]:
    """The names of what a statement or a call changes the inside of."""
    for target in _targets_of(node):
        if isinstance(target, ast.Subscript | ast.Attribute) and isinstance(target.value, ast.Name):
            yield target.value.id
    called = node.func if isinstance(node, ast.Call) else None
    if isinstance(called, ast.Attribute) and called.attr in MUTATING and isinstance(called.value, ast.Name):
        yield called.value.id


Rule = Callable[[House], Iterator[str]]

RULES: tuple[Rule, ...] = (
    find_wrong_folders,
    find_speaking,
    find_reading_values,
    find_changing_readers,
    find_stray_libraries,
    find_printing,
    find_cycle,
    find_long,
    find_vague_names,
    find_double_meanings,
    find_state,
)

if __name__ == "__main__":  # for `just cov`
    print(*(f"*/{name.replace('.', '/')}.py" for name in sorted(find_pure(read_house()))), sep=",")  # noqa: T201
