from cases import each
from dot.scope.aside import is_aside
from dot.scope.commits import choose_start, is_no_base, show_path
from dot.scope.links import find_links_to, leads_out, resolve_links


@each(
    "ref, expected",
    [("", True), (" ", True), ("0" * 40, True), ("0" * 64, True), ("0" * 7, False), ("0" * 41, False), ("main", False)],
)
def test_an_empty_base_and_one_of_zeros_alone_is_none(ref: str, *, expected: bool) -> None:
    assert is_no_base(ref) == expected


@each(
    "bases, is_cut, expected",
    [
        (("a",), False, ("a", None)),
        ((), False, (None, "no-merge-base")),
        (("a", "b"), False, (None, "several-merge-bases")),
        (("a",), True, (None, "shallow-history")),
        ((), True, (None, "shallow-history")),
    ],
)
def test_a_merge_base_counts_when_it_is_the_one_and_the_history_is_whole(
    bases: tuple[str, ...], expected: tuple[str | None, str | None], *, is_cut: bool
) -> None:
    assert choose_start(bases, is_cut=is_cut) == expected


@each("path, shown", [("a/ü.sql", "a/ü.sql"), ("a\n\x1b[31m", "a\\x0a\\x1b[31m"), ("\udcff.sql", "\\xff.sql")])
def test_a_path_is_shown_so_that_it_misleads_nobody(path: str, shown: str) -> None:
    assert show_path(path) == shown


def test_a_link_counts_when_what_it_leads_to_has_changed() -> None:
    places = resolve_links({"a/x": "../b/y", "a/all": "..", "top": ".", "out": "../z", "far": "/etc/x", "c/d": "e"})
    assert places == {"a/x": "b/y", "a/all": ".", "top": ".", "out": "../z", "far": "/etc/x", "c/d": "c/e"}
    assert [*find_links_to(["b/y/deep.sql"], places)] == ["a/x", "a/all", "top"]
    assert [link for link, place in places.items() if leads_out(place)] == ["out", "far"]


@each(
    "path, expected",
    [
        ("README.md", True),
        ("src/README.md", False),
        ("deep/.gitkeep", True),
        (".vscode/settings.json", True),
        (".vscode", False),
        ("CODEOWNERS", True),
        ("src/CODEOWNERS", False),
        ("justfile", False),
    ],
)
def test_what_is_aside_of_everything_that_is_built(path: str, *, expected: bool) -> None:
    assert is_aside(path) == expected
