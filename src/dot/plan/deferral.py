"""What a build has is read from the build, and only what it lacks from its baseline: how dbt is told so.

Without `--favor-state` dbt looks for each relation that is not there. With it, whatever is not selected is read from
the baseline, even what the build has just made: a test of it, or a retry, would then look at somebody else's rows.
"""

from pathlib import PurePath

from dot.base.errors import UsageError
from dot.base.wording import list_some
from dot.dbt.engine import Dbt
from dot.dbt.option_variables import list_variables
from dot.dbt.options import scan_options
from dot.dbt.writes import WRITES
from dot.plan.plan import Baseline
from dot.plan.request import DbtRequest

DEFERRING = (*WRITES, "list", "ls")
"""Commands that read what a build may lack, or select by what its baseline has."""


def _unset(*names: str) -> dict[str, None]:
    return dict.fromkeys(variable for name in names for variable in list_variables(name))


NO_FAVOR = _unset("FAVOR_STATE", "FAVOR_STATE_MODE", "DEFER_TO_STATE")
"""What dbt might take from the shell, and is not to. The old names even win over the command line."""

NOT_DEFERRING = ("--no-defer",)

NO_SERVICE = ("--no-manage-state",)
"""How dbt 2 is told to leave its service out, which puts other builds' relations in place of what it would build."""

NO_DEFERRING = NO_FAVOR | _unset("DEFER", "DEFER_STATE", "STATE", "MANAGE_STATE", "X_ALT_TARGET")
"""The same for an isolated build, which defers to what dot says and to nothing else.

dbt 2 defers as soon as there is a state, and has a service that clones relations from other schemas.
"""

_MOST_NAMED = 5


def defer_words(
    request: DbtRequest, baseline: Baseline | None, chosen: PurePath | None = None, *, is_isolated: bool
) -> tuple[str, ...]:
    """How dbt is told where to read what is not there; `chosen` is a folder with another manifest of the baseline.

    A schema of the user's own may hold what is years old: there, a command that writes models reads what it does not
    select from the baseline, and one that only reads looks at what it was asked to look at.
    """
    favor = "--no-favor-state"
    if not is_isolated and {"model", "seed", "snapshot"}.intersection(WRITES.get(request.dbt_command, ())):
        favor = "--favor-state"
    if request.dbt_command == "retry":  # of which `--state` would be the folder of the run to repeat
        return ("--defer-state", str(chosen or baseline.state)) if baseline else ()
    if baseline:
        state = str(baseline.state)
        return ("--defer", favor, "--state", state, "--defer-state", str(chosen or state))
    if request.no_defer:
        return NOT_DEFERRING
    return (favor,) if is_isolated and defers_by_itself(request) else ()


def defers_by_itself(request: DbtRequest) -> bool:
    """Whether the words for dbt say what to defer to, or to defer to nothing."""
    return any(
        typed.option.name in ("--defer", "--defer-state") for typed in scan_options(request.dbt_command, request.words)
    )


def check_deferral(request: DbtRequest) -> None:
    """Raise `UsageError` for words about deferring that contradict each other."""
    if request.baseline and request.no_defer:
        raise UsageError.of("`--defer` and `--no-defer` contradict each other", hint="leave one of them out")
    if (request.baseline or request.no_defer) and defers_by_itself(request):
        name = "--defer" if request.baseline else "--no-defer"
        raise UsageError.of(
            f"dbt's own `--defer` and `--defer-state` contradict dot's `{name}`", hint="leave one of them out"
        )
    if (request.baseline or request.no_defer) and request.dbt_command == "retry":
        raise UsageError.of(
            "a retry reads what the run that it repeats would have read, and cannot defer otherwise",
            hint="run that command again, with the baseline that you want",
        )


def describe_baseline(baseline: Baseline) -> str:
    """Where a build reads what it lacks, in a line for a person."""
    remembered = " (remembered; `--no-defer` leaves it out)" if baseline.is_remembered else ""
    return f"what it lacks is read from {baseline.address}{remembered}"


def warn_of_functions(request: DbtRequest, baseline: Baseline | None) -> tuple[str, ...]:
    """What a live build cannot know before dbt reads the project: whether it has functions of its own."""
    if not baseline or not baseline.functions or request.dbt_command not in WRITES:
        return ()
    names = list_some([f"`{name}`" for name in baseline.functions], _MOST_NAMED)
    return (f"dbt calls the functions of {baseline.address}, even those that are built here: {names}",)


def warn_of_engines(dbt: Dbt, baseline: Baseline | None) -> tuple[str, ...]:
    """A warning where the other engine made the baseline: the two tell in different ways what has changed."""
    other = Dbt(command=(), version=baseline.dbt_version) if baseline else dbt
    if not baseline or None in (dbt.major, other.major) or dbt.major == other.major:
        return ()
    told = f"{baseline.address} was made by dbt {other.version}, and this is dbt {dbt.version}"
    return (f"{told}: `state:modified` may select what nobody changed",)
