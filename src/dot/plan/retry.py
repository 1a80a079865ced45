"""What `dbt retry` would repeat, and why it may not be repeated."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from dot.base.errors import UsageError
from dot.base.frozen import FrozenLenient, FrozenMapping
from dot.base.secrets import MASK
from dot.dbt.options import scan_options
from dot.plan.record import Record
from dot.plan.request import DbtRequest

if TYPE_CHECKING:
    from dot.dbt.manifest import RunResults

REPEATABLE = ("build", "clone", "compile", "run", "run-operation", "seed", "snapshot", "test")
"""Others leave results too, of which a retry ends in a traceback."""


_REPEATED = ("--store-failures", "--empty")


class Retried(FrozenLenient):
    """The run whose results dbt kept. `favors_state`: it read what it did not select from its baseline.

    `is_deferred`: it may have had one, of which dbt 2 says nothing. `words` are what dbt 2 would not repeat by itself.
    `stores_failures` and `variables` are what dbt 1 repeats; dbt 2 says nothing of them.
    """

    command: str
    is_deferred: bool
    favors_state: bool
    words: tuple[str, ...] = ()
    stores_failures: bool | None = None
    variables: FrozenMapping = FrozenMapping()


def read_retried(results: "RunResults | None") -> Retried | None:
    """What a retry would repeat; None without results."""
    if not results or "which" not in results.args:
        return None
    command, is_deferred = str(results.args["which"]), bool(results.args.get("defer", True))
    variables = results.args.get("vars")
    return Retried(
        command="docs generate" if command == "generate" else command,
        is_deferred=is_deferred,
        favors_state=is_deferred and bool(results.args.get("favor_state")),
        stores_failures=bool(results.args["store_failures"]) if "store_failures" in results.args else None,
        variables=FrozenMapping(variables) if isinstance(variables, Mapping) else FrozenMapping(),
    )


def find_repeated(records: Iterable[Record], retried: Retried) -> Record | None:
    """The record of the run that a retry repeats, of those of its build, the newest first."""
    return next((one for one in records if one.has_run and one.dbt_command in (retried.command, "retry")), None)


def repeat_variables(recorded: Mapping[str, Any], today: Mapping[str, Any], given: Iterable[str]) -> dict[str, Any]:
    """The variables of the run to repeat, as dot has `recorded` them, but for those that are `given` now.

    `today` is what the environment and what is given come to. A secret is in no record: it is taken from there, too.
    Raises `UsageError` where it is not.
    """
    found = {key: today.get(key, MASK) if MASK in str(value) else value for key, value in recorded.items()}
    found |= {key: today[key] for key in given}
    if lost := [key for key, value in found.items() if value == MASK]:
        raise UsageError.of(
            f"the variable `{lost[0]}` of the run to repeat held a secret, which dot has not kept",
            hint="give it again with `--vars`",
        )
    return found


def repeated_words(repeated: Record) -> tuple[str, ...]:
    """The options of that run that change what is written, and that dbt 2 does not repeat."""
    repeats_itself = repeated.dbt.major == 1
    return () if repeats_itself else tuple(word for word in _REPEATED if word in repeated.argv)


def tells_which(request: DbtRequest) -> bool:
    """Whether the words for dbt say where the results of the run to repeat are."""
    names = {typed.option.name for typed in scan_options(request.dbt_command, request.words)}
    return not names.isdisjoint(("--state", "--target-path"))


def refuse_retry(request: DbtRequest, retried: Retried | None) -> None:
    """Raise `UsageError` when there is nothing to retry, or when dbt would repeat it wrongly or end in a traceback.

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
