"""The real build of `databricks-bundles` loads what the specs say, field by field, for every target."""

import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from builders import Outcome, make_tree
from dot.base.errors import OutsideError
from dot.bundle.find_build import build, find_python
from dot.bundle.modules import make_all
from dot.system.yaml import dump, load_documents
from examples.made_up_specs import specs
from examples.specs import JOB, JOB_DATA, JOB_PATH, MORE_SPECS, PIPELINE, PIPELINE_DATA, PIPELINE_PATH

Dot = Callable[..., Outcome]

PYTHON = Path(sys.executable)
TARGETS = ("dev", "staging", "prod")


def configuration(target: str) -> dict[str, Any]:
    return {
        "bundle": {"target": target},
        "python": {"resources": ["resources:load_resources"]},
        "variables": {"warehouse_id": {"value": "x"}, "deployer": {"value": "y"}},
    }


def make_specs() -> Mapping[str, str]:
    """The examples, and specs that nobody has thought of."""
    found = {JOB_PATH: JOB, PIPELINE_PATH: PIPELINE, **MORE_SPECS}

    @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
    @given(specs())
    def collect(pair: tuple[dict[str, Any], dict[str, Any]]) -> None:
        data, _ = pair
        found[f"specs/{data['kind']}s/{data['domain']}/{data['source']}/{data['layer']}.yml"] = dump(data)

    collect()
    return found


def test_what_is_loaded_is_what_the_specs_say_for_every_target(
    tmp_path: Path, dot: Dot, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = make_specs()
    documents = zip(texts, load_documents((text, path) for path, text in texts.items()), strict=True)
    made, _ = make_all(documents)
    good = {one.path: texts[one.path] for one in made}  # of those made up, some hold what looks like a secret
    assert len(good) > 20
    make_tree(tmp_path, {"databricks.yml": "bundle: {name: platform}\n", **good})
    monkeypatch.chdir(tmp_path)
    assert dot("bundle", "generate").exit_code == 0
    expected: dict[str, dict[str, Any]] = {"jobs": {}, "pipelines": {}}
    for one in made:
        kind, key = one.resource.address.split(".")
        expected[kind][key] = one.data
    assert expected["jobs"]["sales_crm_staging_customers_job"] == JOB_DATA
    assert expected["pipelines"]["sales_crm_base_customers_pipeline"] == PIPELINE_DATA
    for target in TARGETS:
        built = build(tmp_path, PYTHON, configuration(target), os.environ)
        assert built.complaints == ()
        assert built.resources == expected


@pytest.fixture
def loader(tmp_path: Path) -> Path:
    """A bundle that loads nothing yet."""
    from dot.bundle.emit import LOADER  # noqa: PLC0415

    make_tree(tmp_path, {"resources/__init__.py": LOADER})
    return tmp_path


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("from databricks.bundles.jobs import Job\na = Job.from_dict({'nam': 'x'})\n", "nam"),
        ("from databricks.bundles.jobs import Job\na = Job.from_dict({'queue': 'x'})\n", "queue"),
        ("import os\nos._exit(3)\n", "exit code 3"),
        ("import os, sys\nsys.stderr.write('gone\\n')\nsys.stderr.flush()\nos._exit(3)\n", "gone"),
        ("a = (\n", "never closed"),
    ],
)
def test_what_the_build_complains_of_is_told(text: str, complaint: str, loader: Path) -> None:
    make_tree(loader, {"resources/a.py": text})
    built = build(loader, PYTHON, configuration("dev"), os.environ)
    assert complaint in " ".join(built.complaints)
    assert built.resources == {}


def test_the_build_leaves_nothing_behind_and_reads_no_variable_of_pythons(loader: Path) -> None:
    before = sorted(path.name for path in loader.rglob("*"))
    built = build(
        loader, PYTHON, configuration("dev"), {**os.environ, "PYTHONPATH": "/nowhere", "PYTHONHOME": "/nowhere"}
    )
    assert (built.resources, built.complaints) == ({}, ())
    assert sorted(path.name for path in loader.rglob("*")) == before


def test_the_bundles_own_python_is_taken_where_it_has_one(tmp_path: Path) -> None:
    assert find_python(tmp_path, None) == PYTHON
    make_tree(tmp_path, {".venv/bin/python": "", "other/bin/python": ""})
    assert find_python(tmp_path, None) == tmp_path / ".venv/bin/python"
    assert find_python(tmp_path, "other") == tmp_path / "other/bin/python"


def test_without_databricks_bundles_it_says_how_to_get_it(loader: Path) -> None:
    make_tree(loader, {"python": f'#!/bin/sh\nexec {PYTHON} -S -E "$@"\n'})
    (loader / "python").chmod(0o755)
    with pytest.raises(OutsideError) as raised:
        build(loader, loader / "python", configuration("dev"), os.environ)
    assert "dot-for-dbt[databricks]" in (raised.value.problems[0].hint or "")
