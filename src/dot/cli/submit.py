"""`dot bundle submit`: a dbt command on a commit, run by Databricks."""

from typing import Annotated

import typer

from dot.cli.groups import PANELS, DotCommand
from dot.cli.guard import guard, open_console, see_help

_ADDRESS = typer.Argument(metavar="[ENVIRONMENT]@REF", show_default=False, help="The commit, and how it is built")
_REMOTE = typer.Option("--remote", metavar="NAME", help="Where Databricks fetches the commit")
_PROVIDER = typer.Option("--git-provider", metavar="NAME", help="Who hosts it, where the URL does not tell: gitHub, …")
_AGAIN = typer.Option("--again", help="Once more what was submitted before")
_ALLOW_LEAKS = typer.Option("--allow-leaks", help="Submit even if it writes elsewhere")
_VARS = typer.Option("--vars", metavar="YAML", help="Variable values on top of the environment's")
_DRY_RUN = typer.Option("--dry-run", help="Print the plan, do nothing")
_AS_JSON = typer.Option("--json", help="With `--dry-run`, print the plan as JSON")
_OUT = typer.Option("--out", metavar="FILE", help="With `--dry-run`, save the plan for `dot apply`")
_PROMPTS = typer.Option("--disable-prompts", help="Ask nothing: an interrupt cancels the run")
_PROJECT_DIR = typer.Option(metavar="FOLDER", help="The dbt project, if it is not here or above")
_VERBOSE = typer.Option("--verbose", "-v", help="Show each command before it runs")
_QUIET = typer.Option("--quiet", "-q", help="Say nothing but warnings and errors")


def register_submit(bundle: typer.Typer) -> None:
    """Add the command. What stands after `--` is the dbt command, with or without `dbt`."""

    @bundle.command(
        "submit",
        cls=DotCommand,
        rich_help_panel=PANELS[-1],
        epilog="dot bundle submit dev@main -- build --select tag:daily",
    )
    def submit(
        ctx: typer.Context,
        address: Annotated[str, _ADDRESS],
        *,
        remote: Annotated[str, _REMOTE] = "origin",
        git_provider: Annotated[str | None, _PROVIDER] = None,
        again: Annotated[bool, _AGAIN] = False,
        allow_leaks: Annotated[bool, _ALLOW_LEAKS] = False,
        vars_: Annotated[str | None, _VARS] = None,
        dry_run: Annotated[bool, _DRY_RUN] = False,
        as_json: Annotated[bool, _AS_JSON] = False,
        out: Annotated[str | None, _OUT] = None,
        disable_prompts: Annotated[bool, _PROMPTS] = False,
        project_dir: Annotated[str | None, _PROJECT_DIR] = None,
        verbose: Annotated[bool, _VERBOSE] = False,
        quiet: Annotated[bool, _QUIET] = False,
    ) -> None:
        """Have Databricks run a dbt command on a commit, in the build's own schema. It is checked here first."""

        def action() -> int:
            from datetime import UTC, datetime

            from dot.base.address import parse_address
            from dot.base.errors import UsageError
            from dot.commands.bundle_submit import run
            from dot.commands.way import Mode, Way
            from dot.plan.request import SubmitRequest

            if not dry_run and (as_json or out):
                asked = "--json" if as_json else "--out"
                raise UsageError.of(f"`{asked}` is of a plan: it needs `--dry-run`", hint=see_help(ctx))
            words = tuple(ctx.obj or ())
            words = words[words[:1] == ("dbt",) :]
            request = SubmitRequest(
                address=parse_address(address),
                dbt_command=words[0] if words else "build",
                words=words[1:],
                vars=vars_,
                allow_leaks=allow_leaks,
                again=datetime.now(UTC).isoformat(timespec="seconds") if again else None,
                remote=remote,
                provider=git_provider,
                project_dir=project_dir,
            )
            mode = Mode.EXECUTE if not dry_run else Mode.JSON if as_json else Mode.EXPLAIN
            console = open_console(verbose - quiet, may_ask=not disable_prompts)
            return run(request, Way(mode, console), out=out)

        guard(action)
