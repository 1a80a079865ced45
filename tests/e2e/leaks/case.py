"""A kind of leak as a small dbt project, and its twin that looks alike and is harmless."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from builders import Tree

LAKE = "@LAKE@"
"""Stands for the folder that every build of the test shares."""


@dataclass(frozen=True)
class Case:
    """`leaky` becomes the first commit, `twin` is laid over it as the second, which must build.

    `leaks` has the relation that each leaking node would hit, all of which production holds, and `says` fragments of
    the message. `writes` is everything that the twin writes, `{hash}` being its short hash. `mark` is `both` for what
    is central, and `matrix` for what dbt 2 refuses by itself.
    """

    kind: str
    leaky: Tree
    leaks: Mapping[str, str]
    says: tuple[str, ...]
    writes: tuple[str, ...]
    twin: Tree = field(default_factory=dict)
    words: tuple[str, ...] = ("build", "prod@main~1")
    twin_words: tuple[str, ...] = ("build", "prod@main")
    env: Mapping[str, str] = field(default_factory=dict)
    twin_env: Mapping[str, str] = field(default_factory=dict)
    mark: str = "e2e"

    def __str__(self) -> str:
        return self.kind


def model(sql: str = "select 1 as id", **config: str) -> str:
    """A model; the values of its configuration are Jinja."""
    values = ", ".join(f"{name}={value}" for name, value in config.items())
    return f"{{{{ config({values}) }}}}\n{sql}\n" if values else f"{sql}\n"


def marts(materialized: str = "view") -> str:
    """A model with the custom schema `marts`."""
    return model(schema="'marts'", materialized=f"'{materialized}'")
