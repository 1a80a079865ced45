"""`dot bundle add`: the folders and packages of one more source. What is there already stays as it is."""

from dot.base.errors import ExitCode, Problem, UsageError
from dot.bundle.find_bundle import find_bundle, read_edits
from dot.bundle.layout import Scope, name_problem
from dot.bundle.scaffold_scope import scope_files
from dot.commands.bundle_files import Changes, carry_out, count_files
from dot.console import Console
from dot.console.shell import read_shell


def run(scope: Scope, bundle_dir: str | None, console: Console, *, dry_run: bool) -> int:
    """Write what is missing of the scope. Raises `UsageError` for names that the bundle cannot have."""
    wrong = [(what, problem) for what, name in scope._asdict().items() if (problem := name_problem(name))]
    if wrong:
        raise UsageError(*(Problem(f"the {what} {problem}") for what, problem in wrong))
    shell = read_shell()
    root = find_bundle(shell, bundle_dir)
    edits = [edit for edit in read_edits(root, scope_files(scope).items(), shell.cwd) if edit.before is None]
    carry_out(Changes(root, edits), shell.cwd, console, dry_run=dry_run)
    if not edits:
        console.say(f"{scope.domain}/{scope.source} has all of its folders")
    elif not dry_run:
        console.say(f"wrote {count_files(len(edits))}: {scope.domain}/{scope.source} has its folders")
    return ExitCode.OK
