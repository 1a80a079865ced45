"""Groups and commands of Typer with dot's own ways: options in any place, dbt's options, and help that fits."""

import os
import textwrap
from collections.abc import Iterator, Mapping
from contextlib import suppress
from difflib import get_close_matches
from typing import Any

from typer.core import TyperCommand, TyperGroup

from dot.base.errors import DotError, UsageError
from dot.cli.guard import see_help

PANELS = ("dbt commands", "builds", "looking", "setting up")
"""The order of the parts of `dot --help`."""

_RUNS_DBT = "3 git, dbt, disk or a lock; 4 a leak; 5 a bug of dot's; 130 and 143 interrupted"
_AS_DBT = f"0, 1 and 2 are dbt's own; 2 also wrong usage or configuration; {_RUNS_DBT}"
_GENERATES = "0; 1 with `--check` where a module is not as its spec says; 2 wrong usage or a wrong spec; 3 disk"
EXIT_CODES = {
    "dbt commands": _AS_DBT,
    **dict.fromkeys(("bundle generate", "bundle job", "bundle pipeline"), f"{_GENERATES}; 5 a bug of dot's"),
    "apply": _AS_DBT,
    "bundle submit": f"0; 1 the run failed; 2 wrong usage or configuration; {_RUNS_DBT}",
    "diff": f"0; 1 a difference that `--fail-on` names; 2 wrong usage or configuration; "
    f"6 what it names is not proven; {_RUNS_DBT}",
    "": "0; 2 wrong usage or configuration; 3 git, dbt, disk or a lock; 5 a bug of dot's",
}
"""What a command ends with, by its words, by its panel, or in general."""


class Group(TyperGroup):
    """A group whose help has one paragraph a panel, and that takes its commands' options before the command too."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        return super().parse_args(ctx, self._move_options(ctx, args))

    def _move_options(self, ctx: Any, args: list[str]) -> list[str]:
        """`--no-deps build dev` becomes `build --no-deps dev`; an option that is no command's is the group's to read.

        Raises `UsageError` where there is no command after them.
        """
        own = {name for param in self.params for name in (*param.opts, *param.secondary_opts)}
        takes_value: Mapping[str, bool] = {}
        leading: list[str] = []
        rest = list(args)
        while rest and rest[0].startswith("-"):
            name = rest[0].partition("=")[0]
            if name not in own:
                takes_value = takes_value or option_arity(self, ctx)
            if name in own or name not in takes_value:
                break
            count = 2 if takes_value[name] and "=" not in rest[0] else 1
            leading, rest = leading + rest[:count], rest[count:]
        if leading and not rest:
            raise UsageError.of(f"a command is missing after `{' '.join(args)}`", hint=see_help(ctx))
        return [rest[0], *leading, *rest[1:]] if rest and not rest[0].startswith("-") else rest

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Raises `UsageError` for a word that is no command, with the nearest."""
        name = args[0]
        if name.startswith("-") or self.get_command(ctx, name):
            return super().resolve_command(ctx, args)
        near = [f"`{found}`" for found in get_close_matches(name, self.list_commands(ctx), 2)]
        hint = f"did you mean {' or '.join(near)}?" if near else see_help(ctx)
        if "@" in name:
            hint = f"an address stands after a command: `{ctx.command_path} {self.list_commands(ctx)[0]} {name}`"
        raise UsageError.of(f"`{ctx.command_path}` has no command `{name}`", hint=hint)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """The dbt commands of the top as a list of names, which everybody knows; all others with what they do."""
        commands = [(name, command) for name in self.list_commands(ctx) if (command := self.get_command(ctx, name))]
        limit = formatter.width - 6 - max(len(name) for name, _ in commands)
        panels: dict[str, list[tuple[str, str]]] = {}
        for name, command in commands:
            panel = getattr(command, "rich_help_panel", None)
            title = panel if isinstance(panel, str) else "commands"
            panels.setdefault(title, []).append((name, _unstop(command.get_short_help_str(limit))))
        for title in sorted(panels, key=lambda title: PANELS.index(title) if title in PANELS else -1):
            if ctx.parent or title in PANELS[:2]:
                formatter.write_paragraph()  # the others of the top stand close, so that all of it fits a small screen
            formatter.write_heading(title)
            formatter.indent()
            if title == PANELS[0] and not ctx.parent:
                _write_list(formatter, [name for name, _ in panels[title]])
            else:
                formatter.write_dl(panels[title])
            formatter.dedent()

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """The top's own stand last, and say by their names what they do."""
        if ctx.parent:
            format_parameters(self, ctx, formatter)
            self.format_commands(ctx, formatter)
            return
        self.format_commands(ctx, formatter)
        with formatter.section("options"):
            _write_list(formatter, [max(param.opts, key=len) for param in self.get_params(ctx)])


class DotCommand(TyperCommand):
    """A command of dot, whose help ends in an example, which is its epilog, and in its exit codes."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Raises `UsageError` for more words than it takes."""
        ctx.allow_extra_args = True
        if more := super().parse_args(ctx, args):
            raise UsageError.of(f"`{self.name}` does not take `{' '.join(more)}`", hint=see_help(ctx))
        return more

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        return ["[OPTIONS]", *(param.metavar or "" for param in _arguments(self, ctx))]

    def format_options(self, ctx: Any, formatter: Any) -> None:
        format_parameters(self, ctx, formatter)

    def format_epilog(self, ctx: Any, formatter: Any) -> None:
        format_ending(self, ctx, formatter)


class CommandGroup(Group):
    """A group that is a command by itself too."""

    def format_epilog(self, ctx: Any, formatter: Any) -> None:
        format_ending(self, ctx, formatter)


def _read_engine() -> int | None:
    """The engine of the dbt at hand, whose options help shows; None where that is not known."""
    from dot.complete.find_names import Start, read_engine
    from dot.system.store import read_current_folder

    with suppress(DotError):  # help is shown in a folder that is gone, too
        return read_engine(Start(read_current_folder(), os.environ))
    return None


def _arguments(command: Any, ctx: Any) -> list[Any]:
    return [param for param in command.get_params(ctx) if param.param_type_name == "argument"]


def _unstop(text: str) -> str:
    """Without the full stop of a sentence; not without the dots of one that was cut."""
    return text if text.endswith("..") else text.removesuffix(".")


def _write_list(formatter: Any, names: list[str]) -> None:
    """Names with commas between them, none of them broken at a hyphen."""
    indent = " " * formatter.current_indent
    lines = textwrap.wrap(
        ", ".join(names), formatter.width, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False
    )
    formatter.write("".join(f"{line}\n" for line in lines))


def format_parameters(command: TyperCommand | TyperGroup, ctx: Any, formatter: Any) -> None:
    """The arguments and dot's own options of a command."""
    arguments = [(param.metavar, param.help) for param in _arguments(command, ctx)]
    records = [param.get_help_record(ctx) for param in command.get_params(ctx) if param.param_type_name == "option"]
    options = [(names, _unstop(text)) for names, text in filter(None, records)]
    for title, rows in (("arguments", arguments), ("options", options)):
        if rows:
            with formatter.section(title):
                formatter.write_dl(rows)


def format_ending(command: TyperCommand | TyperGroup, ctx: Any, formatter: Any) -> None:
    """The example and the exit codes of a command."""
    panel = command.rich_help_panel if isinstance(command.rich_help_panel, str) else ""
    if command.epilog:
        with formatter.section("example"):
            formatter.write(f"{'':{formatter.current_indent}}{command.epilog}\n")
    with formatter.section("exit codes"):
        words = ctx.command_path.partition(" ")[2].removeprefix("plan ")
        formatter.write_text(EXIT_CODES.get(words) or EXIT_CODES.get(panel, EXIT_CODES[""]))


class DbtCommand(DotCommand):
    """A dbt command, which takes dbt's own options beside dot's."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        from dot.dbt.words import refuse_unknown, split_words

        name, own = self.dbt_command(ctx), own_options(self, ctx)
        words = split_words(name, args, own)
        refuse_unknown(name, words, own)
        ctx.obj = (words.dbt, ctx.obj or ())
        return super().parse_args(ctx, list(words.own))

    def format_options(self, ctx: Any, formatter: Any) -> None:
        from dot.dbt.words import describe_options, list_clashes

        super().format_options(ctx, formatter)
        name, own = self.dbt_command(ctx), own_options(self, ctx)
        described = describe_options(name, own, _read_engine())
        rows = [(option.label, option.text) for option in described if not option.is_common]
        common = [(option.label, option.text) for option in described if option.is_common]
        with formatter.section(f"dbt options of {name}"):
            formatter.write_dl(rows)
        with formatter.section("dbt options of every command"):
            formatter.write_dl(common, col_max=24)
        clashes = ", ".join(list_clashes(name, own))
        formatter.write_paragraph()
        formatter.write_text(f"{clashes} are dot's own here; dbt's of the same name go after `--`.")

    @staticmethod
    def dbt_command(ctx: Any) -> str:
        """The dbt command that this context is about, `docs generate` for one, planned or run."""
        names: list[str] = []
        while ctx.parent:
            names.insert(0, ctx.info_name)
            ctx = ctx.parent
        return " ".join(names[1:] if names[0] == "plan" else names)


def own_options(command: Any, ctx: Any) -> dict[str, bool]:
    """The names of the command's options, and whether each takes a value."""
    return dict(_arity(command.get_params(ctx)))


def option_arity(group: Any, ctx: Any) -> dict[str, bool]:
    """Every option of every command below the group, and whether it takes a value."""
    found: dict[str, bool] = {}
    for name in group.list_commands(ctx):
        command = group.get_command(ctx, name)
        if isinstance(command, TyperGroup):
            found |= option_arity(command, ctx)
        found |= dict(_arity(command.params))
    return found


def _arity(params: Any) -> Iterator[tuple[str, bool]]:
    for param in params:
        if param.param_type_name == "option":
            yield from ((name, not getattr(param, "is_flag", False)) for name in (*param.opts, *param.secondary_opts))
