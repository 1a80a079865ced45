"""Settings of dot itself: `DOT_*` variables and `[tool.dot]` in `pyproject.toml`."""

from typing import Literal

from pydantic import Field

from dot.base.frozen import Frozen

WorkingDir = Literal["project", "repository", "as_run"]


class Settings(Frozen):
    """What is the same for every environment.

    `dbt`: the executable, or a command such as `uv run dbt`. `short_hash_length`: at least so many digits, for
    machines that must agree on the names of schemas. `lock_timeout`: seconds. `unproved`: what becomes of a
    command that runs what cannot be proved to stay inside the build. `working_dir`: the folder of the worktree in
    which an isolated build runs dbt, `as_run` being the one that corresponds to where dot was started.
    """

    dbt: str = "dbt"
    short_hash_length: int | None = Field(default=None, ge=4, le=40)
    disable_prompts: bool = False
    lock_timeout: float = Field(default=3600.0, ge=0, allow_inf_nan=False)
    unproved: Literal["warn", "refuse"] = "warn"
    working_dir: WorkingDir = "project"
    color: Literal["auto", "always", "never"] = "auto"
