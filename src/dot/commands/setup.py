"""`dot setup`: offer what makes a project comfortable to work in with dot, each change shown before it is made."""

import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePath

from dot.base.errors import GitError, ProfileError
from dot.base.file_edit import Note, Offer, render_diff
from dot.base.layout import Layout
from dot.base.wording import show_path
from dot.config.files import ENVIRONMENTS_FILE, USER_FILE, VARS_FILE
from dot.console import Console
from dot.console.shell import read_shell
from dot.console.terminal import write, write_diff
from dot.dbt.jinja import render_text
from dot.plan.gather_workspace import Workspace, read_project, survey
from dot.plan.upkeep import plan_own_files
from dot.plan.upkeep_explainer import explain_upkeep
from dot.profile.find_profile import ProfileSearch, find_profile
from dot.run.context import make_context
from dot.run.upkeep import execute_upkeep
from dot.setup.gather_files import gather_editor, gather_ignoring, read_file
from dot.setup.json_schema import render_schema
from dot.setup.offers import (
    ProfileOutputs,
    add_hook,
    has_hook,
    make_hook,
    offer_environments,
    offer_hook,
    offer_schema,
    schema_line,
    with_hook,
)
from dot.setup.startup_offers import IGNORED_FOLDER, offer_editor_settings, offer_ignoring
from dot.system import store
from dot.system.git import read_repository
from dot.system.yaml import load_document

PRE_COMMIT_FILE = ".pre-commit-config.yaml"
CHOICES = ("yes", "no")
SCHEMAS = {"environments": ENVIRONMENTS_FILE, "vars": VARS_FILE}


def run(console: Console, *, project_dir: str | None, yes: bool, is_dry: bool = False) -> int:
    """Show each change, ask for it, and make what is wanted; with nobody to ask, only show. Raises `DotError`.

    If it `is_dry`, the plan of all changes is shown, and nobody is asked.
    """
    here = survey(read_shell(), project_dir)
    found = tuple(_find_offers(here))
    offers = [item for item in found if isinstance(item, Offer)]
    for note in (item for item in found if isinstance(item, Note)):
        console.say(note.text)
    # All is asked before anything is written, so that an interrupt leaves everything as it was.
    wanted = tuple(offer.edit for offer in offers if _is_wanted(offer, console, yes=yes or is_dry))
    schemas = dict(_find_stale_schemas(here, {edit.path: edit.after for edit in wanted}))
    plan = plan_own_files(f"{here.project.name} → set up", here.project, schemas, wanted)
    if not offers and not schemas:
        console.say("everything else is set up" if found else "everything is set up")
    elif is_dry:
        write(explain_upkeep(plan, here.cwd))
    elif yes or console.can_ask():
        execute_upkeep(plan, make_context(here, console))
        written = [*(edit.name for edit in wanted), *(show_path(Path(path), here.cwd) for path in schemas)]
        console.say(f"wrote {', '.join(written)}" if written else "nothing was written")
    else:
        console.say("nothing was written; `dot setup --yes` does it")
    return 0


def _is_wanted(offer: Offer, console: Console, *, yes: bool) -> bool:
    write_diff(render_diff(offer.edit))
    return yes or (console.can_ask() and console.ask(offer.question, CHOICES) == "yes")


def _find_offers(here: Workspace) -> Iterator[Offer | Note]:
    """Everything that this project lacks."""
    if (here.project / ENVIRONMENTS_FILE).exists():
        yield from _find_schema_line(here, "environments")
    else:
        yield _find_environments(here)
    yield from _find_schema_line(here, "vars")
    ignoring = gather_ignoring(here, (IGNORED_FOLDER, USER_FILE))
    if ignoring and (offer := offer_ignoring(ignoring)):
        yield offer
    if settings := offer_editor_settings(gather_editor(here)):
        yield settings
    yield from _find_hook(here)


def _find_schema_line(here: Workspace, schema: str) -> Iterator[Offer]:
    if offer := offer_schema(read_file(here, here.project / SCHEMAS[schema]), schema):
        yield offer


def _find_environments(here: Workspace) -> Offer | Note:
    try:
        profile = _read_profile(here)
    except ProfileError as error:
        return Note(key="environments", text=f"no {ENVIRONMENTS_FILE} yet: {error.problems[0].message}")
    return offer_environments(read_file(here, here.project / ENVIRONMENTS_FILE), profile)


def _read_profile(here: Workspace) -> ProfileOutputs:
    """The profile of the project in the working tree. Raises `ProfileError`."""
    common = here.configuration.common.plain()
    folder, name, variables = common.get("profiles-dir"), common.get("profile"), common.get("vars", {})
    where = ProfileSearch(here.cwd, here.environ, here.dbt.version, here.project, folder, name)
    found = find_profile(where, read_project(here), variables)
    # Not DBT_TARGET, which may be about this moment only.
    target = render_text(str(found.data[found.name].get("target") or "default"), here.environ, variables)
    return ProfileOutputs(name=found.name, outputs=tuple(found.outputs), target=target)


def _find_hook(here: Workspace) -> Iterator[Offer | Note]:
    """The hook of pre-commit, in a repository that has pre-commit's file."""
    try:
        repository = read_repository(here.project)
    except GitError:
        return
    file = read_file(here, repository.toplevel / PRE_COMMIT_FILE)
    source = load_document(file.text or "", file.name)
    if file.text is None or has_hook(source.data):
        return
    project = ("--project-dir", repository.prefix) if repository.prefix else ()
    hook = make_hook(shlex.join(("dot", "check", *project)))
    after = None if source.problems else add_hook(file.text, source, hook)
    if after is None or load_document(after, file.name).data != with_hook(source.data, hook):
        yield Note(key="hook", text=f"{file.name} is left alone: dot cannot see where its list `repos` ends")
    else:
        yield offer_hook(file, after)


def _find_stale_schemas(here: Workspace, edited: Mapping[PurePath, str]) -> Iterator[tuple[PurePath, str]]:
    """The schemas that the configuration files name, once `edited`, and that are not as this dot has them."""
    for schema, name in SCHEMAS.items():
        file = here.project / name
        text = edited[file] if file in edited else read_file(here, file).text or ""
        path, wanted = Layout(here.project).schemas / f"{schema}.json", f"{render_schema(schema)}\n"
        if schema_line(schema) in text and store.read_text(Path(path)) != wanted:
            yield path, wanted
