"""A profile becomes the isolated profile of a build: one output, its schema suffixed."""

from pathlib import PurePath
from typing import Any

import pytest

from cases import each
from dot.base.errors import Location, Problem, ProfileError
from dot.base.frozen import FrozenMapping, thaw
from dot.dbt.jinja_text import has_jinja
from dot.profile.isolate import ProfileFacts, adapter_type, isolate_profile, outputs_of, select_output, select_profile
from examples.plans import make_profile

SUFFIX = "_a1b2c3d"
FILE = PurePath("/home/ada/.dbt/profiles.yml")

WITH_A_SCHEMA = (
    *("athena", "bigquery", "clickhouse", "databricks", "doris", "dremio", "duckdb", "exasol", "fabric", "mariadb"),
    *("materialize", "mysql", "mysql5", "postgres", "redshift", "risingwave", "snowflake", "spark", "sqlite"),
    *("sqlserver", "starrocks", "trino", "no-such-adapter"),
)


def output_of(profile: ProfileFacts) -> dict[str, Any]:
    """The output of the isolated profile."""
    content = thaw(isolate_profile(profile, SUFFIX).content)
    return content[profile.name]["outputs"][profile.target]


def refusal(profile: ProfileFacts) -> Problem:
    """Why the profile cannot be isolated."""
    with pytest.raises(ProfileError) as raised:
        isolate_profile(profile, SUFFIX)
    (problem,) = raised.value.problems
    return problem


# -- the schema ----------------------------------------------------------------------------------------------------


@each("adapter", WITH_A_SCHEMA)
def test_the_schema_of_every_adapter_is_suffixed_and_the_rest_is_kept(adapter: str) -> None:
    profile = make_profile({"type": adapter, "schema": "analytics", "host": "db", "threads": 4, "on": None})

    assert output_of(profile) == {
        "type": adapter,
        "schema": "analytics_a1b2c3d",
        "host": "db",
        "threads": 4,
        "on": None,
    }
    assert isolate_profile(profile, SUFFIX).schema_name == "analytics_a1b2c3d"


@each("adapter", ["bigquery", "no-such-adapter"])
def test_a_dataset_is_a_schema(adapter: str) -> None:
    assert output_of(make_profile({"type": adapter, "dataset": "analytics"})) == {
        "type": adapter,
        "dataset": "analytics_a1b2c3d",
    }


@pytest.mark.parametrize("schema_key", ["schema", "dremio_space_folder", "folder"])
@pytest.mark.parametrize("path_key", ["root_path", "object_storage_path"])
def test_dremio_has_one_schema_for_views_and_one_for_tables(schema_key: str, path_key: str) -> None:
    profile = make_profile({"type": "dremio", schema_key: "views", path_key: "lake.tables"})

    assert output_of(profile) == {"type": "dremio", schema_key: "views_a1b2c3d", path_key: "lake.tables_a1b2c3d"}
    assert isolate_profile(profile, SUFFIX).schema_name == "views_a1b2c3d"


@pytest.mark.parametrize(("adapter", "schema"), [("duckdb", "main"), ("clickhouse", "default")])
@pytest.mark.parametrize("output", [{}, {"schema": None}])
def test_the_default_schema_of_an_adapter_stands_where_the_profile_names_none(
    adapter: str, schema: str, output: dict[str, Any]
) -> None:
    assert output_of(make_profile({"type": adapter, **output})) == {"type": adapter, "schema": f"{schema}_a1b2c3d"}


@each("adapter", ["clickhouse", "doris", "mariadb", "mysql", "mysql5", "spark", "starrocks"])
def test_a_database_that_must_equal_the_schema_goes(adapter: str) -> None:
    profile = make_profile({"type": adapter, "schema": "analytics", "database": "analytics"})

    assert output_of(profile) == {"type": adapter, "schema": "analytics_a1b2c3d"}


@each("adapter", ["postgres", "snowflake", "duckdb", "trino", "databricks"])
def test_a_database_that_is_none_stays(adapter: str) -> None:
    profile = make_profile({"type": adapter, "schema": "analytics", "database": "shop"})

    assert output_of(profile)["database"] == "shop"


@each(
    ("schema", "expected"),
    [
        ("analytics\n", "analytics_a1b2c3d"),
        (" analytics ", "analytics_a1b2c3d"),
        ("{{ env_var('SCHEMA') }}", "{{ env_var('SCHEMA') }}_a1b2c3d"),
        ("{{ env_var('SCHEMA') }}\n", "{{ env_var('SCHEMA') }}_a1b2c3d"),
        ("{% if x %}a{% else %}b{% endif %}", "{% if x %}a{% else %}b{% endif %}_a1b2c3d"),
        ("Analytics", "Analytics_a1b2c3d"),
    ],
)
def test_the_suffix_follows_the_schema_as_it_is_written(schema: str, expected: str) -> None:
    profile = make_profile({"type": "postgres", "schema": schema}, rendered={"schema": "analytics"})

    assert output_of(profile)["schema"] == expected
    assert isolate_profile(profile, SUFFIX).schema_name == expected


@each(
    ("output", "rendered", "reason"),
    [
        ({"type": "postgres"}, {}, "names no `schema`"),
        ({"type": "postgres", "dataset": "x"}, {}, "names no `schema`"),
        ({}, {}, "names no `schema` or `dataset`"),
        ({"type": "bigquery"}, {}, "names no `schema` or `dataset`"),
        ({"type": "dremio"}, {}, "names no `schema` or `dremio_space_folder`"),
        ({"type": "postgres", "schema": None}, {}, "names no `schema`"),
        ({"type": "postgres", "schema": 5}, {}, "has a `schema` that is no text"),
        ({"type": "bigquery", "dataset": ["x"]}, {}, "has a `dataset` that is no text"),
        ({"type": "postgres", "schema": ""}, {}, "has a `schema` that is empty"),
        ({"type": "duckdb", "schema": " \n"}, {}, "has a `schema` that is empty"),
        ({"type": "postgres", "schema": "{{ x }}"}, {"schema": ""}, "has a `schema` that is empty"),
        ({"type": "postgres", "schema": "{{ x }}"}, {"schema": "  "}, "has a `schema` that is empty"),
        ({"type": "dremio", "schema": "a", "root_path": ""}, {}, "has a `root_path` that is empty"),
    ],
)
def test_a_profile_without_a_schema_cannot_be_isolated(
    output: dict[str, Any], rendered: dict[str, str], reason: str
) -> None:
    assert refusal(make_profile(output, rendered=rendered)) == Problem(
        f"output `dev` of profile `shop` {reason}",
        Location(str(FILE)),
        hint="an isolated build needs a schema to derive its own from",
    )


# -- the rest ------------------------------------------------------------------------------------------------------


def test_the_profile_has_its_one_output_as_target() -> None:
    profile = make_profile({"type": "duckdb", "schema": "a"})

    assert isolate_profile(profile, SUFFIX).content == FrozenMapping(
        {"shop": {"target": "dev", "outputs": {"dev": {"type": "duckdb", "schema": "a_a1b2c3d"}}}}
    )


@each("flags", [{}, {"send_anonymous_usage_stats": False}])
def test_flags_in_the_profiles_file_are_kept(flags: dict[str, Any]) -> None:
    profile = make_profile({"type": "duckdb"}, flags=FrozenMapping(flags))

    assert isolate_profile(profile, SUFFIX).content["config"] == FrozenMapping(flags)


def test_jinja_in_any_field_stays_unrendered() -> None:
    output = {"type": "{{ t }}", "schema": "{{ s }}", "host": "{{ env_var('HOST') }}", "port": "{{ p | as_number }}"}
    profile = make_profile(output, rendered={"type": "duckdb", "schema": "x"})

    assert output_of(profile) == output | {"schema": "{{ s }}_a1b2c3d"}


def test_the_same_profile_gives_the_same_result_whatever_the_order_of_its_fields() -> None:
    fields = {"type": "postgres", "schema": "a", "password": "hunter2", "token": "x", "sslcert": "cert.pem"}
    one, other = make_profile(fields), make_profile(dict(reversed(fields.items())))

    assert isolate_profile(one, SUFFIX) == isolate_profile(other, SUFFIX)


@each(
    ("output", "rendered", "adapter"),
    [
        ({"type": "duckdb"}, {}, "duckdb"),
        ({"type": "{{ t }}"}, {"type": "postgres"}, "postgres"),
        ({}, {}, "None"),
    ],
)
def test_the_adapter_is_what_the_type_means(output: dict[str, str], rendered: dict[str, str], adapter: str) -> None:
    assert adapter_type(make_profile(output, rendered=rendered)) == adapter


@each(
    ("value", "expected"),
    [
        ("{{ x }}", True),
        ("a{{x\n}}b", True),
        ("{% if x %}", True),
        ("{# note #}", True),
        ("{{ x", False),
        ("{ x }", False),
        ("", False),
        (5, False),
        (None, False),
    ],
)
def test_jinja_is_recognised(value: object, expected: bool) -> None:  # noqa: FBT001
    assert has_jinja(value) == expected


# -- looking one up ------------------------------------------------------------------------------------------------

PROFILES: dict[str, Any] = {
    "config": {"use_colors": False},
    "shop": {"target": "dev", "outputs": {"dev": {"type": "duckdb"}, "prod": {"type": "postgres"}, "odd": 5}},
    "odd": 5,
    "bare": {"target": "dev"},
}


def test_an_output_is_found_by_profile_and_target() -> None:
    assert select_profile(PROFILES, FILE, "shop") == PROFILES["shop"]
    assert select_output(PROFILES, FILE, "shop", "prod") == {"type": "postgres"}


@each(("name", "hint"), [("shpo", "did you mean `shop`?"), ("zzz", None), ("odd", "did you mean `odd`?")])
def test_a_profile_that_is_not_there_is_an_error_that_names_those_that_are(name: str, hint: str | None) -> None:
    with pytest.raises(ProfileError) as raised:
        select_profile(PROFILES, FILE, name)

    notes = ("profiles: shop, odd, bare",)
    assert raised.value.problems == (Problem(f"there is no profile `{name}`", Location(str(FILE)), notes, hint),)


FALLBACK = "an environment's `target` names the output it uses, if not its own name"


@each(
    ("profile", "target", "outputs", "hint"),
    [
        ("shop", "prd", "dev, prod, odd", "did you mean `prod`?"),
        ("shop", "zzz", "dev, prod, odd", FALLBACK),
        ("shop", "default", "dev, prod, odd", FALLBACK),
    ],
)
def test_an_output_that_is_not_there_is_never_replaced_by_another(
    profile: str, target: str, outputs: str, hint: str
) -> None:
    with pytest.raises(ProfileError) as raised:
        select_output(PROFILES, FILE, profile, target)

    message = f"profile `{profile}` has no output `{target}`"
    expected = Problem(message, Location(str(FILE)), (f"outputs: {outputs}",), hint)
    assert raised.value.problems == (expected,)


@each(
    ("profile", "target", "message"),
    [
        ("bare", "dev", "profile `bare` has no outputs"),
        ("shop", "odd", "output `odd` of profile `shop` must be a mapping"),
    ],
)
def test_an_output_must_hold_something(profile: str, target: str, message: str) -> None:
    with pytest.raises(ProfileError) as raised:
        select_output(PROFILES, FILE, profile, target)

    (problem,) = raised.value.problems
    assert (problem.message, problem.location) == (message, Location(str(FILE)))


@each("profile", [{}, {"outputs": None}, {"outputs": [1]}])
def test_a_profile_may_have_no_outputs(profile: dict[str, Any]) -> None:
    assert outputs_of(profile) == {}
