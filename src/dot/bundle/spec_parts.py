"""What the specs of jobs and of pipelines have in common. A field is called as in Databricks' own API.

What dot derives is no field: the name, the catalog and the schema follow from domain, source, layer and asset.
"""

import re
from collections.abc import Callable, Sequence
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from dot.base.frozen import Frozen
from dot.bundle.layout import (
    ASSET_PATTERN,
    MAX_ASSET,
    NAME_PATTERN,
    Kind,
    Layer,
    Resource,
    Scope,
    asset_problem,
    join_name,
    name_problem,
)

MAX_TEXT = 4096
_REFERENCE = re.compile(r"\$\{[^{}]+\}")
_EMAIL = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")
KEY_PATTERN = "^[A-Za-z0-9_-]{1,100}$"
_KEY = re.compile(KEY_PATTERN)


def fault(message: str, field: str | None = None) -> PydanticCustomError:
    """What a validator raises; the place is that of the field, if one is named."""
    return PydanticCustomError("fault", "{message}", {"message": message, "field": field})


def _checked_by(problem: Callable[[str], str | None]) -> AfterValidator:
    def check(text: str) -> str:
        if found := problem(text):
            raise fault(found)
        return text

    return AfterValidator(check)


def _shown_as(pattern: str, max_length: int | None = None) -> Any:
    """What the JSON Schema says of a text that a function checks, which says more than a pattern does."""
    length = {"maxLength": max_length} if max_length else {}
    return Field(json_schema_extra={"pattern": pattern, **length})


def _line_problem(text: str) -> str | None:
    return None if text.isprintable() else "it must be one line, without control characters"


def _key_problem(text: str) -> str | None:
    is_right = _KEY.fullmatch(text)
    return None if is_right else f"`{text}` is no key: it has 1 to 100 letters, digits, `_` and `-`"


def _sort(mapping: dict[str, str]) -> dict[str, str]:
    return dict(sorted(mapping.items()))


def _email_problem(text: str) -> str | None:
    is_right = _EMAIL.fullmatch(text) or _REFERENCE.fullmatch(text)
    return None if is_right else f"`{text}` is neither an address for mail nor a reference such as `${{var.mail}}`"


def path_problem(text: str, *endings: str) -> str | None:
    """Why a text is no path within the bundle that ends in one of these; nothing where it is, or for a reference."""
    if text.startswith("${"):
        return None
    parts = text.split("/")
    if "\\" in text or text.startswith("/") or ".." in parts or "" in parts:
        return f"`{text}` is no path within the bundle, such as `src/sales/crm/raw/load.py`"
    if endings and not text.endswith(endings):
        return f"`{text}` must end in {' or '.join(endings)}"
    return None


Text = Annotated[str, Field(min_length=1, max_length=MAX_TEXT)]
Line = Annotated[Text, _checked_by(_line_problem)]
Texts = tuple[Text, ...]
TextMapping = Annotated[dict[Line, str], AfterValidator(_sort)]
Key = Annotated[str, _shown_as(KEY_PATTERN), _checked_by(_key_problem)]
Email = Annotated[Line, _checked_by(_email_problem)]
Count = Annotated[int, Field(ge=1, le=100_000)]
Seconds = Annotated[int, Field(ge=0, le=31_536_000)]
Name = Annotated[str, _shown_as(NAME_PATTERN), _checked_by(name_problem)]
Asset = Annotated[str, _shown_as(ASSET_PATTERN, MAX_ASSET), _checked_by(asset_problem)]
PauseStatus = Literal["PAUSED", "UNPAUSED"]
BundlePath = Annotated[Line, _checked_by(path_problem)]


def require_one(model: Frozen, names: Sequence[str], *, at_most: bool = False) -> None:
    """Refuse a model that has several of these fields; or none, unless `at_most` one is wanted."""
    given = [name for name in names if getattr(model, name) not in (None, (), {})]
    if len(given) > 1:
        raise fault(f"{_join(given)} exclude each other", given[1])
    if not given and not at_most:
        raise fault(f"one of {_join(names)} is needed")


def _join(names: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(f"`{name}`" for name in names[:-1]), f"`{names[-1]}`"]))


class RunAs(Frozen):
    """Whose rights a run has."""

    user_name: Email | None = Field(default=None, description="A user")
    service_principal_name: Line | None = Field(default=None, description="The application id of a service principal")

    @model_validator(mode="after")
    def _one(self) -> "RunAs":
        require_one(self, ("user_name", "service_principal_name"))
        return self


class Grant(Frozen):
    """Whom a permission is for."""

    user_name: Email | None = Field(default=None, description="A user")
    group_name: Line | None = Field(default=None, description="A group")
    service_principal_name: Line | None = Field(default=None, description="The application id of a service principal")

    @model_validator(mode="after")
    def _one(self) -> "Grant":
        require_one(self, ("user_name", "group_name", "service_principal_name"))
        return self


class Header(Frozen):
    """What every spec begins with, and what names the resource."""

    kind: Kind = Field(description="What it makes")
    domain: Name = Field(description="The domain, and the name of the catalog")
    source: Name = Field(description="The source within the domain, and the name of the schema")
    layer: Layer = Field(description="Where in the source it belongs")
    asset: Asset = Field(description="What it is about, in snake case")
    tags: TextMapping = Field(default_factory=dict, description="Labels that Databricks shows, and bills by")
    run_as: RunAs | None = Field(default=None, description="Whose rights it has; else the deployer's")

    @property
    def scope(self) -> Scope:
        return Scope(self.domain, self.source)

    @property
    def resource(self) -> Resource:
        """What the spec makes."""
        return Resource(self.scope, self.kind, join_name(self.scope, self.layer, self.asset))


def data_of(model: Frozen, *without: str) -> dict[str, Any]:
    """What was given, as Databricks calls it, in the order of the fields."""
    return model.model_dump(mode="json", exclude_defaults=True, exclude=set(without))
