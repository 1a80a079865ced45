"""Which lines of a `generate_…_name` macro forget the target's schema, and the smallest change that mends each."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

SUFFIX = "env_var('DOT_SCHEMA_SUFFIX', '')"

_TOKEN = re.compile(r"(\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\})", re.DOTALL)
_ASSIGNMENT = re.compile(r"\{%-?\s*set\s+(\w+)\s*=(.*?)-?%\}", re.DOTALL)
_RETURN = re.compile(r"return\s*\(.*(?P<end>\))\s*-?[%}]\}\Z", re.DOTALL)
_KEEPS_SCHEMA = r"target\.schema|target\[['\"]schema|DOT_SCHEMA_SUFFIX|DOT_SHORT_HASH|default__generate_schema_name"


@dataclass(frozen=True)
class Suspect:
    """A line of a macro, counted from 1 within its text, and the line as it should be."""

    line: int
    text: str
    fix: str


def find_suspects(macro_sql: str) -> tuple[Suspect, ...]:
    """The lines at which a branch of the macro gives a name without the target's schema in it."""
    keeps = re.compile("|".join([_KEEPS_SCHEMA, *(rf"\b{name}\b" for name in _variables(macro_sql))]))
    outputs = [output for output in _outputs(macro_sql) if not keeps.search(macro_sql[output[0] : output[1]])]
    return tuple(_suspect(macro_sql, start, end) for start, end in outputs)


def _variables(macro_sql: str) -> list[str]:
    """The variables that the macro sets from the target's schema."""
    return [match[1] for match in _ASSIGNMENT.finditer(macro_sql) if re.search(_KEEPS_SCHEMA, match[2])]


def _outputs(macro_sql: str) -> Iterator[tuple[int, int]]:
    """Start and end of everything that the macro outputs or returns, one for each branch."""
    start = end = position = 0
    for token in _TOKEN.split(macro_sql):
        begin, position = position, position + len(token)
        if token.startswith("{%") and not _is_return(token):
            if end:
                yield start, end
            start = end = 0
        elif token.strip() and not token.startswith("{#"):
            start, end = start or begin, position - len(token) + len(token.rstrip())


def _is_return(token: str) -> bool:
    return bool(re.match(r"\{%-?\s*do\s+return\b", token))


def _suspect(macro_sql: str, start: int, end: int) -> Suspect:
    output = macro_sql[start:end]
    returned = _RETURN.search(output)
    place = start + returned.start("end") if returned else end
    added = f" ~ {SUFFIX}" if returned else f"{{{{ {SUFFIX} }}}}"
    line_start = macro_sql.rfind("\n", 0, place) + 1
    line_end = macro_sql.find("\n", place)
    line = macro_sql[line_start : line_end if line_end >= 0 else None]
    column = place - line_start
    return Suspect(macro_sql.count("\n", 0, place) + 1, line.strip(), (line[:column] + added + line[column:]).strip())
