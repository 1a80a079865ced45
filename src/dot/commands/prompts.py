"""The startup prompts: before dbt runs, offer what `.dot/` needs in the user's files."""

from pathlib import Path

from dot.base.errors import DotError
from dot.base.file_edit import Note, Offer
from dot.base.layout import Layout
from dot.console import Console
from dot.dbt.project import read_own_yaml
from dot.plan.gather_workspace import Workspace, show_path
from dot.run.context import Context
from dot.setup.gather_files import gather_editor, gather_ignoring
from dot.setup.startup_offers import IGNORED_FOLDER, add_lasting_answers, parse_answers, plan_prompts, render_answers
from dot.system import store, yaml
from dot.system.signals import is_foreground
from dot.system.user_files import apply_edit

CHOICES = ("yes", "no", "never")


def prompt(here: Workspace, console: Console) -> None:
    """Ask the person at the terminal, before anything is written. What goes wrong is a warning: the command goes on."""
    if here.settings.disable_prompts or here.environ.get("CI") or not is_foreground():
        return
    try:
        _prompt(here, Context(here.project, here.environ, here.settings.lock_timeout, console), console)
    except DotError as error:
        _warn(error, console)


def _prompt(here: Workspace, context: Context, console: Console) -> None:
    config = Path(Layout(here.project).config)
    answers = parse_answers(read_own_yaml(config, show_path(config, here.cwd)))
    found = plan_prompts(gather_ignoring(here, (IGNORED_FOLDER,)), gather_editor(here), answers)
    # All is asked before anything is written, so that an interrupt leaves everything as it was.
    given = {item.key: console.ask(item.question, CHOICES) if isinstance(item, Offer) else "noted" for item in found}
    for item in found:
        _carry_out(item, given[item.key], console)
    if (kept := add_lasting_answers(answers, given)) != answers:
        context.hide_folder()
        store.write_whole(config, yaml.dump(render_answers(kept)), root=context.root)


def _carry_out(item: Offer | Note, answer: str, console: Console) -> None:
    if isinstance(item, Note):
        console.say(item.text)
    elif answer == "yes":
        try:
            apply_edit(item.edit)
        except DotError as error:
            _warn(error, console)


def _warn(error: DotError, console: Console) -> None:
    for problem in error.problems:
        place = f"{problem.location.file} " if problem.location else ""
        console.warn(f"{place}{problem.message}")
