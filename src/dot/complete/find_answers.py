"""What a shell offers after TAB: the line is walked through the tree of commands, without Typer's parsing of it.

The protocol is Typer's, and so are the scripts that `--install-completion` writes.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import chain, repeat
from typing import Any

from dot.complete.find_names import Start, read_engine
from dot.complete.find_values import CompletionQuery, complete_value
from dot.complete.shell import (
    Candidates,
    Completions,
    Files,
    Line,
    read_line,
    read_pieces,
    render_bash,
    render_fish,
    render_zsh,
)
from dot.dbt.options import OWNED, Option, take_option
from dot.system.store import read_current_folder

ADDRESS = "[ENVIRONMENT][@REF]"
FILES_FOLLOW = 1
"""What fish is told, as an exit code, when it should offer files."""

# What the values of dbt's options are, where its table does not list them.
_DBT_VALUES = {
    **dict.fromkeys(("--select", "--exclude"), "NODES"),
    **dict.fromkeys(
        ("--defer-state", "--log-path", "--profiles-dir", "--project-dir", "--state", "--target-path"), "FOLDER"
    ),
    **dict.fromkeys(("--partial-parse-file-path", "--record-timing-info"), "FILE"),
    "--target": "OUTPUT",
}

_RENDERERS: Mapping[str, Callable[[Line, Completions], str]] = {
    "bash": render_bash,
    "zsh": render_zsh,
    "fish": render_fish,
}


@dataclass
class Reading:
    """What the words before the cursor mean. `given` are the values of dot's options by the names of parameters.

    `pending` is the option whose value comes next; `has_value` when it takes several and has one. `is_dbts` after `--`.
    """

    arguments: list[str] = field(default_factory=list)
    given: dict[str, str] = field(default_factory=dict)
    pending: Any = None
    has_value: bool = False
    is_dbts: bool = False


def answer(tree: Any, name: str, request: str, environ: Mapping[str, str]) -> tuple[str, int] | None:
    """What to print, and the exit code; None for a request that Typer answers."""
    shell = request.removeprefix("complete_")
    if shell == request or shell not in _RENDERERS:
        return None
    with suppress(Exception, KeyboardInterrupt):  # the person is in the middle of a line, where no error can be shown
        line = _read_request(shell, tree, name, environ)
        found = offer(tree, name, line, Start(read_current_folder(), environ, is_described=shell != "bash"))
        if environ.get("_TYPER_COMPLETE_FISH_ACTION") == "is-args":
            return "", FILES_FOLLOW if found.files is Files.ANY else 0
        return _RENDERERS[shell](line, found), 0
    return "", 0


def _read_request(shell: str, tree: Any, name: str, environ: Mapping[str, str]) -> Line:
    if shell != "bash":
        return read_line(environ["_TYPER_COMPLETE_ARGS"])
    pieces = environ["COMP_WORDS"].split("\n")[: int(environ["COMP_CWORD"]) + 1]
    return read_pieces(pieces, find_command(tree, name, pieces[1:-1])[2] + 1)


# -- the words before the cursor -----------------------------------------------------------------------------------


def find_command(tree: Any, name: str, words: Sequence[str]) -> tuple[Any, tuple[str, ...], int]:
    """The context of the command that the words name, its words, and how many words lead to it.

    Options that stand before the command are its own.
    """
    context, leading, count = _enter(tree, name, None), [], 0
    end = words.index("--") if "--" in words else len(words)
    while names := _list_names(context):
        place = next((place for place in range(count, end) if words[place] in names), None)
        if place is None:
            break
        leading += words[count:place]
        context = _enter(context.command.get_command(context, words[place]), words[place], context)
        count = place + 1
    return context, (*leading, *words[count:]), count


def _enter(command: Any, name: str, parent: Any) -> Any:
    return command.context_class(command, info_name=name, parent=parent, **command.context_settings)


def _list_names(context: Any) -> Sequence[str]:
    return context.command.list_commands(context) if hasattr(context.command, "list_commands") else ()


def read_words(words: Sequence[str], options: Mapping[str, Any], dbt_command: str | None) -> Reading:
    """What the words of a command mean, as dot and dbt will read them."""
    reading, rest = Reading(), list(words)
    while rest:
        name, joined, value = rest[0].partition("=")
        if name in options:
            rest.pop(0)
            if _takes_value(options[name]) and not joined:
                reading.pending = None if rest else options[name]
                value = rest.pop(0) if rest else ""
            reading.given[options[name].name] = value
        elif rest[0] == "--" and not reading.is_dbts:
            rest.pop(0)
            reading.is_dbts, options = True, {}
        elif dbt_command and (typed := take_option(dbt_command, rest, without=options)):
            last = typed[-1]
            if not rest and last.option.kind != "flag" and (last.option.kind == "list" or not last.values):
                reading.pending, reading.has_value = last.option, bool(last.values)
        else:
            reading.arguments += [word for word in (rest.pop(0),) if not word.startswith("-")]
    return reading


def _takes_value(param: Any) -> bool:
    return not (getattr(param, "is_flag", False) or getattr(param, "count", False))


# -- the word under the cursor -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Position:
    """A command, and what may follow it: options by each of their spellings, those of commands below it too."""

    context: Any
    params: Sequence[Any]
    commands: Mapping[str, Any]
    dbt_command: str | None

    @property
    def options(self) -> Mapping[str, Any]:
        below = (param for command in self.commands.values() for param in command.params)
        return {name: param for param in (*below, *self.params) for name in _spell(param)}


def _survey(context: Any) -> Position:
    command = context.command
    commands = {name: command.get_command(context, name) for name in _list_names(context)}
    dbt_command = command.dbt_command(context) if hasattr(command, "dbt_command") else None
    return Position(context, command.get_params(context), commands, dbt_command)


def _spell(param: Any) -> tuple[str, ...]:
    return (*param.opts, *param.secondary_opts) if param.param_type_name == "option" else ()


def offer(tree: Any, name: str, line: Line, start: Start) -> Completions:
    """Everything that may stand for the unfinished word of the line."""
    context, words, _ = find_command(tree, name, line.words)
    place = _survey(context)
    reading = read_words(words, place.options, place.dbt_command)
    slots = _list_slots(place.params)
    addresses = [word for word, param in zip(reading.arguments, slots, strict=False) if param.metavar == ADDRESS]
    asked = CompletionQuery(line.current, start, "".join(addresses[:1]), reading.given.get("project_dir"))
    flag, joined, _ = line.current.partition("=")
    if reading.pending and not (reading.has_value and flag.startswith("-")):
        # Among several values a `@` begins one, which bash does not tell from one that follows an environment.
        done = line.current[: line.kept] if reading.has_value and line.current[line.kept :].startswith("@") else ""
        return _offer_value(reading.pending, context, asked, done)
    if flag.startswith("-") and joined:
        option = _find_option(flag, place, reading)
        return _offer_value(option, context, asked, f"{flag}=") if option else Completions()
    argument = None if reading.is_dbts else next(slots, None)
    if place.commands and not flag.startswith("-"):
        candidates = {} if reading.arguments or reading.is_dbts else _list_commands(place)
    elif argument and not flag.startswith("-"):
        return _offer_value(argument, context, asked, "")
    else:
        candidates = _list_options(place, reading, asked)
    # Where nothing was typed, every option has its long name alone.
    typed = line.current or ("" if place.commands else "--")
    return Completions({value: text for value, text in candidates.items() if value.startswith(typed)})


def _list_slots(params: Sequence[Any]) -> Iterator[Any]:
    """The parameter of each argument, in order."""
    arguments = (param for param in params if param.param_type_name == "argument")
    return chain.from_iterable(repeat(param) if param.nargs < 0 else repeat(param, param.nargs) for param in arguments)


def _find_option(flag: str, place: Position, reading: Reading) -> Any:
    own = {} if reading.is_dbts else place.options
    typed = take_option(place.dbt_command, [f"{flag}="], without=own) if place.dbt_command and flag not in own else ()
    return typed[0].option if typed else own.get(flag)


def _offer_value(option: Any, context: Any, asked: CompletionQuery, done: str) -> Completions:
    """What may stand for the value of an option or argument, after what is `done` of the word."""
    asked = replace(asked, text=asked.text[len(done) :])
    if isinstance(option, Option):
        listed = {choice: "" for choice in option.choices if choice.startswith(asked.text)}
        metavar = _DBT_VALUES.get(option.name, "")
    else:
        listed = {item.value: item.help or "" for item in option.shell_complete(context, asked.text)}
        metavar = option.metavar or ""
    found = Completions(listed) if listed else complete_value(metavar, asked)
    if not done:
        return found
    return found._replace(candidates={done + value: text for value, text in found.candidates.items()})


def _list_commands(place: Position) -> Candidates:
    shown = {name: command for name, command in place.commands.items() if not command.hidden}
    return {name: re.split(r"\.\s|\.?$", command.help or "", maxsplit=1)[0] for name, command in shown.items()}


def _list_options(place: Position, reading: Reading, asked: CompletionQuery) -> Candidates:
    from dot.dbt.words import describe_options

    found: dict[str, str] = {}
    own = () if reading.is_dbts else [param for param in place.params if _spell(param) and not param.hidden]
    for param in own:
        found |= dict.fromkeys(param.opts, (param.help or "").removesuffix("."))
        found |= dict.fromkeys(param.secondary_opts, f"The opposite of {param.opts[0]}")
    described = ()
    if place.dbt_command:
        described = describe_options(place.dbt_command, list(found), read_engine(asked.start))
    for option in described:
        name = option.names[0]
        if not ("@" in asked.address and name in OWNED):
            found |= dict.fromkeys(option.names, option.text)
            negative = f"--no-{name.removeprefix('--')}"
            found |= {negative: f"The opposite of {name}"} if negative in option.names else {}
    return found
