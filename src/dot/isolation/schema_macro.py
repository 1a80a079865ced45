"""Which lines of a `generate_…_name` macro forget the target's schema, and the smallest change that mends each."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from dot.dbt.jinja_text import JinjaPiece, split_jinja

SUFFIX = "env_var('DOT_SCHEMA_SUFFIX', '')"
"""What keeps builds apart wherever it is added: empty in a live build."""

_BLOCK = re.compile(r"(?:if|elif|else|for|macro|call|filter|end\w+)\Z")
_RETURN = re.compile(r"\breturn\s*\((?P<value>.*)\)\s*[-+]?[%}]\}\Z", re.DOTALL)
_FOR_ENV = re.compile(r"\bgenerate_schema_name_for_env\s*\(\s*(?P<value>\w+)")
_SILENT = (("log", "("), ("print", "("), ("exceptions", "."))
"""What an output begins with that gives nothing."""

# What stands on either side of these may be left out: `a if b else c`, `a or c`, `a | default(c)`.
_ALTERNATIVE = re.compile(r"\bif\b.*?\belse\b|\bor\b|\|\s*d(?:efault)?\s*\(", re.DOTALL)
_KEEPS_SCHEMA = (
    r"\btarget\.schema\b|\btarget\[['\"]schema|\btarget\.get\(['\"]schema|DOT_SCHEMA_SUFFIX|DOT_SHORT_HASH"
    r"|\bdefault__generate_schema_name\b|\bdbt\.generate_schema_name\b"
)


@dataclass(frozen=True)
class Suspect:
    """A line of a macro, counted from 1 within its text, and the line as it should be.

    There may be several, as they stand in the macro. `condition` is when the macro comes there, in its own words.
    """

    line: int
    text: str
    fix: str
    condition: str | None


@dataclass(frozen=True)
class _Output:
    """What a macro outputs or returns in one piece; `arms` are the places of the branches that it stands in."""

    start: int
    end: int
    arms: tuple[int, ...]
    keeps: bool
    returns: bool


@dataclass(frozen=True)
class _Change:
    """What to insert into the lines from `start` to `end`, by place; `arm` is the branch they stand in, if only one."""

    start: int
    end: int
    arm: int | None
    added: dict[int, str]


def find_suspects(macro_sql: str) -> tuple[Suspect, ...]:
    """The lines at which a branch of the macro gives a name without the target's schema in it, in order."""
    changes: list[_Change] = []
    for output in sorted(_forgetful(macro_sql), key=lambda output: output.start):
        change = _plan_change(macro_sql, output)
        if changes and change.start <= changes[-1].end:
            before = changes.pop()
            change = _Change(before.start, change.end, None, before.added | change.added)
        changes.append(change)
    return tuple(_suspect(macro_sql, change) for change in changes)


def keeps_schema(text: str) -> bool:
    """Whether the target's schema, or what `SUFFIX` adds, is in whatever this Jinja gives."""
    return _keeps(text, frozenset())


def _plan_change(macro_sql: str, output: _Output) -> _Change:
    added = _additions(macro_sql, output)
    start, end = macro_sql.rfind("\n", 0, output.start) + 1, macro_sql.find("\n", max(added))
    return _Change(start, end if end >= 0 else len(macro_sql), output.arms[-1] if output.arms else None, added)


def _suspect(macro_sql: str, change: _Change) -> Suspect:
    text = fix = macro_sql[change.start : change.end]
    for place in sorted(change.added, reverse=True):
        fix = fix[: place - change.start] + change.added[place] + fix[place - change.start :]
    return Suspect(
        line=macro_sql.count("\n", 0, change.start) + 1,
        text=text,
        fix=fix,
        condition=_condition(macro_sql, change.arm),
    )


def _join(lines: str) -> str:
    return re.sub(r"\s*\n\s*", " ", lines.strip())


def _condition(macro_sql: str, arm: int | None) -> str | None:
    tag = next((piece for piece in split_jinja(macro_sql) if piece.start == arm), None)
    is_test = tag is not None and tag.name in ("if", "elif")
    return f"when {_join(tag.inside.strip().removeprefix(tag.name))}" if tag and is_test else None


def _forgetful(macro_sql: str) -> Iterator[_Output]:
    """The outputs that lack the target's schema, as the rest of their branch does; the outermost first."""
    outputs = tuple(_outputs(macro_sql))
    kept = [output.arms for output in outputs if output.keeps]
    for output in sorted(outputs, key=lambda output: (len(output.arms), output.start)):
        is_kept = not output.returns and any(output.arms[: len(arms)] == arms for arms in kept)
        if not output.keeps and not is_kept:
            kept.append(output.arms)
            yield output


def _outputs(macro_sql: str) -> Iterator[_Output]:
    """Everything that the macro outputs or returns, one for each stretch without a branch in it."""
    variables = _variables(macro_sql)
    arms: list[int] = []
    pieces: list[tuple[int, str]] = []
    for piece in _split_off_assignments(macro_sql)[0]:
        if piece.kind != "tag" or piece.words[:2] == ("do", "return"):
            if piece.text.strip() and piece.kind != "comment" and not _is_silent(piece):
                pieces.append((piece.start, piece.text))
        elif _BLOCK.match(piece.name):
            yield from _gather(pieces, arms, variables)
            pieces = []
            _follow(arms, piece)


def _is_silent(piece: JinjaPiece) -> bool:
    return piece.kind == "output" and piece.words[:2] in _SILENT


def _split_off_assignments(macro_sql: str) -> tuple[tuple[JinjaPiece, ...], tuple[tuple[str, str], ...]]:
    """The macro without what it assigns to variables, and these by name, with the text of each value."""
    left: list[JinjaPiece] = []
    assigned: list[tuple[str, str]] = []
    name, start = "", 0
    for piece in split_jinja(macro_sql):
        is_set = piece.kind == "tag" and piece.name == "set"
        if name and piece.kind == "tag" and piece.name == "endset":
            assigned.append((name, macro_sql[start : piece.start]))
            name = ""
        elif is_set and "=" in piece.words:
            assigned.append((_target(piece), piece.inside.partition("=")[2]))
        elif is_set:
            name, start = _target(piece), piece.start + len(piece.text)
        elif not name:
            left.append(piece)
    return tuple(left), tuple(assigned)


def _target(assignment: JinjaPiece) -> str:
    return "".join(assignment.words[1:2])


def _gather(pieces: list[tuple[int, str]], arms: list[int], variables: frozenset[str]) -> Iterator[_Output]:
    if pieces:
        (first, opening), (last, text) = pieces[0], pieces[-1]
        start = first + len(opening) - len(opening.lstrip())
        keeps = any(_keeps(piece, variables) for _, piece in pieces)
        returns = any(_RETURN.search(piece) for _, piece in pieces)
        yield _Output(start, last + len(text.rstrip()), tuple(arms), keeps, returns)


def _follow(arms: list[int], tag: JinjaPiece) -> None:
    """Step into, along or out of a block."""
    is_end = tag.name.startswith("end")
    if is_end or tag.name in ("elif", "else"):
        del arms[-1:]
    if not is_end:
        arms.append(tag.start)


def _variables(macro_sql: str) -> frozenset[str]:
    """The variables that hold the target's schema wherever the macro sets them."""
    found: dict[str, bool] = {}
    for name, value in _split_off_assignments(macro_sql)[1]:
        known = frozenset(name for name, keeps in found.items() if keeps)
        found[name] = found.get(name, True) and _keeps(value, known)
    return frozenset(name for name, keeps in found.items() if keeps)


def _keeps(text: str, variables: frozenset[str]) -> bool:
    """Whether the target's schema is in whatever this text gives."""
    schema = re.compile("|".join([_KEEPS_SCHEMA, *(rf"\b{name}\b" for name in sorted(variables))]))
    return all(schema.search(part) for part in _ALTERNATIVE.split(text))


def _additions(macro_sql: str, output: _Output) -> dict[int, str]:
    """What to insert, and where, so that this output keeps builds apart."""
    text = macro_sql[output.start : output.end]
    if called := _FOR_ENV.search(text):
        return {output.start + called.end("value"): f" ~ {SUFFIX} if {called['value']} else none"}
    if not (returned := _RETURN.search(text)):
        return {output.end: f"{{{{ {SUFFIX} }}}}"}
    start, end = (output.start + place for place in returned.span("value"))
    if _ALTERNATIVE.search(returned["value"]):
        return {start: "(", end: f") ~ {SUFFIX}"}
    return {end: f" ~ {SUFFIX}"}
