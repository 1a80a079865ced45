"""Whatever is wrong with what dot is given, it says what, where and what to do, and leaves everything as it was."""

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from builders import PROJECT, Outcome, Tree, commit, git, make_repo, make_tree, read_calls, snapshot

Dot = Callable[..., Outcome]

SECRET = "s3cret-of-the-profile"
PROFILES = (
    "shop:\n  target: dev\n  outputs:\n"
    f"    dev: {{type: postgres, host: h, user: u, password: {SECRET}, dbname: d, schema: a}}\n"
)
LARGE = "# much too large\n" * 600_000
ISOLATED = ("build", "dev@main")
LIVE = ("build", "dev")


def nothing(_: Path) -> None:
    """Leave the project as it is."""


def files(tree: Tree) -> Callable[[Path], object]:
    """Write these into the project, uncommitted."""
    return lambda shop: make_tree(shop, tree)


def committed(tree: Tree) -> Callable[[Path], object]:
    """Commit these, and have them no more in the working tree."""

    def prepare(shop: Path) -> None:
        commit(make_tree(shop, tree), "wrong")
        make_tree(shop, {name: PROJECT[name] for name in tree})

    return prepare


def without(*names: str) -> Callable[[Path], object]:
    """Remove these from the project."""
    return lambda shop: [
        shutil.rmtree(shop / name) if (shop / name).is_dir() else (shop / name).unlink() for name in names
    ]


def start_anew(shop: Path) -> None:
    """A repository without commits."""
    shutil.rmtree(shop / ".git")
    make_repo(shop)


@dataclass(frozen=True)
class Case:
    """Something wrong: how it comes about, and what an error must say about it."""

    words: tuple[str, ...]
    what: str
    where: str = ""
    code: int = 2
    prepare: Callable[[Path], object] = nothing
    env: Mapping[str, str] = field(default_factory=dict)


CASES: dict[str, Case] = {
    "unknown environment": Case(("build", "nowhere@main"), "`nowhere` is not defined", "profiles.yml"),
    "unknown environment in the file": Case(
        ("build", "deu@main"),
        "`deu` is not defined",
        "dot_environments.yml:1",
        prepare=files({"dot_environments.yml": "environment: {dev: {}}\n"}),
    ),
    "unknown ref": Case(("build", "dev@nowhere"), "`nowhere` names no commit"),
    "empty ref": Case(("build", "dev@"), "git ref is empty", "`dev@`"),
    "empty ref alone": Case(("build", "@"), "git ref is empty", "`@`"),
    "ref like an option": Case(("build", "dev@--help"), "`--help` names no commit"),
    "environment with a slash": Case(("build", "feature/x"), "cannot be the name", "`feature/x`"),
    "environment out of the folder": Case(("build", "../x@main"), "cannot be the name", "`../x`"),
    "reserved environment": Case(("build", "all@main"), "is reserved", "`all`"),
    "no git": Case(ISOLATED, "git is not installed", code=3, env={"PATH": "{bin}"}),
    "no repository": Case(ISOLATED, "is not in a git work tree", "{shop}", 3, without(".git")),
    "no commits": Case(ISOLATED, "has no commits yet", prepare=start_anew),
    "no dbt": Case(ISOLATED, "no program `dbt-nowhere`", "PATH", 3, env={"DOT_DBT": "dbt-nowhere"}),
    "no dbt, live": Case(LIVE, "no program `dbt-nowhere`", "PATH", 3, env={"DOT_DBT": "dbt-nowhere"}),
    "dbt that is no command": Case(LIVE, "setting `dbt`", "DOT_DBT", env={"DOT_DBT": "dbt '"}),
    "wrong setting": Case(LIVE, "setting `lock_timeout`", "DOT_LOCK_TIMEOUT", env={"DOT_LOCK_TIMEOUT": "soon"}),
    "no project": Case(ISOLATED, "no dbt_project.yml", "{shop}", prepare=without("dbt_project.yml")),
    "no project where it is said to be": Case(
        (*ISOLATED, "--project-dir", "models"), "no dbt_project.yml", "{shop}/models"
    ),
    "no profiles": Case(ISOLATED, "no profiles.yml", "{shop}/profiles.yml", prepare=without("profiles.yml")),
    "no profiles where they are said to be": Case(
        ISOLATED, "no profiles.yml", "nowhere/profiles.yml", env={"DBT_PROFILES_DIR": "nowhere"}
    ),
    "no such profile": Case(
        ISOLATED, "no profile `shop`", "profiles.yml", prepare=files({"profiles.yml": "shopp: {outputs: {}}\n"})
    ),
    "no such output": Case(
        ("build", "ci@main"),
        "no output `ci`",
        "profiles.yml",
        prepare=files({"dot_environments.yml": "environment: {ci: {}}\n"}),
    ),
    "no schema": Case(
        ISOLATED,
        "names no `schema`",
        "profiles.yml",
        prepare=files({"profiles.yml": f"shop: {{outputs: {{dev: {{type: postgres, password: {SECRET}}}}}}}\n"}),
    ),
    "jinja that cannot be rendered": Case(
        ISOLATED,
        "cannot be rendered",
        "profiles.yml",
        prepare=files({"profiles.yml": PROFILES.replace("schema: a", "schema: \"{{ env_var('NOWHERE') }}\"")}),
    ),
    "a wrong variable": Case(
        ISOLATED,
        "`since` must be one of 1, 2",
        "dot_environments.yml:1",
        prepare=files(
            {
                "dot_environments.yml": "environment: {dev: {vars: {since: 3}}}\n",
                "dot_vars.yml": "vars: {since: {strict: true, values: [1, 2]}}\n",
            }
        ),
    ),
    "variables that are no YAML": Case((*LIVE, "--vars", "{a: "), "invalid YAML", "--vars"),
    "variables that are no mapping": Case((*LIVE, "--vars", "3"), "must be a mapping", "--vars"),
    "settings that are no TOML": Case(
        LIVE, "invalid TOML", "pyproject.toml", prepare=files({"pyproject.toml": "[tool.dot]\ndbt =\n"})
    ),
    "profiles with a syntax error beside a secret": Case(
        ISOLATED,
        "invalid YAML",
        "profiles.yml:5",
        prepare=files({"profiles.yml": f'shop:\n  outputs:\n    dev:\n      type: x\n      password: "{SECRET}\n'}),
    ),
}

# Every file that dot reads, and how it comes to be wrong.
READ: dict[str, tuple[tuple[str, ...], Callable[[Tree], Callable[[Path], object]]]] = {
    "dot_environments.yml": (ISOLATED, files),
    "dot_environments.user.yml": (ISOLATED, files),
    "dot_vars.yml": (ISOLATED, files),
    "profiles.yml": (ISOLATED, files),
    "dbt_project.yml": (LIVE, files),
    "committed dbt_project.yml": (ISOLATED, committed),
}
WRONG: dict[str, tuple[str | bytes, str, str]] = {
    "invalid": ("shop: [1, 2\nenvironment: }\n", "invalid YAML", ":2"),
    "no mapping": ("- a\n- b\n", "must ", ""),
    "binary": (b"\x89PNG\r\n\0\xff", "is no text file in UTF-8", ""),
    "too large": (LARGE, "is larger than 1,000,000 bytes", ""),
}
for reader, (words, way) in READ.items():
    name = reader.split()[-1]
    for kind, (content, what, line) in WRONG.items():
        CASES[f"{reader}: {kind}"] = Case(words, what, f"{name}{line}", prepare=way({name: content}))
for name, key in {"dot_environments.yml": "environment", "dot_vars.yml": "vars"}.items():
    twice = {name: f"{key}:\n  a: {{}}\n  a: {{}}\n"}
    CASES[f"{name}: duplicate key"] = Case(ISOLATED, "duplicate key `a`", f"{name}:3:3", prepare=files(twice))
    unknown = {name: f"{key}s: {{}}\n"}
    CASES[f"{name}: unknown key"] = Case(ISOLATED, f"unknown key `{key}s`", f"{name}:1:1", prepare=files(unknown))
    CASES[f"{name}: a folder"] = Case(ISOLATED, "is a directory", name, prepare=files({f"{name}/x": ""}))


@pytest.fixture(params=CASES)
def case(request: pytest.FixtureRequest, shop: Path, monkeypatch: pytest.MonkeyPatch) -> Case:
    """One of the cases, come about in the project."""
    found = CASES[request.param]
    make_tree(shop, {"profiles.yml": PROFILES})
    found.prepare(shop)
    for variable, value in found.env.items():
        monkeypatch.setenv(variable, value.format(bin=shop.parent / "bin"))
    return found


def test_what_is_wrong_is_told_and_nothing_is_changed(case: Case, shop: Path, log: Path, home: Path, dot: Dot) -> None:
    before = [snapshot(folder) for folder in (shop.parent, home)]
    done = dot(*case.words)
    assert (case.code, "") == (done.exit_code, done.stdout), done.stderr
    assert case.what in done.stderr
    assert case.where.format(shop=".") in done.stderr or case.where.format(shop=shop) in done.stderr
    assert done.stderr.startswith("error: ")
    assert "Traceback" not in done.stderr
    assert SECRET not in done.stderr
    assert [snapshot(folder) for folder in (shop.parent, home)] == before
    assert read_calls(log) == []


def test_every_error_ends_in_something_to_do(case: Case, dot: Dot) -> None:
    assert " = help: " in dot(*case.words).stderr.splitlines()[-1]


def test_the_project_by_itself_is_right(shop: Path, dot: Dot) -> None:
    make_tree(shop, {"profiles.yml": PROFILES})
    assert [dot(*words).exit_code for words in (ISOLATED, LIVE)] == [0, 0]
    assert len(git(shop, "worktree", "list").splitlines()) == 2
