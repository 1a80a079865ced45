"""Where dot's own settings come from: `DOT_*` variables, then `[tool.dot]` in `pyproject.toml`."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from dot.base.errors import ConfigurationError, Location, Problem
from dot.base.wording import did_you_mean
from dot.config.settings import Settings
from dot.system.shell import Shell
from dot.system.store import read_configuration_text

PREFIX = "DOT_"
TABLE = "tool.dot"


def load_settings(project: Path, environ: Mapping[str, str]) -> Settings:
    """The settings for this project. Raises `ConfigurationError` for an unknown name or a wrong value."""
    file = find_pyproject(project)
    table = _read_table(file) if file else {}
    names = {f"{PREFIX}{name}".upper(): name for name in Settings.model_fields}
    variables = {names[key.upper()]: value for key, value in environ.items() if value and key.upper() in names}
    # Importing pydantic-settings takes longer than a whole plan, so it is left out where nothing is set.
    return _load(table, variables, file) if table or variables else Settings()


def follow_settings(project: Path, shell: Shell) -> Settings:
    """The settings of the project; from here on, colour is as they say. Raises `ConfigurationError`."""
    settings = load_settings(project, shell.environ)
    shell.use_color(settings.color)
    return settings


def find_pyproject(project: Path) -> Path | None:
    """The nearest `pyproject.toml` at or above the project, not above its repository."""
    for folder in (project, *project.parents):
        if (folder / "pyproject.toml").is_file():
            return folder / "pyproject.toml"
        if (folder / ".git").exists():
            return None
    return None


def _read_table(file: Path) -> dict[str, Any]:
    """`[tool.dot]`, in whatever form TOML lets it be written."""
    text = read_configuration_text(file) or ""
    if "dot" not in text:
        return {}
    import tomllib  # noqa: PLC0415 - most projects have no such table

    try:
        tool = tomllib.loads(text).get("tool", {})
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(Problem(f"invalid TOML: {error}", Location(str(file)))) from None
    table = tool.get("dot", {}) if isinstance(tool, dict) else {}
    if not isinstance(table, dict):
        raise ConfigurationError(Problem(f"`{TABLE}` must be a table", Location(str(file))))
    return table


def _load(table: dict[str, Any], variables: dict[str, str], file: Path | None) -> Settings:
    from pydantic_settings import (  # noqa: PLC0415
        BaseSettings,
        EnvSettingsSource,
        InitSettingsSource,
        PydanticBaseSettingsSource,
        SettingsConfigDict,
    )

    class Sources(Settings, BaseSettings):  # pyrefly: ignore
        model_config = SettingsConfigDict(strict=False, extra="forbid")  # pyrefly: ignore

        @classmethod
        def settings_customise_sources(  # pyrefly: ignore
            cls, settings_cls: type[BaseSettings], **_sources: PydanticBaseSettingsSource
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            environment = EnvSettingsSource(settings_cls)
            environment.env_vars = variables  # those of the environment that was given, whichever that is
            return (environment, InitSettingsSource(settings_cls, table))

    try:
        return Settings(**Sources().model_dump())
    except ValidationError as error:
        problems = (_explain(detail["loc"], detail["msg"], variables, file) for detail in error.errors())
        raise ConfigurationError(*problems) from None


def _explain(path: tuple[str | int, ...], message: str, variables: Mapping[str, str], file: Path | None) -> Problem:
    name = str(path[0]) if path else TABLE
    notes = (f"settings: {', '.join(Settings.model_fields)}",)
    place = Location(str(file)) if file and name not in variables else None
    if name not in Settings.model_fields:
        return Problem(f"there is no setting `{name}`", place, notes, did_you_mean(name, Settings.model_fields))
    hint = f"it is set by `{PREFIX}{name.upper()}` or by `{name}` in `[{TABLE}]`"
    reason = message.replace("Input should", "it must").partition(", unable")[0]
    return Problem(f"setting `{name}`: {reason[0].lower()}{reason[1:]}", place, notes, hint)
