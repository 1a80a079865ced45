"""Write docs/commands.md, every command with its options, as the program itself declares them: `just commands`.

Nothing of it depends on how wide a terminal is or on the version of Typer, whose help is not asked.
"""

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

import typer

from dot.cli import app
from dot.cli.groups import EXIT_CODES, PANELS

PAGE = Path(__file__).parent.parent / "docs" / "commands.md"

HEAD = """\
# Commands

Every command of dot, its arguments and its options. This page is made from the program; `dot <command> --help` says the
same in a terminal, and adds the options of the dbt at hand. How a command line is put together, and what all of them
have in common, is in the [reference](reference.md).

- `-h`, `--help`: help for dot or for a command
- `--version`: dot's version (`dot --version`)
"""

DBT_HEAD = """\
Each of them is dbt's command of that name, on the working tree or on a build of a commit. All of them take the same
options of dot's, and dbt's own options beside them.
"""

PLAN_HEAD = """\
`dot plan` takes every dbt command of [above](#dbt-commands), by its name and with its arguments: `dot plan build
dev@main`. In the place of `--dry-run` and `--disable-prompts` it has `--json` and `--out`.
"""


class Named(NamedTuple):
    """A command by the words that start it, and the part of `dot --help` in which it stands."""

    name: str
    panel: str
    command: Any


def read_commands() -> Iterator[Named]:
    """Every command, in the order of `dot --help`; `dot plan` is one, whatever stands behind it."""
    top: Any = typer.main.get_command(app)
    context = typer.Context(top)
    for name in top.list_commands(context):
        command = top.get_command(context, name)
        panel = command.rich_help_panel
        if name == "plan":
            yield Named(name, panel, command)
        else:
            yield from _walk(Named(name, panel, command))


def _walk(found: Named) -> Iterator[Named]:
    if not hasattr(found.command, "list_commands"):
        yield found
        return
    if found.command.invoke_without_command:
        yield found
    context = typer.Context(found.command)
    for name in found.command.list_commands(context):
        yield from _walk(Named(f"{found.name} {name}", found.panel, found.command.get_command(context, name)))


def render_page() -> str:
    """The whole page."""
    commands = sorted(read_commands(), key=lambda found: PANELS.index(found.panel))
    panels = {panel: list(found) for panel, found in groupby(commands, key=lambda found: found.panel)}
    sections = [HEAD, *_render_dbt_commands(panels.pop(PANELS[0]))]
    for panel, found in panels.items():
        sections.append(f"## {panel[0].upper()}{panel[1:]}\n")
        sections.extend(_render_plan(one) if one.name == "plan" else _render_command(one) for one in found)
    return "\n".join(sections)


def _render_dbt_commands(commands: list[Named]) -> Iterator[str]:
    """One table and one list of options, which all of them have. Raises `ValueError` when one has others."""
    (options,) = {tuple(_list_options(found.command)) for found in commands}
    rows = [f"| `{_usage(found)}` | {found.command.help} |\n" for found in commands]
    yield "## dbt commands\n"
    yield DBT_HEAD
    yield "".join(("| Command | Does |\n| --- | --- |\n", *rows))
    arguments = dict.fromkeys(line for found in commands for line in _list_arguments(found.command))
    yield "".join((*arguments, *options))
    examples = "".join(f"{found.command.epilog}\n" for found in commands)
    yield f"One example of each:\n\n```sh\n{examples}```\n"
    yield _render_exit_codes(PANELS[0])


def _render_plan(found: Named) -> str:
    command = found.command.get_command(typer.Context(found.command), "build")
    return "\n".join(
        (
            f"### dot {found.name}\n",
            f"{found.command.help}\n",
            PLAN_HEAD,
            "".join((*_list_arguments(command), *_list_options(command))),
            _render_example(command),
            _render_exit_codes(PANELS[0]),
        )
    )


def _render_command(found: Named) -> str:
    command = found.command
    return "\n".join(
        (
            f"### dot {found.name}\n",
            f"{command.help}\n",
            f"```text\n{_usage(found)} [options]\n```\n",
            "".join((*_list_arguments(command), *_list_options(command))),
            _render_example(command),
            _render_exit_codes(found.name),
        )
    )


def _render_example(command: Any) -> str:
    return f"```sh\n{command.epilog}\n```\n"


def _render_exit_codes(name: str) -> str:
    return f"Exit codes: {EXIT_CODES.get(name, EXIT_CODES[''])}.\n"


def _usage(found: Named) -> str:
    arguments = [param.metavar for param in found.command.params if param.param_type_name == "argument"]
    return " ".join(("dot", found.name, *arguments))


def _list_arguments(command: Any) -> Iterator[str]:
    for param in command.params:
        if param.param_type_name == "argument":
            yield f"- `{param.metavar}`: {_lower(param.help)}\n"


def _list_options(command: Any) -> Iterator[str]:
    for param in command.params:
        if param.param_type_name == "option":
            names = sorted(param.opts, key=len)
            value = f" {param.metavar}" if param.metavar and not param.is_flag else ""
            shown = ", ".join(f"`{name}`" for name in names[:-1]) + (", " if names[1:] else "")
            default = f" (`{param.default}` by default)" if param.default or param.default == 0 else ""
            yield f"- {shown}`{names[-1]}{value}`: {_lower(param.help)}{'' if param.is_flag else default}\n"


def _lower(text: str) -> str:
    """A sentence as a part of one."""
    return text[:1].lower() + text[1:] if text[1:2].islower() or text[1:2] == " " else text


if __name__ == "__main__":
    PAGE.write_text(render_page(), "utf-8")
