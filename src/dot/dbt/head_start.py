"""dbt 1, started before it is known what it is to do: its import takes longer than all that dot does before.

It reads nothing and writes nothing until it is asked, and is ended unused where nothing is asked of it.
"""

from collections.abc import Generator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from dot.base.errors import DotError
from dot.dbt.option_variables import OWN_PREFIXES
from dot.dbt.program import find_command, find_interpreter, is_near
from dot.dbt.variables import read_variables
from dot.system.git import scrub
from dot.system.json_pipe import Listening, start_listening
from dot.system.process import Command

DRIVER = Path(__file__).with_name("driver.py")


def driver_command(python: Path, cwd: Path, environ: Mapping[str, str]) -> Command:
    """What starts the driver: in a folder that stays, and that has no `.env`, which is in `environ` already."""
    return Command((str(python), str(DRIVER)), Path(cwd.anchor), environ)


@dataclass
class HeadStart:
    """The driver that was started, until somebody takes it."""

    command: Command
    listening: Listening | None

    def take(self, command: Command) -> tuple[Listening, Mapping[str, str | None]] | None:
        """The driver, and the variables that a request has to change; None where it is not what the command starts.

        What dbt and its libraries read while they are imported, such as `DBT_PACKAGE_HUB_URL`, stays with them. So the
        driver is of no use, and ends, where any variable but dot's own has changed since.
        """
        if not self.listening:
            return None
        taken, self.listening = self.listening, None
        changes = find_changes(self.command.env or {}, command.env or {})
        if command == replace(self.command, env=command.env) and all(name.startswith(OWN_PREFIXES) for name in changes):
            return taken, changes
        taken.dismiss()
        return None


def find_changes(before: Mapping[str, str], after: Mapping[str, str]) -> dict[str, str | None]:
    """The variables that have other values after than before, None for those that are gone."""
    gone = dict.fromkeys(name for name in before if name not in after)
    return gone | {name: value for name, value in after.items() if before.get(name) != value}


@contextmanager
def starting_early(cwd: Path, environ: Mapping[str, str]) -> Generator[HeadStart | None]:
    """Start the dbt 1 that the shell means, if there is one.

    Files of the project may name another one: they are not read here, so that nothing which a project brings along is
    started before everything about it is known.
    """
    head_start = None
    with suppress(DotError):  # the plan has the same problem, and says so
        named = environ.get("DOT_DBT") or "dbt"
        program = find_command(named, environ, cwd, may_ask=False)
        python = None if is_near(named) else find_interpreter(program)
        if python:
            command = driver_command(python, cwd, read_variables(cwd, scrub(environ), program.version))
            head_start = HeadStart(command, start_listening(command))
    try:
        yield head_start
    finally:
        if head_start and head_start.listening:
            head_start.listening.dismiss()
