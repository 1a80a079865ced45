"""The dbt commands, and each once more below `dot plan`."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from dot.cli.groups import PANELS, DbtCommand, Group
from dot.cli.guard import guard, open_console
from dot.cli.parameters import PROJECT_DIR, QUIET, VERBOSE, declare, flag, value

DBT_COMMANDS = {
    "build": "Run seeds, models, snapshots and tests in the graph's order",
    "clean": "Delete the folders that the project's `clean-targets` name",
    "clone": "Clone relations from a baseline (`--defer env@ref`)",
    "compile": "Write the compiled SQL into the target folder",
    "debug": "Show dbt's versions and test the connection",
    "deps": "Install the packages that the project declares",
    "init": "Make a new dbt project",
    "list": "List the nodes of the project",
    "ls": "The same as `list`",
    "parse": "Read the project and write its manifest",
    "retry": "Run again what failed in the last run",
    "run": "Run models",
    "run-operation": "Run a macro",
    "seed": "Load seeds",
    "show": "Show the rows of a model or a query",
    "snapshot": "Run snapshots",
    "test": "Run tests",
}
DBT_GROUPS = {
    "docs": (
        "Write or serve the documentation",
        {"generate": "Write the documentation site", "serve": "Serve the documentation site"},
    ),
    "source": ("Check the sources", {"freshness": "Check how fresh the sources are"}),
}
DBT_NAMES = sorted((*DBT_COMMANDS, *DBT_GROUPS))
EXAMPLES = {
    "build": "build dev@feature/x --select state:modified+ --defer dev@main",
    "clone": "clone dev@feature/x --defer dev@main",
    "init": "init -- my_project",
    "list": "list dev@main --select tag:daily",
    "ls": "ls dev@main --select tag:daily",
    "run": "run dev@main --select my_model+ --full-refresh",
    "run-operation": "run-operation grant_all dev@main --args '{role: reporter}'",
    "show": "show dev@main --select my_model --limit 5",
    "test": "test dev@main --exclude tag:slow",
}
"""How a command is used; those that are not here differ in nothing but their name."""

# Every parameter of the dbt commands, declared once: name in Python, type, default.
_WHAT = "An environment, a git ref, or both; with a ref it is an isolated build"
ADDRESS = ("address", Annotated[str, typer.Argument(metavar="[ENVIRONMENT][@REF]", show_default=False, help=_WHAT)], "")
MACRO = ("macro", Annotated[str, typer.Argument(metavar="MACRO", show_default=False, help="The macro to run")], ...)


OPTIONS: tuple[tuple[str, Any, Any], ...] = (
    value("defer", "[ENVIRONMENT]@REF", "Take what is not there from that build"),
    flag("no_defer", "Leave out the build's baseline, once"),
    flag("no_deps", "Do not install packages first"),
    flag("allow_leaks", "Build even if it writes elsewhere"),
    value("vars", "YAML", "Variable values on top of the environment's"),
    PROJECT_DIR,
    VERBOSE,
    QUIET,
)
DRY_RUN = flag("dry_run", "Print the plan, do nothing")
PROMPTS = flag("disable_prompts", "Ask nothing before this run")
AS_JSON = ("as_json", Annotated[bool, typer.Option("--json", help="Print the plan as JSON")], False)
OUT = value("out", "FILE", "Save the plan, for `dot apply`")


def dbt_command(name: str, *, is_plan: bool) -> Callable[..., None]:
    """The function behind one dbt command, or behind its plan."""

    def command(ctx: typer.Context, **given: Any) -> None:
        def action() -> int:
            from dot.commands.head_start import giving_head_start, is_worth_it
            from dot.console.shell import read_shell

            is_shown = is_plan or given["dry_run"]
            is_wanted = not is_shown and is_worth_it(name, given["address"])
            with giving_head_start(read_shell(), is_wanted=is_wanted) as head_start:
                from dot.base.address import parse_address
                from dot.commands.dbt import run
                from dot.commands.way import Mode, Way
                from dot.plan.gather_baseline import read_baseline
                from dot.plan.request import DbtRequest

                mode = Mode.EXPLAIN if is_shown else Mode.EXECUTE
                typed, extra = ctx.obj
                defer, folder = given["defer"], Path(given["project_dir"] or "")
                request = DbtRequest(
                    dbt_command=name,
                    address=parse_address(given["address"]),
                    baseline=None if defer is None else read_baseline(defer, folder),
                    no_defer=given["no_defer"],
                    arguments=(given["macro"],) if "macro" in given else (),
                    typed=typed,
                    extra=extra,
                    vars=given["vars"],
                    install_packages=not given["no_deps"],
                    allow_leaks=given["allow_leaks"],
                    project_dir=given["project_dir"],
                )
                mode = Mode.JSON if given.get("as_json") else mode
                console = open_console(given["verbose"] - given["quiet"], may_ask=not given.get("disable_prompts"))
                return run(request, Way(mode, console, head_start), out=given.get("out"))

        guard(action)

    extra = (AS_JSON, OUT) if is_plan else (DRY_RUN, PROMPTS)
    arguments = (MACRO, ADDRESS) if name == "run-operation" else (ADDRESS,)
    declare(command, (*arguments, *OPTIONS, *extra))
    return command


def make_dbt_command(name: str, *, is_plan: bool) -> Any:
    """The command or group of commands of this name, to run it or to plan it."""
    options: dict[str, Any] = {"add_completion": False, "rich_markup_mode": None}
    if name in DBT_COMMANDS:
        made = typer.Typer(**options)
        _add(made, name, DBT_COMMANDS[name], is_plan=is_plan)
        return typer.main.get_command(made)
    text, commands = DBT_GROUPS[name]
    made = typer.Typer(cls=Group, name=name, help=text, no_args_is_help=True, **options)
    for word, line in commands.items():
        _add(made, f"{name} {word}", line, is_plan=is_plan)
    group = typer.main.get_group(made)
    group.rich_help_panel = PANELS[0]
    return group


def _add(to: typer.Typer, full: str, text: str, *, is_plan: bool) -> None:
    example = f"dot {'plan ' if is_plan else ''}{EXAMPLES.get(full, f'{full} dev@main')}"
    to.command(full.rsplit(maxsplit=1)[-1], cls=DbtCommand, help=text, epilog=example, rich_help_panel=PANELS[0])(
        dbt_command(full, is_plan=is_plan)
    )


class DbtGroup(Group):
    """A group with every dbt command, each made when it is asked for: to make them all would cost every start."""

    is_plan = False

    def list_commands(self, ctx: Any) -> list[str]:
        return list(dict.fromkeys((*DBT_NAMES, *super().list_commands(ctx))))

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name in DBT_NAMES and cmd_name not in self.commands:
            self.add_command(make_dbt_command(cmd_name, is_plan=self.is_plan), cmd_name)
        return super().get_command(ctx, cmd_name)


class PlanGroup(DbtGroup):
    """`dot plan`, which has every dbt command once more."""

    is_plan = True
