"""dbt: where its program is and which version it has, without starting a Python (which costs seconds)."""

import re
import shlex
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from dot.base.errors import ConfigurationError, DbtError
from dot.system.process import Command, find_program, run_briefly

if TYPE_CHECKING:  # completion reads modules that need this one, and must load quickly
    from dot.dbt.engine import Dbt

_DIST_INFO = re.compile(r"(?P<name>dbt|dbt_[a-z0-9_]+)-(?P<version>[^-]+)\.dist-info\Z")

_SECOND = ("dbt", "dbt_oss", "dbt_core")
"""The distributions that bring dbt 2: the last one its first versions."""

_SAID = re.compile(r"dbt(?:-\w+)? v?(\d+\.\d\S*)")
"""The first line of what dbt 2 answers to `--version`."""

_SECONDS = 5.0
"""How long a program may take that usually takes 0.02 s."""


class Program(NamedTuple):
    """The words that start a dbt, and its version if that can be told without starting it."""

    command: tuple[str, ...]
    version: str | None


def find_dbt(command: str, environ: Mapping[str, str], project: Path) -> "Dbt":
    """The dbt that the setting names: from PATH, relative to the project, or beside the Python that runs dot.

    Raises `DbtError` when there is none.
    """
    from dot.dbt.engine import Dbt  # noqa: PLC0415

    return Dbt(**find_command(command, environ, project)._asdict())


def find_command(command: str, environ: Mapping[str, str], project: Path, *, may_ask: bool = True) -> Program:
    """The same as a plain value. Where its version is `may_ask`ed for, a program may be started for that alone."""
    try:
        words = shlex.split(command)
    except ValueError:
        words = []
    if not words:
        hint = "`DOT_DBT` names a program or a command, such as `dbt` or `uv run dbt`"
        raise ConfigurationError.of(f"the setting `dbt` is no command: `{command}`", hint=hint)
    program = find_program(words[0], environ, cwd=project)
    beside = find_program(str(Path(sys.executable).parent / words[0]), environ, cwd=project)
    found = program or beside
    if not found:
        raise DbtError.of(
            f"there is no program `{words[0]}` on PATH",
            hint="install dbt (`pip install dbt-core dbt-<adapter>`), activate its environment, or set `DOT_DBT`",
        )
    may_ask = may_ask and not is_near(words[0])
    version = _read_version(found, environ, may_ask=may_ask) if len(words) == 1 else None
    return Program((str(found), *words[1:]), version)


def is_near(program: str) -> bool:
    """Whether the project may bring this program along, of which nothing is started before it is planned."""
    return len(Path(program).parts) > 1 and not Path(program).is_absolute()


def _read_version(program: Path, environ: Mapping[str, str], *, may_ask: bool) -> str | None:
    """The version of this program, dbt 2 where both lie there; None where nothing tells it.

    A script is known by its distribution, and so is what starts one on Windows. dbt 2 is a program of its own, and
    answers when it is asked.
    """
    version = read_installed_version(program)
    if is_at_least(version, 2) or not may_ask or not _is_native(program) or (version and sys.platform == "win32"):
        return version
    said = b""
    with suppress(OSError):  # of a file that is no program, which whoever starts it says
        asking = Command((str(program), "--version"), program.parent, environ)
        said = run_briefly(asking, stdin=b"", seconds=_SECONDS) or b""
    match = _SAID.match(said.decode("utf-8", "replace"))
    return match[1] if match else version


def read_installed_version(program: Path) -> str | None:
    """The version that the distributions beside this program tell, that of dbt 2 where both engines lie there."""
    packages = read_packages(program)
    versions = (packages.get(name) for name in _SECOND)
    return next((one for one in versions if is_at_least(one, 2)), packages.get("dbt_core"))


def _is_native(program: Path) -> bool:
    """Whether it is no script, which would say what runs it."""
    with program.open("rb") as file:
        return file.read(2) != b"#!"


def find_interpreter(dbt: "Program | Dbt") -> Path | None:
    """The Python that runs this dbt 1, from the first line of its script; None where dbt is no such script."""
    is_known = dbt.version is not None and not is_at_least(dbt.version, 2)
    if len(dbt.command) != 1 or not is_known or sys.platform == "win32":
        return None
    with Path(dbt.command[0]).open("rb") as script:
        first, second = (script.readline(4096).decode("utf-8", "replace").strip() for _ in range(2))
    # Where the path is long or has spaces, installers write `#!/bin/sh` and then `'''exec' "<python>" "$0" "$@"`.
    line = first.removeprefix("#!") if "python" in first else second.removeprefix("'''exec' ")
    try:
        words = shlex.split(line)
    except ValueError:
        return None
    python = Path(words[0]) if words else Path()
    return python if python.is_absolute() and python.is_file() else None


def read_packages(program: Path) -> dict[str, str]:
    """The `dbt_*` distributions installed with this program, and their versions; none when it is no Python program."""
    prefix = program.resolve().parent.parent
    folders = (*prefix.glob("lib/python3.*/site-packages"), prefix / "Lib" / "site-packages")
    names = (entry.name for folder in folders if folder.is_dir() for entry in folder.iterdir())
    return {match["name"]: match["version"] for name in names if (match := _DIST_INFO.match(name))}


def knows_newer_variables(version: str | None) -> bool:
    """Whether this dbt, or one of an unknown version, takes options from `DBT_ENGINE_…` before `DBT_…`."""
    return version is None or is_at_least(version, 1, 11, 8)


def is_at_least(version: str | None, *minimum: int) -> bool:
    """Whether this version is known and not older than the minimum, such as `1, 11, 8`."""
    numbers = tuple(int(number) for number in re.findall(r"\d+", version or "")[: len(minimum)])
    return bool(numbers) and numbers >= minimum
