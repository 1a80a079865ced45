"""Modules of JavaScript as one script: a page that somebody opens as a file cannot load others beside it."""

import re
from collections.abc import Iterator, Mapping

_IMPORT = re.compile(r'import \{ (?P<names>\w+(?:, \w+)*) \} from "\./(?P<file>\w+\.js)";')
_EXPORT = re.compile(r"export (?P<declared>(?:class|const|function) (?P<name>\w+)\b.*)")
_OTHER = re.compile(r"\s*(?:import|export)\b|.*\bimport\s*[(.]")
_COMMENT = re.compile(r"\s*(?://.*)?")


def join_modules(modules: Mapping[str, str], entry: str) -> str:
    """A script that runs the entry, and before each module those that it imports, without lines of comments.

    Each becomes a function that gives back what it exports, so that their names stay apart. Two forms are understood,
    each on a line of its own: `import { a, b } from "./c.js";`, and `export` before one function, class or constant.
    Raises `ValueError` for any other, and for texts of several lines.
    """
    return "\n".join(("const modules = {};", *(_wrap(name, modules) for name in order_modules(modules, entry))))


def order_modules(modules: Mapping[str, str], entry: str) -> tuple[str, ...]:
    """The entry and all that it needs, each module behind those that it imports."""
    return tuple(dict.fromkeys(_reach(modules, (entry,))))


def _reach(modules: Mapping[str, str], way: tuple[str, ...]) -> Iterator[str]:
    if way[-1] in way[:-1]:
        raise ValueError(" imports ".join(way))
    if way[-1] not in modules:
        raise ValueError(f"{way[-2]} imports {way[-1]}, which is not there" if way[:-1] else f"{way[-1]} is not there")
    for line in modules[way[-1]].splitlines():
        if found := _IMPORT.fullmatch(line):
            yield from _reach(modules, (*way, found["file"]))
    yield way[-1]


def _wrap(name: str, modules: Mapping[str, str]) -> str:
    lines = [(line, f"{name}:{number}") for number, line in enumerate(modules[name].splitlines(), 1)]
    body = (_translate(line, place, modules) for line, place in lines if not _COMMENT.fullmatch(line))
    exported = ", ".join(_list_exports(modules[name]))
    return "\n".join((f'modules["{name}"] = (() => {{', *body, f"return {{ {exported} }};", "})();"))


def _translate(line: str, place: str, modules: Mapping[str, str]) -> str:
    if found := _IMPORT.fullmatch(line):
        unknown = set(found["names"].split(", ")) - set(_list_exports(modules[found["file"]]))
        if unknown:
            raise ValueError(f"{place}: {found['file']} exports no {', '.join(sorted(unknown))}")
        return f'const {{ {found["names"]} }} = modules["{found["file"]}"];'
    if found := _EXPORT.fullmatch(line):
        return found["declared"]
    if _OTHER.match(line) or line.count("`") % 2:
        raise ValueError(f"{place} is not understood: {line.strip()}")
    return line


def _list_exports(text: str) -> list[str]:
    return [found["name"] for line in text.splitlines() if (found := _EXPORT.fullmatch(line))]
