"""`dot diff`: what differs between two builds, in their code and in the warehouse."""

import sys
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from math import inf
from pathlib import Path
from time import monotonic

from dot.base.errors import ExitCode, OutsideError, UsageError
from dot.base.text_diff import render_count
from dot.base.wording import did_you_mean
from dot.commands.carry_out import save_plan
from dot.commands.dbt import show_plan
from dot.commands.way import Mode, Way
from dot.console import Console
from dot.console.shell import read_shell
from dot.console.tables import Cell, lay_out
from dot.console.terminal import read_size, write, write_exactly
from dot.dbt.manifest import Manifest, parse_manifest
from dot.dbt.session import Call, Selection, Session
from dot.diff.assemble import (
    Builds,
    DiffOptions,
    assemble,
    find_unknown_keys,
    find_unknown_tolerances,
    judge,
    name_columns,
    plan_comparisons,
)
from dot.diff.code.compare import CodeDiff, compare_code
from dot.diff.code.gather_code import gather_code, list_differing_files
from dot.diff.data.compare import ComparisonResult, RelationPair, parse_keys, parse_tolerances
from dot.diff.data.find_differences import Limits, Warehouse
from dot.diff.gather_sides import GatheredSide, gather_diff, gather_side, refuse_two_warehouses
from dot.diff.planner import plan_diff
from dot.diff.render.text import HEADERS, notes, rows, samples, summary, title
from dot.diff.report import DiffReport, GateResult
from dot.plan.gather_environment import list_environments
from dot.plan.gather_workspace import Workspace, survey
from dot.plan.plan import BuildPlan
from dot.plan.request import DiffRequest
from dot.plan.step import AskMacro, SideName
from dot.run.context import make_context
from dot.run.executor import execute
from dot.system import store
from dot.system.shell import Shell

FAIL_ON = ("none", "schema", "data", "any")

_COLORS = {"changed": "yellow", "renamed": "magenta", "parent": "cyan", "new": "green", "removed": "red"}

_AROUND, _FEWEST = 12, 8
"""Lines that are not the table's, such as the title and the next prompt; and how many rows are worth a table."""


_EXIT_CODES: Mapping[GateResult, int] = {"same": ExitCode.OK, "different": 1, "not_proven": ExitCode.NOT_PROVEN}
"""What a gate ends in."""


def run(request: DiffRequest, way: Way, *, out: str | None = None) -> int:
    """Compare, or do with the plan of it what is wanted; the exit code. Raises `DotError`.

    `out` is a file that the plan is saved in.
    """
    comparison = prepare(request, way.console, read_shell())
    if out is not None:
        save_plan(comparison.plan, out, comparison.here, way.console)
    return carry_out(comparison, way)


def prepare(request: DiffRequest, console: Console, shell: Shell, *, may_lack: bool = False) -> "Comparison":
    """Everything that can be known of the comparison beforehand, though it `may_lack` a build.

    Raises `DotError`.
    """
    if request.fail_on not in FAIL_ON:
        raise UsageError.of(f"`--fail-on {request.fail_on}` is unknown", hint=f"it takes {', '.join(FAIL_ON)}")
    since = monotonic()
    wanted = _read_wanted(request)
    here = survey(shell, request.project_dir)
    base, head = (gather_side(here, address, may_lack=may_lack or request.build) for address in request.addresses)
    _refuse_swallowed_side(request, head)
    refuse_two_warehouses(base, head)
    plan = plan_diff(request, gather_diff(request, (base, head)))
    return Comparison(request, plan, console, since, wanted, (base, head))


def carry_out(comparison: "Comparison", way: Way) -> int:
    """Print the report; 0, 1 when it has what `fail_on` names, or 6 when nobody knows. Raises `DotError`."""
    here, console = comparison.here, comparison.console
    if way.mode is not Mode.EXECUTE:
        return show_plan(comparison.plan, here, way.mode)
    context = replace(make_context(here, console), head_start=way.head_start)
    try:
        execute(comparison.plan, context, comparison)
    finally:
        if comparison.report:
            _print(comparison.report, comparison.request)
    if comparison.request.html:
        console.say(f"wrote {comparison.request.html}")
    report = comparison.report
    gate = report.gate if report else None
    if report and gate and gate.result == "not_proven":
        unbuilt = next((side for side in (report.base, report.head) if side.is_unbuilt), None)
        why = f"{unbuilt.name} was never built" if unbuilt else "not everything could be compared"
        console.say(f"`--fail-on {gate.fail_on}`: not proven, since {why}")
    return _EXIT_CODES[gate.result] if gate else ExitCode.OK


def _print(report: DiffReport, request: DiffRequest) -> None:
    match request.form:
        case "json":
            write_exactly(report.model_dump_json(indent=2))
        case "markdown":
            from dot.diff.render.markdown import render_markdown  # noqa: PLC0415

            write(render_markdown(report))
        case "text":
            show(report)


def _read_wanted(asked: DiffRequest) -> DiffOptions:
    try:
        keys = parse_keys(asked.keys)
    except ValueError as error:
        raise UsageError.of(f"`--key {error}` is no key of a model", hint="it takes `MODEL=COLUMN[,COLUMN]`") from None
    try:
        tolerance = parse_tolerances(asked.tolerances)
    except ValueError as error:
        hint = "it takes `COLUMN=NUMBER`, a number from 0 on such as `price=0.01`"
        raise UsageError.of(f"`--tolerance {error}` is no tolerance of a column", hint=hint) from None
    if asked.budget is not None and not 0 <= asked.budget < inf:
        raise UsageError.of(f"`--budget {asked.budget:g}` is no time", hint="it takes seconds, such as `--budget 60`")
    return DiffOptions(everything=asked.everything, keys=keys, tolerance=tolerance, where=asked.where)


def _refuse_swallowed_side(asked: DiffRequest, head: GatheredSide) -> None:
    """`--select a prod` gives `--select` two nodes, and would not compare what the person meant by `prod`."""
    environments = list_environments(head.here, head.target.found)
    for value in (word for selected in asked.select for word in selected.split()[1:]):
        if value in environments:
            hint = f"put the addresses first: `dot diff {asked.base} {value} --select …`"
            raise UsageError.of(f"`{value}` is an environment, but stands among the values of `--select`", hint=hint)


@dataclass
class Comparison:
    """One comparison: its plan, and the desk that its steps turn to; `report` is there once they were carried out."""

    request: DiffRequest
    plan: BuildPlan
    console: Console
    since: float
    wanted: DiffOptions
    sides: tuple[GatheredSide, GatheredSide]
    report: DiffReport | None = None
    selections: dict[SideName, Selection] = field(default_factory=dict)

    @property
    def here(self) -> Workspace:
        """Where it was asked for."""
        return self.sides[0].here

    @cached_property
    def builds(self) -> Builds:
        """The two sides, once both are built and read."""
        if self.plan.before:  # which have left records
            base, head = (gather_side(side.here, side.target.address) for side in self.sides)
            self.sides = (base, head)
        manifests = tuple(_read_manifest(side) for side in self.sides)
        roots = [side.isolated.output.get("external_root") for side in self.sides]
        roots = tuple(root if isinstance(root, str) else None for root in roots)
        sides = (self.sides[0].side, self.sides[1].side)
        return Builds(sides, (manifests[0], manifests[1]), (roots[0], roots[1]))

    @cached_property
    def code(self) -> CodeDiff:
        """What differs in the code."""
        sides = gather_code(self.sides, self.builds.manifests, shows_rows=bool(self.request.rows))
        code = compare_code(*sides, list_differing_files(self.sides))
        self._refuse_unknown_keys(code)
        return code

    def select(self, side: SideName, ask: Callable[[], Selection]) -> None:
        """Ask what is selected on this side, the code of both having been compared while dbt starts."""
        self.code  # noqa: B018 - which is then known
        self.selections[side] = ask()

    def compare(self, session: Session, prepare: Callable[[], Call], step: AskMacro) -> None:
        """Ask the warehouse about all that may differ, and make the report."""
        wanted = replace(self.wanted, selected=self._join_selected())
        comparisons = plan_comparisons(self.code, self.builds, wanted)
        answers: dict[str, ComparisonResult] = {}
        if comparisons:
            with ExitStack() as shown:
                limits, on_begin = Limits(step.budget, step.rows), self._announce(shown, comparisons)
                answers = Warehouse(session, prepare()).compare(comparisons, limits, on_begin)
        self._refuse_unknown_tolerances(answers)
        report = assemble(self.code, self.builds, answers, wanted)
        gate, seconds = judge(report, self.request.fail_on), round(monotonic() - self.since, 3)
        self.report = report.model_copy(update={"gate": gate, "seconds": seconds})

    def render_page(self) -> str:
        """The report as a page."""
        from dot.diff.render.find_template import read_template  # noqa: PLC0415
        from dot.diff.render.html import render_html  # noqa: PLC0415

        if not self.report:
            raise ValueError("there is no report yet")
        return render_html(self.report, read_template())

    def _refuse_unknown_keys(self, code: CodeDiff) -> None:
        names = [name for node in code.nodes for name in node.names]
        for name in find_unknown_keys(code, self.wanted):
            hint = did_you_mean(name, names) or "`--key MODEL=COLUMN[,COLUMN]` names a model, seed or snapshot"
            raise UsageError.of(f"`--key` names `{name}`, which neither side has", hint=hint)

    def _refuse_unknown_tolerances(self, answers: Mapping[str, ComparisonResult]) -> None:
        names = [name for answer in answers.values() for name in name_columns(answer)]
        for name in find_unknown_tolerances(answers, self.wanted):
            hint = did_you_mean(name, names) or "`--tolerance COLUMN=NUMBER` names a column of what is compared"
            raise UsageError.of(f"`--tolerance` names `{name}`, which nothing that was compared has", hint=hint)

    def _join_selected(self) -> frozenset[str] | None:
        """What `--select` names on either side, by unique id: what was removed is in base alone."""
        if not self.selections:
            return None
        found = list(self.selections.values())
        typed = " ".join(self.request.select)
        if all(one.exit_code for one in found):
            raise UsageError.of(
                f"dbt cannot select `{typed}`",
                notes=tuple((found[-1].message or "").splitlines()[:8]),
                hint=f"`dot list {self.request.head} -- --select …` tries it",
            )
        selected = frozenset(unique_id for one in found for unique_id in one.unique_ids)
        if not selected:
            self.console.warn(f"`--select {typed}` names nothing on either side")
        return selected

    def _announce(self, shown: ExitStack, comparisons: tuple[RelationPair, ...]) -> Callable[[str], None]:
        """A line of progress a comparison, in place of the one before."""
        numbers = {comparison.id: number for number, comparison in enumerate(comparisons, 1)}

        def announce(unique_id: str) -> None:
            shown.close()
            name = unique_id.split(".", maxsplit=2)[-1]
            shown.enter_context(
                self.console.progress(f"comparing {name}, {numbers[unique_id]:,} of {len(comparisons):,}")
            )

        return announce


def _read_manifest(side: GatheredSide) -> Manifest:
    """A build's own manifest, or that of the working tree as it was just read."""
    manifest = parse_manifest(store.read_bytes(Path(side.folder.target / "manifest.json")))
    if not manifest:
        raise OutsideError.of(f"the manifest of {side.side.address} cannot be read", hint="build it again")
    return manifest


def show(report: DiffReport) -> None:
    """The report as text: whole, but for a terminal, where the table leaves room for what stands around it."""
    told, size = tuple(notes(report)), read_size(sys.stdout)
    most = max(_FEWEST, size.lines - _AROUND - len(told)) if size else None
    write(f"{title(report, datetime.now(UTC))}\n{summary(report)}")
    found, table = _fit_table(report, most)
    if found:
        write(f"\n{table}\n")
    if more := len(rows(report)) - found:
        write(f"  and {render_count(more, 'more model')}, see `--html FILE` or `--json`")
    for line in (*told, *samples(report)):
        write(f"  {line}")


def _fit_table(report: DiffReport, most: int | None) -> tuple[int, str]:
    """As many rows as fit on so many lines, at least one: how many these are, and the table."""
    shown = most
    while True:
        found = rows(report, shown)
        table = lay_out(HEADERS, [_paint(row) for row in found]) if found else ""
        excess = table.count("\n") - most if most else 0
        if excess <= 0 or len(found) <= 1:
            return len(found), table
        shown = max(1, len(found) - max(1, excess // 4))


def _paint(row: tuple[str, ...]) -> list[Cell]:
    """The cells of a row. The code is in colour; it and the rows are never cut, and what differs is folded."""
    name, code, counted, *others = row
    color = _COLORS.get(code.partition(" ")[0], "")
    return [
        Cell(name, is_flexible=True),
        Cell(code, color),
        Cell(counted),
        *(Cell(text, is_folded=True) for text in others),
    ]
