"""The commands of the pages that are about rows run with a real dbt, too: elsewhere there is nothing to compare."""

import shlex
from pathlib import Path

import pytest

from builders import run_dot
from dot.commands.demo import make_project
from pages import ROOT, read_shown_commands

pytestmark = [pytest.mark.e2e, pytest.mark.dbt2]  # a dozen starts of dbt each, of which dbt 1 would need minutes


@pytest.mark.parametrize("name", ["comparing", "review"])
def test_each_command_that_the_page_shows_does_what_it_is_shown_for(name: str, tmp_path: Path) -> None:
    make_project(tmp_path)
    outputs = {}
    for command in read_shown_commands((ROOT / "docs" / f"{name}.md").read_text("utf-8")):
        outcome = run_dot(tmp_path, *shlex.split(command)[1:])
        assert (command, outcome.exit_code) == (command, 0), outcome
        outputs[command] = outcome.stdout
    compared = [output for command, output in outputs.items() if command.startswith("dot diff ")]
    assert compared
    assert [output for output in compared if "55 → 49" not in output] == []
    shown = [output for command, output in outputs.items() if "--show-rows" in command]
    assert [output for output in shown if output.count("kind=refund") != 3] == []
