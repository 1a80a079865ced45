"""`dot schema`: the JSON Schema by which editors and programs check what dot reads and prints."""

from dot.base.errors import ExitCode
from dot.console.terminal import write_exactly
from dot.setup.json_schema import render_schema


def run(name: str) -> int:
    """Print the schema of this name. Raises `UsageError`."""
    write_exactly(render_schema(name))
    return ExitCode.OK
