"""Which dbt runs: dbt 1, in Python, or dbt 2, in Rust."""

from dot.base.frozen import FrozenLenient
from dot.dbt.options import engine_of


class Dbt(FrozenLenient):
    """The dbt that runs: the command's first words, and the version if it can be told without starting it."""

    command: tuple[str, ...]
    version: str | None

    @property
    def major(self) -> int | None:
        """1 for the engine in Python, 2 for the one in Rust; None where the version is not known."""
        return engine_of(self.version)

    @property
    def dialect(self) -> int:
        """The engine whose options dot gives to this dbt: those of dbt 1 where the version is not known."""
        return self.major or 1

    def words_of(self, argv: tuple[str, ...]) -> tuple[str, ...]:
        """The words that follow those which start this dbt."""
        return argv[len(self.command) :]
