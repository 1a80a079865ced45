"""What the user asked for."""

from dot.base.address import Address
from dot.base.frozen import FrozenLenient


class Request(FrozenLenient):
    """One dbt command. `arguments` stand before dbt's options; `typed` are dbt's options that stood among dot's.

    `extra` stood after `--`, and reaches dbt untouched, last. `vars` is the YAML of `--vars`. `project_dir` is set
    where the project was named. `no_defer` forgets for once what the build remembers as its baseline.
    """

    dbt_command: str
    address: Address = Address()
    baseline: Address | None = None
    no_defer: bool = False
    arguments: tuple[str, ...] = ()
    typed: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()
    vars: str | None = None
    install_packages: bool = True
    allow_leaks: bool = False
    project_dir: str | None = None

    @property
    def words(self) -> tuple[str, ...]:
        """Everything that was typed for dbt."""
        return (*self.typed, *self.extra)
