"""Tables of cases as one test: none is left out, and none fails unnamed."""

import pytest

from cases import each


def check(number: int) -> None:
    assert number < 2


def test_every_case_is_tried_though_one_before_it_fails() -> None:
    tried = []
    with pytest.raises(BaseExceptionGroup, match="2 of 4 cases failed") as failed:
        each("number", [1, 2, 0, 3])(lambda number: (tried.append(number), check(number)))()  # pyrefly: ignore
    assert tried == [1, 2, 0, 3]
    assert [error.__notes__ for error in failed.value.exceptions] == [["in the case 2"], ["in the case 3"]]


def test_what_fails_alone_is_raised_as_it_is() -> None:
    with pytest.raises(ValueError, match="no number") as failed:
        each(("text", "base"), [("1", 10), ("x", 10)])(read)()
    assert failed.value.__notes__ == ["in the case ('x', 10)"]


def read(text: str, base: int) -> None:
    if not text.isdecimal():
        raise ValueError("no number")
    assert int(text, base)


def test_what_should_have_failed_and_has_not_is_a_failure() -> None:
    def refuse(text: str) -> None:
        with pytest.raises(ValueError, match="no number"):
            read(text, 10)

    with pytest.raises(pytest.fail.Exception, match="DID NOT RAISE"):
        each("text", ["x", "1"])(refuse)()


def test_a_case_must_have_a_value_for_each_name_and_a_table_a_case() -> None:
    with pytest.raises(ValueError, match="zip"):
        each("text, base", [("1",)])(read)()
    with pytest.raises(ValueError, match="without cases"):
        each("text", [])
