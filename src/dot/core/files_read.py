"""Files of a project that its code reads by their names."""

import re
from pathlib import PurePosixPath

_QUOTED = re.compile(r"'([^'\n]+)'|\"([^\"\n]+)\"")
_WILD = re.compile(r"[*?\[\]{}]+")
_HERE = re.compile(r"^(?:\.{0,2}/)+")


def names_file(text: str, path: str) -> bool:
    """Whether code may read a file: its name stands there, or its folder, or a pattern that fits it."""
    file = PurePosixPath(path)
    is_module = file.suffix == ".py"  # which is imported without it
    name = re.escape(file.stem if is_module else file.name)
    if re.search(rf"(?<![\w-]){name}(?![\w-])", text):
        return not is_module or "import" in text
    return any(_fits(single or double, path) for single, double in _QUOTED.findall(text))


def _fits(place: str, path: str) -> bool:
    """Whether a text may be a pattern that fits a file, or a folder above it."""
    first, *others = _WILD.split(_HERE.sub("", place))
    if others:
        return bool(re.search(r"\w", place)) and f"/{first}" in f"/{path}" and path.endswith(others[-1])
    return "/" in place and f"/{first.rstrip('/')}/" in f"/{path}"
