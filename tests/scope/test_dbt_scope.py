from typing import Any

from dot.base.frozen import FrozenMapping
from dot.base.tree_change import TreeChange
from dot.diff.code.compare import CodeDiff
from dot.diff.report import NodeDiff
from dot.scope.commits import CommitRange, FileChange, NamedCommit, Reason
from dot.scope.dbt_scope import DbtScope, Touched, scope_by_code
from dot.scope.dbt_text import render_dbt_scope

RANGE = CommitRange(
    base=NamedCommit(ref="main", commit="a" * 40),
    head=NamedCommit(ref="HEAD", commit="b" * 40),
    mode="merge-base",
    compare_from="c" * 40,
)


def node(unique_id: str, code: Any, **more: Any) -> NodeDiff:
    kind, _, name = unique_id.split(".")[:3]
    return NodeDiff(
        unique_id=unique_id,
        name=name,
        resource_type=kind,
        materialized=None,
        file=f"models/{name}.sql",
        code=code,
        **more,
    )


def scope(*nodes: NodeDiff, sources: tuple[NodeDiff, ...] = (), **doubts: str) -> DbtScope:
    named = {unique_id.replace("__", "."): reason for unique_id, reason in doubts.items()}
    code = CodeDiff(nodes=nodes, sources=sources, doubts=FrozenMapping(named))
    return scope_by_code(RANGE, code, "dev", (TreeChange("models/a.sql", "M"),))


def test_each_kind_of_node_is_selected_in_its_way() -> None:
    found = scope(
        node("model.shop.a", "changed"),
        node("model.shop.b.v2", "renamed"),
        node("model.shop.child", "parent"),
        node("model.shop.same", "same"),
        node("model.shop.gone", "removed"),
        node("exposure.shop.board", "added"),
        node("unit_test.shop.a.checks", "changed"),
        node("test.shop.unique_a_id.f6a5f640da", "added"),
        sources=(node("source.shop.raw.t", "changed"),),
    )
    selected = {"exposure:board", "a", "b.v2", "source:raw.t+1", "unique_a_id", "unit_test:checks"}
    assert set(found.select(with_children=False).split()) == selected
    assert "source:raw.t+" in found.select(with_children=True).split()
    assert (found.is_full, found.removed, found.files) == (
        False,
        ("model.shop.gone",),
        (FileChange("models/a.sql", "M", "compared"),),
    )


def test_what_runs_beside_every_node_touches_all_of_them() -> None:
    hook = node("operation.shop.shop-on-run-end-0", "changed")
    assert scope(node("model.shop.a", "same"), hook).reasons == (Reason(code="hook", resource=hook.unique_id),)


def test_a_node_whose_rows_may_differ_counts_as_touched_and_all_of_them_as_everything() -> None:
    same, doubtful = node("model.shop.a", "same"), node("model.shop.b", "same")
    found = scope(same, doubtful, model__shop__b="uses env_var() of X")
    assert [(one.name, one.change) for one in found.nodes] == [("b", "doubt")]
    assert not found.is_full
    reason = "the flags of dbt_project.yml changed"
    assert scope(doubtful, model__shop__b=reason).reasons == (Reason(code="all-doubtful", resource=reason),)


def test_a_name_that_dbt_takes_for_something_else_touches_everything() -> None:
    (reason,) = scope(node("model.shop.a,b", "changed"), node("model.shop.b", "same")).reasons
    assert reason == Reason(code="unselectable-name", resource="model.shop.a,b")


def test_a_person_is_told_of_the_first_nodes_and_of_what_is_gone() -> None:
    touched = tuple(
        Touched(name=f"m{number:02}", resource_type="model", change="changed", file=None, select="x")
        for number in range(22)
    )
    lines = render_dbt_scope(DbtScope(found=RANGE, by="code", environment="dev", nodes=touched, removed=("b.sql",)))
    head, *rest = lines.splitlines()
    assert head == (
        "cccccccccccc (where main and it part) → bbbbbbbbbbbb (HEAD) · 0 files, "
        "by the code of the builds in environment dev"
    )
    assert rest[0] == "  model     changed  m00"
    assert rest[-2:] == ["  and 2 more, see `--json`", "            removed  b.sql"]
