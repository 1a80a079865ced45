"""Secrets of every kind, planted in a profile, turn up in nothing that dot writes or prints."""

import json
import os
from pathlib import Path

import pytest

from builders import PROJECT, make_fake_dbt, make_repo, make_tree, run_dot
from dot.system import yaml

KEY = "-----BEGIN PRIVATE KEY-----\nMARK28\nMARK29\n-----END PRIVATE KEY-----\n"

# Each value holds a mark of its own, so that a leaked piece is found whatever is done to the rest.
OUTPUT = {
    "type": "duckdb",
    "schema": "analytics",
    "path": "shop.duckdb",
    "password": "MARK01",
    "pass": "it's MARK02",
    "token": 'quote " MARK03',
    "client_secret": "{ MARK04 }",
    "private_key": KEY,
    "private_key_passphrase": "% MARK05 %",
    "aws_secret_access_key": "MARK06",
    "aws_session_token": "MARK07",
    "motherduck_token": "MARK08",
    "access_token": "{{ MARK09",
    "refresh_token": "MARK10 }}",
    "jwt_token": "MARK11: yes",
    "api_key": "MARK12#",
    "auth_token": "- MARK13",
    "oauth_client_secret": "@MARK14",
    "azure_client_secret": "&MARK15",
    "account_key": "*MARK16",
    "encryption_key": "!MARK17",
    "db_password": "|MARK18",
    "PASSWORD": ">MARK19",
    "pin_passwd": "MARK20\\n",
    "credentials": "MARK21",
    "keyfile_json": {"private_key": "MARK22", "private_key_id": "MARK23", "nested": {"client_secret": "MARK24"}},
    "settings": {"s3_secret_access_key": "MARK25", "s3_session_token": "MARK26"},
    "secrets": [
        {"type": "s3", "key_id": "MARK27", "secret": "MARK30", "session_token": "MARK31"},
        {"type": "gcs", "key_id": "MARK32", "secret": "MARK33"},
    ],
    "attach": [
        {"path": "postgres:host=x password=MARK34"},
        {"path": "postgresql://user:MARK35@host/db"},
        {"path": "md:db?motherduck_token=MARK36"},
    ],
    "connection_string": "Server=x;Pwd=MARK37;",
    "http_headers": {"Authorization": "Bearer MARK38"},
    "deep": {"a": [{"b": {"secret_key": "MARK39"}}]},
    "sas": "MARK40",
    "passphrase": 914141,
    "sslpassword": "MARK41",
    "accessToken": "MARK42",
    "credential": {"user": "MARK43"},
    "passwords": ["MARK44", "MARK45"],
    "extra": '{"client_secret": "MARK46"}',
    "keyfile": '{"type": "service_account", "private_key": "MARK47"}',
    "headers": {"X-Shop": "Bearer MARK48"},
    "url": "https://user:MARK49/x@host",
    "server_side_parameters": {"fs.azure.account.key.shop.dfs.core.windows.net": "MARK50"},
    "env_password": "{{ env_var('DBT_ENV_SECRET_X') }}",
    "jinja_password": "{{ env_var('NOT_SET', 'MARK51') }}",
    "jinja_token": "{{ 'MARK52' }}{# MARK53 #}",
    "jinja_secret": "{% if env_var('DBT_ENV_SECRET_X') %}MARK54{% endif %}",
    "dsn": "postgres://{{ env_var('NOT_SET', 'ada') }}:MARK55@host/db",
    "extra_headers": "Authorization: Bearer MARK56",
    "presigned": "https://box/x?X-Amz-Signature=MARK57",
    "remote": "https://MARK58@host/x.git",
    "options": "--user ada --password MARK59",
    "settings_of_hadoop": {"fs.azure.account.oauth2.client.secret.shop": "MARK60", "fs.azure.sas.shop": "MARK61"},
    "user_keytab_base64": "MARK62",
    "pin": "MARK63",
}
ENVIRONMENTS = "environment: {default: dev, dev: {vars: {api_token: MARK64, nested: {pin: MARK65}}}}\n"
COMMENTED = {"MARK53"}
"""What dbt would not see either."""
DBTS = {"worktree", "target", "logs"}
"""What git and dbt write, inside a folder that nobody else can enter."""

MARKS = [f"MARK{number:02}" for number in range(1, 66)] + ["914141", "FROM_ENV"]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    project = make_tree(make_repo(tmp_path / "project", PROJECT), {"dot_environments.yml": ENVIRONMENTS})
    profiles = tmp_path / "profiles"
    profiles.mkdir()
    (profiles / "profiles.yml").write_text(yaml.dump({"shop": {"target": "dev", "outputs": {"dev": OUTPUT}}}))
    program = make_fake_dbt(tmp_path / "bin")
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("FAKE_DBT_LOG", str(tmp_path / "log"))
    monkeypatch.setenv("DBT_PROFILES_DIR", str(profiles))
    monkeypatch.setenv("DBT_ENV_SECRET_X", "FROM_ENV")
    monkeypatch.setenv("TMPDIR", str(tmp_path / "crashes"))
    (tmp_path / "crashes").mkdir()
    return project


def leaked(text: str) -> list[str]:
    return [mark for mark in MARKS if mark in text]


def test_no_secret_is_in_what_dot_prints_or_writes(project: Path) -> None:
    outputs = [
        run_dot(project, *words)
        for words in (
            ("list", "dev@HEAD", "-v"),
            ("plan", "list", "dev@HEAD"),
            ("plan", "list", "dev@HEAD", "--json"),
            ("plan", "list", "dev@HEAD", "--out", "plan.json"),
            ("apply", "plan.json", "-v"),
            ("list", "dev@HEAD", "-v", "--vars", "{api_token: MARK01}", "--", "--vars", "{pin: MARK02}"),
            ("plan", "list", "dev", "--vars", "{api_token: MARK01}", "--out", "typed.json"),
            ("list", "nothing@HEAD"),
            ("list", "dev@HEAD", "--", "--target", "x"),
            ("builds", "--json"),
            ("builds", "show", "dev@HEAD"),
            ("builds", "show", "dev@HEAD", "--json"),
            ("doctor",),
        )
    ]

    assert [outcome.exit_code for outcome in outputs[:12]] == [0, 0, 0, 0, 0, 0, 2, 2, 2, 0, 0, 0]
    assert [leaked(outcome.stdout + outcome.stderr) for outcome in outputs] == [[]] * 13
    files = [project / "plan.json", *(path for path in (project / ".dot").rglob("*") if path.is_file())]
    assert len(files) > 1
    assert not (project / "typed.json").exists()
    assert [(path, found) for path in files if (found := leaked(path.read_text(errors="replace")))] == []
    assert {path.stat().st_mode & 0o777 for path in files[1:] if DBTS.isdisjoint(path.parts)} == {0o600}
    assert (project / ".dot").stat().st_mode & 0o777 == 0o700


def test_every_literal_secret_reaches_dbt_through_its_environment(project: Path, tmp_path: Path) -> None:
    assert run_dot(project, "list", "dev@HEAD").exit_code == 0

    call = json.loads((tmp_path / "log").read_text().splitlines()[-1])
    handed = {name: value for name, value in call["env"].items() if name.startswith("DBT_ENV_SECRET_DOT_")}
    in_variables = {"MARK64", "MARK65"}
    assert set(leaked("\n".join(handed.values()))) == set(MARKS) - {"FROM_ENV"} - COMMENTED - in_variables
    assert KEY in handed.values()
    assert {"MARK51", "MARK52", "MARK54", "postgres://ada:MARK55@host/db"} <= set(handed.values())
    assert set(leaked("\n".join(call["argv"]))) == in_variables


@pytest.mark.parametrize(
    ("value", "expected"),
    [("a", "dbt list"), ("nightly", "tag:*****"), ("tag", "*****:nightly"), ('say "x"', '"note": "*****"')],
)
def test_a_secret_of_the_environment_is_taken_out_of_commands_and_not_out_of_words(
    value: str, expected: str, project: Path
) -> None:
    words = ("list", "dev", "-v", "--vars", "note: 'say \"x\"'", "--select", "tag:nightly")
    outcome = run_dot(project, *words, env={"DBT_ENV_SECRET_Y": value})

    assert expected.replace("dbt list", "/bin/dbt list") in outcome.stderr.replace(r"\"", '"')


def test_a_secret_that_only_dbt_can_render_is_refused_and_not_copied(project: Path) -> None:
    profiles = Path(os.environ["DBT_PROFILES_DIR"]) / "profiles.yml"
    output = {**OUTPUT, "jinja_password": "{{ target.name ~ 'MARK51' }}"}
    profiles.write_text(yaml.dump({"shop": {"target": "dev", "outputs": {"dev": output}}}))
    outcome = run_dot(project, "list", "dev@HEAD")

    assert (outcome.exit_code, leaked(outcome.stdout + outcome.stderr)) == (2, [])
    assert "`shop.outputs.dev.jinja_password` holds a literal beside Jinja" in outcome.stderr


def test_a_crash_report_holds_no_secret(project: Path, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(
        "import dot.profile.isolate as profile\n"
        "def fail(data, file, name, target):\n"
        "    raise RuntimeError(str(data))\n"
        "import dot.plan.gather_environment as environment\n"
        "environment.select_output = fail\n"
    )
    outcome = run_dot(project, "list", "dev@HEAD", env={"PYTHONPATH": str(tmp_path)})

    reports = list((tmp_path / "crashes").glob("dot-crash-*.txt"))
    assert (outcome.exit_code, outcome.stdout) == (5, "")
    assert len(reports) == 1
    assert str(reports[0]) in outcome.stderr
    assert leaked(outcome.stderr + reports[0].read_text()) == []
