"""Where everything lives under `.dot/`."""

from pathlib import PurePosixPath

from cases import each
from dot.base.layout import Layout, parse_marker

PROJECT = PurePosixPath("/srv/shop")
HASH = "a1b2c3d4e5f60718293a4b5c6d7e8f9001122334"


def test_everything_stands_beside_the_project_file() -> None:
    layout = Layout(PROJECT)
    build = layout.build("a1b2c3d")
    environment = build.environment("dev")
    places = {
        "root": layout.root,
        "gitignore": layout.gitignore,
        "config": layout.config,
        "schemas": layout.schemas,
        "builds": layout.builds,
        "build": build.path,
        "worktree": build.worktree,
        "marker": build.marker,
        "packages": build.packages,
        "environment": environment.path,
        "live": layout.live("dev").path,
        "profiles": environment.profiles,
        "target": environment.target,
        "logs": environment.logs,
        "isolation": environment.isolation,
        "runs": environment.runs,
        "comparison": environment.comparison,
    }

    assert {name: place.relative_to(PROJECT).as_posix() for name, place in places.items()} == {
        "root": ".dot",
        "gitignore": ".dot/.gitignore",
        "config": ".dot/config.yml",
        "schemas": ".dot/schemas",
        "builds": ".dot/build",
        "build": ".dot/build/a1b2c3d",
        "worktree": ".dot/build/a1b2c3d/worktree",
        "marker": ".dot/build/a1b2c3d/commit",
        "packages": ".dot/build/a1b2c3d/packages",
        "environment": ".dot/build/a1b2c3d/env/dev",
        "live": ".dot/live/dev",
        "profiles": ".dot/build/a1b2c3d/env/dev/profiles.yml",
        "target": ".dot/build/a1b2c3d/env/dev/target",
        "logs": ".dot/build/a1b2c3d/env/dev/logs",
        "isolation": ".dot/build/a1b2c3d/env/dev/isolation.json",
        "runs": ".dot/build/a1b2c3d/env/dev/runs.jsonl",
        "comparison": ".dot/build/a1b2c3d/env/dev/diff",
    }


def test_a_lock_is_named_by_what_it_guards() -> None:
    assert Layout(PROJECT).lock("a1b2c3d") == PROJECT / ".dot/locks/a1b2c3d.lock"
    assert Layout(PROJECT).lock("a1b2c3d", "dev") == PROJECT / ".dot/locks/a1b2c3d-dev.lock"
    assert Layout(PROJECT).use("a1b2c3d", "dev") == PROJECT / ".dot/locks/a1b2c3d.used-by-dev.lock"


def test_the_deepest_folder_is_short_enough_for_windows() -> None:
    deepest = Layout(PROJECT).build(HASH[:12]).environment("eightchr").target.relative_to(PROJECT)

    assert len(str(deepest)) < 60


@each(
    ("text", "name", "commit"),
    [
        (f"{HASH}\n", "a1b2c3d", HASH),
        (HASH, "a1b2", HASH),
        (HASH * 2, HASH, None),
        (HASH, "a1b", None),
        (HASH, "d", None),
        (HASH, "b1b2c3d", None),
        (HASH, "", None),
        ("dev", "d", None),
        ("a1b2c3d", "a1b2c3d", None),
        (HASH.upper(), "A1B2C3D", None),
        (None, "a1b2c3d", None),
    ],
)
def test_a_marker_counts_when_it_holds_a_full_hash_that_begins_with_the_folders_name(
    text: str | None, name: str, commit: str | None
) -> None:
    assert parse_marker(text, name) == commit
