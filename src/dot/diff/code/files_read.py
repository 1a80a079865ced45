"""Whether code reads a file of its project, going by the file's name."""

import re
from functools import lru_cache
from pathlib import PurePosixPath

from dot.dbt.jinja_text import split_jinja

_QUOTED = re.compile(r"'([^'\n]+)'|\"([^\"\n]+)\"")
_VARIES = re.compile(r"\[[^\]]*\]|\{[^}]*\}|[*?\[\]{}]")
_HERE = re.compile(r"^(?:\.{0,2}/)+")


def may_read_file(text: str, path: str) -> bool:
    """Whether code may read a file: the text has the file's name, its folder, or a pattern that matches it."""
    file = PurePosixPath(path)
    is_module = file.suffix == ".py"  # which is imported without it
    name = re.escape(file.stem if is_module else file.name)
    if re.search(rf"(?<![\w-]){name}(?![\w-])", text):
        return not is_module or "import" in text
    return any(_fits(place, path) for place in _find_places(text))


@lru_cache  # one text is held against every file
def _find_places(text: str) -> tuple[str, ...]:
    """What stands in quotes, and in quotes in the Jinja of that; `*` stands for the Jinja itself."""
    quoted = [single or double for single, double in _QUOTED.findall(text)]
    pieces = [split_jinja(place) for place in quoted]
    places = ("".join(piece.text if piece.kind == "text" else "*" for piece in parts) for parts in pieces)
    codes = (piece.inside for parts in pieces for piece in parts if piece.kind in ("output", "tag"))
    return (*places, *(inner for code in codes for inner in _find_places(code)))


def _fits(place: str, path: str) -> bool:
    """Whether a text may be a pattern for the file, or a folder above it. A pattern that matches every file is none."""
    parts = _VARIES.split(_HERE.sub("", place))
    if len(parts) == 1:
        return "/" in place and f"/{parts[0].rstrip('/')}/" in f"/{path}"
    if f"/{parts[0]}" not in f"/{path}" or not path.endswith(parts[-1]) or not re.search(r"[^\W_]", "".join(parts)):
        return False
    return bool(re.search(f"/{'.*'.join(map(re.escape, parts))}$", f"/{path}"))
