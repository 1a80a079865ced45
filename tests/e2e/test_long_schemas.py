"""PostgreSQL cuts names after 63 bytes without a word, which would put two commits into one schema."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from builders import PROJECT, git, make_repo, run_dot

if TYPE_CHECKING:
    from postgres import Server

pytestmark = pytest.mark.e2e

LIMIT = 63


def test_a_schema_of_63_bytes_is_built_and_a_longer_one_refused_before_anything_is_written(
    tmp_path: Path, postgres: "Server"
) -> None:
    """The custom schema of one model is what makes its schema too long, counted in bytes: `ß` has two."""
    profile = {"profiles.yml": f"shop:\n  target: dev\n  outputs:\n    dev: {postgres.profile('maß')}\n"}
    custom = "x" * (LIMIT - len("maß_1234567_".encode()))
    models = [f"{{{{ config(schema='{custom}{more}') }}}} select 1 as id\n" for more in ("", "y")]
    project = make_repo(tmp_path, {**PROJECT, **profile, "models/a.sql": models[0]}, {"models/a.sql": models[1]})
    hashes = [git(project, "rev-parse", "--short", ref) for ref in ("main~1", "main")]

    fitting, too_long = run_dot(project, "build", "dev@main~1"), run_dot(project, "build", "dev@main")

    assert [fitting.exit_code, too_long.exit_code] == [0, 4], fitting
    assert "a schema's name is longer than the warehouse allows" in too_long.stderr
    assert f"  maß_{hashes[1]}_{custom}y  (a)\n" in too_long.stderr
    expected = {f"maß_{hashes[0]}", f"maß_{hashes[0]}_{custom}"}
    names = {name for (name,) in postgres.query("select schema_name from information_schema.schemata")}
    assert {name for name in names if str(name).startswith("maß")} == expected
