"""No option reaches dbt twice: which of them holds, and what is left as it was."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from cases import each
from dot.dbt.options import Typed, merge_call, merge_words, scan_options
from dot.plan.step import CheckIsolation, RunDbt
from examples.plans import make_environment, make_isolated_facts, plan, step_of

WORDS = st.sampled_from(
    [
        *(
            "--threads 1",
            "--threads 2",
            "--threads=3",
            "--log-level info",
            "--vars {}",
            "-t dev",
            "-tprod",
            "--target x",
        ),
        *("--quiet", "-q", "--no-quiet", "-qx", "-xt dev", "--store-failures", "-xqd"),
        *("--select a b", "-s c", "--model=d", "--exclude e"),
        *("--", "--unknown", "--unknown=1", "-Z"),
    ]
)


def scan_singles(words: Sequence[str]) -> list[Typed]:
    """The options that are no lists, of which dbt 1 takes the last of a name."""
    return [one for one in scan_options("build", words) if one.option.kind != "list"]


def scan_lists(words: Sequence[str]) -> list[Typed]:
    return [one for one in scan_options("build", words) if one.option.kind == "list"]


@given(st.lists(WORDS, max_size=12))
def test_merged_words_mean_what_they_meant_and_have_no_option_twice(typed: list[str]) -> None:
    words = " ".join(typed).split()
    merged = merge_words("build", words)

    names = [one.option.name for one in scan_singles(merged)]
    assert sorted({one.option.name for one in scan_singles(words)}) == sorted(names)
    assert {one.option.name: one for one in scan_singles(words)} == {
        one.option.name: one for one in scan_singles(merged)
    }
    assert scan_lists(words) == scan_lists(merged)
    assert merge_words("build", merged) == merged


@each(
    ("command", "words", "merged"),
    [
        ("build", "--threads 4 --threads 8", "--threads 8"),
        ("build", "--threads 4 --select a --threads=8 b", "--select a --threads=8 b"),
        ("build", "--quiet --quiet", "--quiet"),
        ("build", "--no-quiet -q", "-q"),
        ("build", "-q --no-quiet", "--no-quiet"),
        ("build", "--fail-fast -qx --quiet", "--fail-fast --quiet"),
        ("build", "-xt dev --target prod", "--fail-fast --target prod"),
        ("build", "-t dev -xtprod", "-xtprod"),
        ("build", "--select a -s b --models c --exclude d --exclude e", None),
        ("build", "--unknown 1 --unknown 2 word word", None),
        ("build", "--threads 1 -- --threads 2 --threads 3", None),
        ("build", "--select a --threads 1 b c --threads 2", "b c --select a --threads 2"),
        ("test", "--sample 1 --sample 2", None),  # which a test does not take
        ("list", "-o json --output path", "--output path"),
        ("run-operation", "grant --args {} --vars {} --args [] grant", "grant --vars {} --args [] grant"),
    ],
)
def test_the_last_one_holds_and_everything_else_stays_in_its_place(
    command: str, words: str, merged: str | None
) -> None:
    assert tuple((merged or words).split()) == merge_words(command, words.split())


@each("command", ["docs generate", "list"])
def test_a_call_begins_with_its_command_of_one_word_or_two(command: str) -> None:
    given_ = (*command.split(), "--log-level", "warn", "--target-path", "a", "--log-level", "info")

    assert (*command.split(), "--target-path", "a", "--log-level", "info") == merge_call(given_)


# -- every command line of a plan ----------------------------------------------------------------------------------

OPTIONS = {"threads": 4, "quiet": True, "fail-fast": True, "write-json": False, "output-keys": "name"}
TYPED = ("--threads", "8", "-q", "--no-fail-fast", "--vars", "{n: 2}", "--write-json")


@each("command", ["build", "run", "test", "seed", "snapshot", "clone", "compile", "show", "retry"])
def test_no_command_line_of_an_isolated_build_has_an_option_twice(command: str) -> None:
    facts = make_isolated_facts(environment=make_environment(**OPTIONS))
    built = plan(command, *TYPED, facts=facts, retried=None)

    check, run = step_of(built, CheckIsolation), step_of(built, RunDbt)
    for argv in filter(None, (check.argv, check.select_argv, run.argv)):
        names = [one.option.name for one in scan_options(argv[1], argv[2:]) if one.option.kind != "list"]
        assert sorted(set(names)) == sorted(names)
        assert {"--threads", "8"} <= set(argv) or argv[1] == "list"
