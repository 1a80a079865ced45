"""A saved plan is carried out exactly as it is, or refused with the reason."""

import json
import shutil
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from builders import PROJECT, Outcome, commit, git, make_tree, read_calls

Dot = Callable[..., Outcome]
FILE = "plan.json"


def save(dot: Dot, *words: str) -> dict[str, Any]:
    """Plan the command, and save the plan."""
    done = dot("plan", "--out", FILE, *(words or ("build", "dev@main")))
    assert (done.exit_code, done.stderr) == (0, f"dot  saved the plan: `dot apply {FILE}` carries it out\n")
    return json.loads(Path(FILE).read_text("utf-8"))


@pytest.mark.parametrize(
    "words",
    [
        ("build", "dev@main", "--select", "a", "--", "--full-refresh"),
        ("run", "dev", "--vars", "{since: 2025}"),
        ("run-operation", "grant_all", "dev@main"),
        ("parse", "@main", "--no-deps", "--allow-leaks"),
    ],
    ids=" ".join,
)
def test_what_the_saved_plan_says_is_what_runs(words: tuple[str, ...], shop: Path, log: Path, dot: Dot) -> None:
    plan = save(dot, *words)
    shown = dot("plan", *words)
    assert (0, shown.stdout) == ((done := dot("apply", FILE, "--dry-run")).exit_code, done.stdout)
    assert read_calls(log) == []
    assert dot("apply", FILE).exit_code == 0
    (step,) = (step for step in plan["steps"] if step["kind"] == "run_dbt")
    last = read_calls(log)[-1]
    assert (list(last.argv), str(last.cwd)) == (step["argv"][1:], step["cwd"])
    assert dot("apply", FILE).exit_code == 0
    assert shop.is_dir()


def test_a_plan_can_be_applied_from_elsewhere_and_runs_where_it_was_made(
    shop: Path, log: Path, dot: Dot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(shop / "models")
    save(dot, "run", "dev")
    monkeypatch.chdir(shop.parent)
    assert dot("apply", str(shop / "models" / FILE)).exit_code == 0
    assert read_calls(log)[-1].cwd == shop / "models"


def test_the_saved_plan_is_what_is_shown_as_json(shop: Path, dot: Dot) -> None:
    assert shop.is_dir()
    plan = save(dot)
    assert json.loads(dot("plan", "build", "dev@main", "--json", "--out", FILE).stdout) == plan


def change_plan(**values: Any) -> Callable[[Path], object]:
    """Edit the saved plan so that its digest fits."""

    def change(shop: Path) -> None:
        data = json.loads((shop / FILE).read_text("utf-8")) | values
        data.pop("digest")
        digest = sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()
        (shop / FILE).write_text(json.dumps(data | {"digest": digest}))

    return change


def replace_by_folder(shop: Path) -> None:
    (shop / FILE).unlink()
    (shop / FILE).mkdir()


def edit_plan(shop: Path) -> None:
    text = (shop / FILE).read_text("utf-8")
    assert '"build",' in text
    (shop / FILE).write_text(text.replace('"build",', '"run",'), "utf-8")


CONFIGURED = "environment: {dev: {threads: 9}}\n"
PROFILES = str(PROJECT["profiles.yml"])
CHANGES: dict[str, tuple[Callable[[Path], object], str]] = {
    "branch": (lambda shop: commit(shop, "more"), "`main` was {short}, and is "),
    "no branch": (lambda shop: git(shop, "branch", "--move", "main", "other"), "`main` names no commit"),
    "environments": (
        lambda shop: make_tree(shop, {"dot_environments.yml": "environment: {dev: {threads: 9}}"}),
        "is new",
    ),
    "broken": (lambda shop: make_tree(shop, {"dot_environments.yml": "environment: {dev: {treads: 9}}"}), "`treads`"),
    "variables": (lambda shop: make_tree(shop, {"dot_vars.yml": "vars: {}\n"}), "dot_vars.yml has changed"),
    "no variables": (lambda shop: (shop / "dot_vars.yml").unlink(), "dot_vars.yml is gone"),
    "profile": (lambda shop: make_tree(shop, {"profiles.yml": PROFILES + "#\n"}), "profiles.yml has changed"),
    "edited": (edit_plan, "the plan in plan.json was edited"),
    "forged": (change_plan(warnings=["x"]), "warnings would be different now"),
    "dot": (change_plan(dot_version="0.0.1"), "it was made by dot 0.0.1, and this is dot "),
    "format": (change_plan(format_version="2.0"), "the plan has format 2.0; this dot knows format 1.2"),
    "no json": (
        lambda shop: make_tree(shop, {FILE: "hello"}),
        "it is not JSON\n --> plan.json\n",
    ),
    "no plan": (lambda shop: make_tree(shop, {FILE: "[1]"}), "this is no plan of dot\n --> plan.json\n"),
    "directory": (replace_by_folder, "a folder stands where dot needs a file: name another, or move it away"),
    "folder": (change_plan(cwd="/srv/nowhere"), "the plan was made in /srv/nowhere: no such file or directory"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_plan_is_refused_with_the_reason_when_anything_under_it_has_moved(
    name: str, shop: Path, log: Path, dot: Dot
) -> None:
    make_tree(shop, {"dot_vars.yml": "vars: {a: {}}\n"})
    save(dot)
    change, reason = CHANGES[name]
    change(shop)
    done = dot("apply", FILE)
    assert (done.exit_code, done.stdout, read_calls(log)) == (3, "", [])
    assert (
        reason.format(short=git(shop, "rev-parse", "--short", "HEAD~1" if name == "branch" else "HEAD")) in done.stderr
    )
    assert (name not in ("no branch", "broken", "directory")) == ("= help: make the plan again" in done.stderr)
    assert not (shop / ".dot").exists()


def test_a_plan_is_refused_when_its_baseline_was_built_from_another_commit(shop: Path, log: Path, dot: Dot) -> None:
    git(shop, "branch", "base")
    commit(shop, "more")
    assert dot("build", "prod@base").exit_code == 0
    save(dot, "build", "dev@main", "--defer", "prod@base")
    more = git(shop, "commit-tree", "-m", "yet more", "-p", "main", "main^{tree}")
    git(shop, "branch", "--force", "base", more)
    assert dot("build", "prod@base").exit_code == 0
    calls = len(read_calls(log))
    done = dot("apply", FILE)
    assert (done.exit_code, done.stdout, len(read_calls(log))) == (3, "", calls)
    assert "the baseline was prod@" in done.stderr


def forget_build(shop: Path) -> None:
    shutil.rmtree(shop / ".dot" / "build" / git(shop, "rev-parse", "--short", "main") / "env" / "dev")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda shop: commit(shop, "more"), "`main` was {was}, and is {now} now"),
        (forget_build, "there is no build of dev@main any more"),
    ],
    ids=["moved", "gone"],
)
def test_a_comparison_is_refused_with_the_reason_when_a_side_is_no_longer_what_it_was(
    change: Callable[[Path], None], reason: str, shop: Path, log: Path, dot: Dot
) -> None:
    assert dot("build", "dev@main").exit_code == 0
    save(dot, "diff", "dev@main", "prod", "--fail-on", "any")
    was, calls = git(shop, "rev-parse", "--short", "HEAD"), len(read_calls(log))
    change(shop)
    done = dot("apply", FILE)
    assert (done.exit_code, done.stdout, len(read_calls(log))) == (3, "", calls)
    assert reason.format(was=was, now=git(shop, "rev-parse", "--short", "HEAD")) in done.stderr
    assert "= help: make the plan again" in done.stderr


def test_a_variable_of_the_shell_that_the_plan_depends_on_is_a_reason(
    shop: Path, dot: Dot, monkeypatch: pytest.MonkeyPatch
) -> None:
    output = "{type: duckdb, path: \"{{ env_var('WHERE') }}\", schema: analytics}"
    make_tree(shop, {"profiles.yml": f"shop: {{target: dev, outputs: {{dev: {output}}}}}\n"})
    monkeypatch.setenv("WHERE", "/srv/one.duckdb")
    save(dot)
    monkeypatch.setenv("WHERE", "/srv/two.duckdb")
    done = dot("apply", FILE)
    assert done.exit_code == 3
    assert "steps would be different now" in done.stderr


def test_a_file_that_is_no_plan_is_never_written_over(shop: Path, dot: Dot) -> None:
    before = (shop / "dbt_project.yml").read_bytes()
    done = dot("plan", "build", "dev@main", "--out", "dbt_project.yml")
    assert (done.exit_code, done.stdout) == (3, "")
    assert "dbt_project.yml is there already, and was not made by dot" in done.stderr
    assert (shop / "dbt_project.yml").read_bytes() == before
    save(dot)
    save(dot)


def test_a_plan_that_is_not_there_is_wrong_usage(shop: Path, dot: Dot) -> None:
    shutil.rmtree(shop / "models")
    done = dot("apply", "nowhere.json")
    assert (done.exit_code, done.stdout) == (2, "")
    assert (
        "there is no file nowhere.json\n   = help: `dot plan build dev@main --out plan.json` makes one" in done.stderr
    )
