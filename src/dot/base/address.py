"""The grammar of `[environment][@ref]`."""

import re

from dot.base.errors import AddressError
from dot.base.frozen import FrozenLenient

RESERVED = ("all", "default")
NAME_PATTERN = "[A-Za-z0-9_][A-Za-z0-9_.-]*"
"""What an environment may be called, a regular expression of the whole name."""

_REF = re.compile(r"[^-\s]\S*[/~^{]\S*")
"""What no environment and many a git ref looks like: `feature/x`, `HEAD~1`, `main^`, `HEAD@{1}`."""


class Address(FrozenLenient):
    """What the user types: an environment, a git ref, both or neither. Without a ref it means a live build."""

    environment: str | None = None
    ref: str | None = None

    def __str__(self) -> str:
        return (self.environment or "") if self.ref is None else write_address(self.environment, self.ref)


def write_address(environment: str | None, ref: str) -> str:
    """The address of what this ref means in this environment, or in the default one where there is none."""
    return f"{environment or ''}@{ref}"


def parse_address(text: str) -> Address:
    """Split at the first `@`; the rest is the ref, which may hold `@` itself.

    Raises `AddressError` for an empty ref and for a name that no environment can have.
    """
    name, at, ref = text.partition("@")
    if at and not ref:
        raise AddressError.of(
            f"the git ref is empty in `{text}`",
            hint=f"write `{name}@<branch, tag or commit>`" + (f", or `{name}` for a live build" if name else ""),
        )
    if name:
        check_environment_name(name)
    return Address(environment=name or None, ref=ref or None)


def parse_baseline(text: str) -> Address:
    """The address after `--defer`, which needs a ref. Raises `AddressError`, one message for each way to lack it."""
    name, at, ref = text.partition("@")
    if not name and not ref:
        raise AddressError.of(
            f"`--defer {text}` lacks both environment and git ref", hint="write `--defer <environment>@<ref>`"
        )
    if not at:
        raise AddressError.of(
            f"`--defer {text}` needs a git ref: only an isolated build can be deferred to",
            hint=f"write `--defer {text}@<ref>`, for example `--defer {text}@main`",
        )
    if not ref:
        raise AddressError.of(f"the git ref is empty in `--defer {text}`", hint=f"write `--defer {name}@<ref>`")
    return parse_address(text)


def environment_name_problem(name: str) -> str | None:
    """Why an environment cannot have this name, or nothing. The name becomes a folder."""
    if name in RESERVED:
        return f"`{name}` is reserved and cannot be the name of an environment"
    if not re.fullmatch(NAME_PATTERN, name):
        return (
            f"`{name}` cannot be the name of an environment: "
            "only letters, digits, `_`, `-` and `.` are allowed, and the first is no `-` or `.`"
        )
    return None


def check_environment_name(name: str) -> None:
    """Raise `AddressError` when no environment can have this name, with a hint where a git ref can."""
    if problem := environment_name_problem(name):
        hint = f"did you mean the git ref `@{name}`?" if _REF.fullmatch(name) else None
        raise AddressError.of(
            problem, hint="name one environment, or none for the default" if name in RESERVED else hint
        )
