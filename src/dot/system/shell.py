"""Where dot was started, and with which variables: what every other part of dot is told, and none looks up."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from dot.system.store import read_current_folder


@dataclass(frozen=True)
class Shell:
    """The current folder and the environment of whoever started dot."""

    cwd: Path
    environ: Mapping[str, str]


def read_shell() -> Shell:
    """Those of this process. Raises `StorageError` if the current folder is gone, or has a name that is no text."""
    return Shell(read_current_folder(), dict(os.environ))
