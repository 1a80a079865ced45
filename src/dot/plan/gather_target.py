"""What an address means, whatever is to be done there. Nothing is written, and dbt is not started."""

from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from dot.base.address import RESERVED, Address, check_environment_name
from dot.base.errors import ProfileError
from dot.base.layout import EnvironmentFolder, Layout
from dot.config.files import Environment
from dot.dbt.project import DbtProject
from dot.plan.dbt_args import build_variables
from dot.plan.facts import CommitFacts
from dot.plan.gather_commit import gather_commit
from dot.plan.gather_environment import Given, gather_environment
from dot.plan.gather_workspace import Workspace, read_project
from dot.profile.find_profile import FoundProfile, gather_profile
from dot.profile.isolate import ProfileFacts


@dataclass(frozen=True)
class Target:
    """An environment, at a commit or live; `folder` is where dot keeps what belongs to it.

    `project` is the dbt project of the commit, or of the working tree. `found` and `profile` are missing where the
    environment has no profile that can be read: `read_profile` says why. Without `environment` there is no `folder`.
    """

    address: Address
    project: DbtProject
    environment: Environment | None
    found: FoundProfile | None
    profile: ProfileFacts | None
    commit: CommitFacts | None
    folder: EnvironmentFolder | None

    @property
    def build(self) -> EnvironmentFolder | None:
        """The folder of the build; a live environment is none."""
        return self.folder if self.commit else None


def gather_target(here: Workspace, address: Address, given: Given) -> Target:
    """What the address means, with what was typed besides. Raises `DotError`."""
    commit, project = None, None
    if address.ref is not None:
        commit, project = gather_commit(here.project, address.ref, here.settings.short_hash_length)
    project = project or read_project(here)
    environment, found = gather_environment(here, address, project, given)
    if commit and environment and environment.name not in RESERVED:
        check_environment_name(environment.name)  # which becomes a folder; an output of a profile may have any name
    folder = _locate(Layout(here.project), environment, commit) if environment else None
    return complete_target(Target(address, project, environment, found, None, commit, folder))


def complete_target(target: Target) -> Target:
    """The target with the profile of its environment, if that can be read."""
    profile = None
    with suppress(ProfileError):
        profile = read_profile(target)
    return replace(target, profile=profile)


def read_profile(target: Target) -> ProfileFacts:
    """The profile of the environment. Raises `ProfileError`."""
    environment = target.environment
    if not environment or not target.found:
        raise ProfileError.of("there is no profile")
    commit = target.commit.commit if target.commit else None
    seen = target.found.seen_by(build_variables(target.project.name, environment, commit))
    return gather_profile(seen, str(environment.options["target"]), environment.vars)


def locate_project(here: Workspace, target: Target) -> Path:
    """The project of the target, for a commit the one in its worktree."""
    found = target.commit
    return Path(Layout(here.project).build(found.commit.short_hash).worktree / found.folder) if found else here.project


def _locate(layout: Layout, environment: Environment, commit: CommitFacts | None) -> EnvironmentFolder:
    name = environment.name
    return layout.build(commit.commit.short_hash).environment(name) if commit else layout.live(name)
