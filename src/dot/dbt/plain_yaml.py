"""YAML as nearly everybody writes it, read line by line; what is unusual needs the parser, which is slow to load."""

import re
from typing import Any

_LINE = re.compile(
    r"""\ *(?P<dash>(?:-(?:\ +|\Z))*)
        (?:(?P<key>[A-Za-z_+][\w.-]*|"[^"\\]*"|'[^'\\]*')\ *:(?=\ |\Z)\ *)?
        (?:(?P<block>[|>][-+]?)
          |(?P<value>
              (?:[\w/.~+$(]|-(?=\S))(?:[^:#]|:(?!\ |\Z)|(?<!\ )\#)*
            | "(?:[^"\\]|\\.)*" | '(?:[^']|'')*' | (?P<flow>[{\[][^\#]*[}\]])
          ))?
        \ *(?:(?<=\ )\#.*)?""",
    re.VERBOSE,
)
_INSIDE = re.compile(r"""\{[^{}\[\]"'&*!|>%@`]*\}|\[[^{}\[\]"'&*!|>%@`]*\]|"[^"\\]*"|'[^'\\]*'""")


def scan_yaml(text: str) -> dict[str, Any] | None:
    """The mappings of a file, with scalars as texts; None for a file that has anything unusual in it.

    A mapping in braces and a list in brackets are texts too; a list on lines of its own is an empty mapping.
    """
    root: dict[str, Any] = {}
    open_keys: list[tuple[int, Any]] = [(-1, root)]
    block, dash = None, None
    for number, line in enumerate(text.splitlines()):
        indent = len(line) - len(line.lstrip(" "))
        if _is_nothing(line, number) or (block is not None and indent > block):
            continue
        found = _LINE.fullmatch(line)
        if not found or not (found["dash"] or found["key"]) or not _is_closed(found["flow"] or ""):
            return None
        block = indent + len(found["dash"]) if found["block"] else None
        dash = dash if dash is not None and indent > dash else indent if found["dash"] else None
        if dash is None and not _place(open_keys, indent, found):
            return None
    return root


def _is_nothing(line: str, number: int) -> bool:
    return not line.strip() or line.lstrip(" ").startswith("#") or (number == 0 and line == "---")


def _is_closed(flow: str) -> bool:
    """Whether every brace and bracket is closed where it was opened, and there is nothing unusual among them."""
    while (rest := _INSIDE.sub("", flow)) != flow:
        flow = rest
    return not flow


def _place(open_keys: list[tuple[int, Any]], indent: int, found: re.Match[str]) -> bool:
    """Put the key below the one that it is indented under; false when it is under none."""
    beside = -1
    while open_keys[-1][0] >= indent:
        beside = open_keys.pop()[0]
    parent = open_keys[-1][1]
    is_first = not parent and beside == -1
    if not isinstance(parent, dict) or not (is_first or beside == indent):
        return False
    value = found["value"]
    parent[_unquote(found["key"])] = child = {} if value is None else _unquote(value)
    open_keys.append((indent, child))
    return True


def _unquote(text: str) -> str:
    return text[1:-1] if text[0] in "\"'" else text.rstrip(" ")
