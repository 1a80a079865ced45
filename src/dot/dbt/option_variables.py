"""Variables of the environment: those that set options of dbt, each by a newer name, which wins, and an older one."""

from collections.abc import Mapping

VARIABLE_PREFIX = "DBT_ENV_SECRET_DOT_"
"""What the variables begin with that bring dbt the literal secrets of a profile: dbt keeps such out of its logs."""

OWN_PREFIXES = ("DOT_", VARIABLE_PREFIX)
"""What dot's own variables begin with, which nothing reads before a project is rendered."""

_STARTS = ("DBT_ENGINE", "DBT")
_FALSE = ("", "0", "f", "false", "n", "no", "off")


def list_variables(option: str) -> tuple[str, ...]:
    """The names of the variables that set an option, the stronger first: of `target`, `DBT_ENGINE_TARGET` is one."""
    name = option.removeprefix("--").replace("-", "_").upper()
    return tuple(f"{start}_{name}" for start in _STARTS)


def read_variable(environ: Mapping[str, str], option: str, *, is_newer_known: bool = True) -> str | None:
    """The value that the environment gives to an option. An empty variable counts as one that is not set.

    A dbt before 1.11.8 does not know the newer names.
    """
    names = list_variables(option)[0 if is_newer_known else 1 :]
    return next(filter(None, map(environ.get, names)), None)


def may_be_switched_on(environ: Mapping[str, str], option: str) -> bool:
    """Whether the environment sets an option, a flag to true or any other to a value, for whichever dbt goes by it."""
    return any(environ.get(name, "").strip().lower() not in _FALSE for name in list_variables(option))
