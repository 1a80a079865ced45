"""The examples of docs/ci.md are YAML, name options that exist, and their shell lines do what the page says."""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from builders import PROJECT, commit, git, make_fake_dbt, make_repo, make_tree, read_calls, read_commands
from cases import each
from dot.dbt.option_table import COMMANDS as DBT_OPTIONS
from dot.dbt.options import takes

PAGE = Path(__file__).parent.parent / "docs" / "ci.md"
COMMANDS = read_commands()


def read_blocks(text: str) -> list[Any]:
    """What the YAML blocks of a page hold."""
    return [yaml.safe_load(block) for block in re.findall(r"^```yaml\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)]


BLOCKS = read_blocks(PAGE.read_text("utf-8"))
WORKFLOWS = [block for block in BLOCKS if "jobs" in block]
(DIFF,) = (block for block in WORKFLOWS if "diff" in block["jobs"])


def read_scripts(block: Any) -> Iterator[str]:
    """The shell lines anywhere in a block: those of `run:`, and those of GitLab's `script:`."""
    for item in block if isinstance(block, list) else [block] if isinstance(block, dict) else []:
        for key, value in item.items() if isinstance(item, dict) else ():
            if key == "run" and isinstance(value, str):
                yield value
            elif key == "script":
                yield from value
            else:
                yield from read_scripts(value)


def read_dot_commands() -> list[str]:
    lines = [line for block in BLOCKS for script in read_scripts(block) for line in script.splitlines()]
    return [line.partition(">")[0] for line in lines if line.startswith("dot ")]


def find_unknown_options(command: str) -> list[str]:
    """The options that neither dot nor dbt has for the command."""
    words = shlex.split(command)[1:]
    name = next(name for name in sorted(COMMANDS, key=len, reverse=True) if words[: len(name.split())] == name.split())
    known = {"--", *(option for param in COMMANDS[name].params for option in param.opts)}
    is_dbts = name in DBT_OPTIONS[1]
    options = [word for word in words if word.startswith("-") and word not in known]
    return [option for option in options if not is_dbts or not takes(name, option)]


@each("command", read_dot_commands())
def test_a_command_of_the_examples_has_options_that_exist(command: str) -> None:
    assert find_unknown_options(command) == []


def test_an_option_that_does_not_exist_would_be_found() -> None:
    assert find_unknown_options("dot build a@b --defers a@c -- --selects x") == ["--defers", "--selects"]
    assert {command.split()[1] for command in read_dot_commands()} == {"build", "check", "diff", "parse"}


@each("workflow", WORKFLOWS)
def test_a_workflow_says_what_it_may_do_and_takes_no_secret_into_a_shell_line(workflow: dict[str, Any]) -> None:
    scripts = list(read_scripts(workflow))
    assert workflow["permissions"]
    assert scripts
    assert [script for script in scripts if "${{" in script] == []


@each("workflow", WORKFLOWS)
def test_a_workflow_checks_out_the_whole_history(workflow: dict[str, Any]) -> None:
    (job,) = workflow["jobs"].values()
    checkouts = [step["with"] for step in job["steps"] if step.get("uses", "").startswith("actions/checkout@")]
    assert [given.get("fetch-depth") for given in checkouts] == [0]


GH = """#!/bin/sh
case "$*" in
*--jq*) echo "$COMMENT" ;;
*) echo "$@" >>"$GH_LOG" ;;
esac
"""


def make_programs(folder: Path) -> None:
    """`dot`, and a `gh` that writes down what it is asked for, and lists the comment $COMMENT."""
    make_fake_dbt(folder)
    for name, text in {"dot": f'#!/bin/sh\nexec "{sys.executable}" -m dot "$@"\n', "gh": GH}.items():
        (make_tree(folder, {name: text}) / name).chmod(0o755)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """What the job checks out: the head of a pull request, detached, while `main` has gone on."""
    profiles = {"profiles.yml": str(PROJECT["profiles.yml"]).replace("prod:", "ci:")}
    work = make_repo(tmp_path / "work", {**PROJECT, **profiles})
    git(work, "switch", "--quiet", "--create", "change")
    make_tree(work, {"models/a.sql": "select 2 as id\n"})
    commit(work, "change")
    git(work, "switch", "--quiet", "main")
    commit(work, "others")
    git(tmp_path, "clone", "--quiet", "--bare", str(work), "origin.git")
    git(tmp_path, "clone", "--quiet", str(tmp_path / "origin.git"), "checkout")
    git(tmp_path / "checkout", "switch", "--quiet", "--detach", "origin/change")
    return tmp_path / "checkout"


def run_job(job: Mapping[str, Any], checkout: Path, environ: dict[str, str]) -> None:
    """The shell lines of a job, as a runner runs them: what they write for later steps reaches them."""
    around = checkout.parent
    environ |= {"GITHUB_ENV": str(around / "env"), "GITHUB_STEP_SUMMARY": str(around / "summary.md")}
    for step in job["steps"]:
        if "run" in step and not step["run"].startswith("pip "):
            subprocess.run(["bash", "-e", "-c", step["run"]], cwd=checkout, env=environ, check=True)
            lines = (around / "env").read_text().splitlines() if (around / "env").exists() else []
            environ |= dict(line.split("=", 1) for line in lines)


@pytest.mark.parametrize(
    ("comment", "expected"),
    [
        ("", "api repos/shop/shop/issues/7/comments --field body=@diff.md --silent\n"),
        ("42", "api repos/shop/shop/issues/comments/42 --method PATCH --field body=@diff.md --silent\n"),
    ],
)
def test_the_job_builds_both_commits_and_comments_once(
    comment: str, expected: str, checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    around = checkout.parent
    make_programs(around / "bin")
    monkeypatch.setenv("PATH", str(around / "bin"), prepend=os.pathsep)
    given = {"FAKE_DBT_LOG": str(around / "calls.jsonl"), "GH_LOG": str(around / "gh.log"), "COMMENT": comment}
    known = {"BRANCH": "main", "NUMBER": "7", "GITHUB_REPOSITORY": "shop/shop", "PAGE": "the-page"}

    run_job(DIFF["jobs"]["diff"], checkout, {**os.environ, **given, **known})

    base, head = (git(checkout, "rev-parse", ref) for ref in ("HEAD^", "HEAD"))
    builds = [call for call in read_calls(around / "calls.jsonl") if call.argv[0] == "build"]
    assert [call.env["DOT_COMMIT"] for call in builds] == [base, head]
    assert "--defer" in builds[1].argv
    assert (around / "gh.log").read_text() == expected
    text = (checkout / "diff.md").read_text("utf-8")
    assert text.startswith("<!-- dot diff -->\n")
    assert text.endswith("(the-page)\n")
    assert (around / "summary.md").read_text("utf-8") == text
    assert (checkout / "diff.html").is_file()
