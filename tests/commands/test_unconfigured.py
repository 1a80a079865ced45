"""A dbt project without any file of dot's: the outputs of its profile are its environments."""

from collections.abc import Callable
from pathlib import Path

import pytest

from builders import Outcome, make_tree, read_calls

Dot = Callable[..., Outcome]

OUTPUTS = "{dev: {type: duckdb, schema: a}, prod: {type: duckdb, schema: b}, in.ci: {type: duckdb, schema: c}}"


def write_profile(shop: Path, target: str | None) -> None:
    chosen = "" if target is None else f"target: {target}, "
    make_tree(shop, {"profiles.yml": f"shop: {{{chosen}outputs: {OUTPUTS}}}\n"})


def last_target(log: Path) -> str:
    argv = read_calls(log)[-1].argv
    return argv[argv.index("--target") + 1]


@pytest.mark.parametrize("suffix", ["", "@main"])
@pytest.mark.parametrize("name", ["dev", "prod", "in.ci"])
def test_every_output_is_an_environment(name: str, suffix: str, shop: Path, log: Path, dot: Dot) -> None:
    write_profile(shop, "dev")
    assert dot("parse", f"{name}{suffix}").exit_code == 0
    assert (last_target(log), read_calls(log)[-1].env["DOT_ENVIRONMENT"]) == (name, name)


@pytest.mark.parametrize("words", [(), ("@main",)], ids=["live", "isolated"])
@pytest.mark.parametrize(
    ("target", "variables", "expected"),
    [
        ("prod", {}, "prod"),
        ("prod", {"DBT_TARGET": "dev"}, "dev"),
        ("prod", {"DBT_TARGET": ""}, "prod"),
        ("prod", {"DBT_TARGET": "dev", "DBT_ENGINE_TARGET": "in.ci"}, "in.ci"),
        ("\"{{ env_var('WHERE', 'prod') }}\"", {}, "prod"),
        ("\"{{ env_var('WHERE', 'prod') }}\"", {"WHERE": "dev"}, "dev"),
    ],
)
def test_the_default_is_the_target_that_dbt_would_take(
    target: str,
    variables: dict[str, str],
    expected: str,
    words: tuple[str, ...],
    shop: Path,
    log: Path,
    dot: Dot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    write_profile(shop, target)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert dot("parse", *words).exit_code == 0
    assert last_target(log) == expected


@pytest.mark.parametrize("target", [None, "nowhere"])
def test_a_default_that_is_no_output_is_never_replaced_by_another(
    target: str | None, shop: Path, log: Path, dot: Dot
) -> None:
    write_profile(shop, target)
    for words in ((), ("@main",)):
        done = dot("parse", *words)
        assert (done.exit_code, done.stdout, read_calls(log)) == (2, "", [])
        assert "dev, prod, in.ci" in done.stderr


@pytest.mark.parametrize("name", ["../../evil", "a/b", ".hidden", "-x", "a b", "日本"])
def test_an_output_whose_name_cannot_be_a_folder_is_no_environment(name: str, shop: Path, dot: Dot) -> None:
    make_tree(shop, {"profiles.yml": f"shop: {{target: '{name}', outputs: {{'{name}': {{type: duckdb}}}}}}\n"})
    done = dot("plan", "parse", "@main")
    assert (done.exit_code, done.stdout, f"`{name}`" in done.stderr) == (2, "", True)


def test_an_unknown_environment_is_an_error_that_lists_those_there_are(shop: Path, dot: Dot) -> None:
    assert shop.is_dir()
    for address in ("prdo", "prdo@main"):
        done = dot("build", address)
        assert (done.exit_code, done.stdout) == (2, "")
        assert "environments: dev, prod" in done.stderr
        assert "did you mean `prod`?" in done.stderr


@pytest.mark.parametrize("suffix", ["", "@main"])
def test_an_environment_whose_target_has_another_name_uses_that_output(
    suffix: str, shop: Path, log: Path, dot: Dot
) -> None:
    make_tree(shop, {"dot_environments.yml": "environment: {default: mine, mine: {target: dev}}\n"})
    for address in (f"mine{suffix}", suffix):
        assert dot("parse", address).exit_code == 0
        assert (last_target(log), read_calls(log)[-1].env["DOT_ENVIRONMENT"]) == ("dev", "mine")
    written = list((shop / ".dot").glob("build/*/env/mine/profiles.yml"))
    assert [suffix == "@main"] == [len(written) == 1]


@pytest.mark.parametrize("suffix", ["", "@main"])
@pytest.mark.parametrize("settings", ["{}", "{target: nowhere}"])
def test_an_environment_without_output_is_an_error_that_lists_the_outputs(
    settings: str, suffix: str, shop: Path, log: Path, dot: Dot
) -> None:
    make_tree(shop, {"dot_environments.yml": f"environment: {{ci: {settings}}}\n"})
    done = dot("parse", f"ci{suffix}")
    assert (done.exit_code, done.stdout, read_calls(log)) == (2, "", [])
    assert "outputs: dev, prod" in done.stderr
    assert "profiles.yml" in done.stderr


def test_where_environments_are_defined_an_output_is_none_by_itself(shop: Path, dot: Dot) -> None:
    make_tree(shop, {"dot_environments.yml": "environment: {default: dev, dev: {}}\n"})
    assert dot("parse", "@main").exit_code == 0
    assert dot("parse", "prod@main").exit_code == 2


def test_without_a_default_an_environment_must_be_named(shop: Path, dot: Dot) -> None:
    make_tree(shop, {"dot_environments.yml": "environment: {dev: {}, prod: {}}\n"})
    done = dot("parse", "@main")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "environments: dev, prod" in done.stderr
    assert "`default`" in done.stderr


def test_the_name_of_the_profile_is_that_of_the_commit(shop: Path, log: Path, dot: Dot) -> None:
    make_tree(shop, {"dbt_project.yml": "name: shop\nprofile: renamed\n"})
    live = dot("parse")
    assert (live.exit_code, "no profile `renamed`" in live.stderr) == (2, True)
    assert dot("parse", "@main").exit_code == 0
    argv = read_calls(log)[-1].argv
    assert argv[argv.index("--profile") + 1] == "shop"


def test_an_output_whose_name_cannot_be_a_folder_can_be_built_live(shop: Path, log: Path, dot: Dot) -> None:
    make_tree(shop, {"profiles.yml": "shop: {target: a b, outputs: {a b: {type: duckdb}}}\n"})
    assert dot("parse").exit_code == 0
    assert last_target(log) == "a b"


@pytest.mark.parametrize(("version", "kept"), [("1.11.16", True), ("2.0.0", False)])
def test_flags_in_the_profiles_file_are_not_for_a_dbt_that_refuses_them(
    version: str,
    kept: bool,  # noqa: FBT001
    shop: Path,
    log: Path,
    dot: Dot,
) -> None:
    make_tree(shop, {"profiles.yml": f"config: {{use_colors: false}}\nshop: {{target: dev, outputs: {OUTPUTS}}}\n"})
    (log.parent / f"lib/python3.11/site-packages/dbt_core-{version}.dist-info").mkdir(parents=True)

    assert dot("list", "@main").exit_code == 0
    (written,) = shop.glob(".dot/build/*/env/dev/profiles.yml")
    assert ("config:" in written.read_text()) == kept
