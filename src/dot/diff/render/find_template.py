"""The page that comparisons are shown in, as it is shipped with dot."""

from importlib.resources import files

from dot.diff.render.html import Template
from dot.diff.render.page_script import join_modules

ENTRY = "page.js"
"""The module that runs, and imports the others."""


def read_template() -> Template:
    """The page, its style and its script."""
    texts = {file.name: file.read_text("utf-8") for file in (files("dot") / "report").iterdir()}
    return Template(page=texts["report.html"], style=texts["report.css"], script=join_modules(texts, ENTRY))
