"""Runs in dbt's own interpreter, not in dot's: several dbt invocations in one process, which imports dbt once.

    <dbt's python> driver.py REQUESTS REPLIES

REQUESTS and REPLIES are numbers of an inherited socket and an inherited pipe. Each request is a JSON line
{"args": [...], "cwd": "...", "env": {"A": "1", "B": null}, "manifest": null, "keep" or "use", "output": null, "stderr",
"none" or "hold"}; the reply is {"exit_code": n, "result": [...] or null, "held": "...", "message": "..." or null}. With
"events" each line that a macro prints comes before as {"printed": "..."}. With a request come the locks that dot holds,
as open files. It uses dbt's documented programmatic runner and nothing else of dbt or dot.
"""

import atexit
import gc
import json
import os
import queue
import signal
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from typing import Any

SAME_SECONDS = 0.5
"""Signals that come closer together are one and the same."""

MOST_LOCKS = 253
"""How many open files Linux hands over with one message."""

# Python puts this file's folder first, whose modules must not stand for those that dbt imports.
del sys.path[0]


def main() -> None:
    """Answer requests until there are no more."""
    # dbt cancels its queries on an interrupt only, and on one, not two: dot turns every other signal into an interrupt.
    for name in ("SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    interrupts = Interrupts()
    signal.signal(signal.SIGINT, interrupts)
    requests = Requests(int(sys.argv[1]))
    atexit.register(fall_silent)
    # What dbt is made of stays to the end. Looking through it for garbage takes a fifth of the time of a short run.
    gc.disable()
    from dbt.cli.main import dbtRunner

    gc.freeze()
    gc.enable()
    kept: Any = None
    with os.fdopen(int(sys.argv[2]), "w", encoding="utf-8") as replies:
        for request in requests:
            if interrupts.last:  # while dbt was imported, where libraries may swallow it
                raise KeyboardInterrupt
            listener = Listener(replies)
            callbacks: Any = [listener] if request.get("events") else []
            runner = dbtRunner(manifest=kept if request["manifest"] == "use" else None, callbacks=callbacks)
            os.chdir(request["cwd"])
            change(request.get("env", {}))
            with Output(request["output"]) as output:
                outcome = runner.invoke(request["args"])
                output.complain(outcome.exception)
            if request["manifest"] == "keep":
                kept = outcome.result
            listed = outcome.result if isinstance(outcome.result, list) else None
            requests.is_busy = False
            reply = {
                "exit_code": exit_code(outcome),
                "result": listed,
                "held": output.held,
                "message": "\n".join(listener.errors) or reason(outcome),
            }
            replies.write(json.dumps(reply) + "\n")
            replies.flush()


def fall_silent() -> None:
    """Last of all that is done at the end: libraries complain that something of theirs is left over."""
    sys.stderr.flush()
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)


def change(env: "dict[str, str | None]") -> None:
    """Set variables, or take them out where they are null."""
    for name, value in env.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


class Interrupts:
    """Interrupts dbt, once for all that comes at the same time.

    Where a whole process group is interrupted that does not own a terminal, dot cannot tell and passes it on as well.
    """

    last = 0.0

    def __call__(self, number: int, frame: Any) -> None:
        before, self.last = self.last, time.monotonic()
        if not before or self.last - before > SAME_SECONDS:
            signal.default_int_handler(number, frame)


class Requests:
    """What dot asks for. When dot dies while dbt is at work, dbt is interrupted: nobody is left who could do it.

    The newest locks of dot are kept open meanwhile, so that they hold until dbt has ended. When dot ends without
    having asked for anything, so does this process, whatever it is importing.
    """

    def __init__(self, number: int) -> None:
        self.socket = socket.socket(fileno=number)
        self.is_busy = False
        self.is_unused = True
        self.locks: "list[int]" = []
        self.queue: Any = queue.Queue()
        threading.Thread(target=self.read, daemon=True).start()

    def read(self) -> None:
        rest = b""
        while chunk := self.receive():
            *lines, rest = (rest + chunk).split(b"\n")
            for line in lines:
                self.is_unused = False
                self.queue.put(json.loads(line.decode("utf-8")))
        if self.is_unused:
            os._exit(0)
        self.queue.put(None)
        if self.is_busy:
            os.kill(os.getpid(), signal.SIGINT)

    def receive(self) -> bytes:
        chunk, locks, _, _ = socket.recv_fds(self.socket, 1 << 16, MOST_LOCKS)
        if locks:
            for lock in self.locks:
                os.close(lock)
            self.locks = locks
        return chunk

    def __iter__(self) -> "Iterator[Any]":
        while True:
            request = self.queue.get()
            if request is None:
                return
            self.is_busy = True
            yield request


class Listener:
    """Tells dot what a macro prints, as it prints it, and keeps what goes wrong, which no result holds."""

    def __init__(self, replies: Any) -> None:
        self.replies = replies
        self.errors: "list[str]" = []

    def __call__(self, event: Any) -> None:
        if event.info.name == "PrintEvent":
            self.replies.write(json.dumps({"printed": event.info.msg}) + "\n")
            self.replies.flush()
        elif event.info.level == "error":
            self.errors.append(event.info.msg)


def exit_code(outcome: Any) -> int:
    """What the command `dbt` would have ended with."""
    if outcome.success:
        return 0
    if outcome.exception is None:
        return 1
    return 2


def reason(outcome: Any) -> "str | None":
    """Why dbt gave up before it could say so."""
    return None if outcome.exception is None else str(outcome.exception) or type(outcome.exception).__name__


class Output:
    """Sends what dbt prints to stderr for a while; or holds it back, for dot to show or to forget."""

    def __init__(self, where: "str | None") -> None:
        self.where = where
        self.held = ""

    def __enter__(self) -> "Any":
        if self.where:
            sys.stdout.flush()
            self.saved = os.dup(1)
            self.file = tempfile.TemporaryFile()
            os.dup2(2 if self.where == "stderr" else self.file.fileno(), 1)
        return self

    def complain(self, exception: "BaseException | None") -> None:
        """Say of words that dbt does not take what its own command line would: on stderr, or with what is held."""
        if type(exception).__name__ == "DbtUsageException":
            print("Error: {}".format(exception), file=sys.stdout if self.where == "hold" else sys.stderr, flush=True)

    def __exit__(self, *_: object) -> None:
        if self.where:
            sys.stdout.flush()
            os.dup2(self.saved, 1)
            os.close(self.saved)
            self.file.seek(0)
            self.held = self.file.read().decode("utf-8", "replace") if self.where == "hold" else ""
            self.file.close()


if __name__ == "__main__":
    try:
        main()
    except (KeyboardInterrupt, BrokenPipeError):  # nobody is left who would hear of it
        os._exit(130)
