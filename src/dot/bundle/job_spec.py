"""The spec of a job: when it runs, on what, and its tasks."""

import re
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, Field, model_validator

from dot.base.frozen import Frozen
from dot.bundle.spec_parts import (
    BundlePath,
    Count,
    Email,
    Grant,
    Header,
    Key,
    Line,
    PauseStatus,
    Seconds,
    Text,
    TextMapping,
    fault,
    path_problem,
    require_one,
)

MAX_COMMANDS = 10
_CRON_FIELDS = re.compile(r"[0-9A-Za-z*/,?#-]+")
_DAY_OF_MONTH, _DAY_OF_WEEK = 3, 5
_TIMEZONE = re.compile(r"UTC|[A-Za-z_]+(/[A-Za-z0-9_+-]+)+")
_DBT = re.compile(r"dbt(\s.*)?")

Emails = tuple[Email, ...]

# -- when it runs, and who hears of it -----------------------------------------------------------------------------


def _check_cron(text: str) -> str:
    fields = text.split()
    if len(fields) not in (6, 7) or not all(map(_CRON_FIELDS.fullmatch, fields)):
        raise fault(f"`{text}` is no Quartz expression: six or seven fields, seconds first, as in `0 30 6 * * ?`")
    if (fields[_DAY_OF_MONTH] == "?") == (fields[_DAY_OF_WEEK] == "?"):
        raise fault(
            f"`{text}` needs `?` for either the day of the month, its fourth field, or that of the week, its sixth"
        )
    return text


def _check_timezone(text: str) -> str:
    if not _TIMEZONE.fullmatch(text):
        raise fault(f"`{text}` is no time zone: `UTC`, or a place such as `Europe/Berlin`")
    return text


class Schedule(Frozen):
    """At which times a job runs."""

    quartz_cron_expression: Annotated[Line, AfterValidator(_check_cron)] = Field(description="When, seconds first")
    timezone_id: Annotated[Line, AfterValidator(_check_timezone)] = Field(description="`UTC`, `Europe/Berlin`")
    pause_status: PauseStatus | None = Field(default=None, description="Whether it rests")


class FileArrival(Frozen):
    """New files in a folder."""

    url: Line = Field(description="The external location or volume")
    min_time_between_triggers_seconds: Seconds | None = Field(default=None, description="The shortest pause")
    wait_after_last_change_seconds: Seconds | None = Field(default=None, description="How long it must be quiet")


class TableUpdate(Frozen):
    """New data in tables."""

    table_names: tuple[Line, ...] = Field(min_length=1, description="Which, each as `catalog.schema.table`")
    condition: Literal["ANY_UPDATED", "ALL_UPDATED"] | None = Field(default=None, description="Any, or all of them")
    min_time_between_triggers_seconds: Seconds | None = Field(default=None, description="The shortest pause")
    wait_after_last_change_seconds: Seconds | None = Field(default=None, description="How long it must be quiet")


class Periodic(Frozen):
    """A while after the last run."""

    interval: Count = Field(description="How many units")
    unit: Literal["MINUTES", "HOURS", "DAYS", "WEEKS"] = Field(description="Of what")


class Trigger(Frozen):
    """What makes a job run; one of three."""

    file_arrival: FileArrival | None = Field(default=None, description="New files")
    table_update: TableUpdate | None = Field(default=None, description="New data in tables")
    periodic: Periodic | None = Field(default=None, description="Time that has passed")
    pause_status: PauseStatus | None = Field(default=None, description="Whether it rests")

    @model_validator(mode="after")
    def _one(self) -> "Trigger":
        require_one(self, ("file_arrival", "table_update", "periodic"))
        return self


class Continuous(Frozen):
    """One run after the other."""

    pause_status: PauseStatus | None = Field(default=None, description="Whether it rests")
    task_retry_mode: Literal["NEVER", "ON_FAILURE"] | None = Field(default=None, description="Whether tasks try again")


class EmailNotifications(Frozen):
    """Who gets mail."""

    on_start: Emails = Field(default=(), description="When it starts")
    on_success: Emails = Field(default=(), description="When it succeeds")
    on_failure: Emails = Field(default=(), description="When it fails")
    on_duration_warning_threshold_exceeded: Emails = Field(default=(), description="When it takes long")
    no_alert_for_skipped_runs: bool | None = Field(default=None, description="Nothing for a run that is skipped")


class Webhook(Frozen):
    """A notification destination of the workspace."""

    id: Line = Field(description="Its id")


class WebhookNotifications(Frozen):
    """Which notification destinations are told."""

    on_start: tuple[Webhook, ...] = Field(default=(), max_length=3, description="When it starts")
    on_success: tuple[Webhook, ...] = Field(default=(), max_length=3, description="When it succeeds")
    on_failure: tuple[Webhook, ...] = Field(default=(), max_length=3, description="When it fails")


class JobPermission(Grant):
    """What somebody may do with the job."""

    level: Literal["CAN_VIEW", "CAN_MANAGE_RUN", "CAN_MANAGE", "IS_OWNER"] = Field(description="What they may do")


# -- what it runs on -----------------------------------------------------------------------------------------------


class AutoScale(Frozen):
    """How many workers there may be."""

    min_workers: int = Field(ge=0, le=100_000, description="At least")
    max_workers: Count = Field(description="At most")

    @model_validator(mode="after")
    def _grows(self) -> "AutoScale":
        if self.min_workers > self.max_workers:
            raise fault("`min_workers` is more than `max_workers`", "min_workers")
        return self


class Cluster(Frozen):
    """A cluster that lives as long as the run."""

    spark_version: Line = Field(description="The runtime, `16.4.x-scala2.12`")
    node_type_id: Line | None = Field(default=None, description="The kind of machine")
    driver_node_type_id: Line | None = Field(default=None, description="That of the driver")
    instance_pool_id: Line | None = Field(default=None, description="The pool that its machines come from")
    num_workers: int | None = Field(default=None, ge=0, le=100_000, description="How many workers; 0: the driver alone")
    autoscale: AutoScale | None = Field(default=None, description="From how many to how many workers")
    policy_id: Line | None = Field(default=None, description="The cluster policy")
    data_security_mode: Line | None = Field(default=None, pattern="^[A-Z_]+$", description="`SINGLE_USER` and the like")
    single_user_name: Line | None = Field(default=None, description="Whose it is in that mode")
    runtime_engine: Literal["PHOTON", "STANDARD"] | None = Field(default=None, description="With Photon, or without")
    spark_conf: TextMapping = Field(default_factory=dict, description="Spark's settings")
    spark_env_vars: TextMapping = Field(
        default_factory=dict, description="Environment variables; a secret as `{{secrets/<scope>/<key>}}`"
    )
    custom_tags: TextMapping = Field(default_factory=dict, description="Tags of its machines")

    @model_validator(mode="after")
    def _one_size(self) -> "Cluster":
        require_one(self, ("num_workers", "autoscale"), at_most=True)
        require_one(self, ("node_type_id", "instance_pool_id"), at_most=bool(self.policy_id))
        return self


class ServerlessEnvironment(Frozen):
    """What Python has on serverless compute."""

    environment_version: Annotated[str, Field(pattern=r"^[1-9]\d*$")] = Field(description="Databricks' version of it")
    dependencies: tuple[Line, ...] = Field(
        default=(), description="Packages as for pip, or wheels of the bundle, `./dist/*.whl`"
    )


class Library(Frozen):
    """One library of a task that runs on a cluster."""

    whl: Line | None = Field(default=None, description="A wheel, `./dist/*.whl`")
    jar: Line | None = Field(default=None, description="A JAR")
    pypi: Line | None = Field(default=None, description="A package as for pip")
    maven: Line | None = Field(default=None, description="Maven coordinates")
    requirements: Line | None = Field(default=None, description="A `requirements.txt`")

    @model_validator(mode="after")
    def _one(self) -> "Library":
        require_one(self, ("whl", "jar", "pypi", "maven", "requirements"))
        return self


# -- tasks ---------------------------------------------------------------------------------------------------------


class _Task(Frozen):
    task_key: Key = Field(description="What it is called within the job")
    description: Text | None = Field(default=None, description="What it is for")
    depends_on: tuple[Key, ...] = Field(default=(), description="The tasks that come before it, by their `task_key`")
    run_if: (
        Literal["ALL_SUCCESS", "ALL_DONE", "NONE_FAILED", "AT_LEAST_ONE_SUCCESS", "ALL_FAILED", "AT_LEAST_ONE_FAILED"]
        | None
    ) = Field(default=None, description="What those must have come to")
    max_retries: int | None = Field(default=None, ge=-1, le=1000, description="How often it tries again; -1: for ever")
    min_retry_interval_millis: int | None = Field(default=None, ge=0, description="The pause before that")
    retry_on_timeout: bool | None = Field(default=None, description="Also when it took too long")
    timeout_seconds: Seconds | None = Field(default=None, description="When it has taken too long; 0: never")
    email_notifications: EmailNotifications | None = Field(default=None, description="Who gets mail")
    webhook_notifications: WebhookNotifications | None = Field(default=None, description="Which destinations are told")

    COMPUTE: ClassVar[tuple[str, ...]] = ()
    MAY_HAVE_NO_COMPUTE: ClassVar[bool] = False

    @model_validator(mode="after")
    def _fits(self) -> "_Task":
        if self.COMPUTE:
            require_one(self, self.COMPUTE, at_most=self.MAY_HAVE_NO_COMPUTE)
        if self.min_retry_interval_millis is not None and not self.max_retries:
            raise fault("`min_retry_interval_millis` needs `max_retries`", "min_retry_interval_millis")
        if self.run_if and not self.depends_on:
            raise fault("`run_if` needs `depends_on`", "run_if")
        if getattr(self, "libraries", ()) and getattr(self, "environment_key", None):
            raise fault("`libraries` are for clusters: an environment has `dependencies`", "libraries")
        return self


def _check_notebook(text: str) -> str:
    if problem := path_problem(text, ".py", ".ipynb", ".sql", ".r", ".scala"):
        raise fault(problem)
    return text


class NotebookTask(_Task):
    """A notebook of the bundle. Without compute it runs serverless."""

    type: Literal["notebook"] = Field(description="This kind of task")
    notebook_path: Annotated[Line, AfterValidator(_check_notebook)] = Field(description="Its path within the bundle")
    base_parameters: TextMapping = Field(default_factory=dict, description="Values for its widgets")
    warehouse_id: Line | None = Field(default=None, description="The SQL warehouse, for a notebook of SQL")
    job_cluster_key: Key | None = Field(default=None, description="One of the job's `job_clusters`")
    environment_key: Key | None = Field(default=None, description="One of the job's `environments`")
    existing_cluster_id: Line | None = Field(default=None, description="A cluster that is there already")
    libraries: tuple[Library, ...] = Field(default=(), description="What a cluster installs for it")

    COMPUTE = ("warehouse_id", "job_cluster_key", "environment_key", "existing_cluster_id")
    MAY_HAVE_NO_COMPUTE = True


class WheelTask(_Task):
    """An entry point of a Python wheel."""

    type: Literal["wheel"] = Field(description="This kind of task")
    package_name: Line = Field(description="The package")
    entry_point: Line = Field(description="Its entry point")
    parameters: tuple[str, ...] = Field(default=(), description="Words for it")
    named_parameters: TextMapping = Field(default_factory=dict, description="Words for it, as `--name=value`")
    job_cluster_key: Key | None = Field(default=None, description="One of the job's `job_clusters`")
    environment_key: Key | None = Field(default=None, description="One of the job's `environments`")
    existing_cluster_id: Line | None = Field(default=None, description="A cluster that is there already")
    libraries: tuple[Library, ...] = Field(default=(), description="What a cluster installs for it")

    COMPUTE = ("job_cluster_key", "environment_key", "existing_cluster_id")

    @model_validator(mode="after")
    def _one_kind_of_words(self) -> "WheelTask":
        require_one(self, ("parameters", "named_parameters"), at_most=True)
        return self


class PipelineTask(_Task):
    """An update of a pipeline."""

    type: Literal["pipeline"] = Field(description="This kind of task")
    pipeline: Annotated[str, Field(pattern="^[a-z][a-z0-9_]*$")] | None = Field(
        default=None, description="The name of a pipeline of this bundle, `sales_crm_base_customers`"
    )
    pipeline_id: Line | None = Field(default=None, description="Another pipeline, by its id")
    full_refresh: bool | None = Field(default=None, description="Whether everything is computed anew")
    full_refresh_selection: tuple[Line, ...] = Field(default=(), description="Tables that are")
    refresh_selection: tuple[Line, ...] = Field(default=(), description="Tables that are updated; else all")

    @model_validator(mode="after")
    def _one(self) -> "PipelineTask":
        require_one(self, ("pipeline", "pipeline_id"))
        if self.full_refresh and (self.full_refresh_selection or self.refresh_selection):
            raise fault("`full_refresh` is about every table, and excludes a selection", "full_refresh")
        return self


def _check_command(text: str) -> str:
    if not _DBT.fullmatch(text):
        raise fault(f"`{text}` must begin with `dbt`")
    return text


class DbtTask(_Task):
    """Commands of dbt. They build in the catalog of the domain and the schema of the source."""

    type: Literal["dbt"] = Field(description="This kind of task")
    project_directory: BundlePath = Field(description="The dbt project's folder within the bundle")
    commands: tuple[Annotated[Line, AfterValidator(_check_command)], ...] = Field(
        min_length=1, max_length=MAX_COMMANDS, description="Each begins with `dbt`"
    )
    warehouse_id: Line = Field(description="The SQL warehouse that dbt uses, `${var.warehouse_id}`")
    job_cluster_key: Key | None = Field(default=None, description="One of the job's `job_clusters`, where dbt runs")
    environment_key: Key | None = Field(default=None, description="One of the job's `environments`, where dbt runs")
    existing_cluster_id: Line | None = Field(default=None, description="A cluster that is there already")
    libraries: tuple[Library, ...] = Field(default=(), description="What a cluster installs for it")

    COMPUTE = ("job_cluster_key", "environment_key", "existing_cluster_id")


def _check_sql(text: str) -> str:
    if problem := path_problem(text, ".sql"):
        raise fault(problem)
    return text


class SqlTask(_Task):
    """A file with SQL, on a SQL warehouse."""

    type: Literal["sql"] = Field(description="This kind of task")
    path: Annotated[Line, AfterValidator(_check_sql)] = Field(description="The file within the bundle")
    warehouse_id: Line = Field(description="The SQL warehouse, `${var.warehouse_id}`")
    parameters: TextMapping = Field(default_factory=dict, description="Values for it")


Task = Annotated[NotebookTask | WheelTask | PipelineTask | DbtTask | SqlTask, Field(discriminator="type")]


class JobSpec(Header):
    """A job: tasks, when they run, and on what."""

    kind: Literal["job"] = Field(description="A job")
    description: Text | None = Field(default=None, description="What it is for, for people")
    schedule: Schedule | None = Field(default=None, description="At which times it runs")
    trigger: Trigger | None = Field(default=None, description="What makes it run")
    continuous: Continuous | None = Field(default=None, description="Whether it always runs")
    max_concurrent_runs: Count | None = Field(default=None, description="How many runs at a time; else 1")
    timeout_seconds: Seconds | None = Field(default=None, description="When a run has taken too long; 0: never")
    queue: bool | None = Field(default=None, description="Whether a run waits while there are too many")
    performance_target: Literal["PERFORMANCE_OPTIMIZED", "STANDARD"] | None = Field(
        default=None, description="Whether serverless runs start fast or cost less"
    )
    parameters: TextMapping = Field(default_factory=dict, description="Parameters of the job, and their defaults")
    email_notifications: EmailNotifications | None = Field(default=None, description="Who gets mail")
    webhook_notifications: WebhookNotifications | None = Field(default=None, description="Which destinations are told")
    permissions: tuple[JobPermission, ...] = Field(default=(), description="Who may do what with it")
    job_clusters: dict[Key, Cluster] = Field(default_factory=dict, description="Clusters of its tasks, by their key")
    environments: dict[Key, ServerlessEnvironment] = Field(
        default_factory=dict, description="Environments of its serverless tasks, by their key"
    )
    tasks: tuple[Task, ...] = Field(min_length=1, max_length=1000, description="What it does")

    @model_validator(mode="after")
    def _one_reason_to_run(self) -> "JobSpec":
        require_one(self, ("schedule", "trigger", "continuous"), at_most=True)
        if self.continuous and (self.max_concurrent_runs or 1) > 1:
            raise fault("a continuous job has one run at a time", "max_concurrent_runs")
        return self
