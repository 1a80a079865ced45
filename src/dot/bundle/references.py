"""What specs and the bundle's YAML refer to: other resources, variables, and files of the bundle."""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from difflib import get_close_matches
from typing import NamedTuple

from dot.base.errors import Problem
from dot.base.wording import did_you_mean
from dot.base.yaml_document import Path, YamlDocument
from dot.bundle.configuration import walk_texts
from dot.bundle.job_spec import JobSpec, PipelineTask, Task
from dot.bundle.layout import KIND_FOLDERS, SOURCES_FOLDER, Resource
from dot.bundle.modules import Made
from dot.bundle.pipeline_spec import LayerCode

PROJECT_FILE = "dbt_project.yml"

_REFERENCE = re.compile(r"\$\{([^{}]+)\}")
_STEP = re.compile(r"[^.\[\]]+")
_ROOTS = ("bundle", "resources", "var", "variables", "workspace", "artifacts", "targets", "run_as", "sync")
_PATH_FIELDS = {"notebook": "notebook_path", "dbt": "project_directory", "sql": "path"}
_MIN_STEPS = {"resources": 3, "var": 2, "variables": 2}


class Known(NamedTuple):
    """What may be referred to: the resources, each by its type and key, and the names of the variables."""

    resources: Collection[tuple[str, str]]
    variables: Collection[str]


def find_unknown_references(documents: Sequence[YamlDocument], known: Known) -> Iterator[Problem]:
    """References to resources and variables that are not there."""
    for document in documents:
        for path, text in walk_texts(document.data):
            for found in _REFERENCE.finditer(text):
                steps = _STEP.findall(found[1])
                if fault := _explain(steps, known):
                    message, hint = fault
                    yield Problem(f"`{found[0]}`: {message}", document.locate(path), hint=hint)


def find_unknown_pipelines(made: Sequence[Made], known: Known) -> Iterator[Problem]:
    """Tasks that update a pipeline which the bundle does not have."""
    names = [key.removesuffix("_pipeline") for kind, key in known.resources if kind == "pipelines"]
    for one, number, task in _tasks(made):
        if isinstance(task, PipelineTask) and task.pipeline and task.pipeline not in names:
            place = one.document.locate(("tasks", number, "pipeline"))
            message = f"the bundle has no pipeline `{task.pipeline}`"
            yield Problem(message, place, hint=did_you_mean(task.pipeline, names))


def _explain(steps: list[str], known: Known) -> tuple[str, str | None] | None:
    """What is wrong with a reference, and the nearest that would be right; nothing where it is right."""
    root = steps[0] if steps else ""
    if root not in _ROOTS:
        near = get_close_matches(root, _ROOTS, 1, cutoff=0.75)
        return (f"there is no `{root}` to refer to", f"did you mean `{near[0]}`?") if near else None
    if len(steps) < _MIN_STEPS.get(root, 1):
        return "a name is missing", None
    if root in ("var", "variables") and steps[1] not in known.variables:
        return f"there is no variable `{steps[1]}`", did_you_mean(steps[1], known.variables)
    if root == "resources" and (steps[1], steps[2]) not in known.resources:
        keys = [key for kind, key in known.resources if kind == steps[1]]
        return f"the bundle has no `{steps[2]}` among its {steps[1]}", did_you_mean(steps[2], keys)
    return None


# -- files ---------------------------------------------------------------------------------------------------------


class LocalPath(NamedTuple):
    """A path of the bundle that a spec names, and where in the spec it does."""

    one: Made
    place: Path
    path: str
    is_folder: bool = False


def list_local_paths(made: Sequence[Made]) -> Iterator[LocalPath]:
    """The files and folders that have to be there."""
    for one, number, task in _tasks(made):
        if field := _PATH_FIELDS.get(task.type):
            path = getattr(task, field)
            more = f"/{PROJECT_FILE}" if task.type == "dbt" else ""
            yield from _local(one, ("tasks", number, field), f"{path.removesuffix('/')}{more}")
        for place, library in enumerate(getattr(task, "libraries", ())):
            for name in ("whl", "jar", "requirements"):
                yield from _local(one, ("tasks", number, "libraries", place, name), getattr(library, name), "./")
    for one in made:
        if isinstance(one.spec, JobSpec):
            continue
        folder = f"{SOURCES_FOLDER}/{one.spec.domain}/{one.spec.source}"
        for number, code in enumerate(one.spec.libraries or (LayerCode(layer=one.spec.layer),)):
            inner = code.include.removesuffix("**").removesuffix("/")
            path = f"{folder}/{code.layer}/{inner}".removesuffix("/")
            place = ("libraries", number) if one.spec.libraries else ("layer",)
            yield LocalPath(one, place, path, is_folder=code.include.endswith("**"))


def _local(one: Made, place: Path, path: str | None, start: str = "") -> Iterator[LocalPath]:
    """A path that is in the bundle, and not made by the build of an artifact."""
    if path and path.startswith(start) and "${" not in path and "*" not in path:
        yield LocalPath(one, place, path.removeprefix("./"))


def explain_missing(missing: LocalPath) -> Problem:
    """A path that a spec names, and that is not there."""
    kind = "folder" if missing.is_folder else "file"
    where = missing.one.document.locate(missing.place)
    return Problem(f"the bundle has no {kind} `{missing.path}`", where, hint="paths begin at the bundle")


def _tasks(made: Sequence[Made]) -> Iterator[tuple[Made, int, Task]]:
    for one in made:
        if isinstance(one.spec, JobSpec):
            yield from ((one, number, task) for number, task in enumerate(one.spec.tasks))


def known_resources(resources: Iterable[Resource], elsewhere: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
    """The type and key of everything that specs make, and of what stands elsewhere."""
    return {(KIND_FOLDERS[one.kind], one.key) for one in resources} | set(elsewhere)
