"""`dot diff`, which has more options than a signature should."""

from collections.abc import Iterator
from typing import Annotated, Any

import typer

from dot.cli.groups import PANELS, DotCommand
from dot.cli.guard import guard, open_console
from dot.cli.parameters import PROJECT_DIR, QUIET, VERBOSE, Declared, declare, flag, value, values

_BASE = typer.Argument(metavar="BASE", show_default=False, help="A build, or a live environment")
_HEAD = typer.Argument(metavar="[HEAD]", show_default=False, help="The same; else the live default environment")
_BUDGET = typer.Option("--budget", metavar="SECONDS", help="Begin no comparison after this")
_ROWS = typer.Option("--rows", metavar="N", min=0, help="How many rows of each model to show")

PARAMETERS: tuple[Declared, ...] = (
    ("base", Annotated[str, _BASE], ...),
    ("head", Annotated[str, _HEAD], ""),
    values("select", "NODES", "Only these nodes, as dbt selects"),
    ("everything", Annotated[bool, typer.Option("--all", help="Compare what is the same in code, too")], False),
    values("key", "MODEL=COL[,COL]", "The columns that tell rows apart"),
    values("tolerance", "COL=N", "Numbers that differ by no more are the same"),
    value("where", "SQL", "Compare only rows for which this holds"),
    ("budget", Annotated[float | None, _BUDGET], None),
    flag("show_rows", "Show rows that differ"),
    ("rows", Annotated[int, _ROWS], 10),
    flag("build", "Build what is not built yet"),
    (
        "fail_on",
        Annotated[
            str, typer.Option(metavar="none|schema|data|any", help="What ends in exit code 1; 6 if nobody knows")
        ],
        "none",
    ),
    ("as_json", Annotated[bool, typer.Option("--json", help="Print the report, or the plan, as JSON")], False),
    flag("markdown", "Print the report as Markdown, for a pull request"),
    value("html", "FILE", "Write a page with a picture of the lineage"),
    PROJECT_DIR,
    VERBOSE,
    QUIET,
)


class _Diff(DotCommand):
    """`--select` takes all words up to the next option, as dbt's does, but for those that name a ref."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        return super().parse_args(ctx, list(_join_selected(args)))


def _join_selected(args: list[str]) -> Iterator[str]:
    """The words with those that `--select` takes as one."""
    rest = list(args)
    while rest:
        yield (word := rest.pop(0))
        if word == "--select" and rest:
            selected = [rest.pop(0)]
            while rest and not rest[0].startswith("-") and "@" not in rest[0]:
                selected.append(rest.pop(0))
            yield " ".join(selected)


DRY_RUN = flag("dry_run", "Print the plan, do nothing")
OUT = value("out", "FILE", "Save the plan, for `dot apply`")


def register_diff(to: typer.Typer, *, is_plan: bool = False) -> None:
    """Add the command, or the one that plans it."""

    def diff(ctx: typer.Context, **given: Any) -> None:  # noqa: ARG001 - what `declare` gives every function
        def action() -> int:
            from dot.commands.head_start import giving_head_start
            from dot.console.shell import read_shell

            is_shown = is_plan or given["dry_run"]
            with giving_head_start(read_shell(), is_wanted=not is_shown) as head_start:
                from dot.base.address import parse_address
                from dot.commands.diff import run
                from dot.commands.way import Mode, Way
                from dot.plan.request import DiffRequest

                request = DiffRequest(
                    base=parse_address(given["base"]),
                    head=parse_address(given["head"]),
                    select=tuple(given["select"] or ()),
                    everything=given["everything"],
                    keys=tuple(given["key"] or ()),
                    tolerances=tuple(given["tolerance"] or ()),
                    where=given["where"],
                    budget=given["budget"],
                    rows=given["rows"] if given["show_rows"] else 0,
                    build=given["build"],
                    fail_on=given["fail_on"],
                    html=given["html"],
                    form="markdown" if given["markdown"] else "json" if given["as_json"] and not is_plan else "text",
                    project_dir=given["project_dir"],
                )
                mode = Mode.EXECUTE if not is_shown else Mode.JSON if given["as_json"] else Mode.EXPLAIN
                way = Way(mode, open_console(given["verbose"] - given["quiet"]), head_start)
                return run(request, way, out=given.get("out"))

        guard(action)

    declare(diff, (*PARAMETERS, OUT if is_plan else DRY_RUN))
    text = "Compare two builds: code, columns and rows."
    epilog = f"dot {'plan ' if is_plan else ''}diff dev@main dev@feature/x --html report.html"
    to.command("diff", cls=_Diff, rich_help_panel=PANELS[1], help=text, epilog=epilog)(diff)
