"""One test for a table of cases: all of them are tried, and those that fail are named.

`pytest.mark.parametrize` makes a test of every case, with a home folder of its own and whatever else each test gets; a
case that needs a fixture is worth that, and one of a function from values to values is not.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import pytest

_LONGEST = 500
"""How many characters of a case are shown."""


def each(names: str | Sequence[str], cases: Iterable[Any]) -> Callable[[Callable[..., None]], Callable[[], None]]:
    """Try the decorated test with every case: a value for one name, or a value for each of several."""
    all_names = [name.strip() for name in names.split(",")] if isinstance(names, str) else list(names)
    is_single = isinstance(names, str) and len(all_names) == 1
    table = list(cases)
    if not table:
        raise ValueError("a test without cases cannot fail")

    def decorate(test: Callable[..., None]) -> Callable[[], None]:
        def run() -> None:
            errors = []
            for case in table:
                values = [case] if is_single else case
                try:
                    test(**dict(zip(all_names, values, strict=True)))
                except (Exception, pytest.fail.Exception) as error:  # noqa: BLE001 - whatever fails is reported below
                    error.add_note(f"in the case {repr(case)[:_LONGEST]}")
                    errors.append(error)
            if len(errors) == 1:
                raise errors[0]
            if errors:
                raise BaseExceptionGroup(f"{len(errors)} of {len(table)} cases failed", errors)

        run.__name__, run.__qualname__, run.__module__ = test.__name__, test.__qualname__, test.__module__
        run.__doc__ = test.__doc__
        return run

    return decorate
