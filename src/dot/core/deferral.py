"""What a build has is read from the build, and only what it lacks from its baseline: how dbt is told so.

Without `--favor-state` dbt looks for each relation that is not there. With it, whatever is not selected is read from
the baseline, even what the build has just made: a test of it, or a retry, would then look at somebody else's rows.
"""

from dot.core.isolation import WRITES
from dot.core.manifest import Manifest, Node
from dot.core.options import scan_options
from dot.core.plan import Baseline
from dot.core.request import Request
from dot.errors import UsageError

DEFERRING = (*WRITES, "list", "ls")
"""Commands that read what a build may lack, or select by what its baseline has."""

NO_FAVOR = {
    f"{start}_{name}": ""
    for start in ("DBT", "DBT_ENGINE")
    for name in ("FAVOR_STATE", "FAVOR_STATE_MODE", "DEFER_TO_STATE")
}
"""What dbt might take from the shell, which counts as unset. The old names even win over the command line."""


def defer_words(request: Request, baseline: Baseline | None, *, is_isolated: bool) -> tuple[str, ...]:
    """How dbt is told where to read what is not there.

    A schema of the user's own may hold what is years old: there, a command that writes models reads what it does not
    select from the baseline, and one that only reads looks at what it was asked to look at.
    """
    favor = "--no-favor-state"
    if not is_isolated and {"model", "seed", "snapshot"}.intersection(WRITES.get(request.dbt_command, ())):
        favor = "--favor-state"
    if request.dbt_command == "retry":  # of which `--state` would be the folder of the run to repeat
        return ("--defer-state", str(baseline.state)) if baseline else ()
    if baseline:
        state = str(baseline.state)
        return ("--defer", favor, "--state", state, "--defer-state", state)
    if request.no_defer:
        return ("--no-defer",)
    return (favor,) if is_isolated and defers_by_itself(request) else ()


def defers_by_itself(request: Request) -> bool:
    """Whether the words for dbt say what to defer to, or to defer to nothing."""
    return any(
        typed.option.name in ("--defer", "--defer-state") for typed in scan_options(request.dbt_command, request.words)
    )


def check_deferral(request: Request) -> None:
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


def warn_of_functions(mine: Manifest, baseline: Manifest) -> tuple[str, ...]:
    """A line for each function that may differ, and that dbt calls from the baseline although it was built here.

    dbt looks for functions among relations, finds none, and so always takes the baseline's.
    """
    lines: list[str] = []
    for unique_id in sorted(mine.functions.keys() & baseline.functions.keys()):
        function = mine.functions[unique_id]
        callers = [node.name for node in mine.everything.values() if unique_id in node.depends_on.nodes]
        if callers and not _is_same(function, baseline.functions[unique_id]):
            names = ", ".join(sorted(callers)[:5])
            lines.append(
                f"dbt calls the function `{function.name}` of the baseline, even where this build has its own, "
                f"in {names}; `--no-defer` calls the build's"
            )
    return tuple(lines)


def _is_same(mine: Node, other: Node) -> bool:
    """Whether two functions are the same; those with Jinja in them, or with parents, may read what differs."""
    code = mine.raw_code or ""
    is_plain = "{{" not in code and "{%" not in code and not mine.depends_on.nodes
    return is_plain and (code, mine.arguments, mine.returns) == (other.raw_code, other.arguments, other.returns)
