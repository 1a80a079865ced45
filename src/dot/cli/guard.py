"""Every failure of a command becomes a message and an exit code; the one place that catches."""

import os
import sys
from collections.abc import Callable
from typing import NoReturn

import typer

from dot.errors import DotError, ExitCode, UsageError

_wants_json = [False]


def guard(action: Callable[[], int]) -> NoReturn:
    """Run a command to its exit code, never to a traceback."""
    try:
        code = action()
    except DotError as error:
        code = refuse(error)
    except KeyboardInterrupt:
        code = ExitCode.INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or Python complains while it ends
        code = ExitCode.WORLD
    except Exception as error:  # noqa: BLE001 - the one place that turns a bug into a crash report
        from dot.console.problems import show_crash

        show_crash(error)
        code = ExitCode.BUG
    raise typer.Exit(int(code))


def expect_json(is_expected: bool) -> None:  # noqa: FBT001 - a setting by its value
    """Whether errors are wanted as data, from here on."""
    _wants_json.append(is_expected)


def refuse(error: DotError) -> int:
    """Show what is wrong, as data if that is wanted; the exit code."""
    from dot.console.problems import show_error, show_error_as_json

    (show_error_as_json if _wants_json[-1] else show_error)(error)
    return error.exit_code


def usage_error(message: str, command_path: str) -> UsageError:
    """Words that no command can make sense of."""
    return UsageError.of(message[:1].lower() + message[1:].rstrip("."), hint=f"`{command_path} --help` shows how")
