"""The grammar of `[environment][@ref]`."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases import each
from dot.base.address import RESERVED, Address, environment_name_problem, parse_address, parse_baseline
from dot.base.errors import AddressError, ExitCode

NAMES = st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9_.-]*", fullmatch=True).filter(lambda name: name not in RESERVED)
REFS = st.text(min_size=1)


@given(st.none() | NAMES, st.none() | REFS)
def test_an_address_that_is_printed_reads_back_as_itself(environment: str | None, ref: str | None) -> None:
    address = Address(environment=environment, ref=ref)

    assert parse_address(str(address)) == address


@given(NAMES, REFS)
def test_an_address_is_split_at_its_first_at(environment: str, ref: str) -> None:
    assert parse_address(f"{environment}@{ref}") == Address(environment=environment, ref=ref)


@given(st.text(alphabet="ab@/.-{}1 ") | st.text())
def test_whatever_is_accepted_prints_as_it_was_typed(text: str) -> None:
    with suppress(AddressError):
        assert str(parse_address(text)) == text


@each(
    ("text", "environment", "ref"),
    [
        ("", None, None),
        ("dev", "dev", None),
        ("@main", None, "main"),
        ("dev@feature/x", "dev", "feature/x"),
        ("dev@HEAD@{1}", "dev", "HEAD@{1}"),
        ("dev@main@{upstream}", "dev", "main@{upstream}"),
        ("dev@@", "dev", "@"),
        ("dev@@{-1}", "dev", "@{-1}"),
        ("@@", None, "@"),
        ("@HEAD~1", None, "HEAD~1"),
        ("dev@--upload-pack=x", "dev", "--upload-pack=x"),
        ("_2.x-y@ ", "_2.x-y", " "),
        ("All@main", "All", "main"),
    ],
)
def test_an_address_means(text: str, environment: str | None, ref: str | None) -> None:
    assert parse_address(text) == Address(environment=environment, ref=ref)


@each(
    ("text", "hint"),
    [
        ("dev@", "write `dev@<branch, tag or commit>`, or `dev` for a live build"),
        ("@", "write `@<branch, tag or commit>`"),
    ],
)
def test_an_empty_ref_is_never_taken_for_a_live_build(text: str, hint: str) -> None:
    with pytest.raises(AddressError) as raised:
        parse_address(text)

    (problem,) = raised.value.problems
    assert (problem.message, problem.hint) == (f"the git ref is empty in `{text}`", hint)
    assert raised.value.exit_code == ExitCode.USAGE


@each("text", ["all", "default", "all@main", "default@main"])
def test_a_reserved_name_is_no_environment(text: str) -> None:
    name = text.partition("@")[0]

    with pytest.raises(AddressError) as raised:
        parse_address(text)

    (problem,) = raised.value.problems
    assert problem.message == f"`{name}` is reserved and cannot be the name of an environment"
    assert problem.hint == "name one environment, or none for the default"


@each("name", [".x", "-x", "..", "a b", "é", "dev\n", "a\\b", "a:b", "a*"])
def test_a_name_that_makes_a_bad_folder_is_no_environment(name: str) -> None:
    with pytest.raises(AddressError) as raised:
        parse_address(f"{name}@main")

    (problem,) = raised.value.problems
    assert problem.message == (
        f"`{name}` cannot be the name of an environment: "
        "only letters, digits, `_`, `-` and `.` are allowed, and the first is no `-` or `.`"
    )
    assert problem.hint is None


@each("ref", ["feature/x", "HEAD~1", "main^"])
def test_a_ref_without_its_at_is_recognised(ref: str) -> None:
    with pytest.raises(AddressError) as raised:
        parse_address(ref)

    assert raised.value.problems[0].hint == f"did you mean the git ref `@{ref}`?"


@each(("name", "is_refused"), [("dev", False), ("0", False), ("", True), ("all", True), (".", True)])
def test_a_name_has_a_problem_or_none(name: str, is_refused: bool) -> None:  # noqa: FBT001
    assert (environment_name_problem(name) is not None) == is_refused


# -- baselines -----------------------------------------------------------------------------------------------------


@given(st.none() | NAMES, REFS)
def test_a_baseline_is_an_address_with_a_ref(environment: str | None, ref: str) -> None:
    address = Address(environment=environment, ref=ref)

    assert parse_baseline(str(address)) == address


@each(
    ("text", "message", "hint"),
    [
        (
            "prod",
            "`--defer prod` needs a git ref: only an isolated build can be deferred to",
            "write `--defer prod@<ref>`, for example `--defer prod@main`",
        ),
        ("prod@", "the git ref is empty in `--defer prod@`", "write `--defer prod@<ref>`"),
        ("@", "`--defer @` lacks both environment and git ref", "write `--defer <environment>@<ref>`"),
        ("", "`--defer ` lacks both environment and git ref", "write `--defer <environment>@<ref>`"),
    ],
)
def test_each_way_to_lack_a_baseline_has_an_error_of_its_own(text: str, message: str, hint: str) -> None:
    with pytest.raises(AddressError) as raised:
        parse_baseline(text)

    (problem,) = raised.value.problems
    assert (problem.message, problem.hint) == (message, hint)


def test_a_baseline_follows_the_grammar_of_addresses() -> None:
    with pytest.raises(AddressError, match="`all` is reserved"):
        parse_baseline("all@main")
