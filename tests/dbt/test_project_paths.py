"""The paths of a project must stay in the worktree of its commit."""

from pathlib import PurePath
from typing import Any

import pytest

from cases import each
from dot.base.errors import Location
from dot.base.yaml_document import YamlDocument
from dot.dbt.project_paths import ProjectPath, concerns, find_strays, read_folders, read_local_packages

HERE = Location("a1b2c3d:./dbt_project.yml", 3)
SETTINGS = (
    *("model-paths", "seed-paths", "snapshot-paths", "analysis-paths", "macro-paths", "test-paths", "function-paths"),
    *("source-paths", "data-paths", "docs-paths", "osi-paths", "packages-install-path", "asset-paths", "clean-targets"),
)


def strays(setting: str, text: str, folder: str = ".") -> list[str]:
    return [problem.message for problem in find_strays([ProjectPath(setting, text, lambda: HERE)], PurePath(folder))]


def read(data: Any) -> YamlDocument:
    return YamlDocument("dbt_project.yml", data, (), {})


@pytest.mark.parametrize("setting", [*SETTINGS, "local"])
@pytest.mark.parametrize(
    "text", ["/srv/x", "..", "../x", "x/../../y", "./..", "//x", "\\x", "..\\x", "C:\\x", "c:/x", "~/x", "~ada"]
)
def test_a_path_that_leads_out_is_a_problem_at_its_place(setting: str, text: str) -> None:
    (problem,) = find_strays([ProjectPath(setting, text, lambda: HERE)], PurePath())
    assert f"`{setting}` leads out of the build's worktree, to `{text}`" in problem.message
    assert problem.location == HERE
    assert problem.hint


@pytest.mark.parametrize("setting", [*SETTINGS, "local"])
@pytest.mark.parametrize("text", [".", "x", "./x/", "x/../y", "..x", "x..", "x y/é", "a/b/../../c", ""])
def test_a_path_that_stays_is_none(setting: str, text: str) -> None:
    assert strays(setting, text) == []


def test_what_is_beside_the_project_is_of_the_same_commit() -> None:
    assert strays("model-paths", "../shared/models", "teams/shop") == []
    assert strays("local", "../..", "teams/shop") == []
    assert strays("local", "../../..", "teams/shop")


def test_assets_are_looked_for_in_the_target_folder_too() -> None:
    assert strays("asset-paths", "a/../b", "teams/shop") == []
    assert strays("asset-paths", "../b", "teams/shop")


def test_each_says_what_would_happen() -> None:
    assert "builds of two commits would share packages" in strays("packages-install-path", "/p")[0]
    assert "`docs generate` would remove what is there" in strays("asset-paths", "..")[0]
    assert "`clean` would remove what is there" in strays("clean-targets", "..")[0]
    assert "a build would read what is not in its commit" in strays("macro-paths", "..")[0]


def test_a_command_goes_by_what_it_uses() -> None:
    used = {
        name: [setting for setting in SETTINGS if concerns(ProjectPath(setting, "", lambda: HERE), name)]
        for name in WHO
    }
    assert {name: [setting for setting in SETTINGS if setting not in left] for name, left in WHO.items()} == used


WHO = {
    "build": ("asset-paths", "clean-targets"),
    "docs generate": ("clean-targets",),
    "clean": ("asset-paths",),
    "deps": ("asset-paths", "clean-targets"),
}


def test_a_project_goes_by_what_it_names_and_by_what_dbt_takes_instead() -> None:
    data = {"model-paths": ["a", "b"], "seed-paths": "c", "packages-install-path": 1, "macro-paths": None}
    found = [(path.setting, path.text) for path in read_folders(read(data))]
    assert found[:4] == [
        ("model-paths", "a"),
        ("model-paths", "b"),
        ("seed-paths", "c"),
        ("snapshot-paths", "snapshots"),
    ]
    assert ("macro-paths", "macros") in found
    assert ("packages-install-path", "1") in found
    assert not {"asset-paths", "clean-targets", "source-paths"} & {setting for setting, _ in found}


@each(
    ("data", "expected"),
    [
        ({"packages": [{"local": "../x"}, {"git": "g"}, {"local": 3}, "y", {"local": "z"}]}, ["../x", "z"]),
        ({"packages": {"local": "x"}}, []),
        ({"projects": []}, []),
        (None, []),
    ],
)
def test_local_packages_are_read_from_whatever_is_in_the_file(data: Any, expected: list[str]) -> None:
    assert [path.text for path in read_local_packages(read(data))] == expected
