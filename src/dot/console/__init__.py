"""The only package that prints. stdout carries data; everything that dot says goes to stderr."""

from dot.console.problems import show_crash, show_error, show_error_as_json
from dot.console.report import Console
from dot.console.tables import Cell, write_diff, write_fields, write_rows, write_table
from dot.console.terminal import use_color, write, write_json

__all__ = [
    "Cell",
    "Console",
    "show_crash",
    "show_error",
    "show_error_as_json",
    "use_color",
    "write",
    "write_diff",
    "write_fields",
    "write_json",
    "write_rows",
    "write_table",
]
