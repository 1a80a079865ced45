"""Write `src/dot/core/dbt_options.py` from the command lines of installed dbt versions.

    python scripts/generate_dbt_options.py PYTHON [PYTHON ...]

Each PYTHON is an interpreter that has one dbt-core version installed; `just dbt-options` runs this for
every version that dot is generated from. The table is the union over those versions.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

TARGET = Path(__file__).parent.parent / "src" / "dot" / "core" / "dbt_options.py"

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

HEADER = '''"""The options of every dbt command of dbt-core {versions}. Do not edit: `just dbt-options` makes it."""

# option: (kind, negative form, other names, allowed values)
OPTIONS: dict[str, tuple[str, str | None, tuple[str, ...], tuple[str, ...]]] = {{
'''


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


def render(tables: list[dict[str, Any]]) -> str:
    """The text of the generated module."""
    options, commands = merge(tables)
    common = set.intersection(*commands.values())
    *first, last = (table["version"] for table in tables)
    lines = [HEADER.format(versions=f"{', '.join(first)} and {last}")]
    for name, option in sorted(options.items()):
        negative = next((text for text in option["negative"] if text.startswith("--")), None)
        others = tuple(text for text in option["names"] if text != name)
        choices = () if option["open"] else tuple(sorted(option["choices"]))
        lines.append(f"    {name!r}: {(option['kind'], negative, others, choices)!r},\n")
    lines.append("}\n\n# Options that every command takes.\nCOMMON: frozenset[str] = frozenset({\n")
    lines += [f"    {name!r},\n" for name in sorted(common)]
    lines.append("})\n\n# What each command takes besides.\nCOMMANDS: dict[str, frozenset[str]] = {\n")
    for command, names in sorted(commands.items()):
        inner = ", ".join(repr(name) for name in sorted(names - common))
        lines.append(f"    {command!r}: frozenset({{{inner}}}),\n" if inner else f"    {command!r}: frozenset(),\n")
    return "".join([*lines, "}\n"])


def main() -> None:
    """Generate the module and format it as the rest of the project is formatted."""
    if not sys.argv[1:]:
        raise SystemExit(__doc__)
    TARGET.write_text(render([read_options(python) for python in sys.argv[1:]]), encoding="utf-8")
    subprocess.run(["ruff", "format", "--quiet", str(TARGET)], check=True)


if __name__ == "__main__":
    main()
