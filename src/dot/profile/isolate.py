"""A dbt profile becomes the isolated profile of a build: one output, its schema suffixed, no secret in it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any

from dot.base.errors import Location, Problem, ProfileError
from dot.base.frozen import Frozen, FrozenLenient, FrozenMapping, thaw
from dot.base.secrets import is_secret, looks_secret
from dot.base.wording import did_you_mean
from dot.dbt.jinja_text import JinjaPiece, has_jinja, replace_jinja
from dot.dbt.option_variables import VARIABLE_PREFIX
from dot.profile.adapters import find_adapter
from dot.profile.connection import resolve_connection
from dot.profile.paths import (
    Keys,
    dotted,
    find_database_files,
    is_path,
    is_relative,
    make_absolute,
    name_databases,
)

_VARIABLE = re.compile(r"(?:env_)?var \( (?:'[\w.]*'|\"[\w.]*\") \)(?: \| \w+)*")
"""The words of Jinja that names a variable and holds nothing else: no default, no other text."""


class ProfileFacts(Frozen):
    """The profile as found: its one output as written, Jinja unrendered.

    `rendered` holds what the Jinja of the type, the schema and the path fields means, by dotted name.
    `connection` holds what the fields that name the warehouse mean, secrets too, and `real_paths` where a database's
    file is when links are followed. `base` is the folder in which the user's own dbt would have run.
    """

    file: PurePath
    name: str
    target: str
    output: FrozenMapping
    rendered: FrozenMapping = FrozenMapping()
    connection: FrozenMapping = FrozenMapping()
    real_paths: FrozenMapping = FrozenMapping()
    flags: FrozenMapping | None = None
    base: PurePath
    user_file: PurePath | None = None


class SecretReference(FrozenLenient):
    """A literal secret in the user's profile: dot reads it there, renders it, and hands it to dbt in this variable."""

    variable: str
    file: PurePath
    keys: tuple[str | int, ...]


@dataclass
class _Isolated:
    """The rewritten output as it grows, leaf by leaf."""

    profile: ProfileFacts
    suffix: str
    secrets: list[SecretReference] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


class IsolatedProfile(Frozen):
    """The contents of a build's `profiles.yml`, and what goes with it."""

    content: FrozenMapping
    output: FrozenMapping
    schema_name: str
    secrets: tuple[SecretReference, ...]
    warnings: tuple[str, ...]
    files: tuple[PurePath, ...]
    """Database files that only one process at a time may write; DuckDB takes `~` for the home folder."""
    databases: FrozenMapping
    """Those files by the names that their databases have in a relation."""
    connection: FrozenMapping
    """What tells its warehouse from another; a secret may be in it."""


def isolate_profile(profile: ProfileFacts, suffix: str) -> IsolatedProfile:
    """The profile reduced to its output, every schema key suffixed, paths absolute, literal secrets by reference.

    Raises `ProfileError` when the output has no schema, or one that renders to nothing.
    """
    state, is_duckdb = _Isolated(profile, suffix), adapter_type(profile) == "duckdb"
    output = {key: _rewrite(state, (key,), value) for key, value in thaw(profile.output).items()}
    schema = _suffix_schemas(profile, output, suffix)
    databases = name_databases(output, profile.rendered) if is_duckdb else {}
    content: dict[str, Any] = {profile.name: {"target": profile.target, "outputs": {profile.target: output}}}
    if profile.flags is not None:
        content["config"] = profile.flags
    return IsolatedProfile(
        content=FrozenMapping(content),
        output=FrozenMapping(output),
        schema_name=schema,
        secrets=tuple(state.secrets),
        warnings=tuple(state.warnings),
        files=tuple(_real(profile, path) for path in find_database_files(output, profile.rendered) if is_duckdb),
        databases=FrozenMapping({name: str(_real(profile, path)) for name, path in databases.items()}),
        connection=FrozenMapping(_resolve(profile, output)),
    )


def _real(profile: ProfileFacts, path: PurePath) -> PurePath:
    return PurePath(str(profile.real_paths.get(str(path), path)))


def _resolve(profile: ProfileFacts, output: Mapping[str, Any]) -> dict[str, str]:
    """The connection, the path of DuckDB's file being the one that it really has."""
    adapter = adapter_type(profile)
    found = resolve_connection(adapter, {**output, **profile.connection})
    files = find_database_files({"path": output.get("path")}, profile.rendered) if adapter == "duckdb" else ()
    return found | ({"path": str(_real(profile, files[0]))} if files else {})


def _suffix_schemas(profile: ProfileFacts, output: dict[str, Any], suffix: str) -> str:
    """Suffix every schema key of the output in place; the first one's new value, Jinja unrendered."""
    adapter = find_adapter(adapter_type(profile))
    keys = [key for key in adapter.schema_keys if output.get(key) is not None]
    if not keys and adapter.default_schema:
        keys = [adapter.schema_keys[0]]
        output[keys[0]] = adapter.default_schema
    if not keys:
        raise _schema_error(profile, f"names no `{'` or `'.join(adapter.schema_keys[:2])}`")
    for key in keys:
        if not isinstance(output[key], str):
            raise _schema_error(profile, f"has a `{key}` that is no text")
        if not str(profile.rendered.get(key, output[key])).strip():
            raise _schema_error(profile, f"has a `{key}` that is empty")
        output[key] = output[key].strip() + suffix
    for key in adapter.schema_copies:
        output.pop(key, None)
    return output[keys[0]]


def adapter_type(profile: ProfileFacts) -> str:
    """The adapter that the output names."""
    return str(profile.rendered.get("type", profile.output.get("type")))


def _schema_error(profile: ProfileFacts, reason: str) -> ProfileError:
    return ProfileError(
        Problem(
            f"output `{profile.target}` of profile `{profile.name}` {reason}",
            Location(str(profile.file)),
            hint="an isolated build needs a schema to derive its own from",
        )
    )


def _rewrite(state: _Isolated, keys: Keys, value: Any) -> Any:
    """The value for the isolated profile, at any depth."""
    if isinstance(value, dict):
        return {key: _rewrite(state, (*keys, key), item) for key, item in value.items()}
    if isinstance(value, list):
        return [_rewrite(state, (*keys, index), item) for index, item in enumerate(value)]
    literal = _read_literal(value) if isinstance(value, str) else value
    if looks_secret(literal) or (has_jinja(value) and looks_secret(replace_jinja(value, lambda _: "\0"))):
        return _by_reference(state, keys)
    if is_path(adapter_type(state.profile), keys):
        return _absolute(state, keys, value)
    names = [key for key in keys if isinstance(key, str)]
    stays = isinstance(literal, str) and "\0" in literal and not literal.strip("\0 \n\t")
    return _by_reference(state, keys) if is_secret(names, literal) and not stays else value


def _read_literal(text: str) -> str:
    """The text with a NUL for each variable; any other Jinja counts as text, and as one word."""
    return replace_jinja(text, lambda piece: "\0" if _is_variable(piece) else "".join(piece.text.split()))


def _is_variable(piece: JinjaPiece) -> bool:
    return piece.kind == "output" and bool(_VARIABLE.fullmatch(" ".join(piece.words)))


def _by_reference(state: _Isolated, keys: Keys) -> str:
    profile = state.profile
    variable = f"{VARIABLE_PREFIX}{len(state.secrets) + 1}"
    place = (profile.name, "outputs", profile.target, *keys)
    state.secrets.append(SecretReference(variable=variable, file=profile.file, keys=place))
    return f"{{{{ env_var('{variable}') }}}}"


def _absolute(state: _Isolated, keys: Keys, value: Any) -> Any:
    """A relative path keeps meaning what it meant to the user's own dbt, which ran in another folder."""
    if not isinstance(value, str):
        return value
    profile, name = state.profile, dotted(keys)
    text = str(profile.rendered.get(name, "/")) if has_jinja(value) else value
    if is_relative(profile.output, keys, text):
        if not has_jinja(value):
            return make_absolute(keys, value, profile.base)
        state.warnings.append(
            f"`{name}` in {profile.file} renders to a relative path; an isolated build looks for it in "
            "its own worktree. Make the value absolute to share the file"
        )
    return value


_ADD_OUTPUT = "below `outputs` stands a mapping for each, with `type` and what else dbt needs to connect"


def select_profile(data: Mapping[str, Any], file: PurePath, name: str) -> Mapping[str, Any]:
    """The profile of this name. Raises `ProfileError` naming those that there are."""
    profile = data.get(name)
    if isinstance(profile, Mapping):
        return profile
    names = [key for key in data if key != "config"]
    raise _missing(f"there is no profile `{name}`", file, f"profiles: {', '.join(names)}", did_you_mean(name, names))


def select_output(data: Mapping[str, Any], file: PurePath, name: str, target: str) -> Mapping[str, Any]:
    """The output of this profile for `target`. Raises `ProfileError` naming those that there are."""
    outputs = outputs_of(select_profile(data, file, name))
    output = outputs.get(target)
    if isinstance(output, Mapping):
        return output
    if not outputs:
        raise ProfileError(Problem(f"profile `{name}` has no outputs", Location(str(file)), hint=_ADD_OUTPUT))
    if target in outputs:
        message = f"output `{target}` of profile `{name}` must be a mapping"
        raise ProfileError(Problem(message, Location(str(file)), hint=_ADD_OUTPUT))
    hint = did_you_mean(target, outputs) or "an environment's `target` names the output it uses, if not its own name"
    raise _missing(f"profile `{name}` has no output `{target}`", file, f"outputs: {', '.join(outputs)}", hint)


def outputs_of(profile: Mapping[str, Any]) -> Mapping[str, Any]:
    """The outputs of a profile, by name."""
    outputs = profile.get("outputs")
    return outputs if isinstance(outputs, Mapping) else {}


def _missing(message: str, file: PurePath, note: str, hint: str | None) -> ProfileError:
    return ProfileError(Problem(message, Location(str(file)), notes=(note,), hint=hint))
