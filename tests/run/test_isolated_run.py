"""A whole isolated run: what dbt gets, what is left on disk, and what is never left there."""

import json
import stat
import sys
from pathlib import Path

import pytest

from builders import (
    PROJECT,
    carry_out,
    commit,
    dbt_steps,
    gather_typed,
    git,
    make_repo,
    make_tree,
    read_calls,
    run_dot,
    snapshot,
)
from dot.base.errors import DotError, ExitCode, UsageError
from dot.plan.plan import BuildPlan, build_id
from dot.plan.planner import plan_build
from dot.plan.record import Record
from dot.plan.step import CheckIsolation, RunDbt, WriteProfile
from dot.system.yaml import load_document

POSTGRES = """
shop:
  target: dev
  outputs:
    dev:
      type: postgres
      host: "{{ env_var('PG_HOST', 'localhost') }}"
      user: ada
      password: %s
      sslkey: keys/client.key
      port: 5432
      dbname: shop
      schema: analytics
    prod: {type: postgres, host: prod.example, user: ada, password: pr0duction, dbname: shop, schema: production}
"""
SECRETS = ("s3cret-pass", "it's } % weird: pw #", "12345", "yes", "日本-Schlüssel", "a\\b$HOME`id`")


def folder_of(plan: BuildPlan) -> Path:
    """The build's folder of its environment."""
    return next(Path(step.path).parent for step in plan.steps if isinstance(step, WriteProfile))


def files_of(folder: Path) -> dict[str, bytes]:
    """Every file below the folder, by name."""
    return {name: content for name, (mode, content) in snapshot(folder).items() if stat.S_ISREG(mode)}


# -- what dbt gets -------------------------------------------------------------------------------------------------


def test_dbt_is_started_exactly_as_the_plan_says(shop: Path, log: Path) -> None:
    make_tree(shop, {"packages.yml": "packages: [{package: a/b, version: 1.0.0}]\n"})
    commit(shop, "packages")
    plan, exit_code = carry_out("build", "dev@main", extra=("--select", "a"))
    planned = [(plan.dbt.words_of(step.argv), Path(step.cwd)) for step in dbt_steps(plan)]
    assert (exit_code, [(call.argv, call.cwd) for call in read_calls(log)]) == (0, planned)
    assert [argv[0] for argv, _ in planned] == ["deps", "parse", "build"]
    assert str(shop.parent / "bin" / "dbt") == plan.dbt.command[0]


def test_dbt_sees_which_build_it_is_in(shop: Path, log: Path) -> None:
    found = git(shop, "rev-parse", "main")
    expected = {
        "DOT_ENVIRONMENT": "prod",
        "DOT_COMMIT": found,
        "DOT_SHORT_HASH": found[:7],
        "DOT_SCHEMA_SUFFIX": f"_{found[:7]}",
        "DOT_BUILD_ID": str(build_id("shop", found, "prod")),
    }
    plan, _ = carry_out("build", "prod@main")
    assert [expected] * len(dbt_steps(plan)) == [
        {name: value for name, value in call.env.items() if name.startswith("DOT_")} for call in read_calls(log)
    ]


def test_a_live_dbt_sees_no_build_even_inside_of_one(shop: Path, log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert shop.is_dir()
    for name in ("DOT_COMMIT", "DOT_SHORT_HASH", "DOT_SCHEMA_SUFFIX", "DOT_BUILD_ID"):
        monkeypatch.setenv(name, "from another build")
    carry_out("build", "prod")
    names = ("DOT_ENVIRONMENT", "DOT_COMMIT", "DOT_SHORT_HASH", "DOT_SCHEMA_SUFFIX", "DOT_BUILD_ID")
    assert [read_calls(log)[-1].env[name] for name in names] == ["prod", "", "", "", ""]


def test_the_git_that_dbt_starts_is_not_led_into_the_repository_of_a_hook(
    shop: Path, log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    poison = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX")
    for name in poison:
        monkeypatch.setenv(name, str(shop.parent / "elsewhere"))
    monkeypatch.setenv("GIT_SSH_COMMAND", "ssh -i key")
    carry_out("build", "dev@main")
    inherited = {name for name in read_calls(log)[-1].env if name in (*poison, "GIT_SSH_COMMAND")}
    assert inherited == {"GIT_SSH_COMMAND"}


def test_the_rest_of_the_environment_reaches_dbt_as_it_is(
    shop: Path, log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert shop.is_dir()
    monkeypatch.setenv("DBT_SOMETHING", "a b\n=日本")
    carry_out("build", "dev@main")
    assert read_calls(log)[-1].env["DBT_SOMETHING"] == "a b\n=日本"


@pytest.mark.parametrize("code", [0, 1, 2, 17])
@pytest.mark.parametrize("address", ["dev", "dev@main"])
def test_the_exit_code_of_dbt_is_passed_through(
    code: int, address: str, shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert shop.is_dir()
    monkeypatch.setenv("FAKE_DBT_EXIT_RUN", str(code))
    assert carry_out("run", address)[1] == code


def test_output_of_dbt_is_on_stdout_and_that_of_dot_on_stderr(shop: Path) -> None:
    done = run_dot(shop, "parse", "dev@main")
    assert (done.exit_code, done.stdout) == (0, "dbt says hello\n")
    assert all(line.startswith("dot  ") for line in done.stderr.splitlines())
    assert '"commit 1"' in done.stderr
    quiet = run_dot(shop, "-q", "parse", "dev@main")
    assert (quiet.stdout, quiet.stderr) == ("dbt says hello\n", "")


@pytest.mark.parametrize("address", ["dev", "dev@main"])
def test_dbt_can_be_a_command_of_several_words(
    address: str, shop: Path, log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert shop.is_dir()
    program = log.with_name("bin") / "dbt"
    monkeypatch.setenv("DOT_DBT", f"'{sys.executable}' -X utf8 '{program}'")
    plan, exit_code = carry_out("run", address)
    assert ((sys.executable, "-X", "utf8", str(program)), None) == (plan.dbt.command, plan.dbt.version)
    assert (exit_code, read_calls(log)[-1].argv[0]) == (0, "run")


def test_a_manifest_is_there_only_after_a_parse_that_went_well(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert shop.is_dir()
    plan, _ = carry_out("build", "dev@main")
    manifest = folder_of(plan) / "target" / "manifest.json"
    kept = manifest.read_bytes()
    monkeypatch.setenv("FAKE_DBT_EXIT", "1")
    carry_out("list", "dev@main")
    assert manifest.read_bytes() == kept, "it was no parse that failed"
    for command in ("build", "parse"):
        carry_out(command, "dev@main")
        assert not manifest.exists()
        manifest.write_bytes(kept)


def test_a_manifest_that_dbt_has_not_written_proves_nothing(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert shop.is_dir()
    assert carry_out("build", "dev@main")[1] == 0
    monkeypatch.setenv("FAKE_DBT_WRITES_NOTHING", "")
    with pytest.raises(DotError, match="written no manifest"):
        carry_out("build", "dev@main")


@pytest.mark.parametrize("text", ["#!/nowhere/python\n", "no program at all\n", "#!\n"])
def test_a_dbt_that_cannot_be_started_is_an_error_and_no_crash(text: str, shop: Path) -> None:
    program = make_tree(shop.parent / "bin", {"dbt": text}) / "dbt"
    program.chmod(0o755)
    for address in ("dev", "dev@main"):
        with pytest.raises(DotError) as caught:
            carry_out("build", address)
        assert (caught.value.exit_code, str(program) in str(caught.value)) == (ExitCode.WORLD, True)
        assert caught.value.problems[0].hint


# -- what is left on disk ------------------------------------------------------------------------------------------


def test_the_profile_has_one_output_in_a_schema_of_its_own_and_is_private(shop: Path) -> None:
    plan, _ = carry_out("parse", "prod@main")
    path = folder_of(plan) / "profiles.yml"
    schema = f"production_{git(shop, 'rev-parse', '--short', 'main')}"
    output = {"type": "duckdb", "path": str(shop / "shop.duckdb"), "schema": schema}
    expected = {"shop": {"target": "prod", "outputs": {"prod": output}}}
    assert load_document(path.read_text(), "profiles.yml").data == expected
    private = [stat.S_IMODE(each.stat().st_mode) for each in (path, path.parent, path.parent.parent, shop / ".dot")]
    assert private == [0o600, 0o700, 0o700, 0o700]


@pytest.mark.parametrize("secret", SECRETS)
def test_a_secret_reaches_dbt_in_its_environment_and_nowhere_else(
    secret: str, shop: Path, log: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    make_tree(shop, {"profiles.yml": POSTGRES % json.dumps(secret)})
    (shop / ".user.yml").write_text("id: 1\n")
    plan, exit_code = carry_out("build", "dev@main")
    (step,) = (step for step in plan.steps if isinstance(step, RunDbt))
    (reference,) = step.secrets
    assert (exit_code, read_calls(log)[-1].env[reference.variable]) == (0, secret)
    assert reference.variable.startswith("DBT_ENV_SECRET_")
    said = (plan.model_dump_json().encode(), "".join(capfd.readouterr()).encode())
    looked_at = [*files_of(shop / ".dot").values(), *said]
    if len(secret) > len("12345"):
        assert [content for content in looked_at if secret.encode() in content] == []
    assert [content for content in looked_at if b"pr0duction" in content] == []
    written = load_document((folder_of(plan) / "profiles.yml").read_text(), "").data["shop"]["outputs"]["dev"]
    assert written["password"] == f"{{{{ env_var('{reference.variable}') }}}}"


def test_jinja_stays_unrendered_and_relative_paths_keep_their_meaning(
    shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DBT_ENV_SECRET_PW", "s3cret")
    make_tree(shop, {"profiles.yml": POSTGRES % "\"{{ env_var('DBT_ENV_SECRET_PW') }}\""})
    plan, _ = carry_out("parse", "dev@main")
    written = load_document((folder_of(plan) / "profiles.yml").read_text(), "").data["shop"]["outputs"]["dev"]
    assert written["password"] == "{{ env_var('DBT_ENV_SECRET_PW') }}"
    assert written["host"] == "{{ env_var('PG_HOST', 'localhost') }}"
    assert (str(shop / "keys" / "client.key"), 5432) == (written["sslkey"], written["port"])


def test_jinja_in_the_profile_sees_which_build_it_is_in(shop: Path) -> None:
    root = "external_root: \"/lake/{{ env_var('DOT_SHORT_HASH') }}\""
    make_tree(shop, {"profiles.yml": str(PROJECT["profiles.yml"]).replace("dev: {", f"dev: {{{root}, ")})
    plan, exit_code = carry_out("build", "dev@main")
    (rules,) = (step.rules for step in plan.steps if isinstance(step, CheckIsolation))
    assert (exit_code, rules.external_root) == (0, f"/lake/{git(shop, 'rev-parse', '--short', 'main')}")
    assert run_dot(shop, "check").exit_code == 0


def test_each_run_leaves_one_record(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert shop.is_dir()
    plan, _ = carry_out("run", "dev@main", extra=("--select", "a"))
    monkeypatch.setenv("FAKE_DBT_EXIT_RUN", "17")
    carry_out("run", "dev@main")
    carry_out("run", "prod@main")
    lines = (folder_of(plan) / "runs.jsonl").read_text().splitlines()
    first, second = (Record.model_validate_json(line) for line in lines)
    assert (first.exit_code, second.exit_code) == (0, 17)
    assert (plan.build_id, plan.commit, "dev@main") == (first.build_id, first.commit, first.address)
    assert next(step.argv for step in plan.steps if isinstance(step, RunDbt)) == first.argv
    assert first.started_at <= first.finished_at <= second.started_at <= second.finished_at


def test_the_record_says_how_much_the_build_keeps_on_disk(shop: Path) -> None:
    commit(make_tree(shop, {"data/large.csv": "0" * 100_000}), "large")
    plan, _ = carry_out("run", "dev@main")
    carry_out("run", "prod@main")
    folder = folder_of(plan)
    runs = folder / "runs.jsonl"
    kept = [path for part in (folder, folder.parents[1] / "worktree") for path in part.rglob("*") if path.is_file()]
    record = Record.model_validate_json(runs.read_text())
    assert sum(path.stat().st_size for path in kept if path != runs) == record.size


def test_a_second_run_writes_only_its_record_and_what_dbt_writes(shop: Path) -> None:
    plan, _ = carry_out("run", "dev@main")
    before = files_of(shop)
    times = {name: (shop / name).stat().st_mtime_ns for name in before}
    carry_out("run", "dev@main")
    folder = folder_of(plan).relative_to(shop).as_posix()
    after = files_of(shop)
    changed = {name for name in after if after[name] != before.get(name)}
    assert changed == {f"{folder}/runs.jsonl", f"{folder}/target/run_results.json"}
    written = {name for name in before if (shop / name).stat().st_mtime_ns != times[name]}
    of_dbt = {f"{folder}/target/{name}.json" for name in ("manifest", "run_results")}
    assert {f"{folder}/runs.jsonl", *of_dbt} == {name for name in written if not name.endswith((".lock", ".owner"))}


def test_dots_folder_never_shows_up_in_git(shop: Path) -> None:
    carry_out("build", "dev@main")
    assert git(shop, "status", "--porcelain", "--untracked-files=all") == ""
    assert (shop / ".dot" / ".gitignore").read_text() == "*\n"


def test_a_build_is_no_new_user_of_dbt(shop: Path) -> None:
    make_tree(shop, {".user.yml": "id: 7\n"})
    plan, _ = carry_out("parse", "dev@main")
    assert (folder_of(plan) / ".user.yml").read_text() == "id: 7\n"


def test_a_path_with_spaces_and_characters_of_the_world_works(
    log: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    top = make_repo(
        tmp_path / "Größe mit Leerzeichen" / "日本", {f"mein dbt/{name}": text for name, text in PROJECT.items()}
    )
    monkeypatch.chdir(top / "mein dbt")
    assert carry_out("build", "dev@main")[1] == 0
    call = read_calls(log)[-1]
    assert call.cwd.name == "mein dbt"
    assert (call.cwd / "models" / "a.sql").read_text() == "select 1 as id\n"
    assert str(call.cwd) == call.argv[call.argv.index("--project-dir") + 1]


def test_a_file_that_dbt_would_find_in_another_folder_of_the_worktree_is_named_with_the_setting(
    tmp_path: Path, log: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    files = {f"transform/{name}": content for name, content in PROJECT.items()}
    shop = make_repo(tmp_path / "repository", {**files, "transform/data/x.csv": "1"})
    make_tree(shop, {"elsewhere/x": ""})
    logs = shop / "transform/.dot/build" / git(shop, "rev-parse", "--short", "HEAD") / "env/dev/logs"
    said = f"""{"=" * 30} 1 | 2 {"=" * 30}\nNo files found that match the pattern "./transform/data/*.csv"\n"""
    make_tree(logs, {"dbt.log": said})
    monkeypatch.setenv("FAKE_DBT_EXIT_RUN", "1")
    monkeypatch.chdir(shop / "transform")
    assert carry_out("run", "dev@main")[1] == 1
    assert "`transform/data/*.csv` is there when dbt runs in the repository's folder" in capfd.readouterr().err
    monkeypatch.setenv("DOT_WORKING_DIR", "repository")
    assert carry_out("run", "dev@main")[1] == 1
    assert "is there when" not in capfd.readouterr().err
    assert logs.parents[2] / "worktree" == read_calls(log)[-1].cwd
    monkeypatch.setenv("DOT_WORKING_DIR", "as_run")
    monkeypatch.chdir(shop / "elsewhere")
    with pytest.raises(UsageError, match="no folder `elsewhere`"):
        carry_out("run", "dev@main", project_dir="../transform")


@pytest.mark.parametrize(
    ("orders", "searched"),
    [
        ("[{macro_namespace: dbt, search_order: [shop, house, dbt]}]", ("dbt", "house", "shop")),
        ("[{macro_namespace: dbt, search_order: ['{{ x }}', dbt]}]", ("*",)),
        ("[{macro_namespace: dbt, search_order: [{a: b}]}]", ("*",)),
        ("[{macro_namespace: dbt, search_order: house}]", ("*",)),
        ("[]", ()),
    ],
)
def test_the_check_knows_where_dbt_looks_for_macros(orders: str, searched: tuple[str, ...], shop: Path) -> None:
    text = (shop / "dbt_project.yml").read_text()
    commit(make_tree(shop, {"dbt_project.yml": f"{text}\ndispatch: {orders}\n"}), "dispatch")
    gathered = gather_typed("build", "dev@main")
    plan = plan_build(gathered.request, gathered.facts)
    (rules,) = (step.rules for step in plan.steps if isinstance(step, CheckIsolation))
    assert rules.searched == searched
