"""What is done to files and worktrees where no dbt command runs, and that no step takes a lock which has no name."""

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from builders import make_repo, make_tree, snapshot
from cases import each
from dot.base.address import Address
from dot.base.errors import StorageError
from dot.base.file_edit import EditFile
from dot.base.layout import Layout
from dot.console import Console
from dot.plan.plan import Lock, in_a_step
from dot.plan.request import DbtRequest
from dot.plan.upkeep import (
    CloseFolder,
    ForgetWorktree,
    Remove,
    RunDot,
    UpkeepPlan,
    UpkeepStep,
    WriteOutput,
    plan_own_files,
)
from dot.run.context import Context
from dot.run.upkeep import execute_upkeep


def do(folder: Path, *steps: UpkeepStep) -> int:
    return execute_upkeep(UpkeepPlan(title="try", steps=steps), Context(folder, {}, 0, Console()))


def test_the_steps_are_done_in_order_and_nothing_else_is(tmp_path: Path) -> None:
    make_tree(tmp_path, {"a": "one", "old/b": "", "own/c": ""})
    (tmp_path / "own").chmod(0o755)
    edit = EditFile(path=tmp_path / "a", name="a", before="one", after="two")
    output = WriteOutput(path=tmp_path / "page", text="<page>", mark="<page")
    assert do(tmp_path, edit, output, CloseFolder(path=tmp_path / "own"), Remove(path=tmp_path / "old")) == 0
    assert {name: content for name, (_, content) in snapshot(tmp_path).items()} == {
        "a": b"two",
        "page": b"<page>",
        "own": b"",
        "own/c": b"",
    }
    assert (tmp_path / "own").stat().st_mode & 0o777 == 0o700


def test_what_fails_ends_the_plan(tmp_path: Path) -> None:
    make_tree(tmp_path, {"a": "other"})
    edit = EditFile(path=tmp_path / "a", name="a", before="one", after="two")
    with pytest.raises(StorageError, match="has changed meanwhile"):
        do(tmp_path, edit, Remove(path=tmp_path / "a"))
    assert (tmp_path / "a").read_text() == "other"


def test_own_files_come_into_a_folder_that_git_ignores(tmp_path: Path) -> None:
    path = Layout(tmp_path).config
    plan = plan_own_files("answers", tmp_path, {path: "x: 1\n"})
    assert execute_upkeep(plan, Context(tmp_path, {}, 0, Console())) == 0
    assert (Path(path).read_text(), (tmp_path / ".dot" / ".gitignore").read_text()) == ("x: 1\n", "*\n")
    assert plan_own_files("nothing", tmp_path, {}).locks == ()


def test_a_command_of_dot_that_fails_ends_the_plan(tmp_path: Path) -> None:
    make_tree(tmp_path, {"a": ""})
    request = DbtRequest(dbt_command="build", address=Address(environment="dev"))
    build = RunDot(words=("build", "dev"), cwd=tmp_path, request=request)
    plan = UpkeepPlan(title="try", steps=(build, Remove(path=tmp_path / "a")))
    asked: list[RunDot] = []
    assert execute_upkeep(plan, Context(tmp_path, {}, 0, Console()), lambda step: asked.append(step) or 3) == 3
    assert (asked, (tmp_path / "a").exists()) == ([build], True)
    with pytest.raises(ValueError, match="nobody"):
        do(tmp_path, build)


def test_a_step_takes_no_lock_that_the_plan_does_not_name(tmp_path: Path) -> None:
    shop = make_repo(tmp_path / "shop", {"a": ""})
    step = ForgetWorktree(repository=shop, common_dir=shop / ".git", path=shop / "gone")
    with pytest.raises(LookupError, match="dot-worktrees"):
        do(shop, step)


NAMED = (Lock(path=Path("locks/a-1.lock")), *in_a_step(Path("locks/a-2.lock"), Path("locks/a-*.lock")))


@each(
    ("taken", "expected"),
    [("locks/a-1.lock", []), ("locks/a-2.lock", ["a-2"]), ("locks/a-*.lock", ["a-0", "a-2"])],
)
def test_a_lock_that_is_held_since_the_beginning_is_not_taken_again(taken: str, expected: list[str]) -> None:
    with pytest.MonkeyPatch.context() as patch, TemporaryDirectory() as folder:
        patch.chdir(make_tree(Path(folder), {f"locks/a-{number}.lock": "" for number in range(3)}))
        with Context(Path(), {}, 0, Console(), NAMED).take(Path(taken)):
            assert sorted(path.stem for path in Path("locks").glob("*.owner")) == expected
