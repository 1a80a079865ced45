"""What dot costs, as ratios against a baseline measured in the same run: `just bench [WORD …]`.

Every figure is a median of several runs, the commands of a table taking turns so that a noisy machine disturbs all
alike. Words choose tables by name: start, builds, demo, warm, cold, diff, bundle, scope; `dbt1` or `dbt2` chooses one
engine, where dbt 2 is what `just dbt2` has installed.

What is aimed at on dbt 2, with the demo's project: a warm isolated build costs at most 1.7 times the bare dbt build, or
twice the imports of typer and pydantic beyond it, whichever is less; a cold one at most 1.9 times; `dot diff` at most
1.2 s beyond the warehouse's own work; `dot plan` no more than on dbt 1. On dbt 1, whose start is most of all, a warm
build costs at most 1.03 times the bare one, a cold one 1.1 times, and a comparison with nothing to compare 1.1 times
one start.
"""

import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

PROJECT = "name: bench\nprofile: bench\nflags: {send_anonymous_usage_stats: false}\n"
PROFILES = (
    "bench:\n  target: dev\n  outputs:\n    dev: {type: duckdb, path: bench.duckdb, schema: analytics, threads: 2}\n"
)


@dataclass(frozen=True)
class Case:
    """One command of a table; `prepare` runs before each run of it and is not timed."""

    name: str
    argv: tuple[str, ...]
    cwd: Path
    prepare: Callable[[], None] = lambda: None


IMPORTS = "import typer, pydantic"
"""What every command needs; a machine's own pace goes out of what is measured over it."""


def environment() -> dict[str, str]:
    """The environment of a user: bytecode is kept, and no HOME of the developer's is touched."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return kept | {"DO_NOT_TRACK": "1", "GIT_CONFIG_GLOBAL": os.devnull}


def time_once(case: Case) -> float:
    """Seconds of one run, from the outside."""
    case.prepare()
    since = time.perf_counter()
    done = subprocess.run(case.argv, cwd=case.cwd, env=environment(), capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - since
    assert done.returncode == 0, f"{case.name}: {done.stdout[-2000:]}{done.stderr[-2000:]}"
    return seconds


def measure(title: str, cases: list[Case], *, runs: int) -> Mapping[str, float]:
    """Print the table; the median seconds of each case by name. The first case is the baseline of the ratios."""
    for case in cases:
        time_once(case)  # a warm-up, not counted
    seconds: dict[str, list[float]] = {case.name: [] for case in cases}
    for _ in range(runs):
        for case in cases:
            seconds[case.name].append(time_once(case))
    medians = {name: statistics.median(values) for name, values in seconds.items()}
    base = medians[cases[0].name]
    print(f"\n{title} (median of {runs})")
    for name, value in medians.items():
        print(f"  {value:8.3f} s  {value / base:6.2f} x  {name}")
    return medians


def say(aim: str, value: float, limit: float) -> None:
    """One line for an aim and whether it holds in this run."""
    print(f"  {'ok  ' if value <= limit else 'MISS'}  {aim}: {value:.2f}, aim {limit:.2f}")


def git(folder: Path, *words: str) -> str:
    """Run git as a developer whose configuration is empty."""
    identity = ("-c", "user.name=bench", "-c", "user.email=bench@example.com")
    done = subprocess.run(
        ["git", *identity, *words], cwd=folder, env=environment(), capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def make_project(folder: Path, models: int) -> str:
    """A committed project with so many models, each but the first reading the one before; its short hash."""
    (folder / "models").mkdir(parents=True)
    (folder / "dbt_project.yml").write_text(PROJECT)
    (folder / "profiles.yml").write_text(PROFILES)
    (folder / ".gitignore").write_text("*.duckdb*\ntarget/\nlogs/\n")
    for number in range(models):
        source = f"select {number} as n, id from {{{{ ref('m{number - 1}') }}}}" if number % 20 else "select 1 as id"
        (folder / "models" / f"m{number}.sql").write_text(source + "\n")
    git(folder, "init", "--quiet", "--initial-branch=main")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "bench")
    return git(folder, "rev-parse", "--short", "HEAD")


def program(name: str) -> str:
    """A program on PATH, or beside this Python."""
    found = shutil.which(name) or str(Path(sys.executable).with_name(name))
    assert Path(found).exists(), f"{name} is not installed"
    return found


DBT2 = Path(__file__).parent.parent / ".dbt2"


def is_second() -> bool:
    """Whether this part of the run is on dbt 2."""
    return Path(program("dbt")).is_relative_to(DBT2)


def warm_aim(bare: float, imports: float) -> float:
    """How many times the bare build a warm one may cost."""
    return min(1.7, 1 + 2 * imports / bare) if is_second() else 1.03


def make_refs(folder: Path, count: int) -> None:
    """So many branches, remote branches and tags at HEAD."""
    head = git(folder, "rev-parse", "HEAD")
    names = ("heads/feature/{}", "heads/fix/{}", "remotes/origin/feature/{}", "tags/v1.{}")
    refs = (f"update refs/{names[number % len(names)].format(number)} {head}\n" for number in range(count))
    command = ["git", "update-ref", "--stdin"]
    subprocess.run(command, cwd=folder, env=environment(), input="".join(refs), text=True, check=True)
    git(folder, "pack-refs", "--all")


def press_tab(dot: str, line: str, cwd: Path) -> Case:
    """TAB after this line: in bash, which breaks it at `@`, or in zsh where the name says so."""
    shell, _, typed = line.rpartition(": ")
    pieces = re.findall(r"@|[^ @]+|(?<= )$", typed)
    request = (
        f"_DOT_COMPLETE=complete_{shell or 'bash'}",
        "COMP_WORDS=" + "\n".join(pieces),
        f"COMP_CWORD={len(pieces) - 1}",
        f"_TYPER_COMPLETE_ARGS={typed}",
    )
    return Case(f"{line}<TAB>", ("env", *request, dot), cwd)


LINES = (
    *("dot bu", "dot build ", "dot build dev@", "dot build dev@fea", "dot build dev@main --sel"),
    *("zsh: dot bu", "zsh: dot build dev@", "zsh: dot build dev@v1.77", "zsh: dot build dev --defer "),
)


def bench_start(folder: Path) -> None:
    """Starting up, planning and completing, which are felt at every keystroke."""
    cwd = folder / "start"
    make_project(cwd, 2)
    make_refs(cwd, 10_000)
    dot, python = program("dot"), sys.executable
    completions = [press_tab(dot, line, cwd) for line in LINES]
    medians = measure(
        "start-up, in a repository with 10,000 refs",
        [
            Case("python -c pass", (python, "-c", "pass"), cwd),
            Case("import typer", (python, "-c", "import typer"), cwd),
            Case("import pydantic", (python, "-c", "import pydantic; pydantic.BaseModel"), cwd),
            Case(IMPORTS, (python, "-c", f"{IMPORTS}; pydantic.BaseModel"), cwd),
            Case("dot --version", (dot, "--version"), cwd),
            Case("dot --help", (dot, "--help"), cwd),
            *completions,
            Case("dot plan build dev@HEAD --json", (dot, "plan", "build", "dev@HEAD", "--json"), cwd),
        ],
        runs=11,
    )
    say("`--version` over `import typer`", medians["dot --version"] / medians["import typer"], 1.3)
    for case in completions:
        say(f"`{case.name}` over `--version`", medians[case.name] / medians["dot --version"], 1.5)
    say(f"`plan` over `{IMPORTS}`", medians["dot plan build dev@HEAD --json"] / medians[IMPORTS], 2.0)


def isolated_words(project: Path, short_hash: str, target: Path) -> tuple[str, ...]:
    """The words with which dot starts dbt for this build, its target folder but for the one given."""
    build = project / ".dot" / "build" / short_hash
    return (
        "--project-dir",
        str(build / "worktree"),
        "--profiles-dir",
        str(build / "env" / "dev"),
        "--profile",
        "bench",
        "--target",
        "dev",
        "--target-path",
        str(target),
        "--log-path",
        str(target / "logs"),
    )


def bench_demo(folder: Path) -> None:
    """The demo's project: building and comparing what somebody tries first."""
    dot, python, project = program("dot"), sys.executable, folder / "demo"
    time_once(Case("demo", (dot, "demo", str(project)), folder))
    short_hash = git(project, "rev-parse", "--short", "main")
    build = project / ".dot" / "build" / short_hash
    records = (build / "env" / "dev" / "runs.jsonl").read_text().splitlines()
    kept, target = folder / "kept", folder / "target"
    shutil.copytree(build / "env" / "dev", kept)
    places = {"--profiles-dir": kept, "--target-path": target, "--log-path": target / "logs"}
    words = [word for word in json.loads(records[-1])["argv"][1:] if word != "--quiet"]
    for name, place in places.items():
        words[words.index(name) + 1] = str(place)
    worktree = folder / "worktree"
    git(project, "worktree", "add", "--quiet", "--detach", str(worktree), "main")
    words[words.index("--project-dir") + 1] = str(worktree)

    def clear() -> None:
        shutil.rmtree(target, ignore_errors=True)

    def forget() -> None:
        shutil.rmtree(build, ignore_errors=True)
        git(project, "worktree", "prune")

    bare, ours = (program("dbt"), *words), (dot, "build", "dev@main")
    medians = measure(
        "the demo's project",
        [
            Case("the bare dbt build, warm", bare, worktree),
            Case("the bare dbt build, cold", bare, worktree, clear),
            Case(IMPORTS, (python, "-c", f"{IMPORTS}; pydantic.BaseModel"), project),
            Case("dot build dev@main, cold", ours, project, forget),
            Case("dot build dev@main, warm", ours, project),
            Case("dot plan build dev@main", (dot, "plan", "build", "dev@main"), project),
            Case("dot diff", (dot, "diff", "dev@main", "dev@feature/net-revenue"), project),
            Case("dot diff of nothing", (dot, "diff", "dev@main", "dev@main"), project),
            Case("one start of dbt", (program("dbt"), "--version"), project),
        ],
        runs=7,
    )
    warm, cold = medians["the bare dbt build, warm"], medians["the bare dbt build, cold"]
    say("warm build over bare dbt", medians["dot build dev@main, warm"] / warm, warm_aim(warm, medians[IMPORTS]))
    say("cold build over bare dbt", medians["dot build dev@main, cold"] / cold, 1.9 if is_second() else 1.1)
    say(f"`plan` over `{IMPORTS}`", medians["dot plan build dev@main"] / medians[IMPORTS], 2.0)
    if is_second():  # whose start is nothing, and on these few rows the warehouse's work as well
        say("dot diff, in seconds", medians["dot diff"], 1.2)
    else:
        say("dot diff of nothing over one start", medians["dot diff of nothing"] / medians["one start of dbt"], 1.1)


def bench_warm(folder: Path) -> None:
    """A second build of a commit, against the very dbt command that it runs."""
    project = folder / "warm"
    short_hash = make_project(project, 2)
    dot, dbt = program("dot"), program("dbt")
    time_once(Case("first build", (dot, "build", "dev@HEAD"), project))
    build = project / ".dot" / "build" / short_hash
    bare = (dbt, "build", *isolated_words(project, short_hash, build / "env" / "dev" / "target"))
    medians = measure(
        "warm isolated build of 2 models",
        [
            Case("the bare dbt build", bare, build / "worktree"),
            Case("dot build dev@HEAD", (dot, "build", "dev@HEAD"), project),
            Case(IMPORTS, (sys.executable, "-c", f"{IMPORTS}; pydantic.BaseModel"), project),
        ],
        runs=7,
    )
    warm = medians["the bare dbt build"]
    say("warm build over bare dbt", medians["dot build dev@HEAD"] / warm, warm_aim(warm, medians[IMPORTS]))


def bench_cold(folder: Path) -> None:
    """A first build of a commit, against its parts one after the other."""
    dot, dbt = program("dot"), program("dbt")
    for models in (2, 500):
        project = folder / f"cold{models}"
        short_hash = make_project(project, models)
        time_once(Case("first build", (dot, "build", "dev@HEAD"), project))
        kept = folder / f"kept{models}"
        shutil.copytree(project / ".dot" / "build" / short_hash / "env" / "dev", kept)

        def forget(project: Path = project) -> None:
            shutil.rmtree(project / ".dot", ignore_errors=True)
            git(project, "worktree", "prune")
            (project / "bench.duckdb").unlink(missing_ok=True)

        target = folder / f"target{models}"

        def clear(project: Path = project, target: Path = target) -> None:
            shutil.rmtree(target, ignore_errors=True)
            (project / "bench.duckdb").unlink(missing_ok=True)

        words = (
            "--project-dir",
            str(project),
            "--profiles-dir",
            str(kept),
            "--target-path",
            str(target),
            "--log-path",
            str(target / "logs"),
        )
        worktree = folder / f"worktree{models}"

        def drop(project: Path = project, worktree: Path = worktree) -> None:
            shutil.rmtree(worktree, ignore_errors=True)
            git(project, "worktree", "prune")

        cases = [
            Case("the bare dbt build", (dbt, "build", *words), project, clear),
            Case("dot build dev@HEAD", (dot, "build", "dev@HEAD"), project, forget),
            Case("git worktree add", ("git", "worktree", "add", "--detach", str(worktree), "HEAD"), project, drop),
            Case("dbt deps", (dbt, "deps", "--project-dir", str(project), "--log-path", str(target)), project),
            Case("dbt debug --config-dir", (dbt, "debug", "--config-dir", *words[:4]), project),
        ]
        # dbt 2 starts at once, so that asking it for its folders and installing no packages is nothing to be held to.
        medians = measure(f"cold isolated build of {models} models", cases[:2] if is_second() else cases, runs=5)
        if is_second():
            say("cold build over bare dbt", medians["dot build dev@HEAD"] / medians["the bare dbt build"], 1.9)
            continue
        parts = medians["git worktree add"] + medians["the bare dbt build"]
        everything = medians["dbt debug --config-dir"] + medians["dbt deps"] + medians["the bare dbt build"]
        cold = medians["dot build dev@HEAD"]
        say("cold build over bare dbt", cold / medians["the bare dbt build"], 1.1)
        say("cold build over worktree + deps + build", cold / (parts + medians["dbt deps"]), 1.15)
        if models == 2:  # noqa: PLR2004
            say("cold build over debug + deps + build", cold / everything, 0.67)


def make_builds(project: Path, commits: int) -> None:
    """Records of builds of so many commits, each in four environments, as real builds leave them."""
    for number in range(commits):
        git(project, "commit", "--quiet", "--allow-empty", "--message", f"Change number {number}")
    git(project, "branch", "feature/x", f"HEAD~{commits // 2}")
    for number, commit in enumerate(git(project, "rev-list", f"--max-count={commits}", "HEAD").split()):
        short_hash = commit[:8]
        build = project / ".dot" / "build" / short_hash
        described = {"hash": commit, "short_hash": short_hash, "subject": "", "committed_at": "2026-01-01T00:00:00Z"}
        for name in ("dev", "prod", "ci", "staging"):
            record = {
                "format_version": "1.0",
                "build_id": None,
                "address": f"{name}@{short_hash}",
                "dbt_command": "build",
                "argv": ["dbt", "build", *isolated_words(project, short_hash, build / "env" / name / "target")],
                "environment": {"name": name, "options": {"threads": 4}, "vars": {"currency": "EUR"}},
                "commit": described,
                "baseline": None,
                "dbt": {"command": ["dbt"], "version": "1.11.16"},
                "dot_version": "0.6.0",
                "started_at": f"2026-01-01T00:00:{number % 60:02}.000+00:00",
                "finished_at": f"2026-01-02T00:00:{number % 60:02}.000+00:00",
                "exit_code": 0,
                "size": 14_000_000,
            }
            folder = build / "env" / name
            folder.mkdir(parents=True)
            (folder / "runs.jsonl").write_text((json.dumps(record) + "\n") * 10)
        (build / "commit").write_text(commit + "\n")


def bench_builds(folder: Path) -> None:
    """Listing a thousand builds."""
    project = folder / "builds"
    make_project(project, 2)
    make_builds(project, 250)
    dot, python = program("dot"), sys.executable
    done = subprocess.run((dot, "builds", "--json"), cwd=project, capture_output=True, check=True, env=environment())
    assert len(json.loads(done.stdout)["builds"]) == 1000  # noqa: PLR2004
    medians = measure(
        "listing 1,000 builds of 250 commits",
        [
            Case(IMPORTS, (python, "-c", f"{IMPORTS}; pydantic.BaseModel"), project),
            Case("dot builds", (dot, "builds"), project),
            Case("dot builds --json", (dot, "builds", "--json"), project),
        ],
        runs=7,
    )
    for name in ("dot builds", "dot builds --json"):
        say(f"`{name}` over `{IMPORTS}`", medians[name] / medians[IMPORTS], 2.0)


ROWS = 2_000_000

WIDE = """
{{{{ config(materialized='table', unique_key='id') }}}}
with numbers as (select range as id, range % 1000 = 7 and {changed} as is_changed from range({rows}))
select id,
    {columns}
from numbers
"""
"""A table of a key and 19 columns; of the rows that are changed, one in a thousand, four columns differ."""

COLUMNS = {
    "integer": "hash(id, {number}) % 100000",
    "double": "(hash(id, {number}) % 1000000) / 7",
    "varchar": "'customer ' || (hash(id, {number}) % 50000)",
    "date": "date '2020-01-01' + (hash(id, {number}) % 2000)::integer",
}
CHANGED = {"integer": " + 1", "double": " + 0.5", "varchar": " || '!'", "date": " + 1"}

ASK = "{% macro ask(sql) %}{{ print(run_query(sql).rows[0].values()) }}{% endmacro %}\n"


def names_of_columns() -> list[tuple[str, str]]:
    """Name and type of each column but the key."""
    return [(f"c{number}", list(COLUMNS)[number % len(COLUMNS)]) for number in range(1, 20)]


def write_wide(project: Path, *, changed: bool) -> None:
    """The model of the wide table, in either state."""
    lines = []
    for number, (name, kind) in enumerate(names_of_columns()):
        value = f"({COLUMNS[kind].format(number=number)})::{kind}"
        differs = f"case when is_changed then {value}{CHANGED[kind]} else {value} end"
        lines.append(f"({differs if number < len(COLUMNS) else value})::{kind} as {name}")
    text = WIDE.format(changed=str(changed).lower(), rows=ROWS, columns=",\n    ".join(lines))
    (project / "models" / "wide.sql").write_text(text)


def make_wide(folder: Path) -> Path:
    """A project with three builds: `dev@old`, `dev@new` in which rows differ, and `dev@same` as `dev@old`."""
    (folder / "macros").mkdir(parents=True)
    (folder / "macros" / "ask.sql").write_text(ASK)
    make_project(folder, 0)
    for name, changed in (("old", False), ("new", True), ("same", False)):
        write_wide(folder, changed=changed)
        git(folder, "add", "--all")
        git(folder, "commit", "--quiet", "--allow-empty", "--message", name)
        git(folder, "tag", name)
        time_once(Case("build", (program("dot"), "build", f"dev@{name}"), folder))
    return folder


def relation(project: Path, tag: str) -> str:
    """The wide table of a build."""
    return f"bench.analytics_{git(project, 'rev-parse', '--short', tag)}.wide"


def ask(project: Path, name: str, sql: str) -> Case:
    """A query in one start of the bare dbt, with the profile of a build."""
    short_hash = git(project, "rev-parse", "--short", "new")
    words = isolated_words(project, short_hash, project / "target")
    arguments = ("--quiet", "run-operation", "ask", *words, "--args", json.dumps({"sql": sql}))
    return Case(name, (program("dbt"), *arguments), project / ".dot" / "build" / short_hash / "worktree")


def bench_diff(folder: Path) -> None:
    """Comparing two builds, against what a person would ask by hand."""
    bench_wide(folder)
    bench_many(folder)


def bench_wide(folder: Path) -> None:
    """One large table, that differs a little and that does not differ."""
    project = make_wide(folder / "wide")
    dot = program("dot")
    old, new, same = (relation(project, tag) for tag in ("old", "new", "same"))
    columns = [name for name, _ in names_of_columns()]
    differs = ", ".join(f"count(*) filter (a.{name} is distinct from b.{name})" for name in columns)
    join = f"select count(*) filter (a.id is null), count(*) filter (b.id is null), {differs}"
    sums = ", ".join(f"sum(hash(id, {name}))" for name in columns)
    scans = " union all ".join(f"select count(*), sum(hash(id)), {sums} from {table}" for table in (old, same))
    medians = measure(
        f"comparing {ROWS:,} rows of 20 columns",
        [
            ask(project, "a bare dbt", "select 1"),
            ask(project, "a full join by hand", f"{join} from {old} a full join {new} b on a.id = b.id"),
            Case("dot diff, rows differ", (dot, "diff", "dev@old", "dev@new"), project),
            ask(project, "two checksum scans by hand", scans),
            Case("dot diff --all, all equal", (dot, "diff", "dev@old", "dev@same", "--all"), project),
        ],
        runs=5,
    )
    start = medians["a bare dbt"]
    for ours, hand, limit in (
        ("dot diff, rows differ", "a full join by hand", 1.5),
        ("dot diff --all, all equal", "two checksum scans by hand", 1.2),
    ):
        say(f"{ours} over {hand}", medians[ours] / medians[hand], limit)
        without = (medians[ours] - start) / (medians[hand] - start)
        print(f"        the same without the start of dbt: {without:.2f}")
        if is_second():
            say(f"{ours}, seconds beyond the warehouse's own work", medians[ours] - (medians[hand] - start), 1.2)


def bench_many(folder: Path) -> None:
    """Ten models of 200 differ: dbt is started once."""
    project = folder / "many"
    make_project(project, 200)
    dot = program("dot")
    git(project, "tag", "old")
    for number in range(19, 200, 20):
        (project / "models" / f"m{number}.sql").write_text(f"select -1 as n, id from {{{{ ref('m{number - 1}') }}}}\n")
    git(project, "commit", "--quiet", "--all", "--message", "new")
    for name in ("old", "HEAD"):
        time_once(Case("build", (dot, "build", f"dev@{name}"), project))
    (project / "macros").mkdir()
    (project / "macros" / "ask.sql").write_text(ASK)
    words = ("--profiles-dir", str(project), "--target-path", str(project / "target"))
    medians = measure(
        "comparing 200 models of which 10 differ",
        [
            Case(
                "a bare dbt",
                (program("dbt"), "--quiet", "run-operation", "ask", *words, "--args", '{"sql": "select 1"}'),
                project,
            ),
            Case("dot diff", (dot, "diff", "dev@old", "dev@HEAD"), project),
            Case("dot diff --all", (dot, "diff", "dev@old", "dev@HEAD", "--all"), project),
        ],
        runs=5,
    )
    say("dot diff over one start of dbt", medians["dot diff"] / medians["a bare dbt"], 1.5)


SPEC = """\
kind: job
domain: d{domain}
source: s{source}
layer: base
asset: a_{number}
schedule: {{quartz_cron_expression: 0 30 6 * * ?, timezone_id: Europe/Berlin}}
tags: {{team: data, cost: "4711"}}
environments:
  dbt:
    environment_version: "4"
    dependencies: [dbt-databricks==1.12.7]
tasks:
  - task_key: load
    type: notebook
    notebook_path: src/d{domain}/s{source}/raw/load.py
    max_retries: 2
  - task_key: build
    type: dbt
    project_directory: transform
    commands: [dbt deps, dbt build]
    warehouse_id: ${{var.warehouse_id}}
    environment_key: dbt
    depends_on: [load]
  - task_key: report
    type: sql
    path: src/d{domain}/s{source}/final/report.sql
    warehouse_id: ${{var.warehouse_id}}
    depends_on: [build]
"""


def bench_bundle(folder: Path) -> None:
    """The modules of 1,000 specs: written anew, and compared with those that are there."""
    (folder / "databricks.yml").write_text("bundle: {name: bench}\n")
    for number in range(1000):
        domain, source = number % 10, number // 10 % 10
        path = folder / f"specs/jobs/d{domain}/s{source}/a_{number}.yml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(SPEC.format(domain=domain, source=source, number=number))
    (folder / "none").mkdir()
    (folder / "none" / "databricks.yml").write_text("bundle: {name: none}\n")
    generate = (program("dot"), "bundle", "generate")
    medians = measure(
        "1,000 specs of a bundle",
        [
            Case("no specs at all, which is the imports", generate, folder / "none"),
            Case(
                "written anew",
                generate,
                folder,
                prepare=lambda: shutil.rmtree(folder / "resources", ignore_errors=True),
            ),
            Case("nothing to do", generate, folder),
        ],
        runs=5,
    )
    imports = medians["no specs at all, which is the imports"]
    say("seconds to write the modules of 1,000 specs, beyond the imports", medians["written anew"] - imports, 3.0)


def bench_scope(folder: Path) -> None:
    """What 10,000 changed paths touch, in a dbt project and in a bundle, which is one repository here."""
    (folder / "databricks.yml").write_text("bundle: {name: bench}\n")
    (folder / "dbt_project.yml").write_text("name: bench\nprofile: bench\nmodel-paths: [src]\n")
    git(folder, "init", "--quiet", "--initial-branch=main")
    for text in ("1", "2"):
        for number in range(10_000):
            domain, source = number % 50, number // 50 % 7
            path = folder / f"src/d{domain}/s{source}/raw/m_{number}.sql"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f"select {text} as id, {number} as n\n")
            module = folder / f"resources/d{domain}/s{source}/jobs/d{domain}_s{source}_raw_x.py"
            module.parent.mkdir(parents=True, exist_ok=True)
            module.write_text(f"d{domain}_s{source}_raw_x_job = None\n")
        git(folder, "add", "--all")
        git(folder, "commit", "--quiet", "--message", text)
    medians = measure(
        "a range of commits with 10,000 changed paths",
        [
            Case("dot scope of nothing, which is the imports", (program("dot"), "scope", "HEAD", "--json"), folder),
            Case("dot scope", (program("dot"), "scope", "HEAD~1", "--json"), folder),
            Case("dot bundle scope", (program("dot"), "bundle", "scope", "HEAD~1", "--json"), folder),
        ],
        runs=5,
    )
    for name in ("dot scope", "dot bundle scope"):
        say(f"seconds that {name} takes for them, imports and all", medians[name], 1.0)


TABLES = {
    "start": bench_start,
    "builds": bench_builds,
    "demo": bench_demo,
    "warm": bench_warm,
    "cold": bench_cold,
    "diff": bench_diff,
    "bundle": bench_bundle,
    "scope": bench_scope,
}


ON_BOTH = ("demo", "warm", "cold", "diff")
"""The tables that start dbt."""


def choose_second() -> None:
    """From now on `dbt` is dbt 2."""
    assert (DBT2 / "complete").is_file(), "dbt 2 is not there: `just dbt2` installs it"
    os.environ["PATH"] = f"{DBT2 / 'bin'}{os.pathsep}{os.environ['PATH']}"
    os.environ["LD_LIBRARY_PATH"] = str(DBT2 / "lib")


def main() -> None:
    """Run the tables that the words name, or all, on the engines that they name, or both."""
    names = [word for word in sys.argv[1:] if word in TABLES] or list(TABLES)
    engines = [word for word in ("dbt1", "dbt2") if word in sys.argv[1:]] or ["dbt1", "dbt2"]
    for engine in engines:
        if engine == "dbt2":
            choose_second()
        print(f"\n== {engine}")
        for name in names:
            if name in ON_BOTH or engine == engines[0]:
                with tempfile.TemporaryDirectory(prefix="bench-") as folder:
                    TABLES[name](Path(folder))


if __name__ == "__main__":
    main()
