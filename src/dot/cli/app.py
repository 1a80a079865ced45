"""The program: every command, and the entry point."""

import atexit
import gc
import os
import sys
from collections.abc import Sequence
from contextvars import copy_context
from typing import Annotated

import typer

import dot
import dot.system.no_plugins  # before Typer has pydantic look at the first option
from dot.base.errors import DotError
from dot.cli.bundle import bundle, register_bundle
from dot.cli.dbt import DbtGroup, PlanGroup
from dot.cli.diff import register_diff
from dot.cli.groups import PANELS, CommandGroup, DotCommand
from dot.cli.guard import guard, open_console, open_standard_files, refuse, refuse_words
from dot.cli.scope import register_bundle_scope, register_scope
from dot.cli.submit import register_submit

_, BUILDS, LOOKING, SETTING_UP = PANELS
_UsageError = typer.BadParameter.__mro__[1]

_AsJson = Annotated[bool, typer.Option("--json", help="Print data as JSON")]
_Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Show each command before it runs")]
_Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing but warnings and errors")]
_DryRun = Annotated[bool, typer.Option("--dry-run", help="Print the plan, do nothing")]
_ProjectDir = Annotated[str | None, typer.Option(metavar="FOLDER", help="The dbt project, if it is not here or above")]

app = typer.Typer(
    cls=DbtGroup,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Build any git commit of a dbt project into a schema of its own.",
)


def _show_version(is_asked: bool) -> None:  # noqa: FBT001 - Typer's callback
    if is_asked:
        from dot.console.terminal import write

        write(f"dot {dot.__version__}")
        raise typer.Exit


@app.callback()
def _main(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show dot's version")
    ] = False,
) -> None:
    pass


plan = typer.Typer(cls=PlanGroup, rich_markup_mode=None, no_args_is_help=True)
register_diff(plan, is_plan=True)
app.add_typer(
    plan,
    name="plan",
    help="Show what a command would do, and do nothing. `--json` prints the plan as data, `--out FILE` saves it.",
    rich_help_panel=LOOKING,
)


@app.command(
    cls=DotCommand, rich_help_panel=BUILDS, epilog="dot plan build dev@main --out plan.json && dot apply plan.json"
)
def apply(
    file: Annotated[str, typer.Argument(metavar="FILE", show_default=False, help="What `dot plan … --out` saved")],
    *,
    dry_run: _DryRun = False,
    verbose: _Verbose = False,
    quiet: _Quiet = False,
) -> None:
    """Carry out a saved plan, unless anything has moved. What runs is exactly what was saved."""

    def action() -> int:
        from dot.commands.apply import run
        from dot.commands.way import Mode

        return run(file, Mode.EXPLAIN if dry_run else Mode.EXECUTE, open_console(verbose - quiet))

    guard(action)


register_diff(app)
register_scope(app)


@app.command(cls=DotCommand, rich_help_panel=LOOKING, epilog="dot check --project-dir transform")
def check(
    as_json: Annotated[bool, typer.Option("--json", help="Print what is wrong as JSON")] = False,
    vars_: Annotated[str | None, typer.Option("--vars", metavar="YAML", help="Variable values on top")] = None,
    project_dir: _ProjectDir = None,
    *,
    verbose: _Verbose = False,
    quiet: _Quiet = False,
) -> None:
    """Check every environment and setting without dbt."""

    def action() -> int:
        from dot.commands.check import run

        return run(project_dir, open_console(verbose - quiet), as_json=as_json, given=vars_)

    guard(action)


_SCHEMAS = "environments, vars, plan (what `dot plan --json` prints), job or pipeline (specs of a bundle)"


@app.command(cls=DotCommand, rich_help_panel=LOOKING, epilog="dot schema environments > environments.schema.json")
def schema(
    name: Annotated[str, typer.Argument(metavar="NAME", show_default=False, help=_SCHEMAS)],
    *,
    verbose: _Verbose = False,  # noqa: ARG001 - as every command has it: nothing is said but the schema
    quiet: _Quiet = False,  # noqa: ARG001
) -> None:
    """Print the JSON Schema of what dot reads or prints."""

    def action() -> int:
        from dot.commands.schema import run

        return run(name)

    guard(action)


builds = typer.Typer(cls=CommandGroup, rich_markup_mode=None, subcommand_metavar="[show ADDRESS]")
app.add_typer(builds, name="builds", rich_help_panel=BUILDS)


@builds.callback(invoke_without_command=True, epilog="dot builds show dev@main")
def _list_builds(
    ctx: typer.Context,
    *,
    everything: Annotated[bool, typer.Option("--all", help="Also those that do not fit on the terminal")] = False,
    as_json: _AsJson = False,
    project_dir: _ProjectDir = None,
    verbose: _Verbose = False,
    quiet: _Quiet = False,
) -> None:
    """List the builds that there are, the newest run first."""

    def action() -> int:
        from dot.commands.builds import run

        return run(project_dir, open_console(verbose - quiet), as_json=as_json, everything=everything)

    if not ctx.invoked_subcommand:
        guard(action)


@builds.command("show", cls=DotCommand, epilog="dot builds show dev@main")
def _show_build(
    ctx: typer.Context,
    address: Annotated[str, typer.Argument(metavar="ADDRESS", help="The build, as `[environment]@ref`")],
    *,
    as_json: _AsJson = False,
    project_dir: _ProjectDir = None,
    verbose: _Verbose = False,
    quiet: _Quiet = False,
) -> None:
    """Show what one build was made from and how its runs ended."""
    before = ctx.parent.params if ctx.parent else {}  # options may stand before `show` too

    def action() -> int:
        from dot.commands.show_build import run

        open_console(int(verbose or before["verbose"]) - int(quiet or before["quiet"]))
        return run(address, project_dir or before["project_dir"], as_json=as_json or before["as_json"])

    guard(action)


@app.command(cls=DotCommand, rich_help_panel=SETTING_UP, epilog="dot demo && cd dot-demo && dot builds")
def demo(
    folder: Annotated[
        str, typer.Argument(metavar="[FOLDER]", show_default=False, help="Where to make it; else in dot-demo")
    ] = "dot-demo",
    *,
    dry_run: _DryRun = False,
    verbose: _Verbose = False,
    quiet: _Quiet = False,
) -> None:
    """Build two commits of a small project and compare them. It is made in an empty folder, and needs DuckDB alone."""

    def action() -> int:
        from dot.commands.demo import run

        return run(folder, open_console(verbose - quiet, may_ask=False), is_dry=dry_run)

    guard(action)


@app.command(cls=DotCommand, rich_help_panel=SETTING_UP, epilog="dot setup --yes")
def setup(
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Make every change without asking")] = False,
    project_dir: _ProjectDir = None,
    *,
    dry_run: _DryRun = False,
    verbose: _Verbose = False,
    quiet: _Quiet = False,
) -> None:
    """Offer what a project lacks, each as a diff. An environments file, ignored files, editor settings, a hook."""

    def action() -> int:
        from dot.commands.setup import run

        return run(open_console(verbose - quiet), project_dir=project_dir, yes=yes, is_dry=dry_run)

    guard(action)


@app.command(cls=DotCommand, rich_help_panel=SETTING_UP, epilog="dot doctor --fix")
def doctor(
    fix: Annotated[bool, typer.Option("--fix", help="Mend what can be mended")] = False,
    project_dir: _ProjectDir = None,
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print what `--fix` would do, do nothing")] = False,
    verbose: _Verbose = False,
    quiet: _Quiet = False,
) -> None:
    """Check what builds need, and what is left of them. Git, dbt, profile, connection, `.dot/`, worktrees, locks."""

    def action() -> int:
        from dot.commands.doctor import run

        return run(open_console(verbose - quiet), fix=fix, is_dry=dry_run, project_dir=project_dir)

    guard(action)


register_bundle(app)
register_bundle_scope(bundle)
register_submit(bundle)


def split_dbt_arguments(argv: Sequence[str]) -> tuple[list[str], tuple[str, ...]]:
    """What is dot's, and what stands after the first `--` and is dbt's."""
    words = list(argv)
    if "--" not in words:
        return words, ()
    place = words.index("--")
    return words[:place], tuple(words[place + 1 :])


def _answer_shell(name: str, request: str) -> None:
    """Answer a shell that asks what may follow, and end the program. Where Typer has to answer, nothing happens."""
    from dot.complete.find_answers import answer
    from dot.console.terminal import write_exactly

    if answered := answer(typer.main.get_command(app), name, request, os.environ):
        text, exit_code = answered
        if text:
            write_exactly(text)
        sys.exit(exit_code)


def _mend_zsh_script() -> None:
    """Have Typer's script answer the first TAB of a zsh, at which it is loaded; else it only registers itself then."""
    from typer import _completion_shared

    scripts = _completion_shared._completion_scripts  # noqa: SLF001 - there is no other way to it
    register = "compdef %(complete_func)s %(prog_name)s"
    mended = f"if [[ $funcstack[1] == _%(prog_name)s ]]; then %(complete_func)s; else {register}; fi"
    scripts["zsh"] = scripts["zsh"].replace(f"\n{register}", f"\n{mended}")


def main(argv: Sequence[str] | None = None) -> None:
    """The entry point of `dot` and `dot-for-dbt`. What a run sets for all of it ends with it."""
    open_standard_files()
    copy_context().run(_run, argv)


def _run(argv: Sequence[str] | None) -> None:
    gc.disable()  # a short-lived process: collecting garbage costs more than it frees
    atexit.register(gc.freeze)  # nor is any looked for at its end
    own, extra = split_dbt_arguments(sys.argv[1:] if argv is None else argv)
    as_json = "--json" in own
    name = "dot-for-dbt" if sys.argv[0].endswith("dot-for-dbt") else "dot"
    request = os.environ.get(f"_{name.replace('-', '_').upper()}_COMPLETE")
    if request:
        _answer_shell(name, request)
    if {"--install-completion", "--show-completion"} & set(own):
        _mend_zsh_script()
    try:
        code = app(args=own, obj=extra, prog_name=name, standalone_mode=False)
    except DotError as error:
        code = 0 if request else refuse(error, as_json=as_json)  # nobody wants to read it in the middle of a line
    except _UsageError as error:
        code = refuse_words(error, as_json=as_json)
    sys.exit(code if isinstance(code, int) else 0)
