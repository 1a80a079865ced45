"""The page about specs, made from the models: every field, what it takes and what it is for."""

from collections.abc import Iterator
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

from pydantic.fields import FieldInfo

from dot.base.frozen import Frozen
from dot.bundle.job_spec import JobSpec
from dot.bundle.parse_spec import task_models, unwrap
from dot.bundle.pipeline_spec import PipelineSpec

PAGE = "docs/resource-generation.md"
"""Where it stands in a bundle."""

_HEAD = """\
# Specs of jobs and pipelines

A spec is a YAML file in `specs/jobs/<domain>/<source>/` or `specs/pipelines/<domain>/<source>/`, whose contents name
the same domain and source. dot makes one Python module of it, in `resources/<domain>/<source>/`:

```sh
dot bundle job specs/jobs/sales/crm/customers.yml            # one, or several
dot bundle pipeline specs/pipelines/sales/crm/customers.yml
dot bundle generate                                          # all
dot bundle generate --check                                  # writes nothing; exit code 1 where a module is stale
```

In a bundle that `dot bundle init` has made, `just build-job-resource spec=…` and `just build-pipeline-resource spec=…`
do the same. A module is never edited: what is changed there is lost with the next run. Any other file in its place is
never overwritten.

## What dot derives

| | |
| --- | --- |
| name | `{domain}_{source}_{layer}_{asset}` |
| key in the bundle | `<name>_job` or `<name>_pipeline` |
| catalog | the domain |
| schema | the source |
| `root_path` of a pipeline | `src/<domain>/<source>` |

None of these is a field. A field that is one has the name that Databricks' own API gives it, and nothing is coerced:
`"3"` is no number, an unknown key is an error. Values may refer to variables of the bundle as `${var.<name>}` and to
secrets as `{{secrets/<scope>/<key>}}`; a literal secret is refused. This page is made from the models; the same for
editors is `dot schema job` and `dot schema pipeline`.
"""

_KINDS = {str: "text", int: "whole number", bool: "`true` or `false`"}


def render_page() -> str:
    """The whole page."""
    return "\n".join([_HEAD, *_describe_all()])


def _describe_all() -> Iterator[str]:
    tasks = task_models()
    yield "## Job\n"
    yield from _describe(JobSpec)
    yield "## Tasks of a job\n"
    for name, model in tasks.items():
        yield f"### `type: {name}`\n"
        yield from _describe(model)
    yield "## Pipeline\n"
    yield from _describe(PipelineSpec)
    yield "## Parts\n"
    for model in list_models():
        if model not in (JobSpec, PipelineSpec, *tasks.values()):
            yield f"### {model.__name__}\n"
            yield from _describe(model)


def list_models() -> tuple[type[Frozen], ...]:
    """The models of specs, each once, and after it those that it holds."""
    found: dict[type[Frozen], None] = {}
    for model in (JobSpec, *task_models().values(), PipelineSpec):
        _add_models(model, found)
    return tuple(found)


def _add_models(model: type[Frozen], found: dict[type[Frozen], None]) -> None:
    found[model] = None
    for field in model.model_fields.values():
        for part in _models_in(field.annotation):
            if part not in found:
                _add_models(part, found)


def _models_in(annotation: Any) -> Iterator[type[Frozen]]:
    annotation = unwrap(annotation)
    if isinstance(annotation, type) and issubclass(annotation, Frozen):
        yield annotation
    for argument in get_args(annotation):
        yield from _models_in(argument)


def _describe(model: type[Frozen]) -> Iterator[str]:
    yield f"{model.__doc__}\n"
    yield "| field | takes | |\n| --- | --- | --- |"
    for name, field in model.model_fields.items():
        must = ", required" if field.is_required() else ""
        yield f"| `{name}` | {_describe_kind(field)}{must} | {(field.description or '').replace('|', chr(92) + '|')} |"
    yield ""


def _describe_kind(field: FieldInfo) -> str:
    return _name_kind(unwrap(field.annotation))


def _name_kind(annotation: Any) -> str:
    """In words, what a field takes."""
    annotation = unwrap(annotation)
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Literal:
        return ", ".join(f"`{value}`" for value in arguments)
    if origin is tuple:
        return f"list of {_name_kind(arguments[0])}"
    if origin is dict:
        return f"mapping to {_name_kind(arguments[1])}"
    if origin in (Union, UnionType):
        return "[tasks](#tasks-of-a-job)"
    if annotation in _KINDS:
        return _KINDS[annotation]
    return f"[{annotation.__name__}](#{annotation.__name__.lower()})"
