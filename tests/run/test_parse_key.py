"""When an earlier parse has told what another one would."""

from pathlib import PurePosixPath
from typing import Any

import pytest

from cases import each
from dot.base.frozen import FrozenMapping
from dot.dbt.engine import Dbt
from dot.isolation.proof import Proofs, prove
from dot.run.parse_key import ParseInputs, may_vary, parse_key
from examples.manifests import make_manifest, make_rules

INPUTS = ParseInputs(
    dot_version="1.0",
    dbt=Dbt(command=("/bin/dbt",), version="2.0.9"),
    program="33261 17 145000000",
    argv=("/bin/dbt", "parse", "--vars", "{}"),
    cwd=PurePosixPath("/srv/shop"),
    profile=FrozenMapping({"shop": {"target": "dev"}}),
    packages="5f2c",
    environ=(("REGION", "eu"),),
    settings=(("user_settings.yml", "a1"),),
    tree=(("models/a.sql", "33188 1 20"),),
)


@pytest.mark.parametrize(
    "changes",
    [
        {"dot_version": "1.1"},
        {"dbt": Dbt(command=("/opt/dbt",), version="2.0.9")},
        {"dbt": Dbt(command=("/bin/dbt",), version="2.0.10")},
        {"program": "33261 18 145000000"},
        {"argv": ("/bin/dbt", "parse", "--vars", '{"region": "us"}')},
        {"cwd": PurePosixPath("/srv")},
        {"profile": FrozenMapping({"shop": {"target": "prod"}})},
        {"packages": None},
        {"environ": (("REGION", "us"),)},
        {"environ": ()},
        {"settings": ()},
        {"tree": (("models/a.sql", "33188 1 21"),)},
        {"tree": (("models/b.sql", "33188 1 20"),)},
    ],
    ids=str,
)
def test_whatever_may_change_the_manifest_changes_the_key(changes: dict[str, Any]) -> None:
    assert parse_key(INPUTS) == parse_key(INPUTS._replace())
    assert parse_key(INPUTS) != parse_key(INPUTS._replace(**changes))


def test_every_input_is_in_the_key() -> None:
    for name in ParseInputs._fields:
        changes: dict[str, Any] = {name: "another"}
        assert parse_key(INPUTS) != parse_key(INPUTS._replace(**changes)), name


def test_how_a_shell_started_dot_is_not_in_the_key() -> None:
    started = (("REGION", "eu"), ("_", "/usr/bin/dot"))
    assert parse_key(INPUTS) == parse_key(INPUTS._replace(environ=started))


def test_a_variable_that_is_no_text_has_a_key() -> None:
    assert parse_key(INPUTS) != parse_key(INPUTS._replace(environ=(("REGION", "\udcff"),)))


@each(
    "content",
    [
        "{{ config(schema=run_started_at.strftime('%Y')) }} select 1",
        '+schema: "{{ invocation_id[:3] }}"',
        "{% set now = modules.datetime.datetime.now() %}",
        "{% set today = py_current_timestring() %}",
        "{{ '}}' ~ run_started_at }}",
        "{{ ['a', 'b'] | random }}",
        "{% set t = now() %}",
        "{% if execute %}{{ run_query('select 1') }}{% endif %}",
        "{% call statement('x') %}select 1{% endcall %}",
        "{% set r = adapter.get_relation('a', 'b', 'c') %}",
        "{{ context['run_started' ~ '_at'] }}",
        "{{ builtins['ref']('a') }}",
        "flags: {write_json: false}",
    ],
)
def test_what_may_vary_by_itself_is_parsed_each_time(content: str) -> None:
    assert may_vary(content.encode())


@each(
    "content",
    [
        "select 1 as id",
        "select now(), run_started_at from {no_jinja}",
        "{{ config(schema=env_var('S', 'a') ~ var('v')) }} select * from {{ ref('known') }}",
        "{{ return(adapter.dispatch('cents', 'shop')(x)) }}",
    ],
)
def test_what_says_the_same_each_time_need_not_be(content: str) -> None:
    assert not may_vary(content.encode())


def test_a_proof_is_found_by_the_parse_that_it_is_of_under_the_same_rules_only() -> None:
    rules = make_rules()
    proof = prove("5f2c", make_manifest(), rules).model_copy(update={"parsed": "key"})
    kept = Proofs().with_proof(proof)

    assert kept.find_parsed("key", rules) == proof
    assert kept.find_parsed("another", rules) is None
    assert kept.find_parsed("key", make_rules(adapter="duckdb")) is None
    assert Proofs().with_proof(prove("5f2c", make_manifest(), rules)).find_parsed(None, rules) is None
