"""The words of a dbt command: which of them are dot's, which are dbt's, and what dbt's options do."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from dot.base.errors import UsageError
from dot.dbt.option_help import HELP
from dot.dbt.options import Option, describe_choices, options_of, take_option, takes_everywhere


@dataclass(frozen=True)
class Words:
    """`own` are dot's, `dbt` are dbt's options with their values, in the order in which they were typed."""

    own: tuple[str, ...]
    dbt: tuple[str, ...]


@dataclass(frozen=True)
class Described:
    """An option of dbt for a person: its names, its values, what it does, and whether every command takes it."""

    names: tuple[str, ...]
    metavar: str
    text: str
    is_common: bool

    @property
    def label(self) -> str:
        """The names as help shows them, `--[no-]empty` for two."""
        names = list(self.names)
        negative = f"--no-{names[0].removeprefix('--')}"
        if negative in names:
            names.remove(negative)
            names[0] = f"--[no-]{names[0].removeprefix('--')}"
        return f"{', '.join(names)} {self.metavar}".rstrip()


def split_words(dbt_command: str, words: Sequence[str], own: Mapping[str, bool]) -> Words:
    """The words apart. `own` are dot's options and whether each takes a value; where names clash, dot's win."""
    mine: list[str] = []
    theirs: list[str] = []
    rest = list(words)
    while rest:
        name, joined, _ = rest[0].partition("=")
        before = list(rest)
        if name in own:
            count = 2 if own[name] and not joined else 1
            mine += rest[:count]
            del rest[:count]
        elif take_option(dbt_command, rest, without=own):
            theirs += before[: len(before) - len(rest)]
        else:
            mine.append(rest.pop(0))
    return Words(tuple(mine), tuple(theirs))


def refuse_unknown(dbt_command: str, words: Words, own: Mapping[str, bool]) -> None:
    """Raise `UsageError` for an option that neither dot nor this dbt command has, with the nearest that one has."""
    taken = {at + 1 for at, word in enumerate(words.own) if own.get(word)}
    for at, word in enumerate(words.own):
        name = word.partition("=")[0]
        if at in taken or name in own or not name.startswith("--"):
            continue
        known = {*own, *(name for option in options_of(dbt_command) for name in (option.name, option.negative) if name)}
        near = get_close_matches(name, sorted(known), 1, cutoff=0.75)
        hint = f"did you mean `{near[0]}`?" if near else "what dot does not know reaches dbt after `--`"
        raise UsageError.of(f"`{dbt_command}` has no option `{name}`", hint=hint)


def describe_options(dbt_command: str, own: Collection[str], engine: int | None = None) -> tuple[Described, ...]:
    """The options of the dbt command whose names are not dot's own, those of this command before those of all."""
    options = [option for option in options_of(dbt_command, engine) if option.name in HELP and option.name not in own]
    described = [_describe(option, own, engine) for option in sorted(options, key=lambda option: option.name)]
    return tuple(sorted(described, key=lambda option: option.is_common))


def list_clashes(dbt_command: str, own: Collection[str]) -> tuple[str, ...]:
    """The options of dbt whose name dot takes for an option of its own."""
    return tuple(sorted(option.name for option in options_of(dbt_command) if option.name in own))


def _describe(option: Option, own: Collection[str], engine: int | None) -> Described:
    names = (option.name, *option.aliases, *filter(None, [option.negative]))
    return Described(
        names=tuple(name for name in names if name not in own),
        metavar=describe_choices(option),
        text=HELP[option.name],
        is_common=takes_everywhere(option.name, engine),
    )
