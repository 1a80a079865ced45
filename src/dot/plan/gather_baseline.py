"""The build that a command defers to: the one that was named, else the one that its build remembers."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from dot.base.address import Address, parse_baseline, write_address
from dot.base.errors import AddressError, MissingBuildError, OutsideError
from dot.base.layout import EnvironmentFolder, Layout
from dot.dbt.option_variables import read_variable
from dot.dbt.project import DbtProject
from dot.plan.deferral import DEFERRING, defers_by_itself
from dot.plan.find_runs import read_records
from dot.plan.gather_commit import find_build, resolve_ref, suggest_ref
from dot.plan.gather_environment import name_environment
from dot.plan.gather_workspace import Workspace
from dot.plan.plan import Baseline
from dot.plan.record import recall_baseline
from dot.plan.request import DbtRequest
from dot.plan.retry import Retried, read_retried
from dot.profile.find_profile import FoundProfile
from dot.system import git, store

if TYPE_CHECKING:
    from dot.dbt.manifest import Manifest

RESULTS = "run_results.json"
_NEEDS_NO_RELATION = ("list", "ls")


def read_baseline(text: str, folder: Path) -> Address:
    """What `--defer` names. Raises `AddressError`, with a hint where it is a ref without its `@`."""
    try:
        return parse_baseline(text)
    except AddressError as error:
        hint = suggest_ref(folder, text) if text and "@" not in text else None
        raise AddressError(*(replace(problem, hint=hint or problem.hint) for problem in error.problems)) from None


def gather_baseline(
    here: Workspace, request: DbtRequest, found: FoundProfile | None, folder: EnvironmentFolder | None
) -> Baseline | None:
    """What the command defers to; `folder` is that of its build. Raises `DotError` when it is gone."""
    if request.baseline:
        return find_baseline(here, request.baseline, found, "defer to")
    if not folder or request.no_defer or request.dbt_command not in DEFERRING or defers_by_itself(request):
        return None
    remembered = recall_baseline(read_records(folder))
    if remembered and request.dbt_command == "retry":
        retried = gather_retried(Path(folder.target))
        commands = (retried.command, "retry") if retried and retried.is_deferred else ()
        repeated = (record.baseline for record in read_records(folder) if record.dbt_command in commands)
        remembered = next(repeated, None)
    return _find_again(here, request, remembered) if remembered else None


def gather_retried(target: Path) -> Retried | None:
    """The run that a retry repeats, if its results are in this folder."""
    from dot.dbt.manifest import parse_run_results  # noqa: PLC0415 - most plans need no results

    text = store.read_text(target / RESULTS)
    return read_retried(parse_run_results(text)) if text else None


def locate_live_target(here: Workspace, project: DbtProject, options: Mapping[str, object]) -> Path:
    """Where the dbt of a live build leaves its results, in dbt's own order: options, variables, the project's file."""
    given = options.get("target-path") or read_variable(here.environ, "target-path")
    return here.project / str(given or project.target or "target")


def _find_again(here: Workspace, request: DbtRequest, remembered: Baseline) -> Baseline | None:
    """The build that was the baseline, wherever the repository is now. Raises `MissingBuildError` when it is gone."""
    name, _, short_hash = remembered.address.partition("@")
    layout = Layout(here.project)
    short_hash = find_build(layout, remembered.hash, here.settings.short_hash_length) or short_hash
    folder = Path(layout.build(short_hash).environment(name).target)
    manifest = _parse(store.read_text(folder / "manifest.json"))
    if manifest:
        again = _baseline(write_address(name, short_hash), remembered.hash, folder, manifest)
        return again.model_copy(update={"is_remembered": True})
    if request.dbt_command in _NEEDS_NO_RELATION:
        return None
    other = "" if request.dbt_command == "retry" else "; `--no-defer` does without it"
    raise MissingBuildError.of(
        f"the build {remembered.address} is gone, from which this build takes what it lacks",
        hint=f"`dot build {remembered.address}` makes it again{other}",
    )


def find_baseline(here: Workspace, address: Address, found: FoundProfile | None, purpose: str) -> Baseline:
    """The existing build that somebody wants to `purpose`, a verb.

    Raises `DotError` when it is missing or has no readable manifest.
    """
    name = name_environment(here, found, address.environment)
    ref = address.ref or ""
    _, commit = resolve_ref(here.project, ref)
    layout = Layout(here.project)
    short_hash = find_build(layout, commit, here.settings.short_hash_length)
    command = f"dot build {write_address(name, ref)}"
    folder = Path(layout.build(short_hash).environment(name).target) if short_hash else None
    if not short_hash or not folder or not folder.parent.is_dir():
        missing = write_address(name, short_hash or git.abbreviate(here.project, commit, None))
        raise MissingBuildError.of(f"there is no build {missing} to {purpose}", hint=f"`{command}` makes it")
    text = store.read_text(folder / "manifest.json")
    manifest = _parse(text)
    if not manifest:
        problem = "has no manifest.json" if text is None else "has a manifest.json that cannot be read"
        raise OutsideError.of(
            f"the build {write_address(name, short_hash)} {problem}: {folder}", hint=f"`{command}` makes it again"
        )
    return _baseline(write_address(name, short_hash), commit, folder, manifest)


def _parse(text: str | None) -> "Manifest | None":
    from dot.dbt.manifest import parse_manifest  # noqa: PLC0415 - most plans need no manifest

    return parse_manifest(text or "")


def _baseline(address: str, commit: str, folder: Path, manifest: "Manifest") -> Baseline:
    functions = tuple(sorted(function.name for function in manifest.functions.values()))
    version = manifest.metadata.dbt_version
    return Baseline(address=address, hash=commit, state=folder, functions=functions, dbt_version=version)
