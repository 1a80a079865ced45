"""From what changed in the code to what is asked of the warehouse, and from its answers to the report."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from dot.base.frozen import FrozenMapping
from dot.dbt.manifest import Manifest
from dot.dbt.options import engine_of
from dot.diff.code.compare import CodeDiff
from dot.diff.data.compare import ComparisonResult, RelationPair, compare_columns, describe_data
from dot.diff.data.row_keys import list_keys
from dot.diff.report import UNPROVEN, DataDiff, DiffReport, Gate, NodeDiff, SchemaDiff, Side
from dot.diff.unexplained import explain_difference
from dot.isolation.folder_bound import find_folder_bound
from dot.relation.relation import Relation
from dot.relation.written import relation_of

RELATIONS = ("model", "seed", "snapshot")
"""The kinds of nodes that are relations with rows."""

_BOUND = "as it reads {} in the folder of whoever asks: materialize it as a table, or make the path absolute"

_ONE_SIDED: Mapping[str, tuple[bool, bool]] = {"added": (False, True), "removed": (True, False)}
"""Whether there is a relation in base and in head, where that is what happened to the code."""


@dataclass(frozen=True)
class DiffOptions:
    """What to compare: nodes by unique id, all if nothing is selected; `everything` is the same code too."""

    selected: frozenset[str] | None = None
    everything: bool = False
    keys: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    tolerance: FrozenMapping = field(default_factory=FrozenMapping)
    where: str | None = None

    def is_selected(self, node: NodeDiff) -> bool:
        return self.selected is None or bool(self.selected & {node.unique_id, node.renamed_from})


@dataclass(frozen=True)
class Builds:
    """The two builds, base and head: what they are called, their manifests, and `external_root` of their profiles."""

    sides: tuple[Side, Side]
    manifests: tuple[Manifest, Manifest]
    external_roots: tuple[str | None, str | None] = (None, None)


def plan_comparisons(code: CodeDiff, builds: Builds, wanted: DiffOptions) -> tuple[RelationPair, ...]:
    """What to ask, in the order of the nodes' names."""
    bound = find_unreadable(code, builds, wanted)
    nodes = sorted((node for node in _choose(code, wanted) if node.unique_id not in bound), key=lambda node: node.name)
    return tuple(
        RelationPair(
            id=node.unique_id,
            adapter=builds.manifests[1].metadata.adapter_type or "",
            base=_find(builds.manifests[0], node.renamed_from or node.unique_id),
            head=_find(builds.manifests[1], node.unique_id),
            candidates=tuple(key.columns for key in list_keys(node, *builds.manifests, wanted.keys)),
            tolerance=wanted.tolerance,
            where=wanted.where,
        )
        for node in nodes
    )


def find_unreadable(code: CodeDiff, builds: Builds, wanted: DiffOptions) -> dict[str, ComparisonResult]:
    """Nodes that cannot be compared: both sides would read the same file, in the folder that dbt runs in."""
    base, head = map(find_folder_bound, builds.manifests, builds.external_roots)
    both = [node for node in _choose(code, wanted) if node.code not in _ONE_SIDED]
    files = {node.unique_id: head.get(node.unique_id) or base.get(node.renamed_from or node.unique_id) for node in both}
    return {
        unique_id: ComparisonResult(
            id=unique_id, status="not_proven", message=f"cannot be compared, {_BOUND.format(file)}"
        )
        for unique_id, file in files.items()
        if file
    }


def _choose(code: CodeDiff, wanted: DiffOptions) -> Iterator[NodeDiff]:
    for node in code.nodes:
        is_relation = node.resource_type in RELATIONS and (node.relation_base or node.relation_head)
        is_wanted = node.code != "same" or wanted.everything or node.unique_id in code.doubts
        if is_relation and is_wanted and wanted.is_selected(node):
            yield node


def find_unknown_keys(code: CodeDiff, wanted: DiffOptions) -> tuple[str, ...]:
    """The names after `--key` that are no model, seed or snapshot on either side."""
    names = {name for node in code.nodes if node.resource_type in RELATIONS for name in node.names}
    return tuple(name for name in wanted.keys if name not in names)


def _find(manifest: Manifest, unique_id: str) -> Relation | None:
    """The relation that a node is; none for one that is not there or that dbt gives no name."""
    node = manifest.everything.get(unique_id)
    return relation_of(node, manifest) if node and node.relation_name else None


def assemble(
    code: CodeDiff, builds: Builds, answers: Mapping[str, ComparisonResult], wanted: DiffOptions
) -> DiffReport:
    """The report, but for its seconds: every node that is affected, and every one that was compared and differs."""
    answers = {**answers, **find_unreadable(code, builds, wanted)}
    nodes = [
        _explain(_describe(node, builds, answers.get(node.unique_id), wanted), code, builds) for node in code.nodes
    ]
    shown = [node for node in nodes if _is_shown(node, wanted)]
    names = {node.unique_id for node in (*shown, *code.sources)}
    relations = [node for node in nodes if node.resource_type in RELATIONS and wanted.is_selected(node)]
    left = [node for node in relations if node.unique_id not in names]
    kinds = Counter(node.resource_type for node in left)
    base, head = _tell_engines(builds)
    return DiffReport(
        base=base,
        head=head,
        nodes=tuple(
            node.model_copy(update={"parents": tuple(name for name in node.parents if name in names)})
            for node in (*code.sources, *shown)
        ),
        unchanged=len(left),
        unchanged_kinds=FrozenMapping(kinds),
        not_compared=tuple(node.name for node in nodes if node.data and node.data.status == "not_compared"),
        seconds=0.0,
    )


def _describe(node: NodeDiff, builds: Builds, answer: ComparisonResult | None, wanted: DiffOptions) -> NodeDiff:
    if not answer:
        return node
    data = describe_data(answer, list_keys(node, *builds.manifests, wanted.keys), wanted.tolerance)
    columns: SchemaDiff | None = compare_columns(answer)
    sides = (bool(answer.base_columns), bool(answer.head_columns))
    if _ONE_SIDED.get(node.code) == sides:
        data = data.model_copy(update={"message": None}) if data.status == "missing" else data  # goes without saying
    elif not all(sides):
        columns = None  # which were not removed
        data = _describe_deferred(node, data, builds, sides)
    return node.model_copy(update={"columns": columns, "data": data})


def _describe_deferred(node: NodeDiff, data: DataDiff, builds: Builds, are_there: tuple[bool, bool]) -> DataDiff:
    """The data of a node that a build lacks and reads from its baseline: not proven, as the rows are the baseline's."""
    names = (node.renamed_from or node.unique_id, node.unique_id)
    sides = zip(builds.sides, builds.manifests, names, are_there, strict=True)
    lacking = [(side, _find(manifest, name)) for side, manifest, name, is_there in sides if not is_there]
    if data.status != "missing" or node.code in _ONE_SIDED or not all(side.baseline and of for side, of in lacking):
        return data
    lent = " and ".join(f"{side.address} reads it from its baseline {side.baseline}" for side, _ in lacking)
    return data.model_copy(update={"status": "not_proven", "message": f"not compared: {lent}"})


def _explain(node: NodeDiff, code: CodeDiff, builds: Builds) -> NodeDiff:
    """The node, with the likely reason why its rows differ though its code does not."""
    if node.code != "same" or not node.data or node.data.status != "different":
        return node
    doubt = code.doubts.get(node.unique_id)
    why = str(doubt) if doubt else explain_difference(node.unique_id, builds.manifests[1], builds.manifests[0])
    return node.model_copy(update={"unexplained": why})


def _is_shown(node: NodeDiff, wanted: DiffOptions) -> bool:
    if not wanted.is_selected(node):
        return False
    if node.code == "parent" and node.resource_type not in (*RELATIONS, "exposure"):
        return False  # a test of something that is shown
    columns_differ = node.columns is not None and not node.columns.is_empty
    data_differs = node.data is not None and node.data.status not in ("equal", "not_compared")
    return node.code != "same" or columns_differ or data_differs


def _tell_engines(builds: Builds) -> tuple[Side, Side]:
    """The sides, each with its version of dbt where one is of dbt 1 and the other of dbt 2."""
    base, head = (manifest.metadata.dbt_version for manifest in builds.manifests)
    engines = {engine_of(base), engine_of(head)}
    if None in engines or len(engines) == 1:
        return builds.sides
    return builds.sides[0].model_copy(update={"dbt": base}), builds.sides[1].model_copy(update={"dbt": head})


def judge(report: DiffReport, fail_on: str) -> Gate | None:
    """The result of the gate `schema`, `data` or `any`; None for `none`, which is no gate.

    It is `not_proven` where nothing was found to differ, but something could not be compared or was never built.
    """
    if fail_on == "none":
        return None
    schema = any(node.columns and not node.columns.is_empty for node in report.nodes)
    data = any(node.data and node.data.status in ("different", "missing") for node in report.nodes)
    code = any(node.code != "same" for node in report.nodes)
    is_there = not report.base.is_unbuilt and not report.head.is_unbuilt
    is_proven = is_there and not report.not_compared and not any(_is_unproven(node) for node in report.nodes)
    found = {"schema": schema, "data": data, "any": schema or data or code}[fail_on]
    return Gate(fail_on=fail_on, result="different" if found else "same" if is_proven else "not_proven")


def _is_unproven(node: NodeDiff) -> bool:
    is_missed = node.data is not None and node.data.status == "missing" and node.columns is None
    return is_missed or (node.data is not None and node.data.status in UNPROVEN)


def find_unknown_tolerances(answers: Mapping[str, ComparisonResult], wanted: DiffOptions) -> tuple[str, ...]:
    """The columns after `--tolerance` that no compared relation has; none as long as some columns are unknown."""
    if not answers or any(not (answer.base_columns or answer.head_columns) for answer in answers.values()):
        return ()
    known = {name.lower() for answer in answers.values() for name in name_columns(answer)}
    return tuple(name for name in wanted.tolerance if name not in known)


def name_columns(answer: ComparisonResult) -> Iterator[str]:
    """The columns of either side."""
    yield from (column.name for column in (*answer.base_columns, *answer.head_columns))
