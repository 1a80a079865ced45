"""Everything that was read, and that a plan depends on besides the request."""

from pathlib import PurePath

from dot.base.frozen import Frozen, FrozenMapping
from dot.config.files import Environment
from dot.config.settings import WorkingDir
from dot.dbt.engine import Dbt
from dot.plan.commit import Commit
from dot.plan.plan import Baseline, Project
from dot.plan.retry import Retried
from dot.profile.isolate import ProfileFacts


class CommitFacts(Frozen):
    """The commit and what dot read from it. `folder` is the project's place in the repository.

    `common_dir` is git's own folder, which all worktrees of the repository share.
    """

    commit: Commit
    repository: PurePath
    common_dir: PurePath
    folder: PurePath
    submodules: bool
    packages: str | None
    """A digest of the package declarations, and of what they ask the environment for; nothing when there are none."""
    packages_ask: tuple[str, ...] = ()
    """The environment variables that the declarations ask for; an empty name is one that is computed."""
    searched: tuple[str, ...] = ()
    """The packages in which the project's `dispatch` lets dbt look for macros."""
    packages_vary: bool = False
    """Whether the declarations hold Jinja, so that variables may decide what is installed."""
    packages_folder: str = "dbt_packages"
    folders: tuple[str, ...] = ()
    """The folders that the project goes by, seen from its own."""


class Facts(Frozen):
    """Everything that the plan depends on, read before it is made.

    `environment` is missing only for commands that can do without one, in a project without a usable profile.
    """

    dot_version: str
    dbt: Dbt
    cwd: PurePath
    project: Project
    flags: tuple[str, ...] = ()
    """How a live dbt is told where project and profile are, when it would not find them by itself."""
    environment: Environment | None
    commit: CommitFacts | None = None
    profile: ProfileFacts | None = None
    baseline: Baseline | None = None
    retried: Retried | None = None
    files: FrozenMapping = FrozenMapping()
    refuses_unproved: bool = False
    """Whether what cannot be proved to stay inside the build is an error."""
    stores_failures: bool = False
    """Whether the shell's variables have dbt store the rows that fail a test, where no option says it."""
    working_dir: WorkingDir = "project"
    last_databases: tuple[PurePath, ...] = ()
    """The database files of the environment's last build, where there are such files."""
