"""Names, and which domain and source a path belongs to."""

from hypothesis import given
from hypothesis import strategies as st

from cases import each
from dot.bundle.layout import (
    ASSET_PATTERN,
    LAYERS,
    NAME_PATTERN,
    Resource,
    Scope,
    asset_problem,
    domain_of,
    join_name,
    list_specs_folders,
    name_problem,
    resource_of,
    scope_of,
)

CRM = Scope("sales", "crm")

names = st.from_regex(NAME_PATTERN, fullmatch=True).filter(lambda name: not name_problem(name))
assets = st.from_regex(ASSET_PATTERN, fullmatch=True).filter(lambda name: not asset_problem(name))


@each(
    ("path", "scope"),
    [
        ("resources/sales/crm/jobs/sales_crm_raw_a.py", CRM),
        ("resources/sales/crm/__init__.py", CRM),
        ("src/sales/crm/raw/load.py", CRM),
        ("specs/jobs/sales/crm/a.yml", CRM),
        ("specs/pipelines/sales/crm/deep/a.yml", CRM),
        ("resources/sales/__init__.py", None),
        ("resources/__init__.py", None),
        ("specs/tables/sales/crm/a.yml", None),
        ("specs/sales/crm/a.yml", None),
        ("src/Sales/crm/a.py", None),
        ("src/sales/c_r_m/a.py", None),
        ("targets/sales/crm/a.yml", None),
        ("databricks.yml", None),
        ("", None),
    ],
)
def test_a_path_belongs_to_the_source_that_it_names(path: str, scope: Scope | None) -> None:
    assert scope_of(path) == scope


@each(
    ("path", "domain"),
    [
        ("resources/sales/__init__.py", "sales"),
        ("src/sales/README.md", "sales"),
        ("specs/jobs/sales/notes.md", "sales"),
        ("specs/sales/notes.md", None),
        ("resources/sales/crm/__init__.py", None),
        ("resources/__init__.py", None),
        ("resources/Sales/a.py", None),
        ("docs/sales/a.md", None),
    ],
)
def test_a_file_directly_in_a_domain_belongs_to_it(path: str, domain: str | None) -> None:
    assert domain_of(path) == domain


@each(
    ("name", "reason"),
    [
        ("sales", None),
        ("s", None),
        ("s2", None),
        ("a" * 31, None),
        ("match", None),
        ("a" * 32, "1 to 31 characters"),
        ("", "1 to 31 characters"),
        ("Sales", "1 to 31 characters"),
        ("sales\n", "1 to 31 characters"),
        ("2sales", "1 to 31 characters"),
        ("sales_eu", "no underscore"),
        ("säles", "1 to 31 characters"),
        ("class", "keyword"),
        ("databricks", "would hide"),
    ],
)
def test_a_domain_and_a_source_are_one_lower_case_word(name: str, reason: str | None) -> None:
    problem = name_problem(name)
    assert reason in problem if reason and problem else problem is reason


@each(
    ("name", "reason"),
    [
        ("customers", None),
        ("a_b_2", None),
        ("a" * 40, None),
        ("a" * 41, "41 characters"),
        ("_a", "snake case"),
        ("a__b", "snake case"),
        ("a_", "snake case"),
        ("A", "snake case"),
        ("", "snake case"),
        ("a\n", "snake case"),
    ],
)
def test_an_asset_is_snake_case_of_at_most_40_characters(name: str, reason: str | None) -> None:
    problem = asset_problem(name)
    assert reason in problem if reason and problem else problem is reason


@given(names, names, st.sampled_from(LAYERS), assets)
def test_a_name_can_be_taken_apart_again(domain: str, source: str, layer: str, asset: str) -> None:
    name = join_name(Scope(domain, source), layer, asset)
    assert name.split("_", 3) == [domain, source, layer, asset]


@given(names, names, st.sampled_from(["job", "pipeline"]), st.sampled_from(LAYERS), assets)
def test_a_module_is_found_by_its_path(domain: str, source: str, kind: str, layer: str, asset: str) -> None:
    scope = Scope(domain, source)
    resource = Resource(scope, kind, join_name(scope, layer, asset))  # pyrefly: ignore
    assert resource_of(resource.module) == resource
    assert scope_of(resource.module) == scope


@each(
    "path",
    [
        "resources/sales/crm/jobs/__init__.py",
        "resources/sales/crm/jobs/a.yml",
        "resources/sales/crm/tables/a.py",
        "resources/sales/crm/a.py",
        "resources/sales/crm/jobs/deep/a.py",
        "src/sales/crm/jobs/a.py",
        "resources/__init__.py",
    ],
)
def test_any_other_path_is_no_module(path: str) -> None:
    assert resource_of(path) is None


def test_a_key_says_its_kind_so_that_no_job_and_pipeline_share_one() -> None:
    job, pipeline = (Resource(CRM, kind, "sales_crm_raw_a") for kind in ("job", "pipeline"))  # pyrefly: ignore
    assert (job.address, pipeline.address) == ("jobs.sales_crm_raw_a_job", "pipelines.sales_crm_raw_a_pipeline")
    assert list_specs_folders(CRM) == ("specs/jobs/sales/crm", "specs/pipelines/sales/crm")
