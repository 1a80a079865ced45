"""The closed union of effects that a plan is made of. A step says in its fields exactly what it will do."""

from pathlib import PurePath
from typing import Annotated, Literal

from pydantic import Field

from dot.base.frozen import FrozenLenient, FrozenMapping
from dot.isolation.rules import Rules
from dot.profile.isolate import SecretReference


class EnsureWorktree(FrozenLenient):
    """A detached worktree of `commit` at `path`, complete once `marker` holds the hash; nothing to do if it is.

    No link may lead out of it from `folders`, which dbt reads and fills.
    """

    kind: Literal["ensure_worktree"] = "ensure_worktree"
    repository: PurePath
    common_dir: PurePath
    path: PurePath
    commit: str
    marker: PurePath
    submodules: bool
    folders: tuple[PurePath, ...] = ()


class WriteProfile(FrozenLenient):
    """The isolated `profiles.yml`. `user_file` is dbt's anonymous user id, copied so that a build is no new user."""

    kind: Literal["write_profile"] = "write_profile"
    path: PurePath
    source: PurePath
    profile: str
    target: str
    schema_name: str
    content: FrozenMapping
    user_file: PurePath | None


class InstallPackages(FrozenLenient):
    """`dbt deps`, in the environment of `run_dbt`; nothing to do if `marker` holds `digest` and `folder` exists."""

    kind: Literal["install_packages"] = "install_packages"
    argv: tuple[str, ...]
    cwd: PurePath
    folder: PurePath
    marker: PurePath
    digest: str


class CheckIsolation(FrozenLenient):
    """Parse the project, and stop unless every relation that the command could write is the build's own.

    `argv` parses; `select_argv` lists what is selected, and runs only when a leak was found. A retry has none.
    Both run in the environment of `run_dbt`. What cannot be proved is an error only with `refuse_unproved`. The result
    stands in `kept`, by a digest of the manifest, so that it costs nothing the next time. No other build of
    the `repository` may have claimed the same; `claims` is the lock for that.
    """

    kind: Literal["check_isolation"] = "check_isolation"
    argv: tuple[str, ...]
    select_argv: tuple[str, ...]
    cwd: PurePath
    manifest: PurePath
    results: PurePath
    kept: PurePath
    repository: PurePath
    claims: PurePath
    rules: Rules
    allow_leaks: bool
    refuse_unproved: bool = False


class ChooseFunctions(FrozenLenient):
    """Write the manifest `baseline` to `path`, without the functions that may differ from those in `manifest`.

    dbt calls a function of its baseline whenever there is one, whatever the build has.
    """

    kind: Literal["choose_functions"] = "choose_functions"
    manifest: PurePath
    baseline: PurePath
    path: PurePath


class RunDbt(FrozenLenient):
    """The dbt command; its exit code becomes dot's. `env` is added to the environment, `secrets` too, by reference.

    A variable that is null in `env` is taken out of it.

    Of `locks`, which all projects of the repository share, only one process holds each at a time: a database file
    that one process may write. `databases` are these files.
    """

    kind: Literal["run_dbt"] = "run_dbt"
    argv: tuple[str, ...]
    cwd: PurePath
    env: FrozenMapping
    secrets: tuple[SecretReference, ...] = ()
    locks: tuple[PurePath, ...] = ()
    databases: tuple[PurePath, ...] = ()


class WriteRecord(FrozenLenient):
    """One more line in the build's `runs.jsonl`."""

    kind: Literal["write_record"] = "write_record"
    path: PurePath


class CheckRemote(FrozenLenient):
    """Ask the `remote` of the repository whether it has the commit, which Databricks fetches from `url`."""

    kind: Literal["check_remote"] = "check_remote"
    repository: PurePath
    remote: str
    url: str
    commit: str


class SubmitRun(FrozenLenient):
    """Have Databricks run the commit once, and follow it to its end, which becomes dot's.

    `payload` is what the Jobs API gets; `argv` is the dbt command in it. The workspace is that of the SDK's own
    configuration, which must be `host`, as the profile has it. Nothing is submitted when a name in `manifest` may
    depend on what the output of the profile is called, which Databricks decides, unless leaks are allowed. What dbt
    parses here before that sees only those variables of the shell that `keeps` names, since no others are there.
    """

    kind: Literal["submit_run"] = "submit_run"
    argv: tuple[str, ...]
    host: str
    payload: FrozenMapping
    manifest: PurePath
    allow_leaks: bool
    keeps: tuple[str, ...]


SideName = Literal["base", "head"]
SIDES: tuple[SideName, ...] = ("base", "head")
"""The two sides of a comparison, in the order in which they are typed."""


class Question(FrozenLenient):
    """One invocation of dbt whose answer dot reads, and nobody sees: about a `side` of a comparison.

    `env` and `secrets` are as in `run_dbt`; they hold for this invocation alone.
    """

    side: SideName
    argv: tuple[str, ...]
    cwd: PurePath
    env: FrozenMapping
    secrets: tuple[SecretReference, ...] = ()


class ReadProject(Question):
    """`dbt parse` of the working tree, with a target folder of dot's own."""

    kind: Literal["read_project"] = "read_project"


class SelectNodes(Question):
    """`dbt list`, which names what is selected on this side."""

    kind: Literal["select_nodes"] = "select_nodes"


class AskMacro(Question):
    """A macro of dot's own, by the connection of this side, as often as it needs to be asked.

    `argv` gets `--args` with JSON, which is made of what the manifests of both sides say: the one thing that is not
    known before. With `budget`, no comparison begins after so many seconds; `rows` of each may be shown.
    """

    kind: Literal["ask_macro"] = "ask_macro"
    macro: str
    budget: float | None = None
    rows: int = 0


class WritePage(FrozenLenient):
    """The report as a page, in a file of the user's, which is not replaced unless it holds `mark`."""

    kind: Literal["write_page"] = "write_page"
    path: PurePath
    mark: str


RemoteStep = CheckRemote | SubmitRun
ComparisonStep = ReadProject | SelectNodes | AskMacro | WritePage

Step = Annotated[
    EnsureWorktree
    | WriteProfile
    | InstallPackages
    | CheckIsolation
    | ChooseFunctions
    | RunDbt
    | RemoteStep
    | WriteRecord
    | ComparisonStep,
    Field(discriminator="kind"),
]
