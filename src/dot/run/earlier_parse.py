"""When `dbt parse` need not be asked again: it is known that it would write what it wrote before."""

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from dot.base.frozen import FrozenMapping
from dot.plan.plan import BuildPlan
from dot.plan.record import keeps_from_writing
from dot.plan.step import CheckIsolation, InstallPackages, WriteProfile
from dot.run.parse_key import JINJA_FILES, ParseInputs, may_vary, parse_key
from dot.run.side_effects import DBTS_FILE
from dot.system import store
from dot.system.tree import read_contents, read_state, read_tree

Tree = Mapping[str, str]


class EarlierParse:
    """The parse of one run, and all that it depends on."""

    def __init__(self, plan: BuildPlan, step: CheckIsolation, environ: Mapping[str, str]) -> None:
        self.plan = plan
        self.step = step
        self.environ = environ
        self.tree: Tree | None = None
        with suppress(OSError):  # what is gone, or goes meanwhile, cannot be known
            self.tree = self._read_tree() if self._is_knowable() else None

    def key(self) -> str | None:
        """What an earlier parse must have had to be the same; None where that cannot be known."""
        with suppress(OSError):
            return self._key(self.tree) if self.tree is not None else None
        return None

    def key_of_this(self) -> str | None:
        """The key of the parse that just ended; None where another one might write something else."""
        with suppress(OSError):
            now = self._read_tree() if self.tree is not None else None
            if now is not None and self.tree is not None and _of_project(now) == _of_project(self.tree):
                names = [name for name in now if name.lower().endswith(JINJA_FILES)]
                varies = any(map(may_vary, read_contents(Path(self.step.rules.worktree), names)))
                return None if varies else self._key(now)
        return None

    def _is_knowable(self) -> bool:
        """Whether dot sees all that dbt reads, and the command writes the manifest of what it reads."""
        words = (*self.plan.dbt_words, *self.environ)
        is_written = not any(map(keeps_from_writing, words))
        is_inside = not any(name.endswith("_PACKAGES_INSTALL_PATH") for name in self.environ)
        is_one_program = self.plan.dbt.major == 2 and len(self.plan.dbt.command) == 1  # noqa: PLR2004
        is_plain = not self.plan.baseline and self.step.rules.dbt_command != "retry"
        is_steady = not may_vary(str(self._profile).encode())
        return is_written and is_inside and is_one_program and is_plain and is_steady

    @property
    def _profile(self) -> FrozenMapping:
        return next(step.content for step in self.plan.steps if isinstance(step, WriteProfile))

    def _read_tree(self) -> Tree | None:
        """The worktree without the files that databases are kept in."""
        worktree = Path(self.step.rules.worktree)
        tree = read_tree(worktree)
        files = (f"{file}{end}" for file in self.plan.databases for end in ("", ".wal"))
        databases = {os.path.relpath(file, worktree) for file in files}
        return tree and {name: state for name, state in tree.items() if name not in databases}

    def _key(self, tree: Tree) -> str:
        inputs = ParseInputs(
            dot_version=self.plan.dot_version,
            dbt=self.plan.dbt,
            program=read_state(Path(self.plan.dbt.command[0])),
            argv=self.step.argv,
            cwd=self.step.cwd,
            profile=self._profile,
            packages=next((step.digest for step in self.plan.steps if isinstance(step, InstallPackages)), None),
            environ=tuple(sorted(self.environ.items())),
            settings=_read_settings(self.environ),
            tree=tuple(sorted(tree.items())),
        )
        return parse_key(inputs)


def _of_project(tree: Tree) -> Tree:
    """Without what dbt itself writes when it reads a project."""
    return {name: state for name, state in tree.items() if not name.endswith(DBTS_FILE)}


def _read_settings(environ: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """What dbt keeps in the user's home."""
    home = Path(environ.get("HOME") or environ.get("USERPROFILE") or Path.home())
    files = sorted((home / ".dbt").glob("*.yml"))
    return tuple((file.name, store.digest(file) or "") for file in files)
