"""`dot scope`: which nodes of the project a range of commits touches. It only reads."""

from pydantic_core import to_json

from dot.base.errors import UsageError
from dot.base.wording import did_you_mean
from dot.console import Console
from dot.console.shell import read_shell
from dot.console.terminal import write, write_exactly
from dot.scope.dbt_text import render_dbt_scope
from dot.scope.gather_dbt import DbtScopeRequest, gather_dbt_scope

FORMS = ("text", "json", "dbt-select")


def run(request: DbtScopeRequest, form: str, console: Console, *, with_children: bool) -> int:
    """Print what is touched; 0. Raises `DotError`."""
    check_form(form, FORMS)
    gathered = gather_dbt_scope(request, read_shell())
    scope = gathered.scope
    warn_of_edits(gathered.edits, console)
    if gathered.note:
        console.say(f"by paths alone, since {gathered.note}")
    match form:
        case "json":
            write_exactly(to_json(scope.plain(), indent=2).decode())
        case "dbt-select":
            write(scope.select(with_children=with_children))
        case _:
            write(render_dbt_scope(scope))
    return 0


def check_form(form: str, known: tuple[str, ...]) -> None:
    """Raise `UsageError` for what is no form of the answer."""
    if form not in known:
        hint = did_you_mean(form, known) or f"it takes {', '.join(known)}"
        raise UsageError.of(f"`--format {form}` is unknown", hint=hint)


def warn_of_edits(count: int, console: Console) -> None:
    """Say it when files of the working tree are in no commit, and so in no answer."""
    if count:
        files = "1 edited or new file is" if count == 1 else f"{count:,} edited or new files are"
        console.say(f"{files} in no commit, and not looked at")
