"""What the startup prompts offer: edits of the user's files that `.dot/` needs, unless they were declined before."""

import json
from collections.abc import Mapping
from typing import Literal, get_args

from pydantic import ValidationError

from dot.base.errors import ConfigurationError, Problem
from dot.base.file_edit import File, Note, Offer, add_lines
from dot.base.frozen import Frozen
from dot.base.layout import FOLDER
from dot.base.yaml_document import YamlDocument
from dot.setup.jsonc import JsonError, merge

IGNORED_FOLDER = f"{FOLDER}/"
EDITOR_SETTINGS = {
    "search.exclude": {f"**/{FOLDER}": True, f"**/{FOLDER}/**": True},
    "files.watcherExclude": {f"**/{FOLDER}/**": True},
}

Lasting = Literal["never", "noted"]


class Answers(Frozen):
    """What need not be asked or said again in this clone."""

    gitignore: Lasting | None = None
    editor: Lasting | None = None


class CloneSettings(Frozen):
    """The whole of `.dot/config.yml`, which is about this clone alone."""

    prompts: Answers = Answers()


class IgnoreFacts(Frozen):
    """The project's `.gitignore`, and the names that git does not ignore, by this file or by any other."""

    file: File
    missing: tuple[str, ...]


class EditorFacts(Frozen):
    """The editor's settings of this project. `is_used` says that somebody works here with that editor."""

    file: File
    is_used: bool


def parse_answers(source: YamlDocument | None) -> Answers:
    """What `.dot/config.yml` holds. Raises `ConfigurationError`."""
    if source is None or (source.data is None and not source.problems):
        return Answers()
    if source.problems:
        raise ConfigurationError(*source.problems)
    try:
        return CloneSettings.model_validate_json(json.dumps(source.data)).prompts
    except ValidationError as error:
        path = error.errors()[0]["loc"]
        hint = "remove the file: it holds nothing but answers that can be given again"
        raise ConfigurationError(Problem("is not as dot writes it", source.locate(path), hint=hint)) from None


def add_lasting_answers(answers: Answers, given: Mapping[str, str]) -> Answers:
    """The answers, and those of `given` that need not be asked for again."""
    lasting = {key: answer for key, answer in given.items() if answer in get_args(Lasting)}
    return Answers.model_validate(answers.model_dump() | lasting)


def render_answers(answers: Answers) -> dict[str, object]:
    """The answers as `.dot/config.yml` holds them."""
    return CloneSettings(prompts=answers).model_dump(exclude_none=True)


def offer_ignoring(facts: IgnoreFacts) -> Offer | Note | None:
    """Add what is missing to `.gitignore`; nothing to offer when all is ignored, or stands in there already."""
    text = facts.file.text or ""
    there = {line.strip() for line in text.splitlines()}
    lines = [name for name in facts.missing if name not in there]
    if not lines:
        return None
    if "\0" in text:
        return Note(
            key="gitignore", text=f"{facts.file.name} is left alone: git reads nothing in it, as it is no UTF-8"
        )
    names = " and ".join(f"`{line}`" for line in lines)
    question = f"add {names} to {facts.file.name}, to keep {'it' if len(lines) == 1 else 'both'} out of git?"
    return Offer(key="gitignore", question=question, edit=facts.file.edit(add_lines(text, lines)))


def offer_editor_settings(facts: EditorFacts) -> Offer | Note | None:
    """Exclude `.dot/` in the editor's settings; a note when they cannot be added to."""
    try:
        after = merge(facts.file.text or "", EDITOR_SETTINGS)
    except JsonError as error:
        return Note(key="editor", text=f"{facts.file.name} is left alone: {error}")
    if after == facts.file.text:
        return None
    question = f"keep VS Code's search and watcher out of `{IGNORED_FOLDER}` ({facts.file.name})?"
    return Offer(key="editor", question=question, edit=facts.file.edit(after))


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
