"""`dot scope`: what a range of commits touches."""

from typing import Annotated

import typer

from dot.cli.groups import PANELS, DotCommand
from dot.cli.guard import guard, open_console

_BASE = typer.Argument(metavar="BASE", show_default=False, help="A branch, tag or commit; empty or zeros for none")
_HEAD = typer.Argument(metavar="[HEAD]", show_default=False, help="The same; else what is checked out")
_MERGE_BASE = typer.Option("--merge-base", help="From where base and head part, as for a pull request")
_ENVIRONMENT = typer.Option("--environment", metavar="NAME", help="Whose builds to go by; else the default one's")
_FORM = typer.Option("--format", metavar="text|json|dbt-select", help="How to print the answer")
_AS_JSON = typer.Option("--json", help="The same as `--format json`")
_CHILDREN = typer.Option("--children", help="With `dbt-select`, also all that reads what is touched")
_PROJECT_DIR = typer.Option(metavar="FOLDER", help="The dbt project, if it is not here or above")
_VERBOSE = typer.Option("--verbose", "-v", help="Show each command before it runs")
_QUIET = typer.Option("--quiet", "-q", help="Say nothing but warnings and errors")


def register_scope(app: typer.Typer) -> None:
    """Add the command."""

    @app.command(
        "scope",
        cls=DotCommand,
        rich_help_panel=PANELS[2],
        epilog="dot scope origin/main --merge-base --format dbt-select",
    )
    def scope(
        base: Annotated[str, _BASE],
        head: Annotated[str, _HEAD] = "HEAD",
        *,
        merge_base: Annotated[bool, _MERGE_BASE] = False,
        environment: Annotated[str | None, _ENVIRONMENT] = None,
        form: Annotated[str, _FORM] = "text",
        as_json: Annotated[bool, _AS_JSON] = False,
        children: Annotated[bool, _CHILDREN] = False,
        project_dir: Annotated[str | None, _PROJECT_DIR] = None,
        verbose: Annotated[bool, _VERBOSE] = False,
        quiet: Annotated[bool, _QUIET] = False,
    ) -> None:
        """Tell which nodes a range of commits touches. By the code of both builds if they are there, else by paths."""

        def action() -> int:
            from dot.commands.scope import run
            from dot.scope.gather_dbt import DbtScopeRequest

            request = DbtScopeRequest(
                base=base,
                head=head,
                mode="merge-base" if merge_base else "direct",
                environment=environment,
                project_dir=project_dir,
            )
            console = open_console(verbose - quiet)
            return run(request, "json" if as_json else form, console, with_children=children)

        guard(action)


_DEPLOYED = typer.Argument(
    metavar="BASE", show_default=False, help="What was deployed last; empty or zeros for nothing"
)
_TO_DEPLOY = typer.Option("--head", metavar="REF", help="What is to be deployed; else what is checked out")
_COMMAND = typer.Option("--format", metavar="text|json|command", help="How to print the answer")
_BUNDLE_DIR = typer.Option("--bundle-dir", metavar="FOLDER", help="The bundle, if it is not here or above")


def register_bundle_scope(bundle: typer.Typer) -> None:
    """Add the same of a Databricks bundle."""

    @bundle.command(
        "scope", cls=DotCommand, rich_help_panel=PANELS[-1], epilog='dot bundle scope "$LAST_DEPLOYED" --format command'
    )
    def scope(
        base: Annotated[str, _DEPLOYED],
        *,
        head: Annotated[str, _TO_DEPLOY] = "HEAD",
        merge_base: Annotated[bool, _MERGE_BASE] = False,
        form: Annotated[str, _COMMAND] = "text",
        as_json: Annotated[bool, _AS_JSON] = False,
        bundle_dir: Annotated[str | None, _BUNDLE_DIR] = None,
        verbose: Annotated[bool, _VERBOSE] = False,
        quiet: Annotated[bool, _QUIET] = False,
    ) -> None:
        """Tell what a range of commits makes it necessary to deploy. Whatever cannot be told deploys all."""

        def action() -> int:
            from dot.bundle.gather_scope import BundleScopeRequest
            from dot.commands.bundle_scope import run

            mode = "merge-base" if merge_base else "direct"
            request = BundleScopeRequest(base=base, head=head, mode=mode, bundle_dir=bundle_dir)
            return run(request, "json" if as_json else form, open_console(verbose - quiet))

        guard(action)
