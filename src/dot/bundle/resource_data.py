"""A spec as the data of Databricks' own: the same fields in their place, and what dot derives."""

from typing import Any, assert_never

from dot.bundle.job_spec import DbtTask, JobSpec, Library, NotebookTask, PipelineTask, SqlTask, Task, WheelTask
from dot.bundle.layout import SOURCES_FOLDER, Resource
from dot.bundle.pipeline_spec import LayerCode, PipelineSpec
from dot.bundle.spec_parts import Header, data_of

Data = dict[str, Any]

_BEFORE_TASK = ("task_key", "description")
_AFTER_TASK = (
    *("run_if", "max_retries", "min_retry_interval_millis", "retry_on_timeout", "timeout_seconds"),
    *("email_notifications", "webhook_notifications", "job_cluster_key", "environment_key", "existing_cluster_id"),
)
_OF_TASK = ("type", "depends_on", "libraries", *_BEFORE_TASK, *_AFTER_TASK)


def resource_data(spec: JobSpec | PipelineSpec) -> Data:
    """What the bundle is to hold of this spec, below `resources.<type>.<key>`."""
    return _job(spec) if isinstance(spec, JobSpec) else _pipeline(spec)


def _begin(spec: Header) -> Data:
    data = data_of(spec)
    return {"name": spec.resource.name, **{key: data[key] for key in ("tags", "run_as") if key in data}}


def _job(spec: JobSpec) -> Data:
    given = data_of(
        spec,
        *Header.model_fields,
        "kind",
        "queue",
        "parameters",
        "job_clusters",
        "environments",
        "tasks",
        "permissions",
    )
    data = _begin(spec) | given
    if spec.queue is not None:
        data["queue"] = {"enabled": spec.queue}
    if spec.parameters:
        data["parameters"] = [{"name": name, "default": value} for name, value in spec.parameters.items()]
    if spec.permissions:
        data["permissions"] = [_permission(one) for one in spec.permissions]
    if spec.job_clusters:
        clusters = sorted(spec.job_clusters.items())
        data["job_clusters"] = [{"job_cluster_key": key, "new_cluster": data_of(one)} for key, one in clusters]
    if spec.environments:
        environments = sorted(spec.environments.items())
        data["environments"] = [{"environment_key": key, "spec": data_of(one)} for key, one in environments]
    data["tasks"] = [_task(spec, task) for task in spec.tasks]
    return data


def _permission(permission: Any) -> Data:
    return {"level": permission.level} | data_of(permission, "level")


def _task(spec: JobSpec, task: Task) -> Data:
    given = data_of(task)
    data = {key: given[key] for key in _BEFORE_TASK if key in given}
    if task.depends_on:
        data["depends_on"] = [{"task_key": key} for key in task.depends_on]
    data |= _own_part(spec, task, {key: value for key, value in given.items() if key not in _OF_TASK})
    data |= {key: given[key] for key in _AFTER_TASK if key in given}
    if not isinstance(task, PipelineTask | SqlTask) and task.libraries:
        data["libraries"] = [_library(library) for library in task.libraries]
    return data


def _own_part(spec: JobSpec, task: Task, own: Data) -> Data:
    match task:
        case NotebookTask():
            return {"notebook_task": own}
        case WheelTask():
            return {"python_wheel_task": own}
        case PipelineTask():
            address = (
                f"${{resources.{Resource(spec.scope, 'pipeline', task.pipeline).address}.id}}"
                if task.pipeline
                else None
            )
            named = {"pipeline_id": address or task.pipeline_id}
            return {"pipeline_task": named | {key: own[key] for key in own if key not in ("pipeline", "pipeline_id")}}
        case DbtTask():
            return {"dbt_task": {**own, "catalog": spec.domain, "schema": spec.source}}
        case SqlTask():
            file = {"file": {"path": task.path}}
            return {
                "sql_task": {"warehouse_id": task.warehouse_id, **file} | {k: own[k] for k in own if k == "parameters"}
            }
        case _:
            assert_never(task)


def _library(library: Library) -> Data:
    if library.pypi:
        return {"pypi": {"package": library.pypi}}
    return {"maven": {"coordinates": library.maven}} if library.maven else data_of(library)


def _pipeline(spec: PipelineSpec) -> Data:
    folder = f"{SOURCES_FOLDER}/{spec.domain}/{spec.source}"
    data = _begin(spec) | {"catalog": spec.domain, "schema": spec.source, "serverless": spec.serverless}
    data |= data_of(spec, *Header.model_fields, "kind", "serverless", "libraries", "clusters", "permissions")
    if spec.clusters:
        data["clusters"] = [{"label": one.label} | data_of(one, "label") for one in spec.clusters]
    data["root_path"] = folder
    libraries = spec.libraries or (LayerCode(layer=spec.layer),)
    data["libraries"] = [{"glob": {"include": f"{folder}/{one.layer}/{one.include}"}} for one in libraries]
    if spec.permissions:
        data["permissions"] = [_permission(one) for one in spec.permissions]
    return data
