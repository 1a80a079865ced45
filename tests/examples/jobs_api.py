"""What stands for the Jobs API of Databricks: a server on this machine that writes down what it is asked."""

import json
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from time import sleep
from typing import Any
from urllib.parse import parse_qs, urlsplit

RUN_ID, TASK_ID = 42, 4242
RUNS = "/api/2.2/jobs/runs"

Answer = tuple[int, Any]


def state(life_cycle: str, result: str | None = None, message: str = "") -> dict[str, Any]:
    """A run in this state, and its one task."""
    states = {"life_cycle_state": life_cycle, "result_state": result, "state_message": message}
    task = {"task_key": "build", "run_id": TASK_ID, "state": states}
    return {"run_id": RUN_ID, "run_page_url": "https://dbx.example/run/42", "state": states, "tasks": [task]}


RUNNING, SUCCESS = state("RUNNING"), state("TERMINATED", "SUCCESS")
CANCELED = state("TERMINATED", "CANCELED", "Run cancelled.")


@dataclass
class JobsApi:
    """`states` is what `get` answers, one after the other, the last for ever; `failures` are answers before those.

    `on_get` is called at each `get` with how many there were. `delay` is how many seconds the next one takes. What was
    cancelled is CANCELED from then on.
    """

    states: list[dict[str, Any]] = field(default_factory=lambda: [RUNNING, SUCCESS])
    failures: dict[str, list[Answer]] = field(default_factory=dict)
    output: dict[str, Any] = field(default_factory=lambda: {"logs": "dbt says hello\n"})
    on_get: Callable[[int], object] = lambda _: None
    asked: list[tuple[str, Any]] = field(default_factory=list)
    host: str = ""
    delay: float = 0.0

    def answer(self, name: str, given: Any) -> Answer:
        self.asked.append((name, given))
        if self.failures.get(name):
            return self.failures[name].pop(0)
        match name:
            case "submit":
                return 200, {"run_id": RUN_ID}
            case "get":
                seconds, self.delay = self.delay, 0.0
                sleep(seconds)
                self.on_get(sum(one == "get" for one, _ in self.asked))
                return 200, self.states.pop(0) if len(self.states) > 1 else self.states[0]
            case "get-output":
                return 200, self.output
            case "cancel":
                self.states = [CANCELED]
                return 200, {}
        return 404, {"error_code": "ENDPOINT_NOT_FOUND", "message": "no such endpoint"}

    def names(self) -> list[str]:
        """What was asked for, in order, the same in a row once."""
        found = [name for name, _ in self.asked]
        return [name for place, name in enumerate(found) if place == 0 or found[place - 1] != name]


@contextmanager
def serving(api: JobsApi) -> Generator[JobsApi]:
    """The server, while somebody asks it."""

    class Handler(BaseHTTPRequestHandler):
        def _reply(self, body: bytes = b"") -> None:
            url = urlsplit(self.path)
            if not url.path.startswith(RUNS):
                self.send_error(404)
                return
            given = json.loads(body) if body else {key: value[0] for key, value in parse_qs(url.query).items()}
            assert self.headers["Authorization"] == "Bearer a-token"
            status, answer = api.answer(url.path.removeprefix(f"{RUNS}/"), given)
            content = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            if status in (429, 503):
                self.send_header("Retry-After", "1")
            self.end_headers()
            self.wfile.write(content)

        def do_GET(self) -> None:
            self._reply()

        def do_POST(self) -> None:
            self._reply(self.rfile.read(int(self.headers["Content-Length"])))

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - as the base class has it
            """Nothing is printed."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        api.host = f"http://127.0.0.1:{server.server_port}"
        try:
            yield api
        finally:
            server.shutdown()
            thread.join()
