"""A spec's text to a valid spec, or to everything that is wrong with it: file, line, column, the nearest name."""

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Annotated, Any, TypeAlias, get_args, get_origin

from pydantic import Field, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from dot.base.errors import Problem
from dot.base.frozen import Frozen
from dot.base.secrets import is_secret, looks_secret
from dot.base.wording import did_you_mean
from dot.base.yaml_document import Path, YamlDocument
from dot.bundle.job_spec import JobSpec
from dot.bundle.layout import KIND_FOLDERS, SPECS_FOLDER
from dot.bundle.pipeline_spec import PipelineSpec
from dot.bundle.task_graph import Fault, find_job_faults
from dot.config.files import in_order

Spec: TypeAlias = JobSpec | PipelineSpec

KIND_MODELS: Mapping[str, type[Spec]] = {"job": JobSpec, "pipeline": PipelineSpec}

_FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*\.yml")
_FROM_ELSEWHERE = re.compile(r"\$\{[^{}]+\}|\{\{secrets/[^/{}]+/[^/{}]+\}\}")
"""What names a value that stands somewhere else."""

_WANTED = {
    "bool_type": "`true` or `false`",
    "dict_type": "a mapping",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "model_attributes_type": "a mapping",
    "model_type": "a mapping",
    "greater_than_equal": "at least {ge}",
    "less_than_equal": "at most {le}",
    "string_pattern_mismatch": "as in `{pattern}`",
    "string_too_long": "at most {max_length} characters long",
    "string_too_short": "a text that is not empty",
    "string_type": "a text",
    "too_long": "a list of at most {max_length}",
    "too_short": "a list of at least {min_length}",
    "tuple_type": "a list",
}


@cache
def _adapter() -> TypeAdapter[Spec]:
    return TypeAdapter(Annotated[Spec, Field(discriminator="kind")])


def parse_spec(document: YamlDocument, path: str) -> tuple[Spec | None, tuple[Problem, ...]]:
    """The spec in this file, whose place in the bundle is `path`, or all that is wrong with it."""
    if document.problems:
        return None, document.problems
    if document.data is None:
        return None, (
            Problem("the file is empty: a spec begins with `kind: job` or `kind: pipeline`", document.locate(())),
        )
    try:
        # Through JSON, because strict validation of Python data refuses a list for a tuple.
        spec = _adapter().validate_json(json.dumps(document.data))
    except ValidationError as error:
        found = [_explain(detail, document) for detail in error.errors() if not _is_counted_wrong(detail, document)]
        return None, in_order([*found, *_locate(_find_secrets(document.data), document)])
    faults = [*_find_misplaced(spec, path), *_find_secrets(document.data)]
    faults += find_job_faults(spec) if isinstance(spec, JobSpec) else ()
    problems = in_order(_locate(faults, document))
    return None if problems else spec, problems


def _locate(faults: Any, document: YamlDocument) -> Iterator[Problem]:
    return (Problem(fault.message, document.locate(fault.path), hint=fault.hint) for fault in faults)


# -- what the models refuse ----------------------------------------------------------------------------------------


def _is_counted_wrong(detail: ErrorDetails, document: YamlDocument) -> bool:
    """Whether pydantic has found too few items since it leaves out those that are wrong, of which it tells anyway."""
    path, _ = _follow(document.data, detail["loc"])
    return detail["type"] == "too_short" and len(_value_at(document.data, path)) >= detail["ctx"]["min_length"]


def _explain(detail: ErrorDetails, document: YamlDocument) -> Problem:
    """One of pydantic's complaints, in words of the file and at its place there."""
    path, tags = _follow(document.data, detail["loc"])
    context, kind = detail.get("ctx", {}), detail["type"]
    if kind == "fault":
        field = context.get("field")
        return Problem(context["message"], document.locate((*path, field) if field else path))
    if kind.startswith("union_tag"):
        return _explain_tag(context, path, document)
    key = next((f"`{step}`" for step in reversed(path) if isinstance(step, str)), "the file")
    key = f"an item of {key}" if path and isinstance(path[-1], int) else key
    wanted, hint = _WANTED.get(kind), None
    message = f"{key} must be {wanted.format(**context)}" if wanted else f"{key}: {_lower(detail['msg'])}"
    if kind == "extra_forbidden":
        message, hint = f"unknown key {key}", _suggest(str(path[-1]), path[:-1], tags)
    elif kind == "missing":
        name = str(detail["loc"][-1])
        message, hint = f"`{name}` is missing", _describe(path, name, tags)
    elif kind == "literal_error":
        allowed = re.findall(r"'([^']*)'", context["expected"])
        message = f"{key} must be one of {', '.join(f'`{one}`' for one in allowed)}"
        hint = did_you_mean(str(_value_at(document.data, path)), allowed)
    elif kind in ("int_type", "bool_type") and isinstance(_value_at(document.data, path), str):
        hint = "write it without quotes"
    return Problem(message, document.locate(path), hint=hint)


def _explain_tag(context: Mapping[str, Any], path: Path, document: YamlDocument) -> Problem:
    """The key that says what kind of spec or task it is, which is missing or names none."""
    field = context["discriminator"].strip("'")
    kinds = tuple(KIND_MODELS if field == "kind" else task_models())
    listed = ", ".join(kinds)
    if "tag" not in context:
        hint = f"write `{field}: {kinds[0]}`, or another of {listed}"
        return Problem(f"`{field}` is missing", document.locate(path), hint=hint)
    hint = did_you_mean(context["tag"], kinds) or f"it is one of {listed}"
    return Problem(f"`{context['tag']}` is no {field}", document.locate((*path, field)), hint=hint)


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


def _follow(data: Any, loc: tuple[int | str, ...]) -> tuple[Path, tuple[str, ...]]:
    """The path in the file that pydantic means, as far as the file has it, and the names of the models on the way."""
    path: list[int | str] = []
    tags: list[str] = []
    for step in loc:
        is_there = (isinstance(data, dict) and step in data) or (isinstance(data, list) and isinstance(step, int))
        is_tag = isinstance(data, dict) and step in (data.get("kind"), data.get("type"))
        if is_tag and (not path or isinstance(path[-1], int)) and len(tags) <= len(path):
            tags.append(str(step))
        elif is_there:
            path.append(step)
            data = data[step]
        else:
            break
    return tuple(path), tuple(tags)


def _value_at(data: Any, path: Path) -> Any:
    for step in path:
        data = data[step]
    return data


def _suggest(name: str, path: Path, tags: tuple[str, ...]) -> str | None:
    """The nearest key that may stand where this one does; why there is none, for what dot derives."""
    if not path and name in ("name", "catalog", "schema", "target"):
        return f"leave it out: dot derives `{name}` from domain, source, layer and asset"
    fields = _model_at(path, tags).model_fields
    return did_you_mean(name, fields) or f"keys here: {', '.join(fields)}"


def _describe(path: Path, name: str, tags: tuple[str, ...]) -> str | None:
    """What the field is for that is missing here."""
    description = _model_at(path, tags).model_fields[name].description
    return _lower(description) if description else None


def _model_at(path: Path, tags: tuple[str, ...]) -> type[Frozen]:
    """The model of the mapping at this path, as far as the models on the way are named by `tags`."""
    kind: Any = KIND_MODELS[tags[0]]
    for step in path:
        is_model = isinstance(kind, type) and issubclass(kind, Frozen)
        kind = unwrap(kind.model_fields[str(step)].annotation) if is_model else _item_of(kind, tags)
    return kind


def _item_of(kind: Any, tags: tuple[str, ...]) -> Any:
    """What a list or a mapping has for items."""
    arguments = get_args(kind)
    item = unwrap(arguments[1] if get_origin(kind) is dict else arguments[0])
    return item if not get_args(item) else task_models()[tags[-1]]


def unwrap(annotation: Any) -> Any:
    """Without `Annotated`, and without `None` beside one other kind."""
    while get_origin(annotation) is Annotated:
        annotation = get_args(annotation)[0]
    others = [one for one in get_args(annotation) if one is not type(None)]
    return unwrap(others[0]) if type(None) in get_args(annotation) and len(others) == 1 else annotation


def task_models() -> dict[str, type[Frozen]]:
    """The model of each type of task."""
    (tasks, _) = get_args(JobSpec.model_fields["tasks"].annotation)
    models = get_args(unwrap(tasks))
    return {get_args(model.model_fields["type"].annotation)[0]: model for model in models}


# -- what takes more than one field to see -------------------------------------------------------------------------


def _find_misplaced(spec: Spec, path: str) -> Iterator[Fault]:
    """A spec that stands elsewhere than its contents say, or in a file whose name a header could not hold."""
    folder, _, name = path.rpartition("/")
    wanted = f"{SPECS_FOLDER}/{KIND_FOLDERS[spec.kind]}/{spec.domain}/{spec.source}"
    if folder != wanted:
        yield Fault(
            f"a {spec.kind} of {spec.domain}/{spec.source} belongs in `{wanted}/`",
            ("kind",),
            "move the file, or correct it",
        )
    if not _FILE_NAME.fullmatch(name):
        hint = "rename it: letters, digits, `_`, `-` and `.`, with `.yml` at the end"
        yield Fault(f"`{name}` is no name for a spec", (), hint)


def _find_secrets(data: Any, path: Path = ()) -> Iterator[Fault]:
    """Values that look like secrets, or are called so among names that are the user's own."""
    if isinstance(data, dict | list):
        for step, value in data.items() if isinstance(data, dict) else enumerate(data):
            if isinstance(value, str | dict | list):
                yield from _find_secrets(value, (*path, step))
    elif isinstance(data, str) and not _FROM_ELSEWHERE.search(data):
        is_named = len(path) > 1 and path[-2] in OWN_NAMES and is_secret([str(path[-1])], data)
        if is_named or looks_secret(data):
            hint = "write `{{secrets/<scope>/<key>}}`, and keep the value in a secret scope"
            yield Fault(f"`{path[-1] if path else ''}` holds a secret, which everybody would see", path, hint)


OWN_NAMES = ("base_parameters", "configuration", "named_parameters", "parameters", "spark_conf", "spark_env_vars")
"""The mappings whose keys are the user's."""
