"""The variables that dbt sees: those of the shell, of a `.env`, and the settings that dbt keeps in the user's home."""

import io
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from dot.base.errors import ConfigurationError
from dot.dbt.option_variables import read_variable
from dot.dbt.program import is_at_least
from dot.dbt.project import read_dbt_yaml
from dot.system.store import read_configuration_text

SETTINGS = ("profile", "profiles_dir", "target", "target_path", "state", "defer_state", "defer", "favor_state")
"""What dot needs of `~/.dbt/user_settings.yml`. No project can set these, so a variable says the same to dbt."""

DISABLED = ("1", "true", "t", "yes", "y")


def read_variables(cwd: Path, environ: Mapping[str, str], version: str | None) -> dict[str, str]:
    """The environment as dbt sees it: from 1.12 on there is more in it than the shell gives. The shell's is stronger.

    Raises `ConfigurationError` for a `.env` that is no text.
    """
    if not is_at_least(version, 1, 12):
        return dict(environ)
    is_second = is_at_least(version, 2)
    found = _read_dotenv((cwd,) if is_second else (cwd, *cwd.parents), environ) | dict(environ)
    for name, value in {} if is_second else _read_user_settings().items():
        if not read_variable(found, name):
            found[f"DBT_{name}"] = value
    return found


def _read_dotenv(folders: tuple[Path, ...], environ: Mapping[str, str]) -> dict[str, str]:
    """The variables of the nearest `.env`, read as dbt reads it: one that refers to another gets the shell's value."""
    file = next((folder / ".env" for folder in folders if (folder / ".env").is_file()), None)
    if not file or environ.get("PYTHON_DOTENV_DISABLED", "").casefold() in DISABLED:
        return {}
    from dotenv.main import DotEnv  # noqa: PLC0415

    text = io.StringIO(read_configuration_text(file))
    values = DotEnv(None, stream=text, override=False).dict()
    return {name: value for name, value in values.items() if value is not None}


def _read_user_settings() -> dict[str, str]:
    """The settings by the names of their variables. dbt passes over a file that is wrong, and so does dot."""
    source = None
    with suppress(ConfigurationError):
        source = read_dbt_yaml(Path.home() / ".dbt" / "user_settings.yml")
    data: Any = source.data if source else None
    flags = data.get("flags") if isinstance(data, dict) else None
    known = flags if isinstance(flags, dict) else {}
    return {name.upper(): str(known[name]) for name in SETTINGS if known.get(name)}
