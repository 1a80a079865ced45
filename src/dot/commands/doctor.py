"""`dot doctor`: what a build needs, whether it is there, and the command that mends what is not."""

import shlex
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from dot.commands.gather import Invocation, gather
from dot.commands.gather_commit import read_built
from dot.commands.gather_environment import gather_default_profile
from dot.commands.surroundings import Surroundings, survey
from dot.console import Console
from dot.console.terminal import write
from dot.core.layout import Layout
from dot.core.planner import plan_build
from dot.core.profile import adapter_type, isolate_profile
from dot.errors import DotError, ExitCode
from dot.system import git, store
from dot.system.dbt import read_packages
from dot.system.process import Command
from dot.system.process import run as run_captured


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at. `help` is what to do, `mend` what `--fix` does about it."""

    level: str
    text: str
    help: str | None = None
    mend: Callable[[], None] | None = None


def run(console: Console, *, fix: bool) -> int:
    """Print every finding; 0, or 3 when something is wrong that keeps dot from building."""
    failed = False
    for finding in _examine():
        mended = fix and finding.mend is not None
        if mended and finding.mend:
            finding.mend()
        level = "mended" if mended else finding.level
        write(f"{level:<9}{finding.text}")
        if finding.help and not mended:
            write(f"{'':<9}= help: {finding.help}")
        failed |= level == "wrong"
    console.say("nothing was changed" if not fix else "done")
    return ExitCode.WORLD if failed else ExitCode.OK


def _examine() -> Iterator[Finding]:
    yield from _attempt(_examine_git)
    try:
        here = survey(None)
    except DotError as error:
        yield from _report(error)
        return
    files = ", ".join(file.name for file in here.files) or "none, and none is needed"
    yield Finding("ok", f"dbt {here.dbt.version or 'of unknown version'}: {shlex.join(here.dbt.command)}")
    yield Finding("ok", f"configuration: {files}")
    yield from _attempt(lambda: _examine_profile(here))
    yield from _attempt(lambda: _examine_folder(here))


def _attempt(examine: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
    """The findings, an error being one that says what is wrong."""
    try:
        yield from examine()
    except DotError as error:
        yield from _report(error)


def _report(error: DotError) -> Iterator[Finding]:
    for problem in error.problems:
        place = f" ({problem.location.file})" if problem.location else ""
        yield Finding("wrong", f"{problem.message}{place}", problem.hint)


def _examine_git() -> Iterator[Finding]:
    cwd = store.read_current_folder()
    yield Finding("ok", f"git {git.read_version(cwd)}")
    repository = git.read_repository(cwd)
    if repository.is_shallow:
        yield Finding("warning", "this clone is shallow: older commits cannot be built", "`git fetch --unshallow`")
    if not git.resolve_commit(cwd, "HEAD"):
        yield Finding("wrong", "the repository has no commits yet", "commit the project")


def _examine_profile(here: Surroundings) -> Iterator[Finding]:
    profile = gather_default_profile(here)
    adapter = adapter_type(profile)
    yield Finding("ok", f"profile {profile.name}, output {profile.target}, adapter {adapter}: {profile.file}")
    packages = read_packages(Path(here.dbt.command[0])) if here.dbt.version else {}
    if packages and f"dbt_{adapter}" not in packages:
        yield Finding("wrong", f"dbt-{adapter} is not installed beside dbt", f"`pip install dbt-{adapter}`")
        return
    if not all(Path(file).exists() for file in isolate_profile(profile, "").files):
        yield Finding("ok", "connection: not tried, since the first build makes the database file")
        return
    yield from _examine_connection(here)


def _examine_connection(here: Surroundings) -> Iterator[Finding]:
    """`dbt debug`, with its log in a folder that goes away."""
    with tempfile.TemporaryDirectory(prefix="dot-doctor-") as logs:
        extra = ("--log-path", logs, "--no-send-anonymous-usage-stats")
        gathered = gather(Invocation("debug", extra=extra))
        step = plan_build(gathered.request, gathered.facts).dbt_step
        environ = {**here.environ, **{name: str(value) for name, value in step.env.items()}}
        done = run_captured(Command(step.argv, Path(step.cwd), environ))
    if done.exit_code:
        yield Finding("wrong", "dbt cannot connect", "`dbt debug` says why")
    else:
        yield Finding("ok", "connection")


def _examine_folder(here: Surroundings) -> Iterator[Finding]:
    """`.dot/`: its mode, its builds, git's list of their worktrees, and who holds its locks."""
    layout = Layout(here.project)
    root = Path(layout.root)
    if not root.is_dir():
        yield Finding("ok", "builds: none yet")
        return
    if not store.is_private(root):
        mend = partial(store.make_private, root)
        yield Finding("wrong", f"{root} is open to others", f"`chmod 700 {shlex.quote(str(root))}`", mend)
    builds = store.list_folder(Path(layout.builds))
    for short_hash in builds:
        yield from _examine_build(here, short_hash)
    yield from _examine_worktrees(here, Path(layout.builds))
    for owner in store.read_living_owners(root / "locks"):
        yield Finding("ok", f"at work: {owner}")
    yield from _examine_lengths(here, builds)


def _examine_build(here: Surroundings, short_hash: str) -> Iterator[Finding]:
    build = Layout(here.project).build(short_hash)
    commit = read_built(Layout(here.project), short_hash)
    if commit is None:
        mend = partial(store.remove_tree, Path(build.path))
        yield Finding("warning", f"build {short_hash} is half made", "build it again, or `dot doctor --fix`", mend)
    elif git.read_changes(Path(build.worktree), commit) is None:
        mend = partial(git.repair_worktree, here.project, Path(build.worktree))
        hint = "build it again, which mends it, or `dot doctor --fix`"
        yield Finding("warning", f"the worktree of build {short_hash} has lost its repository", hint, mend)
    else:
        environments = ", ".join(store.list_folder(Path(build.path) / "env"))
        yield Finding("ok", f"build {short_hash}: {environments or 'no environment yet'}")


def _examine_worktrees(here: Surroundings, builds: Path) -> Iterator[Finding]:
    """Worktrees below `.dot/` that git still lists although they are gone."""
    for path in git.list_worktrees(here.project):
        if path.is_relative_to(builds.resolve()) and not path.exists():
            mend = partial(git.forget_worktree, here.project, path)
            yield Finding("warning", f"git lists a worktree that is gone: {path}", "`git worktree prune`", mend)


def _examine_lengths(here: Surroundings, builds: tuple[str, ...]) -> Iterator[Finding]:
    lengths = sorted({len(name) for name in builds})
    if len(lengths) > 1 and here.settings.short_hash_length is None:
        shown = " and ".join(str(length) for length in lengths)
        hint = "set `short_hash_length` in `[tool.dot]` where several machines must agree on the names of schemas"
        yield Finding("warning", f"builds have short hashes of {shown} digits", hint)
