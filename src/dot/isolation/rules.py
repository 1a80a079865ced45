"""What makes a relation a build's own, and what is said of one that is not."""

from pathlib import PurePath

from dot.base.frozen import FrozenLenient

ANY = "*"
"""Stands for every package, where it cannot be told which dbt searches."""


class Rules(FrozenLenient):
    """What makes a relation the build's own.

    `external_root` and `s3_data_naming` are fields of the profile's output that say where files go.
    `max_schema_bytes` is the warehouse's limit. `connection` tells two warehouses apart, but for `databases` in
    files of their own, by name. `owner` is the same for the same build made elsewhere. dbt runs in `folder`, the
    project's own, which is in the `worktree`. The commit's `links` are whole paths, each with where it leads.
    `searched` are the packages in which the project's `dispatch` lets dbt look for macros.
    """

    short_hash: str
    dbt_command: str
    store_failures: bool | None
    adapter: str
    external_root: str | None = None
    s3_data_naming: str | None = None
    max_schema_bytes: int | None = None
    connection: str
    databases: tuple[tuple[str, str], ...] = ()
    owner: str
    folder: PurePath
    worktree: PurePath
    links: tuple[tuple[str, str], ...] = ()
    searched: tuple[str, ...] = ()


class Leak(FrozenLenient):
    """A relation that would be written outside the build, and why. `macro` is the unique id of the one to change.

    `hint` may have several lines.
    """

    unique_id: str
    name: str
    file: str
    relation: str
    cause: str
    hint: str
    macro: str | None = None
