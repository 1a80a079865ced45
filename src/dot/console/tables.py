"""Tables on stdout, which rich lays out."""

import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from dot.console.terminal import count_cells, is_terminal, read_size, takes_color, write

_TIED = "\ue000"
"""Stands for a space at which no line is broken: rich breaks at every other."""

_UNIT = re.compile(r"(?<=\d) (?=\S)")
"""A number stays with its unit where a line is folded."""

_WIDE, _ROOMY = 1_000_000, 80
"""Columns where there is no terminal, and from which on there is room for wide gaps."""


@dataclass(frozen=True)
class Cell:
    """A piece of a row: its text, its colour, and whether it is cut with `…` or folded to make the row fit."""

    text: str
    color: str = ""
    is_flexible: bool = False
    is_folded: bool = False


def write_rows(headers: Sequence[str], rows: Sequence[Sequence[Cell]]) -> None:
    """A table on stdout."""
    write(lay_out(headers, rows))


def lay_out(headers: Sequence[str], rows: Sequence[Sequence[Cell]]) -> str:
    """A table that fits on a terminal, and is whole elsewhere. A row takes one line, or more where a cell is folded."""
    if not read_size(sys.stdout) and not takes_color(sys.stdout):
        return _lay_out_plain([headers, *([cell.text for cell in row] for row in rows)])
    from rich.table import Table  # noqa: PLC0415 - rich is slow to import
    from rich.text import Text  # noqa: PLC0415

    gap = 3 if _read_width() >= _ROOMY else 2
    table = Table(box=None, pad_edge=False, padding=(0, gap, 0, 0), header_style="bold")
    for header, cell in zip(headers, rows[0], strict=True):
        is_fixed = not cell.is_flexible and not cell.is_folded
        table.add_column(Text(header, no_wrap=True), no_wrap=is_fixed)
    for row in rows:
        table.add_row(*(_render_cell(cell) for cell in row))
    return _render_rich(table)


def _lay_out_plain(rows: Sequence[Sequence[str]]) -> str:
    """The same where nothing has to fit and nothing has a colour, without rich, which takes long for many rows."""
    counts = [[count_cells(text) for text in row] for row in rows]
    widths = [max(column) for column in zip(*counts, strict=True)]
    padded = (
        [text + " " * (width - count) for text, width, count in zip(row, widths, counted, strict=True)]
        for row, counted in zip(rows, counts, strict=True)
    )
    return "\n".join("   ".join(row).rstrip() for row in padded)


def _render_cell(cell: Cell) -> Any:
    from rich.text import Text  # noqa: PLC0415 - rich is slow to import

    if cell.is_folded:
        return Text(_UNIT.sub(_TIED, cell.text), cell.color, overflow="fold")
    return Text(cell.text, cell.color, no_wrap=True, overflow="ellipsis")


def write_fields(title: str, fields: Sequence[tuple[str, Sequence[str]]]) -> None:
    """What is known of one thing, on stdout: labels, and lines beside them, which are folded on a terminal."""
    from rich.table import Table  # noqa: PLC0415 - rich is slow to import
    from rich.text import Text  # noqa: PLC0415

    table = Table.grid(padding=(0, 3, 0, 0))
    for label, lines in fields:
        for index, line in enumerate(lines):
            table.add_row(Text("" if index else f"  {label}", "dim", no_wrap=True), Text(line, overflow="fold"))
    write(_render_rich(Text(title, "bold"), table))


def _render_rich(*parts: Any) -> str:
    """What rich makes of it, as wide as the terminal, or as its widest line where there is none."""
    from rich.console import Console as RichConsole  # noqa: PLC0415 - rich is slow to import

    rich = RichConsole(
        highlight=False,
        width=_read_width(),
        color_system=_color_system(),
        no_color=False,
    )
    with rich.capture() as captured:
        rich.print(*parts, sep="\n")
    lines = captured.get().replace(_TIED, " ").splitlines()
    return "\n".join(line.rstrip() for line in lines)


def _read_width() -> int:
    """As many columns as the terminal has; so many that lines are whole where there is none."""
    size = read_size(sys.stdout)
    if not size:
        return _WIDE
    is_plain = not "…".encode(sys.stdout.encoding, "ignore")  # then it becomes three dots, in two columns at most
    return size.columns - (4 if is_plain else 0)


def _color_system() -> Literal["auto", "standard"] | None:
    """The colours that stdout takes, as rich calls them."""
    if not takes_color(sys.stdout):
        return None
    return "auto" if is_terminal(sys.stdout) else "standard"
