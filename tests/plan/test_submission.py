"""The plan of a submission, and what is sent for it."""

import json
from pathlib import PurePath
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases import each
from dot.base.address import Address
from dot.base.errors import UsageError
from dot.base.frozen import FrozenMapping, thaw
from dot.config.files import Environment
from dot.plan.explainer import explain
from dot.plan.git_source import GitSource
from dot.plan.plan import BuildPlan, parse_plan, render_plan
from dot.plan.request import SubmitRequest
from dot.plan.step import CheckIsolation, CheckRemote, SubmitRun, WriteProfile
from dot.plan.submission import SubmitFacts, plan_submit, refuse_typed_files
from examples.plans import (
    HASH,
    kinds_of,
    make_commit,
    make_environment,
    make_isolated_facts,
    make_profile,
    step_of,
)

ADDRESS = Address(environment="dev", ref="main")
URL = "https://github.com/acme/shop.git"
OUTPUT = {"type": "databricks", "host": "adb-1.example", "schema": "{{ env_var('S') }}", "token": "s3cret"}


def submit_facts(**changes: Any) -> SubmitFacts:
    facts = make_isolated_facts(profile=make_profile(OUTPUT, rendered={"schema": "crm"}))
    values: dict[str, Any] = {
        "facts": facts,
        "host": "adb-1.example",
        "warehouse": "abc123",
        "catalog": "sales",
        "schema_name": "crm",
        "adapter_version": "1.12.7",
        "source": GitSource("gitHub", URL),
    }
    return SubmitFacts(**(values | changes))


def submit(*words: str, found: SubmitFacts | None = None, **request: Any) -> BuildPlan:
    command, *rest = words or ("build",)
    asked = SubmitRequest(address=ADDRESS, dbt_command=command, words=tuple(rest), **request)
    return plan_submit(asked, found or submit_facts())


def payload(plan: BuildPlan) -> dict[str, Any]:
    return thaw(step_of(plan, SubmitRun).payload)


def task(plan: BuildPlan) -> dict[str, Any]:
    return payload(plan)["tasks"][0]["dbt_task"]


def with_environment(environment: Environment) -> SubmitFacts:
    found = submit_facts()
    return submit_facts(facts=found.facts.model_copy(update={"environment": environment}))


def test_the_commit_is_checked_here_and_then_submitted() -> None:
    plan = submit()
    kinds = ["check_remote", "ensure_worktree", "write_profile", "check_isolation", "submit_run", "write_record"]
    assert (plan.command, plan.address, kinds_of(plan)) == ("bundle submit", "dev@main", kinds)
    assert step_of(plan, CheckRemote).commit == HASH
    assert plan.dbt_words == ("dbt", "build", "--threads", "4", "--vars", '{"sample": 10}')
    assert parse_plan(render_plan(plan)) == plan


def test_the_check_goes_by_the_profile_that_databricks_makes_which_has_no_secret() -> None:
    plan = submit()
    content = thaw(step_of(plan, WriteProfile).content)
    assert content["shop"] == {
        "target": "databricks",
        "outputs": {
            "databricks": {
                "type": "databricks",
                "host": "adb-1.example",
                "http_path": "/sql/1.0/warehouses/abc123",
                "schema": "crm_a1b2c3d",
                "auth_type": "oauth",
                "catalog": "sales",
            }
        },
    }
    argv = step_of(plan, CheckIsolation).argv
    assert argv[argv.index("--target") + 1] == "databricks"
    assert "s3cret" not in render_plan(plan)


def test_what_is_sent_follows_from_the_project_and_its_profile() -> None:
    assert task(submit("run", "--select", "a b")) == {
        "project_directory": "dbt",
        "commands": ["""dbt run --threads 4 --vars '{"sample": 10}' --select 'a b'"""],
        "catalog": "sales",
        "schema": "crm_a1b2c3d",
        "warehouse_id": "abc123",
        "source": "GIT",
    }
    facts = make_isolated_facts(
        commit=make_commit(folder=PurePath(), packages="digest"),
        environment=make_environment(),
        profile=make_profile(OUTPUT, rendered={"schema": "crm"}),
    )
    bare = task(submit("test", found=submit_facts(facts=facts, catalog=None)))
    assert bare == {
        "commands": ["dbt deps", """dbt test --vars '{"sample": 10}'"""],
        "schema": "crm_a1b2c3d",
        "warehouse_id": "abc123",
        "source": "GIT",
    }


def test_the_token_is_of_all_that_is_run() -> None:
    def token(plan: BuildPlan) -> str:
        return payload(plan)["idempotency_token"]

    first = token(submit())
    assert (len(first), first) == (64, token(submit(remote="upstream")))
    others = [
        submit("run"),
        submit("build", "--full-refresh"),
        submit(again="2026-11-28T14:00:00+00:00"),
        submit(found=submit_facts(warehouse="other")),
        submit(found=submit_facts(schema_name="other")),
        submit(found=with_environment(make_environment("prod", threads=4))),
    ]
    assert len({first, *map(token, others)}) == 1 + len(others)


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_categories=("Cc",)), min_size=1), max_size=4))
def test_words_reach_dbt_there_as_they_were_typed(words: list[str]) -> None:
    typed = [f"tag:{word}" for word in words]
    try:
        plan = submit("build", "--select", *typed) if typed else submit()
    except UsageError:  # one of them looks like a secret
        return
    assert json.loads(json.dumps(payload(plan))) == payload(plan)
    (command,) = task(plan)["commands"]
    assert command.startswith("dbt build ")
    assert len(payload(plan)["idempotency_token"]) == 64


@each(
    "words, message",
    [
        (("build", "--target", "x"), "`--target` cannot be given"),
        (("build", "--profiles-dir", "x"), "`--profiles-dir` cannot be given"),
        (("build", "--help"), "with `--help` dbt would do nothing"),
        (("build", "--vars", "{password: hunter2}"), "a secret would stand in the commands"),
    ],
)
def test_words_that_mean_nothing_there_are_refused(words: tuple[str, ...], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        submit(*words)


@each("words", [("--defer",), ("--state", "x"), ("--select", "a", "--defer-state=x"), ("--favor-state",)])
def test_files_of_this_machine_are_refused_before_anything_is_read(words: tuple[str, ...]) -> None:
    refuse_typed_files(SubmitRequest(address=ADDRESS, words=("--select", "a")))
    with pytest.raises(UsageError, match="leads to files that are not on Databricks"):
        refuse_typed_files(SubmitRequest(address=ADDRESS, words=words))


def test_what_an_environment_says_may_mean_nothing_there_either() -> None:
    secret = Environment(name="dev", options=FrozenMapping(), vars=FrozenMapping({"password": "hunter2"}))
    with pytest.raises(UsageError, match="a secret would stand"):
        submit(found=with_environment(secret))
    with pytest.raises(UsageError, match="`--state` leads to files that are not on Databricks"):
        submit(found=with_environment(make_environment(state="old")))
    assert submit(found=with_environment(make_environment(defer=False))).steps


def test_without_a_commit_there_is_nothing_to_submit() -> None:
    facts = submit_facts().facts.model_copy(update={"commit": None})
    with pytest.raises(ValueError, match="has a commit"):
        submit(found=submit_facts(facts=facts))


def test_a_submission_is_explained_step_by_step() -> None:
    plan = submit("build", "--select", "a", allow_leaks=True)
    token = payload(plan)["idempotency_token"][:12]
    lines = explain(plan, PurePath("/srv/shop")).splitlines()
    assert lines[1:] == [
        "  1  remote     origin must have the commit",
        f"                Databricks fetches it from {URL}",
        "  2  worktree   .dot/build/a1b2c3d/worktree",
        "  3  profile    shop → databricks → schema crm_a1b2c3d   from /home/ada/.dbt/profiles.yml",
        "  4  isolation  every relation must carry a1b2c3d in its schema, leaks allowed",
        """  5  submit     dbt build --threads 4 --vars '{"sample": 10}' --select a""",
        f"                on adb-1.example, once for the token {token}…",
        "  6  record     .dot/build/a1b2c3d/env/dev/runs.jsonl",
        "nothing was written",
    ]
