"""An environment as one run has it, its variables checked by their specifications."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from dot.base.errors import ConfigurationError, Problem
from dot.base.frozen import FrozenMapping, is_same
from dot.base.secrets import is_secret
from dot.base.yaml_document import Tree, merge_deep
from dot.config.files import VARS_FILE, Configuration, Environment, in_order
from dot.config.layers import merge_environments


def resolve_environment(configuration: Configuration, name: str, given: Tree) -> Environment:
    """The environment of this name, the variables `given` for this run on top, checked by their specifications.

    Raises `ConfigurationError` with every variable that is missing or has a value that is not allowed.
    """
    tree = configuration.environments.get(name, configuration.common)
    variables = merge_deep(tree.children.get("vars", Tree({}, tree.location)), given)
    problems = tuple(_check_variables(configuration, name, variables))
    if problems:
        raise ConfigurationError(*in_order(problems))
    options = {key: child.plain() for key, child in tree.children.items() if key != "vars"}
    return Environment(name=name, options=FrozenMapping(options), vars=FrozenMapping(variables.plain()))


def lay_over(configuration: Configuration, given: Tree) -> Configuration:
    """The configuration with the variables `given` for this run on top of every environment's."""

    def lay(tree: Tree) -> Tree:
        return Tree(merge_environments(tree, Tree({"vars": given}, given.location)).value, tree.location)

    environments = {name: lay(tree) for name, tree in configuration.environments.items()}
    return replace(configuration, common=lay(configuration.common), environments=environments)


def _check_variables(configuration: Configuration, name: str, variables: Tree) -> Iterator[Problem]:
    for variable, specification in configuration.variables.items():
        found = variables.children.get(variable)
        if found is None:
            if specification.required:
                yield Problem(
                    f"the variable `{variable}` is required and has no value in environment `{name}`",
                    configuration.environments.get(name, configuration.common).location,
                    hint=f"set it under `vars` of `{name}`, or with `--vars '{variable}: …'`",
                )
        elif specification.strict and not any(is_same(found.plain(), value) for value in specification.values or ()):
            yield _refuse_value(variable, specification.values or (), found)


def _refuse_value(variable: str, values: Sequence[Any], found: Tree) -> Problem:
    """What is wrong with a value that is not allowed; where the name is a secret's, the values that are stay unsaid."""
    if is_secret([variable], "…"):
        place = replace(found.location, text=None)
        return Problem(f"the variable `{variable}` has none of the values that {VARS_FILE} allows", place)
    allowed = ", ".join(map(show_value, values))
    message = f"the variable `{variable}` must be one of {allowed}, not {show_value(found.plain())}"
    return Problem(message, found.location)


def show_value(value: Any) -> str:
    """A value as JSON, so that `1`, `true` and `"1"` look as different as they are."""
    return json.dumps(value, ensure_ascii=False)
