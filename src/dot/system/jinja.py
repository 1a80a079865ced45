"""Single values rendered the way dbt renders profiles and project files; only ever to look at the result."""

import os
from collections.abc import Mapping
from typing import Any

from dot.core.profile import has_jinja
from dot.errors import ProfileError

_MISSING = object()


def render_text(text: str, environ: Mapping[str, str], variables: Mapping[str, Any]) -> str:
    """The text as dbt would see it, a secret's value replaced by a placeholder. Raises `ProfileError`."""
    if not has_jinja(text):
        return text
    from jinja2 import TemplateError  # noqa: PLC0415 - most profiles need no rendering
    from jinja2.sandbox import SandboxedEnvironment  # noqa: PLC0415

    def env_var(name: str, default: Any = _MISSING) -> str:
        value = environ.get(name, default)
        if value is _MISSING or value is None:
            raise ProfileError.of(f"the environment variable `{name}` is not set", hint=f"set `{name}`")
        return "secret" if name.startswith("DBT_ENV_SECRET_") and value else str(value)

    def var(name: str, default: Any = _MISSING) -> Any:
        value = variables.get(name, default)
        if value is _MISSING:
            raise ProfileError.of(f"the variable `{name}` has no value", hint=f"give it one with `--vars '{name}: …'`")
        return value

    jinja = SandboxedEnvironment()
    for name in ("as_bool", "as_native", "as_number", "as_text"):
        jinja.filters[name] = lambda value: value
    try:
        return jinja.from_string(text).render(env_var=env_var, var=var, modules={}, os=os.name)
    except (
        TemplateError,
        ArithmeticError,
        AttributeError,
        LookupError,
        RecursionError,
        TypeError,
        ValueError,
    ) as error:
        # The text is not shown: a secret may stand beside the Jinja.
        raise ProfileError.of(f"Jinja cannot be rendered: {error}") from None
