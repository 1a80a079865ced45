"""dot looks for `profiles.yml` where dbt itself does, for the profile and target that dbt takes, and starts no dbt."""

import json
import os
import subprocess
import sys
from importlib.metadata import version
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from builders import PROJECT, make_tree
from dot.dbt.project import find_profiles_folder
from dot.dbt.variables import read_variables
from dot.profile.find_profile import ProfileSearch

pytestmark = pytest.mark.e2e

FOLDERS = ("project", "project/models", "runner", "empty")
ENVIRONMENTS: tuple[dict[str, str], ...] = (
    {},
    {"DBT_PROFILES_DIR": "../named"},
    {"DBT_PROFILES_DIR": ""},
    {"DBT_PROFILES_DIR": "~/.dbt"},
    {"DBT_ENGINE_PROFILES_DIR": "../engine", "DBT_PROFILES_DIR": "../named"},
)
FLAGS = (None, "../flag")
MORE = ("dotted", "dotted/below", "runner"), ({}, {"DBT_PROFILES_DIR": "", "WORD": "shell"}, {"HOME": "{place}/home"})
MIXED = {"HOME": "{place}/home", "DBT_ENGINE_PROFILE": "typed", "DBT_TARGET": ""}
CASES = (*product(FOLDERS, ENVIRONMENTS, FLAGS), *product(*MORE, (None,)), ("runner", MIXED, "../flag"))
THROUGH_THE_COMMAND = (0, 18, 39)
"""The cases that are put to the real `dbt` too: nothing given, the newer variable, everything given."""

ASK_DBT = """
import json, os, sys
from dbt.cli.main import dbtRunner
from dbt.flags import get_flags

answers = []
runner = dbtRunner()
for cwd, environ, words in json.load(sys.stdin):
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(environ)
    result = runner.invoke(words)
    assert result.success, result.exception
    flags = get_flags()
    answers.append((str(flags.PROFILES_DIR), flags.PROFILE, flags.TARGET))
json.dump(answers, open(sys.argv[1], "w"))
"""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A project with a profile, a folder with another profile, and an empty one."""
    files = {
        "runner/profiles.yml": "shop: {}\n",
        "empty/notes.txt": "",
        "dotted/.env": "WORD=file\nDBT_PROFILES_DIR=../named\nDBT_TARGET=${WORD}\nDBT_PROFILE='a b'\n",
        "dotted/below/notes.txt": "",
        "home/.dbt/user_settings.yml": "flags: {profiles_dir: ../mine, target: mine, profile: mine, threads: 2}\n",
    }
    return make_tree(tmp_path, files | {f"project/{name}": content for name, content in PROJECT.items()})


def words_of(place: Path, folder: str, flag: str | None) -> list[str]:
    project = [] if folder.startswith("project") else ["--project-dir", str(place / "project")]
    return ["debug", "--config-dir", *project, *(["--profiles-dir", flag] if flag else [])]


def environ_of(place: Path, environ: dict[str, str]) -> dict[str, str]:
    return {key: value.format(place=place) for key, value in environ.items()}


def ask_dot(place: Path, folder: str, environ: dict[str, str], flag: str | None) -> tuple[str, str | None, str | None]:
    """The folder, the profile and the target, where something else than the files of the project and dbt names them."""
    cwd, dbt = place / folder, version("dbt-core")
    with pytest.MonkeyPatch.context() as patch:
        for key, value in environ_of(place, environ).items():
            patch.setenv(key, value)
        where = ProfileSearch(cwd, read_variables(cwd, os.environ, dbt), dbt, place / "project")
        found = find_profiles_folder(cwd, flag, where.environ, dbt)
    return os.path.normpath(found), where.read_variable("profile"), where.read_variable("target")


def resolve(place: Path, folder: str, answer: str) -> str:
    """dbt's answer may be relative to where it ran."""
    return os.path.normpath(place / folder / answer)


def test_dot_finds_the_folder_that_dbt_finds_in_every_surrounding(place: Path) -> None:
    questions: list[Any] = [
        (str(place / folder), os.environ | environ_of(place, environ), words_of(place, folder, flag))
        for folder, environ, flag in CASES
    ]
    file = place / "answers.json"
    command = [sys.executable, "-c", ASK_DBT, str(file)]
    subprocess.run(command, input=json.dumps(questions), text=True, check=True, stdout=subprocess.PIPE)
    answers = json.loads(file.read_text())
    expected = {
        name(case): (resolve(place, case[0], folder), *others)
        for case, (folder, *others) in zip(CASES, answers, strict=True)
    }
    assert len(expected) == 49
    assert {name(case): ask_dot(place, *case) for case in CASES} == expected


@pytest.mark.parametrize("number", THROUGH_THE_COMMAND)
def test_dot_finds_the_folder_that_the_dbt_command_prints(number: int, place: Path) -> None:
    folder, environ, flag = CASES[number]
    command = [str(Path(sys.executable).with_name("dbt")), "--no-use-colors", *words_of(place, folder, flag)]
    done = subprocess.run(command, cwd=place / folder, env=os.environ | environ, check=True, stdout=subprocess.PIPE)
    answer = done.stdout.decode().strip().splitlines()[-1].partition(" ")[2]
    assert resolve(place, folder, answer) == ask_dot(place, *CASES[number])[0]


def name(case: tuple[str, dict[str, str], str | None]) -> tuple[str, str, str]:
    folder, environ, flag = case
    return (folder, str(environ), str(flag))


def test_the_surroundings_have_different_answers(place: Path) -> None:
    found = {Path(ask_dot(place, *case)[0]).relative_to(place.parent.parent) for case in CASES}
    assert len(found) > len(FOLDERS)
