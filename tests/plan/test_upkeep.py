"""What is done where no dbt command runs is a plan as well: its locks, its steps, and the same in words."""

from pathlib import PurePath

from cases import each
from dot.base.address import Address
from dot.base.file_edit import EditFile
from dot.plan.plan import Lock
from dot.plan.request import DbtRequest
from dot.plan.step import EnsureWorktree
from dot.plan.upkeep import (
    CloseFolder,
    CommitLayer,
    ForgetWorktree,
    MakeRepository,
    Remove,
    RemoveWorktree,
    RunDot,
    SwitchBranch,
    UpkeepPlan,
    UpkeepStep,
    WriteFile,
    WriteOutput,
    plan_forgetting,
    plan_own_files,
    plan_removal,
    plan_worktree,
)
from dot.plan.upkeep_explainer import explain_steps, explain_upkeep

SHOP = PurePath("/srv/shop")
BUILD = SHOP / ".dot" / "build" / "a1b2c3d"
WORKTREE = EnsureWorktree(
    repository=SHOP,
    common_dir=SHOP / ".git",
    path=BUILD / "worktree",
    commit="",
    marker=BUILD / "commit",
    submodules=False,
)
FORGET = ForgetWorktree(repository=SHOP, common_dir=SHOP / ".git", path=BUILD / "worktree")
BUILD_DEV = DbtRequest(dbt_command="build", address=Address(environment="dev"))
LOCKS = [
    (".dot/locks/a1b2c3d.lock", "to_the_end"),
    (".dot/locks/a1b2c3d.used-by-*.lock", "in_a_step"),
    (".git/dot-worktrees.lock", "in_a_step"),
]


def locks_of(plan: UpkeepPlan) -> list[tuple[str, str]]:
    return [(lock.path.relative_to(SHOP).as_posix(), lock.held) for lock in plan.locks]


def test_who_changes_a_build_holds_its_lock() -> None:
    for is_all in (False, True):
        plan = plan_removal("half made", SHOP, WORKTREE, is_all=is_all)
        assert (locks_of(plan), [step.kind for step in plan.steps]) == (
            LOCKS,
            ["remove_worktree", "remove"][: 1 + is_all],
        )
    plan = plan_worktree("edited", SHOP, WORKTREE)
    assert (locks_of(plan), plan.steps) == (LOCKS, (WORKTREE,))
    assert (locks_of(plan_forgetting("gone", FORGET)), plan_forgetting("gone", FORGET).steps) == (LOCKS[2:], (FORGET,))


def test_own_files_are_written_after_those_of_the_user() -> None:
    edit = EditFile(path=SHOP / "a", name="a", before=None, after="x")
    plan = plan_own_files("set up", SHOP, {SHOP / ".dot" / "b": "y"}, (edit,))
    write = WriteFile(path=SHOP / ".dot" / "b", root=SHOP / ".dot", text="y")
    assert (plan.steps, plan.locks) == (
        (edit, write),
        (Lock(path=SHOP / ".dot/locks/gitignore.lock", held="in_a_step"),),
    )


@each(
    ("step", "expected"),
    [
        (EditFile(path=SHOP / "a", name="../a", before=None, after="x"), "edit       ../a"),
        (WriteFile(path=SHOP / "a", root=SHOP, text="x"), "write      a"),
        (WriteOutput(path=SHOP / "a", text="x", mark="x"), "write      a"),
        (CloseFolder(path=SHOP / ".dot"), "close      .dot"),
        (Remove(path=BUILD), "remove     .dot/build/a1b2c3d"),
        (WORKTREE, "mend       .dot/build/a1b2c3d/worktree"),
        (RemoveWorktree(worktree=WORKTREE), "remove     .dot/build/a1b2c3d/worktree"),
        (FORGET, "forget     .dot/build/a1b2c3d/worktree"),
        (MakeRepository(folder=SHOP / "demo", branch="main"), "git init   demo"),
        (CommitLayer(folder=SHOP, layer="1", message="First", moment="2026"), "commit     First"),
        (SwitchBranch(folder=SHOP, branch="main"), "switch to  main"),
        (
            RunDot(words=("build", "dev", "my model"), cwd=SHOP, request=BUILD_DEV),
            "run        dot build dev 'my model'",
        ),
    ],
)
def test_a_step_is_one_line(step: UpkeepStep, expected: str) -> None:
    plan = UpkeepPlan(title="set up", steps=(step,))
    assert explain_steps(plan, SHOP) == (f"  1  {expected}",)
    assert explain_upkeep(plan, SHOP) == f"set up\n  1  {expected}\nnothing was written"
