"""When `dbt parse` need not be asked again: it is known that it would write what it wrote before."""

from collections.abc import Mapping
from pathlib import Path, PurePath

from dot.core.parsed import JINJA_FILES, ParseInputs, may_vary, parse_key
from dot.core.plan import BuildPlan
from dot.core.step import CheckIsolation, InstallPackages, WriteProfile
from dot.execution.side_effects import DBTS_FILE
from dot.system import store
from dot.system.tree import read_state, read_tree

Tree = Mapping[str, str]


class EarlierParse:
    """The parse of one run, and all that it depends on."""

    def __init__(self, plan: BuildPlan, step: CheckIsolation, environ: Mapping[str, str]) -> None:
        self.plan = plan
        self.step = step
        self.environ = environ
        self.tree = self._read_tree() if self._is_knowable() else None

    def key(self) -> str | None:
        """What an earlier parse must have had to be the same; None where that cannot be known."""
        return self._key(self.tree)

    def key_of_this(self) -> str | None:
        """The key of the parse that just ended; None where another one might write something else."""
        now = self._read_tree() if self.tree is not None else None
        if now is None or self.tree is None or _of_project(now) != _of_project(self.tree):
            return None
        worktree = Path(self.step.rules.worktree)
        texts = (store.read_bytes(worktree / name) for name in now if name.endswith(JINJA_FILES))
        return None if any(map(may_vary, texts)) else self._key(now)

    def _is_knowable(self) -> bool:
        """Whether dot sees all that dbt reads, and the command writes the manifest of what it reads."""
        words = (*self.plan.dbt_step.argv, *self.environ)
        is_written = not any("write-json" in word or word.endswith("_WRITE_JSON") for word in words)
        is_inside = not any(name.endswith("_PACKAGES_INSTALL_PATH") for name in self.environ)
        is_one_program = self.plan.dbt.major == 2 and len(self.plan.dbt.command) == 1  # noqa: PLR2004
        is_plain = not self.plan.baseline and self.step.rules.dbt_command != "retry"
        return is_written and is_inside and is_one_program and is_plain

    def _read_tree(self) -> Tree | None:
        """The worktree without the files that databases are kept in."""
        worktree = Path(self.step.rules.worktree)
        databases = {f"{file}{end}" for file in self.plan.dbt_step.databases for end in ("", ".wal")}
        try:
            tree = read_tree(worktree)
        except OSError:
            return None
        return tree and {name: state for name, state in tree.items() if str(worktree / name) not in databases}

    def _key(self, tree: Tree | None) -> str | None:
        if tree is None:
            return None
        steps = self.plan.steps
        inputs = ParseInputs(
            dot_version=self.plan.dot_version,
            dbt=self.plan.dbt,
            program=read_state(Path(self.plan.dbt.command[0])),
            argv=self.step.argv,
            cwd=self.step.cwd,
            profile=next(step.content for step in steps if isinstance(step, WriteProfile)),
            packages=next((step.digest for step in steps if isinstance(step, InstallPackages)), None),
            environ=tuple(sorted(self.environ.items())),
            settings=_read_settings(self.environ),
            tree=tuple(sorted(tree.items())),
        )
        return parse_key(inputs)


def _of_project(tree: Tree) -> Tree:
    """Without what dbt itself writes when it reads a project."""
    return {name: state for name, state in tree.items() if PurePath(name).name != DBTS_FILE}


def _read_settings(environ: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """What dbt keeps in the user's home."""
    home = Path(environ.get("HOME") or environ.get("USERPROFILE") or Path.home())
    files = sorted((home / ".dbt").glob("*.yml"))
    return tuple((file.name, store.digest(file) or "") for file in files)
