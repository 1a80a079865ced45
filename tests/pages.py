"""The pages that tell about dot, and what they show."""

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
COMMANDS = ROOT / "docs" / "commands.md"
PAGES = (README, *sorted((ROOT / "docs").glob("*.md")))

NOT_RUN = re.compile(r"<!-- not run: \S.* -->")
PROMPT = "$ dot "


def read_shown_commands(text: str) -> Iterator[str]:
    """What stands after the prompt in `console` blocks, but for those marked as not run on the line before."""
    lines = text.splitlines()
    is_inside = False
    shown = ""
    for before, line in zip(["", *lines], lines, strict=False):
        if line.startswith("```"):
            is_inside = line == "```console" and not NOT_RUN.fullmatch(before)
        elif is_inside and (shown or line.startswith(PROMPT)):
            shown += line.removeprefix("$ ").removesuffix("\\")
            if not line.endswith("\\"):
                yield shown
                shown = ""


def read_blocks(text: str, language: str) -> list[str]:
    """What stands in the blocks of this language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)


def read_links(text: str) -> list[str]:
    """Where the links and pictures of a page lead that stay in the repository."""
    prose = re.sub(r"^```.*?^```$", "", text, flags=re.DOTALL | re.MULTILINE)
    return [goal for goal in re.findall(r"\]\(([^)\s]+)\)", prose) if not re.match(r"\w+://", goal)]


def read_anchors(text: str) -> set[str]:
    """The names by which links reach the headings of a page."""
    prose = re.sub(r"^```.*?^```$", "", text, flags=re.DOTALL | re.MULTILINE)
    headings = re.findall(r"^#+ (.+)$", prose, re.MULTILINE)
    return {re.sub(r"\s", "-", re.sub(r"[^\w\s-]", "", heading.lower())) for heading in headings}
