"""dbt 1, started before it is known what it is to do: its import takes longer than all that dot does before.

It reads nothing and writes nothing until it is asked, and is ended unused where nothing is asked of it.
"""

from collections.abc import Generator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from dot.base.errors import DotError
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

    def take(self, command: Command) -> Listening | None:
        """The driver, for the one who wants just this program; its environment has to be changed by a request."""
        if not self.listening or command != replace(self.command, env=command.env):
            return None
        taken, self.listening = self.listening, None
        return taken


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
