"""`dot builds`: every build, the newest run first."""

import sys
from datetime import UTC, datetime

from dot.base.text_diff import render_count
from dot.base.wording import NOTHING, describe_size
from dot.builds.gather_builds import list_builds
from dot.builds.listing import ListedBuild, Listing, describe_built, describe_since
from dot.config.find_settings import follow_settings
from dot.console import Console
from dot.console.shell import read_shell
from dot.console.tables import Cell, write_rows
from dot.console.terminal import read_size, write, write_exactly
from dot.dbt.project import find_project

HEADERS = ("build", "commit", "built", "size", "since then", "reached from")

_AROUND, _FEWEST = 3, 8
"""Lines of the screen that are no build's, such as the next prompt; and how many builds are shown on any."""


def run(project_dir: str | None, console: Console, *, as_json: bool, everything: bool = False) -> int:
    """Print the builds of the project, as data or for a person, who sees those that fit. Raises `DotError`."""
    shell = read_shell()
    project = find_project(shell.cwd, project_dir, shell.environ)
    if as_json:
        builds, _ = list_builds(project)
        write_exactly(Listing(builds=builds).model_dump_json(indent=2))
        return 0
    follow_settings(project, shell)
    size = None if everything else read_size(sys.stdout)
    builds, count = list_builds(project, max(_FEWEST, size.lines - _AROUND) if size else None)
    if builds:
        now = datetime.now(UTC)
        write_rows(HEADERS, [_describe(build, now) for build in builds])
    else:
        console.say("no builds yet; `dot build @<branch, tag or commit>` makes one")
    if more := count - len(builds):
        write(f"and {render_count(more, 'older build')}: `dot builds --all`")
    return 0


def _describe(build: ListedBuild, now: datetime) -> tuple[Cell, ...]:
    return (
        Cell(build.address, "cyan"),
        Cell(build.subject or NOTHING, is_flexible=True),
        Cell(describe_built(build, now), "red" if build.built_exit_code else "green"),
        Cell(describe_size(build.size)),
        Cell(describe_since(build), "red" if build.exit_code else ""),
        Cell(", ".join(build.reached_from) or NOTHING, is_flexible=True),
    )
