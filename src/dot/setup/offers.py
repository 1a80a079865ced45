"""What `dot setup` offers: pure edits of the files that a dbt project and its repository have."""

import re
from collections.abc import Iterator
from typing import Any

from dot.base.address import environment_name_problem
from dot.base.file_edit import File, Offer, newline_of, put_on_top
from dot.base.frozen import Frozen, render_json
from dot.base.layout import FOLDER
from dot.base.yaml_document import YamlDocument

SCHEMAS_FOLDER = f"{FOLDER}/schemas"
HOOK = "dot-check"

_LANGUAGE_SERVER = re.compile(r"^\ufeff?#\s*yaml-language-server:", re.MULTILINE)
_PLAIN = re.compile(r"(?!(?:y|n|yes|no|true|false|on|off|null)\Z)[a-z_][a-z0-9_-]*\Z", re.IGNORECASE)
_SIMPLE = re.compile(r"[A-Za-z(][^#:'\"\n]*\Z")
_FILES = r"(^|/)(dot_vars|dot_environments(\.user)?|dbt_project|profiles)\.yml$"


class ProfileOutputs(Frozen):
    """The outputs of a dbt profile by name, and the one that it says is the default."""

    name: str
    outputs: tuple[str, ...]
    target: str | None


def offer_environments(file: File, profile: ProfileOutputs) -> Offer:
    """A first `dot_environments.yml`, which changes nothing: the environments are what they are without it."""
    question = f"make {file.name} from the outputs of the profile `{profile.name}`?"
    return Offer(key="environments", question=question, edit=file.edit(render_environments(profile)))


def render_environments(profile: ProfileOutputs) -> str:
    """An environments file with one environment for each output."""
    names = dict(_name_environments(profile.outputs))
    default = [f"  default: {_quote(names[profile.target])}"] if profile.target in names else []
    lines = [
        schema_line("environments"),
        f"# One environment for each output of the dbt profile {_quote(profile.name)}.",
        "# Beside `target` may stand other options of dbt, without their dashes, and",
        "# values of variables below `vars`.",
        "environment:",
        *default,
    ]
    for output, name in names.items():
        lines += [f"  {_quote(name)}:", f"    target: {_quote(output)}"]
    return "".join(f"{line}\n" for line in lines)


def _name_environments(outputs: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Each output with a name that an environment can have, its own if possible."""
    taken = {output for output in outputs if not environment_name_problem(output)}
    for output in outputs:
        name = output
        while name in taken - {output} or environment_name_problem(name):
            name = f"{re.sub(r'[^A-Za-z0-9_.-]', '_', name).lstrip('.-')}_output"
        taken.add(name)
        yield output, name


def _quote(text: str) -> str:
    """A text as YAML that can be nothing but a text."""
    return text if _PLAIN.match(text) else render_json(text)


def schema_line(schema: str) -> str:
    """The comment that tells editors which schema a YAML file follows."""
    return f"# yaml-language-server: $schema={SCHEMAS_FOLDER}/{schema}.json"


def offer_schema(file: File, schema: str) -> Offer | None:
    """Tell editors what the file may hold, unless something tells them already."""
    if file.text is None or "\0" in file.text or _LANGUAGE_SERVER.search(file.text):
        return None
    question = f"tell editors what {file.name} may hold?"
    return Offer(key=schema, question=question, edit=file.edit(put_on_top(file.text, schema_line(schema))))


def make_hook(entry: str) -> dict[str, Any]:
    """A local repository of pre-commit's with one hook, which runs this command."""
    hook = {"id": HOOK, "name": "dot check", "entry": entry, "language": "system", "pass_filenames": False}
    return {"repo": "local", "hooks": [hook | {"files": _FILES}]}


def offer_hook(file: File, after: str) -> Offer:
    """Have `dot check` run before each commit that touches configuration."""
    question = f"run `dot check` from {file.name}, before a commit that changes configuration?"
    return Offer(key="hook", question=question, edit=file.edit(after))


def has_hook(data: Any) -> bool:
    """Whether pre-commit's file has the hook already, in whatever repository."""
    return any(hook.get("id") == HOOK for repo in _mappings(data, "repos") for hook in _mappings(repo, "hooks"))


def with_hook(data: Any, hook: dict[str, Any]) -> Any:
    """What pre-commit's file has to hold once the hook is added."""
    return {**data, "repos": [*data["repos"], hook]}


def add_hook(text: str, source: YamlDocument, hook: dict[str, Any]) -> str | None:
    """The text with the hook at the end of `repos`; None when that is no list of lines that begin with dashes.

    The caller reads the result: what stands in a text of several lines can look like the end of the list.
    """
    lines = text.splitlines(keepends=True)
    first = source.positions.get(("repos", 0), (0, 0))[0]
    if not 0 < first <= len(lines) or not lines[first - 1].lstrip().startswith("- "):
        return None
    indent = lines[first - 1].partition("-")[0]
    later = [line for path, (line, _) in source.positions.items() if len(path) == 1 and line > first]
    end = min(later, default=len(lines) + 1) - 1
    while not lines[end - 1].strip() or lines[end - 1].lstrip().startswith("#"):
        end -= 1
    newline = newline_of(text)
    before = "".join(lines[:end])
    gap = "" if before.endswith("\n") else newline
    return before + gap + "".join(line + newline for line in _render_hook(hook, indent)) + "".join(lines[end:])


def _render_hook(repo: dict[str, Any], indent: str) -> Iterator[str]:
    """The lines of a local repository with its one hook, lists indented as the list of repositories is."""
    (hook,) = repo["hooks"]
    below = f"{indent}  {indent and '  '}"
    yield from (f"{indent}- repo: {repo['repo']}", f"{indent}  hooks:")
    for number, (key, value) in enumerate(hook.items()):
        yield f"{below}{'  ' if number else '- '}{key}: {_render_scalar(value)}"


def _render_scalar(value: str | bool) -> str:  # noqa: FBT001 - a value of a file
    return value if isinstance(value, str) and _SIMPLE.match(value) else render_json(value)


def _mappings(data: Any, key: str) -> list[dict[str, Any]]:
    """The mappings of the list under a key."""
    found = data.get(key) if isinstance(data, dict) else None
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []
