"""`dot bundle`: the commands for Databricks bundles."""

from typing import Annotated, Any

import typer

from dot.cli.groups import PANELS, DotCommand, Group
from dot.cli.guard import guard, open_console

PANEL = PANELS[-1]

_BundleDir = Annotated[
    str | None, typer.Option("--bundle-dir", metavar="FOLDER", help="The bundle, if it is not here or above")
]
_DryRun = Annotated[bool, typer.Option("--dry-run", help="Show which files would be written, do nothing")]
_Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Show each command before it runs")]
_Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing but warnings and errors")]

bundle = typer.Typer(cls=Group, rich_markup_mode=None, no_args_is_help=True)


def register_bundle(app: typer.Typer) -> None:
    """Add the commands for bundles to the program."""
    app.add_typer(bundle, name="bundle", help="Databricks bundles, made from strict specs.", rich_help_panel=PANEL)


@bundle.command(cls=DotCommand, rich_help_panel=PANEL, epilog="dot bundle init platform --name platform")
def init(
    folder: Annotated[str, typer.Argument(metavar="FOLDER", show_default=False, help="Where to make it")],
    *,
    name: Annotated[str | None, typer.Option("--name", metavar="NAME", help="What the bundle is called")] = None,
    dry_run: _DryRun = False,
    verbose: _Verbose = False,
    quiet: _Quiet = False,
) -> None:
    """Make a bundle with everything but its sources. What is there already stays as it is."""

    def action() -> int:
        from dot.commands.bundle_init import run

        return run(folder, name, open_console(verbose - quiet), dry_run=dry_run)

    guard(action)


@bundle.command(cls=DotCommand, rich_help_panel=PANEL, epilog="dot bundle add sales crm")
def add(
    domain: Annotated[str, typer.Argument(metavar="DOMAIN", show_default=False, help="Its catalog is called the same")],
    source: Annotated[str, typer.Argument(metavar="SOURCE", show_default=False, help="Its schema is called the same")],
    *,
    dry_run: _DryRun = False,
    bundle_dir: _BundleDir = None,
    verbose: _Verbose = False,
    quiet: _Quiet = False,
) -> None:
    """Make the folders of one more source. What is there already stays as it is."""

    def action() -> int:
        from dot.bundle.layout import Scope
        from dot.commands.bundle_add import run

        return run(Scope(domain, source), bundle_dir, open_console(verbose - quiet), dry_run=dry_run)

    guard(action)


_Check = Annotated[
    bool, typer.Option("--check", help="Write nothing; exit with 1 where a module is not as its spec says")
]
_Specs = Annotated[list[str], typer.Argument(metavar="SPEC...", show_default=False, help="Files below `specs/`")]


@bundle.command(cls=DotCommand, rich_help_panel=PANEL, epilog="dot bundle job specs/jobs/sales/crm/customers.yml")
def job(
    specs: _Specs,
    *,
    check: _Check = False,
    dry_run: _DryRun = False,
    bundle_dir: _BundleDir = None,
    verbose: _Verbose = False,
    quiet: _Quiet = False,
) -> None:
    """Write the modules of these jobs. Everything that is wrong with their specs is said at once."""
    _generate(verbose - quiet, check=check, dry_run=dry_run, kind="job", specs=specs, bundle_dir=bundle_dir)


@bundle.command(
    cls=DotCommand, rich_help_panel=PANEL, epilog="dot bundle pipeline specs/pipelines/sales/crm/customers.yml"
)
def pipeline(
    specs: _Specs,
    *,
    check: _Check = False,
    dry_run: _DryRun = False,
    bundle_dir: _BundleDir = None,
    verbose: _Verbose = False,
    quiet: _Quiet = False,
) -> None:
    """Write the modules of these pipelines. Everything that is wrong with their specs is said at once."""
    _generate(verbose - quiet, check=check, dry_run=dry_run, kind="pipeline", specs=specs, bundle_dir=bundle_dir)


def _generate(verbosity: int, *, check: bool, dry_run: bool, **wanted: Any) -> None:
    def action() -> int:
        from dot.commands.bundle_generate import GenerateMode, Wanted, run

        mode = GenerateMode.CHECK if check else GenerateMode.SHOW if dry_run else GenerateMode.WRITE
        return run(Wanted(mode, **wanted), open_console(verbosity))

    guard(action)


@bundle.command(cls=DotCommand, rich_help_panel=PANEL, epilog="dot bundle generate --check")
def generate(
    *,
    check: _Check = False,
    prune: Annotated[bool, typer.Option("--prune", help="Remove the modules of specs that are gone")] = False,
    dry_run: _DryRun = False,
    bundle_dir: _BundleDir = None,
    verbose: _Verbose = False,
    quiet: _Quiet = False,
) -> None:
    """Write the modules of every spec. A file that dot has not made is never overwritten."""
    _generate(verbose - quiet, check=check, dry_run=dry_run, bundle_dir=bundle_dir, prune=prune)


@bundle.command(cls=DotCommand, rich_help_panel=PANEL, epilog="dot bundle check --bundle-dir platform")
def check(
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print what is wrong as JSON")] = False,
    bundle_dir: _BundleDir = None,
    verbose: _Verbose = False,
    quiet: _Quiet = False,
) -> None:
    """Check that specs, modules and what Databricks loads agree. For every target, by Databricks' own build."""

    def action() -> int:
        from dot.commands.bundle_check import run

        return run(bundle_dir, open_console(verbose - quiet), as_json=as_json)

    guard(action)
