"""Where dot's own settings come from: `DOT_*` variables, then `[tool.dot]` in `pyproject.toml`."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from dot.core.config import did_you_mean
from dot.core.settings import Settings
from dot.errors import ConfigurationError, Location, Problem
from dot.system.store import read_configuration_text

PREFIX = "DOT_"
TABLE = "tool.dot"


def load_settings(project: Path, environ: Mapping[str, str]) -> Settings:
    """The settings for this project. Raises `ConfigurationError` for an unknown name or a wrong value."""
    file = find_pyproject(project)
    text = (read_configuration_text(file) if file else None) or ""
    names = {f"{PREFIX}{name}".upper() for name in Settings.model_fields}
    # Importing pydantic-settings takes longer than a whole plan, so it is left out where nothing is set.
    if f"[{TABLE}" not in text and not any(name.upper() in names for name in environ):
        return Settings()
    return _load(file if f"[{TABLE}" in text else None)


def find_pyproject(project: Path) -> Path | None:
    """The nearest `pyproject.toml` at or above the project, not above its repository."""
    for folder in (project, *project.parents):
        if (folder / "pyproject.toml").is_file():
            return folder / "pyproject.toml"
        if (folder / ".git").exists():
            return None
    return None


def _load(file: Path | None) -> Settings:
    from pydantic_settings import (  # noqa: PLC0415
        BaseSettings,
        EnvSettingsSource,
        PydanticBaseSettingsSource,
        PyprojectTomlConfigSettingsSource,
        SettingsConfigDict,
    )

    config: Any = SettingsConfigDict(env_prefix=PREFIX, strict=False, extra="forbid")
    if file:  # a table without its source makes pydantic-settings warn
        config["pyproject_toml_table_header"] = tuple(TABLE.split("."))

    class Sources(Settings, BaseSettings):  # pyrefly: ignore
        model_config = config  # pyrefly: ignore

        @classmethod
        def settings_customise_sources(  # pyrefly: ignore
            cls, settings_cls: type[BaseSettings], **_sources: PydanticBaseSettingsSource
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            environment = EnvSettingsSource(settings_cls)
            return (environment, PyprojectTomlConfigSettingsSource(settings_cls, file)) if file else (environment,)

    try:
        return Settings(**Sources().model_dump())
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False)
        raise ConfigurationError(*(_explain(detail["loc"], detail["msg"], file) for detail in details)) from None
    except ValueError as error:  # TOML that cannot be parsed
        raise ConfigurationError(Problem(f"invalid TOML: {error}", Location(str(file)))) from None


def _explain(path: tuple[str | int, ...], message: str, file: Path | None) -> Problem:
    name = str(path[0]) if path else TABLE
    place = Location(str(file)) if file else None
    notes = (f"settings: {', '.join(Settings.model_fields)}",)
    if name not in Settings.model_fields:
        return Problem(f"there is no setting `{name}`", place, notes, did_you_mean(name, Settings.model_fields))
    hint = f"it is set by `{PREFIX}{name.upper()}` or by `{name}` in `[{TABLE}]`"
    return Problem(f"setting `{name}`: {message[0].lower()}{message[1:]}", place, notes, hint)
