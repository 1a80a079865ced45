"""Every dbt command, on a build, a slim build and a live one: what is there is read there, the rest elsewhere.

The builds are dot's. Then each command is planned by dot, and one dbt carries out all of them, without `--defer` said
anew. Every relation that the SQL names which dbt compiled, ran or answered with is held against the rule.
"""

import json
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from builders import PROJECT, commit, gather_typed, git, make_repo, make_tree, run_dot
from dot.plan.planner import plan_build
from e2e.warehouse import open_database
from examples.plans import dbt_step

pytestmark = [pytest.mark.e2e, pytest.mark.dbt1]  # many invocations, which one process of dbt 1 answers

FILES = {
    "dbt_project.yml": (
        "name: shop\nprofile: shop\nflags: {send_anonymous_usage_stats: false}\nmodels: {+materialized: table}\n"
    ),
    "seeds/plants.csv": "id\n1\n2\n",
    "models/a.sql": "select id, 'old' as made_by from {{ ref('plants') }}\n",
    "models/e.sql": "{{ config(materialized='ephemeral') }} select * from {{ ref('a') }}\n",
    "models/b.sql": "select e.*, 'old' as b from {{ ref('e') }} as e join {{ source('raw', 'things') }} using (id)\n",
    "models/c.sql": "select b.id, b.made_by from {{ ref('b') }} as b join {{ ref('d') }} as d using (id)\n",
    "models/d.sql": "select 1 as id union all select 2\n",
    "models/all.yml": (
        "sources: [{name: raw, schema: raw, config: {loaded_at_field: at}, tables: [{name: things}]}]\n"
        "models:\n"
        "  - {name: b, columns: [{name: id, data_tests: [unique]}]}\n"
        "  - {name: d, columns: [{name: id, data_tests: [not_null]}]}\n"
        "unit_tests:\n"
        "  - name: joins\n"
        "    model: c\n"
        "    given:\n"
        "      - {input: ref('b'), rows: [{id: 1, made_by: x}]}\n"
        "      - {input: ref('d'), rows: [{id: 1}]}\n"
        "    expect: {rows: [{id: 1, made_by: x}]}\n"
    ),
    "snapshots/history.yml": (
        "snapshots: [{name: history, relation: ref('c'), config: {strategy: check, check_cols: all, unique_key: id}}]\n"
    ),
    "tests/b_in_d.sql": "select b.id from {{ ref('b') }} as b anti join {{ ref('d') }} as d using (id)\n",
    "macros/look.sql": "{% macro look() %}{{ log('looks at ' ~ ref('b'), info=true) }}{% endmacro %}\n",
}
TWICE = "select e.*, 'new' as b from {{ ref('e') }} as e join {{ source('raw', 'things') }} using (id), range(2)\n"
"""Model `b` of the branch, which has each row twice, and so fails its test."""


class Say(NamedTuple):
    """A command on a build and its exit code there: `fails` is for the branch, whose `b` fails its test."""

    words: str
    fails: bool = False
    argument: tuple[str, ...] = ()


READING = (
    Say("compile"),
    Say("docs generate"),
    Say("show --select c"),
    Say("list"),
    Say("source freshness"),
    Say("run-operation", argument=("look",)),
)
COMMANDS = (
    *READING,
    Say("test --exclude unique_b_id"),
    Say("test --select b d", fails=True),
    Say("retry", fails=True),
    *READING[:2],
    Say("run --select c"),
    Say("snapshot"),
    Say("build --select c --exclude resource_type:unit_test"),
    Say("seed"),
    Say("run --select a"),
    Say("show --select b"),
    Say("clone"),
)
"""In the order in which they run: those that write come late, since they add to what a build has."""

IN_ONE_DBT = """
import json, os, shutil, sys
from pathlib import Path
from dbt.cli.main import dbtRunner

answers = []
for argv, cwd, env, target in json.load(sys.stdin):
    os.environ.update(env)
    os.chdir(cwd)
    target, is_retry = Path(target), argv[0] == "retry"
    for name in ("compiled", "run"):
        shutil.rmtree(target / name, ignore_errors=True)
    if not is_retry:
        (target / "run_results.json").unlink(missing_ok=True)
    said = []
    done = dbtRunner(callbacks=[lambda event: said.append(event.info.msg)]).invoke(argv)
    files = [file for name in ("compiled", "run") for file in (target / name).rglob("*.sql")]
    results = target / "run_results.json"
    answers.append({
        "success": done.success,
        "texts": {file.name + " in " + file.parts[len(target.parts)]: file.read_text() for file in files},
        "results": json.loads(results.read_text())["results"] if results.exists() else [],
        "said": said if argv[0] != "list" else [],
    })
json.dump(answers, open(sys.argv[1], "w"))
"""
_RELATION = re.compile(r'"shop"\."(\w+)"\."(a|b|c|d|history|plants)"')


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A branch that changes `b`, with a build of main, and one of the branch that has only `b`."""
    folder = make_repo(tmp_path, {**PROJECT, **FILES})
    git(folder, "switch", "--quiet", "--create", "branch")
    commit(make_tree(folder, {"models/b.sql": TWICE}), "b twice")
    with open_database(folder / "shop.duckdb") as connection:
        connection.execute("create schema raw")
        connection.execute("create table raw.things as select range::int as id, now() as at from range(9)")
    main = run_dot(folder, "build", "dev@main")
    slim = run_dot(folder, "run", "dev@branch", "--defer", "dev@main", "--select", "b")
    assert (main.exit_code, slim.exit_code) == (0, 0), (main, slim)
    return folder


def run_all(
    project: Path, address: str, commands: Sequence[Say] = COMMANDS, defer: str | None = None
) -> list[dict[str, Any]]:
    """What became of every command on this build, all of them in one dbt."""
    plans = []
    for say in commands:
        name, _, typed = say.words.partition(" --")
        words = f"--{typed}".split() if typed else ()
        baseline = defer if name != "run-operation" else None
        gathered = gather_typed(
            name, address, arguments=say.argument, typed=tuple(words), defer=baseline, project_dir=str(project)
        )
        step = dbt_step(plan_build(gathered.request, gathered.facts))
        env = {key: value for key, value in step.env.items() if value is not None}
        plans.append((gathered.facts.dbt.words_of(step.argv), str(step.cwd), env, str(find_target(project, address))))
    answers = project / f"{address.replace('@', '-')}.json"
    command = [sys.executable, "-c", IN_ONE_DBT, str(answers)]
    done = subprocess.run(command, input=json.dumps(plans), capture_output=True, text=True, cwd=project, check=False)
    assert done.returncode == 0, done.stderr + done.stdout
    return json.loads(answers.read_text())


def find_target(project: Path, address: str) -> Path:
    """Where dbt leaves its artifacts."""
    environment, _, ref = address.partition("@")
    if not ref:
        return project / "target"
    return project / ".dot" / "build" / git(project, "rev-parse", "--short", ref) / "env" / environment / "target"


def find_named(answer: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Every relation that the SQL of a command names: where, its schema, its name."""
    compiled = {f"{one['unique_id']} in results": one.get("compiled_code") or "" for one in answer["results"]}
    said = {"what dbt said": "\n".join(line for line in answer["said"] if line.startswith("looks at"))}
    for where, text in {**answer["texts"], **compiled, **said}.items():
        yield from ((where, schema, name) for schema, name in _RELATION.findall(text))


def read_written(answer: dict[str, Any]) -> set[str]:
    """The models, seeds and snapshots that a command has written."""
    kinds = ("model", "seed", "snapshot")
    done = (one["unique_id"].split(".") for one in answer["results"] if one["status"] == "success")
    return {name for kind, _, name, *_ in done if kind in kinds}


class Schemas(NamedTuple):
    """Where the build is, and where it reads what it lacks."""

    own: str
    other: str = "nowhere"


def break_rule(
    told: Sequence[tuple[Say, dict[str, Any]]], schemas: Schemas, has: set[str], *, favors_state: bool = False
) -> list[str]:
    """Every relation that is read from the wrong schema by a build that `has` these at first.

    `favors_state`: commands that write take all that they do not select from elsewhere.
    """
    wrong = []
    for say, answer in told:
        is_writing = say.words.split()[0] in ("build", "clone", "run", "seed", "snapshot")
        # A clone reads from elsewhere what it makes here.
        written = read_written(answer) if is_writing and say.words != "clone" else set()
        has |= written
        here = written if is_writing and favors_state else has
        for where, schema, name in find_named(answer):
            if schema != (schemas.own if name in here else schemas.other):
                wrong.append(f"`{say.words}` reads {schema}.{name}: {where}")
    return wrong


def test_what_a_build_has_is_read_from_it_in_every_command(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(project)
    own, main = (f"analytics_{git(project, 'rev-parse', '--short', ref)}" for ref in ("branch", "main"))
    on_main = [say for say in COMMANDS if say.words != "clone"]
    alive = [Say("run --select b"), *(say for say in COMMANDS if say.words != "retry")]

    slim = run_all(project, "dev@branch")
    whole = run_all(project, "dev@main", on_main)
    live = run_all(project, "dev", alive, defer="dev@main")

    assert [not say.fails for say in COMMANDS] == [answer["success"] for answer in slim]
    assert {answer["success"] for answer in whole} == {True}
    assert [not say.fails for say in alive] == [answer["success"] for answer in live]
    assert break_rule([*zip(COMMANDS, slim, strict=True)], Schemas(own, main), {"b"}) == []
    assert break_rule([*zip(on_main, whole, strict=True)], Schemas(main), {*"abcd", "history", "plants"}) == []
    assert break_rule([*zip(alive, live, strict=True)], Schemas("analytics", main), set(), favors_state=True) == []
    assert [len([*find_named(answer)]) > 10 for answer in (slim[0], whole[0], live[1])] == [True] * 3
