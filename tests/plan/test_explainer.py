"""The same steps that the executor does, in words for a person."""

from pathlib import PurePath
from typing import Any

from cases import each
from dot.base.address import Address
from dot.dbt.engine import Dbt
from dot.plan.explainer import explain
from examples.plans import (
    BASELINE,
    HASH,
    make_commit,
    make_environment,
    make_facts,
    make_isolated_facts,
    make_profile,
    plan,
    with_options,
)

HERE = PurePath("/srv/shop")
BUILD_ID = "e30b5a21-451f-5161-93ab-d8d4787d530c"


def lines_of(*words: str, cwd: PurePath = HERE, **request: Any) -> list[str]:
    return explain(plan(*words, **request), cwd).splitlines()


def test_an_isolated_build_is_explained_step_by_step() -> None:
    facts = make_isolated_facts(
        commit=make_commit(packages="digest"), environment=make_environment(threads=8), baseline=BASELINE
    )
    address = Address(environment="dev", ref="feature/new-metric")

    assert lines_of("build", "-x", facts=facts, address=address) == [
        f"dev@feature/new-metric → commit {HASH[:12]}… (build {BUILD_ID})",
        "what it lacks is read from prod@9d8c7b6",
        "  1  worktree   .dot/build/a1b2c3d/worktree",
        "  2  profile    shop → dev → schema analytics_a1b2c3d   from /home/ada/.dbt/profiles.yml",
        "  3  packages   dbt deps, unless these packages are installed",
        "  4  isolation  every relation must carry a1b2c3d in its schema",
        "  5  dbt        build --project-dir .dot/build/a1b2c3d/worktree/dbt",
        "                --profiles-dir .dot/build/a1b2c3d/env/dev --profile shop",
        "                --target dev --target-path .dot/build/a1b2c3d/env/dev/target",
        "                --log-path .dot/build/a1b2c3d/env/dev/logs --threads 8",
        "                --vars '{\"sample\": 10}' --defer --no-favor-state",
        "                --state .dot/old/target --defer-state .dot/old/target -x",
        "                in .dot/build/a1b2c3d/worktree/dbt",
        "  6  record     .dot/build/a1b2c3d/env/dev/runs.jsonl",
        "left out for build: nothing      nothing was written",
    ]


def test_a_live_build_is_one_step() -> None:
    facts = make_facts(environment=make_environment(target="dev"))

    assert lines_of("seed", facts=facts, address=Address(environment="dev")) == [
        "dev → live build in environment dev",
        "  1  dbt        seed --target dev --vars '{\"sample\": 10}'",
        "                in models",
        "left out for seed: nothing      nothing was written",
    ]


def test_without_an_address_the_environment_is_named() -> None:
    assert lines_of(facts=make_facts())[0] == "dev → live build in environment dev"


def test_without_an_environment_that_is_said_once() -> None:
    title = lines_of("init", facts=make_facts(environment=None))[0]

    assert title.count("no environment") == 1
    assert "live build" in title


def test_what_is_left_out_and_what_to_mind_stand_at_the_end() -> None:
    facts = with_options(output_keys="x", target_path="t")

    *_, warning, left_out = lines_of("build", "--vars", "{}", facts=facts)
    assert (
        warning == "warning: `--vars` after `--` replaces every variable of the environment; before it, it adds to them"
    )
    assert left_out == "left out for build: output-keys, target-path      nothing was written"


def test_submodules_and_leaks_that_are_allowed_are_named() -> None:
    lines = lines_of(facts=make_isolated_facts(commit=make_commit(submodules=True)), allow_leaks=True)

    assert lines[1] == "  1  worktree   .dot/build/a1b2c3d/worktree with its submodules"
    assert lines[3] == "  3  isolation  every relation must carry a1b2c3d in its schema, leaks allowed"


@each(
    ("cwd", "shown"),
    [
        ("/srv/shop", ".dot/build/a1b2c3d/worktree"),
        ("/srv/shop/models", "../.dot/build/a1b2c3d/worktree"),
        ("/srv", "shop/.dot/build/a1b2c3d/worktree"),
        ("/somewhere/else/altogether", "/srv/shop/.dot/build/a1b2c3d/worktree"),
    ],
)
def test_a_path_is_shown_as_it_is_shortest_from_where_the_user_stands(cwd: str, shown: str) -> None:
    assert lines_of(cwd=PurePath(cwd))[1] == f"  1  worktree   {shown}"


def test_words_can_be_copied_into_a_shell() -> None:
    facts = make_facts(environment=None, flags=("--project-dir", "/srv/shop/my shop"))

    assert (
        lines_of("build", "--select", "tag:a b", facts=facts)[1]
        == "  1  dbt        build --project-dir 'my shop' --select 'tag:a b'"
    )


def test_the_words_that_start_dbt_are_not_shown() -> None:
    facts = make_facts(dbt=Dbt(command=("/bin/uv", "run", "dbt"), version=None), environment=None)

    assert lines_of("debug", facts=facts)[1] == "  1  dbt        debug"


def test_a_secret_is_not_shown() -> None:
    profile = make_profile({"type": "postgres", "schema": "a", "password": "hunter2", "dsn": "postgres://u:hunter2@db"})

    assert "hunter2" not in explain(plan(facts=make_isolated_facts(profile=profile)), HERE)
