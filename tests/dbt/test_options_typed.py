"""Words that a person typed for dbt, split as dbt splits them."""

from cases import each
from dot.dbt.options import describe_choices, known_options, options_of, scan_options, take_option

Typed = tuple[str, tuple[str, ...]]


def scan(command: str, *words: str) -> list[Typed]:
    """The options by name, a negative one with an exclamation mark."""
    return [
        (("!" if typed.is_negative else "") + typed.option.name, typed.values) for typed in scan_options(command, words)
    ]


@each("words", [("-t", "prod"), ("-tprod",), ("--target", "prod"), ("--target=prod",), ("-xt", "prod"), ("-xtprod",)])
def test_the_target_is_found_in_every_spelling(words: tuple[str, ...]) -> None:
    assert ("--target", ("prod",)) in scan("build", *words)


@each(
    ("words", "expected"),
    [
        ((), []),
        (("--threads", "4"), [("--threads", ("4",))]),
        (("--threads", "-1"), [("--threads", ("-1",))]),
        (("--threads=4",), [("--threads", ("4",))]),
        (("--target=",), [("--target", ("",))]),
        (("--target",), [("--target", ())]),
        (("-t=prod",), [("--target", ("=prod",))]),
        (("--target=a=b",), [("--target", ("a=b",))]),
        (("-target", "x"), [("--target", ("arget",))]),
        (
            ("-fxqdt", "p"),
            [(f"--{name}", ()) for name in ("full-refresh", "fail-fast", "quiet", "debug")] + [("--target", ("p",))],
        ),
        (("-x?t", "prod"), [("--fail-fast", ())]),
        (("-rt", "prod"), [("--record-timing-info", ("t",))]),
        (("--vars", "--target"), [("--vars", ("--target",))]),
        (("--state", "--target", "prod"), [("--state", ("--target",))]),
        (("--no-print", "--print"), [("!--print", ()), ("--print", ())]),
        (("--no-target-path", "--target_path", "x"), []),
        (("--targe", "x", "prod"), []),
        (("-", "-t", "x"), [("--target", ("x",))]),
        (("model", "-t", "x"), [("--target", ("x",))]),
        (("--args", "{}"), []),
    ],
)
def test_options_are_split_as_dbt_splits_them(words: tuple[str, ...], expected: list[Typed]) -> None:
    assert scan("build", *words) == expected


@each(
    ("words", "expected"),
    [
        (("--select", "a"), [("--select", ("a",))]),
        (("--select", "a", "b", "-t", "x"), [("--select", ("a", "b")), ("--target", ("x",))]),
        (("--select=a", "b", "-x"), [("--select", ("a", "b")), ("--fail-fast", ())]),
        (("--select=-x", "--select", "a b"), [("--select", ("-x",)), ("--select", ("a b",))]),
        (("-sa", "b", "-x"), [("--select", ("a", "b")), ("--fail-fast", ())]),
        (("-s", "-t", "prod"), [("--select", ("-t", "prod"))]),
        (("--exclude", "--target", "prod"), [("--exclude", ("--target", "prod"))]),
        (("-m", "a"), [("--select", ("a",))]),
        (("--models", "a", "b"), [("--select", ("a", "b"))]),
        (("--resource-type", "model", "test"), [("--resource-types", ("model", "test"))]),
    ],
)
def test_an_option_with_several_values_takes_all_words_up_to_the_next_dash(
    words: tuple[str, ...], expected: list[Typed]
) -> None:
    assert scan("build", *words) == expected


def test_after_two_dashes_there_are_no_options() -> None:
    assert scan("run-operation", "-x", "--", "--target", "prod") == [("--fail-fast", ())]


def test_a_name_that_two_commands_share_means_what_it_means_to_this_one() -> None:
    assert scan("build", "-s", "a") == [("--select", ("a",))]
    assert scan("init", "-s", "a") == [("--skip-profile-setup", ())]


def test_a_name_that_two_options_of_a_command_share_always_means_the_same() -> None:
    assert scan("ls", "-m", "a", "--model", "b") == [("--select", ("a",)), ("--select", ("b",))]


@each(
    ("words", "again"),
    [
        (("-xt", "prod"), ("--fail-fast", "--target", "prod")),
        (("--no-print",), ("--no-print",)),
        (("--target=",), ("--target", "")),
        (("--select=-x",), ("--select=-x",)),
        (("-s", "a", "b"), ("--select", "a", "--select", "b")),
        (("--vars", "a: 1"), ("--vars", "a: 1")),
        (("--threads", "4"), ("--threads", "4")),
    ],
)
def test_an_option_that_was_typed_can_be_given_to_another_command(
    words: tuple[str, ...], again: tuple[str, ...]
) -> None:
    assert tuple(word for typed in scan_options("build", words) for word in typed.words()) == again


@each(
    ("name", "expected"),
    [
        ("--full-refresh", ""),
        ("--threads", "N"),
        ("--vars", "YAML"),
        ("--select", "TEXT…"),
        ("--target", "TEXT"),
        ("--indirect-selection", "buildable|cautious|eager|empty"),
        ("--resource-types", "TEXT…"),
    ],
)
def test_what_stands_for_a_value_says_what_kind_it_is(name: str, expected: str) -> None:
    assert describe_choices(known_options()[name]) == expected


def test_a_command_has_its_own_options_and_the_common_ones_once_each() -> None:
    names = [option.name for option in options_of("deps", 1)]
    assert {"--upgrade", "--target", "--lock"} <= set(names)
    assert "--select" not in names
    assert len(names) == len(set(names))


@each(
    ("words", "taken", "left"),
    [
        (["--select", "a", "b", "-q"], 1, ["-q"]),
        (["-q", "a"], 0, ["-q", "a"]),
        (["-xq", "a"], 2, ["a"]),
        (["--quiet", "a"], 1, ["a"]),
        (["a", "-x"], 0, ["a", "-x"]),
        (["-", "-x"], 0, ["-", "-x"]),
    ],
)
def test_an_option_is_taken_from_the_front_unless_its_letter_is_somebody_elses(
    words: list[str], taken: int, left: list[str]
) -> None:
    assert (len(take_option("build", words, without=("-q",))), words) == (taken, left)
