"""Write `src/dot/dbt/option_table.py` from the command lines of installed dbt versions.

    python scripts/generate_dbt_options.py DBT2 PYTHON [PYTHON ...]

DBT2 is the program of dbt 2, each PYTHON an interpreter that has one version of dbt 1 installed; `just dbt-options`
runs this for every version that dot is generated from. The table of dbt 1 is the union over its versions.
"""

import json
import re
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

TARGET = Path(__file__).parent.parent / "src" / "dot" / "dbt" / "option_table.py"

# Runs inside dbt's interpreter, which need not be able to import dot.
READ_OPTIONS = """
import json
from dbt.cli.main import cli
from dbt.version import __version__

def kind(option):
    if option.is_flag:
        return "flag"
    if option.multiple:
        return "list"
    name = type(option.type).__name__
    if name in ("YAML", "WarnErrorOptionsType", "SqlParseOptionsType"):
        return "mapping"
    return "integer" if name == "IntParamType" else "text"

def choices(option):
    return [str(value) for value in getattr(option.type, "choices", ())]

def read(group, path=()):
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from read(command, (*path, name))
            continue
        yield " ".join((*path, name)), {
            max(option.opts, key=len): {
                "kind": kind(option),
                "names": option.opts,
                "negative": option.secondary_opts,
                "choices": choices(option),
            }
            for option in command.params
            if option.param_type_name == "option"
        }

print(json.dumps({"version": __version__, "commands": dict(read(cli))}))
"""

HEADER = '''"""The options of every command of dbt {versions}, for each engine: dbt 1 and dbt 2.

Do not edit: `just dbt-options` makes it.
"""

'''

NEWER: dict[str, dict[str, dict[str, Any]]] = {
    "*": {"--x-alt-target": {"kind": "text"}},
    "compile": {
        "--infer-schemas": {"kind": "flag"},
        "--resolve-ambiguous-cols": {"kind": "flag"},
        "--show-sources": {"kind": "flag"},
        "--skip-type-checking": {"kind": "flag"},
    },
    "docs generate": {"--compile": {"kind": "flag", "negative": ["--no-compile"]}, "--output-dir": {"kind": "text"}},
    "test": {
        "--resource-types": {"kind": "list", "names": ["--resource-types", "--resource-type"]},
        "--exclude-resource-types": {"kind": "list", "names": ["--exclude-resource-types", "--exclude-resource-type"]},
    },
}
"""What the sources of dbt 2 up to October 2026 have besides, by command (`*` is every one); none of it was run."""

NEWER_CHOICES = {"--resource-types": ["exposure"], "--exclude-resource-types": ["exposure"]}
"""The same for values."""


def read_options(python: str) -> dict[str, Any]:
    """The options of the dbt that this interpreter has."""
    done = subprocess.run([python, "-c", READ_OPTIONS], stdout=subprocess.PIPE, check=True, text=True)
    return json.loads(done.stdout)


def merge(tables: list[dict[str, Any]]) -> tuple[dict[str, dict[str, Any]], dict[str, set[str]]]:
    """Every option with what any version or command says of it, and the options of each command."""
    options: dict[str, dict[str, Any]] = {}
    commands: dict[str, set[str]] = {}
    for table in tables:
        for command, found in table["commands"].items():
            for name, option in found.items():
                empty = {"kind": option["kind"], "negative": [], "names": [], "choices": []}
                known = options.setdefault(name, empty)
                if known["kind"] != option["kind"]:
                    raise SystemExit(f"{name} is a {known['kind']} and a {option['kind']}")
                for key in ("negative", "names", "choices"):
                    known[key] += [value for value in option[key] if value not in known[key]]
                known["open"] = known.get("open", False) or not option["choices"]
                commands.setdefault(command, set()).add(name)
    for alias, name in [
        (alias, name) for name, option in options.items() for alias in option["names"] if alias != name
    ]:
        if options.pop(alias, None):  # some commands have it as an option of its own, which means the same
            commands.update({key: (names - {alias}) | {name} for key, names in commands.items() if alias in names})
    return options, commands


# -- dbt 2, which tells of what it hides only when it is asked for it ------------------------------------------------

SHOWN = re.compile(r"^ {2,6}(?:(-\w), )?(--[\w-]+)", re.MULTILINE)
"""An option in the help of dbt 2, after its short name."""

NEEDS_VALUE = re.compile(r"a value is required for '(--[\w-]+)[ =]<[^>]*>(\.\.\.)?")
CHOICES = re.compile(r"\[possible values: ([^]]*)\]")


@dataclass(frozen=True)
class Program:
    """The program of dbt 2, and the options of dbt 1, under whose names go those of dbt 2 that mean the same."""

    path: str
    known: dict[str, dict[str, Any]]

    def read(self, commands: Iterable[str]) -> dict[str, Any]:
        """Its version, and of each command that it has the options under every name that help or dbt 1 tells of."""
        helps = {command: said for command in commands for is_there, said in [self.ask(command)] if is_there}
        words = {name for option in self.known.values() for name in (*option["names"], *option["negative"])}
        shown = [pair for said in helps.values() for pair in SHOWN.findall(said)]
        words |= {word for pair in shown for word in pair if word}
        words |= {f"--no-{word[2:]}" for word in words if word.startswith("--") and not word.startswith("--no-")}
        short = {short: name for short, name in shown if short}
        version = subprocess.run([self.path, "--version"], stdout=subprocess.PIPE, check=True, text=True).stdout
        return {
            "version": version.split()[-1],
            "commands": {
                command: self.read_command(command, sorted(words - {"--help", "-h"}), short) for command in helps
            },
        }

    def ask(self, command: str, *words: str) -> tuple[bool, str]:
        """Whether the command takes these words, and what it says; for `--help` it does no more than read them."""
        argv = [self.path, *command.split(), *words, "--help"]
        with TemporaryDirectory() as empty:  # where it finds no project if it takes `--help` for a value
            done = subprocess.run(
                argv, cwd=empty, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, text=True
            )
        return not done.returncode, done.stdout

    def read_command(self, command: str, words: Iterable[str], short: dict[str, str]) -> dict[str, Any]:
        """The options of one command among these words, each with all of its names."""
        found: dict[str, Any] = {}
        flags: set[str] = set()
        for word in words:
            is_taken, said = self.ask(command, word)
            wanted = NEEDS_VALUE.search(said)
            if is_taken:
                flags.add(word)
            elif wanted or "unexpected argument" not in said:  # the latter takes any word for its value
                own, many = wanted.groups() if wanted else (word, None)
                option = found.setdefault(self.spell(own), {"names": [], "negative": []})
                option["kind"] = "list" if many else "text"
                option["names"] += [name for name in dict.fromkeys((own, word)) if name not in option["names"]]
        for name, option in found.items():
            option.update(self.describe(command, option["names"][0], name, option["kind"]))
        for word in sorted(flags):
            positive = f"--{word.removeprefix('--no-')}"
            name = positive if word.startswith("--no-") and positive in flags else self.spell(short.get(word, word))
            option = found.setdefault(name, {"kind": "flag", "names": [name], "negative": [], "choices": []})
            if name != word:
                option["negative" if name == positive else "names"].append(word)
        return found

    def spell(self, name: str) -> str:
        """The name that dbt 1 has for this one, if it has any."""
        same = (option for option, fields in self.known.items() if name in fields["names"])
        return name if name in self.known else next(same, name)

    def describe(self, command: str, word: str, name: str, kind: str) -> dict[str, Any]:
        """The kind of an option with values, which is that of dbt 1 where that has it, and the values that it lists."""
        refused = self.ask(command, f"{word}=?")[1]
        is_refused = "invalid value '?'" in refused
        listed = CHOICES.search(refused) if is_refused else None
        choices = listed[1].split(", ") if listed else []
        if name in self.known:
            kind = self.known[name]["kind"]
            choices = choices or (self.known[name]["choices"] if is_refused else [])  # which dbt 2 does not always list
        elif "invalid digit" in refused:
            kind = "integer"
        return {"kind": kind, "choices": choices}


def add_newer(table: dict[str, Any]) -> dict[str, Any]:
    """The same table with what only newer sources of dbt 2 have."""
    for place, options in NEWER.items():
        for command in table["commands"] if place == "*" else [place]:
            for name, option in options.items():
                table["commands"][command].setdefault(name, {"names": [name], "negative": [], "choices": []} | option)
    for options in table["commands"].values():
        for name in options.keys() & NEWER_CHOICES.keys():
            options[name]["choices"] = [*options[name]["choices"], *NEWER_CHOICES[name]]
    return table


# -- the module ----------------------------------------------------------------------------------------------------


def render(engines: dict[int, list[dict[str, Any]]]) -> str:
    """The text of the generated module, from the tables of each engine's versions."""
    *first, last = (table["version"] for tables in engines.values() for table in tables)
    merged = {engine: merge(tables) for engine, tables in engines.items()}
    lines = [HEADER.format(versions=f"{', '.join(first)} and {last}")]
    lines.append("# option: (kind, negative form, other names, allowed values)\n")
    lines.append("OPTIONS: dict[int, dict[str, tuple[str, str | None, tuple[str, ...], tuple[str, ...]]]] = {\n")
    for engine, (options, _) in merged.items():
        lines.append(f"    {engine}: {{\n")
        lines += [f"        {name!r}: {render_row(name, option)!r},\n" for name, option in sorted(options.items())]
        lines.append("    },\n")
    lines.append("}\n\n# Options that every command takes.\nCOMMON: dict[int, frozenset[str]] = {\n")
    lines += [f"    {engine}: {render_set(find_common(commands))},\n" for engine, (_, commands) in merged.items()]
    lines.append("}\n\n# What each command takes besides.\nCOMMANDS: dict[int, dict[str, frozenset[str]]] = {\n")
    for engine, (_, commands) in merged.items():
        lines.append(f"    {engine}: {{\n")
        common = find_common(commands)
        lines += [
            f"        {command!r}: {render_set(names - common)},\n" for command, names in sorted(commands.items())
        ]
        lines.append("    },\n")
    return "".join([*lines, "}\n"])


def find_common(commands: dict[str, set[str]]) -> set[str]:
    """The options that every command takes."""
    return set.intersection(*commands.values())


def render_set(names: set[str]) -> str:
    """The names as a frozenset."""
    return f"frozenset({{{', '.join(map(repr, sorted(names)))}}})" if names else "frozenset()"


def render_row(name: str, option: dict[str, Any]) -> tuple[object, ...]:
    """What the module says of an option."""
    negative = next((text for text in option["negative"] if text.startswith("--")), None)
    others = tuple(text for text in option["names"] if text != name)
    return option["kind"], negative, others, () if option["open"] else tuple(sorted(option["choices"]))


def main() -> None:
    """Generate the module, whose lines stay as long as they are."""
    program, *pythons = sys.argv[1:] or [""]
    if not pythons:
        raise SystemExit(__doc__)
    dbt1 = [read_options(python) for python in pythons]
    known, commands = merge(dbt1)
    dbt2 = Program(str(Path(program).absolute()), known).read(sorted(commands))
    TARGET.write_text(render({1: dbt1, 2: [add_newer(dbt2)]}), encoding="utf-8")
    subprocess.run(["ruff", "format", "--quiet", str(TARGET)], check=True)


if __name__ == "__main__":
    main()
