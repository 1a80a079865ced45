"""How a command is done."""

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from dot.console import Console

if TYPE_CHECKING:  # no plan needs it
    from dot.dbt.head_start import HeadStart


class Mode(Enum):
    """What becomes of the plan."""

    EXECUTE = "execute"
    EXPLAIN = "explain"
    JSON = "json"


@dataclass(frozen=True)
class Way:
    """How a command is done: what becomes of its plan, who is told, and the dbt that was started for it, if any."""

    mode: Mode
    console: Console
    head_start: "HeadStart | None" = None
