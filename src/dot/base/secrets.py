"""What is a secret, by the name of its field or by the look of its text; and what may be shown of what holds one."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from dot.base.frozen import FrozenMapping, thaw

MASK = "*****"
"""What is shown in the place of a secret, as dbt does."""

_SECRET_KEY = re.compile(
    r"""
    (?: (?:^|[._-]) (?:pass|pat|sas|jwt|cookie|logdata|(?<!public[._-])key_id|pkey)
      | ^ (?:auth|key|pin|ak|sk|(?:proxy[._-])?authorization)
      | passwd | password | passphrase | passcode | pwd | secret | token | credential
      | (?: api | access | account | encryption | secret | shared | signing | storage | master ) [._-]? key
        (?:[._-]?id)?
      | access [._-]? id
      | private[._-]?key (?:[._-]?(?:id|pem|content|base64))? | (?:key|config)file_json (?:_base64)? | keytab_base64
    ) s? [_-]?\d* $
    | (?: account\.key | azure\.sas | client\.secret ) \.  # of a storage account, whose name follows
    """,
    re.IGNORECASE | re.VERBOSE,
)
_MAPPINGS = ("auth", "keyfile_json", "secrets")
_NAME = r"""(?:(?<![a-z])pass|password|passwd|pwd|passphrase|token|secret|sig|signature|credential|authorization
  |(?:api|access|account|private|secret|shared)_?key(?:_?id)?)"""
_SECRET_TEXT = re.compile(
    rf"""
    {_NAME} ["']? \s* (?:=|:(?!//)) \s* ["']? [^\s\0"';]
    | --[\w-]*{_NAME} \s+ ["']? [^\s\0"'-]
    | ^ (?:bearer|basic) \s+ [^\s\0]
    | :// [^/\s:@]* : [^\s@\0]+ @
    | https?:// [^/\s:@\0]+ @
    | -----BEGIN\ [A-Z ]*PRIVATE\ KEY
    | \b (?: gh[opsu]_ | github_pat_ | glpat- | xox[abp]- | AKIA | ASIA | dapi | eyJ ) [\w.-]{{16}}
    """,
    re.IGNORECASE | re.VERBOSE,
)
_PAIR = re.compile(r"""([\w.-]+)["']?\s*:\s*["']?([^\s"',{}\[\]]+)""")
"""A key and its value, in YAML that stands in a command."""


def is_secret(keys: Sequence[str], value: object) -> bool:
    """Whether a field holds a secret, by the names that adapters use or by the look of its text.

    `keys` lead to the field. What stands below a secret name is a secret too, unless that name is known to have fields
    of its own, which then tell by their names: dbt takes the values of secrets out of its logs, and a type or the name
    of a project should stay in them.
    """
    if isinstance(value, bool) or not isinstance(value, str | int | float) or not value:
        return False
    *holders, name = keys or ("",)
    names = (*(key for key in holders if key not in _MAPPINGS), name)
    return any(map(_SECRET_KEY.search, names)) or looks_secret(value)


def looks_secret(value: object) -> bool:
    """Whether a text is a connection text with a password in it, or a private key; a NUL stands for anything else."""
    return isinstance(value, str) and bool(_SECRET_TEXT.search(value))


def mask(value: Any, keys: Sequence[str] = ()) -> Any:
    """The same data as it may be shown and kept."""
    if isinstance(value, Mapping):
        return {key: mask(item, (*keys, key)) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [mask(item, keys) for item in value]
    return MASK if is_secret(keys, value) else value


def mask_words(words: Sequence[str]) -> tuple[str, ...]:
    """The words of a command as they may be shown and kept."""
    return tuple(map(mask_word, words))


def mask_word(word: str) -> str:
    """One of them: of JSON every value for itself, of anything else the whole word after its option's name."""
    if word.startswith("{"):
        try:
            return str(mask_mapping(FrozenMapping(json.loads(word))))
        except ValueError:
            pass  # it is YAML
    option, equals, _ = word.partition("=") if word.startswith("--") else ("", "", "")
    return f"{option}{equals}{MASK}" if holds_secret(word) else word


def holds_secret(text: str) -> bool:
    """Whether a piece of YAML, or of anything else, had better not be shown."""
    return looks_secret(text) or any(is_secret([key], value) for key, value in _PAIR.findall(text))


def mask_mapping(data: FrozenMapping) -> FrozenMapping:
    """The same mapping as it may be shown and kept."""
    return FrozenMapping(mask(thaw(data)))
