"""What is offered after TAB, whatever the shell; and that nothing is said where there is nothing to offer."""

import json
import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from builders import Outcome, call_dot, commit, git, make_tree, read_commands, read_top
from dot.complete.find_names import FILES, Start, read_outputs
from dot.config.files import ENVIRONMENTS_FILE, USER_FILE
from dot.dbt.option_help import HELP
from dot.dbt.option_table import COMMANDS
from dot.dbt.options import options_of

Dot = Callable[..., Outcome]
Tab = Callable[[str], dict[str, str]]


@pytest.fixture
def tab(dot: Dot, monkeypatch: pytest.MonkeyPatch) -> Tab:
    """What may stand for the last word of a line, each with its description, as fish is told."""

    def press(line: str) -> dict[str, str]:
        monkeypatch.setenv("_DOT_COMPLETE", "complete_fish")
        monkeypatch.setenv("_TYPER_COMPLETE_FISH_ACTION", "get-args")
        monkeypatch.setenv("_TYPER_COMPLETE_ARGS", line)
        outcome = dot()
        monkeypatch.delenv("_DOT_COMPLETE")
        assert (outcome.exit_code, outcome.stderr) == (0, "")
        return {value: text for value, _, text in (row.partition("\t") for row in outcome.stdout.splitlines())}

    return press


# -- commands and options ------------------------------------------------------------------------------------------


def test_the_commands_of_the_tree_are_offered_with_their_help(tab: Tab) -> None:
    sentences = {name: re.sub(r"\.( .*)?$", "", command.help) for name, command in read_top().items()}
    assert tab("dot ") == sentences


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("dot bu", {"build", "builds", "bundle"}),
        ("dot plan do", {"docs"}),
        ("dot source ", {"freshness"}),
        ("dot --no-deps bu", {"build", "builds", "bundle"}),
        ("dot nonsense ", set()),
        ("dot --vers", {"--version"}),
        ("dot -- bu", set()),
    ],
)
def test_a_command_is_completed(line: str, expected: set[str], tab: Tab) -> None:
    assert set(tab(line)) == expected


@pytest.mark.parametrize("name", read_commands())
def test_each_option_of_each_command_is_offered(name: str, shop: Path, tab: Tab) -> None:
    assert shop.is_dir()
    offered = set(tab(f"dot {name} -"))
    own = {spelling for param in read_commands()[name].params for spelling in param.opts if spelling.startswith("-")}
    dbt_command = name.removeprefix("plan ")
    dbts = (
        {option.name for option in options_of(dbt_command) if option.name in HELP} if dbt_command in COMMANDS[1] else {}
    )
    assert {"--help", *own, *dbts} <= offered


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("dot build dev@main --sel", {"--select", "--selector"}),
        ("dot build dev@main -- --sel", {"--select", "--selector"}),
        ("dot build -- --def", {"--defer-state"}),
        ("dot build --def", {"--defer", "--defer-state"}),
        ("dot build --all", {"--allow-leaks"}),
        ("dot build -- --all", set()),
        ("dot build --target", {"--target", "--target-path"}),
        ("dot build dev@main --target", set()),
        ("dot build dev@main -- --prof", set()),
        ("dot --no-deps build --full", {"--full-refresh"}),
        ("dot seed --full", {"--full-refresh"}),
        ("dot test --full", set()),
        ("dot docs generate --sel", {"--select", "--selector"}),
        ("dot build --nonsense=", set()),
    ],
)
def test_an_option_of_dot_or_of_dbt_is_completed(line: str, expected: set[str], tab: Tab) -> None:
    assert set(tab(line)) == expected


def test_after_the_last_argument_long_options_are_offered(shop: Path, tab: Tab) -> None:
    assert shop.is_dir()
    offered = tab("dot build dev@main ")
    assert {"--select", "--defer"} < set(offered)
    assert [name for name in offered if not name.startswith("--")] == []
    assert offered["--no-empty"] == "The opposite of --empty"


SELECTION = ("buildable", "cautious", "eager", "empty")


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("dot build --indirect-selection ", SELECTION),
        ("dot build --indirect-selection e", SELECTION[2:]),
        ("dot build --indirect-selection=b", ("--indirect-selection=buildable",)),
        ("dot build dev -- --indirect-selection ", SELECTION),
        ("dot build --resource-type seed --resource-type mo", ("model",)),
        ("dot build --resource-type seed mo", ("model",)),
        ("dot build --resource-type seed --indi", ("--indirect-selection",)),
        ("dot build --vars ", ()),
        ("dot build --threads ", ()),
        ("dot init -- ", None),
    ],
)
def test_the_value_of_an_option_is_completed(line: str, expected: tuple[str, ...] | None, tab: Tab) -> None:
    offered = tuple(tab(line))
    assert offered == expected if expected is not None else "--skip-profile-setup" in offered


# -- addresses -----------------------------------------------------------------------------------------------------

NONE: dict[str, str] = {"dot_environments.yml": ""}
NAMED = "environment:\n  default: ci\n  all: {threads: 2}\n  ci:\n    target: dev\n"
JINJA = {
    "dbt_project.yml": "name: shop\nprofile: \"{{ env_var('WHICH', 'shop') }}\"\n",
    "profiles.yml": "shop: {target: prod, outputs: {x: {type: duckdb}, y: {type: duckdb}}}\n",
}


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({}, ["dev", "prod"]),
        (NONE, ["dev", "prod"]),
        ({"dot_environments.yml": NAMED}, ["ci"]),
        ({"dot_environments.yml": NAMED, "dot_environments.user.yml": "environment:\n  mine:\n"}, ["ci", "mine"]),
        ({"dot_environments.yml": "environment: {default: a, a: {threads: 2}, b: {}}\n"}, ["a", "b"]),
        ({"dot_environments.yml": "environment: [a, b]\n"}, ["dev", "prod"]),
        ({"dot_environments.yml": "environment: &x\n  *nonsense"}, ["dev", "prod"]),
        (JINJA, ["x", "y"]),
        ({"dbt_project.yml": "name: shop\nprofile: \"{{ env_var('NOWHERE') }}\"\n"}, None),
        ({"dbt_project.yml": "name: shop\n"}, None),
        ({"profiles.yml": "- shop\n"}, None),
        ({"dot_environments.yml": b"\xff\0"}, []),
    ],
)
def test_environments_are_offered_live_and_isolated(
    files: dict[str, str | bytes], expected: list[str] | None, shop: Path, tab: Tab
) -> None:
    make_tree(shop, files)
    both = [*(expected or ()), *(f"{name}@" for name in expected or ())]
    assert ({*both, *(["@"] if expected else [])} if expected is not None else {"@HEAD", "@main"}) == set(
        tab("dot build ")
    )
    if expected:
        assert list(tab(f"dot build {expected[0][:1]}")) == [expected[0], f"{expected[0]}@"]


def test_the_files_of_environments_have_the_names_that_the_configuration_has() -> None:
    assert (ENVIRONMENTS_FILE, USER_FILE) == FILES


def test_the_profile_may_be_named_by_the_variables_of_dbt(
    shop: Path, tab: Tab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert shop.is_dir()
    make_tree(tmp_path / "elsewhere", {"profiles.yml": "other:\n  outputs:\n    there:\n      type: duckdb\n"})
    monkeypatch.setenv("DBT_PROFILES_DIR", str(tmp_path / "elsewhere"))
    monkeypatch.setenv("DBT_PROFILE", "other")
    assert set(tab("dot build ")) == {"there", "there@", "@"}


@pytest.fixture
def refs(shop: Path, tmp_path: Path) -> Path:
    """The shop as a clone: branches, remote branches and tags."""
    git(shop, "branch", "feature/x")
    git(tmp_path, "clone", "--quiet", str(shop), "clone")
    folder = tmp_path / "clone"
    os.chdir(folder)
    commit(folder, "Count: refunds `once`\n\nAnd more.")
    git(folder, "tag", "--annotate", "v1", "--message", "one")
    git(folder, "branch", "fix#1/größe")
    return folder


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("dev@", ["HEAD", "fix#1/größe", "main", "origin/feature/x", "origin/main", "v1"]),
        ("@", ["HEAD", "fix#1/größe", "main", "origin/feature/x", "origin/main", "v1"]),
        ("prod@ori", ["origin/feature/x", "origin/main"]),
        ("dev@fix#1/g", ["fix#1/größe"]),
        ("dev@none", []),
        ("dev@*", []),
    ],
)
def test_after_the_at_refs_are_offered(typed: str, expected: list[str], refs: Path, tab: Tab) -> None:
    assert refs.is_dir()
    environment = typed.partition("@")[0]
    for command in ("build", "plan build"):
        assert [f"{environment}@{ref}" for ref in expected] == list(tab(f"dot {command} {typed}"))


def test_a_ref_is_described_by_the_subject_of_its_commit(refs: Path, tab: Tab) -> None:
    assert refs.is_dir()
    expected = {"dev@v1": "Count: refunds `once`", "dev@origin/main": "commit 1"}
    assert tab("dot build dev@v") | tab("dot build dev@origin/m") == expected


def test_thousands_of_refs_are_offered_all_but_without_descriptions(shop: Path, tab: Tab) -> None:
    head = git(shop, "rev-parse", "HEAD")
    packed = "".join(f"{head} refs/tags/v{number:05d}\n" for number in range(2000))
    make_tree(shop, {".git/packed-refs": "# pack-refs with: peeled fully-peeled sorted \n" + packed})
    assert {f"dev@v{number:05d}": "" for number in range(2000)} == tab("dot build dev@v")
    assert {f"dev@v{number:05d}": "commit 1" for number in range(100, 200)} == tab("dot build dev@v001")


@pytest.fixture
def builds(refs: Path) -> tuple[str, str]:
    """Builds of `main` in dev and in prod, and one of origin/main in dev that failed early; their short hashes."""
    assert [call_dot("build", address) for address in ("dev@main", "prod@main", "dev@origin/main")] == [0, 0, 0]
    first, second = (git(refs, "rev-parse", "--short", ref) for ref in ("main", "origin/main"))
    (refs / ".dot" / "build" / second / "env" / "dev" / "target" / "manifest.json").unlink()
    return first, second


def test_builds_are_offered_among_the_refs(builds: tuple[str, str], tab: Tab) -> None:
    first, second = builds
    assert tab(f"dot build dev@{first[:5]}") == {f"dev@{first}": "Count: refunds `once`"}
    assert tab(f"dot build @{second[:5]}") == {f"@{second}": "commit 1"}


@pytest.mark.parametrize("option", ["--defer ", "--defer="])
def test_only_builds_that_exist_can_be_deferred_to(option: str, builds: tuple[str, str], tab: Tab) -> None:
    start = option.strip(" ") if option.endswith("=") else ""
    main = [builds[0], "HEAD", "fix#1/größe", "main", "v1"]
    expected = {f"{start}{name}@{ref}" for name in ("dev", "prod") for ref in main}
    assert set(tab(f"dot build dev {option}")) == expected
    assert set(tab(f"dot plan run dev {option}dev@m")) == {f"{start}dev@main"}
    assert {f"{start}@{ref}" for ref in main} == set(tab(f"dot run {option}@"))
    assert set(tab(f"dot build {option}").values()) == {"Count: refunds `once`"}
    assert tab(f"dot build -- {option}dev@m") == {}


# -- nodes, folders ------------------------------------------------------------------------------------------------


def manifest(*ids: str) -> str:
    return json.dumps({"nodes": {"model.shop.never": {}}, "parent_map": {unique_id: [] for unique_id in ids}})


@pytest.mark.parametrize("option", ["--select", "--exclude", "-s", "-m", "--models", "-- --select", "-- -s"])
def test_models_are_offered_from_the_files_without_a_manifest(option: str, shop: Path, tab: Tab) -> None:
    make_tree(shop, {"seeds/c.csv": "", "target/manifest.json": "{"})
    assert tab(f"dot build {option} ") == {"a": "model", "b": "model", "c": "seed"}


def test_nodes_are_offered_from_the_last_manifest(shop: Path, tab: Tab) -> None:
    make_tree(shop, {"target/manifest.json": manifest("model.shop.orders", "source.shop.raw.orders")})
    assert tab("dot build dev --select ") == {"orders": "model", "source:raw.orders": "source"}


@pytest.mark.parametrize("variable", ["DBT_TARGET_PATH", "DBT_ENGINE_TARGET_PATH", None])
def test_nodes_are_offered_from_the_manifest_where_dbt_leaves_it(
    variable: str | None, shop: Path, tab: Tab, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_tree(shop, {"made/manifest.json": manifest("model.shop.orders")})
    if variable:
        monkeypatch.setenv(variable, "made")
    else:
        make_tree(shop, {"dbt_project.yml": "name: shop\nprofile: shop\ntarget-path: made\n"})
    assert tab("dot build dev --select ") == {"orders": "model"}


@pytest.mark.parametrize("variable", ["DBT_TARGET", "DBT_ENGINE_TARGET"])
def test_the_default_output_is_the_one_that_the_variables_of_dbt_name(
    variable: str, shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert read_outputs(shop, Start(shop, os.environ)).default == "dev"
    monkeypatch.setenv(variable, "prod")
    assert read_outputs(shop, Start(shop, os.environ)).default == "prod"


@pytest.mark.parametrize("address", ["dev@main", "dev@HEAD", "@main", "dev@{short}"])
def test_nodes_are_offered_from_the_manifest_of_the_build(address: str, shop: Path, tab: Tab) -> None:
    assert call_dot("build", "dev@main") == 0
    short = git(shop, "rev-parse", "--short", "HEAD")
    target = f".dot/build/{short}/env/dev/target/manifest.json"
    make_tree(shop, {"target/manifest.json": manifest("model.shop.today"), target: manifest("model.shop.then")})
    assert tab(f"dot build {address.format(short=short)} --select ") == {"then": "model"}
    assert tab("dot build prod@main --select ") == {"today": "model"}
    assert tab("dot build dev@nowhere --select ") == {"today": "model"}
    assert tab("dot build dev --select ") == {"today": "model"}


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("+", ["+a", "+b"]),
        ("2+a", ["2+a"]),
        ("@a", ["@a"]),
        ("a b", ["b"]),
        ("'a b", ["a b"]),
        ("a,b", ["a,b"]),
        ("tag:", []),
        ("a+", []),
        ("a @", ["@a", "@b"]),
        ("a dev@", []),
    ],
)
def test_a_selection_is_completed_at_its_last_name(typed: str, expected: list[str], shop: Path, tab: Tab) -> None:
    assert shop.is_dir()
    assert list(tab(f"dot build --select {typed}")) == expected


def test_macros_and_outputs_are_offered(shop: Path, tab: Tab) -> None:
    make_tree(shop, {"macros/x/grant.sql": "{% macro grant_all(x) %}{% endmacro %}{%- macro grant_one() -%}"})
    make_tree(shop, {"macros/binary.sql": b"\xff\0"})
    assert list(tab("dot run-operation gr")) == ["grant_all", "grant_one"]
    assert list(tab("dot run-operation grant_all dev"))[1:] == ["dev@"]
    assert list(tab("dot run --target p")) == ["prod"]


def test_folders_are_offered_and_the_project_that_they_name_is_looked_at(
    shop: Path, tab: Tab, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_tree(shop.parent, {"my folder/sub/x": "", "file": ""})
    monkeypatch.chdir(shop.parent)
    assert {"shop/", "my folder/"} < set(tab("dot build --project-dir "))
    assert list(tab(r"dot build --project-dir my\ folder/s")) == ["my folder/sub/"]
    assert list(tab("dot build --project-dir=sh")) == ["--project-dir=shop/"]
    assert set(tab("dot build --project-dir shop d")) == {"dev", "dev@"}
    assert set(tab("dot --project-dir=shop build d")) == {"dev", "dev@"}


# -- the protocol --------------------------------------------------------------------------------------------------


def ask(dot: Dot, monkeypatch: pytest.MonkeyPatch, **request: str) -> Outcome:
    for name, value in request.items():
        monkeypatch.setenv(name, value)
    return dot()


@pytest.mark.parametrize(
    ("line", "exit_code"), [("dot bu", 0), ("dot nonsense ", 0), ("dot build --record-timing-info ", 1)]
)
def test_fish_is_told_whether_files_follow(
    line: str, exit_code: int, dot: Dot, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = {"_TYPER_COMPLETE_FISH_ACTION": "is-args", "_TYPER_COMPLETE_ARGS": line}
    assert ask(dot, monkeypatch, _DOT_COMPLETE="complete_fish", **request) == Outcome(exit_code, "", "")


def test_bash_and_zsh_are_answered_under_both_names_of_the_program(
    dot: Dot, shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert shop.is_dir()
    bash = {"COMP_WORDS": "dot\nbuild\ndev\n@\nm", "COMP_CWORD": "4"}
    assert ask(dot, monkeypatch, _DOT_COMPLETE="complete_bash", **bash) == Outcome(0, "@main\n", "")
    monkeypatch.setattr("sys.argv", ["/usr/bin/dot-for-dbt"])
    assert ask(dot, monkeypatch, _DOT_FOR_DBT_COMPLETE="complete_bash", **bash) == Outcome(0, "@main\n", "")
    zsh = ask(dot, monkeypatch, _DOT_FOR_DBT_COMPLETE="complete_zsh", _TYPER_COMPLETE_ARGS="dot build dev@m")
    assert "finished=('dev@main:commit 1')" in zsh.stdout


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish", "powershell"])
def test_typer_writes_the_script_of_every_shell(shell: str, dot: Dot, monkeypatch: pytest.MonkeyPatch) -> None:
    outcome = ask(dot, monkeypatch, _DOT_COMPLETE=f"source_{shell}")
    assert (outcome.exit_code, f"complete_{shell}" in outcome.stdout, outcome.stderr) == (0, True, "")


def test_typer_answers_powershell(dot: Dot, monkeypatch: pytest.MonkeyPatch) -> None:
    request = {"_TYPER_COMPLETE_ARGS": "dot bu", "_TYPER_COMPLETE_WORD_TO_COMPLETE": "bu"}
    assert ask(dot, monkeypatch, _DOT_COMPLETE="complete_powershell", **request).stdout.startswith("build:::")


@pytest.mark.parametrize("line", ["dot nonsense ", "dot --no-deps ", "dot diff a b c "])
def test_powershell_shows_no_error_in_the_middle_of_a_line(
    line: str, dot: Dot, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = {"_TYPER_COMPLETE_ARGS": line, "_TYPER_COMPLETE_WORD_TO_COMPLETE": ""}
    assert ask(dot, monkeypatch, _DOT_COMPLETE="complete_powershell", **request) == Outcome(0, "", "")


# -- where there is nothing to offer -------------------------------------------------------------------------------


def without_project(shop: Path) -> None:
    (shop / "dbt_project.yml").unlink()


def without_git(shop: Path) -> None:
    os.environ["PATH"] = str(shop / "nowhere")


def outside_of_git(shop: Path) -> None:
    shutil.rmtree(shop / ".git")


def without_commits(shop: Path) -> None:
    outside_of_git(shop)
    git(shop, "init", "--quiet")


def without_current_folder(shop: Path) -> None:
    shutil.rmtree(shop)


def with_everything_broken(shop: Path) -> None:
    files = ("dbt_project.yml", "profiles.yml", "dot_environments.yml", ".git/packed-refs", "target/manifest.json")
    make_tree(shop, {**dict.fromkeys(files, b"\xff{[\x00"), ".git/HEAD": "", "pyproject.toml": "["})


LINES = ("dot build ", "dot build dev@", "dot build dev --defer ", "dot run --select ", "dot run-operation ", "dot b '")
Break = Callable[[Path], None]


@pytest.mark.parametrize("line", LINES)
@pytest.mark.parametrize(
    "break_it",
    [without_project, without_git, outside_of_git, without_commits, without_current_folder, with_everything_broken],
)
def test_no_shell_hears_of_what_is_wrong(
    break_it: Break, line: str, shop: Path, dot: Dot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", os.environ["PATH"])
    break_it(shop)
    bash = {"COMP_WORDS": line.replace(" ", "\n").replace("@", "\n@"), "COMP_CWORD": "3"}
    for shell in ("bash", "zsh", "fish"):
        outcome = ask(dot, monkeypatch, _DOT_COMPLETE=f"complete_{shell}", _TYPER_COMPLETE_ARGS=line, **bash)
        assert (shell, outcome.exit_code, outcome.stderr) == (shell, 0, "")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_request_that_makes_no_sense_is_answered_with_nothing(
    shell: str, dot: Dot, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert ask(dot, monkeypatch, _DOT_COMPLETE=f"complete_{shell}", COMP_WORDS="", COMP_CWORD="x") == Outcome(0, "", "")


def test_what_can_be_compared_are_builds_and_live_environments_and_what_can_be_shown_are_builds(
    shop: Path, tab: Tab
) -> None:
    assert call_dot("build", "dev@main", "-q") == 0
    short = git(shop, "rev-parse", "--short", "main")
    built = {"dev@main", "dev@HEAD", f"dev@{short}"}
    assert {"dev", *built} == set(tab("dot diff d"))
    assert set(tab("dot diff dev@main p")) == {"prod"}
    assert set(tab("dot diff dev@main dev@")) == built
    assert set(tab("dot builds show dev@")) == built
