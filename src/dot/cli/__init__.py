"""The command line: parse, call one function of `commands/`, turn errors into a message and an exit code."""

from dot.cli.app import app, main

__all__ = ["app", "main"]
