"""JSON Schema (draft 2020-12) of the files that people write and of the plan, made from the models, for editors.

A schema sees one file at a time: what depends on several of them, or on dbt's profile, is for `dot check`.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any, Literal

from pydantic.json_schema import GenerateJsonSchema

from dot.base.address import NAME_PATTERN
from dot.base.errors import UsageError
from dot.base.frozen import Frozen, FrozenLenient
from dot.base.wording import did_you_mean
from dot.config.files import ENVIRONMENTS_FILE, VARS_FILE, EnvironmentSettings, Variable, VariablesFile
from dot.dbt.option_help import HELP
from dot.dbt.options import known_options
from dot.plan.plan import FORMAT_VERSION, BuildPlan

DIALECT = "https://json-schema.org/draft/2020-12/schema"

JsonSchema = dict[str, Any]

OR_NOTHING = ["object", "null"]
"""A key with nothing after it counts as an empty mapping."""


def render_schema(name: str) -> str:
    """The schema of this name as JSON text. Raises `UsageError` for a name that is none."""
    if name not in SCHEMAS:
        hint = did_you_mean(name, SCHEMAS) or f"write `dot schema {next(iter(SCHEMAS))}`"
        raise UsageError.of(f"there is no schema `{name}`", notes=(f"schemas: {', '.join(SCHEMAS)}",), hint=hint)
    return json.dumps({"$schema": DIALECT} | SCHEMAS[name](), indent=2, ensure_ascii=False)


def environments_schema() -> JsonSchema:
    """What `dot_environments.yml` and `dot_environments.user.yml` may hold, each by itself."""
    environment = {"$ref": "#/$defs/EnvironmentSettings"}
    return {
        "title": ENVIRONMENTS_FILE,
        "description": "Environments of dot: options of dbt, and values of variables.",
        "type": OR_NOTHING,
        "properties": {
            "environment": {
                "description": "The environments, by name",
                "type": OR_NOTHING,
                "properties": {
                    "default": {
                        "description": "The environment of an address that names none",
                        "type": ["string", "null"],
                    },
                    "all": environment | {"description": "What every environment has, unless it says otherwise"},
                },
                "propertyNames": {"pattern": f"^{NAME_PATTERN}$"},
                "additionalProperties": environment,
            }
        },
        "additionalProperties": False,
        "$defs": {"EnvironmentSettings": _describe_settings()},
    }


def _describe_settings() -> JsonSchema:
    """One environment. Editors offer the options in kebab case; snake case and dbt's other names are right too."""
    schema = _generate(EnvironmentSettings) | {"type": OR_NOTHING}
    properties = schema["properties"]
    for key, found in properties.items():
        found.setdefault("description", HELP.get(f"--{key}", f"dbt's option `--{key}`"))
    values = {"type": OR_NOTHING, "additionalProperties": {"not": _describe_specification()}}
    properties["vars"] = {"description": properties["vars"]["description"]} | values
    spellings = {name.removeprefix("--"): option.key for name, option in known_options().items() if "--" in name}
    schema["patternProperties"] = {
        f"^{spelling.replace('-', '[-_]')}$": {"$ref": f"#/$defs/EnvironmentSettings/properties/{key}"}
        for spelling, key in spellings.items()
        if "-" in spelling or spelling not in properties
    }
    return schema


def _describe_specification() -> JsonSchema:
    """What looks like the specification of a variable, where a value should be."""
    return {"type": "object", "minProperties": 1, "propertyNames": {"enum": list(Variable.model_fields)}}


def vars_schema() -> JsonSchema:
    """What `dot_vars.yml` may hold."""
    schema = _generate(VariablesFile) | {"title": VARS_FILE, "type": OR_NOTHING}
    schema["properties"]["vars"]["type"] = OR_NOTHING
    schema["$defs"]["Variable"] |= {
        "if": {"properties": {"strict": {"const": True}}, "required": ["strict"]},
        "then": {"properties": {"values": {"type": "array", "minItems": 1}}, "required": ["values"]},
    }
    return schema


def plan_schema() -> JsonSchema:
    """What `dot plan --json` prints. More may be added to it, in a minor format."""
    schema = _generate(BuildPlan, "serialization")
    itself = schema["$defs"]["BuildPlan"]  # which holds plans itself
    itself["properties"]["format_version"]["pattern"] = rf"^{FORMAT_VERSION.partition('.')[0]}\."
    return schema


def job_schema() -> JsonSchema:
    """What the spec of a job may hold, as far as one field at a time tells."""
    from dot.bundle.job_spec import JobSpec  # noqa: PLC0415 - only who works with bundles needs it

    return _generate(JobSpec) | {"title": "Spec of a job"}


def pipeline_schema() -> JsonSchema:
    """What the spec of a pipeline may hold, as far as one field at a time tells."""
    from dot.bundle.pipeline_spec import PipelineSpec  # noqa: PLC0415

    return _generate(PipelineSpec) | {"title": "Spec of a pipeline"}


SCHEMAS: Mapping[str, Callable[[], JsonSchema]] = {
    "environments": environments_schema,
    "vars": vars_schema,
    "plan": plan_schema,
    "job": job_schema,
    "pipeline": pipeline_schema,
}


class _Generator(GenerateJsonSchema):
    """Without titles that only repeat names, and defaults that say nothing; what dot writes is always there."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002 - as the base class has it
        return False

    def default_schema(self, schema: Any) -> JsonSchema:
        return {
            key: value for key, value in super().default_schema(schema).items() if (key, value) != ("default", None)
        }

    def field_is_required(self, field: Any, total: bool) -> bool:  # noqa: FBT001 - as the base class has it
        return self.mode == "serialization" or super().field_is_required(field, total)


def _generate(
    model: type[Frozen | FrozenLenient], mode: Literal["validation", "serialization"] = "validation"
) -> JsonSchema:
    return model.model_json_schema(schema_generator=_Generator, mode=mode)
