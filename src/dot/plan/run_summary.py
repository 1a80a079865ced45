"""What a list of builds tells of a run."""

from dot.base.frozen import FrozenLenient
from dot.dbt.writes import WRITES
from dot.plan.commit import Commit

BUILDING = tuple(command for command, kinds in WRITES.items() if {*kinds} - {"test"})
"""The dbt commands that write the relations of a build."""


class RunSummary(FrozenLenient):
    """What a list of builds tells of a run; it is read much faster than the whole of its record."""

    dbt_command: str
    commit: Commit | None
    finished_at: str
    exit_code: int
    size: int | None = None
    has_run: bool = True

    @property
    def has_built(self) -> bool:
        """Whether it may have written relations of the build."""
        return has_built(self.dbt_command, has_run=self.has_run)


def has_built(dbt_command: str, *, has_run: bool) -> bool:
    """Whether a run of this command may have written relations of the build."""
    return dbt_command in BUILDING and has_run
