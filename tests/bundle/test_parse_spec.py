"""Specs, good ones and bad ones: a bad one is refused with its place, what is wrong, and the nearest name."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from cases import each
from dot.base.errors import Problem
from dot.bundle.parse_spec import KIND_MODELS, Spec, parse_spec, task_models
from dot.bundle.resource_data import resource_data
from dot.setup.json_schema import SCHEMAS
from dot.system.yaml import dump, load_document, load_documents
from examples.specs import JOB, JOB_DATA, JOB_PATH, PIPELINE, PIPELINE_DATA, PIPELINE_PATH, SMALL_PIPELINE


def parse(text: str, path: str) -> tuple[Spec | None, tuple[Problem, ...]]:
    return parse_spec(load_document(text, path), path)


@each(("text", "path", "data"), [(JOB, JOB_PATH, JOB_DATA), (PIPELINE, PIPELINE_PATH, PIPELINE_DATA)])
def test_a_spec_says_what_the_bundle_is_to_hold_of_it(text: str, path: str, data: dict[str, object]) -> None:
    spec, problems = parse(text, path)
    assert problems == ()
    assert spec
    assert resource_data(spec) == data


def test_a_pipeline_without_libraries_has_the_layer_that_it_names() -> None:
    spec, _ = parse(SMALL_PIPELINE, PIPELINE_PATH)
    assert spec
    assert resource_data(spec) == {
        "name": "sales_crm_raw_orders",
        "catalog": "sales",
        "schema": "crm",
        "serverless": True,
        "root_path": "src/sales/crm",
        "libraries": [{"glob": {"include": "src/sales/crm/raw/**"}}],
    }


def test_every_type_of_task_is_in_the_example() -> None:
    assert {f"type: {name}\n" in JOB for name in task_models()} == {True}


# What is replaced, what by, the message, where the place is, the hint.
BAD_JOBS = [
    # the head
    ("kind: job\n", "", "`kind` is missing", "domain", "write `kind: job`"),
    ("kind: job", "kind: jbo", "`jbo` is no kind", "kind", "did you mean `job`?"),
    ("kind: job", "kind: 3", "`3` is no kind", "kind", "one of job, pipeline"),
    ("domain: sales", "domain: Sales", "`Sales` is no name", "domain", None),
    ("domain: sales", "domain: sales_eu", "no underscore", "domain", None),
    ("domain: sales", "domain: class", "keyword", "domain", None),
    ("domain: sales", "domain: databricks", "would hide", "domain", None),
    ("domain: sales", "domain: 1", "`domain` must be a text", "domain", None),
    ("domain: sales", "domain:", "`domain` must be a text", "domain", None),
    ("domain: sales\n", "", "`domain` is missing", "kind", "the name of the catalog"),
    ("source: crm", "source: erp", "belongs in `specs/jobs/sales/erp/`", "kind", "move the file"),
    ("domain: sales", "domain: shop", "belongs in `specs/jobs/shop/crm/`", "kind", "move the file"),
    ("layer: staging", "layer: stagging", "`layer` must be one of", "layer", "did you mean `staging`?"),
    ("layer: staging", "layer: gold", "`raw`, `base`, `staging`, `final`", "layer", None),
    ("asset: customers", "asset: Customers", "no snake case", "asset", None),
    ("asset: customers", f"asset: {'a' * 41}", "41 characters", "asset", None),
    ("asset: customers\n", "asset: customers\nname: x\n", "unknown key `name`", "name", "dot derives `name`"),
    ("asset: customers\n", "asset: customers\ncatalog: x\n", "unknown key `catalog`", "catalog", "dot derives"),
    (
        "asset: customers\n",
        "asset: customers\nasset: b\n",
        "duplicate key `asset`, first used in line 5",
        "asset",
        None,
    ),
    (
        "description: Loads",
        "descripton: Loads",
        "unknown key `descripton`",
        "descripton",
        "did you mean `description`?",
    ),
    ("  team: data", "  team: 1", "`team` must be a text", "team", None),
    ('tags:\n  team: data\n  cost: "4711"', "tags: [a]", "`tags` must be a mapping", "tags", None),
    (
        "  service_principal_name: ${var.deployer}",
        "  {}",
        "one of `user_name` and `service_principal_name` is needed",
        "run_as",
        None,
    ),
    # when it runs
    ("0 30 6 * * ?", "0 30 6 * *", "no Quartz expression", "quartz_cron_expression", None),
    ("0 30 6 * * ?", "0 30 6 * * *", "needs `?`", "quartz_cron_expression", None),
    ("0 30 6 * * ?", "daily", "no Quartz expression", "quartz_cron_expression", None),
    ("  timezone_id: Europe/Berlin\n", "", "`timezone_id` is missing", "schedule", "`UTC`"),
    ("Europe/Berlin", "Berlin", "no time zone", "timezone_id", None),
    ("UNPAUSED", "RUNNING", "must be one of `PAUSED`, `UNPAUSED`", "pause_status", None),
    ("UNPAUSED", "UNPAUSE", "must be one of", "pause_status", "did you mean `UNPAUSED`?"),
    (
        "schedule:\n",
        "continuous: {}\nschedule:\n",
        "`schedule` and `continuous` exclude each other",
        "continuous",
        None,
    ),
    (
        "schedule:\n",
        "trigger: {periodic: {interval: 1, unit: DAYS}}\nschedule:\n",
        "exclude each other",
        "trigger",
        None,
    ),
    (
        "max_concurrent_runs: 2",
        'max_concurrent_runs: "2"',
        "must be a whole number",
        "max_concurrent_runs",
        "without quotes",
    ),
    ("max_concurrent_runs: 2", "max_concurrent_runs: 0", "must be at least 1", "max_concurrent_runs", None),
    ("max_concurrent_runs: 2", "max_concurrent_runs: 1.5", "must be a whole number", "max_concurrent_runs", None),
    ("timeout_seconds: 7200", "timeout_seconds: -1", "must be at least 0", "timeout_seconds", None),
    ("queue: true", "queue: 'yes'", "must be `true` or `false`", "queue", "without quotes"),
    ("queue: true", "queue: 1", "must be `true` or `false`", "queue", None),
    (
        JOB[JOB.index("schedule:") : JOB.index("timeout_seconds")],
        "continuous: {}\nmax_concurrent_runs: 2\n",
        "one run at a time",
        "max_concurrent_runs",
        None,
    ),
    # who is told, and who may
    ("on_failure: [data@example.com", "on_failure: [data", "`data` is neither an address", "data", None),
    ("on_failure:", "on_failures:", "unknown key `on_failures`", "on_failures", "did you mean `on_failure`?"),
    ("    - id: a1b2", "    - a1b2", "an item of `on_success` must be a mapping", "a1b2", None),
    ("level: CAN_VIEW", "level: CAN_RUN", "`level` must be one of", "level", None),
    ("    group_name: analysts\n", "", "one of `user_name`, `group_name` and", "level", None),
    (
        "    group_name: analysts\n",
        "    group_name: a\n    user_name: b@c.de\n",
        "exclude each other",
        "group_name",
        None,
    ),
    # what it runs on
    ("    spark_version: 16.4.x-scala2.12\n", "", "`spark_version` is missing", "main", "the runtime"),
    ("      max_workers: 4", "      max_workers: 0", "must be at least 1", "max_workers", None),
    ("      min_workers: 1", "      min_workers: 9", "is more than `max_workers`", "min_workers", None),
    ("    autoscale:\n", "    num_workers: 2\n    autoscale:\n", "exclude each other", "autoscale", None),
    ("    node_type_id: i3.xlarge\n", "", "one of `node_type_id` and `instance_pool_id` is needed", "main", None),
    ('"{{secrets/crm/token}}"', "abc123", "`API_TOKEN` holds a secret", "API_TOKEN", "{{secrets/<scope>/<key>}}"),
    ('environment_version: "4"', "environment_version: 4", "must be a text", "environment_version", None),
    ('environment_version: "4"', 'environment_version: "four"', "must be as in", "environment_version", None),
    ("  dbt:\n    environment_version", "  d b t:\n    environment_version", "`d b t` is no key", "d b t", None),
    (
        "      - ./dist/*.whl\n",
        '      - ./dist/*.whl\n  spare:\n    environment_version: "4"\n',
        "no task has `environment_key: spare`",
        "spare",
        "use it",
    ),
    # tasks
    ("    type: notebook\n", "", "`type` is missing", "task_key", "write `type: notebook`"),
    ("    type: notebook\n", "    type: notbook\n", "`notbook` is no type", "type", "did you mean `notebook`?"),
    ("task_key: load", "task_key: lo ad", "`lo ad` is no key", "task_key", None),
    ("task_key: clean", "task_key: load", "two tasks are called `load`", "task_key", None),
    ("depends_on: [load]", "depends_on: [laod]", "there is no task `laod`", "laod", "did you mean `load`?"),
    ("depends_on: [load]", "depends_on: [load, load]", "`load` is named twice", "load]", None),
    ("depends_on: [load]", "depends_on: load", "`depends_on` must be a list", "depends_on", None),
    (
        "depends_on: [load]",
        "depends_on: [report]",
        "wait for each other: clean → report → build → refresh → clean",
        "depends_on",
        None,
    ),
    ("depends_on: [load]", "depends_on: [clean]", "wait for each other: clean → clean", "depends_on", None),
    (
        "notebook_path: src/sales/crm/raw/load.py",
        "notebook_path: /src/load.py",
        "no path within the bundle",
        "notebook_path",
        None,
    ),
    (
        "notebook_path: src/sales/crm/raw/load.py",
        "notebook_path: ../load.py",
        "no path within the bundle",
        "notebook_path",
        None,
    ),
    ("notebook_path: src/sales/crm/raw/load.py", "notebook_path: src/load", "must end in .py", "notebook_path", None),
    (
        "    job_cluster_key: main\n",
        "    job_cluster_key: mian\n",
        "there is no `mian` in `job_clusters`",
        "job_cluster_key",
        "did you mean `main`?",
    ),
    (
        "    job_cluster_key: main\n",
        "    job_cluster_key: main\n    environment_key: dbt\n",
        "exclude each other",
        "environment_key",
        None,
    ),
    (
        "pypi: requests==2.32.3",
        "pip: requests",
        "unknown key `pip`",
        "pip",
        "keys here: whl, jar, pypi, maven, requirements",
    ),
    ("pypi: requests==2.32.3", "{}", "one of `whl`, `jar`, `pypi`, `maven` and", "{}", None),
    (
        "max_retries: 2",
        "max_retries: 0",
        "`min_retry_interval_millis` needs `max_retries`",
        "min_retry_interval_millis",
        None,
    ),
    ("max_retries: 2", "max_retires: 2", "unknown key `max_retires`", "max_retires", "did you mean `max_retries`?"),
    ("    entry_point: clean\n", "", "`entry_point` is missing", "task_key: clean", "its entry point"),
    (
        '    parameters: [--since, "2024"]\n    environment_key: dbt\n',
        "",
        "one of `job_cluster_key`, `environment_key` and",
        "task_key: clean",
        None,
    ),
    (
        "    environment_key: dbt\n    depends_on: [load]",
        "    environment_key: dbt\n    libraries: [{pypi: a}]\n    depends_on: [load]",
        "`libraries` are for clusters",
        "libraries",
        None,
    ),
    (
        'parameters: [--since, "2024"]',
        "parameters: [--since, 2024]",
        "an item of `parameters` must be a text",
        "2024",
        None,
    ),
    (
        "    pipeline: sales_crm_base_customers\n",
        "",
        "one of `pipeline` and `pipeline_id` is needed",
        "task_key: refresh",
        None,
    ),
    (
        "    pipeline: sales_crm_base_customers\n",
        "    pipeline: a\n    pipeline_id: b\n",
        "exclude each other",
        "pipeline_id",
        None,
    ),
    (
        "    full_refresh: false\n",
        "    full_refresh: true\n    refresh_selection: [a]\n",
        "excludes a selection",
        "full_refresh",
        None,
    ),
    (
        "    commands:\n      - dbt deps\n      - dbt build --select crm\n",
        "    commands: []\n",
        "a list of at least 1",
        "commands",
        None,
    ),
    ("- dbt deps", "- rm -r x", "must begin with `dbt`", "rm -r x", None),
    ("- dbt deps", "- dbtdeps", "must begin with `dbt`", "dbtdeps", None),
    ("- dbt deps", "\n".join(["- dbt deps", *["      - dbt run"] * 9]), "a list of at most 10", "commands", None),
    ("    project_directory: transform\n", "    project_directory: ..\n", "no path within", "project_directory", None),
    ("report.sql", "report.txt", "must end in .sql", "path", None),
    ("run_if: ALL_DONE", "run_if: all_done", "`run_if` must be one of", "run_if", None),
    ("    depends_on: [build, clean]\n", "", "`run_if` needs `depends_on`", "run_if", None),
    ('      top: "10"', "      top: 10", "`top` must be a text", "top", None),
    # the file
    ("kind: job\n", "kind: job\n\tb: 1\n", "invalid YAML", None, None),
    ("kind: job\n", "kind: job\n1: 2\n", "used as a key, but keys must be texts", "1", "quotes"),
    ("kind: job\n", "kind: job\non: 2\n", "used as a key, but keys must be texts", "on", "quotes"),
    ("queue: true", "queue: !!python/name:os.system x", "is not supported", "!!python", None),
    ("timeout_seconds: 7200", "timeout_seconds: .nan", "has no equal in JSON", ".nan", None),
]


@each(("old", "new", "message", "at", "hint"), BAD_JOBS)
def test_a_bad_job_is_refused_at_its_place(old: str, new: str, message: str, at: str | None, hint: str | None) -> None:
    assert JOB.count(old)
    check(JOB.replace(old, new, 1), JOB_PATH, (message, at, hint))


BAD_PIPELINES = [
    (
        "serverless: false",
        "serverless: true",
        "`clusters` is for clusters, and needs `serverless: false`",
        "clusters",
        None,
    ),
    ("serverless: false\nclusters:", "serverless: no\nx:", "unknown key `x`", "x", None),
    ("include: customers/**", "include: customers/*", "neither `**`, nor a folder", "include", None),
    ("include: customers/**", "include: ../b/**", "neither `**`, nor a folder", "include", None),
    ("include: customers/**", "include: a.txt", "neither `**`, nor a folder", "include", None),
    ("include: customers/**", "include: ${var.x}/**", "neither `**`, nor a folder", "include", None),
    ("layer: raw", "layer: rwa", "must be one of", "layer: rwa", "did you mean `raw`?"),
    ("label: maintenance", "label: default", "the same `label`", "clusters", None),
    ("label: default\n", "label: main\n", "must be one of `default`, `updates`, `maintenance`", "label", None),
    ("    num_workers: 1", "    autoscale: {min_workers: 1, max_workers: 2}", "does not scale", "autoscale", None),
    (
        "alerts: [on-update-failure]",
        "alerts: [on-failure]",
        "an item of `alerts` must be one of",
        "on-failure",
        "did you mean",
    ),
    ("alerts: [on-update-failure]", "alerts: []", "a list of at least 1", "alerts", None),
    ("edition: ADVANCED", "edition: advanced", "must be one of", "edition", None),
    ("photon: true", "photon: 1", "must be `true` or `false`", "photon", None),
    ('  since: "2024-01-01"', "  since: 2024", "must be a text", "since", None),
    ('  since: "2024-01-01"', "  client_secret: abc", "holds a secret", "client_secret", "secret scope"),
    ("level: CAN_RUN", "level: CAN_MANAGE_RUN", "must be one of", "level", None),
    ("kind: pipeline", "kind: job", "unknown key `libraries`", "libraries", None),
]


@each(("old", "new", "message", "at", "hint"), BAD_PIPELINES)
def test_a_bad_pipeline_is_refused_at_its_place(
    old: str, new: str, message: str, at: str | None, hint: str | None
) -> None:
    assert PIPELINE.count(old)
    check(PIPELINE.replace(old, new, 1), PIPELINE_PATH, (message, at, hint))


def check(text: str, path: str, expected: tuple[str, str | None, str | None]) -> None:
    message, at, hint = expected
    spec, problems = parse(text, path)
    assert spec is None
    found = [problem for problem in problems if message in problem.message]
    assert found, [problem.message for problem in problems]
    where = found[0].location
    assert where
    assert where.line
    assert where.column
    assert at is None or text.split("\n")[where.line - 1][where.column - 1 :].startswith(at)
    assert (hint is None) or hint in (found[0].hint or "")


@pytest.mark.parametrize(
    "text", ["", "# nothing\n", "[]", "a", "kind: job", "3", "kind: [job]", "kind: {a: 1}", "null"]
)
def test_anything_else_is_refused_too(text: str) -> None:
    spec, problems = parse(text, JOB_PATH)
    assert spec is None
    assert problems


def test_a_text_that_no_module_can_hold_is_refused() -> None:
    spec, problems = parse(JOB.replace("team: data", 'team: "\\ud800"'), JOB_PATH)
    assert spec is None
    assert problems


def test_all_that_is_wrong_is_said_at_once_in_the_order_of_the_lines() -> None:
    text = (
        JOB.replace("layer: staging", "layer: x").replace("queue: true", "queue: 1").replace("top:", "tpo: 1\n      x:")
    )
    _, problems = parse(text.replace("type: sql", "type: sqll"), JOB_PATH)
    assert [problem.message.partition(" ")[0] for problem in problems] == ["`layer`", "`queue`", "`sqll`"]
    lines = [problem.location.line for problem in problems if problem.location]
    assert lines == sorted(lines, key=lambda line: line or 0)


@each("name", ["a b.yml", "customers.yaml", ".yml", "a\n.yml", "ä.yml"])
def test_a_file_name_that_the_header_cannot_hold_is_refused(name: str) -> None:
    _, problems = parse(JOB, f"specs/jobs/sales/crm/{name}")
    assert ["is no name for a spec" in problem.message for problem in problems] == [True]


def test_the_quick_way_to_read_many_finds_what_the_thorough_one_finds() -> None:
    texts = [
        JOB,
        JOB.replace("queue: true", "queue: true\nqueue: true"),
        JOB.replace("layer: staging", "layer: x"),
        "a: [\n",
    ]
    quick = list(load_documents((text, "a.yml") for text in texts))
    for text, document in zip(texts, quick, strict=True):
        assert document.problems == load_document(text, "a.yml").problems
        assert dict(document.positions) == dict(load_document(text, "a.yml").positions)


def test_a_model_is_known_for_each_kind() -> None:
    assert sorted(KIND_MODELS) == ["job", "pipeline"]


def test_what_is_good_is_valid_by_the_published_schema_and_an_unknown_key_is_not() -> None:
    for text, name in ((JOB, "job"), (PIPELINE, "pipeline")):
        schema = Draft202012Validator(SCHEMAS[name]())
        schema.validate(load_document(text, "a.yml").data)
        for bad in (
            f"{text}x: 1\n",
            text.replace("domain: sales", "domain: Sales"),
            text.replace("layer: ", "layer: x"),
        ):
            assert not schema.is_valid(load_document(bad, "a.yml").data)


JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from(["", "job", "notebook", "a b", "${", "x\ny", "\u2028", "ü", "/x", "${var.x}"]),
    st.lists(st.sampled_from([{}, [], "a", 1]), max_size=2),
    st.dictionaries(
        st.sampled_from(["kind", "type", "task_key", "x", "0"]), st.sampled_from([1, "a", {}, []]), max_size=2
    ),
)


def places_in(data: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every path into the data."""
    steps = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    return [path, *(place for step, value in steps for place in places_in(value, (*path, step)))]


@st.composite
def broken(draw: st.DrawFn) -> tuple[str, str]:
    """A good spec in which some things are gone, others added or anything else."""
    text, path = draw(st.sampled_from([(JOB, JOB_PATH), (PIPELINE, PIPELINE_PATH)]))
    data = load_document(text, path).data
    for _ in range(draw(st.integers(1, 4))):
        *folders, last = draw(st.sampled_from([place for place in places_in(data) if place]))
        holder = data
        for step in folders:
            holder = holder[step]
        match draw(st.sampled_from(["drop", "replace", "add"])):
            case "drop":
                del holder[last]
            case "replace":
                holder[last] = draw(JUNK)
            case _ if isinstance(holder, dict):
                holder[draw(st.sampled_from(["typ", "nam", "name", "type", "kind", str(last)]))] = draw(JUNK)
            case _:
                holder.append(draw(JUNK))
    return dump(data), path


@settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))
@given(broken())
def test_whatever_is_wrong_is_a_problem_with_a_place_and_no_failure(case: tuple[str, str]) -> None:
    text, path = case
    (document,) = load_documents([(text, path)])
    spec, problems = parse_spec(document, path)
    assert bool(spec) != bool(problems)
    assert [problem for problem in problems if not problem.location or not problem.location.line] == []
    if spec:
        assert resource_data(spec)["name"] == spec.resource.name
