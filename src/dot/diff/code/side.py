"""The code of one build. Names that only this build has, such as its schema, are not counted as code."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

from dot.base.frozen import FrozenMapping
from dot.dbt.engine import Dbt
from dot.dbt.manifest import Manifest, Node
from dot.diff.report import CodeChange


@dataclass(frozen=True)
class CodeSide:
    """One of two manifests, with what it does not hold.

    `schema_name` is the target's, with the short hash in it. `variables` are those given to dbt, and `seeds` the text
    of seeds' files by unique id, as far as they are known. Their rows stand in no report unless it `shows_rows`.
    `dispatch` says for a package where its macros are looked for, and `flags` are dbt's, both as the project has them;
    `output` is the one of its profile that it was built with, and `limit` dbt's option that kept rows out.
    """

    manifest: Manifest
    schema_name: str | None = None
    short_hash: str | None = None
    variables: FrozenMapping = field(default_factory=FrozenMapping)
    seeds: Mapping[str, str] = field(default_factory=dict)
    shows_rows: bool = True
    dispatch: FrozenMapping = field(default_factory=FrozenMapping)
    flags: FrozenMapping = field(default_factory=FrozenMapping)
    output: str | None = None
    limit: str | None = None

    @cached_property
    def keeps_unrendered(self) -> bool:
        """Whether this dbt wrote down what people wrote; some versions leave it out."""
        return any(node.unrendered_config for node in self.manifest.everything.values())

    @property
    def engine(self) -> int | None:
        """The major version of the dbt that wrote the manifest, which `--use-v2-parser` of dbt 1.12 makes 2."""
        return Dbt(command=(), version=self.manifest.metadata.dbt_version).major

    def readings(self, text: str) -> tuple[str, ...]:
        """The text in three forms: as it is, without the short hash, and without the build's hash and schema."""
        return (text, *(pattern.sub("", text) for pattern in self._own))

    @cached_property
    def _own(self) -> tuple[re.Pattern[str], ...]:
        by_hash = (f"_{self.short_hash}", self.short_hash) if self.short_hash else ()
        return _any_of(by_hash), _any_of((*by_hash, self.schema_name))


Sides = tuple[CodeSide, CodeSide]
"""Base and head."""


class Pair(NamedTuple):
    """A node in base and in head, where it may have another name."""

    base_id: str
    head_id: str
    base: Node
    head: Node


class FoundChange(NamedTuple):
    """A change of the code, and whether it can change the rows of the node, and so the rows of whatever reads it."""

    change: CodeChange
    changes_rows: bool = True


def merge_variables(projects: Sequence[tuple[str, Mapping[str, Any]]], given: FrozenMapping) -> FrozenMapping:
    """The value of each variable: as `given` to dbt, else as the `vars` of the projects have it.

    The last project is the one that the others are packages of. What several of them have has a value for each.
    """
    names = [name for name, _ in projects]
    values: dict[str, dict[str, Any]] = {}
    for owner, variables in projects:
        for name, value in variables.items():
            if name in names and isinstance(value, Mapping):
                scope, inner = name, value
            else:
                scope, inner = "" if owner == names[-1] else owner, {name: value}
            for variable, one in inner.items():
                values.setdefault(variable, {})[scope] = one
    return FrozenMapping(
        {name: found if len(found) > 1 else next(iter(found.values())) for name, found in values.items()} | dict(given)
    )


DOCUMENTATION_ONLY = " (documentation only)"
"""The end of the summary of a change that only documents data and has no effect on it."""


def _any_of(names: Sequence[str | None]) -> re.Pattern[str]:
    longest_first = sorted({name for name in names if name}, key=lambda name: (-len(name), name))
    return re.compile("|".join(re.escape(name) for name in longest_first), re.IGNORECASE)


def is_same_value(sides: Sides, base: Any, head: Any) -> bool:
    """Whether two rendered values are equal, names that only their builds have aside; all empty values are equal."""
    if isinstance(base, Mapping) and isinstance(head, Mapping):
        return all(is_same_value(sides, base.get(key), head.get(key)) for key in {**base, **head})
    if isinstance(base, list | tuple) and isinstance(head, list | tuple):
        return len(base) == len(head) and all(is_same_value(sides, *pair) for pair in zip(base, head, strict=True))
    if isinstance(base, str) and isinstance(head, str):
        return any(one == other for one, other in zip(sides[0].readings(base), sides[1].readings(head), strict=True))
    if _is_nothing(base) and _is_nothing(head):
        return True
    return base == head and isinstance(base, bool) == isinstance(head, bool)


def _is_nothing(value: Any) -> bool:
    """Whether a value is empty: versions of dbt write different things for what nobody configured."""
    if isinstance(value, Mapping):
        return all(_is_nothing(item) for item in value.values())
    return value is None or (isinstance(value, list | tuple | str) and not value)
