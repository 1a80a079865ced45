"""Every failure of a command becomes a message and an exit code; `main` and this module alone catch."""

import errno
import os
import re
import sys
from collections.abc import Callable
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, NoReturn

import typer

from dot.base.errors import DotError, ExitCode, OutsideError, UsageError

if TYPE_CHECKING:  # no help and no version needs one
    from dot.console import Console

_LAST_STANDARD_FILE = 2
_QUOTED = re.compile(r"'([^']*)'")


def guard(action: Callable[[], int]) -> NoReturn:
    """Run a command to its exit code, never to a traceback. Raises `DotError`, which `main` shows."""
    try:
        code = action()
    except DotError:
        raise
    except KeyboardInterrupt:
        code = ExitCode.INTERRUPTED
    except BrokenPipeError:
        _drop_output()
        code = ExitCode.WORLD
    except Exception as error:  # noqa: BLE001 - the one place that turns a bug into a crash report
        if isinstance(error, OSError) and error.errno == errno.ENOSPC and not error.filename:
            _drop_output()
            message = "cannot write the answer: no space is left where it goes to"
            raise OutsideError.of(message, hint="free some space there, or send it elsewhere") from None
        from dot.console.problems import show_crash

        show_crash(error)
        code = ExitCode.BUG
    raise typer.Exit(int(code))


def open_standard_files() -> None:
    """Have files 0 to 2 there, or what dot opens for a child takes their numbers, and its output goes there."""
    number = os.open(os.devnull, os.O_RDWR)
    while number <= _LAST_STANDARD_FILE:
        os.set_inheritable(number, True)  # noqa: FBT003 - it has no name
        number = os.open(os.devnull, os.O_RDWR)
    os.close(number)


def _drop_output() -> None:
    """Let what nobody can take go nowhere, or Python complains while it ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def open_console(verbosity: int, *, may_ask: bool = True) -> "Console":
    """The console of this run, which is told of every child process that is about to start."""
    from dot.console import Console
    from dot.system.process import announce_with

    console = Console(verbosity, may_ask)
    announce_with(console.show_command)
    return console


def refuse(error: DotError, *, as_json: bool) -> int:
    """Show what is wrong, as data if that is wanted; the exit code."""
    from dot.console.problems import show_error, show_error_as_json

    (show_error_as_json if as_json else show_error)(error)
    return error.exit_code


def see_help(context: Any) -> str:
    """What to do about words that a command does not take."""
    return f"`{context.command_path} --help` shows what it takes"


def refuse_words(error: Any, *, as_json: bool) -> int:
    """Show why no command can make sense of the words, or the help where there are none; the exit code."""
    kind, context = type(error).__name__, error.ctx
    if kind == "NoArgsIsHelpError":
        from dot.console.terminal import error_line

        error_line(context.get_help())
        return ExitCode.USAGE
    message = _QUOTED.sub(r"`\1`", error.format_message().rstrip("."))
    hint = see_help(context) if context else None
    if kind == "NoSuchOption" and context:
        message = f"there is no option `{error.option_name}`"
        names = [name for param in context.command.params for name in param.opts]
        near = get_close_matches(error.option_name, names, 1, cutoff=0.75)
        hint = f"did you mean `{near[0]}`?" if near else hint
    elif kind == "BadParameter":
        message = message.partition(":")[0]  # the rest is about types in Python
    return refuse(UsageError.of(message[:1].lower() + message[1:], hint=hint), as_json=as_json)
