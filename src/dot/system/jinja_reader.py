"""Jinja as dbt writes it, read word by word without being rendered."""

import re
from dataclasses import dataclass, field
from functools import lru_cache

from jinja2 import Environment, TemplateError
from jinja2.lexer import Token

from dot.core.mentions import Mentions
from dot.core.profile import has_jinja

_LEXER = Environment().lexer  # noqa: S701 - nothing is ever rendered

_WORD = re.compile(r"[^\W\d]\w*")
_QUOTED = re.compile(r"'([^'\n]*)'|\"([^\"\n]*)\"")

_DEFINING = frozenset({"macro", "test", "data_test", "materialization", "snapshot"})
"""Blocks that begin with a name of their own; the first three may have arguments behind it."""

_NOTHING = Token(0, "", "")


@lru_cache(maxsize=10_000)
def read_mentions(text: str) -> Mentions:
    """What stands in the Jinja of a text, and of the texts in that. What cannot be read may mention every word."""
    if not has_jinja(text):
        return Mentions()
    try:
        found = _Reading(tuple(_LEXER.tokenize(text))).read()
    except TemplateError:
        words = frozenset(("", word) for word in _WORD.findall(text))
        texts = frozenset(single or double for single, double in _QUOTED.findall(text))
        return Mentions(words, texts, frozenset({None}), frozenset({None}))
    for inner in found.texts:
        found |= read_mentions(inner)
    return found


@dataclass
class _Reading:
    """The words of a text, read from the first to the last."""

    words: tuple[Token, ...]
    names: set[tuple[str, str]] = field(default_factory=set)
    variables: set[str | None] = field(default_factory=set)
    env_variables: set[str | None] = field(default_factory=set)
    defined: set[str] = field(default_factory=set)

    def read(self) -> Mentions:
        for place, word in enumerate(self.words):
            if word.type == "block_begin":
                self._define(place + 1)
            elif word.type == "name" and self._at(place - 1).type != "block_begin":
                self._read_name(place)
        texts = (word.value for word in self.words if word.type == "string")
        asked = (frozenset(self.variables), frozenset(self.env_variables))
        return Mentions(frozenset(self.names), frozenset(texts), *asked)

    def _at(self, place: int) -> Token:
        return self.words[place] if 0 <= place < len(self.words) else _NOTHING

    def _define(self, place: int) -> None:
        """What a block defines before anything else is said: the arguments of a macro, the variables of a loop."""
        block = self._at(place).value
        end = next((at for at in range(place, len(self.words)) if self.words[at].type == "block_end"), place)
        words = range(place + 1, end)
        if block == "for":
            targets = (at for at in words if self._at(at).value == "in")
            self.defined |= {self._at(at).value for at in range(place + 1, next(targets, place))}
        elif block in _DEFINING:
            ends = {",", "(", ")", "="}
            arguments = (at for at in words if self._at(at - 1).value in ends and self._at(at + 1).value in ends)
            self.defined |= {self._at(at).value for at in (place + 1, *arguments) if self._at(at - 1).value != "="}

    def _read_name(self, place: int) -> None:
        name, before, after = self._at(place).value, self._at(place - 1), self._at(place + 1)
        if before.type == "dot":
            self.names.add((self._at(place - 2).value or "?", name))
        elif before.value == "set" and self._at(place - 2).type == "block_begin":
            # What stands behind it in the same block is said of another that has this name.
            if not self._stands_in_block(name, place + 1):
                self.defined.add(name)
        elif (
            name not in self.defined and before.type != "pipe" and not (after.type == "assign" and self._in_call(place))
        ):
            self.names.add(("", name))
            if name in ("var", "env_var"):
                asked = self.variables if name == "var" else self.env_variables
                asked.add(self._read_variable(place + 1))

    def _stands_in_block(self, name: str, place: int) -> bool:
        while self._at(place).type not in ("block_end", ""):
            if self._at(place).type == "name" and self._at(place).value == name:
                return True
            place += 1
        return False

    def _in_call(self, place: int) -> bool:
        """Whether the name is that of an argument."""
        return self._at(place - 1).type in ("lparen", "comma")

    def _read_variable(self, place: int) -> str | None:
        """The name in `var('x')` or `var.has_var('x')`, where it stands there as a text."""
        if self._at(place).type == "dot":
            place += 2
        opened, name, closed = (self._at(place + step) for step in range(3))
        is_literal = opened.type == "lparen" and name.type == "string" and closed.type in ("comma", "rparen")
        return name.value if is_literal else None
