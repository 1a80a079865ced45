"""Whether an earlier parse has told what another one would tell."""

import re
from hashlib import sha256
from pathlib import PurePath
from typing import NamedTuple

from dot.base.frozen import FrozenMapping
from dot.dbt.engine import Dbt

JINJA_FILES = (".sql", ".yml", ".yaml", ".md", ".py", ".js", ".jinja", ".jinja2", ".j2")
"""The ends of the names of files in which dbt reads Jinja, or code that configures itself."""

_MARKS = (b"{{", b"{%")
_VARIES = re.compile(
    rb"\b(?:run_started_at|invocation_id|thread_id|py_current_timestring"  # the time, and the run itself
    rb"|modules|lipsum)\b|\bnow\s*\(|\|\s*random\b"
    rb"|\b(?:run_query|statement|execute)\b|\badapter\s*\.\s*(?!dispatch\b)"  # the warehouse
    rb"|\b(?:context|builtins)\b"  # any of these, by a name that is computed
)
_WRITES = re.compile(rb"\bwrite_json\b")


class ParseInputs(NamedTuple):
    """All that decides what `dbt parse` writes, where nothing in the project varies by itself.

    `program` tells one file of dbt's from another, `settings` are those of dbt that lie in the user's home, and `tree`
    is the state of every file in the worktree: the project's and those of its packages.
    """

    dot_version: str
    dbt: Dbt
    program: str
    argv: tuple[str, ...]
    cwd: PurePath
    profile: FrozenMapping
    packages: str | None
    environ: tuple[tuple[str, str], ...]
    settings: tuple[tuple[str, str], ...]
    tree: tuple[tuple[str, str], ...]


def parse_key(inputs: ParseInputs) -> str:
    """The same key means the same manifest, where no file varies by itself.

    The variable `_`, in which a shell tells how it started dot, says nothing about the project.
    """
    environ = tuple(variable for variable in inputs.environ if variable[0] != "_")
    return sha256(repr(tuple(inputs._replace(environ=environ))).encode("utf-8", "backslashreplace")).hexdigest()


def may_vary(content: bytes) -> bool:
    """Whether what a file says may differ from one parse to the next by the time, the run or the warehouse.

    Also where it may keep a run from writing its manifest. A word outside of Jinja counts, too.
    """
    return bool((any(mark in content for mark in _MARKS) and _VARIES.search(content)) or _WRITES.search(content))
