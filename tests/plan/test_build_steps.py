"""The steps of an isolated build, word for word."""

from hashlib import sha256
from pathlib import PurePath
from typing import Any

from builders import dbt_steps
from cases import each
from dot.base.frozen import FrozenMapping
from dot.dbt.engine import Dbt
from dot.dbt.options import KEEPS_OUTSIDE
from dot.plan.planner import plan_build
from dot.plan.request import DbtRequest
from dot.plan.step import EnsureWorktree, InstallPackages, RunDbt, WriteProfile, WriteRecord
from dot.profile.isolate import SecretReference
from examples.plans import (
    BASELINE,
    BUILD,
    CWD,
    DEFER,
    FOLDER,
    HASH,
    LOGS,
    PLACES,
    START,
    VARS,
    dbt_step,
    kinds_of,
    make_commit,
    make_environment,
    make_isolated_facts,
    make_profile,
    plan,
    step_of,
    with_options,
    with_output,
)

# -- the steps -----------------------------------------------------------------------------------------------------


def test_an_isolated_build_makes_its_worktree_profile_and_packages_proves_itself_runs_dbt_and_writes_it_down() -> None:
    facts = make_isolated_facts(commit=make_commit(packages="digest"))

    assert kinds_of(plan("build", facts=facts)) == [
        "ensure_worktree",
        "write_profile",
        "install_packages",
        "check_isolation",
        "run_dbt",
        "write_record",
    ]


def test_the_worktree_is_the_whole_repository_at_the_commit() -> None:
    facts = make_isolated_facts(commit=make_commit(submodules=True))

    assert step_of(plan(facts=facts), EnsureWorktree) == EnsureWorktree(
        repository=PurePath("/srv"),
        common_dir=PurePath("/srv/.git"),
        path=BUILD / "worktree",
        commit=HASH,
        marker=BUILD / "commit",
        submodules=True,
    )


def test_the_profile_is_the_isolated_one() -> None:
    profile = make_profile({"type": "duckdb", "schema": "analytics"}, user_file=PurePath("/home/ada/.dbt/.user.yml"))

    assert step_of(plan(facts=make_isolated_facts(profile=profile)), WriteProfile) == WriteProfile(
        path=FOLDER / "profiles.yml",
        source=PurePath("/home/ada/.dbt/profiles.yml"),
        profile="shop",
        target="dev",
        schema_name="analytics_a1b2c3d",
        content=FrozenMapping(
            {"shop": {"target": "dev", "outputs": {"dev": {"type": "duckdb", "schema": "analytics_a1b2c3d"}}}}
        ),
        user_file=PurePath("/home/ada/.dbt/.user.yml"),
    )


def test_dbt_runs_in_the_worktree_with_the_secrets_by_reference() -> None:
    built = plan("run", "--full-refresh", facts=with_options(threads=4, target="x"))
    place = ("shop", "outputs", "dev", "password")
    secret = SecretReference(variable="DBT_ENV_SECRET_DOT_1", file=PurePath("/home/ada/.dbt/profiles.yml"), keys=place)

    assert RunDbt(
        argv=("/env/bin/dbt", "run", *PLACES, "--no-defer", "--threads", "4", *VARS, "--full-refresh"),
        cwd=CWD,
        env=dbt_step(built).env,
        secrets=(secret,),
    ) == dbt_step(built)


def test_the_last_step_is_the_record() -> None:
    assert plan().steps[-1] == WriteRecord(path=FOLDER / "runs.jsonl")


@each(
    ("command", "request_", "words"),
    [
        ("deps", {}, ("deps", *START, *LOGS, *VARS)),
        ("docs generate", {}, ("docs", "generate", *PLACES, "--no-defer", *VARS)),
        ("clean", {}, ("clean", *START, *LOGS, KEEPS_OUTSIDE, *VARS)),  # it refuses a target folder outside the project
        ("debug", {"extra": ("--connection",)}, ("debug", *START, *LOGS, *VARS, "--connection")),
        (
            "run-operation",
            {"arguments": ("grant",), "extra": ("--args", "{}")},
            ("run-operation", "grant", *PLACES, *VARS, "--args", "{}"),
        ),
    ],
)
def test_every_command_gets_the_places_that_it_takes(
    command: str, request_: dict[str, Any], words: tuple[str, ...]
) -> None:
    facts = with_options()
    built = plan_build(DbtRequest(dbt_command=command, **request_), facts)

    assert dbt_step(built).argv[1:] == words


def test_the_baseline_stands_before_what_the_user_adds() -> None:
    facts = make_isolated_facts(environment=make_environment(), baseline=BASELINE)

    assert dbt_step(plan("build", "-x", facts=facts)).argv[2:] == (*PLACES, *VARS, *DEFER, "-x")


def test_what_dot_decides_is_left_out_and_listed_unless_the_profile_honours_it() -> None:
    own = {"project_dir": "p", "target_path": "t", "log_path": "l"}
    honoured = {"profile": "shop", "profiles_dir": "p", "target": "dev"}
    built = plan(facts=with_options(**own, **honoured, output_keys="x", quiet=True))

    assert built.options_not_applied == ("log-path", "output-keys", "project-dir", "target-path")
    assert dbt_step(built).argv[2:] == (*PLACES, "--no-defer", "--quiet", *VARS)


def test_the_environment_names_the_folder_and_the_profile_the_target() -> None:
    facts = make_isolated_facts(environment=make_environment("ci.2", target="dev"))
    built = plan(facts=facts)

    assert step_of(built, WriteProfile).path == BUILD / "env/ci.2/profiles.yml"
    assert step_of(built, WriteProfile).target == "dev"


def test_a_project_at_the_top_of_its_repository_is_the_worktree() -> None:
    facts = make_isolated_facts(commit=make_commit(folder=PurePath()))

    assert dbt_step(plan(facts=facts)).cwd == BUILD / "worktree"


def test_warnings_of_the_profile_and_of_the_command_are_warnings_of_the_plan() -> None:
    facts = with_output({"path": "x.db"}, type="duckdb", path="{{ x }}")
    first, second, third = plan("run-operation", "--vars", "{}", arguments=("m",), facts=facts).warnings

    assert first.startswith("`path` in /home/ada/.dbt/profiles.yml renders to a relative path")
    assert second == "an operation runs SQL of its own, which cannot be proved to stay inside the build"
    assert third.startswith("`--vars` after `--`")


def test_a_build_that_says_all_of_itself_warns_of_nothing() -> None:
    assert plan("build").warnings == ()


# -- packages ------------------------------------------------------------------------------------------------------


def test_packages_are_installed_in_the_worktree_once_for_what_decides_them() -> None:
    commit = make_commit(packages="declared", packages_folder="vendor/packages")
    key = "declared\n1.11.16"

    assert InstallPackages(
        argv=("/env/bin/dbt", "deps", *START, *LOGS, *VARS),
        cwd=CWD,
        folder=CWD / "vendor/packages",
        marker=BUILD / "packages",
        digest=sha256(key.encode()).hexdigest(),
    ) == step_of(plan(facts=make_isolated_facts(commit=commit)), InstallPackages)


@each(
    ("command", "packages", "request_", "is_there"),
    [
        ("build", "digest", {}, True),
        ("parse", "digest", {}, True),
        ("build", None, {}, False),
        ("build", "digest", {"install_packages": False}, False),
        ("deps", "digest", {}, False),
    ],
)
def test_packages_are_installed_when_there_are_any_and_nobody_forbids_it(
    command: str,
    packages: str | None,
    request_: dict[str, bool],
    is_there: bool,  # noqa: FBT001
) -> None:
    facts = make_isolated_facts(commit=make_commit(packages=packages))

    assert ("install_packages" in kinds_of(plan(command, facts=facts, **request_))) == is_there


@each(
    "changes",
    [
        {"commit": make_commit(packages="other")},
        {"dbt": Dbt(command=("/env/bin/dbt",), version="1.12.0")},
        {"dbt": Dbt(command=("/env/bin/dbt",), version=None)},
        {"environment": make_environment().model_copy(update={"vars": FrozenMapping({"sample": 11})})},
    ],
)
def test_packages_are_installed_anew_when_what_decides_them_changes(changes: dict[str, Any]) -> None:
    facts = {"commit": make_commit(packages="declared", packages_vary=True)}
    before = step_of(plan(facts=make_isolated_facts(**facts)), InstallPackages).digest

    assert step_of(plan(facts=make_isolated_facts(**(facts | changes))), InstallPackages).digest != before


@each(
    ("working_dir", "stands_in", "expected"),
    [
        ("project", "/srv", CWD),
        ("repository", "/srv/x", BUILD / "worktree"),
        ("as_run", "/srv/x/y", BUILD / "worktree/x/y"),
        ("as_run", "/elsewhere", CWD),
    ],
)
def test_dbt_runs_in_the_folder_of_the_worktree_that_the_setting_means(
    working_dir: str, stands_in: str, expected: PurePath
) -> None:
    commit = make_commit(packages="declared")
    made = plan(facts=make_isolated_facts(commit=commit, working_dir=working_dir, cwd=PurePath(stands_in)))
    assert {step.cwd for step in dbt_steps(made)} == {expected}
    assert all(step.argv[step.argv.index("--project-dir") + 1] == str(CWD) for step in dbt_steps(made))
    assert step_of(made, InstallPackages).folder == CWD / "dbt_packages"
