"""A child's exit code is passed on; whatever asks dot to end reaches the child as an interrupt, and is waited for."""

import os
import pty
import signal
import subprocess
import sys
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from dot.dbt.session import Call, OneProcess
from dot.system.json_pipe import converse, start_listening
from dot.system.process import Command, find_program, run, stream

PYTHON = sys.executable

# What stands for dot: it streams one child and ends with its code. `{before}` sets the stage.
PARENT = """
import sys
from pathlib import Path
from dot.system import process
from dot.system import signals
{before}
sys.exit(process.stream(process.Command(tuple(sys.argv[1:]), Path.cwd())))
"""

# What stands for dbt: it takes its time to cancel its queries, and writes down every signal that it got.
CHILD = """
import os, signal, sys, time
reader, writer = os.pipe()
os.set_blocking(writer, False)
signal.set_wakeup_fd(writer)
signal.signal(signal.SIGINT, lambda *_: None)
print("ready", flush=True)
numbers = os.read(reader, 1)
time.sleep(0.6)
os.write(writer, b"\\0")
numbers += os.read(reader, 99)[:-1]
with open("signals", "w") as file:
    file.write(" ".join(signal.Signals(number).name for number in numbers))
print("cancelled", flush=True)
sys.exit(2)
"""

# A child that Python interrupts, as it does with dbt.
PLAIN = """
import time
try:
    print("ready", flush=True)
    time.sleep(60)
except KeyboardInterrupt:
    print("cancelled", flush=True)
"""

# A child that cannot be interrupted.
DEAF = """
import signal, time
signal.signal(signal.SIGINT, signal.SIG_IGN)
print("ready", flush=True)
time.sleep(60)
"""


def start(folder: Path, child: str, before: str = "") -> "subprocess.Popen[str]":
    """The parent and its child, in a process group of their own, once the child is ready."""
    argv = [PYTHON, "-c", PARENT.format(before=before), PYTHON, "-c", child]
    parent = subprocess.Popen(argv, cwd=folder, stdout=subprocess.PIPE, text=True, start_new_session=True)
    assert parent.stdout
    assert parent.stdout.readline() == "ready\n"
    return parent


def read_signals(folder: Path) -> str:
    file = folder / "signals"
    return file.read_text() if file.exists() else ""


def python(code: str, *words: str) -> tuple[str, ...]:
    return (PYTHON, "-c", f"import os, sys\n{code}", *words)


# -- exit codes ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", [0, 1, 2, 17, 255])
def test_the_exit_code_of_the_child_is_returned(code: int, tmp_path: Path) -> None:
    assert stream(Command(python(f"sys.exit({code})"), tmp_path)) == code


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV])
def test_a_child_that_dies_of_a_signal_ends_as_it_would_for_a_shell(number: int, tmp_path: Path) -> None:
    assert stream(Command(python(f"os.kill(os.getpid(), {int(number)})"), tmp_path)) == 128 + number


@pytest.mark.parametrize(
    ("end", "code"), [("os.kill(os.getpid(), 9)", 128 + 9), ("sys.exit(1)", 2), ("sys.exit(0)", 2)]
)
def test_a_dbt_that_ends_without_an_answer_has_not_merely_failed(end: str, code: int, tmp_path: Path) -> None:
    with converse(lambda: start_listening(Command(python(end), tmp_path))) as conversation:
        assert OneProcess(conversation, tmp_path).run(("build",)) == code


def test_a_child_gets_its_words_folder_and_environment_and_prints_untouched(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    show = "print(sys.argv[1:], os.getcwd(), os.environ['ONE'], os.environ.get('HOME')); print('no', file=sys.stderr)"
    words = ("", "a b", "--", "'\"$HOME", "日本")
    assert stream(Command(python(show, *words), tmp_path, {"ONE": "1", "PYTHONUTF8": "1"})) == 0
    assert capfd.readouterr() == (f"{list(words)} {tmp_path} 1 None\n", "no\n")


def test_the_output_of_a_child_can_be_sent_to_stderr(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert stream(Command(python("print('data')"), tmp_path), to_stderr=True) == 0
    assert capfd.readouterr() == ("", "data\n")


def test_what_was_printed_before_the_child_stands_before_it(tmp_path: Path) -> None:
    parent = PARENT.format(before="print('dot')")
    argv = [PYTHON, "-c", parent, *python("print('dbt')")]
    assert subprocess.run(argv, cwd=tmp_path, check=True, capture_output=True).stdout == b"dot\ndbt\n"


def test_a_captured_child_that_dies_of_a_signal_ends_as_it_would_for_a_shell(tmp_path: Path) -> None:
    assert run(Command(python("os.kill(os.getpid(), 9)"), tmp_path)).exit_code == 128 + 9


def test_a_short_child_is_captured(tmp_path: Path) -> None:
    copy = "sys.stdout.buffer.write(sys.stdin.buffer.read()); sys.stderr.write('no'); sys.exit(3)"
    done = run(Command(python(copy), tmp_path), stdin=b"\0\xff\r\n")
    assert (done.exit_code, done.stdout, done.stderr) == (3, b"\0\xff\r\n", b"no")


def test_a_missing_program_is_told_from_a_failing_one(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        run(Command((str(tmp_path / "nowhere"),), tmp_path))


# -- signals -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130), (signal.SIGHUP, 129)], ids=lambda n: str(int(n))
)
def test_a_signal_to_dot_reaches_the_child_as_one_interrupt_and_dot_waits(
    number: int, code: int, tmp_path: Path
) -> None:
    with start(tmp_path, CHILD) as parent:
        parent.send_signal(number)
        output, _ = parent.communicate(timeout=20)
    assert (parent.returncode, read_signals(tmp_path), output) == (code, "SIGINT", "cancelled\n")


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129)], ids=lambda n: str(int(n)))
def test_a_signal_to_the_whole_group_does_not_kill_the_child(number: int, code: int, tmp_path: Path) -> None:
    with start(tmp_path, CHILD) as parent:
        os.killpg(parent.pid, number)
        output, _ = parent.communicate(timeout=20)
    assert (parent.returncode, read_signals(tmp_path), output) == (code, "SIGINT", "cancelled\n")


# The parent at a terminal of its own, slow enough for two interrupts to stay two.
AT_TERMINAL = """
import fcntl, termios, time
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
interrupt = signals.Interruption._interrupt
signals.Interruption._interrupt = lambda self, child: [time.sleep(0.2), interrupt(self, child)]
"""


@contextmanager
def at_terminal(folder: Path, child: str, before: str = "") -> Generator[tuple["subprocess.Popen[str]", int]]:
    """The parent with its child, once that is ready, and the other end of its terminal."""
    ours, theirs = pty.openpty()
    argv = [PYTHON, "-c", PARENT.format(before=AT_TERMINAL + before), PYTHON, "-c", child]
    with subprocess.Popen(
        argv, cwd=folder, stdin=theirs, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as parent:
        assert parent.stdout
        assert parent.stdout.readline() == "ready\n"
        yield parent, ours
    os.close(ours)
    os.close(theirs)


def test_an_interrupt_typed_at_a_terminal_reaches_the_child_once(tmp_path: Path) -> None:
    with at_terminal(tmp_path, CHILD) as (parent, terminal):
        os.write(terminal, b"\x03")
        output, _ = parent.communicate(timeout=20)
    assert (parent.returncode, read_signals(tmp_path), output) == (130, "SIGINT", "cancelled\n")


def test_an_interrupt_that_only_dot_got_at_its_terminal_reaches_the_child_before_it_is_killed(tmp_path: Path) -> None:
    with at_terminal(tmp_path, PLAIN, "signals.GRACE_SECONDS = 1.0") as (parent, _):
        parent.send_signal(signal.SIGINT)
        output, _ = parent.communicate(timeout=20)
    assert (parent.returncode, output) == (130, "cancelled\n")


def test_a_hang_up_that_nohup_has_ignored_stays_ignored(tmp_path: Path) -> None:
    with start(tmp_path, CHILD, "import signal; signal.signal(signal.SIGHUP, signal.SIG_IGN)") as parent:
        parent.send_signal(signal.SIGHUP)
        parent.terminate()
        output, _ = parent.communicate(timeout=20)
    assert (parent.returncode, read_signals(tmp_path), output) == (143, "SIGINT", "cancelled\n")


# The parent captures what the child prints, and would go on after it.
CAPTURING = """
process.stream = lambda command: [process.run(command), print("went on")]
"""


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, -2), (signal.SIGHUP, 129)], ids=lambda n: str(int(n))
)
def test_a_captured_child_ends_before_dot_does(number: int, code: int, tmp_path: Path) -> None:
    child = CHILD.replace('print("ready", flush=True)', "open('ready', 'w').close()")
    argv = [PYTHON, "-c", PARENT.format(before=CAPTURING), PYTHON, "-c", child]
    with subprocess.Popen(argv, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as parent:
        while not (tmp_path / "ready").exists():
            assert parent.poll() is None
        parent.send_signal(number)
        output, _ = parent.communicate(timeout=20)
    assert (parent.returncode, read_signals(tmp_path), output) == (code, "SIGINT", "")


# What stands for a dbt that is asked: somebody ends dot meanwhile.
ASKED = """
import signal
signal.signal(signal.SIGINT, lambda *_: os._exit(2))
os.read(int(sys.argv[-2]), 1)
os.kill(os.getppid(), signal.SIGTERM)
signal.pause()
"""


def test_dot_ends_when_it_is_asked_to_while_it_asks_dbt(tmp_path: Path) -> None:
    with converse(lambda: start_listening(Command(python(ASKED), tmp_path))) as conversation:
        dbt = OneProcess(conversation, tmp_path)
        with pytest.raises(SystemExit, match="143"):
            dbt.listen(Call((), tmp_path), print)


# The parent on a machine so busy that its child is ready before it is itself.
SLOW = """
import subprocess, time
popen = subprocess.Popen
subprocess.Popen = lambda *words, **options: [popen(*words, **options), time.sleep(0.3)][0]
"""


def test_a_signal_that_comes_while_the_child_starts_is_not_lost(tmp_path: Path) -> None:
    with start(tmp_path, CHILD, SLOW) as parent:
        parent.terminate()
        output, _ = parent.communicate(timeout=20)
    assert (parent.returncode, read_signals(tmp_path), output) == (143, "SIGINT", "cancelled\n")


def test_a_child_that_does_not_end_is_killed_after_the_grace_time(tmp_path: Path) -> None:
    with start(tmp_path, DEAF, "signals.GRACE_SECONDS = 0.1") as parent:
        parent.terminate()
        assert parent.wait(timeout=20) == 143


def test_a_child_can_be_interrupted_when_dot_was_started_in_the_background(tmp_path: Path) -> None:
    background = "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN); signals.GRACE_SECONDS = 2.0"
    with start(tmp_path, PLAIN, background) as parent:
        parent.terminate()
        output, _ = parent.communicate(timeout=20)
    assert (parent.returncode, output) == (143, "cancelled\n")


def test_handlers_are_as_before_once_the_child_has_ended(tmp_path: Path) -> None:
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = [signal.getsignal(number) for number in numbers]
    stream(Command(python(""), tmp_path))
    assert [signal.getsignal(number) for number in numbers] == before


# -- programs ------------------------------------------------------------------------------------------------------


def make_program(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return path


@pytest.mark.parametrize(
    ("name", "found"),
    [("tool", ("bin", "tool")), ("./tool", ("here", "tool")), ("sub/tool", ("here", "sub", "tool")), ("other", None)],
)
def test_a_program_is_found_on_path_or_relative_to_the_folder(
    name: str, found: Sequence[str] | None, tmp_path: Path
) -> None:
    for path in ("bin/tool", "here/tool", "here/sub/tool"):
        make_program(tmp_path / path)
    environ = {"PATH": str(tmp_path / "bin")}
    expected = tmp_path.joinpath(*found) if found else None
    assert find_program(name, environ, cwd=tmp_path / "here") == expected
    assert find_program(str(tmp_path / "bin" / "tool"), {}, cwd=tmp_path) == tmp_path / "bin" / "tool"


def test_a_file_that_cannot_be_executed_is_no_program(tmp_path: Path) -> None:
    make_program(tmp_path / "first" / "tool").chmod(0o644)
    second = make_program(tmp_path / "second" / "tool")
    environ = {"PATH": os.pathsep.join(str(tmp_path / name) for name in ("first", "second"))}
    assert find_program("tool", environ, cwd=tmp_path) == second
    assert find_program("tool", {"PATH": str(tmp_path / "first")}, cwd=tmp_path) is None
