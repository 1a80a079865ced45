"""`dot bundle submit` against a server that stands for Databricks: what is sent, and what becomes of the answers."""

import json
import os
import shlex
import signal
import sys
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import pytest

from builders import FAKE_DBT, PROJECT, Outcome, call_dot, commit, git, make_repo, make_tree
from dot.console import Console
from dot.plan.record import Record
from examples.jobs_api import CANCELED, RUN_ID, RUNNING, SUCCESS, TASK_ID, JobsApi, serving, state

Dot = Callable[..., Outcome]

URL = "https://github.com/acme/shop.git"
PROFILE = """
shop:
  target: dev
  outputs:
    dev:
      type: databricks
      host: "{{ env_var('DBX_HOST') }}"
      http_path: /sql/1.0/warehouses/abc123
      catalog: sales
      schema: crm
      token: "{{ env_var('DBX_TOKEN', 'none') }}"
    live: {type: databricks, host: h, http_path: /sql/protocolv1/o/1/2, schema: crm}
    duck: {type: duckdb, path: shop.duckdb}
"""
# Its environment is bare, as it will be on Databricks, so that the file to write to stands in it.
BARE_DBT = FAKE_DBT.replace('environ["FAKE_DBT_LOG"]', "{log!r}").replace(
    'startswith(("DOT_", "DBT_", "GIT_"))', "strip()"
)


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Generator[JobsApi]:
    with serving(JobsApi()) as server:
        monkeypatch.setenv("DATABRICKS_HOST", server.host)
        monkeypatch.setenv("DATABRICKS_TOKEN", "a-token")
        monkeypatch.setenv("DBX_HOST", server.host)
        yield server


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project whose commits are on the remote, with a program that stands for dbt; the current folder."""
    program = tmp_path / "venv" / "bin" / "dbt"
    make_tree(program.parent, {"dbt": BARE_DBT.format(python=sys.executable, log="calls")})
    make_tree(tmp_path / "venv/lib/python3.11/site-packages/dbt_databricks-1.12.7.dist-info", {"METADATA": ""})
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent), prepend=os.pathsep)
    git(tmp_path, "init", "--quiet", "--bare", "--initial-branch=main", "remote.git")
    folder = make_repo(tmp_path / "shop", {**PROJECT, "profiles.yml": PROFILE})
    git(folder, "remote", "add", "origin", URL)
    git(folder, "config", f"url.{tmp_path / 'remote.git'}.insteadOf", URL)
    git(folder, "push", "--quiet", "origin", "main")
    monkeypatch.chdir(folder)
    return folder


def read_runs(shop: Path) -> list[Record]:
    lines = [line for file in shop.glob(".dot/build/*/env/*/runs.jsonl") for line in file.read_text().splitlines()]
    return [Record.model_validate_json(line) for line in lines]


def payload(api: JobsApi) -> dict[str, Any]:
    return next(given for name, given in api.asked if name == "submit")


def test_what_is_submitted_is_what_the_plan_shows_and_is_followed_to_its_end(
    shop: Path, api: JobsApi, dot: Dot
) -> None:
    words = ("bundle", "submit", "dev@main", "--vars", "{since: 2025}")
    extra = ("--", "dbt", "run", "--select", "a b", "--full-refresh")
    planned = json.loads(dot(*words, "--dry-run", "--json", *extra).stdout)
    assert not (shop / ".dot").exists()
    done = dot(*words, *extra)
    assert (done.exit_code, done.stdout.splitlines()[-1]) == (0, "dbt says hello")
    assert api.names() == ["submit", "get", "get-output"]
    (step,) = (one for one in planned["steps"] if one["kind"] == "submit_run")
    head, short_hash = git(shop, "rev-parse", "main"), git(shop, "rev-parse", "--short", "main")
    sent = payload(api)
    assert (sent, len(sent["idempotency_token"])) == (step["payload"], 64)
    assert sent["run_name"] == f"dot dev@{short_hash}"
    assert sent["git_source"] == {"git_provider": "gitHub", "git_url": URL, "git_commit": head}
    (task,) = sent["tasks"]
    assert task == {
        "task_key": "build",
        "environment_key": "dbt",
        "dbt_task": {
            "commands": ["""dbt run --vars '{"since": 2025}' --select 'a b' --full-refresh"""],
            "catalog": "sales",
            "schema": f"crm_{short_hash}",
            "warehouse_id": "abc123",
            "source": "GIT",
        },
    }
    specification = {"environment_version": "4", "dependencies": ["dbt-databricks==1.12.7"]}
    assert sent["environments"] == [{"environment_key": "dbt", "spec": specification}]
    assert "a-token" not in json.dumps(planned) + done.stderr


def test_the_build_is_there_afterwards_as_if_it_had_been_made_here(shop: Path, api: JobsApi, dot: Dot) -> None:
    assert api.host
    assert call_dot("bundle", "submit", "dev@main") == 0
    (record,) = read_runs(shop)
    assert (record.dbt_command, record.argv, record.exit_code) == ("build", ("dbt", "build"), 0)
    assert (record.has_run, record.has_built) == (True, True)
    assert record.remote
    assert record.remote.model_dump() == {"run_id": RUN_ID, "url": "https://dbx.example/run/42", "state": "SUCCESS"}
    (listed,) = json.loads(dot("builds", "--json").stdout)["builds"]
    assert (listed["environment"], listed["last_command"], listed["exit_code"]) == ("dev", "build", 0)
    shown = dot("builds", "show", "dev@main")
    assert shown.exit_code == 0


def test_dbt_sees_here_what_it_will_see_there(shop: Path, api: JobsApi, monkeypatch: pytest.MonkeyPatch) -> None:
    assert api.host
    monkeypatch.setenv("DBT_SOMETHING", "1")
    monkeypatch.setenv("SCHEMA_OF_THE_DAY", "1")
    assert call_dot("bundle", "submit", "dev@main") == 0
    (log,) = (path for path in shop.glob(".dot/build/*/worktree/calls"))
    calls = [json.loads(line) for line in log.read_text().splitlines()]
    assert [call["argv"][0] for call in calls] == ["parse"]
    (call,) = calls
    assert call["argv"][call["argv"].index("--target") + 1] == "databricks"
    names = {name for name in call["env"] if name.startswith(("DBT_", "DOT_", "DATABRICKS_", "DBX_", "SCHEMA_"))}
    assert names == set()
    (profile,) = shop.glob(".dot/build/*/env/dev/profiles.yml")
    assert "token" not in profile.read_text()
    assert "warehouses/abc123" in profile.read_text()


def test_the_same_is_one_run_and_anything_else_another(shop: Path, api: JobsApi) -> None:
    def token(*words: str) -> str:
        api.asked.clear()
        assert call_dot("bundle", "submit", *words) == 0
        return payload(api)["idempotency_token"]

    first = token("dev@main")
    assert [first, first] == [token("dev@main"), token("dev@HEAD", "--", "dbt", "build")]
    others = [token("dev@main", *words) for words in (["--again"], ["--", "run"], ["--vars", "{x: 1}"])]
    commit(make_tree(shop, {"models/a.sql": "select 2 as id\n"}), "more")
    git(shop, "push", "--quiet", "origin", "main")
    assert len({first, *others, token("dev@main")}) == 5


@pytest.mark.parametrize(
    ("end", "expected"),
    [
        (state("TERMINATED", "FAILED", "a model failed"), 1),
        (state("TERMINATED", "TIMEDOUT", "too long"), 1),
        (CANCELED, 1),
        (state("INTERNAL_ERROR", None, "the repository cannot be fetched"), 3),
        (state("SKIPPED", None, ""), 3),
        ({"status": {"state": "TERMINATED", "termination_details": {"code": "SUCCESS"}}}, 0),
        ({"status": {"state": "TERMINATED", "termination_details": {"code": "RUN_EXECUTION_ERROR"}}}, 1),
    ],
)
def test_it_ends_as_the_run_does(end: dict[str, Any], expected: int, shop: Path, api: JobsApi, dot: Dot) -> None:
    api.states = [end]
    api.output = {"logs": "", "error": "1 of 2 failed", "logs_truncated": True}
    done = dot("bundle", "submit", "dev@main", "--", "build")
    assert (done.exit_code, [record.exit_code for record in read_runs(shop)]) == (expected, [expected])
    assert read_runs(shop)[0].has_run
    message = str(end.get("state", {}).get("state_message", ""))
    assert message in done.stderr
    assert ("build: 1 of 2 failed" in done.stderr) == ("tasks" in end)


def test_what_databricks_wants_repeated_is_repeated(shop: Path, api: JobsApi) -> None:
    assert shop.is_dir()
    busy = {"error_code": "REQUEST_LIMIT_EXCEEDED", "message": "slow down"}
    gone = {"error_code": "TEMPORARILY_UNAVAILABLE", "message": "come back"}
    api.failures = {"submit": [(429, busy)], "get": [(503, gone)]}
    assert call_dot("bundle", "submit", "dev@main") == 0
    tokens = [given["idempotency_token"] for name, given in api.asked if name == "submit"]
    assert (len(tokens), len(set(tokens))) == (2, 1)


def test_a_submission_that_is_refused_leaves_no_run(shop: Path, api: JobsApi, dot: Dot) -> None:
    api.failures = {"submit": [(403, {"error_code": "PERMISSION_DENIED", "message": "you may not"})]}
    done = dot("bundle", "submit", "dev@main")
    assert (done.exit_code, "you may not" in done.stderr) == (3, True)
    (record,) = read_runs(shop)
    assert (record.remote, record.has_built, record.exit_code) == (None, False, 3)


def test_a_run_that_is_lost_sight_of_is_remembered(
    shop: Path, api: JobsApi, home: Path, dot: Dot, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = f"host = {api.host}\ntoken = a-token\nretry_timeout_seconds = 1\nhttp_timeout_seconds = 1\n"
    make_tree(home, {".databrickscfg": f"[DEFAULT]\n{settings}"})
    monkeypatch.delenv("DATABRICKS_HOST")
    monkeypatch.delenv("DATABRICKS_TOKEN")
    api.failures = {"get": [(500, {"error_code": "INTERNAL_ERROR", "message": "no idea"})] * 3}
    done = dot("bundle", "submit", "dev@main")
    assert (done.exit_code, "the same command follows it again" in done.stderr) == (3, True)
    (record,) = read_runs(shop)
    assert record.remote
    assert (record.remote.run_id, record.has_built) == (RUN_ID, True)
    api.delay = 1.3  # longer than the SDK waits, which asks again
    api.failures = {"get": [(500, {"error_code": "INTERNAL_ERROR", "message": "no idea"})]}
    assert call_dot("bundle", "submit", "dev@main") == 0


def test_output_that_cannot_be_read_changes_nothing(shop: Path, api: JobsApi, dot: Dot) -> None:
    assert shop.is_dir()
    api.failures = {"get-output": [(404, {"error_code": "RESOURCE_DOES_NOT_EXIST", "message": "no output"})]}
    done = dot("bundle", "submit", "dev@main")
    assert (done.exit_code, "no output" in done.stderr) == (0, True)
    assert [given["run_id"] for name, given in api.asked if name == "get-output"] == [str(TASK_ID)]


# -- being asked to end --------------------------------------------------------------------------------------------


class Person(Console):
    """Somebody who gives these answers at a terminal."""

    answers: tuple[str, ...] = ()

    def can_ask(self) -> bool:
        return True

    def ask(self, question: str, answers: Any) -> str:
        assert "cancel the run" in question
        assert set(answers) == {"yes", "no"}
        return self.answers[0]


def interrupt(number: signal.Signals) -> Callable[[int], object]:
    """A signal to dot at the second look at the run."""
    return lambda count: os.kill(os.getpid(), number) if count == 2 else None


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_what_ends_dot_cancels_the_run_where_nobody_can_be_asked(
    number: signal.Signals, shop: Path, api: JobsApi, dot: Dot
) -> None:
    api.states, api.on_get = [RUNNING], interrupt(number)
    done = dot("bundle", "submit", "dev@main")
    assert (done.exit_code, api.names()[-2:]) == (128 + number, ["cancel", "get"])
    assert [given for name, given in api.asked if name == "cancel"] == [{"run_id": RUN_ID}]
    (record,) = read_runs(shop)
    assert record.remote
    assert (record.exit_code, record.remote.state) == (128 + number, "CANCELED")


@pytest.mark.parametrize("answer", ["yes", "no"])
def test_an_interrupt_asks_whether_the_run_is_to_end(
    answer: str,
    shop: Path,
    api: JobsApi,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Person, "answers", (answer,))
    monkeypatch.setattr("dot.console.Console", Person)
    is_cancelled = answer == "yes"
    api.states, api.on_get = [RUNNING], interrupt(signal.SIGINT)
    assert call_dot("bundle", "submit", "dev@main") == 130
    assert ("cancel" in api.names()) == is_cancelled
    (record,) = read_runs(shop)
    assert record.remote
    assert record.remote.state == ("CANCELED" if is_cancelled else "RUNNING")
    api.states, api.on_get = [SUCCESS], lambda _: None
    assert call_dot("bundle", "submit", "dev@main") == 0


# -- what is refused before anything is submitted ------------------------------------------------------------------


def test_a_commit_that_is_not_on_the_remote_is_not_submitted(shop: Path, api: JobsApi, dot: Dot) -> None:
    commit(make_tree(shop, {"models/a.sql": "select 2 as id\n"}), "not pushed")
    done = dot("bundle", "submit", "dev@main")
    assert (done.exit_code, api.asked, (shop / ".dot" / "build").exists()) == (3, [], False)
    assert "no branch or tag of origin has the commit" in done.stderr
    assert call_dot("bundle", "submit", "dev@main~1") == 0
    git(shop, "push", "--quiet", "origin", "HEAD:refs/heads/other")
    assert call_dot("bundle", "submit", "dev@main") == 0
    git(shop, "config", "--unset", f"url.{shop.parent / 'remote.git'}.insteadOf")
    git(shop, "config", f"url.{shop.parent / 'nowhere.git'}.insteadOf", URL)
    assert "git could not ask the remote origin" in dot("bundle", "submit", "dev@main").stderr


REFUSED: list[tuple[str, int, str]] = [
    ("dev", 2, "only a commit can be submitted"),
    ("dev@nowhere", 2, "names no commit"),
    ("dev@main -- compile", 2, "`dbt compile` cannot be submitted"),
    ("dev@main -- build --target x", 2, "`--target` cannot be given"),
    ("dev@main -- build --defer", 2, "`--defer` leads to files"),
    ("dev@main -- build --state x", 2, "`--state` leads to files"),
    ("dev@main -- build --select", 2, "`--select` needs a value"),
    ("dev@main -- build --vars '{password: dapi0123456789abcdef0123}'", 2, "a secret would stand"),
    ("dev@main --vars '{password: dapi0123456789abcdef0123}'", 2, "a secret would stand"),
    ("duck@main", 2, "Databricks cannot build for the adapter `duckdb`"),
    ("live@main", 2, "the profile names none"),
    ("dev@main --remote upstream", 3, "the repository has no remote `upstream`"),
    ("dev@main --git-provider hub", 2, "`--git-provider hub` is unknown"),
    ("dev@main --json", 2, "it needs `--dry-run`"),
]


def test_what_makes_no_sense_is_refused_before_anything_happens(shop: Path, api: JobsApi, dot: Dot) -> None:
    found = []
    for line, _, message in REFUSED:
        done = dot("bundle", "submit", *shlex.split(line))
        text = done.stdout + done.stderr
        found.append((line, done.exit_code, message if message in text else text))
    assert found == REFUSED
    assert (api.asked, (shop / ".dot").exists()) == ([], False)


def test_a_workspace_that_is_not_the_profiles_gets_nothing(
    shop: Path, api: JobsApi, dot: Dot, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert shop.is_dir()
    monkeypatch.setenv("DBX_HOST", "adb-1.azuredatabricks.net")
    done = dot("bundle", "submit", "dev@main")
    assert (done.exit_code, api.asked) == (3, [])
    assert "the SDK is configured for 127.0.0.1, and the profile of the build for adb-1" in done.stderr
    monkeypatch.delenv("DATABRICKS_HOST")
    monkeypatch.delenv("DATABRICKS_TOKEN")
    done = dot("bundle", "submit", "dev@main")
    assert (done.exit_code, "dot could not connect to Databricks" in done.stderr) == (3, True)


def test_a_saved_submission_is_carried_out_as_it_was_shown(shop: Path, api: JobsApi, dot: Dot) -> None:
    assert shop.is_dir()
    assert call_dot("bundle", "submit", "dev@main", "--dry-run", "--out", "plan.json") == 0
    assert call_dot("apply", "plan.json") == 0
    assert payload(api)["run_name"].startswith("dot dev@")
    commit(make_tree(shop, {"models/a.sql": "select 2 as id\n"}), "more")
    assert "the plan no longer holds" in dot("apply", "plan.json").stderr
