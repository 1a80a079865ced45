"""`dot bundle check`: a good bundle passes, and for each rule a bundle that breaks it alone is refused."""

import json
import shutil
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from builders import Outcome, call_dot, make_tree, snapshot
from cases import each
from dot.base.errors import Problem
from dot.bundle.agreement import Loaded, find_complaints, find_difference, find_differences
from dot.bundle.configuration import BundleConfiguration
from dot.bundle.find_configuration import read_configuration
from dot.bundle.find_scaffold import read_scaffold
from dot.bundle.layout import Scope
from dot.bundle.modules import Made, make_all
from dot.bundle.scaffold_scope import scope_files
from dot.system.yaml import load_document
from examples.specs import CODE, JOB, JOB_DATA, JOB_PATH, PIPELINE, PIPELINE_DATA, PIPELINE_PATH, VARIABLES

Dot = Callable[..., Outcome]

JOB_MODULE = "resources/sales/crm/jobs/sales_crm_staging_customers.py"
PIPELINE_MODULE = "resources/sales/crm/pipelines/sales_crm_base_customers.py"


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle with a job and a pipeline in which nothing is wrong."""
    root = tmp_path_factory.mktemp("good")
    files = read_scaffold("platform") | scope_files(Scope("sales", "crm"))
    files["databricks.yml"] += VARIABLES
    make_tree(root, files | dict.fromkeys(CODE, "") | {JOB_PATH: JOB, PIPELINE_PATH: PIPELINE})
    assert call_dot("bundle", "generate", "--bundle-dir", str(root)) == 0
    return root


@pytest.fixture
def root(good: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it, the current folder."""
    folder = tmp_path / "platform"
    shutil.copytree(good, folder)
    monkeypatch.chdir(folder)
    return folder


def change(root: Path, changes: Mapping[str, Any]) -> None:
    """Write, edit or remove files: a text, a pair of what is replaced and what by, or nothing."""
    for path, what in changes.items():
        file = root / path
        if what is None:
            shutil.rmtree(file) if file.is_dir() else file.unlink()
        elif isinstance(what, tuple):
            text = file.read_text()
            assert what[0] in text
            file.write_text(text.replace(what[0], what[1], 1))
        else:
            make_tree(root, {path: what})


def test_a_good_bundle_passes_for_all_targets_and_nothing_is_written(root: Path, dot: Dot) -> None:
    before = snapshot(root)
    line = "2 specs, their modules and what Databricks loads are the same for dev, prod, staging\n"
    assert dot("bundle", "check") == Outcome(0, line, "")
    assert snapshot(root) == before


def test_a_bundle_without_specs_passes_too(tmp_path: Path, dot: Dot, monkeypatch: pytest.MonkeyPatch) -> None:
    make_tree(tmp_path, read_scaffold("platform"))
    change(tmp_path, {"targets/staging.yml": None, "targets/prod.yml": None})
    monkeypatch.chdir(tmp_path)
    outcome = dot("bundle", "check", "--json")
    assert (outcome.exit_code, json.loads(outcome.stdout)) == (0, {"errors": []})


IN_YAML = "resources/extra.yml"

RULES: list[tuple[dict[str, Any], str, str]] = [
    # modules
    ({JOB_MODULE: ("Loads", "loads")}, "the module is not what specs/jobs/sales/crm/customers.yml says", JOB_MODULE),
    ({JOB_MODULE: None}, "the module of specs/jobs/sales/crm/customers.yml is missing", JOB_MODULE),
    (
        {PIPELINE_PATH: None, JOB_PATH: ("    pipeline: sales_crm_base_customers", "    pipeline_id: a")},
        "is gone",
        PIPELINE_MODULE,
    ),
    ({"resources/sales/crm/__init__.py": None}, "what is below it is not loaded", "resources/sales/crm/__init__.py"),
    ({"resources/__init__.py": None}, "what is below it is not loaded", "resources/__init__.py"),
    ({"resources/sales/more.py": "x = 1\n"}, "dot has not made this module", "resources/sales/more.py"),
    # keys and names
    (
        {IN_YAML: "resources: {volumes: {sales_crm_staging_customers_job: {name: a}}}\n"},
        "has already, among the jobs",
        f"{IN_YAML}:1:",
    ),
    (
        {IN_YAML: "resources: {jobs: {sales_crm_staging_customers_job: {name: sales_crm_staging_customers}}}\n"},
        "has already",
        IN_YAML,
    ),
    (
        {IN_YAML: "resources:\n  volumes: {a: {name: a}}\n  schemas: {a: {name: a}}\n"},
        "`a` is a key that",
        f"{IN_YAML}:3:",
    ),
    ({IN_YAML: "resources: {jobs: {a_job: {name: a}}}\n"}, "is not `{domain}_{source}_{layer}_{asset}`", IN_YAML),
    ({IN_YAML: "resources: {jobs: {a_job: {}}}\n"}, "the name of `a_job` is not", IN_YAML),
    ({IN_YAML: "resources: {jobs: {x: {name: sales_crm_raw_a}}}\n"}, "must be `sales_crm_raw_a_job`", IN_YAML),
    (
        {IN_YAML: "resources: {pipelines: {a_pipeline: {name: sales_crm_raw_a, catalog: a, schema: crm}}}\n"},
        "the catalog of",
        IN_YAML,
    ),
    (
        {IN_YAML: "resources: {pipelines: {sales_crm_raw_a_pipeline: {name: sales_crm_raw_a, catalog: sales}}}\n"},
        "the schema of",
        IN_YAML,
    ),
    # references
    ({JOB_PATH: ("${var.on_call}", "${var.on_cal}")}, "there is no variable `on_cal`", f"{JOB_PATH}:24:"),
    ({JOB_PATH: ("${var.on_call}", "${vars.on_call}")}, "there is no `vars` to refer to", f"{JOB_PATH}:24:"),
    ({JOB_PATH: ("${var.on_call}", "${var}")}, "a name is missing", f"{JOB_PATH}:24:"),
    (
        {JOB_PATH: ("${var.on_call}", "${resources.jobs.none_job.id}")},
        "the bundle has no `none_job` among its jobs",
        JOB_PATH,
    ),
    (
        {JOB_PATH: ("pipeline: sales_crm_base_customers", "pipeline: sales_crm_base_custmers")},
        "has no pipeline",
        JOB_PATH,
    ),
    (
        {"targets/prod.yml": ("mode: production", "mode: production\n    run_as: {user_name: '${var.x}'}")},
        "no variable `x`",
        "targets/prod.yml:5:",
    ),
    # files
    ({"src/sales/crm/raw/load.py": None}, "the bundle has no file `src/sales/crm/raw/load.py`", JOB_PATH),
    ({"src/sales/crm/final/report.sql": None}, "the bundle has no file `src/sales/crm/final/report.sql`", JOB_PATH),
    ({"transform": None}, "the bundle has no file `transform/dbt_project.yml`", JOB_PATH),
    ({"src/sales/crm/raw/customers": None}, "the bundle has no folder `src/sales/crm/raw/customers`", PIPELINE_PATH),
    (
        {"src/sales/crm/base/more/extra.sql": None},
        "the bundle has no file `src/sales/crm/base/more/extra.sql`",
        PIPELINE_PATH,
    ),
    # specs
    ({JOB_PATH: ("depends_on: [load]", "depends_on: [report]")}, "tasks wait for each other", JOB_PATH),
    ({"specs/jobs/sales/crm/again.yml": JOB}, "makes `sales_crm_staging_customers_job` already", JOB_PATH),
    # the bundle's YAML
    (
        {"targets/dev.yml": ("mode: development", "mode: dev")},
        "the `mode` of target `dev` must be",
        "targets/dev.yml:4:",
    ),
    ({"targets/dev.yml": ("    mode: development\n", "")}, "the `mode` of target `dev` must be", "targets/dev.yml:3:"),
    (
        {"targets/prod.yml": ("      root_path", "      file_path")},
        "needs `workspace.root_path`",
        "targets/prod.yml:4:",
    ),
    (
        {"targets/prod.yml": ("    workspace:", "    variables: {api_token: abc}\n    workspace:")},
        "`api_token` holds a secret",
        "targets/prod.yml:5:",
    ),
    (
        {"targets/prod.yml": ("    workspace:", "    variables: {a: dapi0123456789abcdef0123}\n    workspace:")},
        "`a` holds a secret",
        "targets/prod.yml:5:",
    ),
    (
        {"databricks.yml": ("  deployer:", "  password:\n    default: abc\n  deployer:")},
        "holds a secret",
        "databricks.yml:",
    ),
    ({"databricks.yml": ("  engine: direct\n", "")}, "`bundle.engine` must be `direct`", "databricks.yml:1:"),
    (
        {"databricks.yml": ("engine: direct", "engine: terraform")},
        "`bundle.engine` must be `direct`",
        "databricks.yml:3:",
    ),
    ({"databricks.yml": ("  name: platform\n", "")}, "`bundle.name` is missing", "databricks.yml:1:"),
    (
        {"databricks.yml": ("resources:load_resources", "resources:load")},
        "`python.resources` must name",
        "databricks.yml:7:",
    ),
    ({"databricks.yml": ("resources/*.yml", "resources/**/*.yml")}, "is not recursive here", "databricks.yml:13:"),
    ({"databricks.yml": ("targets/*.yml", "targets/d*.yml")}, "targets/prod.yml is not included", "databricks.yml:11:"),
    ({"targets": None}, "there is no target", "databricks.yml"),
    ({"targets/dev.yml": "- a\n"}, "the file must be a mapping", "targets/dev.yml:1:"),
    ({"targets/dev.yml": "a: [\n"}, "invalid YAML", "targets/dev.yml:"),
    (
        {"targets/dev.yml": ("default: true", "default: true\n    default: false")},
        "duplicate key `default`",
        "targets/dev.yml:6:",
    ),
    ({"databricks.yml": "\0"}, "is no text file", "databricks.yml"),
]


@pytest.mark.parametrize(("changes", "message", "place"), RULES)
def test_a_bundle_that_breaks_one_rule_is_refused_for_that(
    changes: dict[str, Any], message: str, place: str, root: Path, dot: Dot
) -> None:
    change(root, changes)
    outcome = dot("bundle", "check", "--json")
    assert outcome.exit_code == 2, outcome
    errors = json.loads(outcome.stdout)["errors"]
    found = [error for error in errors if message in error["message"]]
    assert found, errors
    where = ":".join(str(found[0][part]) for part in ("file", "line", "column") if found[0][part] is not None)
    assert where.startswith(place)


def test_all_that_is_wrong_is_said_at_once(root: Path, dot: Dot) -> None:
    change(
        root, {"targets/dev.yml": ("development", "dev"), JOB_PATH: ("layer: staging", "layer: x"), "transform": None}
    )
    outcome = dot("bundle", "check")
    assert outcome.exit_code == 2
    assert "the `mode` of target `dev`" in outcome.stderr
    assert "`layer` must be one of" in outcome.stderr


# -- what only the real build can tell -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"resources/__init__.py": ("return load_resources_from_current_package_module()", "return Resources()")},
            "`sales_crm_staging_customers_job` is not loaded for target `dev`",
        ),
        (
            {"resources/sales/__init__.py": 'raise ValueError("broken")\n'},
            "Databricks cannot load the bundle for dev: ",
        ),
        (
            {"resources/sales/__init__.py": "from databricks.bundles.jobs import Job\n\nx = Job(name='x')\n"},
            "`x` among the jobs is loaded for target `dev`, and no spec describes it",
        ),
    ],
)
def test_what_the_real_build_loads_otherwise_is_told(
    changes: dict[str, Any], message: str, root: Path, dot: Dot
) -> None:
    change(root, {**changes, "targets/staging.yml": None, "targets/prod.yml": None})
    outcome = dot("bundle", "check")
    assert (outcome.exit_code, message in outcome.stderr) == (2, True), outcome.stderr


def test_without_the_real_build_it_says_how_to_get_it(root: Path, dot: Dot) -> None:
    make_tree(root, {".venv/bin/python": f'#!/bin/sh\nexec {sys.executable} -S -E "$@"\n'})
    (root / ".venv/bin/python").chmod(0o755)
    outcome = dot("bundle", "check")
    assert (outcome.exit_code, "dot-for-dbt[databricks]" in outcome.stderr) == (3, True)
    change(root, {"targets/dev.yml": ("development", "dev")})  # what is wrong anyway is said without it
    outcome = dot("bundle", "check")
    assert (outcome.exit_code, "the `mode` of target `dev`" in outcome.stderr) == (2, True)


def make_two() -> tuple[Made, ...]:
    texts = {JOB_PATH: JOB, PIPELINE_PATH: PIPELINE}
    made, problems = make_all((path, load_document(text, path)) for path, text in texts.items())
    assert problems == ()
    return made


LOADED = {
    "jobs": {"sales_crm_staging_customers_job": JOB_DATA},
    "pipelines": {"sales_crm_base_customers_pipeline": PIPELINE_DATA},
}


def messages(problems: Any) -> list[str]:
    return [problem.message for problem in problems if isinstance(problem, Problem)]


def test_each_target_is_compared_and_each_difference_named_by_its_path() -> None:
    other = {**LOADED, "jobs": {"sales_crm_staging_customers_job": {**JOB_DATA, "timeout_seconds": 1}}}
    (found,) = messages(find_differences(make_two(), (), [Loaded("dev", LOADED), Loaded("prod", other)]))
    assert "for target `prod`" in found
    assert found.endswith("`timeout_seconds` differs")
    assert messages(find_differences(make_two(), (), [Loaded("dev", other, ("it failed",))])) == []


def test_a_complaint_is_told_once_for_all_targets_that_have_it() -> None:
    loaded = [Loaded("dev", complaints=("a",)), Loaded("prod", complaints=("a", "b"))]
    assert messages(find_complaints(loaded)) == [
        "Databricks cannot load the bundle for dev, prod: a",
        "Databricks cannot load the bundle for prod: b",
    ]


@each(
    ("expected", "actual", "path"),
    [
        ({"a": 1}, {"a": 1}, None),
        ({"a": [1, {"b": 2}]}, {"a": [1, {"b": 2}]}, None),
        ({"a": 1}, {"a": True}, "`a`"),
        ({"a": 1}, {"a": 1.0}, "`a`"),
        ({"a": "1"}, {"a": 1}, "`a`"),
        ({"a": 1}, {}, "`a`"),
        ({}, {"a": 1}, "`a`"),
        ({"a": [1, 2]}, {"a": [1]}, "`a`"),
        ({"a": [1, {"b": 2}]}, {"a": [1, {"b": 3}]}, "`a.1.b`"),
        ({"a": {"b": {"c": 1}}}, {"a": {"b": {"c": 2}}}, "`a.b.c`"),
    ],
)
def test_a_difference_is_found_in_value_and_type(expected: Any, actual: Any, path: str | None) -> None:
    assert find_difference(expected, actual) == path


# -- what the build is given ---------------------------------------------------------------------------------------


def read(**texts: str) -> BundleConfiguration:
    names = {"root": "databricks.yml", "dev": "targets/dev.yml"}
    return BundleConfiguration({names[key]: load_document(text, names[key]) for key, text in texts.items()})


def test_a_target_says_more_than_the_bundle_and_a_later_file_more_than_an_earlier_one() -> None:
    found = read(
        root="bundle: {name: a, x: 1}\npython: {venv_path: env}\n"
        "variables: {a: {default: 1}, b: {default: 2}, c: {lookup: {warehouse: w}}, d: {}}\n"
        "resources: {jobs: {x: {}}}\n",
        dev="bundle: {x: 2}\ntargets: {dev: {variables: {a: 3, c: {default: 4}}}, prod: {}}\n",
    )
    assert found.venv == "env"
    assert found.build_input("dev") == {
        "bundle": {"name": "a", "x": 2, "target": "dev"},
        "python": {"venv_path": "env"},
        "variables": {"a": {"value": 3}, "b": {"value": 2}, "c": {"value": 4}, "d": {"value": None}},
        "resources": {"jobs": {"x": {}}},
    }
    assert read(root="targets: {dev: {variables: [a]}}\nvariables: {a: 1}\n").build_input("dev")["variables"] == {
        "a": {"value": None}
    }
    values = {name: one["value"] for name, one in found.build_input("prod")["variables"].items()}
    assert values == {"a": 1, "b": 2, "c": None, "d": None}


def test_a_pattern_that_finds_nothing_or_is_none_is_passed_over_as_the_cli_does(tmp_path: Path) -> None:
    patterns = "[., '', /etc/*.yml, 'nothing/*.yml', '**/a.yml', '***.yml', 3, '../*.yml', 'sub/*']"
    root = tmp_path / "platform"
    make_tree(root, {"databricks.yml": f"include: {patterns}\n", "sub/a.yml": "", "sub/deep/a.yml": "", "../b.yml": ""})
    found = read_configuration(root, root)
    assert list(found.documents) == ["databricks.yml", "sub/a.yml", "../b.yml"]
