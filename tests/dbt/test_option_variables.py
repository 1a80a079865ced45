from cases import each
from dot.dbt.option_variables import list_variables, may_be_switched_on, read_variable


@each("option", ["target-path", "--target-path", "target_path", "TARGET_PATH"])
def test_an_option_has_a_newer_and_an_older_variable(option: str) -> None:
    assert list_variables(option) == ("DBT_ENGINE_TARGET_PATH", "DBT_TARGET_PATH")


@each(
    ("environ", "value", "value_for_older_dbt"),
    [
        ({}, None, None),
        ({"DBT_TARGET": ""}, None, None),
        ({"DBT_TARGET": "old"}, "old", "old"),
        ({"DBT_ENGINE_TARGET": "new"}, "new", None),
        ({"DBT_ENGINE_TARGET": "new", "DBT_TARGET": "old"}, "new", "old"),
        ({"DBT_ENGINE_TARGET": "", "DBT_TARGET": "old"}, "old", "old"),
    ],
)
def test_the_newer_variable_wins_where_dbt_knows_it(
    environ: dict[str, str], value: str | None, value_for_older_dbt: str | None
) -> None:
    assert read_variable(environ, "target") == value
    assert read_variable(environ, "target", is_newer_known=False) == value_for_older_dbt


@each(
    ("environ", "is_on"),
    [
        ({}, False),
        ({"DBT_EMPTY": "1"}, True),
        ({"DBT_EMPTY": "0"}, False),
        ({"DBT_EMPTY": " False "}, False),
        ({"DBT_EMPTY": "off"}, False),
        ({"DBT_EMPTY": "on"}, True),
        ({"DBT_ENGINE_EMPTY": "3 days"}, True),
        ({"DBT_ENGINE_EMPTY": "false", "DBT_EMPTY": "true"}, True),
        ({"DBT_ENGINE_EMPTY": "true", "DBT_EMPTY": "false"}, True),
        ({"DBT_ENGINE_EMPTY": "", "DBT_EMPTY": "true"}, True),
    ],
)
def test_an_option_may_be_switched_on_by_either_variable(environ: dict[str, str], *, is_on: bool) -> None:
    assert may_be_switched_on(environ, "--empty") == is_on
