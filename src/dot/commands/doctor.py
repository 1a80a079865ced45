"""`dot doctor`: what a build needs, whether it is there, and the command that mends what is not."""

import shlex
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import indent

from dot.base.errors import DotError, ExitCode
from dot.console import Console
from dot.console.shell import read_shell
from dot.console.terminal import write
from dot.dbt.program import is_at_least, read_packages
from dot.dbt.session import read_error
from dot.doctor.gather_folder import Finding, examine_folder
from dot.plan.gather import gather
from dot.plan.gather_environment import gather_default_profile
from dot.plan.gather_workspace import Workspace, survey
from dot.plan.planner import plan_build
from dot.plan.request import DbtRequest
from dot.plan.step import RunDbt
from dot.plan.upkeep_explainer import explain_steps
from dot.profile.isolate import adapter_type, isolate_profile
from dot.run.context import Context, make_context
from dot.run.upkeep import execute_upkeep
from dot.system import git
from dot.system.process import Command
from dot.system.process import run as run_captured
from dot.system.shell import Shell

_EXPERIMENTAL = "DBT_ALLOW_EXPERIMENTAL_ADAPTERS"
"""What dbt 2 names where it refuses an adapter that it does not promise anything of."""


def run(console: Console, *, fix: bool, is_dry: bool, project_dir: str | None) -> int:
    """Print every finding; 0, or 3 when something is wrong that keeps dot from building.

    With `fix`, what can be mended is mended once everything was found; if it `is_dry`, the steps of that are shown.
    """
    shell, is_mending = read_shell(), fix and not is_dry
    try:
        here = survey(shell, project_dir)
    except DotError as error:
        here, findings = None, _examine_without(shell, error)
    else:
        findings = _examine(here, shell)
    failed = False
    for found in tuple(findings) if is_mending else findings:
        finding = _mend(found, make_context(here, console)) if is_mending and here else found
        write(f"{finding.level:<9}{finding.text}")
        if is_dry and finding.mend:
            write(indent("\n".join(explain_steps(finding.mend, shell.cwd)), " " * 7))
        elif finding.help:
            write(f"{'':<9}= help: {finding.help}")
        failed |= finding.level == "wrong"
    console.say("done" if is_mending else "nothing was changed")
    return ExitCode.WORLD if failed else ExitCode.OK


def _mend(finding: Finding, context: Context) -> Finding:
    """The finding once `--fix` has done what it can about it."""
    if not finding.mend:
        return finding
    try:
        execute_upkeep(finding.mend, context)
    except DotError as error:
        return Finding("wrong", f"{finding.text}: {error}", next((each.hint for each in error.problems), None))
    return Finding("mended", finding.text)


def _examine_without(shell: Shell, error: DotError) -> Iterator[Finding]:
    """What can be found where there is no workspace, for this reason."""
    yield from _attempt(lambda: _examine_git(shell.cwd))
    yield from _report(error)


def _examine(here: Workspace, shell: Shell) -> Iterator[Finding]:
    of_git = tuple(_attempt(lambda: _examine_git(here.project)))
    yield from of_git
    files = ", ".join(file.name for file in here.files) or "none, and none is needed"
    yield Finding("ok", f"{_name_engine(here.dbt.version)}: {shlex.join(here.dbt.command)}")
    yield Finding("ok", f"configuration: {files}")
    yield from _attempt(lambda: _examine_profile(here, shell))
    if all(finding.level != "wrong" for finding in of_git):
        yield from _attempt(lambda: examine_folder(here.project, here.settings.short_hash_length))


def _name_engine(version: str | None) -> str:
    if not version:
        return "dbt of unknown version"
    return f"dbt {version}, the engine in {'Rust' if is_at_least(version, 2) else 'Python'}"


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


def _examine_git(folder: Path) -> Iterator[Finding]:
    yield Finding("ok", f"git {git.read_version(folder)}")
    repository = git.read_repository(folder)
    if repository.is_shallow:
        yield Finding("warning", "this clone is shallow: older commits cannot be built", "`git fetch --unshallow`")
    if not git.resolve_commit(folder, "HEAD"):
        yield Finding("wrong", "the repository has no commits yet", "commit the project")


def _examine_profile(here: Workspace, shell: Shell) -> Iterator[Finding]:
    profile = gather_default_profile(here)
    adapter = adapter_type(profile)
    yield Finding("ok", f"profile {profile.name}, output {profile.target}, adapter {adapter}: {profile.file}")
    packages = read_packages(Path(here.dbt.command[0])) if here.dbt.version else {}
    is_second = is_at_least(here.dbt.version, 2)  # which has its adapters in it
    if packages and not is_second and f"dbt_{adapter}" not in packages:
        yield Finding("wrong", f"dbt-{adapter} is not installed beside dbt", f"`pip install dbt-{adapter}`")
        return
    if not all(Path(file).expanduser().exists() for file in isolate_profile(profile, "").files):
        yield Finding("ok", "connection: not tried, since the first build makes the database file")
        return
    yield from _examine_connection(here, shell)


def _examine_connection(here: Workspace, shell: Shell) -> Iterator[Finding]:
    """`dbt debug`, with its log in a folder that goes away."""
    with tempfile.TemporaryDirectory(prefix="dot-doctor-") as logs:
        extra = ("--log-path", logs, "--no-send-anonymous-usage-stats")
        gathered = gather(DbtRequest(dbt_command="debug", extra=extra, project_dir=str(here.project)), shell)
        (step,) = plan_build(gathered.request, gathered.facts).steps_of(RunDbt)
        environ = {**here.environ, **{name: str(value) for name, value in step.env.items()}}
        done = run_captured(Command(step.argv, Path(step.cwd), environ))
    if said := read_error(done):
        reason = "".join(f"\n{'':<9}{line}" for line in said.splitlines() if line.strip())
        trial = f"`{_EXPERIMENTAL}=true` lets dbt 2 try the adapter, which dbt 1 has as well"
        yield Finding(
            "wrong", f"dbt cannot connect{reason}", trial if _EXPERIMENTAL in said else "`dbt debug` says more"
        )
    else:
        yield Finding("ok", "connection")
