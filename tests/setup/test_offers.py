"""What `dot setup` writes is what dot reads, and what stood there before stays."""

import json
from pathlib import PurePath
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from cases import each
from dot.base.address import environment_name_problem
from dot.base.file_edit import File
from dot.setup.offers import (
    ProfileOutputs,
    add_hook,
    has_hook,
    make_hook,
    offer_environments,
    offer_hook,
    offer_schema,
    render_environments,
    with_hook,
)
from dot.system.yaml import load_document
from examples.plans import read

NAMES = st.sampled_from(("dev", "prod", "default", "all", "on", "1", "1e3", "null", "my dev", "-x", "dev_output"))


def profile(*outputs: str, target: str | None = None) -> ProfileOutputs:
    return ProfileOutputs(name="shop", outputs=outputs, target=target)


def file(text: str | None, name: str = "dot_vars.yml") -> File:
    return File(path=PurePath("/srv/shop") / name, name=name, text=text)


# -- environments --------------------------------------------------------------------------------------------------


def test_each_output_becomes_an_environment() -> None:
    expected = """\
# yaml-language-server: $schema=.dot/schemas/environments.json
# One environment for each output of the dbt profile shop.
# Beside `target` may stand other options of dbt, without their dashes, and
# values of variables below `vars`.
environment:
  default: dev
  dev:
    target: dev
  "1":
    target: "1"
  default_output:
    target: default
"""
    assert render_environments(profile("dev", "1", "default", target="dev")) == expected
    offer = offer_environments(file(None, "dot_environments.yml"), profile("dev", "1", "default", target="dev"))
    assert (offer.edit.before, offer.edit.after) == (None, expected)
    assert offer.question == "make dot_environments.yml from the outputs of the profile `shop`?"


@given(st.lists(NAMES | st.text(max_size=4), min_size=1, unique=True), st.data())
def test_the_environments_are_valid_and_use_each_output_once(outputs: list[str], data: st.DataObject) -> None:
    target = data.draw(st.sampled_from([*outputs, "nowhere", None]))
    found = read(render_environments(profile(*outputs, target=target)))
    targets = {name: tree.plain()["target"] for name, tree in found.environments.items()}
    assert sorted(outputs) == sorted(targets.values())
    assert all(name == targets[name] for name in outputs if not environment_name_problem(name))
    assert (target if target in outputs else None) == (found.default and targets[found.default])


# -- the line for editors ------------------------------------------------------------------------------------------

LINE = "# yaml-language-server: $schema=.dot/schemas/vars.json"


@each("text", ["", "vars: {}\r\n", "\ufeff# mine\nvars: {}\n", "vars: {a: '# yaml-language-server: '}"])
def test_editors_are_told_what_a_file_may_hold(text: str) -> None:
    offer = offer_schema(file(text), "vars")
    assert offer
    assert (offer.edit.before, offer.question) == (text, "tell editors what dot_vars.yml may hold?")
    assert offer.edit.after.removeprefix("\ufeff").splitlines()[0] == LINE
    assert load_document(text, "x").data == load_document(offer.edit.after, "x").data
    assert offer_schema(file(offer.edit.after), "vars") is None


@each("text", [None, "v\0a\0r\0s\0", "vars: {}\n#  yaml-language-server: $schema=mine.json\n"])
def test_a_file_that_is_not_there_or_has_such_a_line_is_left_alone(text: str | None) -> None:
    assert offer_schema(file(text), "vars") is None


# -- pre-commit ----------------------------------------------------------------------------------------------------


def hooked(text: str, entry: str = "dot check") -> str | None:
    """The text with the hook, if it holds then what it should."""
    source, hook = load_document(text, "x"), make_hook(entry)
    after = add_hook(text, source, hook)
    return after if after and load_document(after, "x").data == with_hook(source.data, hook) else None


HOOK = r"""- repo: local
  hooks:
  - id: dot-check
    name: dot check
    entry: dot check
    language: system
    pass_filenames: false
    files: (^|/)(dot_vars|dot_environments(\.user)?|dbt_project|profiles)\.yml$
"""
INDENTED = r"""  - repo: local
    hooks:
      - id: dot-check
        name: dot check
        entry: dot check
        language: system
        pass_filenames: false
        files: (^|/)(dot_vars|dot_environments(\.user)?|dbt_project|profiles)\.yml$
"""


@each(
    ("before", "hook", "after"),
    [
        ("repos:\n- repo: meta\n  hooks: []\n", HOOK, ""),
        ("repos:\n- repo: meta\n  hooks: []", f"\n{HOOK}", ""),
        ("# a\nfail_fast: true\nrepos:\n  # b\n  - repo: meta # c\n    hooks: [{id: x}] # d\n", INDENTED, "\n# e\n"),
        ("repos:\n- repo: meta\n  hooks:\n  - id: x\n    args: [\n      a,\n    ]\n", HOOK, "\n# ci\nci: {}\n"),
        ("repos:\r\n-   repo: meta\r\n    hooks: []\r\n", HOOK.replace("\n", "\r\n"), "ci: {}\r\n"),
    ],
)
def test_the_hook_is_added_behind_the_others(before: str, hook: str, after: str) -> None:
    assert hooked(before + after) == f"{before}{hook}{after}"


@each(
    "text",
    [
        "",
        "repos: []\n",
        "repos: [{repo: meta}]\n",
        "repos:\n-\n  repo: meta\n",
        "- repo: meta\n",
        "repos:\n- repo: meta\n  x: |\n    a\n    # no comment\n",
    ],
)
def test_a_list_whose_end_cannot_be_seen_is_left_alone(text: str) -> None:
    assert hooked(text) is None


@each("entry", ["dot check --project-dir a/b", "dot check --project-dir 'my shop: #1'", 'é: "b"'])
def test_the_hook_runs_the_command_that_it_is_given(entry: str) -> None:
    after = hooked("repos:\n- repo: meta\n", entry)
    assert load_document(after or "", "x").data["repos"][1]["hooks"][0]["entry"] == entry


@each(
    ("data", "expected"),
    [
        (None, False),
        ([], False),
        ({"repos": None}, False),
        ({"repos": [{"repo": "local", "hooks": [{"id": "x"}]}, 1, {"hooks": None}]}, False),
        ({"repos": [{"repo": "https://example.com/dot", "hooks": [1, {"id": "x"}, {"id": "dot-check"}]}]}, True),
    ],
)
def test_a_hook_that_is_there_is_seen(data: Any, expected: bool) -> None:  # noqa: FBT001
    assert has_hook(json.loads(json.dumps(data))) == expected


def test_the_hook_is_offered() -> None:
    offer = offer_hook(file("repos:\n", ".pre-commit-config.yaml"), "repos: []\n")
    question = "run `dot check` from .pre-commit-config.yaml, before a commit that changes configuration?"
    assert (offer.question, offer.edit.before, offer.edit.after) == (question, "repos:\n", "repos: []\n")
