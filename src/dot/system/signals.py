"""Whatever asks dot to end while a child is running: the child gets an interrupt, and dot waits for it."""

import os
import signal
import sys
from collections.abc import Generator
from contextlib import contextmanager
from time import monotonic
from types import FrameType
from typing import Protocol

GRACE_SECONDS = 30.0
"""How long an interrupted child may take to cancel its queries before it is killed."""

_PATIENCE = 2  # a third signal kills


class Child(Protocol):
    """A running child process."""

    def poll(self) -> int | None: ...

    def send_signal(self, sig: int, /) -> None: ...

    def kill(self) -> None: ...


class Interruption:
    """The signals that dot got while a child was running; while the child is not busy, they end dot itself."""

    def __init__(self) -> None:
        self.numbers: list[int] = []
        self.since = 0.0
        self.is_busy = True
        self.is_passed_on = False
        self.child: Child | None = None

    @property
    def exit_code(self) -> int:
        """What a shell would say after the first signal; 0 when there was none."""
        return 128 + self.numbers[0] if self.numbers else 0

    def adopt(self, child: Child) -> None:
        """The child that signals are for from now on; what came while it was being started is passed on."""
        self.child = child
        if self.numbers:
            self._interrupt(child)

    def note(self, number: int) -> None:
        self.since = self.since or monotonic()
        # The terminal sends Ctrl-C to the whole foreground group, so the first one reaches the child by itself.
        if self.child and (number != signal.SIGINT or self.numbers or not is_foreground()):
            self._interrupt(self.child)
        self.numbers.append(number)
        if not self.is_busy:
            self.end_dot()

    def end_dot(self) -> None:
        """End dot if it was asked to end."""
        if self.numbers:
            raise KeyboardInterrupt if self.numbers[0] == signal.SIGINT else SystemExit(self.exit_code)

    def enforce(self, child: Child) -> None:
        """Kill a child that does not end for too long after an interrupt, or that was asked for the third time.

        A child that dot has left to the terminal's interrupt gets one from dot first: `kill -INT` reaches dot alone.
        """
        waited = monotonic() - self.since if self.numbers else 0.0
        if waited > GRACE_SECONDS and not self.is_passed_on:
            self.since = monotonic()
            self._interrupt(child)
        elif waited > GRACE_SECONDS or len(self.numbers) > _PATIENCE:
            child.kill()

    def _interrupt(self, child: Child) -> None:
        self.is_passed_on = True
        if child.poll() is None:
            child.send_signal(signal.CTRL_C_EVENT if sys.platform == "win32" else signal.SIGINT)


@contextmanager
def interrupting() -> Generator[Interruption]:
    """Meanwhile signals to dot are noted, and passed on to the child as interrupts."""
    interruption = Interruption()

    def on_signal(number: int, _frame: FrameType | None) -> None:
        interruption.note(number)

    numbers = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
    # `nohup` has hang-ups ignored, and means it. A shell does so with interrupts in the background, and does not.
    numbers = [number for number in numbers if number == signal.SIGINT or signal.getsignal(number) != signal.SIG_IGN]
    previous = {number: signal.signal(number, on_signal) for number in numbers}
    try:
        yield interruption
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


def is_foreground() -> bool:
    """Whether dot's process group owns the terminal, so that Ctrl-C there reaches the child too."""
    if sys.platform == "win32":
        return True
    try:
        terminal = os.open("/dev/tty", os.O_RDONLY | os.O_NOCTTY)
    except OSError:
        return False
    try:
        return os.tcgetpgrp(terminal) == os.getpgrp()
    except OSError:
        return False
    finally:
        os.close(terminal)
