"""`dot_vars.yml`, `dot_environments.yml` and `dot_environments.user.yml`: models and resolution.

The layers are merged before they are validated (`layers.py`), and each problem is reported at the file and line
that it came from, all of them at once.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, Field, ValidationError, create_model, model_validator
from pydantic_core import ErrorDetails, PydanticCustomError

from dot.base.address import environment_name_problem
from dot.base.errors import ConfigurationError, Location, Problem
from dot.base.frozen import Frozen, FrozenLenient, FrozenMapping
from dot.base.wording import did_you_mean
from dot.base.yaml_document import Tree, YamlDocument
from dot.config.layers import merge_files, spell_as_dbt
from dot.dbt.options import describe_values, find_option, known_options

VARS_FILE = "dot_vars.yml"
ENVIRONMENTS_FILE = "dot_environments.yml"
USER_FILE = "dot_environments.user.yml"

# -- models --------------------------------------------------------------------------------------------------------


class Variable(Frozen):
    """The specification of one variable in `dot_vars.yml`."""

    description: str | None = Field(default=None, description="What the variable means")
    values: tuple[Any, ...] | None = Field(default=None, description="The values that it is meant to have")
    strict: bool = Field(default=False, description="Whether no other value is allowed; needs `values`")
    required: bool = Field(default=False, description="Whether every environment that is used must have a value")

    @model_validator(mode="after")
    def _strict_needs_values(self) -> "Variable":
        if self.strict and not self.values:
            raise PydanticCustomError("needs_values", "`strict: true` needs `values`")
        return self


class VariablesFile(Frozen):
    """The whole of `dot_vars.yml`."""

    vars: dict[str, Variable | None] = Field(default_factory=dict, description="The variables of the project, by name")


def _check_value(value: Any) -> Any:
    if isinstance(value, dict) and value and set(value) <= set(Variable.model_fields):
        raise PydanticCustomError("specification", "a specification belongs in dot_vars.yml; here stand values")
    return value


Value = Annotated[Any, AfterValidator(_check_value)]

_TYPES: dict[str, Any] = {
    "flag": bool,
    "integer": int,
    "text": str | int | float,
    "mapping": str | dict[str, Any],
    "list": str | tuple[str | int | float, ...],
}


def _option_field(name: str, kind: str, choices: tuple[str, ...]) -> Any:
    kind_type = _TYPES[kind]
    if choices:
        one = Literal[choices]  # pyrefly: ignore
        kind_type = one | tuple[one, ...] if kind == "list" else one
    return (kind_type | None, Field(default=None, alias=name.removeprefix("--")))


class Values(Frozen):
    """Values of variables, as one mapping has them."""

    vars: dict[str, Value] = Field(default_factory=dict, description="Values of variables, by name")


if TYPE_CHECKING:
    EnvironmentSettings = Values
else:  # one field for each option of dbt: the generated table is the one place that knows them
    EnvironmentSettings = create_model(
        "EnvironmentSettings",
        __base__=Values,
        __doc__="One mapping of an environments file: values of variables, and dbt's options, named without dashes.",
        **{
            option.key.replace("-", "_"): _option_field(option.name, option.kind, option.choices)
            for option in sorted(set(known_options().values()))
            if option.name != "--vars"
        },
    )


def _check_name(name: str) -> str:
    if problem := environment_name_problem(name):
        raise PydanticCustomError("environment_name", "{problem}", {"problem": problem})
    return name


class EnvironmentsFile(Frozen):
    """What stands under `environment` once the layers are merged."""

    default: str | None = None
    all: EnvironmentSettings
    environments: dict[Annotated[str, AfterValidator(_check_name)], EnvironmentSettings]


class Environment(FrozenLenient):
    """A resolved environment: options of dbt by their name without dashes, and variable values."""

    name: str
    options: FrozenMapping = FrozenMapping()
    vars: FrozenMapping = FrozenMapping()


@dataclass(frozen=True)
class Configuration:
    """Everything that the configuration files say, merged and valid, with the place of every value.

    `common` is the merged `all`; it stands for an environment that no file defines, in a project whose
    environments are the outputs of its dbt profile.
    """

    default: str | None
    common: Tree
    environments: Mapping[str, Tree]
    variables: Mapping[str, Variable]
    location: Location


# -- reading -------------------------------------------------------------------------------------------------------


def read_configuration(
    project: YamlDocument | None, user: YamlDocument | None, variables: YamlDocument | None
) -> tuple[Configuration | None, tuple[Problem, ...]]:
    """The three files, without the environments and variables that are wrong, and every problem of all of them.

    There is no configuration where it cannot be told which environments there are, or what all of them have.
    """
    sources = [source for source in (project, user) if source]
    problems = [problem for source in sources for problem in source.problems]
    bodies = [_body(source, "environment", problems) for source in sources]
    is_legible = not problems
    merged = merge_files([spell_as_dbt(body, problems) for body in bodies], Location(ENVIRONMENTS_FILE))
    environments = dict(merged.children["environments"].children)
    common = environments.pop("all")
    tree = Tree(merged.children | {"all": common, "environments": Tree(environments, merged.location)}, merged.location)
    valid = _validate(EnvironmentsFile, tree, problems)
    problems += _check_default(tree)
    specifications = _read_variables(variables, problems) if variables else {}
    if not valid:
        environments = {name: child for name, child in environments.items() if _is_right(name, child)}
        is_legible &= bool(environments) and _is_right("_", common)
    default = valid.default if valid else None
    configuration = Configuration(default, common, environments, specifications, merged.location)
    return configuration if is_legible else None, in_order(problems)


def _is_right(name: str, settings: Tree) -> bool:
    return not environment_name_problem(name) and _validate(EnvironmentSettings, settings, []) is not None


def _read_variables(source: YamlDocument, problems: list[Problem]) -> dict[str, Variable]:
    """The specifications; of those that are wrong, the reasons among `problems`."""
    problems += source.problems
    body = _body(source, "vars", problems)
    found: dict[str, Variable] = {}
    for name, child in body.children.items():
        tree = Tree({"vars": Tree({name: child}, body.location)}, body.location)
        if valid := _validate(VariablesFile, tree, problems):
            found[name] = valid.vars[name] or Variable()
    return found


def _body(source: YamlDocument, key: str, problems: list[Problem]) -> Tree:
    """What stands under the file's single key; an empty mapping when the file is empty or wrong."""
    tree = source.tree()
    body = tree.children.get(key, Tree({}, source.locate((key,))))
    if not tree.is_mapping:
        problems.append(Problem(f"the file must be a mapping with the one key `{key}`", tree.location))
    for other, child in tree.children.items():
        if other != key:
            message = f"unknown key `{other}`: the file has the one key `{key}`"
            problems.append(Problem(message, child.location, hint=did_you_mean(other, [key])))
    if not body.is_mapping:
        problems.append(Problem(f"`{key}` must be a mapping", body.location))
    return Tree(body.children, body.location)


def _check_default(tree: Tree) -> Iterator[Problem]:
    default, environments = tree.children.get("default"), tree.children["environments"].children
    if default and environments and isinstance(default.value, str) and default.value not in environments:
        yield Problem(
            f"the default environment `{default.value}` is not defined",
            default.location,
            notes=(f"environments: {', '.join(environments)}",),
            hint=did_you_mean(default.value, environments),
        )


ModelT = TypeVar("ModelT", bound=Frozen)


def _validate(model: type[ModelT], tree: Tree, problems: list[Problem]) -> ModelT | None:
    """The tree as a valid model; nothing, and the reasons among `problems`, when it is not valid."""
    try:
        # Through JSON, because strict validation of Python data refuses a list for a tuple.
        return model.model_validate_json(json.dumps(tree.plain()))
    except ValidationError as error:
        problems += (_explain(detail, tree) for detail in error.errors())
        return None


_WANTED = {
    "bool_type": "`true` or `false`",
    "string_type": "a text",
    "tuple_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping",
}


def _explain(detail: ErrorDetails, tree: Tree) -> Problem:
    """One problem of a key, in words of the file; a union's several complaints about one value become equal."""
    path, node = tree.follow(detail["loc"])
    key = path[-1] if path else ""
    if detail["type"] == "extra_forbidden":
        return Problem(f"unknown key `{key}`", node.location, hint=did_you_mean(key, Variable.model_fields))
    if detail["type"] == "specification":
        return Problem(detail["msg"], node.location)
    is_in_environment = len(path) > {"all": 1, "environments": 2}.get(path[0] if path else "", len(path))
    option = find_option(key) if is_in_environment else None
    wanted = describe_values(option) if option else _WANTED.get(detail["type"])
    return Problem(f"`{key}` must be {wanted}" if wanted else detail["msg"], node.location)


def in_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Each problem once, in the order of files and lines."""
    return tuple(sorted(dict.fromkeys(problems), key=_place))


def _place(problem: Problem) -> tuple[str, int, int]:
    where = problem.location
    return (where.file, where.line or 0, where.column or 0) if where else ("", 0, 0)


def read_given_vars(source: YamlDocument) -> Tree:
    """The variables of `--vars`. Raises `ConfigurationError`."""
    problems = list(source.problems)
    tree = source.tree()
    values = Tree(tree.children, tree.location) if tree.is_mapping else tree
    _validate(Values, Tree({"vars": values}, tree.location), problems)
    if problems:
        raise ConfigurationError(*problems)
    return values
