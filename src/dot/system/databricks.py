"""The Jobs API of a Databricks workspace, by the SDK that Databricks makes for it, and by its configuration alone.

The SDK is optional, and slow to import: only what submits a run does so.
"""

import logging
from collections.abc import Mapping
from functools import cached_property
from importlib.util import find_spec
from typing import Any
from urllib.parse import urlsplit

from dot import __version__
from dot.base.errors import OutsideError

_RUNS = "/api/2.2/jobs/runs"
_INSTALL = "`pip install 'dot-for-dbt[databricks]'` brings it"
_CONFIGURE = "the SDK's own configuration says where the workspace is and who you are: `DATABRICKS_HOST` and the like"


def is_installed() -> bool:
    """Whether the SDK is there; it is not imported."""
    try:
        return find_spec("databricks.sdk") is not None
    except ModuleNotFoundError:
        return False


def refuse_missing_sdk() -> None:
    """Raise `OutsideError` where the SDK is not installed."""
    if not is_installed():
        raise OutsideError.of("databricks-sdk is not installed, which submits runs", hint=_INSTALL)


class JobsService:
    """A workspace. The SDK repeats a request where Databricks asks for that; what fails is an `OutsideError`."""

    def __init__(self) -> None:
        refuse_missing_sdk()
        from databricks.sdk.core import ApiClient, Config  # noqa: PLC0415

        logging.getLogger("databricks").setLevel(logging.CRITICAL)  # dot says what concerns a person
        try:
            self._client = ApiClient(configuration := Config(product="dot", product_version=__version__))
            self.host = str(configuration.host or "")
        except Exception as error:  # noqa: BLE001 - the SDK raises what its credentials raise
            raise _refusal("connect to Databricks", error, _CONFIGURE) from None

    @cached_property
    def name(self) -> str:
        """The host as a profile of dbt has it."""
        return name_host(self.host)

    def submit(self, payload: Mapping[str, Any]) -> int:
        """The number of the run; of the one that there is where the same token was submitted before."""
        answer = self._ask("submit the run", "POST", "submit", body=dict(payload))
        run_id = answer.get("run_id")
        if not isinstance(run_id, int):
            raise OutsideError.of("Databricks answered the submission without the number of a run")
        return run_id

    def read_run(self, run_id: int) -> dict[str, Any]:
        """What Databricks tells of the run."""
        return self._ask("read the run", "GET", "get", query={"run_id": run_id})

    def read_output(self, run_id: int) -> dict[str, Any]:
        """What a task of a run has printed; `run_id` is the task's own."""
        return self._ask("read the output of the run", "GET", "get-output", query={"run_id": run_id})

    def cancel(self, run_id: int) -> None:
        """Ask Databricks to end the run; it ends a little later."""
        self._ask("cancel the run", "POST", "cancel", body={"run_id": run_id})

    def _ask(self, what: str, method: str, path: str, **given: Any) -> dict[str, Any]:
        try:
            answer = self._client.do(method, f"{_RUNS}/{path}", **given)
        except Exception as error:  # noqa: BLE001 - the SDK raises its own, those of requests, and plain ones
            raise _refusal(what, error, "see that the workspace can be reached, and what you may do there") from None
        return answer if isinstance(answer, dict) else {}


def name_host(host: str) -> str:
    """The name of a host, however it is spelled: without scheme, port and path."""
    return (urlsplit(host if "//" in host else f"//{host}").hostname or "").lower()


def _refusal(what: str, error: Exception, hint: str) -> OutsideError:
    lines = str(error).strip().splitlines()[:3] or [type(error).__name__]
    return OutsideError.of(f"dot could not {what}", notes=tuple(lines), hint=hint)
