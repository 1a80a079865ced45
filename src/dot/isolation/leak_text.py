"""What would be written outside a build, as a person reads it: each cause with its cure, then what it makes leak."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePath
from textwrap import dedent

from dot.base.wording import MOST_NAMES
from dot.dbt.manifest import Manifest
from dot.isolation.leaks import suspects_of
from dot.isolation.own_sources import LostSource, list_sources_to_change
from dot.isolation.rules import Leak


@dataclass(frozen=True)
class LeakText:
    """Leaks as a person reads them. The project's files are in `folder`, those of its packages in `packages`."""

    manifest: Manifest
    folder: PurePath
    packages: PurePath
    read: Callable[[PurePath], str | None]

    def lines(self, leaks: tuple[Leak, ...]) -> tuple[str, ...]:
        """The leaks, those of one cause together, each with what to change."""
        by_cause: dict[tuple[str | None, str, str], list[Leak]] = {}
        for leak in leaks:
            by_cause.setdefault((leak.macro, "" if leak.macro else leak.cause, leak.hint), []).append(leak)
        groups = sorted(by_cause.values(), key=len, reverse=True)
        lines = [line for group in groups[:MOST_NAMES] for line in self._group(group)]
        if more := sum(map(len, groups[MOST_NAMES:])):
            lines += ["", f"  … and {more:,} more, of {len(groups) - MOST_NAMES:,} more causes"]
        return (*lines, "")

    def _group(self, group: list[Leak]) -> list[str]:
        """What is the cause of these leaks, what to change, and the first of them."""
        shown, more = group[:MOST_NAMES], len(group) - MOST_NAMES
        width = max(len(_name(leak)) for leak in shown)
        return [
            "",
            *(f"  {line}" for line in self._macro(group[0]) or _explain(group[0])),
            *(f"  {line}" for line in self._sources(group)),
            *(f"      {_name(leak):<{width}}  {self._file(leak)}".rstrip() for leak in shown),
            *([f"      … and {more:,} more"] if more > 0 else []),
        ]

    def _sources(self, group: list[Leak]) -> list[str]:
        """The sources that read what leaks, which the cure would leave behind."""
        return [
            f"= help: the source `{name}` reads from there, so give it in {file}  {line}"
            for (name, file), line in list_sources_to_change(self.manifest, tuple(group)).items()
        ]

    def _is_own(self, package: str) -> bool:
        return package == self.manifest.metadata.project_name

    def _file(self, leak: Leak) -> str:
        package = leak.unique_id.split(".")[1]
        return leak.file if self._is_own(package) or not leak.file else f"{leak.file} in package {package}"

    def _macro(self, leak: Leak) -> list[str]:
        """Where the macro stands, the lines in it that forget the target's schema, and what they should be."""
        if not leak.macro:
            return []
        macro, suspects = suspects_of(self.manifest, leak.macro)
        file, shown = self.folder / macro.original_file_path, macro.original_file_path
        if not self._is_own(macro.package_name):
            file = self.packages / macro.package_name / macro.original_file_path
            shown = f"{self.packages.name}/{macro.package_name}/{macro.original_file_path}"
        before = _count_lines_before(macro.macro_sql, self.read(file) or "")
        lines: list[str] = []
        for suspect in suspects:
            when = f" {suspect.condition}" if suspect.condition else ""
            number = before + suspect.line
            lines.append(f"{macro.name} ({shown}:{number}) leaves the target's schema out{when}")
            lines += _number_lines(number, suspect.text)
            lines += _help_with(number, dedent(suspect.fix))
        return lines


def describe_lost_sources(lost: tuple[LostSource, ...]) -> tuple[str, ...]:
    """What these sources read and what the build makes instead, then the lines that let them follow."""
    what = "1 source reads" if len(lost) == 1 else f"{len(lost):,} sources read"
    shown, more = lost[:MOST_NAMES], len(lost) - MOST_NAMES
    cures = dict.fromkeys((source.source.partition(".")[0], source.file, source.schema_line) for source in shown)
    return (
        f"{what} what this project makes elsewhere, and not what this build makes",
        "",
        *(f"  {source.source} reads {source.reads}, this build makes {source.makes}" for source in shown),
        *([f"  … and {more:,} more"] if more > 0 else []),
        *(f"  = help: give the source `{name}` in {file}  {line}" for name, file, line in cures),
        "",
    )


def _name(leak: Leak) -> str:
    """The relation, and the node's name where that is another."""
    return leak.relation if leak.relation.endswith(f".{leak.name}") else f"{leak.relation} ({leak.name})"


def _explain(leak: Leak) -> list[str]:
    first, *more = leak.hint.split("\n")
    return [leak.cause, f"= help: {first}", *(f"        {line}" for line in more)]


def _help_with(number: int, fix: str) -> list[str]:
    """The cure: behind the word for it where it is one line, else below."""
    start = "= help: keep builds apart with"
    return [start, *_number_lines(number, fix)] if "\n" in fix else [f"{start}  {fix}"]


def _number_lines(first: int, text: str) -> list[str]:
    """Each line with its number in the file."""
    lines = dedent(text).splitlines()
    width = len(str(first + len(lines) - 1))
    return [f"{number:>{width}} | {line.rstrip()}" for number, line in enumerate(lines, first)]


def _count_lines_before(macro_sql: str, text: str) -> int:
    """How many lines of the file's text stand before the macro."""
    return text.count("\n", 0, max(text.find(macro_sql.strip().replace("\r\n", "\n")), 0))
