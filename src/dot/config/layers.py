"""How the layers of the environments files become one, before anything is validated.

Layers, weakest first: project `all`, project environment, user `all`, user environment.
"""

from collections.abc import Iterable

from dot.base.errors import Location, Problem
from dot.base.yaml_document import Tree, merge_deep
from dot.dbt.options import find_option, key_problem


def merge_files(files: Iterable[Tree], nowhere: Location) -> Tree:
    """Each environment with its layers merged (`all` among them) under `environments`, and the strongest `default`."""
    files = tuple(files)
    nothing = Tree({}, files[0].location if files else nowhere)
    names = (name for file in files for name in file.children if name != "default")
    merged: dict[str, Tree] = {}
    for name in dict.fromkeys(("all", *names)):
        tree = nothing
        for file in files:
            for layer in ("all", name):
                given = file.children.get(layer, nothing)
                tree = merge_environments(tree, given if given.is_mapping or layer == name else nothing)
        place = next((file.children[name].location for file in files if name in file.children), nothing.location)
        merged[name] = _without_nulls(Tree(tree.value, place))
    default = {name: tree for file in files for name, tree in file.children.items() if name == "default"}
    return Tree({"environments": Tree(merged, nothing.location), **default}, nothing.location)


def merge_environments(weak: Tree, strong: Tree) -> Tree:
    """Options: the stronger replaces, `null` included. `vars`: mappings merge deeply. Associative."""
    if not weak.is_mapping or not strong.is_mapping:
        return strong if weak.is_mapping else weak  # what is wrong is kept, to be reported
    merged = weak.children | strong.children
    if "vars" in weak.children and "vars" in strong.children:
        merged["vars"] = _merge_vars(weak.children["vars"], strong.children["vars"])
    return Tree(merged, strong.location)


def _merge_vars(weak: Tree, strong: Tree) -> Tree:
    if strong.value is None or not weak.is_mapping:
        return weak
    return merge_deep(weak, strong)


def _without_nulls(tree: Tree) -> Tree:
    """What is left of an environment when `null` has removed the options that it stands for."""
    if not tree.is_mapping:
        return tree
    return Tree({key: child for key, child in tree.children.items() if child.value is not None}, tree.location)


def spell_as_dbt(body: Tree, problems: list[Problem]) -> Tree:
    """Every environment with its options under dbt's own names; what is no option is reported and left out."""
    return Tree(
        {
            name: child if name == "default" or not child.children else _spell_environment(child, problems)
            for name, child in body.children.items()
        },
        body.location,
    )


def _spell_environment(environment: Tree, problems: list[Problem]) -> Tree:
    found: dict[str, Tree] = {}
    for key, child in environment.children.items():
        option = find_option(key)
        name = option.key if option else key
        if wrong := key_problem(key):
            problems.append(Problem(wrong[0], child.location, hint=wrong[1]))
        elif name in found:
            problems.append(Problem(f"`{name}` is given twice, in two spellings", child.location))
        else:
            found[name] = child
    return Tree(found, environment.location)
