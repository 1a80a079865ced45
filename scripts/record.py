"""Record a session in a terminal as a picture: `python scripts/record.py`, or `just record`, writes docs/session.svg.

The commands are run, in the project of the demo, and what they print is what the picture shows. It has no font of its
own and refers to nothing outside.
"""

import os
import re
import sys
import tempfile
from io import StringIO
from pathlib import Path
from typing import Any

import pexpect
from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

from dot.commands.demo import make_project

PICTURE = Path(__file__).parent.parent / "docs" / "session.svg"
COLUMNS = 110
MARGIN = 2
"""Columns that stay empty, half of them on either side."""

SECONDS = 120

COMMANDS = (
    "dot plan build dev@feature/net-revenue",
    "dot build dve@main",
    "dot build dev@main -- --quiet",
    "dot build dev@feature/net-revenue -- --quiet",
    "dot builds",
    "dot diff dev@main dev@feature/net-revenue",
)

HIDDEN = ("CI", "NO_COLOR", "FORCE_COLOR", "COLUMNS")
TERMINAL = {"TERM": "xterm-256color", "DOT_DISABLE_PROMPTS": "true"}

ERASED = re.compile(
    r"[^\n]*\n(?:\x1b\[\?25h)?\r\x1b\[1A\x1b\[2K"  # a line of progress at its end
    r"|[^\n]*\r\x1b\[2K"  # the same before it is drawn anew
    r"|\x1b\[\?25[hl]"  # the cursor
)
"""What a terminal has shown and shows no longer."""

_BLACK, _WHITE = (30, 34, 42), (212, 216, 224)
_COLORS = [(224, 108, 117), (152, 195, 121), (229, 192, 123), (97, 175, 239), (198, 120, 221), (86, 182, 194)]
THEME = TerminalTheme(_BLACK, _WHITE, [_BLACK, *_COLORS, _WHITE], [(127, 132, 142), *_COLORS, (255, 255, 255)])

SVG = """\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img">
<title>A session in a terminal: a plan, a typing error, two builds, the list of builds, and what differs</title>
<style>
.{unique_id}-matrix {{
  font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace;
  font-size: {char_height}px;
}}
{styles}
</style>
<defs>{lines}</defs>
<rect width="100%" height="100%" rx="12" fill="#1e222a"/>
<g class="{unique_id}-matrix" transform="translate(21, 20)">
{backgrounds}
{matrix}
</g>
</svg>
"""


def run(command: str, folder: Path) -> str:
    """What the command prints in a terminal."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("DBT_", "DOT_"))}
    environ = {name: value for name, value in environ.items() if name not in HIDDEN} | TERMINAL
    words = ["-m", *command.split()]
    child: Any = pexpect.spawn(sys.executable, words, cwd=str(folder), env=environ, encoding="utf-8", timeout=SECONDS)
    child.setwinsize(50, COLUMNS)
    child.expect(pexpect.EOF)
    return ERASED.sub("", child.before.replace("\r\n", "\n")).rstrip()


def show(command: str, printed: str, console: Console) -> None:
    """A command at its prompt, and what it printed, broken where the terminal ends."""
    console.print(Text.assemble(("$ ", "bright_black"), (command, "bold bright_white")))
    for line in Text.from_ansi(printed).split(allow_blank=True):
        for part in line.divide(range(COLUMNS, len(line), COLUMNS)):
            console.print(part, soft_wrap=True)


def record() -> str:
    """The picture."""
    console = Console(record=True, width=COLUMNS + MARGIN, file=StringIO(), force_terminal=True, highlight=False)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "dot-demo"
        make_project(folder)
        for number, command in enumerate(COMMANDS):
            printed = run(command, folder)
            if temporary in printed:
                sys.exit(f"`{command}` shows a path of this machine:\n{printed}")
            if number:
                console.print()
            show(command, printed, console)
    return console.export_svg(theme=THEME, code_format=SVG, unique_id="session")


if __name__ == "__main__":
    PICTURE.write_text(record(), encoding="utf-8", newline="\n")
    print(f"wrote {PICTURE}")
