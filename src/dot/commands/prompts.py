"""The startup prompts: before dbt runs, offer what `.dot/` needs in the user's files."""

from pathlib import Path

from dot.base.errors import DotError
from dot.base.file_edit import Note, Offer
from dot.base.layout import Layout
from dot.base.wording import show_path
from dot.console import Console
from dot.dbt.project import read_own_yaml
from dot.plan.gather_workspace import Workspace
from dot.plan.upkeep import UpkeepPlan, plan_own_files
from dot.run.context import make_context
from dot.run.upkeep import execute_upkeep
from dot.setup.gather_files import gather_editor, gather_ignoring
from dot.setup.startup_offers import IGNORED_FOLDER, add_lasting_answers, parse_answers, plan_prompts, render_answers
from dot.system import yaml
from dot.system.signals import is_foreground

CHOICES = ("yes", "no", "never")


def prompt(here: Workspace, console: Console) -> None:
    """Ask the person at the terminal, before anything is written. What goes wrong is a warning: the command goes on."""
    if here.settings.disable_prompts or here.environ.get("CI") or not is_foreground():
        return
    try:
        _prompt(here, console)
    except DotError as error:
        _warn(error, console)


def _prompt(here: Workspace, console: Console) -> None:
    config = Path(Layout(here.project).config)
    answers = parse_answers(read_own_yaml(config, show_path(config, here.cwd)))
    found = plan_prompts(gather_ignoring(here, (IGNORED_FOLDER,)), gather_editor(here), answers)
    # All is asked before anything is written, so that an interrupt leaves everything as it was.
    given = {item.key: console.ask(item.question, CHOICES) if isinstance(item, Offer) else "noted" for item in found}
    for item in found:
        if isinstance(item, Note):
            console.say(item.text)
    wanted = [item.edit for item in found if isinstance(item, Offer) and given[item.key] == "yes"]
    # One plan for each, so that what cannot be done keeps nothing else from being done.
    plans = [UpkeepPlan(title=edit.name, steps=(edit,)) for edit in wanted]
    if (kept := add_lasting_answers(answers, given)) != answers:
        texts = {Layout(here.project).config: yaml.dump(render_answers(kept))}
        plans.append(plan_own_files("the answers of this clone", here.project, texts))
    for plan in plans:
        try:
            execute_upkeep(plan, make_context(here, console))
        except DotError as error:
            _warn(error, console)


def _warn(error: DotError, console: Console) -> None:
    for problem in error.problems:
        place = f"{problem.location.file} " if problem.location else ""
        console.warn(f"{place}{problem.message}")
