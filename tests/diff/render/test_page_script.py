"""Modules of JavaScript as one script. test_page.py has what a browser makes of those of the page."""

import pytest

from dot.diff.render.page_script import join_modules, order_modules

PAGE = 'import { Box } from "./box.js";\nimport { WIDE, draw } from "./dom.js";\n\ndraw(new Box(), WIDE);'
BOX = 'import { draw } from "./dom.js";\n\n// A box.\nexport class Box {\n  // drawn\n  go() { draw(this); }  // now\n}'
DOM = "const half = 4;\nexport const WIDE = 2 * half;\nexport function draw(what) { return `${what}`; }\n"


def test_each_module_stands_behind_those_that_it_imports_whatever_they_are_called() -> None:
    assert order_modules({"page.js": PAGE, "box.js": BOX, "dom.js": DOM}, "page.js") == ("dom.js", "box.js", "page.js")
    assert order_modules({"a.js": 'import { z } from "./z.js";', "z.js": "", "b.js": ""}, "a.js") == ("z.js", "a.js")


def test_each_module_becomes_a_function_that_gives_back_what_it_exports() -> None:
    script = join_modules({"page.js": PAGE, "box.js": BOX, "dom.js": DOM}, "page.js")
    assert script.splitlines() == [
        "const modules = {};",
        'modules["dom.js"] = (() => {',
        "const half = 4;",
        "const WIDE = 2 * half;",
        "function draw(what) { return `${what}`; }",
        "return { WIDE, draw };",
        "})();",
        'modules["box.js"] = (() => {',
        'const { draw } = modules["dom.js"];',
        "class Box {",
        "  go() { draw(this); }  // now",
        "}",
        "return { Box };",
        "})();",
        'modules["page.js"] = (() => {',
        'const { Box } = modules["box.js"];',
        'const { WIDE, draw } = modules["dom.js"];',
        "draw(new Box(), WIDE);",
        "return {  };",
        "})();",
    ]


def test_what_is_not_understood_is_refused() -> None:
    for line in (
        'import Box from "./dom.js";',
        'import * as dom from "./dom.js";',
        'import { draw as paint } from "./dom.js";',
        'import { draw } from "dom";',
        'import { draw } from "./dom.js"; draw();',
        '  import { draw } from "./dom.js";',
        'import "./dom.js";',
        "import {",
        'const dom = await import("./dom.js");',
        "const here = import.meta.url;",
        "export default draw;",
        "export let wide = 1;",
        "export const { a, b } = c;",
        "export { draw };",
        'export * from "./dom.js";',
        "const text = `first",
    ):
        with pytest.raises(ValueError, match=r"^page\.js:2 is not understood: ") as raised:
            join_modules({"page.js": f"draw();\n{line}", "dom.js": DOM}, "page.js")
        assert str(raised.value).endswith(line.strip())


def test_what_is_not_there_cannot_be_imported() -> None:
    with pytest.raises(ValueError, match=r"^page\.js is not there$"):
        order_modules({}, "page.js")
    with pytest.raises(ValueError, match=r"^page\.js imports box\.js, which is not there$"):
        order_modules({"page.js": PAGE}, "page.js")
    with pytest.raises(ValueError, match=r"^page\.js:1: dom\.js exports no half, high$"):
        join_modules({"page.js": 'import { WIDE, high, half } from "./dom.js";', "dom.js": DOM}, "page.js")


def test_modules_that_import_each_other_are_refused() -> None:
    with pytest.raises(ValueError, match=r"^page\.js imports box\.js imports page\.js$"):
        order_modules(
            {"page.js": 'import { a } from "./box.js";', "box.js": 'import { b } from "./page.js";'}, "page.js"
        )
