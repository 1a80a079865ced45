"""The spec of a pipeline: which code of its source it runs, and on what."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from dot.base.frozen import Frozen
from dot.bundle.job_spec import AutoScale
from dot.bundle.layout import Layer
from dot.bundle.spec_parts import Email, Grant, Header, Line, TextMapping, fault, path_problem, require_one

CODE = (".py", ".sql", ".ipynb")


def _check_include(text: str) -> str:
    folder = text.removesuffix("**").removesuffix("/")
    is_folder = text == "**" or (text.endswith("/**") and "*" not in folder)
    problem = (path_problem(folder) if folder else None) if is_folder else path_problem(text, *CODE)
    if problem or text.startswith("${") or (not is_folder and "*" in text):
        raise fault(f"`{text}` is neither `**`, nor a folder such as `orders/**`, nor a file in .py, .sql or .ipynb")
    return text


class LayerCode(Frozen):
    """Code of one layer of the source."""

    layer: Layer = Field(description="The layer, a folder of the source")
    include: Annotated[Line, AfterValidator(_check_include)] = Field(
        default="**", description="What of it: `**` for all, a folder as `orders/**`, or one file"
    )


class PipelineCluster(Frozen):
    """A cluster of a pipeline that is not serverless."""

    label: Literal["default", "updates", "maintenance"] = Field(default="default", description="What it is for")
    node_type_id: Line | None = Field(default=None, description="The kind of machine")
    driver_node_type_id: Line | None = Field(default=None, description="That of the driver")
    instance_pool_id: Line | None = Field(default=None, description="The pool that its machines come from")
    num_workers: int | None = Field(default=None, ge=0, le=100_000, description="How many workers")
    autoscale: AutoScale | None = Field(default=None, description="From how many to how many workers")
    policy_id: Line | None = Field(default=None, description="The cluster policy")
    spark_conf: TextMapping = Field(default_factory=dict, description="Spark's settings")
    spark_env_vars: TextMapping = Field(
        default_factory=dict, description="Environment variables; a secret as `{{secrets/<scope>/<key>}}`"
    )
    custom_tags: TextMapping = Field(default_factory=dict, description="Tags of its machines")

    @model_validator(mode="after")
    def _one_size(self) -> "PipelineCluster":
        require_one(self, ("num_workers", "autoscale"), at_most=True)
        require_one(self, ("node_type_id", "instance_pool_id"), at_most=True)
        if self.label == "maintenance" and self.autoscale:
            raise fault("a cluster for maintenance does not scale", "autoscale")
        return self


class PipelineEnvironment(Frozen):
    """What Python has in the pipeline."""

    dependencies: tuple[Line, ...] = Field(min_length=1, description="Packages as for pip, or `./dist/*.whl`")


class PipelineNotification(Frozen):
    """Who gets mail, and when."""

    email_recipients: tuple[Email, ...] = Field(min_length=1, description="Who")
    alerts: tuple[
        Literal["on-update-success", "on-update-failure", "on-update-fatal-failure", "on-flow-failure"], ...
    ] = Field(min_length=1, description="When")


class PipelinePermission(Grant):
    """What somebody may do with the pipeline."""

    level: Literal["CAN_VIEW", "CAN_RUN", "CAN_MANAGE", "IS_OWNER"] = Field(description="What they may do")


class PipelineSpec(Header):
    """A pipeline: which code it runs, and on what. It writes to the catalog of the domain, the schema of the source."""

    kind: Literal["pipeline"] = Field(description="A pipeline")
    libraries: tuple[LayerCode, ...] = Field(
        default=(), description="Its code; else all of the layer that the spec names"
    )
    serverless: bool = Field(default=True, description="Whether Databricks chooses the machines")
    clusters: tuple[PipelineCluster, ...] = Field(default=(), description="Else: the machines")
    photon: bool | None = Field(default=None, description="Photon, on clusters; serverless has it anyway")
    edition: Literal["CORE", "PRO", "ADVANCED"] | None = Field(default=None, description="Of the product, on clusters")
    channel: Literal["CURRENT", "PREVIEW"] | None = Field(default=None, description="Which release of Databricks'")
    continuous: bool | None = Field(default=None, description="Whether it always runs")
    configuration: TextMapping = Field(default_factory=dict, description="Values that its code reads")
    environment: PipelineEnvironment | None = Field(default=None, description="What Python has")
    notifications: tuple[PipelineNotification, ...] = Field(default=(), description="Who gets mail")
    permissions: tuple[PipelinePermission, ...] = Field(default=(), description="Who may do what with it")

    @model_validator(mode="after")
    def _fits(self) -> "PipelineSpec":
        for name in ("clusters", "photon", "edition") if self.serverless else ():
            if getattr(self, name) not in (None, ()):
                raise fault(f"`{name}` is for clusters, and needs `serverless: false`", name)
        labels = [cluster.label for cluster in self.clusters]
        if len(set(labels)) < len(labels):
            raise fault("two clusters have the same `label`", "clusters")
        return self
