"""What the user asked for: a closed union, of which each kind is what one verb takes."""

from typing import Literal

from dot.base.address import Address
from dot.base.frozen import FrozenLenient


class DbtRequest(FrozenLenient):
    """One dbt command. `arguments` stand before dbt's options; `typed` are dbt's options that stood among dot's.

    `extra` stood after `--`, and reaches dbt untouched, last. `vars` is the YAML of `--vars`. `project_dir` is set
    where the project was named. `no_defer` forgets for once what the build remembers as its baseline.
    """

    kind: Literal["dbt"] = "dbt"
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
    def command(self) -> str:
        """The words after `dot` that ask for it."""
        return self.dbt_command

    @property
    def addresses(self) -> tuple[Address, ...]:
        """What it is about."""
        return (self.address,)

    @property
    def words(self) -> tuple[str, ...]:
        """Everything that was typed for dbt."""
        return (*self.typed, *self.extra)


class DiffRequest(FrozenLenient):
    """A comparison of two builds; without a ref an address means a live environment.

    `keys` and `tolerances` are as they were typed, `budget` is in seconds, `rows` how many rows that differ to show of
    each model. `build` makes what is missing; `html` is a file for the page; `form` is what is printed.
    """

    kind: Literal["diff"] = "diff"
    base: Address
    head: Address = Address()
    select: tuple[str, ...] = ()
    everything: bool = False
    keys: tuple[str, ...] = ()
    tolerances: tuple[str, ...] = ()
    where: str | None = None
    budget: float | None = None
    rows: int = 0
    build: bool = False
    fail_on: str = "none"
    html: str | None = None
    form: Literal["text", "json", "markdown"] = "text"
    project_dir: str | None = None

    @property
    def command(self) -> str:
        """The word after `dot` that asks for it."""
        return "diff"

    @property
    def addresses(self) -> tuple[Address, ...]:
        """What it is about: base and head."""
        return (self.base, self.head)


class SubmitRequest(FrozenLenient):
    """One dbt command on a commit, run by Databricks. `words` are dbt's own, `vars` is the YAML of `--vars`.

    `remote` is where Databricks fetches the commit, from a host that `provider` names where its URL does not tell.
    `again` is when somebody asked for one more run of what was submitted before.
    """

    kind: Literal["submit"] = "submit"
    address: Address
    dbt_command: str = "build"
    words: tuple[str, ...] = ()
    vars: str | None = None
    allow_leaks: bool = False
    again: str | None = None
    remote: str = "origin"
    provider: str | None = None
    project_dir: str | None = None

    @property
    def command(self) -> str:
        """The words after `dot` that ask for it."""
        return "bundle submit"

    @property
    def addresses(self) -> tuple[Address, ...]:
        """What it is about."""
        return (self.address,)


Request = DbtRequest | DiffRequest | SubmitRequest
"""What a plan may be made for. A new verb joins here; older plans, which name no kind, are of a dbt command."""
