"""What a text with dbt's Jinja in it names: macros, functions, and the methods of its objects."""

from collections.abc import Iterator
from functools import cache, lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jinja2 import Environment, nodes

UNREADABLE = "Jinja that cannot be read"
DYNAMIC = "adapter.dispatch of a computed name"


@lru_cache(maxsize=1024)
def read_mentions(text: str) -> frozenset[str]:
    """Every name that the text takes from outside, called or not: `name`, `object.name` and `dispatch name`.

    An object stands for itself only where it is passed on whole. Parameters of macros are no names from outside.
    """
    from jinja2 import TemplateError  # noqa: PLC0415 - most projects are proved without

    try:
        tree = _make_environment().parse(text)
    except (TemplateError, RecursionError):
        return frozenset({UNREADABLE})
    return frozenset(_names(tree))


@cache
def _make_environment() -> "Environment":
    """Jinja as dbt extends it: `do`, `break`, and blocks that have a name."""
    from jinja2 import Environment, nodes  # noqa: PLC0415
    from jinja2.ext import Extension  # noqa: PLC0415
    from jinja2.parser import Parser  # noqa: PLC0415

    class Blocks(Extension):
        tags = {"materialization", "test", "data_test", "snapshot", "docs"}  # noqa: RUF012 - as Jinja has it

        def parse(self, parser: Parser) -> nodes.Node:
            tag = next(parser.stream)
            while parser.stream.current.type != "block_end":
                next(parser.stream)
            body = parser.parse_statements((f"name:end{tag.value}",), drop_needle=True)
            return nodes.Scope(body, lineno=tag.lineno)

    return Environment(  # noqa: S701 - nothing is rendered
        extensions=["jinja2.ext.do", "jinja2.ext.loopcontrols", Blocks], cache_size=0
    )


def _names(tree: "nodes.Template") -> Iterator[str]:
    from jinja2 import nodes  # noqa: PLC0415

    owners: set[int] = set()
    for node in tree.find_all((nodes.Getattr, nodes.Getitem)):
        key = node.attr if isinstance(node, nodes.Getattr) else _constant(node.arg)
        if isinstance(node.node, nodes.Name) and key:
            owners.add(id(node.node))
            yield f"{node.node.name}.{key}"
    for call in tree.find_all(nodes.Call):
        if isinstance(call.node, nodes.Getattr) and call.node.attr == "dispatch":
            named = [*call.args[:1], *(pair.value for pair in call.kwargs if pair.key == "macro_name")]
            name = _constant(named[0]) if named else None
            yield f"dispatch {name}" if name else DYNAMIC
    names = list(tree.find_all(nodes.Name))
    parameters = {name.name for name in names if name.ctx == "param"}
    yield from (name.name for name in names if id(name) not in owners and name.name not in parameters)


def _constant(node: "nodes.Node") -> str | None:
    value = getattr(node, "value", None)
    return value if isinstance(value, str) else None
