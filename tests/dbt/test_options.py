"""Which option each dbt command takes, and what an environment's options become on its command line."""

from typing import Any

import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from cases import each
from dot.base.frozen import FrozenMapping, freeze
from dot.dbt.option_help import HELP
from dot.dbt.option_table import COMMANDS, COMMON, OPTIONS
from dot.dbt.options import (
    OWNED,
    Option,
    describe_values,
    find_option,
    key_problem,
    known_options,
    render_option,
    render_options,
    scan_options,
    takes,
)
from examples.plans import JSON_OBJECTS, as_text

VALUES: dict[str, st.SearchStrategy[Any]] = {
    "flag": st.booleans(),
    "integer": st.integers(),
    "text": st.text() | st.integers() | st.floats(allow_nan=False, allow_infinity=False),
    "mapping": JSON_OBJECTS | st.text(),
    "list": st.text() | st.lists(st.text() | st.integers()),
}
KNOWN = {option.name: option for option in known_options().values()}
KEYS = tuple(name.removeprefix("--") for name in KNOWN)
NAMES = sorted({name for commands in COMMANDS.values() for name in commands})


@st.composite
def environments(draw: st.DrawFn) -> FrozenMapping:
    """Options of an environment, each with a value of its kind."""
    keys = draw(st.lists(st.sampled_from(KEYS), unique=True, max_size=6))
    return FrozenMapping({key: draw(VALUES[KNOWN[f"--{key}"].kind]) for key in keys})


def option_of(key: str) -> Option:
    option = find_option(key)
    assert option, f"there is no option {key}"
    return option


def is_taken(command: str, key: str) -> bool:
    """Whether the command of any engine has an option that may be spelled like this key."""
    option = find_option(key)
    tables = [(COMMON[one], COMMANDS[one]) for one in OPTIONS if command in COMMANDS[one]]
    return bool(option) and any(option.name in common | own[command] for common, own in tables)


def expect_typed(key: str, value: Any) -> list[tuple[str, tuple[str, ...], bool]]:
    """How an option of an environment looks to dbt: its name, its values, and whether it is the negative form."""
    option = option_of(key)
    if option.kind == "flag":
        return [(option.name, (), not value)] if value or option.negative else []
    if option.kind == "list":
        return [(option.name, (str(item),), False) for item in (value if isinstance(value, tuple) else (value,))]
    return [(option.name, (str(value),), False)]


# -- properties ----------------------------------------------------------------------------------------------------


@given(st.sampled_from(NAMES), environments())
def test_what_is_rendered_for_a_command_scans_back_as_what_it_takes(command: str, options: FrozenMapping) -> None:
    words, _ = render_options(command, options)

    expected = [typed for key in options if is_taken(command, key) for typed in expect_typed(key, options[key])]
    scanned = [(typed.option.name, typed.values, typed.is_negative) for typed in scan_options(command, words)]
    assert scanned == expected


@given(st.sampled_from(NAMES), environments())
def test_every_option_is_rendered_or_listed_as_left_out(command: str, options: FrozenMapping) -> None:
    words, left_out = render_options(command, options)

    assert [key for key in options if not is_taken(command, key)] == list(left_out)
    assert not {f"--{key}" for key in left_out} & set(words)


@given(st.sampled_from(NAMES), environments())
def test_what_dot_owns_is_never_rendered(command: str, options: FrozenMapping) -> None:
    words, left_out = render_options(command, options, owned=OWNED)

    assert not [typed for typed in scan_options(command, words) if typed.option.name in OWNED]
    owned = {name.removeprefix("--") for name in OWNED} - {"profile", "profiles-dir", "target"}
    assert owned & set(options) == owned & set(left_out)


@given(st.sampled_from(NAMES), environments())
def test_an_option_that_was_typed_is_typed_the_same_again(command: str, options: FrozenMapping) -> None:
    words, _ = render_options(command, options)

    assert tuple(word for typed in scan_options(command, words) for word in typed.words()) == words


@given(JSON_OBJECTS)
@example({"small": 0.00001, "large": [1e20, 1e16]})
@example({"\x85": "\x7f\u2028\ufeff", "smile": "\U0001f600"})
def test_a_mapping_reaches_dbt_which_reads_yaml_as_the_same_data(data: dict[str, Any]) -> None:
    name, text = render_option(option_of("args"), freeze(data))

    assert ("--args", as_text(data)) == (name, as_text(yaml.safe_load(text)))


# -- names ---------------------------------------------------------------------------------------------------------


@each(
    ("key", "name"),
    [
        ("full-refresh", "--full-refresh"),
        ("full_refresh", "--full-refresh"),
        ("resource-type", "--resource-types"),
        ("exclude_resource_type", "--exclude-resource-types"),
        ("model", "--select"),
        ("vars", "--vars"),
        ("t", None),
        ("-t", None),
        ("--threads", None),
        ("no-print", None),
        ("Threads", None),
        ("", None),
    ],
)
def test_an_option_is_found_in_kebab_and_snake_case_and_by_its_other_long_names(key: str, name: str | None) -> None:
    found = find_option(key)

    assert (found.name if found else None) == name


@each("name", sorted(KNOWN))
def test_every_option_is_known_by_its_own_name_and_all_others(name: str) -> None:
    found = known_options()[name]

    assert name in (found.name, *found.aliases)
    for table in (table for table in OPTIONS.values() if name in table):
        assert set(table[name][2]) <= set(found.aliases)
        assert found.kind == table[name][0]
    assert found.name == f"--{found.key}"


@each(
    ("command", "option", "expected"),
    [
        ("build", "--select", True),
        ("build", "--target", True),
        ("build", "--args", False),
        ("run-operation", "--args", True),
        ("parse", "--args", False),
        ("deps", "--target", True),
        ("deps", "--target-path", True),  # which dbt 2 takes
        ("docs generate", "--static", True),
        ("docs serve", "--static", False),
        ("source snapshot-freshness", "--select", True),
        ("list", "--output-keys", True),
        ("ls", "--output-keys", True),
    ],
)
def test_a_command_takes_its_own_options_and_the_common_ones(command: str, option: str, expected: bool) -> None:  # noqa: FBT001
    assert takes(command, option) == expected


@each(
    ("key", "message", "hint"),
    [
        ("thread", "no dbt command has an option `thread`", "did you mean `threads`?"),
        ("--threads", "no dbt command has an option `--threads`", "did you mean `threads`?"),
        ("ful_refresh", "no dbt command has an option `ful_refresh`", "did you mean `full-refresh`?"),
        ("var", "no dbt command has an option `var`", "did you mean `vars`?"),
        (
            "zzz",
            "no dbt command has an option `zzz`",
            "keys are `vars` and the options of dbt without their dashes",
        ),
        ("no-print", "`no-print` is the negative form of `print`", "write `print: false`"),
        (
            "no_partial_parse",
            "`no_partial_parse` is the negative form of `partial-parse`",
            "write `partial-parse: false`",
        ),
    ],
)
def test_a_key_that_is_no_option_is_explained(key: str, message: str, hint: str) -> None:
    assert key_problem(key) == (message, hint)


@each("key", ["threads", "full_refresh", "resource-type", "vars"])
def test_a_key_that_is_an_option_has_no_problem(key: str) -> None:
    assert key_problem(key) is None


@each(
    ("key", "words"),
    [
        ("full-refresh", "`true` or `false`"),
        ("threads", "a whole number"),
        ("state", "a text or a number"),
        ("args", "a mapping"),
        ("select", "a text or a list of texts"),
        ("log-format", "one of debug, default, json, otel, text"),
    ],
)
def test_the_values_of_an_option_are_described(key: str, words: str) -> None:
    assert describe_values(option_of(key)) == words


# -- words ---------------------------------------------------------------------------------------------------------


@each(
    ("key", "value", "words"),
    [
        ("full-refresh", True, ("--full-refresh",)),
        ("full-refresh", False, ()),
        ("partial-parse", True, ("--partial-parse",)),
        ("partial-parse", False, ("--no-partial-parse",)),
        ("deprecated-print", False, ("--deprecated-no-print",)),
        ("threads", 8, ("--threads", "8")),
        ("threads", -1, ("--threads", "-1")),
        ("event-time-start", "2026-01-01", ("--event-time-start", "2026-01-01")),
        ("state", "-x", ("--state", "-x")),
        ("select", "a b", ("--select", "a b")),
        ("select", ["a", "tag:x"], ("--select", "a", "--select", "tag:x")),
        ("select", [], ()),
        ("select", ["-x", 1], ("--select=-x", "--select", "1")),
        ("exclude", "--x", ("--exclude=--x",)),
        ("resource-types", ["model", "seed"], ("--resource-types", "model", "--resource-types", "seed")),
        ("args", {"b": [1, None], "a": "é"}, ("--args", '{"a": "é", "b": [1, null]}')),
        ("args", "{a: 1}", ("--args", "{a: 1}")),
        ("warn-error-options", {"error": "all"}, ("--warn-error-options", '{"error": "all"}')),
    ],
)
def test_an_option_becomes_words(key: str, value: Any, words: tuple[str, ...]) -> None:
    assert render_option(option_of(key), freeze(value)) == words


@each(
    ("command", "options", "words", "left_out"),
    [
        ("build", {"threads": 4, "full_refresh": True}, ("--full-refresh", "--threads", "4"), ()),
        ("deps", {"args": "4", "output": "a", "quiet": True}, ("--quiet",), ("args", "output")),
        ("build", {"args": {}, "source": "hub"}, (), ("args", "source")),
        ("build", {"no-such": 1}, (), ("no-such",)),
        ("build", {"models": "a"}, ("--select", "a"), ()),
        ("ls", {"model": "a"}, ("--select", "a"), ()),
    ],
)
def test_options_that_a_command_does_not_take_are_left_out(
    command: str, options: dict[str, Any], words: tuple[str, ...], left_out: tuple[str, ...]
) -> None:
    assert render_options(command, dict(reversed(options.items()))) == (words, left_out)


def test_what_dot_owns_is_listed_unless_the_profile_honours_it() -> None:
    options = FrozenMapping(dict.fromkeys((name.removeprefix("--") for name in OWNED), "x") | {"threads": 1})

    left_out = (
        *("clean-project-files-only", "favor-state", "log-path", "manage-state", "project-dir", "target-path"),
        "x-alt-target",
    )
    assert render_options("build", options, owned=OWNED) == (("--threads", "1"), left_out)


def test_every_option_of_dbt_has_a_text_but_for_those_that_dbt_hides() -> None:
    hidden = {name for name in KNOWN if name.startswith("--deprecated-")} | {"--x-alt-target"}
    assert KNOWN.keys() - hidden - {"--version", "--vars", "--project-dir", "--quiet", "--defer"} == HELP.keys()
