"""A head start for dbt, whose import takes longer than all that dot does before it has anything to ask."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from dot.dbt.writes import WRITES
from dot.system.shell import Shell

if TYPE_CHECKING:  # no plan needs it
    from dot.dbt.head_start import HeadStart


@contextmanager
def giving_head_start(shell: Shell, *, is_wanted: bool) -> Generator["HeadStart | None"]:
    """Start dbt if it is wanted, beside what is done meanwhile; it ends where nothing was asked of it."""
    if is_wanted:
        from dot.dbt.head_start import starting_early  # noqa: PLC0415

        with starting_early(shell.cwd, shell.environ) as head_start:
            yield head_start
    else:
        yield None


def is_worth_it(dbt_command: str, address: str) -> bool:
    """Whether dbt would be asked more than once: by an isolated build, which is checked before it runs."""
    return dbt_command in WRITES and "@" in address
