"""The code of the two sides of a comparison: their manifests, and what those do not hold."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from dot.base.frozen import FrozenMapping
from dot.base.secrets import mask_mapping
from dot.dbt.manifest import Manifest, Node
from dot.dbt.project import PROJECT_FILE, DbtProject, parse_project
from dot.dbt.writes import WRITES
from dot.diff.code.side import CodeSide, Sides, merge_variables
from dot.diff.gather_sides import GatheredSide
from dot.plan.find_runs import read_records
from dot.plan.record import find_limit
from dot.system import git, store


def gather_code(
    sides: tuple[GatheredSide, GatheredSide], manifests: tuple[Manifest, Manifest], *, shows_rows: bool
) -> Sides:
    """Both sides' code, with the variables that it was given, and with the seeds that may differ."""
    files = tuple(_Files(side) for side in sides)
    seeds = dict(_read_seeds(files, manifests))
    is_whole = all(one.projects for one in files)  # unless somebody removed a worktree
    base, head = (
        CodeSide(
            manifest=manifest,
            schema_name=one.side.isolated.schema_name,
            short_hash=one.side.side.short_hash,
            variables=merge_variables(one.settings if is_whole else [], one.read_given()),
            seeds={unique_id: texts[place] for unique_id, texts in seeds.items()},
            shows_rows=shows_rows,
            dispatch=FrozenMapping(one.own.dispatch if one.own else {}),
            flags=FrozenMapping(one.own.flags if one.own else {}),
            output=str(one.side.environment.options["target"]),
            limit=None if one.side.is_live else find_limit(read_records(one.side.folder)),
        )
        for place, (one, manifest) in enumerate(zip(files, manifests, strict=True))
    )
    return base, head


def list_differing_files(sides: tuple[GatheredSide, GatheredSide]) -> tuple[str, ...]:
    """The paths of all files that the two sides do not have alike."""
    return git.list_differing(sides[0].here.project, *(one.side.commit for one in sides))


@dataclass(frozen=True)
class _Files:
    """The files of a project and its packages on one side."""

    side: GatheredSide

    @cached_property
    def projects(self) -> dict[str, tuple[Path, DbtProject]]:
        """The folder of each package, and what is in its `dbt_project.yml`; the project itself is the last."""
        top = self.side.project
        project = _read_project(top)
        if not project:
            return {}
        packages = top / project.packages_folder
        found = {folder: _read_project(folder) for folder in (packages / name for name in store.list_folder(packages))}
        return {one.name: (folder, one) for folder, one in found.items() if one} | {project.name: (top, project)}

    @property
    def own(self) -> DbtProject | None:
        """The project itself, without its packages."""
        return list(self.projects.values())[-1][1] if self.projects else None

    @property
    def settings(self) -> list[tuple[str, Mapping[str, Any]]]:
        """The variables of each project, by its name."""
        return [(name, project.vars) for name, (_, project) in self.projects.items()]

    def read_given(self) -> FrozenMapping:
        """The variables that dbt was given: those that its models were built with, whatever they are today."""
        runs = () if self.side.is_live else read_records(self.side.folder)
        writing = (run for run in runs if run.has_run and "model" in WRITES.get(run.dbt_command, ()))
        written = (run.environment for run in writing)
        given = next((environment for environment in written if environment), self.side.environment).vars
        return mask_mapping(given)  # as records have them

    def read_seed(self, seed: Node) -> str | None:
        """The text of a seed; None where its file is not there."""
        place = self.projects.get(seed.package_name)
        return store.read_text(place[0] / seed.original_file_path) if place else None


def _read_project(folder: Path) -> DbtProject | None:
    text = store.read_text(folder / PROJECT_FILE)
    return None if text is None else parse_project(text.encode(), str(folder / PROJECT_FILE))


def _read_seeds(files: tuple[_Files, ...], manifests: tuple[Manifest, ...]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The texts of the seeds that both sides have, but for those of which dbt knows that they are the same."""
    base, head = (manifest.everything for manifest in manifests)
    for unique_id in sorted(base.keys() & head.keys()):
        seeds = (base[unique_id], head[unique_id])
        if seeds[0].resource_type == "seed" and not _is_known_same(*seeds):
            texts = [text for one, seed in zip(files, seeds, strict=True) if (text := one.read_seed(seed)) is not None]
            if len(texts) == len(files):
                yield unique_id, tuple(texts)


def _is_known_same(base: Node, head: Node) -> bool:
    """Whether dbt has a digest of both files, and not only the path, as it does of large ones."""
    return base.checksum == head.checksum and getattr(base.checksum, "name", None) != "path"
