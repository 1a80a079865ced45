"""Parameters as values: name in Python, type, default; for commands that have many, or share them."""

from collections.abc import Callable, Sequence
from inspect import Parameter, Signature
from typing import Annotated, Any

import typer

Declared = tuple[str, Any, Any]


def flag(name: str, text: str, *short: str) -> Declared:
    """An option that is there or not."""
    word = f"--{name.replace('_', '-')}"
    return (name, Annotated[bool, typer.Option(word, *short, help=text)], False)


def value(name: str, metavar: str, text: str) -> Declared:
    """An option with a value."""
    word = f"--{name.replace('_', '-')}"
    return (name, Annotated[str | None, typer.Option(word, metavar=metavar, help=text)], None)


def values(name: str, metavar: str, text: str) -> Declared:
    """An option that may stand several times."""
    return (name, Annotated[list[str] | None, typer.Option(f"--{name}", metavar=metavar, help=text)], None)


PROJECT_DIR = value("project_dir", "FOLDER", "The dbt project, if it is not here or above")
VERBOSE = flag("verbose", "Show each command before it runs", "-v")
QUIET = flag("quiet", "Say nothing but warnings and errors", "-q")


def declare(function: Callable[..., None], parameters: Sequence[Declared]) -> None:
    """Give the function the signature from which Typer reads its arguments and options."""
    kind = Parameter.KEYWORD_ONLY
    declared = [
        Parameter(name, kind, annotation=annotation, default=Parameter.empty if default is ... else default)
        for name, annotation, default in parameters
    ]
    context = Parameter("ctx", Parameter.POSITIONAL_OR_KEYWORD, annotation=typer.Context)
    function.__signature__ = Signature([context, *declared])  # pyrefly: ignore
    function.__annotations__ = {"ctx": typer.Context} | {name: annotation for name, annotation, _ in parameters}
