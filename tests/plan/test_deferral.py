"""What a build has is read from the build, whatever the command; only what it lacks from the baseline."""

import json

import pytest

from cases import each
from dot.base.address import Address
from dot.base.errors import UsageError
from dot.dbt.engine import Dbt
from dot.dbt.manifest import Manifest, parse_manifest
from dot.dbt.options import scan_options
from dot.dbt.writes import WRITES
from dot.plan.deferral import (
    DEFERRING,
    check_deferral,
    describe_baseline,
    warn_of_engines,
)
from dot.plan.deferred_nodes import choose_functions, explain_function, warn_of_folders, warn_of_foreign_keys
from dot.plan.facts import Facts
from dot.plan.planner import plan_build
from dot.plan.request import DbtRequest
from dot.plan.retry import Retried
from dot.plan.step import CheckIsolation, ChooseFunctions
from examples.plans import BASELINE, dbt_step, make_facts, make_isolated_facts, plan, with_options

STATE = str(BASELINE.state)
MAIN = Address(environment="dev", ref="main")
WRITERS = ("build", "clone", "run", "seed", "snapshot")


def read_words(facts: Facts, command: str, *extra: str, no_defer: bool = False) -> dict[str, object]:
    """What dbt is told of deferring, as it understands it: of a word that stands twice the last counts."""
    words = dbt_step(plan(command, *extra, facts=facts, no_defer=no_defer)).argv[1:]
    names = ("--defer", "--favor-state", "--state", "--defer-state")
    found = {one.option.name: one for one in scan_options(command, words) if one.option.name in names}
    return {name: "".join(one.values) or not one.is_negative for name, one in found.items()}


@each("command", [command for command in DEFERRING if command != "retry"])
def test_a_command_of_an_isolated_build_never_prefers_the_baseline(command: str) -> None:
    facts = make_isolated_facts(baseline=BASELINE)

    assert read_words(facts, command) == {
        "--defer": True,
        "--favor-state": False,
        "--state": STATE,
        "--defer-state": STATE,
    }


@each("command", [command for command in DEFERRING if command != "retry"])
def test_a_live_command_prefers_the_baseline_only_if_it_writes_models(command: str) -> None:
    assert (command in WRITERS) == read_words(make_facts(baseline=BASELINE), command)["--favor-state"]


@each("facts", [make_facts(), make_isolated_facts()])
def test_to_defer_to_nothing_is_said_to_dbt(facts: Facts) -> None:
    assert read_words(facts, "show", no_defer=True) == {"--defer": False}
    assert ({"--defer": False} if facts.commit else {}) == read_words(facts, "show")


def test_what_prefers_the_baseline_in_an_isolated_build_is_left_out_or_refused() -> None:
    built = plan(facts=with_options(favor_state=True))
    assert built.options_not_applied == ("favor-state",)
    assert "--favor-state" not in dbt_step(built).argv
    with pytest.raises(UsageError, match=r"`--favor-state` cannot be given: an isolated build decides it"):
        plan("build", "--favor-state")


def test_words_of_dbts_own_may_defer_elsewhere_but_never_prefer_what_is_there() -> None:
    words = ("--defer", "--state", "elsewhere")

    expected = {"--defer": True, "--favor-state": False, "--state": "elsewhere"}
    assert read_words(make_isolated_facts(), "build", *words) == expected
    assert expected.keys() - {"--favor-state"} == read_words(make_facts(), "build", *words).keys()


def test_a_state_to_compare_with_is_not_what_is_deferred_to() -> None:
    facts = make_isolated_facts(baseline=BASELINE)

    words = read_words(facts, "build", "--state", "elsewhere")
    assert (words["--state"], words["--defer-state"]) == ("elsewhere", STATE)


@each("name", ["DBT_FAVOR_STATE", "DBT_ENGINE_FAVOR_STATE", "DBT_FAVOR_STATE_MODE"])
def test_the_shell_cannot_prefer_the_baseline(name: str) -> None:
    assert dbt_step(plan()).env[name] is None
    assert dbt_step(plan("test", facts=make_facts(baseline=BASELINE))).env[name] is None
    assert name not in dbt_step(plan("test", facts=make_facts())).env


@each("name", ["DBT_DEFER", "DBT_STATE", "DBT_ENGINE_DEFER_STATE", "DBT_ENGINE_MANAGE_STATE"])
def test_the_shell_cannot_make_an_isolated_build_defer(name: str) -> None:
    assert dbt_step(plan("show")).env[name] is None
    assert name not in dbt_step(plan("show", facts=make_facts(baseline=BASELINE))).env


def test_an_isolated_build_defers_to_nothing_unless_the_environment_says_so() -> None:
    assert False is read_words(make_isolated_facts(), "build")["--defer"]
    assert True is read_words(with_options(defer=True, state="prod"), "build")["--defer"]


@each(
    ("request_", "message"),
    [
        (
            DbtRequest(dbt_command="run", baseline=MAIN, no_defer=True),
            "`--defer` and `--no-defer` contradict each other",
        ),
        (DbtRequest(dbt_command="run", baseline=MAIN, extra=("--defer-state", "x")), "contradict dot's `--defer`"),
        (DbtRequest(dbt_command="run", no_defer=True, extra=("--defer",)), "contradict dot's `--no-defer`"),
        (DbtRequest(dbt_command="retry", baseline=MAIN), "cannot defer otherwise"),
        (DbtRequest(dbt_command="retry", no_defer=True), "cannot defer otherwise"),
    ],
)
def test_words_that_contradict_each_other_are_refused(request_: DbtRequest, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        check_deferral(request_)


@each("words", [{}, {"baseline": MAIN}, {"no_defer": True}, {"extra": ("--defer", "--state", "x")}])
def test_words_that_agree_are_taken(words: dict[str, object]) -> None:
    check_deferral(DbtRequest(dbt_command="run", **words))  # pyrefly: ignore


def test_a_person_reads_which_baseline_is_in_force_and_whence() -> None:
    remembered = BASELINE.model_copy(update={"is_remembered": True})

    assert describe_baseline(BASELINE) == "what it lacks is read from prod@9d8c7b6"
    assert (
        describe_baseline(remembered)
        == "what it lacks is read from prod@9d8c7b6 (remembered; `--no-defer` leaves it out)"
    )


def manifest_with(code: str, **more: object) -> Manifest:
    """A manifest with a function of this code, and a model that calls it."""
    function = {"resource_type": "function", "name": "f", "raw_code": code, **more}
    model = {"resource_type": "model", "name": "m", "depends_on": {"nodes": ["function.shop.f"]}}
    made = {"metadata": {"dbt_schema_version": "v12"}, "functions": {"function.shop.f": function}}
    found = parse_manifest(json.dumps({**made, "nodes": {"model.shop.m": model}}))
    assert found
    return found


FUNCTION = "function.shop.f"
NOT_SAME = {
    "code": (manifest_with("x + 2"), manifest_with("x + 1")),
    "a type": (manifest_with("x", returns={"data_type": "int"}), manifest_with("x")),
    "configuration": (manifest_with("x", config={"volatility": "stable"}), manifest_with("x")),
    "Jinja": (manifest_with("x + {{ var('n') }}"),) * 2,
    "a block of Jinja": (manifest_with("x {% if a %}{% endif %}"),) * 2,
    "parents": (manifest_with("x", depends_on={"nodes": ["model.shop.a"]}),) * 2,
}


@each("what", NOT_SAME)
def test_a_function_that_may_differ_is_left_out_of_the_baseline(what: str) -> None:
    assert choose_functions(*NOT_SAME[what]) == {FUNCTION: ("m",)}


def test_a_function_that_is_the_same_or_not_there_stays() -> None:
    mine = manifest_with("x + 1")

    assert choose_functions(mine, mine) == {}
    assert choose_functions(mine, mine.model_copy(update={"functions": {}})) == {}


def test_who_calls_a_function_is_said_for_five_of_them() -> None:
    assert explain_function("f", ("a", "b")).endswith("is called in a, b")
    assert explain_function("f", tuple("abcdef")).endswith("is called in a, b, c, d, e and 1 more")


WITH_FUNCTIONS = BASELINE.model_copy(update={"functions": ("f", "g")})


@each(("command", "is_chosen"), [("run", True), ("retry", True), ("show", True), ("list", False)])
def test_the_functions_of_a_baseline_are_chosen_before_dbt_calls_them(command: str, is_chosen: bool) -> None:  # noqa: FBT001
    retried = Retried(command="run", is_deferred=True, favors_state=False)
    facts = make_isolated_facts(baseline=WITH_FUNCTIONS, retried=retried)
    steps = plan(command, facts=facts).steps
    words = read_words(facts, command)
    folders = [str(step.path.parent) for step in steps if isinstance(step, ChooseFunctions)]

    assert folders == ([words["--defer-state"]] if is_chosen else [])
    assert (words["--defer-state"] != STATE) == is_chosen
    assert words.get("--state", STATE) == STATE


def test_what_is_selected_is_asked_with_the_baseline_as_it_is() -> None:
    (check,) = (
        step
        for step in plan("run", facts=make_isolated_facts(baseline=WITH_FUNCTIONS)).steps
        if isinstance(step, CheckIsolation)
    )
    assert check.select_argv[check.select_argv.index("--defer-state") + 1] == STATE


def test_a_live_build_warns_of_the_functions_that_dbt_calls() -> None:
    facts = make_facts(baseline=WITH_FUNCTIONS)
    line = "dbt calls the functions of prod@9d8c7b6, even those that are built here: `f`, `g`"
    many = BASELINE.model_copy(update={"functions": tuple("abcdef")})

    assert plan("run", facts=facts).warnings == (line,)
    assert plan("list", facts=facts).warnings == ()
    assert plan("run", facts=make_facts(baseline=BASELINE)).warnings == ()
    assert plan("run", facts=make_facts(baseline=many)).warnings[0].endswith("`e` and 1 more")


def test_a_foreign_key_that_may_lead_to_the_baseline_is_named() -> None:
    keys = [{"type": "foreign_key", "to": "ref('a')"}, {"type": "foreign_key", "to": "other.table"}, {"type": "check"}]
    columns = {"id": {"constraints": [{"type": "foreign_key", "to": "ref('d')"}]}, "n": {}}
    model = {"resource_type": "model", "name": "m", "constraints": keys, "columns": columns}
    bare = {"resource_type": "model", "name": "n"}
    nodes = {"model.shop.m": model, "model.shop.n": bare}
    found = parse_manifest(json.dumps({"metadata": {"dbt_schema_version": "v12"}, "nodes": nodes}))
    assert found

    first, second = warn_of_foreign_keys(found)

    assert "the foreign key of `m` to ref('a') may lead to the baseline's" in first
    assert "the foreign key of `m` to ref('d')" in second


def test_a_view_that_reads_a_file_of_its_readers_folder_is_named_where_it_is_read() -> None:
    view = {"resource_type": "model", "name": "rates", "config": {"materialized": "view"}}
    view |= {"raw_code": "select * from read_csv('data/rates.csv')"}
    reader = {"resource_type": "model", "name": "m", "depends_on": {"nodes": ["model.shop.rates"]}}
    metadata = {"dbt_schema_version": "v12", "adapter_type": "duckdb"}
    alone = {"metadata": metadata, "nodes": {"model.shop.rates": view}}
    found = [
        parse_manifest(json.dumps(data))
        for data in (alone, alone | {"nodes": alone["nodes"] | {"model.shop.m": reader}})
    ]
    said = [warn_of_folders(manifest) for manifest in found if manifest]
    assert [len(lines) for lines in said] == [0, 1]
    assert "`rates` reads data/rates.csv in the folder of whoever asks" in said[1][0]


def test_every_command_that_writes_relations_may_defer() -> None:
    assert WRITES.keys() <= set(DEFERRING)


@each(
    ("mine", "other", "is_told"),
    [
        ("2.0.0a4", "1.11.16", True),
        ("1.12.6", "2.0.9", True),
        ("2.0.9", "2.0.8", False),
        ("1.11.1", "1.12.6", False),
        (None, "2.0.9", False),
        ("2.0.9", None, False),
    ],
)
def test_a_baseline_of_the_other_engine_is_told(mine: str | None, other: str | None, is_told: bool) -> None:  # noqa: FBT001
    baseline, dbt = BASELINE.model_copy(update={"dbt_version": other}), Dbt(command=("dbt",), version=mine)
    told = f"{BASELINE.address} was made by dbt {other}, and this is dbt {mine}: "
    for facts in (make_facts(dbt=dbt, baseline=baseline), make_isolated_facts(dbt=dbt, baseline=baseline)):
        warnings = plan_build(DbtRequest(dbt_command="run"), facts).warnings
        assert any(warning.startswith(told) for warning in warnings) == is_told
    assert not warn_of_engines(dbt, None)
