"""The literal secrets of a profile, which reach dbt through its environment alone."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dot.base.errors import Location, Problem, ProfileError
from dot.dbt.jinja import render_secret
from dot.dbt.project import load_profiles
from dot.profile.isolate import SecretReference


def read_secrets(
    secrets: tuple[SecretReference, ...], environ: Mapping[str, str], variables: Mapping[str, Any]
) -> dict[str, str]:
    """The literal secrets that are referred to, by variable, as dbt would render them.

    Raises `ProfileError` if one is gone or cannot be rendered.
    """
    files = {secret.file: load_profiles(Path(secret.file)) for secret in secrets}
    found = {secret: str(_follow(files[secret.file], secret.keys)) for secret in secrets}
    return {secret.variable: _render(secret, text, environ, variables) for secret, text in found.items()}


def _render(secret: SecretReference, text: str, environ: Mapping[str, str], variables: Mapping[str, Any]) -> str:
    try:
        return render_secret(text, environ, variables)
    except ProfileError as error:
        (problem,) = error.problems
        place = ".".join(str(key) for key in secret.keys)
        message = f"`{place}` holds a literal beside Jinja, which only dot may render, and cannot: {problem.message}"
        hint = problem.hint or "put the whole value into a variable: `{{ env_var('DBT_ENV_SECRET_…') }}`"
        raise ProfileError(Problem(message, Location(str(secret.file)), hint=hint)) from None


def _follow(data: Any, keys: tuple[str | int, ...]) -> Any:
    for key in keys:
        try:
            data = data[key]
        except (KeyError, IndexError, TypeError):
            place = ".".join(str(key) for key in keys)
            raise ProfileError.of(f"the profile has changed: `{place}` is gone", hint="run the command again") from None
    return data
