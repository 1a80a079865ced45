"""What dbt 2 does otherwise than dbt 1, and what becomes of it."""

import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from builders import PROJECT, commit, git, make_repo, make_tree, run_dot

pytestmark = [pytest.mark.e2e, pytest.mark.dbt2]

BROKEN = {"models/b.sql": "select {{ no_such_macro( }}\n"}
UNFIT = {"models/b.sql": "select no_such_column from {{ ref('a') }}\n"}
IGNORED = "dbt_internal_packages/\n"


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A project whose `main` cannot be read by dbt, after a commit that can."""
    return make_repo(tmp_path / "shop", PROJECT, BROKEN)


def target_of(project: Path, ref: str = "main") -> Path:
    short = git(project, "rev-parse", "--short", ref)
    return project / ".dot" / "build" / short / "env" / "dev" / "target"


def test_the_doctor_says_which_engine_it_is(shop: Path) -> None:
    assert "\nok       dbt 2.0.0" in (said := run_dot(shop, "doctor").stdout)
    assert ", the engine in Rust: " in said


@pytest.mark.parametrize("command", ["build", "parse", "list"])
def test_a_project_that_cannot_be_read_says_why_and_is_never_compared(command: str, shop: Path) -> None:
    assert run_dot(shop, "build", "dev@main~1").exit_code == 0
    done = run_dot(shop, command, "dev@main")
    assert (done.exit_code, "models/b.sql:1:" in done.stderr) == (1, True), done.stderr
    assert "dot retry" not in done.stderr
    compared = run_dot(shop, "diff", "dev@main~1", "dev@main")
    assert (compared.exit_code, compared.stdout) == (3, "")
    assert "has no manifest.json" in compared.stderr


def test_a_listing_that_fails_leaves_the_manifest_of_the_build(shop: Path) -> None:
    run_dot(shop, "build", "dev@main~1")
    before = (target_of(shop, "main~1") / "manifest.json").read_bytes()
    assert run_dot(shop, "list", "dev@main~1", "--selector", "nothing").exit_code
    assert (target_of(shop, "main~1") / "manifest.json").read_bytes() == before


def test_only_what_ran_is_to_be_retried(shop: Path) -> None:
    commit(make_tree(shop, UNFIT), "no such column")
    done = run_dot(shop, "build", "dev@main")
    assert (done.exit_code, "` runs again what failed" in done.stderr) == (1, True), done.stderr


def test_what_dbt_did_not_begin_is_no_build(shop: Path) -> None:
    git(shop, "reset", "--hard", "main~1")
    run_dot(shop, "build", "dev@main")
    git(shop, "commit", "--allow-empty", "-m", "the same code")
    gate = ("diff", "dev@main~1", "dev@main", "--fail-on", "any")
    assert run_dot(shop, "build", "dev@main", "--", "--no-such-option").exit_code == 1
    compared = run_dot(shop, *gate)
    assert (
        compared.exit_code,
        "never built" in compared.stdout,
        "not proven, since dev@main was never built" in compared.stderr,
    ) == (6, True, True)
    assert tuple(run_dot(shop, command, "dev@main").exit_code for command in ("build", "retry")) == (0, 1)
    compared = run_dot(shop, *gate)
    assert (compared.exit_code, "exit code" in compared.stdout) == (0, False), compared.stdout


def test_a_build_without_rows_is_not_called_the_same(shop: Path) -> None:
    git(shop, "reset", "--hard", "main~1")
    git(shop, "commit", "--allow-empty", "-m", "the same code")
    assert tuple(run_dot(shop, "build", *words).exit_code for words in (["dev@main~1"], ["dev@main", "--empty"])) == (
        0,
        0,
    )
    compared = run_dot(shop, "diff", "dev@main~1", "dev@main", "--fail-on", "data")
    assert (compared.exit_code, "head was built with --empty" in compared.stdout) == (1, True), compared.stdout


def test_the_line_that_dbt_adds_to_gitignore_is_no_edit_of_a_build(shop: Path) -> None:
    for _ in range(2):
        done = run_dot(shop, "build", "dev@main~1")
        assert (done.exit_code, "restored" in done.stderr) == (0, False)
    file = target_of(shop, "main~1").parents[2] / "worktree" / ".gitignore"
    assert file.read_text() == str(PROJECT[".gitignore"]) + IGNORED
    make_tree(file.parent, {".gitignore": "edited\n" + IGNORED})
    assert "restored: .gitignore\n" in run_dot(shop, "build", "dev@main~1").stderr


def test_the_line_that_dbt_adds_to_the_users_gitignore_is_told_once(shop: Path) -> None:
    git(shop, "switch", "--quiet", "--detach", "main~1")
    said = f"dbt has added `{IGNORED.strip()}` to .gitignore"
    assert [run_dot(shop, "build", "dev").stderr.count(said) for _ in range(2)] == [1, 0]
    make_tree(shop, {".gitignore": str(PROJECT[".gitignore"]) + IGNORED + "mine\n"})
    assert said not in run_dot(shop, "build", "dev").stderr


def test_a_refused_adapter_comes_with_what_lets_dbt_try_it(shop: Path) -> None:
    profile = "{type: postgres, host: localhost, user: a, password: b, port: 1, dbname: c, schema: d}"
    make_tree(shop, {"profiles.yml": f"shop: {{target: dev, outputs: {{dev: {profile}}}}}\n"})
    said = run_dot(shop, "doctor").stdout
    assert "The 'postgres' adapter is not yet supported" in said
    assert "= help: `DBT_ALLOW_EXPERIMENTAL_ADAPTERS=true` lets dbt 2 try" in said
    assert "<unknown>" not in said


def test_a_retry_has_the_variables_and_options_of_the_run_that_it_repeats(shop: Path) -> None:
    unfit = "select no_such_column, {{ var('n', 'default') }} as n\n"
    test = "{{ config(alias='kept') }} select 1 as id from {{ ref('a') }} where {{ var('n', 0) }} = 5\n"
    commit(make_tree(shop, {"models/b.sql": unfit, "tests/t.sql": test}), "unfit")
    assert run_dot(shop, "build", "dev@main", "--vars", "{n: 5}", "--", "--store-failures").exit_code == 1
    retried = run_dot(shop, "retry", "dev@main", "-v")
    assert (retried.exit_code, retried.stderr.count("""--vars '{"n": 5}'""")) == (1, 2)
    assert retried.stderr.count("--store-failures")
    assert "5 as n" in (target_of(shop) / "compiled/shop/models/b.sql").read_text()
    assert "--vars '{\"n\": 6}'" in run_dot(shop, "retry", "dev@main", "-v", "--vars", "{n: 6}").stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_what_asks_dot_to_end_reaches_dbt_as_an_interrupt(number: signal.Signals, shop: Path) -> None:
    """By itself dbt 2 would die of either, and write no results."""
    slow = (
        "{{ config(materialized='table') }} select sum(a.range * b.range) as n from range(500000) a, range(500000) b\n"
    )
    commit(make_tree(shop, {"models/b.sql": slow}), "slow")
    argv = [sys.executable, "-m", "dot", "build", "dev@main"]
    with subprocess.Popen(argv, cwd=shop, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as dot:
        compiled = target_of(shop) / "run" / "shop" / "models" / "b.sql"
        deadline = time.monotonic() + 60
        while not compiled.exists():
            assert time.monotonic() < deadline
            time.sleep(0.1)
        time.sleep(0.5)
        dot.send_signal(number)
        dot.communicate(timeout=60)
    assert dot.returncode == 128 + number
    assert (target_of(shop) / "run_results.json").is_file()


# -- what an earlier parse has told -----------------------------------------------------------------------------------

PARSES = "dbt parse --"
OWN_NAMES = "models: {shop: {+schema: \"{{ env_var('REGION', '') }}\"}}\n"
LEAKY = (
    "{% macro generate_schema_name(name, node) %}"
    "{% if var('live', false) %}live{% else %}{{ target.schema }}{% if name %}_{{ name | trim }}{% endif %}{% endif %}"
    "{% endmacro %}\n"
)


@pytest.fixture
def steady(tmp_path: Path) -> Path:
    """A project whose names depend on variables, built once."""
    files = {"macros/names.sql": LEAKY, "dbt_project.yml": str(PROJECT["dbt_project.yml"]) + OWN_NAMES}
    shop = make_repo(tmp_path / "shop", {**PROJECT, **files})
    assert count_parses(shop) == 1
    return shop


def count_parses(shop: Path, *words: str, command: str = "build", env: dict[str, str] | None = None) -> int:
    done = run_dot(shop, command, "dev@main", "-v", *words, env={"PYTEST_CURRENT_TEST": "", **(env or {})})
    assert done.exit_code == 0, done.stderr
    return done.stderr.count(PARSES)


def test_what_an_earlier_parse_has_told_is_not_asked_again(steady: Path) -> None:
    assert [count_parses(steady), count_parses(steady, "--select", "a")] == [0, 0]


@pytest.mark.parametrize(
    ("words", "env"),
    [
        (("--vars", "{n: 1}"), {}),
        (("--threads", "3"), {}),
        ((), {"REGION": "eu"}),
        ((), {"DBT_WRITE_JSON": "true"}),
    ],
    ids=str,
)
def test_another_variable_of_either_kind_is_parsed(words: tuple[str, ...], env: dict[str, str], steady: Path) -> None:
    assert [count_parses(steady, *words, env=env), count_parses(steady)] == [1, 1]


def test_the_users_own_layer_of_the_environment_is_parsed(steady: Path) -> None:
    make_tree(steady, {"dot_environments.user.yml": "environment: {dev: {vars: {n: 1}}}\n"})
    assert [count_parses(steady), count_parses(steady)] == [1, 0]


def test_another_profile_is_parsed(steady: Path) -> None:
    make_tree(steady, {"profiles.yml": str(PROJECT["profiles.yml"]).replace("analytics", "other")})
    assert [count_parses(steady), count_parses(steady)] == [1, 0]


def test_another_dbt_is_parsed(steady: Path, tmp_path: Path) -> None:
    found = shutil.which("dbt")
    assert found
    copy = tmp_path / "bin" / "dbt"
    copy.parent.mkdir()
    copy.symlink_to(found)
    assert count_parses(steady, env={"DOT_DBT": str(copy)}) == 1


def test_settings_in_the_home_folder_are_parsed(steady: Path, home: Path) -> None:
    make_tree(home, {".dbt/user_settings.yml": "flags: {}\n"})
    assert [count_parses(steady), count_parses(steady)] == [1, 0]


def test_a_file_that_is_new_in_the_worktree_or_in_a_package_is_parsed(steady: Path) -> None:
    worktree = target_of(steady).parents[2] / "worktree"
    for name in ("models/c.sql", "dbt_packages/other/macros/m.sql"):
        make_tree(worktree, {name: "select 1 as id\n"})
        assert [count_parses(steady), count_parses(steady)] == [1, 0]


def test_the_packages_of_another_declaration_are_parsed(steady: Path) -> None:
    make_tree(steady, {"other/dbt_project.yml": "name: other\n", "packages.yml": "packages: [{local: other}]\n"})
    commit(steady, "a package")
    assert count_parses(steady) == 1
    count_parses(steady)  # whose lock file dbt has written meanwhile
    assert count_parses(steady) == 0
    assert count_parses(steady, env={"DBT_PACKAGES_INSTALL_PATH": "dbt_packages"}) == 1


def test_a_project_that_reads_the_time_is_parsed_each_time(steady: Path) -> None:
    model = "{{ config(alias='c_' ~ run_started_at.year) }} select 1 as id\n"
    commit(make_tree(steady, {"models/c.sql": model}), "the time")
    assert [count_parses(steady), count_parses(steady)] == [1, 1]


def test_a_profile_that_reads_the_time_is_parsed_each_time(steady: Path) -> None:
    threads = "schema: analytics, threads: '{{ 2 if modules else 2 }}'"
    make_tree(steady, {"profiles.yml": str(PROJECT["profiles.yml"]).replace("schema: analytics", threads)})
    assert [count_parses(steady), count_parses(steady)] == [1, 1]


def test_a_manifest_that_is_gone_is_written_by_a_parse(steady: Path) -> None:
    (target_of(steady) / "manifest.json").unlink()
    assert [count_parses(steady), count_parses(steady)] == [1, 0]


def test_a_leak_that_comes_with_a_variable_is_refused_in_a_warm_build_and_never_kept_as_none(steady: Path) -> None:
    assert count_parses(steady) == 0
    for _ in range(2):
        refused = run_dot(steady, "build", "dev@main", "-v", "--vars", "{live: true}")
        assert (refused.exit_code, refused.stderr.count(PARSES)) == (4, 1), refused.stderr
    leaky = run_dot(steady, "build", "dev@main", "-v", "--vars", "{live: true}", "--allow-leaks")
    assert (leaky.exit_code, leaky.stderr.count(PARSES)) == (0, 1)
    refused = run_dot(steady, "build", "dev@main", "-v", "--vars", "{live: true}")
    assert (refused.exit_code, refused.stderr.count(PARSES)) == (4, 1)
    assert count_parses(steady) == 1


def test_what_another_environment_claims_is_refused_without_a_parse_before(steady: Path) -> None:
    """Two environments with the same schema: the first built again is still its own, the second never is."""
    make_tree(steady, {"dot_environments.yml": "environment: {dev: {}, twin: {target: dev}}\n"})
    assert run_dot(steady, "build", "twin@main").exit_code == 4
    assert run_dot(steady, "build", "dev@main").exit_code == 0
