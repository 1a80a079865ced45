"""The frozen, strict base of every value that dot passes on."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

from pydantic import BaseModel, ConfigDict
from pydantic_core import core_schema

if TYPE_CHECKING:  # pydantic.json_schema is slow to import
    from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
    from pydantic.json_schema import JsonSchemaValue
    from pydantic_core import CoreSchema

FrozenJson: TypeAlias = "bool | int | float | str | tuple[FrozenJson, ...] | FrozenMapping | None"


class Frozen(BaseModel):
    """Immutable, hashable, no coercion, no unknown field; errors never show the value."""

    model_config = ConfigDict(
        frozen=True,
        strict=True,
        extra="forbid",
        hide_input_in_errors=True,
        defer_build=True,  # until the first use: no command uses them all
    )


class FrozenLenient(Frozen):
    """A piece of something that is written and read again: a reader ignores what a newer minor format added."""

    model_config = ConfigDict(extra="ignore")


class FrozenMapping(Mapping[str, FrozenJson]):
    """A JSON object that cannot change: sorted by key, hashable, equal by type too (`1`, `1.0` and `true` differ)."""

    __slots__ = ("_items", "_text")

    def __init__(self, items: Mapping[str, Any] | None = None) -> None:
        items = items or {}
        self._items: dict[str, FrozenJson] = {key: freeze(items[key]) for key in sorted(items)}
        self._text = render_json(thaw(self))

    def __getitem__(self, key: str) -> FrozenJson:
        return self._items[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def __hash__(self) -> int:
        return hash(self._text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, FrozenMapping) and self._text == other._text

    def __str__(self) -> str:
        """The canonical JSON text."""
        return self._text

    def __repr__(self) -> str:
        return f"FrozenMapping({self._text})"

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: object, _handler: "GetCoreSchemaHandler") -> "CoreSchema":
        return core_schema.no_info_plain_validator_function(
            _validate_mapping, serialization=core_schema.plain_serializer_function_ser_schema(thaw)
        )

    @classmethod
    def __get_pydantic_json_schema__(cls, _schema: "CoreSchema", _handler: "GetJsonSchemaHandler") -> "JsonSchemaValue":
        return {"type": "object", "additionalProperties": True}


def _validate_mapping(value: object) -> FrozenMapping:
    if not isinstance(value, Mapping):
        raise ValueError("must be a mapping")  # noqa: TRY004 - pydantic collects ValueError
    return value if isinstance(value, FrozenMapping) else FrozenMapping(value)


def freeze(value: Any) -> FrozenJson:
    """The value with every list a tuple and every mapping frozen; a `TypeError` for what JSON cannot hold."""
    if value is None or isinstance(value, bool | int | float | str | FrozenMapping):
        return value
    if isinstance(value, Mapping):
        return FrozenMapping(value)
    if isinstance(value, list | tuple):
        return tuple(freeze(item) for item in value)
    raise TypeError(f"{type(value).__name__} is no JSON value")


def thaw(value: FrozenJson) -> Any:
    """The opposite of `freeze`: plain dicts and lists."""
    if isinstance(value, FrozenMapping):
        return {key: thaw(item) for key, item in value.items()}
    if isinstance(value, tuple):
        return [thaw(item) for item in value]
    return value


_STRING_OR_NUMBER = re.compile(r'"(?:[^"\\]|\\.)*"|(?<![\d.])\d+e[-+]?\d+')
_BREAKS = re.compile("[\x7f-\x9f\u2028\u2029\ufeff]")


def render_json(data: Any) -> str:
    """JSON text that means the same data when dbt reads it as YAML 1.1.

    YAML wants a dot in `1e-05`, or it is a text to it, and breaks lines at characters that JSON leaves alone.
    """
    text = json.dumps(data, ensure_ascii=False, allow_nan=False)
    return _STRING_OR_NUMBER.sub(_for_yaml, text)


def _for_yaml(match: re.Match[str]) -> str:
    if match[0].startswith('"'):
        return _BREAKS.sub(lambda letter: f"\\u{ord(letter[0]):04x}", match[0])
    return match[0].replace("e", ".0e", 1)


def is_same(left: Any, right: Any) -> bool:
    """Whether two JSON values are equal in type and value, at any depth."""
    return FrozenMapping({"": left}) == FrozenMapping({"": right})
