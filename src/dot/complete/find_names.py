"""The names that a dbt project gives to environments, nodes and macros, read as quickly as they can be."""

import os
import shlex
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from dot.base.errors import DotError
from dot.dbt.option_variables import read_variable
from dot.dbt.options import engine_of
from dot.dbt.plain_yaml import scan_yaml
from dot.dbt.program import read_installed_version
from dot.dbt.project import PROFILES_FILE, PROJECT_FILE, find_profiles_folder, read_dbt_yaml
from dot.dbt.selection import GRAPH, list_file_nodes, parse_graph
from dot.system.process import find_program
from dot.system.store import read_configuration_text, read_end

FILES = ("dot_environments.yml", "dot_environments.user.yml")
"""The weaker first; `dot.config.files`, which names them too, loads pydantic."""


class Start(NamedTuple):
    """Where the shell stands, its environment, and whether it shows what a candidate means."""

    cwd: Path
    environ: Mapping[str, str]
    is_described: bool = True


class Names(NamedTuple):
    """The names there are, and the one that is meant where none is given."""

    names: tuple[str, ...] = ()
    default: str | None = None


def read_engine(start: Start) -> int | None:
    """The engine of dbt; None where it is not told by what is installed beside the program, which is not started."""
    with suppress(ValueError, DotError):
        (word,) = shlex.split(start.environ.get("DOT_DBT") or _read_setting("dbt", start.cwd) or "dbt")
        beside = str(Path(sys.executable).parent / word)
        found = (find_program(name, start.environ, cwd=start.cwd) for name in (word, beside))
        program = next(filter(None, found), None)
        return engine_of(read_installed_version(program)) if program else None
    return None


def _read_setting(name: str, cwd: Path) -> str | None:
    """A setting of `[tool.dot]` as it stands there; `dot.config.find_settings`, which checks them, loads pydantic."""
    file = next(
        (folder / "pyproject.toml" for folder in (cwd, *cwd.parents) if (folder / "pyproject.toml").is_file()), None
    )
    text = read_configuration_text(file) if file else None
    if not text or "dot" not in text:
        return None
    import tomllib  # noqa: PLC0415 - most projects have no such table

    value = tomllib.loads(text).get("tool", {}).get("dot", {}).get(name)
    return value if isinstance(value, str) else None


def read_environments(project: Path, start: Start) -> Names:
    """The environments of the files; the outputs of the dbt profile where the files define none."""
    found: dict[str, Any] = {}
    for file in FILES:
        found |= _read_mapping(project / file, "environment")
    default = found.pop("default", None)
    found.pop("all", None)
    return Names(tuple(found), default if isinstance(default, str) else None) if found else read_outputs(project, start)


def read_outputs(project: Path, start: Start) -> Names:
    """The outputs of the dbt profile that the project names."""
    environ = start.environ
    folder = find_profiles_folder(start.cwd, None, environ, None)
    file = next((file for file in (folder / PROFILES_FILE, project / PROFILES_FILE) if file.is_file()), None)
    name = _render(read_variable(environ, "profile") or _read_mapping(project / PROJECT_FILE).get("profile"), environ)
    if not file or not name:
        return Names()
    target = read_variable(environ, "target") or _read_mapping(file, name).get("target")
    return Names(tuple(_read_mapping(file, name, "outputs")), _render(target, environ))


def read_target_folder(project: Path, start: Start) -> Path:
    """Where the dbt of a live build leaves its manifest."""
    named = read_variable(start.environ, "target-path") or _read_mapping(project / PROJECT_FILE).get("target-path")
    return project / (named if isinstance(named, str) else "target")


def _read_mapping(file: Path, *path: str) -> Mapping[str, Any]:
    """What stands in a YAML file under this path; nothing where that is no mapping."""
    text = read_configuration_text(file)
    if text is None:
        return {}
    found = _follow(scan_yaml(text), path)
    if found is None or (isinstance(found, str) and found.startswith("{")):
        source = read_dbt_yaml(file)
        found = _follow(source.data if source else None, path)
    return found if isinstance(found, dict) else {}


def _follow(data: Any, path: tuple[str, ...]) -> Any:
    for key in path:
        if not isinstance(data, dict):
            break
        data = data.get(key, {})
    return data


def _render(value: Any, environ: Mapping[str, str]) -> str | None:
    """The text, or what its Jinja means; None for no text, and for one that cannot be rendered."""
    if not isinstance(value, str) or "{" not in value:
        return value if isinstance(value, str) else None
    from dot.dbt.jinja import render_text  # noqa: PLC0415 - slow to import, and rarely needed

    try:
        return render_text(value, environ, {})
    except DotError:
        return None


def read_nodes(project: Path, manifest: Path) -> Iterator[tuple[str, str]]:
    """What can be selected, with its kind: as the manifest has it, or else the names of the project's files."""
    graph = read_end(manifest, GRAPH.encode())
    try:
        yield from parse_graph(graph or "")
    except ValueError:
        folders = (project / name for name in ("models", "seeds"))
        yield from list_file_nodes(
            name for folder in folders for _, _, names in os.walk(folder) for name in sorted(names)
        )


def read_macros(project: Path) -> tuple[str, ...]:
    """The macros that the project's files define."""
    from dot.dbt.jinja_text import list_macro_names  # noqa: PLC0415 - for one command alone

    files = sorted((project / "macros").rglob("*.sql"))
    texts = []
    for file in files:
        try:
            texts.append(read_configuration_text(file) or "")
        except DotError:
            continue
    return tuple(dict.fromkeys(name for text in texts for name in list_macro_names(text)))
