"""Files that dbt's log says are missing, and which setting would have let dbt find them."""

import re
from collections.abc import Iterator
from pathlib import PurePath

_MISSING = re.compile(r"no files found|no such file|cannot open|could not open|does not exist", re.IGNORECASE)
_QUOTED = re.compile(r"""(["'`])([^"'`]+)\1""")


def find_missing(log: str, cwd: PurePath) -> Iterator[str]:
    """The files of which the log of a dbt that ran in `cwd` says that they are missing, relative to that folder."""
    for line in log.splitlines():
        if _MISSING.search(line):
            paths = [PurePath(quoted) for _, quoted in _QUOTED.findall(line)]
            yield from (str(path.relative_to(cwd)) for path in map(cwd.joinpath, paths) if path.is_relative_to(cwd))


def explain_missing(file: str, setting: str) -> str:
    """What to say of a file that dbt would find in the folder that the setting means."""
    return (
        f"`{file}` is there when dbt runs in the {setting}'s folder: "
        f"`DOT_WORKING_DIR={setting}`, or `working_dir` in `[tool.dot]`, has it run there"
    )
