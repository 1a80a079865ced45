"""`dot builds show`: what one build was made from, what it does, and what became of it."""

from datetime import UTC, datetime
from difflib import get_close_matches
from pathlib import Path

from dot.base.address import Address, parse_address, write_address
from dot.base.errors import AddressError
from dot.base.layout import Layout
from dot.base.wording import show_path
from dot.builds.details import BuildDetails, describe_details, make_details
from dot.builds.gather_builds import describe_build, list_built, read_build, read_history
from dot.config.find_settings import follow_settings
from dot.console.shell import read_shell
from dot.console.tables import write_fields
from dot.console.terminal import write_exactly
from dot.dbt.project import find_project
from dot.isolation.proof import parse_proofs
from dot.plan.find_built import read_built
from dot.plan.find_runs import read_records
from dot.plan.gather_commit import find_build, resolve_ref, suggest_ref
from dot.plan.gather_environment import name_default_environment
from dot.plan.gather_workspace import survey
from dot.system import git, store


def run(text: str, project_dir: str | None, *, as_json: bool) -> int:
    """Print all that is known of the build, as data or for a person. Raises `DotError`."""
    address = parse_address(text)
    shell = read_shell()
    project = find_project(shell.cwd, project_dir, shell.environ)
    if not as_json:
        follow_settings(project, shell)
    if address.ref is None:
        write = f"write `dot builds show {text}@<ref>`; `dot builds` lists the builds there are"
        hint = suggest_ref(project, text) if text else None
        raise AddressError.of(f"`{text}` names no build: a git ref is required", hint=hint or write)
    environment = address.environment or name_default_environment(survey(shell, project_dir))
    details = _gather(project, _find(project, address, environment), environment)
    if as_json:
        write_exactly(details.model_dump_json(indent=2))
    else:
        folder = show_path(Path(details.path), shell.cwd)
        write_fields(details.address, describe_details(details, folder, datetime.now(UTC)))
    return 0


def _gather(project: Path, short_hash: str, environment: str) -> BuildDetails:
    layout = Layout(project)
    folder = layout.build(short_hash).environment(environment)
    build = read_build(layout.build(short_hash), environment)
    past = read_history(project, [build.commit] if build.commit else [])
    info = past.commits.get(build.commit or "")
    proofs = parse_proofs(store.read_text(Path(folder.isolation)))
    return make_details(describe_build(build, past), info.author if info else None, tuple(read_records(folder)), proofs)


def _find(project: Path, address: Address, environment: str) -> str:
    """The short hash of the build that the address means, by a ref or by that hash. Raises `DotError`."""
    layout, ref = Layout(project), address.ref or ""
    short_hash = _find_folder(layout, ref, git.resolve_commit(project, ref))
    if short_hash and environment in list_built(layout.build(short_hash)):
        return short_hash
    _, commit = resolve_ref(project, ref)
    raise _no_build(
        layout,
        write_address(environment, ref),
        write_address(environment, short_hash or git.abbreviate(project, commit, None)),
    )


def _find_folder(layout: Layout, ref: str, commit: str | None) -> str | None:
    """The name of the commit's folder, its worktree complete or not; or the ref if that is one whose commit is gone."""
    names = store.list_folder(Path(layout.builds))
    if commit is None:
        return ref if ref in names else find_build(layout, ref, 4)
    half_made = (name for name in names if commit.startswith(name) and not read_built(layout.build(name)))
    return find_build(layout, commit, 4) or next(half_made, None)


def _no_build(layout: Layout, typed: str, missing: str) -> AddressError:
    near = _near(layout, missing)
    there = f"; there is {' and '.join(f'`{address}`' for address in near)}" if near else ""
    return AddressError.of(f"there is no build {missing}", hint=f"`dot build {typed}` makes it{there}")


def _near(layout: Layout, missing: str) -> list[str]:
    """The builds of the same commit, else those with a name like it."""
    hashes = store.list_folder(Path(layout.builds))
    there = [write_address(name, short_hash) for short_hash in hashes for name in list_built(layout.build(short_hash))]
    ending = missing[missing.index("@") :]
    return [address for address in there if address.endswith(ending)] or get_close_matches(missing, there, 3)
