"""The page of every field of a spec is the one that the models give."""

from pathlib import Path

from dot.bundle.describe_specs import render_page
from dot.bundle.job_spec import JobSpec
from dot.bundle.parse_spec import task_models
from dot.bundle.pipeline_spec import PipelineSpec

PAGE = Path(__file__).parent.parent.parent / "docs" / "resource-generation.md"


def test_the_page_is_up_to_date() -> None:
    assert PAGE.read_text("utf-8") == render_page(), "`just specs` writes it"


def test_every_field_is_described() -> None:
    page = render_page()
    fields = {name for model in (JobSpec, PipelineSpec, *task_models().values()) for name in model.model_fields}
    assert [name for name in sorted(fields) if f"| `{name}` | " not in page] == []
    assert [line for line in page.splitlines() if line.endswith("|  |")] == []
