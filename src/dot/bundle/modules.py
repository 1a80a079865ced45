"""Which modules the specs of a bundle make, next to those that are there."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from posixpath import dirname

from dot.base.errors import Location, Problem
from dot.base.yaml_document import YamlDocument
from dot.bundle.emit import FORMAT, LOADER, read_header, render_module
from dot.bundle.layout import RESOURCES_FOLDER, Resource
from dot.bundle.parse_spec import Spec, parse_spec
from dot.bundle.resource_data import Data, resource_data


@dataclass(frozen=True)
class Made:
    """What one spec makes: `path` is the spec's place in the bundle, `text` its module's."""

    path: str
    document: YamlDocument
    spec: Spec

    @property
    def resource(self) -> Resource:
        return self.spec.resource

    @property
    def data(self) -> Data:
        """What the bundle holds of it."""
        return resource_data(self.spec)

    @property
    def text(self) -> str:
        return render_module(self.resource, self.path, self.data)


def make_all(documents: Iterable[tuple[str, YamlDocument]]) -> tuple[tuple[Made, ...], tuple[Problem, ...]]:
    """What the specs at these paths make, and everything that is wrong with them."""
    made: dict[str, Made] = {}
    problems: list[Problem] = []
    for path, document in documents:
        spec, wrong = parse_spec(document, path)
        problems += wrong
        if spec and (other := made.get(spec.resource.module)):
            problems.append(_explain_twin(document, other.document.name, spec))
        elif spec:
            made[spec.resource.module] = Made(path, document, spec)
    return tuple(made.values()), tuple(problems)


def _explain_twin(document: YamlDocument, other: str, spec: Spec) -> Problem:
    hint = "give one of them another `asset`"
    return Problem(f"{other} makes `{spec.resource.key}` already", document.locate(("asset",)), hint=hint)


def package_files(resources: Iterable[Resource]) -> dict[str, str]:
    """The text of each `__init__.py`, by its path, without which modules vanish from the bundle without a word."""
    folders: set[str] = set()
    for folder in {dirname(resource.module) for resource in resources}:
        parts = folder.split("/")
        folders.update("/".join(parts[:count]) for count in range(1, len(parts) + 1))
    return {f"{folder}/__init__.py": LOADER if folder == RESOURCES_FOLDER else "" for folder in sorted(folders)}


def find_foreign(made: Iterable[Made], there: Mapping[str, str], specs: Iterable[str]) -> Iterator[Problem]:
    """Modules that dot must not write: of somebody else, of a newer dot, or of another one of these specs."""
    known = set(specs)
    for one in made:
        module = one.resource.module
        if module not in there:
            continue
        origin = read_header(there[module])
        if not origin:
            message = "dot has not made this file, and does not overwrite it"
            yield Problem(message, Location(module), hint=f"move it away, or give {one.path} another `asset`")
        elif origin.format > FORMAT:
            yield Problem(
                f"a newer dot has made this file, in format {origin.format}", Location(module), hint="install it"
            )
        elif origin.spec != one.path and origin.spec in known:
            yield _explain_twin(one.document, origin.spec, one.spec)


def find_orphans(made: Iterable[Made], there: Mapping[str, str]) -> tuple[str, ...]:
    """The modules that dot has made of specs which are gone."""
    wanted = {one.resource.module for one in made}
    return tuple(path for path, text in sorted(there.items()) if path not in wanted and read_header(text))
