"""Run dot and kill its whole process group at the Nth thing that it does to the world.

    python crash.py N WORD …        kills; with N = 0 it only counts, and prints the count as the last line of stderr

Python's audit events tell of every file that is opened for writing, renamed, made or removed and of every child that
is started, so dot needs no hooks of its own to be killed between any two of them.
"""

import os
import signal
import sys
from typing import Any

FILES = {"os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.chmod", "shutil.rmtree"}


def is_effect(event: str, args: tuple[Any, ...]) -> bool:
    """Whether this is something done to the project, or a child that may do so."""
    if event == "subprocess.Popen":
        return True
    if event == "open":
        path, _, flags = args
        writes = isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR)
        return bool(writes) and isinstance(path, str) and (".dot" in path or ".git" in path)
    return event in FILES and ".dot" in str(args[0])


def main() -> None:
    """Count effects, and kill at the one that the first word says."""
    kill_at = int(sys.argv[1])
    from dot.cli import main as run_dot  # noqa: PLC0415 - its imports are no effects

    count = 0

    def on_event(event: str, args: tuple[Any, ...]) -> None:
        nonlocal count
        if is_effect(event, args):
            count += 1
            if count == kill_at:
                os.killpg(os.getpgrp(), signal.SIGKILL)

    sys.addaudithook(on_event)
    try:
        run_dot(sys.argv[2:])
    finally:
        os.write(2, f"\n{count}\n".encode())


if __name__ == "__main__":
    main()
