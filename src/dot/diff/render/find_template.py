"""The page that comparisons are shown in, as it is shipped with dot."""

from importlib.resources import files

from dot.diff.render.html import Template

SCRIPTS = ("layout.js", "dom.js", "picture.js", "details.js", "page.js")
"""Parts of one script, in the order in which they build on each other."""


def read_template() -> Template:
    """The page, its style and its script."""
    folder = files("dot") / "report"
    page, style, *scripts = ((folder / name).read_text("utf-8") for name in ("report.html", "report.css", *SCRIPTS))
    return Template(page=page, style=style, script="\n".join(scripts))
