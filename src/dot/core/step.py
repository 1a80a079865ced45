"""The closed union of effects that a plan is made of. A step says in its fields exactly what it will do."""

from pathlib import PurePath
from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from dot.core.model import FrozenMapping, Model
from dot.core.profile import SecretReference


class _Step(Model):
    # A reader of a plan ignores what a newer minor format added.
    model_config = ConfigDict(extra="ignore")


class EnsureWorktree(_Step):
    """A detached worktree of `commit` at `path`, complete once `marker` holds the hash; nothing to do if it is."""

    kind: Literal["ensure_worktree"] = "ensure_worktree"
    repository: PurePath
    path: PurePath
    commit: str
    marker: PurePath
    submodules: bool


class WriteProfile(_Step):
    """The isolated `profiles.yml`. `user_file` is dbt's anonymous user id, copied so that a build is no new user."""

    kind: Literal["write_profile"] = "write_profile"
    path: PurePath
    source: PurePath
    profile: str
    target: str
    schema_name: str
    content: FrozenMapping
    user_file: PurePath | None


class InstallPackages(_Step):
    """`dbt deps`; nothing to do if `marker` holds `digest` and `folder` exists."""

    kind: Literal["install_packages"] = "install_packages"
    argv: tuple[str, ...]
    cwd: PurePath
    env: FrozenMapping
    folder: PurePath
    marker: PurePath
    digest: str


class RunDbt(_Step):
    """The dbt command; its exit code becomes dot's. `env` is added to the environment, `secrets` too, by reference."""

    kind: Literal["run_dbt"] = "run_dbt"
    argv: tuple[str, ...]
    cwd: PurePath
    env: FrozenMapping
    secrets: tuple[SecretReference, ...] = ()


class WriteRecord(_Step):
    """One more line in the build's `runs.jsonl`."""

    kind: Literal["write_record"] = "write_record"
    path: PurePath


Step = Annotated[
    EnsureWorktree | WriteProfile | InstallPackages | RunDbt | WriteRecord, Field(discriminator="kind")
]
