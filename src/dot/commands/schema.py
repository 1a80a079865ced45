"""`dot schema`: the JSON Schema by which editors and programs check what dot reads and prints."""

from dot.console.terminal import write_exactly
from dot.core.json_schema import render_schema
from dot.errors import ExitCode


def run(name: str) -> int:
    """Print the schema of this name. Raises `UsageError`."""
    write_exactly(render_schema(name))
    return ExitCode.OK
