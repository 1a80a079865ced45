"""What tells one warehouse from another: the connection as it resolves, not as it is spelled."""

import re
from collections.abc import Mapping

from dot.profile.adapters import CONNECTION_KEYS, find_adapter

_ONE_NAME = {"catalog": "database", "dbname": "database", "project": "database", "server": "host"}
"""Adapters call one thing by several names."""

_THIS_MACHINE = re.compile(r"localhost|localhost\.localdomain|127(\.\d+){3}|0\.0\.0\.0|::1|(0+:){7}0*1|/.*")
_AROUND_HOST = re.compile(r"^https?://|[./\]]+$|^\[")


def resolve_connection(adapter: str, fields: Mapping[str, object]) -> dict[str, str]:
    """The fields of an output that matter, rendered, each in the one form that it has however it is spelled.

    A remote server's names and numbers are not known to be one.
    """
    if adapter == "duckdb":  # its database is the file
        return {"path": str(fields.get("path") or ":memory:")}
    texts = {_ONE_NAME.get(key, key): str(fields[key]) for key in CONNECTION_KEYS if fields.get(key) not in (None, "")}
    if port := find_adapter(adapter).port:
        texts = {"port": str(port)} | texts
    if "host" in texts:
        texts["host"] = _normalise_host(texts["host"])
    if "account" in texts:
        texts["account"] = texts["account"].lower()
    return texts


def _normalise_host(text: str) -> str:
    """A folder is one of a socket on this machine."""
    if text.startswith("/"):
        return "localhost"
    host = _AROUND_HOST.sub("", text.strip().lower())
    return "localhost" if _THIS_MACHINE.fullmatch(host) else host
