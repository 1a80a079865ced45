"""The words of an unfinished line, as each shell passes them on, and answers that each takes for nothing but text."""

from cases import each
from dot.complete.shell import (
    MAX_TEXT,
    Completions,
    Files,
    Line,
    read_line,
    read_pieces,
    render_bash,
    render_fish,
    render_zsh,
    split_words,
)

SPLIT = (
    ("", [""], ""),
    ("dot", ["dot"], ""),
    ("dot ", ["dot", ""], ""),
    ("dot  bu", ["dot", "bu"], ""),
    (r"my\ folder", ["my folder"], ""),
    ("my\\", ["my"], ""),
    ("a'b c'd", ["ab cd"], ""),
    ("'a b", ["a b"], "'"),
    ("'a b' ", ["a b", ""], ""),
    ("x''", ["x"], ""),
    ('"a b', ["a b"], '"'),
    (r'"a\"b\$c\d"', [r'a"b$c\d'], ""),
    ('"a\\', ["a"], '"'),
    ("--select='a b", ["--select=a b"], "'"),
    ("größe/日本 #1", ["größe/日本", "#1"], ""),
)


@each(("typed", "words", "quote"), SPLIT)
def test_a_line_is_split_as_a_shell_splits_it(typed: str, words: list[str], quote: str) -> None:
    assert split_words(typed) == (words, quote)


LINES = (
    ("dot ", Line((), "")),
    ("dot bu", Line((), "bu")),
    ("dot build dev@ma", Line(("build",), "dev@ma")),
    ("dot build 'dev@ma", Line(("build",), "dev@ma", quote="'")),
    ("dot build dev@main ", Line(("build", "dev@main"), "")),
)


@each(("typed", "expected"), LINES)
def test_the_last_word_of_a_line_is_the_one_to_finish(typed: str, expected: Line) -> None:
    assert read_line(typed) == expected


# What bash has in COMP_WORDS for a line, up to COMP_CWORD; and the words of the line, with what bash keeps of the last.
PIECES = (
    (["dot", "bu"], ["bu"], 0),
    (["dot", "build", ""], ["build", ""], 0),
    (["dot", "build", "de"], ["build", "de"], 0),
    (["dot", "build", "dev", "@"], ["build", "dev@"], 3),
    (["dot", "build", "dev", "@", ""], ["build", "dev@", ""], 0),
    (["dot", "build", "dev", "@", "ma"], ["build", "dev@ma"], 3),
    (["dot", "build", "dev@ma"], ["build", "dev@ma"], 0),
    (["dot", "build", "dev", "@", "'ma"], ["build", "dev@ma"], 4),
    (["dot", "build", "'dev@ma"], ["build", "dev@ma"], 0),
    (["dot", "build", "@"], ["build", "@"], 0),
    (["dot", "build", "@", "ma"], ["build", "@ma"], 0),
    (["dot", "build", "dev", "@@", "{u"], ["build", "dev@@{u"], 4),
    (["dot", "build", "dev", "@", "HEAD", "@", "{1"], ["build", "dev@HEAD@{1"], 8),
    (["dot", "build", "dev", "@", "main", "@", "fea"], ["build", "dev@main", "@fea"], 0),
    (["dot", "build", "dev", "@", "main", "--defer", "@", "v"], ["build", "dev@main", "--defer", "@v"], 0),
    (["dot", "build", "--defer", "dev", "@", "v"], ["build", "--defer", "dev@v"], 3),
    (["dot", "build", "--defer", "=", "dev", "@", "v"], ["build", "--defer=dev@v"], 11),
    (["dot", "build", "--defer", "=@", "v"], ["build", "--defer=@v"], 8),
    (["dot", "build", "--no-deps", "@", "v"], ["build", "--no-deps", "@v"], 0),
    (["dot", "build", "--select", "="], ["build", "--select="], 9),
    (["dot", "build", "--select", "=", "'a b"], ["build", "--select=a b"], 9),
    (["dot", "build", "--select", "tag", ":", "x"], ["build", "--select", "tag:x"], 4),
    (["dot", "build", "--select", "a", "@", "b"], ["build", "--select", "a@b"], 1),
    (["dot", "build", "dev", "@", r"x\;y"], ["build", "dev@x;y"], 3),
)


@each(("pieces", "words", "kept"), PIECES)
def test_bash_has_its_pieces_put_together_again(pieces: list[str], words: list[str], kept: int) -> None:
    line = read_pieces(pieces, 2)
    assert ((*line.words, line.current), line.kept) == (tuple(words), kept)


def test_bash_is_answered_with_what_it_puts_in_place_of_the_end_of_the_word() -> None:
    answer = Completions({"dev@main": "First", "dev@fix#1": "", "dev@größe/日本": ""})
    assert render_bash(Line(("build",), "dev@", kept=3), answer) == "@main\n@fix\\#1\n@größe/日本"


HOSTILE = "a;b$(x)`y`'z\"{p,q}&|<>!*?[~ \\"


def test_bash_gets_every_letter_that_means_something_to_it_with_a_backslash() -> None:
    assert render_bash(Line(), Completions({HOSTILE: ""})) == r"""a\;b\$\(x\)\`y\`\'z\"\{p,q\}\&\|\<\>\!\*\?\[~\ \\"""


@each("quote", ["'", '"'])
def test_bash_gets_within_quotes_only_what_means_nothing_there(quote: str) -> None:
    answer = Completions({"a b": "", "a'b": "", 'a"b': "", "a$b": "", "a`b": "", "a\\b": "", "a!b": "", "a*": ""})
    assert render_bash(Line((), "a", quote=quote), answer) == "a b"


@each("files", [Files.ANY, Files.FOLDERS])
def test_bash_looks_for_files_by_itself(files: Files) -> None:
    assert render_bash(Line(), Completions({"models/": ""}, files)) == ""


def test_fish_gets_descriptions_after_a_tab() -> None:
    assert render_fish(Line(), Completions({"main": "First", "v1": ""})) == "main\tFirst\nv1"


ZSH = (
    ({"main": "First"}, "finished=('main:First'); unfinished=()"),
    ({"dev": "", "dev@": ""}, "finished=('dev'); unfinished=('dev@')"),
    ({"tag:a\\b": "c:d"}, r"finished=('tag\:a\\b:c:d'); unfinished=()"),
    ({"it's": "'; x; '"}, r"finished=('it'\''s:'\''; x; '\'''); unfinished=()"),
)


@each(("candidates", "words"), ZSH)
def test_zsh_gets_a_command_with_our_words_in_single_quotes(candidates: dict[str, str], words: str) -> None:
    expected = f"local -a finished unfinished; {words}; _describe value finished -- unfinished -S ''"
    assert render_zsh(Line(), Completions(candidates)) == expected


@each(
    ("current", "files", "expected"),
    [
        ("", Files.NONE, ""),
        ("x", Files.ANY, "_files"),
        ("x", Files.FOLDERS, "_files -/"),
        ("--project-dir=x", Files.FOLDERS, "compset -P '*='; _files -/"),
    ],
)
def test_zsh_looks_for_files_by_itself(current: str, files: Files, expected: str) -> None:
    assert render_zsh(Line((), current), Completions({}, files)) == expected


def test_a_description_is_one_short_line_without_control_characters() -> None:
    text = "a\tb\nc\x1b[31m \u202ed" + "e" * MAX_TEXT
    value, shown = render_fish(Line(), Completions({"v": text})).split("\t")
    assert (value, shown) == ("v", "a b c [31m d" + "e" * (MAX_TEXT - 13) + "…")


@each("value", ["a\nb", "a\x1bb", "a\x9bb", "a\u202eb", "a\udcffb"])
def test_a_value_that_a_terminal_would_not_show_is_left_out(value: str) -> None:
    assert render_fish(Line(), Completions({value: "", "main": ""})) == "main"
