"""Write the newest versions that go together into pyproject.toml, as the set that `uv run` installs: `just constrain`.

They are constraints of uv's, which pip does not read: whoever installs dot is not held to them.
"""

import re
import subprocess
import tempfile
import tomllib
from pathlib import Path

PROJECT = Path(__file__).parent.parent / "pyproject.toml"
EXPORT = (
    *("uv", "export", "--quiet", "--all-extras", "--all-groups"),
    *("--no-emit-project", "--no-hashes", "--no-annotate", "--no-header"),
)
COMPILE = ("uv", "pip", "compile", "--quiet", "--universal", "--no-annotate", "--no-header", "-")


def read_versions(command: tuple[str, ...], folder: Path, requirements: list[str]) -> list[str]:
    """The versions that this command of uv's prints."""
    stdin = "\n".join(requirements)
    done = subprocess.run(command, cwd=folder, input=stdin, stdout=subprocess.PIPE, text=True, check=True)
    return [line for line in done.stdout.splitlines() if "==" in line]


def fill(text: str, key: str, versions: list[str]) -> str:
    """The text with these in the list that has this key."""
    lines = "".join(f'  "{version}",\n' for version in versions)
    return re.sub(rf"^{key} = \[\n.*?^\]\n", lambda _: f"{key} = [\n{lines}]\n", text, flags=re.MULTILINE | re.DOTALL)


def main() -> None:
    """Take the old versions out, ask uv for the newest, and write them."""
    text = fill(fill(PROJECT.read_text("utf-8"), "constraint-dependencies", []), "build-constraint-dependencies", [])
    build = tomllib.loads(text)["build-system"]["requires"]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / PROJECT.name).write_text(text.replace('dynamic = ["version"]', 'version = "0"'), "utf-8")
        text = fill(text, "constraint-dependencies", read_versions(EXPORT, folder, []))
        text = fill(text, "build-constraint-dependencies", read_versions(COMPILE, folder, build))
    PROJECT.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
