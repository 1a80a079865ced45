"""`dot diff`: what differs between two builds, in their code and in the warehouse."""

import sys
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import Enum
from math import inf
from pathlib import Path
from time import monotonic

from dot.base.address import parse_address
from dot.base.errors import DbtError, ExitCode, MissingBuildError, OutsideError, UsageError
from dot.base.secrets import mask_words
from dot.base.text_diff import render_count
from dot.config.files import did_you_mean
from dot.console import Console
from dot.console.tables import Cell, lay_out
from dot.console.terminal import divert_stdout, read_size, write, write_exactly
from dot.dbt.manifest import Manifest, parse_manifest
from dot.dbt.session import Call, Session, open_session
from dot.diff.assemble import (
    Builds,
    Wanted,
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
from dot.diff.data.find_differences import PROJECT, Limits, Warehouse
from dot.diff.gather_sides import GatheredSide, gather_side, refuse_two_warehouses
from dot.diff.render.text import HEADERS, notes, rows, samples, summary, title
from dot.diff.report import DiffReport, GateResult
from dot.plan.gather import gather
from dot.plan.gather_environment import list_environments
from dot.plan.gather_workspace import survey
from dot.plan.planner import plan_build
from dot.plan.request import Request
from dot.run.context import Context
from dot.run.executor import execute, read_secrets, write_profile
from dot.system import store
from dot.system.process import change_variables
from dot.system.shell import Shell, read_shell

FAIL_ON = ("none", "schema", "data", "any")

_COLORS = {"changed": "yellow", "renamed": "magenta", "parent": "cyan", "new": "green", "removed": "red"}

_AROUND, _FEWEST = 12, 8
"""Lines that are not the table's, such as the title and the next prompt; and how many rows are worth a table."""


_EXIT_CODES: Mapping[GateResult, int] = {"same": ExitCode.OK, "different": 1, "not_proven": ExitCode.NOT_PROVEN}
"""What a gate ends in."""


class Form(Enum):
    """How the report is printed."""

    TEXT = "text"
    JSON = "json"
    MARKDOWN = "markdown"


@dataclass(frozen=True)
class DiffOptions:
    """What was typed. An empty `head` is the live default environment."""

    base: str
    head: str = ""
    select: tuple[str, ...] = ()
    everything: bool = False
    keys: tuple[str, ...] = ()
    tolerances: tuple[str, ...] = ()
    where: str | None = None
    budget: float | None = None
    rows: int = 0
    build: bool = False
    fail_on: str = "none"
    html: str | None = None
    project_dir: str | None = None


def run(asked: DiffOptions, form: Form, console: Console, *, shell: Shell | None = None) -> int:
    """Print the report; 0, 1 when it has what `fail_on` names, or 6 when nobody knows. Raises `DotError`.

    `shell` is another than dot's own.
    """
    shell = shell or read_shell()
    if asked.fail_on not in FAIL_ON:
        raise UsageError.of(f"`--fail-on {asked.fail_on}` is unknown", hint=f"it takes {', '.join(FAIL_ON)}")
    report = compare(asked, console, shell)
    gate = judge(report, asked.fail_on)
    report = report.model_copy(update={"gate": gate})
    match form:
        case Form.JSON:
            write_exactly(report.model_dump_json(indent=2))
        case Form.MARKDOWN:
            from dot.diff.render.markdown import render_markdown  # noqa: PLC0415

            write(render_markdown(report))
        case Form.TEXT:
            show(report)
    if asked.html:
        _write_html(report, shell.cwd / asked.html)
        console.say(f"wrote {asked.html}")
    if gate and gate.result == "not_proven":
        unbuilt = next((side for side in (report.base, report.head) if side.is_unbuilt), None)
        why = f"{unbuilt.name} was never built" if unbuilt else "not everything could be compared"
        console.say(f"`--fail-on {gate.fail_on}`: not proven, since {why}")
    return _EXIT_CODES[gate.result] if gate else ExitCode.OK


def compare(asked: DiffOptions, console: Console, shell: Shell) -> DiffReport:
    """What differs between the two builds. Raises `DotError`."""
    since = monotonic()
    wanted = _read_wanted(asked)
    base, head = (_Finder(asked, console, shell).side(address) for address in (asked.base, asked.head))
    _refuse_swallowed_side(asked, head)
    refuse_two_warehouses(base, head)
    report = DiffSession(asked, wanted, (base, head), console).report()
    return report.model_copy(update={"seconds": round(monotonic() - since, 3)})


def _read_wanted(asked: DiffOptions) -> Wanted:
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
    return Wanted(everything=asked.everything, keys=keys, tolerance=tolerance, where=asked.where)


def _refuse_swallowed_side(asked: DiffOptions, head: GatheredSide) -> None:
    """`--select a prod` gives `--select` two nodes, and would not compare what the person meant by `prod`."""
    environments = list_environments(head.here, head.target.found)
    for value in (word for selected in asked.select for word in selected.split()[1:]):
        if value in environments:
            hint = f"put the addresses first: `dot diff {asked.base} {value} --select …`"
            raise UsageError.of(f"`{value}` is an environment, but stands among the values of `--select`", hint=hint)


@dataclass(frozen=True)
class _Finder:
    """Finds the sides of a comparison."""

    asked: DiffOptions
    console: Console
    shell: Shell

    def side(self, address: str) -> GatheredSide:
        """One side; built first if it is missing and that was asked for."""
        try:
            return gather_side(survey(self.shell, self.asked.project_dir), address)
        except MissingBuildError:
            if not self.asked.build:
                raise
        if self._build(address):
            hint = "what dbt says above is the reason; without `--build`, what was built is compared"
            raise OutsideError.of(f"the build of {address} failed", hint=hint)
        return gather_side(survey(self.shell, self.asked.project_dir), address)

    def _build(self, address: str) -> int:
        """Build it while stdout is kept for the report; dbt's exit code."""
        request = Request(dbt_command="build", address=parse_address(address), project_dir=self.asked.project_dir)
        gathered = gather(request, self.shell)
        here, plan = gathered.here, plan_build(gathered.request, gathered.facts)
        self.console.say(f"building {address}")
        with divert_stdout():
            return execute(plan, Context(here.project, here.environ, here.settings.lock_timeout, self.console))


@dataclass(frozen=True)
class DiffSession:
    """One comparison, from one start of dbt."""

    asked: DiffOptions
    wanted: Wanted
    sides: tuple[GatheredSide, GatheredSide]
    console: Console

    def report(self) -> DiffReport:
        with ExitStack() as stack:
            session = self._open(stack)
            base, head = (self._read_manifest(side, session) for side in self.sides)
            roots = [side.isolated.output.get("external_root") for side in self.sides]
            roots = tuple(root if isinstance(root, str) else None for root in roots)
            builds = Builds((self.sides[0].side, self.sides[1].side), (base, head), (roots[0], roots[1]))
            sides = gather_code(self.sides, builds.manifests, shows_rows=bool(self.asked.rows))
            code = compare_code(*sides, list_differing_files(self.sides))
            self._refuse_unknown_keys(code)
            wanted = replace(self.wanted, selected=self._select(session))
            comparisons = plan_comparisons(code, builds, wanted)
            answers = self._ask(session, comparisons) if comparisons else {}
            self._refuse_unknown_tolerances(answers)
        return assemble(code, builds, answers, wanted)

    @property
    def connected_side(self) -> GatheredSide:
        """The side whose connection is used: a build's, if there is one, since its profile is dot's own."""
        base, head = self.sides
        return base if head.is_live and not base.is_live else head

    def _open(self, stack: ExitStack) -> Session:
        """A dbt for the whole comparison, while nobody builds either side."""
        here = self.connected_side.here
        context = Context(here.project, here.environ, here.settings.lock_timeout, self.console)
        context.hide_folder()
        for side in sorted({(one.side.short_hash or "live", one.side.environment) for one in self.sides}):
            stack.enter_context(context.lock(*side))
        write_profile(self.connected_side.write_profile, context)
        for path in self.connected_side.locks:
            stack.enter_context(context.lock_shared(Path(path)))
        return stack.enter_context(open_session(here.dbt, here.project, dict(here.environ), is_single=False))

    def _prepare(self, side: GatheredSide, call: Call) -> Call:
        """The call with the secrets of its side, and said to whoever wants to know."""
        self.console.show_command(mask_words((*side.here.dbt.command, *call.args)))
        environ = change_variables(side.here.environ, call.env)
        secrets = read_secrets(side.isolated.secrets, environ, side.environment.vars)
        return replace(call, env={**call.env, **secrets})

    def _read_manifest(self, side: GatheredSide, session: Session) -> Manifest:
        """A build's own manifest, or that of the working tree as it is now."""
        if side.is_live:
            with self.console.progress(f"reading the working tree for {side.side.address}"):
                call = self._prepare(side, side.call("parse", "--write-json"))
                exit_code, message = session.listen(call, lambda _: None)
            if exit_code:
                notes = tuple((message or "").splitlines()[:8])
                raise DbtError.of("dbt could not read the working tree", notes=notes, hint="`dot parse` says more")
        manifest = parse_manifest(store.read_bytes(Path(side.folder.target / "manifest.json")))
        if not manifest:
            raise OutsideError.of(f"the manifest of {side.side.address} cannot be read", hint="build it again")
        return manifest

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

    def _select(self, session: Session) -> frozenset[str] | None:
        """What `--select` names on either side, by unique id: what was removed is in base alone."""
        if not self.asked.select:
            return None
        words = (*("--select", *self.asked.select), "--output", "json", "--output-keys", "unique_id", "--quiet")
        calls = [self._prepare(side, side.call("list", *words, "--no-write-json")) for side in self.sides]
        found = [session.select(call) for call in calls]
        typed = " ".join(self.asked.select)
        if all(one.exit_code for one in found):
            raise UsageError.of(
                f"dbt cannot select `{typed}`",
                notes=tuple((found[-1].message or "").splitlines()[:8]),
                hint=f"`dot list {self.asked.head} -- --select …` tries it",
            )
        selected = frozenset(unique_id for one in found for unique_id in one.unique_ids)
        if not selected:
            self.console.warn(f"`--select {typed}` names nothing on either side")
        return selected

    def _ask(self, session: Session, comparisons: tuple[RelationPair, ...]) -> dict[str, ComparisonResult]:
        call = self._prepare(self.connected_side, self.connected_side.call_macro(PROJECT))
        with ExitStack() as shown:
            limits = Limits(self.asked.budget, self.asked.rows)
            return Warehouse(session, call).compare(comparisons, limits, self._announce(shown, comparisons))

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
    """Cells, that of the code in its colour; that and the number of rows are never cut, and what differs is folded."""
    name, code, counted, *others = row
    color = _COLORS.get(code.partition(" ")[0], "")
    return [
        Cell(name, is_flexible=True),
        Cell(code, color),
        Cell(counted),
        *(Cell(text, is_folded=True) for text in others),
    ]


def _write_html(report: DiffReport, path: Path) -> None:
    from dot.diff.render.find_template import read_template  # noqa: PLC0415
    from dot.diff.render.html import render_html  # noqa: PLC0415

    store.write_output(path, render_html(report, read_template()), mark="<title>dot diff")
