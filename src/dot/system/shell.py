"""Where dot was started, and with which variables: what every other part of dot is told, and none looks up."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Shell:
    """The current folder and the environment of whoever started dot.

    `use_color` is to be told the setting `color` as soon as it is known, so that what is wrong is in colour, too.
    """

    cwd: Path
    environ: Mapping[str, str]
    use_color: Callable[[str], None]
