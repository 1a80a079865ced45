"""What is asked before a command: what is missing, unless an answer lasts."""

from pathlib import PurePath
from typing import Any

import pytest

from cases import each
from dot.base.errors import ConfigurationError
from dot.base.file_edit import File, Note, Offer
from dot.setup.startup_offers import (
    EDITOR_SETTINGS,
    Answers,
    EditorFacts,
    IgnoreFacts,
    add_lasting_answers,
    offer_editor_settings,
    offer_ignoring,
    parse_answers,
    plan_prompts,
    render_answers,
)
from dot.system.yaml import dump, load_document

WRONG = '{"search.exclude": []}'


def ignoring(text: str | None = None, *missing: str) -> IgnoreFacts:
    return IgnoreFacts(file=File(path=PurePath(".gitignore"), name=".gitignore", text=text), missing=missing)


def editor(text: str | None = None, *, is_used: bool = True) -> EditorFacts:
    name = ".vscode/settings.json"
    return EditorFacts(file=File(path=PurePath(name), name=name, text=text), is_used=is_used)


def offered(item: Offer | Note | None) -> tuple[str, str]:
    """The question, and what the file would hold."""
    assert isinstance(item, Offer)
    return item.question, item.edit.after


def test_what_git_does_not_ignore_is_offered() -> None:
    question = "add `.dot/` to .gitignore, to keep it out of git?"
    assert offered(offer_ignoring(ignoring("a\n", ".dot/"))) == (question, "a\n.dot/\n")
    question = "add `.dot/` and `b` to .gitignore, to keep both out of git?"
    assert offered(offer_ignoring(ignoring(None, ".dot/", "b"))) == (question, ".dot/\nb\n")


@each("facts", [ignoring("a\n"), ignoring("a\n.dot/ \n", ".dot/")])
def test_nothing_is_offered_that_is_done_or_would_be_of_no_use(facts: IgnoreFacts) -> None:
    assert offer_ignoring(facts) is None


def test_a_file_that_git_cannot_read_is_left_alone() -> None:
    note = offer_ignoring(ignoring("a\0\n\0", ".dot/"))
    assert note == Note(key="gitignore", text=".gitignore is left alone: git reads nothing in it, as it is no UTF-8")


def test_the_settings_of_the_editor_are_offered_once() -> None:
    question, after = offered(offer_editor_settings(editor()))
    assert question == "keep VS Code's search and watcher out of `.dot/` (.vscode/settings.json)?"
    assert all(name in after for section in EDITOR_SETTINGS.values() for name in section)
    assert offer_editor_settings(editor(after)) is None


def test_settings_that_cannot_be_added_to_are_named_with_the_reason() -> None:
    expected = Note(key="editor", text=".vscode/settings.json is left alone: `search.exclude` in it is no object")
    assert offer_editor_settings(editor(WRONG)) == expected


@each(
    ("ignore", "settings", "answers", "expected"),
    [
        (ignoring(None, ".dot/"), editor(), {}, [(Offer, "gitignore"), (Offer, "editor")]),
        (ignoring(None), editor(is_used=False), {}, []),
        (None, editor(), {}, [(Offer, "editor")]),
        (ignoring(None, ".dot/"), editor(), {"gitignore": "never"}, [(Offer, "editor")]),
        (ignoring(None, ".dot/"), editor(), {"editor": "never"}, [(Offer, "gitignore")]),
        (None, editor(WRONG), {}, [(Note, "editor")]),
        (None, editor(WRONG), {"editor": "noted"}, []),
        (None, editor(WRONG), {"editor": "never"}, []),
        (None, editor(), {"editor": "noted"}, [(Offer, "editor")]),
    ],
)
def test_what_is_done_or_settled_is_not_asked(
    ignore: IgnoreFacts | None, settings: EditorFacts, answers: Any, expected: list[tuple[type, str]]
) -> None:
    found = plan_prompts(ignore, settings, Answers(**answers))
    assert [(type(item), item.key) for item in found] == expected


def test_only_answers_that_last_are_kept() -> None:
    assert add_lasting_answers(Answers(), {"gitignore": "yes", "editor": "no"}) == Answers()
    kept = add_lasting_answers(Answers(gitignore="never"), {"editor": "noted"})
    assert kept == Answers(gitignore="never", editor="noted")
    assert add_lasting_answers(kept, {"editor": "never"}) == Answers(gitignore="never", editor="never")


@each("answers", [Answers(), Answers(gitignore="never"), Answers(gitignore="never", editor="noted")])
def test_answers_are_read_as_they_were_written(answers: Answers) -> None:
    assert parse_answers(load_document(dump(render_answers(answers)), "config.yml")) == answers


@each("text", ["", "# nothing\n", "{}", "prompts: {}"])
def test_no_answers_are_no_answers(text: str) -> None:
    assert parse_answers(load_document(text, "config.yml")) == Answers()
    assert parse_answers(None) == Answers()


@each(
    ("text", "message", "line"),
    [
        ("prompts: {gitignore: always}", "is not as dot writes it", 1),
        ("prompts:\n  editor: no", "is not as dot writes it", 2),
        ("prompts: {}\nmore: 1", "is not as dot writes it", 2),
        ("[]", "is not as dot writes it", 1),
        ("a: [", "invalid YAML", 1),
    ],
)
def test_what_dot_did_not_write_is_refused_at_its_line(text: str, message: str, line: int) -> None:
    with pytest.raises(ConfigurationError) as raised:
        parse_answers(load_document(text, "config.yml"))
    (problem,) = raised.value.problems
    assert problem.message.startswith(message)
    assert (problem.location and (problem.location.file, problem.location.line)) == ("config.yml", line)
