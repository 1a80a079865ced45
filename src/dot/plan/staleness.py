"""Why a saved plan is no longer what would be planned now."""

from collections.abc import Iterator

from dot.base.address import Address
from dot.dbt.engine import Dbt
from dot.plan.commit import Commit
from dot.plan.plan import BuildPlan


def find_staleness(saved: BuildPlan, now: BuildPlan) -> tuple[str, ...]:
    """What has moved since the plan was saved, a sentence each; nothing when the plan still holds."""
    if saved == now:
        return ()
    return tuple(_compare(saved, now)) or (_name_fields(saved, now),)


def _compare(saved: BuildPlan, now: BuildPlan) -> Iterator[str]:
    if saved.dot_version != now.dot_version:
        yield f"it was made by dot {saved.dot_version}, and this is dot {now.dot_version}"
    if saved.format_version != now.format_version:
        yield f"it has format {saved.format_version}, and this dot writes format {now.format_version}"
    if saved.project != now.project:
        yield f"the project was {saved.project.name} in {saved.project.folder}"
    for (address, was), (_, is_now) in zip(_list_commits(saved), _list_commits(now), strict=False):
        if was and is_now and was.hash != is_now.hash:
            yield f"`{address.ref}` was {was.short_hash}, and is {is_now.short_hash} now"
    yield from _compare_builds(saved, now)
    if saved.baseline != now.baseline:
        was, is_now = (plan.baseline.address if plan.baseline else "none" for plan in (saved, now))
        yield f"the baseline was {was}, and is {is_now} now" if was != is_now else "the baseline has changed"
    if saved.dbt != now.dbt:
        yield f"dbt was {_describe(saved.dbt)}, and is {_describe(now.dbt)} now"
    for file in sorted({*saved.files, *now.files}):
        was, is_now = saved.files.get(file), now.files.get(file)
        if was != is_now:
            yield f"{file} {'is new' if was is None else 'is gone' if is_now is None else 'has changed'}"


def _compare_builds(saved: BuildPlan, now: BuildPlan) -> Iterator[str]:
    """What would have to be built first, and what no longer has to be."""
    was, is_now = ([build.address for build in plan.before] for plan in (saved, now))
    yield from (f"there is no build of {address} any more" for address in is_now if address not in was)
    yield from (f"the build of {address} is there by now" for address in was if address not in is_now)


def _list_commits(plan: BuildPlan) -> tuple[tuple[Address, Commit | None], ...]:
    """What each address of the request meant."""
    sides = tuple((side.address, side.commit) for side in plan.sides)
    return sides or tuple((address, plan.commit) for address in plan.request.addresses)


def _describe(dbt: Dbt) -> str:
    return " ".join((*dbt.command, dbt.version or "of an unknown version"))


def _name_fields(saved: BuildPlan, now: BuildPlan) -> str:
    """Where nothing that dot can name has moved: a variable of the environment, or a setting."""
    names = [name for name in BuildPlan.model_fields if getattr(saved, name) != getattr(now, name)]
    return f"{', '.join(names)} would be different now: a setting or a variable of the shell has changed"
