"""As much of dbt as it takes to ask a macro for the name of a schema, and to make the changes that dot proposes."""

from typing import Any

from jinja2 import Environment

from dot.isolation.schema_macro import find_suspects


class ReturnedError(Exception):
    """How dbt's `return` leaves a macro."""


def mend(macro_sql: str) -> str:
    """The macro with every proposed change made, as a person would who reads the message."""
    lines: list[str] = macro_sql.split("\n")
    for suspect in reversed(find_suspects(macro_sql)):
        start = suspect.line - 1
        lines[start : start + len(suspect.text.split("\n"))] = [suspect.fix]
    return "\n".join(lines)


def render(macro_sql: str, target: str, custom: str | None, suffix: str = "") -> str:
    """What the macro names a schema, in a build of this target whose schemas have the suffix."""
    schema = f"analytics{suffix}"

    def leave(value: Any) -> None:
        raise ReturnedError(value)

    def for_env(custom: str | None, _node: Any) -> str:
        return custom if target == "prod" and custom is not None else schema

    context = {
        "target": {"name": target, "schema": schema},
        "env_var": lambda name, default="": suffix if name == "DOT_SCHEMA_SUFFIX" else default,
        "return": leave,
        "log": lambda _message: "",
        "generate_schema_name_for_env": for_env,
        "dbt": {"generate_schema_name_for_env": for_env},
        "custom": custom,
        "node": {"name": "orders", "package_name": "shop"},
    }
    jinja = Environment(extensions=["jinja2.ext.do"], autoescape=False)  # noqa: S701 - as dbt has it
    try:
        return jinja.from_string(macro_sql + "{{ generate_schema_name(custom, node) }}").render(context).strip()
    except ReturnedError as returned:
        return str(returned.args[0])
