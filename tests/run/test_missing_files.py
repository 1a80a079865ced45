"""What dbt's log says of missing files."""

from pathlib import PurePath

from cases import each
from dot.run.missing_files import explain_missing, find_missing

CWD = PurePath("/w/project")


@each(
    ("line", "files"),
    [
        ("""IO Error: No files found that match the pattern "./project/seeds/*.csv\"""", ["project/seeds/*.csv"]),
        ("[Errno 2] No such file or directory: 'data/x.csv'", ["data/x.csv"]),
        ('IO Error: Cannot open file "/w/project/x/y.db": No such file', ["x/y.db"]),
        ("could not open file `/elsewhere/x.csv`: No such file or directory", []),
        ("no such file or directory", []),
        ("""'data/x.csv' was read""", []),
    ],
)
def test_the_files_that_dbt_missed_are_told_relative_to_where_it_ran(line: str, files: list[str]) -> None:
    assert list(find_missing(f"before\n{line}\nafter 'that.csv'", CWD)) == files


def test_the_setting_by_which_dbt_would_find_the_file_is_named() -> None:
    said = explain_missing("data/x.csv", "repository")
    assert "`data/x.csv`" in said
    assert "`DOT_WORKING_DIR=repository`" in said
