"""The tasks of a job together: their keys, what they depend on, and what they run on."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from dot.base.wording import did_you_mean
from dot.base.yaml_document import Path
from dot.bundle.job_spec import JobSpec

_COMPUTE = {"job_cluster_key": "job_clusters", "environment_key": "environments"}


class Fault(NamedTuple):
    """What is wrong with a spec, and the path to it in the file."""

    message: str
    path: Path
    hint: str | None = None


def find_job_faults(spec: JobSpec) -> Iterator[Fault]:
    """All that is wrong between the tasks of a job, and between them and what they run on."""
    yield from _find_twins(spec)
    yield from _find_unknown(spec)
    yield from _find_cycles(spec)
    for field, holder in _COMPUTE.items():
        yield from _find_missing_compute(spec, field, holder)


def _find_twins(spec: JobSpec) -> Iterator[Fault]:
    seen: set[str] = set()
    for number, task in enumerate(spec.tasks):
        if task.task_key in seen:
            yield Fault(f"two tasks are called `{task.task_key}`", ("tasks", number, "task_key"))
        seen.add(task.task_key)


def _find_unknown(spec: JobSpec) -> Iterator[Fault]:
    keys = [task.task_key for task in spec.tasks]
    for number, task in enumerate(spec.tasks):
        counts = Counter(task.depends_on)
        for place, other in enumerate(task.depends_on):
            path = ("tasks", number, "depends_on", place)
            if other not in keys:
                yield Fault(f"there is no task `{other}`", path, did_you_mean(other, keys))
            elif counts[other] > 1 and task.depends_on.index(other) < place:
                yield Fault(f"`{other}` is named twice", path)


def _find_cycles(spec: JobSpec) -> Iterator[Fault]:
    """The tasks that would never start, each circle once, at the task of it that stands first."""
    parents = {task.task_key: task.depends_on for task in spec.tasks}
    numbers = {task.task_key: number for number, task in reversed(list(enumerate(spec.tasks)))}
    done: set[str] = set()
    for key in parents:
        circle = _find_circle(key, parents, done)
        if circle:
            first = min(circle, key=numbers.__getitem__)
            start = circle.index(first)
            shown = " → ".join([*circle[start:], *circle[:start], first])
            yield Fault(f"tasks wait for each other: {shown}", ("tasks", numbers[first], "depends_on"))


def _find_circle(key: str, parents: dict[str, tuple[str, ...]], done: set[str]) -> list[str]:
    """A circle that can be reached from this task through tasks that are not `done`, which they are then."""
    trail: list[str] = []
    open_: list[tuple[str, Iterable[str]]] = [(key, iter(parents[key]))] if key not in done else []
    trail += [name for name, _ in open_]
    while open_:
        name, others = open_[-1]
        other = next((one for one in others if one in parents and one not in done), None)  # pyrefly: ignore
        if other is None:
            done.add(name)
            open_.pop()
            trail.pop()
        elif other in trail:
            circle = trail[trail.index(other) :]
            done.update(trail)
            return circle
        else:
            open_.append((other, iter(parents[other])))
            trail.append(other)
    return []


def _find_missing_compute(spec: JobSpec, field: str, holder: str) -> Iterator[Fault]:
    """Tasks that run on what the job does not have, and what no task runs on."""
    there = getattr(spec, holder)
    used = [(number, key) for number, task in enumerate(spec.tasks) if (key := getattr(task, field, None))]
    for number, key in used:
        if key not in there:
            hint = did_you_mean(key, there) or f"name it under `{holder}`"
            yield Fault(f"there is no `{key}` in `{holder}`", ("tasks", number, field), hint)
    for key in there:
        if key not in {name for _, name in used}:
            yield Fault(f"no task has `{field}: {key}`", (holder, key), "use it, or leave it out")
