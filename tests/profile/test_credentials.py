"""Every field of every adapter that could be installed, which `scripts/list_credentials.py` has read."""

import json
from pathlib import Path
from typing import Any

from cases import each
from dot.base.secrets import MASK, mask
from dot.profile.adapters import ADAPTER_TYPES, find_adapter
from dot.profile.isolate import IsolatedProfile, isolate_profile
from dot.profile.paths import is_path
from examples.plans import make_profile

TABLE: Any = json.loads(Path(__file__).with_name("credentials.json").read_text("utf-8"))
KINDS: dict[str, list[str]] = TABLE["kinds"]
ADAPTERS: dict[str, list[str]] = TABLE["adapters"]
SECRET = "hunter2"
LOOKS = (f"password={SECRET}", f"https://{SECRET}@host/x", f"{{{{ env_var('X', 'pwd={SECRET}') }}}}")
JINJA = (f"{{{{ env_var('X', '{SECRET}') }}}}", f"{{% if x %}}{SECRET}{{% endif %}}", f"{{# {SECRET} #}}")


def isolate(adapter: str, field: str, value: str) -> IsolatedProfile:
    return isolate_profile(make_profile({"type": adapter, "schema": "analytics", field: value}), "_a1b2c3d")


def fields(adapter: str, kind: str) -> list[str]:
    return [name for name in ADAPTERS[adapter] if name in KINDS[kind]]


def test_every_field_is_of_one_kind() -> None:
    assert len(ADAPTERS) > 60
    sorted_out = sorted(name for names in KINDS.values() for name in names)
    assert sorted({name for names in ADAPTERS.values() for name in names}) == sorted_out, "say of what kind it is"


@each("adapter", ADAPTERS)
def test_a_secret_is_not_copied_whatever_field_it_stands_in(adapter: str) -> None:
    cases = [(name, value) for name in ADAPTERS[adapter] if name != "type" for value in LOOKS]
    cases += [(name, value) for name in fields(adapter, "secret") for value in (SECRET, *JINJA)]

    assert [case for case in cases if SECRET in isolate(adapter, *case).model_dump_json()] == []
    assert [name for name in fields(adapter, "secret") if mask({name: SECRET})[name] != MASK] == []


@each("adapter", ADAPTERS)
def test_what_is_no_secret_is_kept(adapter: str) -> None:
    names = [name for name in fields(adapter, "plain") if name not in {"type", *find_adapter(adapter).schema_copies}]

    assert [name for name in names if isolate(adapter, name, "/x").output[name] != "/x"] == []


@each("adapter", sorted(ADAPTER_TYPES & ADAPTERS.keys()))
def test_a_path_and_a_schema_are_known(adapter: str) -> None:
    holders = ((name,) for name in fields(adapter, "path"))
    assert [keys for keys in holders if not any(is_path(adapter, (*keys, *rest)) for rest in ((), ("x",), (0,)))] == []
    assert [name for name in fields(adapter, "schema") if name not in find_adapter(adapter).schema_keys] == []
