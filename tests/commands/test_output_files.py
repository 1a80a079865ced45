"""Where dot's output goes, and what it reads, when nobody has prepared it."""

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="files without a name are a shell's on Unix")

# What dot does first, then where the next file lands.
CLOSED = (
    "import os\nfrom dot.cli.app import main\nos.close(0)\nos.close(1)\n"
    "try:\n    main(['--version'])\nexcept SystemExit:\n    pass\n"
    "os.write(2, repr([os.get_inheritable(0), os.get_inheritable(1), os.open(os.devnull, 0) > 2]).encode())\n"
    "os._exit(0)\n"
)


def test_a_full_disk_behind_the_output_is_no_bug_of_dot(tmp_path: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("this system has no file that is always full")
    with Path("/dev/full").open("w") as full:
        command = [sys.executable, "-m", "dot", "doctor"]
        done = subprocess.run(command, cwd=tmp_path, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    message, hint = done.stderr.splitlines()
    assert (done.returncode, message) == (3, "error: cannot write the answer: no space is left where it goes to")
    assert hint.endswith("free some space there, or send it elsewhere")


def test_no_file_that_dot_opens_takes_the_place_of_input_or_output(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", CLOSED], cwd=tmp_path, stderr=subprocess.PIPE, text=True, check=True)
    assert done.stderr == "[True, True, True]"
