"""The picture of a session that the README shows: whole in itself, and of the demo as it is today."""

import re
import runpy
from itertools import groupby
from pathlib import Path
from xml.etree import ElementTree as ET

from builders import git
from dot.commands.demo import BRANCH, make_project

ROOT = Path(__file__).parent.parent
PICTURE = ROOT / "docs" / "session.svg"
SCRIPT = runpy.run_path(str(ROOT / "scripts" / "record.py"))
SPACE = "{http://www.w3.org/2000/svg}"


def read_lines() -> list[str]:
    """What stands in the picture, line by line."""
    texts = ET.parse(PICTURE).getroot().iter(f"{SPACE}text")  # noqa: S314 - a file of our own
    lines = groupby(texts, key=lambda text: text.get("y"))
    whole = ("".join(text.text or "" for text in line) for _, line in lines)
    return [line.replace("\N{NO-BREAK SPACE}", " ").rstrip() for line in whole]


def test_the_picture_shows_the_commands_of_the_script_in_their_order() -> None:
    assert [line.removeprefix("$ ") for line in read_lines() if line.startswith("$ ")] == list(SCRIPT["COMMANDS"])


def test_the_picture_refers_to_nothing_outside_and_names_no_folder_of_the_machine() -> None:
    text = PICTURE.read_text("utf-8")
    assert re.findall(r"\w+://[^\"'\s]+", text) == ["http://www.w3.org/2000/svg"]
    assert re.findall(r"url\((?!#)|@import|@font-face|<script|<image", text) == []
    assert [line for line in read_lines() if re.search(r"(?<![\w.-])/\w+", line)] == []


def test_the_hashes_in_the_picture_are_those_of_the_demo(tmp_path: Path) -> None:
    make_project(tmp_path)
    expected = {git(tmp_path, "rev-parse", "--short", ref) for ref in ("main", BRANCH)}
    assert set(re.findall(r"(?<![\w-])[0-9a-f]{7}(?![\w-])", "\n".join(read_lines()))) == expected


def test_what_a_terminal_shows_no_longer_is_left_out() -> None:
    printed = "before\n\x1b[?25l- wait\r\x1b[2K\x1b[32m|\x1b[0m wait\n\x1b[?25h\r\x1b[1A\x1b[2Kafter\n"
    assert SCRIPT["ERASED"].sub("", printed) == "before\nafter\n"
