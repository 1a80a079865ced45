"""What `dbt retry` would repeat, and why it may not be repeated."""

from dot.core.manifest import RunResults
from dot.core.model import Part
from dot.core.options import scan_options
from dot.core.request import Request
from dot.errors import UsageError

REPEATABLE = ("build", "clone", "compile", "run", "run-operation", "seed", "snapshot", "test")
"""Others leave results too, of which a retry ends in a traceback."""


class Retried(Part):
    """The run whose results dbt kept. `favors_state`: it read what it did not select from its baseline."""

    command: str
    is_deferred: bool
    favors_state: bool


def read_retried(results: RunResults | None) -> Retried | None:
    """What a retry would repeat; None without results."""
    if not results or "which" not in results.args:
        return None
    command, is_deferred = str(results.args["which"]), bool(results.args.get("defer"))
    return Retried(
        command="docs generate" if command == "generate" else command,
        is_deferred=is_deferred,
        favors_state=is_deferred and bool(results.args.get("favor_state")),
    )


def tells_which(request: Request) -> bool:
    """Whether the words for dbt say where the results of the run to repeat are."""
    names = {typed.option.name for typed in scan_options(request.dbt_command, request.words)}
    return not names.isdisjoint(("--state", "--target-path"))


def refuse_retry(request: Request, retried: Retried | None) -> None:
    """Raise `UsageError` when there is nothing to retry, or dbt would end in a traceback or repeat it wrongly.

    Where the results of a live run are is for dbt to find out.
    """
    address = str(request.address)
    if not retried:
        if request.address.ref is None or tells_which(request):
            return
        raise UsageError.of(
            f"nothing to retry: no run of {address} has left results", hint=f"`dot build {address}` runs everything"
        )
    if retried.command not in REPEATABLE:
        raise UsageError.of(
            f"the last run that left results was `{retried.command}`, which dbt cannot retry",
            hint=f"run the command again that failed, for example `dot build {address}`".rstrip(),
        )
    if retried.favors_state:
        raise UsageError.of(
            f"a retry of this `{retried.command}` would read from the baseline what the run itself has built",
            notes=("it ran with `--favor-state`, and what succeeded would count as not selected",),
            hint="run the command itself again, with the options that it had",
        )
