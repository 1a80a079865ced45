"""The command line: parse, call one function of `commands/`, turn errors into a message and an exit code."""

import gc
import os
import sys
from collections.abc import Callable, Sequence
from inspect import Parameter, Signature
from typing import Annotated, Any, NoReturn

import typer
from typer.core import TyperGroup

import dot
from dot.errors import DotError, ExitCode

DBT_COMMANDS = {
    "build": "Run seeds, models, snapshots and tests in the order of the graph",
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
    "seed": "Load seeds",
    "show": "Show the rows of a model or a query",
    "snapshot": "Run snapshots",
    "test": "Run tests",
}
DOCS_COMMANDS = {"generate": "Write the documentation site", "serve": "Serve the documentation site"}
SOURCE_COMMANDS = {"freshness": "Check how fresh the sources are"}


class Group(TyperGroup):
    """A group whose help has one paragraph a panel, and that takes its commands' options before the command too."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        return super().parse_args(ctx, self._move_options(ctx, args))

    def _move_options(self, ctx: Any, args: list[str]) -> list[str]:
        """`--no-deps build dev` becomes `build --no-deps dev`; what is no option of any command stays."""
        own = {name for param in self.params for name in (*param.opts, *param.secondary_opts)}
        self.list_commands(ctx)
        takes_value = _option_arity(self)
        leading: list[str] = []
        rest = list(args)
        while rest and rest[0].startswith("-"):
            name = rest[0].partition("=")[0]
            if name not in own and name not in takes_value:
                takes_value = _option_arity(self, ctx)
            if name in own or name not in takes_value:
                break
            count = 2 if takes_value[name] and "=" not in rest[0] else 1
            leading, rest = leading + rest[:count], rest[count:]
        return [rest[0], *leading, *rest[1:]] if rest and not rest[0].startswith("-") else args

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        panels: dict[str, list[tuple[str, str]]] = {}
        commands = [(name, command) for name in self.list_commands(ctx) if (command := self.get_command(ctx, name))]
        limit = formatter.width - 6 - max(len(name) for name, _ in commands)
        for name, command in commands:
            panel = getattr(command, "rich_help_panel", None)
            title = panel if isinstance(panel, str) else "Commands"
            panels.setdefault(title, []).append((name, command.get_short_help_str(limit)))
        for title, rows in panels.items():
            with formatter.section(title):
                formatter.write_dl(rows)


class PlanGroup(Group):
    """`dot plan`, whose commands are made when they are asked for: they would double the cost of every start."""

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        self._fill()
        return super().get_command(ctx, cmd_name)

    def list_commands(self, ctx: Any) -> list[str]:
        self._fill()
        return super().list_commands(ctx)

    def _fill(self) -> None:
        if not self.commands:
            made = typer.Typer(cls=Group, rich_markup_mode=None)
            _register(made, is_plan=True)
            self.commands.update(getattr(typer.main.get_command(made), "commands", {}))


def _option_arity(group: TyperGroup, ctx: Any = None) -> dict[str, bool]:
    """Every option of every command below the group, and whether it takes a value; with `ctx`, of unmade ones too."""
    found: dict[str, bool] = {}
    if ctx:
        group.list_commands(ctx)
    for command in group.commands.values():
        if isinstance(command, TyperGroup):
            found |= _option_arity(command, ctx)
        for param in command.params:
            if param.param_type_name == "option":
                found |= dict.fromkeys(param.opts, not getattr(param, "is_flag", False))
    return found


app = typer.Typer(
    cls=Group,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Build any git commit of a dbt project into a schema of its own.",
)
# Every parameter of the dbt commands, declared once: name in Python, type, default.
ADDRESS = ("address", Annotated[str, typer.Argument(metavar="[ENVIRONMENT][@REF]", show_default=False)], "")
MACRO = ("macro", Annotated[str, typer.Argument(metavar="MACRO", show_default=False)], ...)


def _flag(name: str, text: str, *short: str) -> tuple[str, Any, Any]:
    word = f"--{name.replace('_', '-')}"
    return (name, Annotated[bool, typer.Option(word, *short, help=text)], False)


def _value(name: str, metavar: str, text: str) -> tuple[str, Any, Any]:
    word = f"--{name.replace('_', '-')}"
    return (name, Annotated[str | None, typer.Option(word, metavar=metavar, help=text)], None)


OPTIONS: tuple[tuple[str, Any, Any], ...] = (
    _value("defer", "[ENVIRONMENT]@REF", "Take what is not selected from that build"),
    _flag("no_deps", "Do not install packages first"),
    _flag("allow_leaks", "Build even if it writes elsewhere"),
    _value("vars", "YAML", "Variable values on top of the environment's"),
    _value("project_dir", "FOLDER", "The dbt project, if it is not here or above"),
    _flag("verbose", "Show each command before it runs", "-v"),
    _flag("quiet", "Say nothing but warnings and errors", "-q"),
)
DRY_RUN = _flag("dry_run", "Print the plan, do nothing")
PROMPTS = _flag("disable_prompts", "Ask nothing before this run")
AS_JSON = ("as_json", Annotated[bool, typer.Option("--json", help="Print the plan as JSON")], False)


def dbt_command(name: str, *, is_plan: bool) -> Callable[..., None]:
    """The function behind one dbt command, or behind its plan."""

    def command(ctx: typer.Context, **given: Any) -> None:
        def action() -> int:
            from dot.commands.dbt import Mode, run
            from dot.commands.gather import Invocation
            from dot.console import Console

            mode = Mode.EXPLAIN if is_plan or given["dry_run"] else Mode.EXECUTE
            invocation = Invocation(
                dbt_command=name,
                address=given["address"],
                arguments=(given["macro"],) if "macro" in given else (),
                extra=ctx.obj or (),
                defer=given["defer"],
                vars=given["vars"],
                install_packages=not given["no_deps"],
                allow_leaks=given["allow_leaks"],
                project_dir=given["project_dir"],
            )
            return run(
                invocation, Mode.JSON if given.get("as_json") else mode, Console(given["verbose"] - given["quiet"])
            )

        guard(action)

    extra = (AS_JSON,) if is_plan else (DRY_RUN, PROMPTS)
    arguments = (MACRO, ADDRESS) if name == "run-operation" else (ADDRESS,)
    _declare(command, (*arguments, *OPTIONS, *extra))
    return command


def _declare(function: Callable[..., None], parameters: Sequence[tuple[str, Any, Any]]) -> None:
    """Give the function the signature from which Typer reads its arguments and options."""
    kind = Parameter.KEYWORD_ONLY
    declared = [
        Parameter(name, kind, annotation=annotation, default=Parameter.empty if default is ... else default)
        for name, annotation, default in parameters
    ]
    context = Parameter("ctx", Parameter.POSITIONAL_OR_KEYWORD, annotation=typer.Context)
    function.__signature__ = Signature([context, *declared])  # pyrefly: ignore
    function.__annotations__ = {"ctx": typer.Context} | {name: annotation for name, annotation, _ in parameters}


def guard(action: Callable[[], int]) -> NoReturn:
    """Run a command to its exit code; every failure becomes a message and a code, never a traceback."""
    try:
        code = action()
    except DotError as error:
        from dot.console import show_error

        show_error(error)
        code = error.exit_code
    except KeyboardInterrupt:
        code = ExitCode.INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or Python complains while it ends
        code = ExitCode.WORLD
    except Exception as error:  # noqa: BLE001 - the one place that turns a bug into a crash report
        from dot.console import show_crash

        show_crash(error)
        code = ExitCode.BUG
    raise typer.Exit(int(code))


def _show_version(is_asked: bool) -> None:  # noqa: FBT001 - Typer's callback
    if is_asked:
        from dot.console import write

        write(f"dot {dot.__version__}")
        raise typer.Exit


@app.callback()
def _main(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show dot's version")
    ] = False,
) -> None:
    pass


def _register(to: typer.Typer, *, is_plan: bool) -> None:
    for name, text in DBT_COMMANDS.items():
        to.command(name, help=text, rich_help_panel="dbt commands")(dbt_command(name, is_plan=is_plan))
    to.command("run-operation", help="Run a macro", rich_help_panel="dbt commands")(
        dbt_command("run-operation", is_plan=is_plan)
    )
    for group, text, commands in (
        ("docs", "Write or serve the documentation", DOCS_COMMANDS),
        ("source", "Check the sources", SOURCE_COMMANDS),
    ):
        below = typer.Typer(cls=Group, rich_markup_mode=None, no_args_is_help=True, help=text)
        for name, line in commands.items():
            below.command(name, help=line)(dbt_command(f"{group} {name}", is_plan=is_plan))
        to.add_typer(below, name=group, rich_help_panel="dbt commands")


_register(app, is_plan=False)
app.add_typer(
    typer.Typer(cls=PlanGroup, rich_markup_mode=None, no_args_is_help=True),
    name="plan",
    help="Show what a dbt command would do, and do nothing",
    rich_help_panel="looking",
)


@app.command(rich_help_panel="setting up")
def demo(
    folder: Annotated[str, typer.Argument(metavar="[FOLDER]", show_default=False)] = "dot-demo",
) -> None:
    """Make a small dbt project in an empty folder and build two of its commits with DuckDB."""

    def action() -> int:
        from dot.commands.demo import run
        from dot.console import Console

        return run(folder, Console())

    guard(action)


@app.command(rich_help_panel="setting up")
def doctor(
    fix: Annotated[bool, typer.Option("--fix", help="Mend what can be mended")] = False,
) -> None:
    """Check what builds need: git, dbt, the profile and its connection, `.dot/`, worktrees and locks."""

    def action() -> int:
        from dot.commands.doctor import run
        from dot.console import Console

        return run(Console(), fix=fix)

    guard(action)


def split_dbt_arguments(argv: Sequence[str]) -> tuple[list[str], tuple[str, ...]]:
    """What is dot's, and what stands after the first `--` and is dbt's."""
    words = list(argv)
    if "--" not in words:
        return words, ()
    place = words.index("--")
    return words[:place], tuple(words[place + 1 :])


def main(argv: Sequence[str] | None = None) -> None:
    """The entry point of `dot` and `dot-for-dbt`."""
    gc.disable()  # a short-lived process: collecting garbage costs more than it frees
    own, extra = split_dbt_arguments(sys.argv[1:] if argv is None else argv)
    app(args=own, obj=extra, prog_name="dot-for-dbt" if sys.argv[0].endswith("dot-for-dbt") else "dot")
