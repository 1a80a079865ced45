"""What `.dot/` needs in files that are the user's: what to offer, given what stands there and what was answered."""

import json
from pathlib import PurePath
from typing import Literal

from pydantic import ValidationError

from dot.core.edit import Edit, Note, Offer, add_lines
from dot.core.jsonc import JsonError, merge
from dot.core.layout import FOLDER
from dot.core.model import Model
from dot.core.source import Source
from dot.errors import ConfigurationError, Problem

IGNORED_FOLDER = f"{FOLDER}/"
EDITOR_SETTINGS = {
    "search.exclude": {f"**/{FOLDER}": True, f"**/{FOLDER}/**": True},
    "files.watcherExclude": {f"**/{FOLDER}/**": True},
}

Lasting = Literal["never", "noted"]


class Answers(Model):
    """What need not be asked or said again in this clone."""

    gitignore: Lasting | None = None
    editor: Lasting | None = None


class CloneSettings(Model):
    """The whole of `.dot/config.yml`, which is about this clone alone."""

    prompts: Answers = Answers()


class IgnoreFacts(Model):
    """The project's `.gitignore`, and which names git says that it should list, being ignored nowhere yet."""

    path: PurePath
    text: str | None
    missing: tuple[str, ...]


class EditorFacts(Model):
    """The editor's settings of this project. `is_used` says that somebody works here with that editor."""

    path: PurePath
    text: str | None
    is_used: bool


def parse_answers(source: Source | None) -> Answers:
    """What `.dot/config.yml` holds. Raises `ConfigurationError`."""
    if source is None or (source.data is None and not source.problems):
        return Answers()
    if source.problems:
        raise ConfigurationError(*source.problems)
    try:
        return CloneSettings.model_validate_json(json.dumps(source.data)).prompts
    except ValidationError as error:
        path = error.errors(include_url=False, include_input=False)[0]["loc"]
        hint = "remove the file: it holds nothing but answers that can be given again"
        raise ConfigurationError(Problem("is not as dot writes it", source.locate(path), hint=hint)) from None


def render_answers(answers: Answers) -> dict[str, object]:
    """The answers as `.dot/config.yml` holds them."""
    return CloneSettings(prompts=answers).model_dump(exclude_none=True)


def offer_ignoring(facts: IgnoreFacts) -> Offer | None:
    """Add what is missing to `.gitignore`; nothing to offer when all is ignored, or stands in there already."""
    text = facts.text or ""
    there = {line.strip() for line in text.splitlines()}
    lines = [name for name in facts.missing if name not in there]
    if not lines or "\0" in text:  # in UTF-16 it is no file that git reads
        return None
    names = " and ".join(f"`{line}`" for line in lines)
    question = f"add {names} to {{file}}, so that git leaves your builds alone?"
    return Offer(key="gitignore", question=question, edit=_edit(facts, add_lines(text, lines)))


def offer_editor_settings(facts: EditorFacts) -> Offer | Note | None:
    """Exclude `.dot/` in the editor's settings; a note when they cannot be added to."""
    try:
        after = merge(facts.text or "", EDITOR_SETTINGS)
    except JsonError as error:
        return Note(key="editor", text=f"{{file}} is left alone: {error}")
    if after == facts.text:
        return None
    question = f"exclude `{IGNORED_FOLDER}` in {{file}}, so that VS Code neither searches nor watches builds?"
    return Offer(key="editor", question=question, edit=_edit(facts, after))


def plan_prompts(ignore: IgnoreFacts | None, editor: EditorFacts, answers: Answers) -> tuple[Offer | Note, ...]:
    """What to ask and to say before a command; `ignore` is missing where there is no git repository."""
    found = (
        offer_ignoring(ignore) if ignore else None,
        offer_editor_settings(editor) if editor.is_used else None,
    )
    return tuple(item for item in found if item and not _is_settled(item, answers))


def _is_settled(item: Offer | Note, answers: Answers) -> bool:
    kept = getattr(answers, item.key)
    return kept == "never" or (kept == "noted" and isinstance(item, Note))


def _edit(facts: IgnoreFacts | EditorFacts, after: str) -> Edit:
    return Edit(path=facts.path, before=facts.text, after=after)
