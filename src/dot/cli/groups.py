"""Groups and commands of Typer with dot's own ways: options in any place, dbt's options, and help that fits."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from typer.core import TyperCommand, TyperGroup

PANELS = ("dbt commands", "builds", "looking", "setting up")
"""The order of the parts of `dot --help`."""

EXIT_CODES = {
    "dbt commands": "0, 1 and 2 are dbt's own; 2 also wrong usage or configuration; 3 git, dbt, disk or a lock; "
    "4 a leak; 5 a bug of dot's; 130 and 143 interrupted",
    "": "0; 2 wrong usage or configuration; 3 git, dbt, disk or a lock; 5 a bug of dot's",
}
"""What a command ends with, by its panel or in general."""


class Group(TyperGroup):
    """A group whose help has one paragraph a panel, and that takes its commands' options before the command too."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        return super().parse_args(ctx, self._move_options(ctx, args))

    def _move_options(self, ctx: Any, args: list[str]) -> list[str]:
        """`--no-deps build dev` becomes `build --no-deps dev`; what is no option of any command stays."""
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
        return [rest[0], *leading, *rest[1:]] if rest and not rest[0].startswith("-") else args

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """The dbt commands of the top as a list of names, which everybody knows; all others with what they do."""
        commands = [(name, command) for name in self.list_commands(ctx) if (command := self.get_command(ctx, name))]
        limit = formatter.width - 6 - max(len(name) for name, _ in commands)
        panels: dict[str, list[tuple[str, str]]] = {}
        for name, command in commands:
            panel = getattr(command, "rich_help_panel", None)
            title = panel if isinstance(panel, str) else "commands"
            panels.setdefault(title, []).append((name, command.get_short_help_str(limit)))
        for title in sorted(panels, key=lambda title: PANELS.index(title) if title in PANELS else -1):
            if ctx.parent or title in PANELS[:2]:
                formatter.write_paragraph()  # the others of the top stand close, so that all of it fits a small screen
            formatter.write_heading(title)
            formatter.indent()
            if title == PANELS[0] and not ctx.parent:
                formatter.write_text(", ".join(name for name, _ in panels[title]))
            else:
                formatter.write_dl(panels[title])
            formatter.dedent()

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """The top's own stand last, and say by their names what they do."""
        if ctx.parent:
            super().format_options(ctx, formatter)
            return
        self.format_commands(ctx, formatter)
        with formatter.section("options"):
            formatter.write_text(", ".join(param.opts[0] for param in self.get_params(ctx)))


class LazyGroup(Group):
    """A group whose commands are made when they are asked for: they would double the cost of every start."""

    fill: Callable[[], Mapping[str, Any]]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        self._fill()
        return super().get_command(ctx, cmd_name)

    def list_commands(self, ctx: Any) -> list[str]:
        self._fill()
        return super().list_commands(ctx)

    def _fill(self) -> None:
        if not self.commands:
            self.commands.update(type(self).fill())


class Command(TyperCommand):
    """A command whose help ends in an example, which is its epilog, and in its exit codes."""

    def format_epilog(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002 - as the base class has it
        format_ending(self, formatter)


class CommandGroup(Group):
    """A group that is a command by itself too."""

    def format_epilog(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002 - as the base class has it
        format_ending(self, formatter)


def format_ending(command: TyperCommand | TyperGroup, formatter: Any) -> None:
    """The example and the exit codes of a command."""
    panel = command.rich_help_panel if isinstance(command.rich_help_panel, str) else ""
    if command.epilog:
        with formatter.section("example"):
            formatter.write(f"{'':{formatter.current_indent}}{command.epilog}\n")
    with formatter.section("exit codes"):
        formatter.write_text(EXIT_CODES.get(panel, EXIT_CODES[""]))


class DbtCommand(Command):
    """A dbt command, which takes dbt's own options beside dot's."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        from dot.commands.dbt_words import refuse_unknown, split_words

        name, own = self.dbt_command(ctx), own_options(self, ctx)
        words = split_words(name, args, own)
        refuse_unknown(name, words, own)
        ctx.obj = (words.dbt, ctx.obj or ())
        return super().parse_args(ctx, list(words.own))

    def format_options(self, ctx: Any, formatter: Any) -> None:
        from dot.commands.dbt_words import describe_options, list_clashes

        super().format_options(ctx, formatter)
        name, own = self.dbt_command(ctx), own_options(self, ctx)
        described = describe_options(name, own)
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
