"""Which option each dbt command takes, and what an environment's options become on its command line."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from difflib import get_close_matches
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from dot.base.errors import UsageError
from dot.dbt.option_table import COMMANDS, COMMON, OPTIONS

if TYPE_CHECKING:  # help and completion read this module, which must then load quickly
    from dot.base.frozen import FrozenJson

KEEPS_OUTSIDE = "--clean-project-files-only"

# What an isolated build decides by itself, whatever the environment says.
OWNED = (
    *("--project-dir", "--profiles-dir", "--profile", "--target", "--target-path", "--log-path", "--favor-state"),
    *(KEEPS_OUTSIDE, "--manage-state", "--x-alt-target"),
)


class Option(NamedTuple):
    """One option of dbt: `name` with its dashes, `kind` one of flag, integer, text, mapping, list."""

    name: str
    kind: str
    negative: str | None
    aliases: tuple[str, ...]
    choices: tuple[str, ...]

    @property
    def key(self) -> str:
        """How an environments file spells it."""
        return self.name.removeprefix("--")


ENGINES = tuple(OPTIONS)
"""The engines that there are: the first numbers of dbt's versions."""


def engine_of(version: str | None) -> int | None:
    """The engine of this version of dbt; None where that is unknown, and every engine is meant."""
    major = re.match(r"\d+", version or "")
    return min(max(int(major[0]), ENGINES[0]), ENGINES[-1]) if major else None


@cache
def known_options(engine: int | None = None) -> dict[str, Option]:
    """Every option of every dbt command under every name it has, its negative form left out."""
    engines = _engines(engine)
    names = dict.fromkeys(name for one in engines for name in OPTIONS[one])
    options = {name: _unite(name, [OPTIONS[one][name] for one in engines if name in OPTIONS[one]]) for name in names}
    aliases = {alias: option for option in options.values() for alias in option.aliases}
    return aliases | options


def _unite(name: str, rows: Sequence[tuple[str, str | None, tuple[str, ...], tuple[str, ...]]]) -> Option:
    """An option as any engine takes it."""
    kind, *_ = (row[0] for row in rows)
    negative = next((row[1] for row in rows if row[1]), None)
    aliases = tuple(dict.fromkeys(alias for row in rows for alias in row[2]))
    is_open = not all(row[3] for row in rows)
    return Option(
        name, kind, negative, aliases, () if is_open else tuple(sorted({one for row in rows for one in row[3]}))
    )


def find_option(key: str, engine: int | None = None) -> Option | None:
    """The option that a key of an environment means, in kebab or snake case."""
    return known_options(engine).get("--" + key.replace("_", "-"))


def takes(dbt_command: str, option: str, engine: int | None = None) -> bool:
    """Whether this dbt command takes the option, named with its dashes."""
    tables = ((COMMON[one], COMMANDS[one]) for one in _engines(engine))
    return any(dbt_command in own and (option in common or option in own[dbt_command]) for common, own in tables)


def takes_everywhere(option: str, engine: int | None = None) -> bool:
    """Whether every dbt command takes the option."""
    return any(option in COMMON[one] for one in _engines(engine))


def _engines(engine: int | None) -> tuple[int, ...]:
    return (engine,) if engine else ENGINES


def key_problem(key: str) -> tuple[str, str | None] | None:
    """Why an environment cannot have this key, and a hint; nothing when it can."""
    if find_option(key):
        return None
    flag = "--" + key.replace("_", "-")
    positive = next((option for option in known_options().values() if option.negative == flag), None)
    if positive:
        return f"`{key}` is the negative form of `{positive.key}`", f"write `{positive.key}: false`"
    keys = sorted({option.key for option in known_options().values()})
    near = get_close_matches(key, keys, 1)
    hint = f"did you mean `{near[0]}`?" if near else "keys are `vars` and the options of dbt without their dashes"
    return f"no dbt command has an option `{key}`", hint


def describe_values(option: Option) -> str:
    """The values that an option may have, in words."""
    return f"one of {', '.join(option.choices)}" if option.choices else _VALUES[option.kind]


_VALUES = {
    "flag": "`true` or `false`",
    "integer": "a whole number",
    "text": "a text or a number",
    "mapping": "a mapping",
    "list": "a text or a list of texts",
}


def render_option(option: Option, value: "FrozenJson") -> tuple[str, ...]:
    """The words that set the option on dbt's command line; none for a flag whose `false` dbt cannot be told."""
    match option.kind:
        case "flag":
            word = option.name if value else option.negative
            return (word,) if word else ()
        case "list":
            values = value if isinstance(value, tuple) else (value,)
            return tuple(word for item in values for word in _render_item(option.name, str(item)))
    return (option.name, str(value))


def _render_item(name: str, text: str) -> tuple[str, ...]:
    """A list option eats all words up to the next dash, so a value with a dash in front must be joined to it."""
    return (f"{name}={text}",) if text.startswith("-") else (name, text)


def render_options(
    dbt_command: str, options: Mapping[str, "FrozenJson"], *, owned: Sequence[str] = (), engine: int | None = None
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The words for those options that the command takes, sorted by name, and the keys of those that were left out."""
    words: list[str] = []
    left_out: list[str] = []
    for key in sorted(options):
        option = find_option(key, engine)
        if option and option.name not in owned and takes(dbt_command, option.name, engine):
            words += render_option(option, options[key])
        elif not option or option.name not in ("--profile", "--profiles-dir", "--target"):
            left_out.append(key)  # the three are honoured through the profile instead
    return tuple(words), tuple(left_out)


class Typed(NamedTuple):
    """An option as a person typed it for dbt, with its values: none for a flag, several only for a list."""

    option: Option
    values: tuple[str, ...] = ()
    is_negative: bool = False

    def words(self) -> tuple[str, ...]:
        """The same option for another dbt command."""
        option = self.option
        if option.kind == "flag":
            return render_option(option, not self.is_negative)
        return render_option(option, self.values if option.kind == "list" else "".join(self.values))


def options_of(dbt_command: str, engine: int | None = None) -> tuple[Option, ...]:
    """Every option that the dbt command takes."""
    options = dict.fromkeys(known_options(engine).values())
    return tuple(option for option in options if takes(dbt_command, option.name, engine))


def describe_choices(option: Option) -> str:
    """What stands for the value in help; nothing for a flag."""
    if option.kind == "flag":
        return ""
    return "|".join(option.choices) if 0 < len(option.choices) <= SHOWN_CHOICES else _METAVARS[option.kind]


SHOWN_CHOICES = 6
_METAVARS = {"integer": "N", "text": "TEXT", "mapping": "YAML", "list": "TEXT…"}


def scan_options(dbt_command: str, words: Sequence[str], engine: int | None = None) -> Iterator[Typed]:
    """The options among words typed for dbt, split as dbt splits them."""
    rest = list(words)
    while rest and rest[0] != "--":
        typed = take_option(dbt_command, rest, engine=engine)
        yield from typed
        if not typed:
            rest.pop(0)


def merge_words(dbt_command: str, words: Sequence[str], engine: int | None = None) -> tuple[str, ...]:
    """The words for a dbt command with no option twice, which dbt 2 refuses: the last one holds, and keeps its place.

    Lists, which add up, and what is no option of the command stay as they are; so does everything from `--` on. A word
    that would come to stand behind a list, where an option between them is left out, is put in front.
    """
    groups: list[tuple[tuple[str, ...], tuple[Typed, ...]]] = []
    rest = list(words)
    while rest and rest[0] != "--":
        start = len(words) - len(rest)
        typed = take_option(dbt_command, rest, engine=engine)
        rest = rest if typed else rest[1:]
        groups.append((tuple(words[start : len(words) - len(rest)]), typed))
    last = {one.option.name: one for _, typed in groups for one in typed}
    merged: list[str] = []
    front: list[str] = []
    is_left_out = False
    for group, typed in groups:
        if is_left_out and not typed and not group[0].startswith("-"):
            front += group
            continue
        kept = [one for one in typed if one.option.kind == "list" or last[one.option.name] is one]
        is_left_out = bool(typed) and not kept
        merged += group if len(kept) == len(typed) else (word for one in kept for word in one.words())
    return (*front, *merged, *rest)


def merge_call(words: Sequence[str], engine: int | None = None) -> tuple[str, ...]:
    """The same for words that begin with the dbt command, such as `docs generate`."""
    count = 2 if any(" ".join(words[:2]) in commands for commands in COMMANDS.values()) else 1
    return (*words[:count], *merge_words(" ".join(words[:count]), words[count:], engine))


def check_words(dbt_command: str, words: Sequence[str], *, is_known: bool) -> None:
    """Raise `UsageError` for an option without its value, or with one that it cannot have.

    What values there are is known of options that dot takes itself (`is_known`); after `--` may stand a newer dbt's.
    """
    names = {name for known in _names_of(dbt_command, None) for name in known}
    for option, values, _ in scan_options(dbt_command, words):
        if option.kind == "flag":
            continue
        hint = f"it takes {describe_values(option)}"
        if not values or values[0] in names:
            after = f": `{values[0]}` after it is an option itself" if values else ""
            raise UsageError.of(f"`{option.name}` needs a value{after}", hint=hint)
        if is_known and not all(_is_value(option, value) for value in values):
            raise UsageError.of(f"`{option.name}` cannot be `{' '.join(values)}`", hint=hint)


def refuse_foreign(dbt_command: str, words: Sequence[str], engine: int | None) -> None:
    """Raise `UsageError` for an option, a form or a value of it that another engine has, and this one has not."""
    if engine is None:
        return
    own = {option.name: option for option in options_of(dbt_command, engine)}
    others = " and ".join(f"dbt {one}" for one in ENGINES if one != engine)
    for typed in scan_options(dbt_command, words):
        name, option = typed.option.name, own.get(typed.option.name)
        wrong = typed.option.negative if typed.is_negative else name
        if not option or (typed.is_negative and not option.negative):
            hint = f"{others} has it; what stands after `--` reaches every dbt as it is"
            raise UsageError.of(f"`{dbt_command}` of dbt {engine} has no option `{wrong}`", hint=hint)
        if option.kind != "flag" and not all(_is_value(option, value) for value in typed.values):
            hint = f"with dbt {engine} it takes {describe_values(option)}"
            raise UsageError.of(f"`{name}` cannot be `{' '.join(typed.values)}`", hint=hint)


def _is_value(option: Option, value: str) -> bool:
    """Whether dbt would take this word as a value of the option."""
    if option.kind == "integer":
        return bool(re.fullmatch(r"[+-]?\d+", value))
    return not option.choices or value.lower() in map(str.lower, option.choices)


@cache
def _names_of(dbt_command: str, engine: int | None) -> tuple[Mapping[str, Option], Mapping[str, Option]]:
    """The options of a command by name, and by negative form."""
    known = options_of(dbt_command, engine)
    united = {option.name: option for option in known}
    names: dict[str, Option] = {}
    for one in reversed(_engines(engine)):  # of a short name that means two things, that of dbt 1
        options = options_of(dbt_command, one)
        names |= {alias: united[option.name] for option in options for alias in option.aliases}
        names |= {option.name: united[option.name] for option in options}
    return names, {option.negative: option for option in known if option.negative}


def take_option(
    dbt_command: str, rest: list[str], *, without: Collection[str] = (), engine: int | None = None
) -> tuple[Typed, ...]:
    """Take an option with its values, or a cluster of short ones, from the front of the words.

    Nothing is taken when none stands there, or one of the names `without`.
    """
    word = rest[0]
    names, negatives = _names_of(dbt_command, engine)
    name, joined, value = word.partition("=")
    if word in negatives:
        rest.pop(0)
        return (Typed(negatives[word], is_negative=True),)
    if word.startswith("--"):
        if name not in names:
            return ()
        rest.pop(0)
        return (Typed(names[name], _take_values(names[name], rest, (value,) if joined else ())),)
    if not word.startswith("-") or f"-{word[1:2]}" not in names or f"-{word[1:2]}" in without:
        return ()
    rest.pop(0)
    return tuple(_scan_cluster(word[1:], names, rest))


def _scan_cluster(letters: str, names: Mapping[str, Option], rest: list[str]) -> Iterator[Typed]:
    """Short options may stand together (`-xt prod`); the first that takes a value takes all that follows."""
    while letters:
        option, letters = names.get(f"-{letters[0]}"), letters[1:]
        if not option:
            return
        if option.kind == "flag":
            yield Typed(option)
            continue
        yield Typed(option, _take_values(option, rest, (letters,) if letters else ()))
        return


def _take_values(option: Option, rest: list[str], joined: tuple[str, ...]) -> tuple[str, ...]:
    """The values of an option: the one joined to it or the next word, and for a list all words up to a dash."""
    if option.kind == "flag":
        return ()
    values = list(joined) or rest[:1]
    del rest[: 0 if joined else 1]
    while option.kind == "list" and rest and not rest[0].startswith("-"):
        values.append(rest.pop(0))
    return tuple(values)
