"""The real build of `databricks-bundles`: what the Databricks CLI itself runs to load the resources of a bundle.

It runs in the Python of the bundle, in a process of its own; dot imports none of it.
"""

import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from dot.base.errors import OutsideError
from dot.system.process import Command, run

MODULE = "databricks.bundles.build"
_MISSING = "No module named 'databricks"


@dataclass(frozen=True)
class Built:
    """What the build has loaded, by type and key, and what it complains of."""

    resources: Mapping[str, Mapping[str, Any]]
    complaints: tuple[str, ...]


def find_python(root: Path, venv: str | None) -> Path:
    """The Python of the bundle's own environment; without one that which runs dot."""
    folder = root / (venv or ".venv")
    names = ("Scripts/python.exe",) if os.name == "nt" else ("bin/python",)
    found = next((folder / name for name in names if (folder / name).is_file()), None)
    return found or Path(sys.executable)


def build(root: Path, python: Path, bundle: Mapping[str, Any], environ: Mapping[str, str]) -> Built:
    """Load the resources of the bundle, whose configuration for one target this is.

    Raises `OutsideError` where that Python lacks `databricks-bundles`.
    """
    with TemporaryDirectory(prefix="dot-bundle-") as name:
        folder = Path(name)
        files = {part: folder / f"{part}.json" for part in ("input", "output", "diagnostics", "locations")}
        files["input"].write_text(json.dumps(bundle), "utf-8")
        options = [word for part, file in files.items() for word in (f"--{part}", str(file))]
        argv = (str(python), "-B", "-m", MODULE, "--phase", "load_resources", *options)
        clean = {key: value for key, value in environ.items() if not key.startswith("PYTHON")}
        done = run(Command(argv, root, clean))
        said = done.stderr.decode("utf-8", "replace").strip()
        if not files["output"].is_file() and _MISSING in said:
            raise _explain_missing(python)
        return Built(_read_resources(files["output"]), _read_complaints(files["diagnostics"], done.exit_code, said))


def _explain_missing(python: Path) -> OutsideError:
    return OutsideError.of(
        f"databricks-bundles, which loads a bundle, is not installed for {python}",
        hint="`uv sync` in the bundle installs it there; `pip install 'dot-for-dbt[databricks]'` beside dot",
    )


def _read_resources(file: Path) -> Mapping[str, Mapping[str, Any]]:
    return json.loads(file.read_text("utf-8")).get("resources", {}) if file.is_file() else {}


def _read_complaints(file: Path, exit_code: int, said: str) -> tuple[str, ...]:
    """What is wrong, in the build's own words."""
    text = file.read_text("utf-8") if file.is_file() else ""
    found = [json.loads(line) for line in text.splitlines() if line.strip()]
    complaints = [_join_complaint(one) for one in found if one.get("severity") == "error"]
    if exit_code and not complaints:
        complaints = [said.splitlines()[-1] if said else f"it ended with exit code {exit_code}"]
    return tuple(complaints)


def _join_complaint(one: Mapping[str, Any]) -> str:
    detail = str(one.get("detail") or "").strip()
    last = f": {detail.splitlines()[-1].strip()}" if detail else ""
    return f"{str(one.get('summary', '')).strip()}{last}"
