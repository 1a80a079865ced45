"""Comparisons in the warehouse, asked of it through dbt and the macros that dot ships."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import accumulate
from pathlib import Path
from time import monotonic

import dot
from dot.base.errors import DbtError
from dot.dbt.session import Call, Session
from dot.diff.data.compare import Begun, ComparisonResult, RelationPair, parse_printed, render_arguments

PROJECT = Path(dot.__file__).parent / "warehouse"
"""The dbt project with dot's macros."""

MACRO = "dot_diff"
"""The macro of that project which compares."""

_UNREAD = "dot cannot read what dbt answered"


@dataclass(frozen=True)
class Limits:
    """How long to go on, in seconds, and how many rows that differ to show of each relation."""

    budget: float | None = None
    rows: int = 0


@dataclass(frozen=True)
class Warehouse:
    """A dbt that can be asked; `call` has the words for it but for the macro's arguments."""

    session: Session
    call: Call

    def compare(
        self, comparisons: tuple[RelationPair, ...], limits: Limits, on_begin: Callable[[str], None]
    ) -> dict[str, ComparisonResult]:
        """The answers by id; `on_begin` gets each id as its turn comes.

        What the warehouse refuses is an answer too, and the next comparison goes on. Raises `DbtError` when it refuses
        everything, and what ends dot when it is interrupted.
        """
        since = monotonic()
        answers: dict[str, ComparisonResult] = {}
        waiting = comparisons
        while waiting:
            budget = None if limits.budget is None else max(limits.budget - (monotonic() - since), 0.0)
            asked = waiting[: self._count_fitting(waiting)]
            refused = self._ask(render_arguments(asked, budget=budget, rows=limits.rows), answers, on_begin)
            done = len(asked)
            if refused:
                answers[refused.id] = refused
                done = [comparison.id for comparison in asked].index(refused.id) + 1
            waiting = waiting[done:]
        lost = {one.id: ComparisonResult(id=one.id, status="failed", message=_UNREAD) for one in comparisons}
        return lost | answers

    def _count_fitting(self, comparisons: tuple[RelationPair, ...]) -> int:
        """How many of them can be asked for at once."""
        sizes = (len(render_arguments((one,), budget=None, rows=0)) for one in comparisons)
        return max(1, sum(size <= self.session.longest_word for size in accumulate(sizes)))

    def _ask(
        self, arguments: str, answers: dict[str, ComparisonResult], on_begin: Callable[[str], None]
    ) -> ComparisonResult | None:
        """One run of the macro, whose answers are added; the one that it failed in."""
        begun: list[Begun] = []

        def on_line(line: str) -> None:
            match parse_printed(line):
                case Begun() as one:
                    begun.append(one)
                    on_begin(one.id)
                case ComparisonResult() as answer:
                    answers[answer.id] = answer

        words = (*self.call.args, "--args", arguments)
        exit_code, message = self.session.listen(replace(self.call, args=words), on_line)
        if not exit_code:
            return None
        if not begun or begun[-1].id in answers:
            lines = (message or f"it ended with exit code {exit_code} and said nothing").splitlines()
            notes = tuple(line for line in lines if line.strip())[:8]
            raise DbtError.of(
                "dbt could not ask the warehouse",
                notes=notes,
                hint="that is dbt's own answer; `dot doctor` tries the connection",
            )
        return ComparisonResult.model_validate({**dict(begun[-1]), "status": "failed", "message": message})
