"""`uv run` installs versions that were tested together: every package that pyproject.toml names is held to one."""

import re
import tomllib
from pathlib import Path

PROJECT = tomllib.loads((Path(__file__).parent.parent / "pyproject.toml").read_text("utf-8"))


def names_of(requirements: list[str]) -> set[str]:
    """The packages, spelled as they are compared."""
    return {re.sub(r"[-_.]+", "-", re.split(r"[^\w.-]", text)[0]).lower() for text in requirements}


def test_every_package_that_is_named_is_held_to_a_version() -> None:
    project, uv = PROJECT["project"], PROJECT["tool"]["uv"]
    lists = (
        project["dependencies"],
        *project["optional-dependencies"].values(),
        *PROJECT["dependency-groups"].values(),
    )
    named = set().union(*map(names_of, lists))

    assert "pydantic" in named
    assert named - names_of(uv["constraint-dependencies"]) == set()
    assert names_of(PROJECT["build-system"]["requires"]) - names_of(uv["build-constraint-dependencies"]) == set()


def test_a_version_is_one_version_and_names_no_place_to_get_it_from() -> None:
    uv = PROJECT["tool"]["uv"]

    assert [
        text
        for key in ("constraint-dependencies", "build-constraint-dependencies")
        for text in uv[key]
        if not re.fullmatch(r"[a-z0-9-]+==[\w.]+( ; [^/]+)?", text)
    ] == []
