"""Single values rendered the way dbt renders profiles and project files."""

import json
import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dot.base.errors import ProfileError
from dot.dbt.jinja_text import has_jinja

if TYPE_CHECKING:  # most profiles need no rendering
    from jinja2 import Environment

SECONDS, BYTES, CHARACTERS = 2, 1 << 29, 1 << 16
"""What rendering one value may take: time of a processor, memory, and length."""

_MISSING = object()
_FILTERS = ("as_bool", "as_native", "as_number", "as_text")
_QUICK_FILTERS = (*_FILTERS, "default", "int", "lower", "string", "trim", "upper")
_QUICK = (
    *("Template", "Output", "TemplateData", "Const", "Name", "Keyword", "Call", "Filter", "Test", "If", "CondExpr"),
    *("Compare", "Operand", "And", "Or", "Not"),
)
"""What a template may be made of that cannot take long, however it is put together."""


def render_text(text: str, environ: Mapping[str, str], variables: Mapping[str, Any]) -> str:
    """The text as dbt would see it, only ever to look at the result: a secret's value is replaced by a placeholder.

    Raises `ProfileError`.
    """
    hidden = {name: "secret" for name, value in environ.items() if name.startswith("DBT_ENV_SECRET_") and value}
    return _render(text, {**environ, **hidden}, variables, is_strict=False) if has_jinja(text) else text


def render_secret(text: str, environ: Mapping[str, str], variables: Mapping[str, Any]) -> str:
    """The text with everything in it, for dbt alone. Raises `ProfileError`, for what dbt would take for nothing too.

    As in dbt, a filter does not reach the value of a variable that dbt calls secret.
    """
    if not has_jinja(text):
        return text
    hidden = {name: f"$$${name}$$$" for name in environ if name.startswith("DBT_ENV_SECRET_")}
    rendered = _render(text, {**environ, **hidden}, variables, is_strict=True)
    return re.sub(r"\$\$\$(DBT_ENV_SECRET_\w+)\$\$\$", lambda found: environ.get(found[1], found[0]), rendered)


def _render(text: str, environ: Mapping[str, str], variables: Mapping[str, Any], *, is_strict: bool) -> str:
    from jinja2 import TemplateError  # noqa: PLC0415

    jinja = _environment(is_strict=is_strict)
    try:
        is_quick = _is_quick(jinja, text)
    except (TemplateError, RecursionError) as error:
        raise _failure(str(error)) from None
    render = _render_here if is_quick else _render_apart
    rendered = render(text, environ, variables, is_strict=is_strict)
    if len(rendered) > CHARACTERS:
        raise _failure(f"it comes to more than {CHARACTERS:,} characters")
    return rendered


def _failure(reason: str) -> ProfileError:
    # The text is not shown: a secret may stand beside the Jinja.
    return ProfileError.of(f"Jinja cannot be rendered: {reason}")


def _environment(*, is_strict: bool) -> "Environment":
    from jinja2 import StrictUndefined, Undefined  # noqa: PLC0415
    from jinja2.sandbox import SandboxedEnvironment  # noqa: PLC0415

    jinja = SandboxedEnvironment(undefined=StrictUndefined if is_strict else Undefined)
    for name in _FILTERS:
        jinja.filters[name] = lambda value: value
    return jinja


def _is_quick(jinja: "Environment", text: str) -> bool:
    """Whether the template has nothing that could take long: no arithmetic, no loop, no method, no variable."""
    from jinja2 import nodes  # noqa: PLC0415

    found = jinja.parse(text)
    filters = (node.name for node in found.find_all(nodes.Filter))
    calls = (getattr(node.node, "name", None) for node in found.find_all(nodes.Call))
    return (
        all(type(node).__name__ in _QUICK for node in found.find_all(nodes.Node))
        and all(name in _QUICK_FILTERS for name in filters)
        and all(name in ("env_var", "var") for name in calls)
    )


def _render_here(text: str, environ: Mapping[str, str], variables: Mapping[str, Any], *, is_strict: bool) -> str:
    from jinja2 import TemplateError  # noqa: PLC0415

    def env_var(name: str, default: Any = _MISSING) -> str:
        value = environ.get(name, default)
        if value is _MISSING or value is None:
            raise ProfileError.of(f"the environment variable `{name}` is not set", hint=f"set `{name}`")
        return str(value)

    def var(name: str, default: Any = _MISSING) -> Any:
        value = variables.get(name, default)
        if value is _MISSING:
            raise ProfileError.of(f"the variable `{name}` has no value", hint=f"give it one with `--vars '{name}: …'`")
        return value

    try:
        template = _environment(is_strict=is_strict).from_string(text)
        return template.render(env_var=env_var, var=var, modules={}, os=os.name)
    except MemoryError:
        raise _failure("it takes more memory than a value may") from None
    except (
        TemplateError,
        ArithmeticError,
        AttributeError,
        LookupError,
        RecursionError,
        TypeError,
        ValueError,
    ) as error:
        raise _failure(str(error)) from None


def _render_apart(text: str, environ: Mapping[str, str], variables: Mapping[str, Any], *, is_strict: bool) -> str:
    """The same in a process of its own, which is ended when it goes on for too long."""
    from dot.system.process import Command, run_briefly  # noqa: PLC0415

    # `-P`: what stands in the current folder is not imported.
    command = Command((sys.executable, "-P", "-m", "dot.dbt.jinja"), Path())
    asked = {"text": text, "environ": dict(environ), "variables": _plain(variables), "is_strict": is_strict}
    answer = run_briefly(command, stdin=json.dumps(asked).encode(), seconds=10 * SECONDS)
    if answer is None:
        raise _failure("it takes longer than a value may")
    rendered = json.loads(answer)
    if isinstance(rendered, dict):
        raise ProfileError.of(rendered["message"], hint=rendered["hint"])
    return rendered


def _plain(variables: Mapping[str, Any]) -> Any:
    from dot.base.frozen import FrozenMapping, thaw  # noqa: PLC0415

    return thaw(FrozenMapping(variables))


def main() -> None:
    """Answer one request of `_render_apart`, within the limits."""
    asked = json.load(sys.stdin)
    limit_process()
    try:
        answer: Any = _render_here(asked["text"], asked["environ"], asked["variables"], is_strict=asked["is_strict"])[
            : CHARACTERS + 1
        ]
    except ProfileError as error:
        (problem,) = error.problems
        answer = {"message": problem.message, "hint": problem.hint}
    json.dump(answer, sys.stdout)


def limit_process() -> None:
    """From here on, this process ends when it takes too long, and gets no more memory than a value may need."""
    if sys.platform != "win32":
        import resource  # noqa: PLC0415

        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
        resource.setrlimit(resource.RLIMIT_AS, (BYTES, BYTES))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    main()
