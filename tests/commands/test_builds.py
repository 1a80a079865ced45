"""`dot builds`: every build there is, whole or not, with git or without."""

import json
import os
import pty
import re
import shutil
import subprocess
import sys
import termios
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from builders import Outcome, commit, git, make_tree, read_calls
from dot.base.layout import Layout
from dot.plan.find_runs import read_records

Dot = Callable[..., Outcome]


@pytest.fixture
def built(shop: Path, dot: Dot, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The project with a build of `main` in dev and in prod, and then a failed one of a newer branch in dev."""
    assert [dot("build", address).exit_code for address in ("prod@main", "dev@main")] == [0, 0]
    git(shop, "switch", "--quiet", "--create", "feature/x")
    git(shop, "commit", "--quiet", "--allow-empty", "--message", "Count refunds once", "--date", "2026-01-02T03:04:05Z")
    monkeypatch.setenv("FAKE_DBT_EXIT_TEST", "1")
    assert dot("test", "dev@feature/x").exit_code == 1
    return shop


def short(project: Path, ref: str) -> str:
    return git(project, "rev-parse", "--short", ref)


def listed(dot: Dot, *words: str) -> dict[str, dict[str, Any]]:
    """What `dot builds --json` prints, by address, in its order."""
    done = dot("builds", "--json", *words)
    assert (done.exit_code, done.stderr) == (0, "")
    data = json.loads(done.stdout)
    assert data.keys() == {"format_version", "builds"}
    assert data["format_version"] == "1.0"
    return {build["address"]: build for build in data["builds"]}


def folder_of(project: Path, ref: str) -> Path:
    return project / ".dot" / "build" / short(project, ref)


# -- after a build -------------------------------------------------------------------------------------------------


def test_the_end_of_a_build_says_what_to_type_next(built: Path, dot: Dot, monkeypatch: pytest.MonkeyPatch) -> None:
    main, branch = short(built, "main"), short(built, "feature/x")
    assert f"`dot builds show prod@{main}` names them" in dot("build", "prod@main").stderr
    assert f"`dot diff dev@{main} dev@{branch}` compares them" in dot("build", "dev@feature/x").stderr
    monkeypatch.setenv("FAKE_DBT_EXIT_BUILD", "1")
    assert f"`dot retry dev@{main}` runs again what failed" in dot("build", "dev@main").stderr
    assert "`dot " not in dot("show", "dev@main").stderr


@pytest.mark.usefixtures("built")
def test_what_could_not_begin_is_not_to_be_retried(dot: Dot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAKE_DBT_EXIT_PARSE", "1")
    done = dot("build", "dev@main")
    assert (done.exit_code, "dot retry" in done.stderr or "its tables" in done.stderr) == (1, False)


def test_edits_that_a_build_of_head_lacks_are_counted(built: Path, dot: Dot) -> None:
    assert "edited" not in dot("build", "dev@HEAD").stderr
    new = {"models/new.sql": "select 1", "shop.duckdb": "", "shop.duckdb.wal": "", ".gitignore": ""}
    make_tree(built, {"dbt_project.yml": "name: shop\nprofile: shop\n# edited\n", **new})
    said = "dot  3 edited or new files are not in this build, which has what is committed\n"
    assert said in dot("show", "dev@HEAD").stderr
    assert "edited or new" not in dot("build", "dev@main").stderr


# -- data ----------------------------------------------------------------------------------------------------------


def test_every_build_is_listed_the_newest_run_first(built: Path, dot: Dot) -> None:
    main, branch = short(built, "main"), short(built, "feature/x")
    assert list(listed(dot)) == [f"dev@{branch}", f"dev@{main}", f"prod@{main}"]


def test_a_build_says_what_it_is_and_how_its_last_run_ended(built: Path, dot: Dot) -> None:
    name = short(built, "feature/x")
    (record,) = read_records(Layout(built).build(name).environment("dev"))
    assert {
        "address": f"dev@{name}",
        "environment": "dev",
        "commit": git(built, "rev-parse", "feature/x"),
        "short_hash": name,
        "subject": "Count refunds once",
        "author_date": "2026-01-02T03:04:05+00:00",
        "size": record.size,
        "built_by": None,
        "built_at": None,
        "built_exit_code": None,
        "last_command": "test",
        "exit_code": 1,
        "finished_at": record.finished_at,
        "reached_from": ["feature/x"],
        "path": str(folder_of(built, "feature/x") / "env" / "dev"),
    } == listed(dot)[f"dev@{name}"]


def test_a_failed_build_stays_one_when_somebody_looks_at_it(
    built: Path, dot: Dot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKE_DBT_EXIT_BUILD", "1")
    assert [dot(command, "dev@feature/x").exit_code for command in ("build", "show")] == [1, 0]
    build = listed(dot)[f"dev@{short(built, 'feature/x')}"]
    ends = ("built_by", "built_exit_code", "last_command", "exit_code")
    assert tuple(build[name] for name in ends) == ("build", 1, "show", 0)
    assert build["built_at"] < build["finished_at"]
    assert re.search(r"  build exit 1, just now  .*  show ok  ", dot("builds").stdout)


def test_a_project_without_builds_has_none(shop: Path, dot: Dot) -> None:
    assert listed(dot) == {}
    assert (
        *(dot("builds").exit_code, dot("builds").stdout),
        dot("builds").stderr,
    ) == (0, "", "dot  no builds yet; `dot build @<branch, tag or commit>` makes one\n")
    assert not (shop / ".dot").exists()


def test_the_project_may_be_named(built: Path, dot: Dot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(built.parent)
    assert dot("builds").exit_code == 2
    assert len(listed(dot, "--project-dir", "shop")) == 3


def test_no_dbt_is_started_and_no_configuration_is_needed(built: Path, log: Path, dot: Dot) -> None:
    before = len(read_calls(log))
    make_tree(built, {"dot_environments.yml": "environment: [broken\n", "profiles.yml": "{{"})
    assert len(listed(dot)) == 3
    assert len(read_calls(log)) == before


def test_data_costs_no_time_for_what_only_people_need(built: Path) -> None:
    script = (
        "import sys, dot.cli\ntry: dot.cli.main(['builds', '--json'])\nfinally: print([*sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=built, capture_output=True, text=True, check=True)
    assert "'dot.console'" in done.stderr
    assert [name for name in ("rich.console", "pydantic_settings", "jinja2") if f"'{name}'" in done.stderr] == []


# -- where a commit is reached from --------------------------------------------------------------------------------


def reached_from(project: Path, dot: Dot, ref: str) -> list[str]:
    return listed(dot)[f"dev@{short(project, ref)}"]["reached_from"]


def test_a_commit_is_reached_from_the_branch_that_is_at_it_and_has_its_tags(built: Path, dot: Dot) -> None:
    git(built, "tag", "v2.2", "main")
    git(built, "tag", "--annotate", "v2.1", "--message", "x", "main")
    git(built, "update-ref", "refs/remotes/origin/main", "main")
    assert reached_from(built, dot, "main") == ["main", "v2.1", "v2.2"]


def test_a_commit_that_no_branch_is_at_is_reached_from_the_nearest(built: Path, dot: Dot) -> None:
    main = git(built, "rev-parse", "main")
    git(built, "switch", "--quiet", "main")
    for message in ("a", "b", "c"):
        commit(built, message)
    git(built, "tag", "of-another", "main")
    assert listed(dot)[f"dev@{main[:7]}"]["reached_from"] == ["feature/x"]


def test_a_remote_branch_is_named_where_no_local_one_is(built: Path, dot: Dot) -> None:
    git(built, "update-ref", "refs/remotes/origin/y", "feature/x")
    name = short(built, "feature/x")
    git(built, "switch", "--quiet", "--detach", "main")
    git(built, "branch", "--quiet", "--delete", "--force", "feature/x")
    assert listed(dot)[f"dev@{name}"]["reached_from"] == ["origin/y"]
    git(built, "update-ref", "-d", "refs/remotes/origin/y")
    assert listed(dot)[f"dev@{name}"]["reached_from"] == []


# -- what is not whole ---------------------------------------------------------------------------------------------


def without_git(build: dict[str, Any]) -> dict[str, Any]:
    return build | {"author_date": None, "reached_from": []}


@pytest.mark.parametrize("is_gone", ["the repository", "the commits", "git"])
def test_what_git_does_not_know_stands_in_the_records(
    is_gone: str, built: Path, dot: Dot, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = listed(dot)
    if is_gone == "git":
        monkeypatch.setenv("PATH", str(built.parent / "bin"))
    else:
        shutil.rmtree(built / ".git")
    if is_gone == "the commits":
        git(built, "init", "--quiet")
    assert {address: without_git(build) for address, build in before.items()} == listed(dot)
    assert "Count refunds once" in dot("builds").stdout


def test_a_build_whose_worktree_is_not_complete_is_listed_with_what_its_record_says(built: Path, dot: Dot) -> None:
    before = listed(dot)
    for marker in (built / ".dot" / "build").glob("*/commit"):
        marker.unlink()
    assert listed(dot) == before


def test_an_environment_without_runs_is_listed_with_what_git_knows(built: Path, dot: Dot) -> None:
    address = f"dev@{short(built, 'feature/x')}"
    before = listed(dot)[address]
    (folder_of(built, "feature/x") / "env" / "dev" / "runs.jsonl").unlink()
    unknown = dict.fromkeys(("size", "last_command", "exit_code", "finished_at"))
    assert listed(dot)[address] == before | unknown
    assert list(listed(dot))[-1] == address


def test_a_worktree_without_environment_is_listed_without(built: Path, dot: Dot) -> None:
    name = short(built, "feature/x")
    shutil.rmtree(folder_of(built, "feature/x") / "env")
    build = listed(dot)[f"@{name}"]
    assert (build["environment"], build["subject"], build["size"]) == (None, "Count refunds once", None)
    assert str(folder_of(built, "feature/x")) == build["path"]


BROKEN = ("", "{", "null", "[]", "{}", '{"dbt_command": "build"}', "\0", '{"finished_at": 1}')


@pytest.mark.parametrize("line", BROKEN)
def test_a_record_that_cannot_be_read_leaves_the_one_before(line: str, built: Path, dot: Dot) -> None:
    before = listed(dot)
    runs = folder_of(built, "main") / "env" / "dev" / "runs.jsonl"
    runs.write_text(runs.read_text() + line + "\n")
    assert listed(dot) == before


def test_a_record_from_before_sizes_were_kept_is_read(built: Path, dot: Dot) -> None:
    address = f"dev@{short(built, 'main')}"
    before = listed(dot)[address]
    runs = folder_of(built, "main") / "env" / "dev" / "runs.jsonl"
    record = json.loads(runs.read_text())
    del record["size"]
    runs.write_text(json.dumps(record) + "\n")
    assert listed(dot)[address] == before | {"size": None}


def test_what_is_no_build_is_passed_over(built: Path, dot: Dot) -> None:
    before = listed(dot)
    make_tree(built / ".dot" / "build", {".DS_Store": "", f"{short(built, 'main')}/env/.DS_Store": ""})
    assert listed(dot) == before


@pytest.mark.parametrize("marker", ["no hash", "a\nb", "\0", "HEAD:dbt_project.yml", "{short} and more"])
def test_where_the_marker_names_no_commit_the_last_record_does(marker: str, built: Path, dot: Dot) -> None:
    (folder_of(built, "main") / "commit").write_text(marker.format(short=short(built, "main")))
    commit = git(built, "rev-parse", "main")
    assert {build["commit"] for address, build in listed(dot).items() if short(built, "main") in address} == {commit}


# -- for a person --------------------------------------------------------------------------------------------------


def test_a_person_sees_a_line_a_build(built: Path, dot: Dot) -> None:
    git(built, "tag", "v2", "main")
    main, branch = short(built, "main"), short(built, "feature/x")
    for runs in (built / ".dot" / "build").glob("*/env/*/runs.jsonl"):
        record = json.loads(runs.read_text())
        runs.write_text(json.dumps(record | {"size": 14_000_000}) + "\n")
    done = dot("builds")
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        "build          commit               built                size    since then    reached from",
        f"dev@{branch}    Count refunds once   –                    14 MB   test exit 1   feature/x",
        f"dev@{main}    commit 1             build ok, just now   14 MB   –             main, v2",
        f"prod@{main}   commit 1             build ok, just now   14 MB   –             main, v2",
    ]


def test_lines_are_plain_and_whole_where_there_is_no_terminal(built: Path, dot: Dot) -> None:
    commit(built, "x" * 300)
    assert dot("build", "dev@HEAD").exit_code == 0
    lines = dot("builds").stdout.splitlines()
    assert "x" * 300 in lines[1]
    assert ["\033" in line or line != line.rstrip() for line in lines] == [False] * 5


def test_what_nobody_knows_is_a_dash(built: Path, dot: Dot) -> None:
    shutil.rmtree(built / ".git")
    for path in (built / ".dot" / "build").glob("*/env/*/runs.jsonl"):
        path.unlink()
    line = dot("builds").stdout.splitlines()[1]
    assert line.split()[1:] == ["–", "–", "–", "–", "–"]


def run_on_terminal(folder: Path, columns: int, *words: str, **env: str) -> list[str]:
    """The lines that `dot builds` prints on a terminal of this width."""
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, columns))
    command = (sys.executable, "-m", "dot", "builds", *words)
    environ = {name: value for name, value in os.environ.items() if name != "COLUMNS"}  # which xdist sets
    environ |= {"TERM": "xterm-256color", **env}
    with subprocess.Popen(command, cwd=folder, env=environ, stdout=theirs, stderr=theirs) as dot:
        assert dot.wait() == 0
    text = os.read(ours, 1 << 16).decode()
    os.close(ours)
    os.close(theirs)
    return text.splitlines()


def test_a_terminal_shows_the_newest_builds_that_fit_and_says_how_many_more(built: Path, dot: Dot) -> None:
    (environment, *_) = (built / ".dot" / "build").glob("*/env/dev")
    record = (environment / "runs.jsonl").read_text().splitlines()[-1]
    for number in range(30):
        folder = environment.with_name(f"old{number}")
        folder.mkdir()
        older = {**json.loads(record), "finished_at": f"2020-01-01T00:00:{number:02}Z"}
        (folder / "runs.jsonl").write_text(json.dumps(older) + "\n")
    everything = dot("builds").stdout.splitlines()
    lines = [COLOR.sub("", line) for line in run_on_terminal(built, 120)]
    assert len(lines) == 23
    assert [line.split()[0] for line in everything[1:22]] == [line.split()[0] for line in lines[1:22]]
    assert lines[22] == f"and {len(everything) - 22} older builds: `dot builds --all`"
    assert (
        len(everything) == len(run_on_terminal(built, 120, "--all")) == len(dot("builds", "--all").stdout.splitlines())
    )


COLOR = re.compile(r"\033\[[\d;]*m")


@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
@pytest.mark.parametrize("columns", [68, 80, 100])
def test_on_a_terminal_a_line_fits_and_the_subject_is_cut(columns: int, encoding: str, built: Path, dot: Dot) -> None:
    git(built, "switch", "--quiet", "--create", "a-branch-that-has-a-rather-long-name")
    commit(built, "A subject that is much too long for the little room that is left in this line of the table")
    assert dot("build", "dev@HEAD").exit_code == 0
    lines = [COLOR.sub("", line) for line in run_on_terminal(built, columns, PYTHONIOENCODING=encoding)]
    assert len(lines) == 5
    assert max(map(len, lines)) <= columns
    assert re.match(r"dev@\w{7} +A.*(…|\.\.\.)  ", lines[1])
    assert "  build ok, just now  " in lines[1]


def test_on_a_wide_terminal_nothing_is_cut(built: Path, dot: Dot) -> None:
    lines = [COLOR.sub("", line).rstrip() for line in run_on_terminal(built, 120)]
    assert dot("builds").stdout.splitlines() == lines


@pytest.mark.parametrize(
    ("env", "is_colored"), [({}, True), ({"NO_COLOR": "1"}, False), ({"DOT_COLOR": "never"}, False)]
)
def test_colour_can_be_refused(env: dict[str, str], is_colored: bool, built: Path) -> None:  # noqa: FBT001
    text = "\n".join(run_on_terminal(built, 100, **env))
    assert ([f"\033[{code}m" in text for code in (31, 32, 36)], "\033" in text) == ([is_colored] * 3, is_colored)


def test_colour_can_be_asked_for_where_there_is_no_terminal(
    built: Path, dot: Dot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "dumb")
    make_tree(built, {"pyproject.toml": "[tool.dot]\ncolor = 'always'\n"})
    assert "\033[31mtest exit 1" in dot("builds").stdout
