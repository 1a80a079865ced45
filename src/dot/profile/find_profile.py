"""The user's dbt profile, found and read as dbt would, without starting it."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from dot.base.errors import Location, Problem, ProfileError
from dot.base.frozen import FrozenMapping
from dot.dbt.jinja import render_secret, render_text
from dot.dbt.jinja_text import has_jinja
from dot.dbt.option_variables import read_variable
from dot.dbt.program import is_at_least, knows_newer_variables
from dot.dbt.project import PROFILES_FILE, PROJECT_FILE, DbtProject, find_profiles_folder, load_profiles
from dot.profile.adapters import CONNECTION_KEYS, find_adapter
from dot.profile.isolate import ProfileFacts, isolate_profile, outputs_of, select_output, select_profile
from dot.profile.paths import dotted, is_path


@dataclass(frozen=True)
class ProfileSearch:
    """What decides where a profile is: where dbt runs, its environment and version, and options that name it."""

    cwd: Path
    environ: Mapping[str, str]
    version: str | None
    project: Path
    folder: str | None = None
    name: str | None = None

    def read_variable(self, name: str) -> str | None:
        """The value that the environment gives to an option of this dbt."""
        return read_variable(self.environ, name, is_newer_known=knows_newer_variables(self.version))


@dataclass(frozen=True)
class FoundProfile:
    """A profile in its file. `is_fallback`: dbt itself would not have looked there."""

    file: Path
    is_fallback: bool
    name: str
    data: Mapping[str, Any]
    where: ProfileSearch

    @property
    def outputs(self) -> Mapping[str, Any]:
        """Its outputs, by name."""
        return outputs_of(self.data[self.name])

    def seen_by(self, variables: Mapping[str, Any]) -> "FoundProfile":
        """The same profile, as a dbt sees it that has these variables in its environment."""
        environ = {**self.where.environ, **{name: str(value) for name, value in variables.items()}}
        return replace(self, where=replace(self.where, environ=environ))

    def default_target(self, variables: Mapping[str, Any]) -> str:
        """The target that dbt would choose. Raises `ProfileError` for Jinja that cannot be rendered."""
        target = self.where.read_variable("target") or self.data[self.name].get("target") or "default"
        return _render_field(("target", self.file), str(target), self.where.environ, variables)


Load = Callable[[Path], Mapping[str, Any]]


def find_profile(
    where: ProfileSearch, project: DbtProject, variables: Mapping[str, Any], load: Load = load_profiles
) -> FoundProfile:
    """The profile that the project names; `load` reads the file. Raises `ProfileError` when there is none."""
    file, is_fallback = _find_file(where)
    name = where.name or where.read_variable("profile") or project.profile
    if not name:
        raise ProfileError.of("the project names no profile", hint="add `profile:` to dbt_project.yml")
    data = load(file)
    name = _render_field(("profile", where.project / PROJECT_FILE), name, where.environ, variables)
    select_profile(data, file, name)
    return FoundProfile(file, is_fallback, name, data, where)


def _find_file(where: ProfileSearch) -> tuple[Path, bool]:
    folder = find_profiles_folder(where.cwd, where.folder, where.environ, where.version)
    file, beside = folder / PROFILES_FILE, where.project / PROFILES_FILE
    if file.exists():
        return file, False
    is_named = bool(where.folder or where.read_variable("profiles-dir"))
    if is_named or not beside.exists():
        places = f"{file}" if is_named else f"{file} and {beside}"
        raise ProfileError.of(
            f"there is no {PROFILES_FILE}: looked at {places}",
            hint="make one (`dbt init`), or name its folder with `DBT_PROFILES_DIR`",
        )
    return beside, True


def gather_profile(found: FoundProfile, target: str, variables: Mapping[str, Any]) -> ProfileFacts:
    """The one output of the profile that a build needs. Raises `ProfileError` when there is no such output."""
    output = select_output(found.data, found.file, found.name, target)
    user_file = found.file.parent / ".user.yml"
    # dbt 1 reads flags from it, and dbt 2 refuses a file that has it.
    flags = None if is_at_least(found.where.version, 2) else found.data.get("config")
    facts = ProfileFacts(
        file=found.file,
        name=found.name,
        target=target,
        output=FrozenMapping(output),
        rendered=FrozenMapping(_render(output, found.where.environ, variables, found.file)),
        connection=FrozenMapping(_read_connection(output, found.where.environ, variables)),
        flags=FrozenMapping(flags) if isinstance(flags, dict) else None,
        base=found.where.cwd,
        user_file=user_file if user_file.is_file() else None,
    )
    return facts.model_copy(update={"real_paths": FrozenMapping(_find_real_paths(facts))})


def _find_real_paths(facts: ProfileFacts) -> dict[str, str]:
    """Where the files of databases are when links are followed; none of a profile that cannot be isolated."""
    try:
        files = isolate_profile(facts, "").files
    except ProfileError:
        return {}
    return {str(file): str(Path(file).expanduser().resolve()) for file in files}


def _read_connection(
    output: Mapping[str, Any], environ: Mapping[str, str], variables: Mapping[str, Any]
) -> dict[str, str]:
    """What the Jinja in the fields that name the warehouse means, as far as dot can tell before dbt does."""
    found: dict[str, str] = {}
    for key in (key for key in CONNECTION_KEYS if has_jinja(output.get(key))):
        with suppress(ProfileError):
            found[key] = render_secret(str(output[key]), environ, variables)
    return found


def _render(
    output: Mapping[str, Any], environ: Mapping[str, str], variables: Mapping[str, Any], file: Path
) -> dict[str, str]:
    """What the Jinja of the fields that dot looks at means, by dotted name."""
    rendered: dict[str, str] = {}
    adapter = str(output.get("type"))
    for keys, value in _list_scalars(output, ()):
        is_needed = keys[0] in ("type", *find_adapter(adapter).schema_keys) or is_path(adapter, keys)
        if not is_needed or not has_jinja(value):
            continue
        name = dotted(keys)
        rendered[name] = _render_field((name, file), str(value), environ, variables)
        adapter = rendered.get("type", adapter)
    return rendered


def _render_field(place: tuple[str, Path], text: str, environ: Mapping[str, str], variables: Mapping[str, Any]) -> str:
    """What the Jinja in a field of a file means. Raises `ProfileError` that names both."""
    try:
        return render_text(text, environ, variables)
    except ProfileError as error:
        (problem,), (name, file) = error.problems, place
        message = f"`{name}` cannot be rendered: {problem.message}"
        raise ProfileError(Problem(message, Location(str(file)), hint=problem.hint)) from None


def _list_scalars(value: Any, keys: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """Every scalar in the value with its path, the adapter's `type` first."""
    if isinstance(value, Mapping):
        for key in sorted(value, key=lambda key: key != "type"):
            yield from _list_scalars(value[key], (*keys, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _list_scalars(item, (*keys, index))
    else:
        yield keys, value
