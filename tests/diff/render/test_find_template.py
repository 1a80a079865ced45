"""The page that is shipped with dot."""

import re
from importlib.resources import files

from cases import each
from dot.diff.render.find_template import ENTRY, read_template
from dot.diff.render.page_script import order_modules


def test_every_file_of_the_page_is_used() -> None:
    texts = {file.name: file.read_text("utf-8") for file in (files("dot") / "report").iterdir()}
    assert {"report.html", "report.css", *order_modules(texts, ENTRY)} == set(texts)


def test_the_page_has_a_place_for_each_part() -> None:
    assert re.findall(r"\$(\w+)", read_template().page) == ["policy", "style", "data", "script"]


def test_the_page_is_small() -> None:
    template = read_template()
    assert len(template.page + template.style + template.script) < 69_000


@each("ending", ["</script", "</style", "<!--", "\r"])
def test_no_part_ends_the_element_that_it_stands_in(ending: str) -> None:
    template = read_template()
    assert ending not in template.style + template.script


@each("word", ["innerHTML", "outerHTML", "insertAdjacent", "document.write", "eval(", "fetch("])
def test_the_script_makes_no_html_out_of_texts(word: str) -> None:
    assert word not in read_template().script


def test_nothing_links_out_of_the_page() -> None:
    template = read_template()
    links = re.findall(r"https?://[^\s\"']+", template.page + template.style + template.script)
    assert set(links) == {"http://www.w3.org/2000/svg"}
