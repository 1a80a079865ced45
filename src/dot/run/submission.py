"""Submitting a run to Databricks, and following it to its end."""

import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from time import monotonic, sleep
from typing import Any

from dot.base.errors import ExitCode, GitError, IsolationError, OutsideError, Problem
from dot.base.frozen import thaw
from dot.base.wording import MOST_NAMES
from dot.dbt.manifest import parse_manifest
from dot.isolation.target_names import WrittenNode, find_named_by_target
from dot.plan.record import RemoteRun
from dot.plan.step import CheckRemote, SubmitRun
from dot.run.context import Context
from dot.system import git_remote, store
from dot.system.databricks import JobsService, name_host
from dot.system.signals import GRACE_SECONDS, Interruption, interrupting

_FIRST_WAIT, _LONGEST_WAIT, _GROWTH = 0.5, 10.0, 1.5
"""How many seconds pass between two looks at the run: a short one is seen soon, and a long one asks little."""

_PATIENCE = 3
"""So many times in a row the state of the run may be refused."""

_ENDED = ("TERMINATED", "SKIPPED", "INTERNAL_ERROR")
_FAILED = 1
"""What dbt ends with when a node failed."""


def check_remote(step: CheckRemote, context: Context) -> None:
    """Raise `GitError` unless the remote has the commit."""
    with context.reporter.progress(f"asking {step.remote} for the commit"):
        is_there = git_remote.is_on_remote(Path(step.repository), step.remote, step.commit)
    if not is_there:
        raise GitError.of(
            f"no branch or tag of {step.remote} has the commit {step.commit[:12]}, as far as this clone knows",
            hint=f"push it, from where Databricks fetches it; or `git fetch {step.remote}`, if somebody else has",
        )


class Submission:
    """One run: what is known of it is in `run`, from when it was submitted."""

    def __init__(self, step: SubmitRun, context: Context) -> None:
        self.step = step
        self.context = context
        self.run: RemoteRun | None = None

    def carry_out(self) -> int:
        """Submit the run unless it was before, and follow it; what it came to. Raises `DotError`."""
        self._refuse_target_names()
        with self.context.reporter.progress("connecting to Databricks"):
            workspace = JobsService()
        _refuse_other_host(workspace, self.step)
        with interrupting() as interruption:
            run_id = workspace.submit(thaw(self.step.payload))
            self.run = RemoteRun(run_id=run_id)
            interruption.is_busy = False
            try:
                interruption.end_dot()
                found = self._follow(workspace, run_id)
            except (KeyboardInterrupt, SystemExit):
                return self._end_early(workspace, interruption)
            except OutsideError:
                self.context.reporter.warn(f"run {run_id} may go on; the same command follows it again")
                raise
            interruption.is_busy = True
            self._show_output(workspace, found)
        return self._judge(found)

    def _follow(self, workspace: JobsService, run_id: int) -> dict[str, Any]:
        """What is known of the run once it has ended; on the way, what becomes of its tasks is told."""
        say, since, wait = self.context.reporter.say, monotonic(), _FIRST_WAIT
        told: dict[str, str] = {}
        with ExitStack() as line:
            while True:
                found = self._read_patiently(workspace, run_id)
                state, is_first = _read_state(found), not told
                self.run = RemoteRun(run_id=run_id, url=found.get("run_page_url"), state=state)
                news = {"": state} | {name: _read_state(task) for name, task in _list_tasks(found)}
                if news != told:
                    line.close()
                    if is_first:
                        was = "was submitted before" if _has_ended(found) else "is on Databricks"
                        say(f"run {run_id} {was}: {self.run.url or workspace.host}")
                    for name in (name for name in news if name and news[name] != told.get(name)):
                        say(f"{name}: {news[name]}")
                    told = news
                    line.enter_context(self.context.reporter.progress(f"run {run_id}: {state}"))
                if _has_ended(found):
                    break
                sleep(wait)
                wait = min(wait * _GROWTH, _LONGEST_WAIT)
        say(f"run {run_id}: {state} · {monotonic() - since:.0f} s")
        return found

    def _read_patiently(self, workspace: JobsService, run_id: int) -> dict[str, Any]:
        """What is known of the run; an answer that makes no sense is no reason to lose sight of it."""
        for patience in reversed(range(_PATIENCE)):
            try:
                return workspace.read_run(run_id)
            except OutsideError:
                if not patience:
                    raise
                sleep(_FIRST_WAIT)
        raise AssertionError

    def _judge(self, found: Mapping[str, Any]) -> int:
        """The exit code: 0, dbt's 1 where the task failed, 3 where it never came to that."""
        result = _states(found).get("result_state")
        if result == "SUCCESS":
            return ExitCode.OK
        message = str(_states(found).get("state_message") or "").strip()
        if message:
            self.context.reporter.warn(message)
        if result is not None:
            self.context.reporter.say("`--again` submits the same once more")
        return _FAILED if result is not None else ExitCode.WORLD

    def _show_output(self, workspace: JobsService, found: Mapping[str, Any]) -> None:
        """What the tasks have printed. That it cannot be read does not change what they came to."""
        for name, task in _list_tasks(found):
            try:
                output = workspace.read_output(int(task["run_id"]))
            except (KeyError, OutsideError) as error:
                why = error.problems[0].notes[0] if isinstance(error, OutsideError) and error.problems[0].notes else ""
                self.context.reporter.warn(f"the output of {name} cannot be read{': ' if why else ''}{why}")
                continue
            logs = str(output.get("logs") or "")
            self.context.reporter.pass_on(logs if logs.endswith("\n") or not logs else f"{logs}\n", to_stderr=False)
            if output.get("logs_truncated"):
                self.context.reporter.say(f"the output of {name} is longer than Databricks tells")
            if error_text := output.get("error"):
                self.context.reporter.warn(f"{name}: {error_text}")

    def _end_early(self, workspace: JobsService, interruption: Interruption) -> int:
        """Dot was asked to end: the run goes on only where a person says so, after Ctrl-C."""
        say, run_id = self.context.reporter.say, self.run.run_id if self.run else 0
        exit_code = interruption.exit_code
        if exit_code == ExitCode.INTERRUPTED and self.context.reporter.can_ask() and not self._wants_cancelled():
            say(f"run {run_id} goes on; the same command follows it again")
            return exit_code
        interruption.is_busy = True
        try:
            workspace.cancel(run_id)
            say(f"run {run_id} is being cancelled")
            self._await_end(workspace, run_id)
        except OutsideError as error:
            self.context.reporter.warn(f"run {run_id} may go on: {error}")
        return exit_code

    def _wants_cancelled(self) -> bool:
        try:
            return self.context.reporter.ask("cancel the run on Databricks, too?", ("yes", "no")) == "yes"
        except (KeyboardInterrupt, SystemExit):  # who asks twice means it
            return True

    def _await_end(self, workspace: JobsService, run_id: int) -> None:
        """Wait a little for the run to end, so that its state is known."""
        until = monotonic() + GRACE_SECONDS
        while monotonic() < until:
            found = workspace.read_run(run_id)
            self.run = RemoteRun(run_id=run_id, url=found.get("run_page_url"), state=_read_state(found))
            if _has_ended(found):
                return
            sleep(_FIRST_WAIT)

    def _refuse_target_names(self) -> None:
        """Raise `IsolationError` when a relation may be called otherwise there, unless leaks are allowed."""
        content = store.read_bytes(Path(self.step.manifest))
        manifest = parse_manifest(content)
        if not manifest:
            raise OutsideError.of("dbt wrote a manifest that cannot be read", hint="run the command again")
        found = find_named_by_target(manifest, _read_disabled(content))
        if not found:
            return
        details = ("", *(f"  {name}" for name in found[:MOST_NAMES]), "")
        message = "names of relations depend on what the profile's output is called, which Databricks decides"
        if not self.step.allow_leaks:
            hint = "let them depend on a variable (`--vars`) or on `target.schema`; `--allow-leaks` submits anyway"
            raise IsolationError(Problem(f"{message} (nothing was submitted)", details=details, hint=hint))
        self.context.reporter.warn("\n".join((message, *details)))


def _read_disabled(content: bytes) -> Iterator[WrittenNode]:
    """The nodes that are disabled here, which the manifest lists apart."""
    disabled = json.loads(content).get("disabled") or {}
    for node in (node for nodes in disabled.values() for node in nodes):
        settings, code = node.get("unrendered_config") or {}, node.get("raw_code") or ""
        yield WrittenNode(str(node.get("name")), str(node.get("original_file_path")), settings, code)


def _refuse_other_host(workspace: JobsService, step: SubmitRun) -> None:
    if workspace.name != name_host(step.host):
        raise OutsideError.of(
            f"the SDK is configured for {workspace.name}, and the profile of the build for {name_host(step.host)}",
            hint="`DATABRICKS_HOST` or `DATABRICKS_CONFIG_PROFILE` chooses the workspace",
        )


def _list_tasks(found: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for task in found.get("tasks") or ():
        yield str(task.get("task_key")), task


def _states(found: Mapping[str, Any]) -> Mapping[str, Any]:
    """The states of a run in the API's first form, which it still tells beside the second."""
    return found.get("state") or _translate(found.get("status") or {})


def _translate(status: Mapping[str, Any]) -> Mapping[str, Any]:
    """The second form in the words of the first."""
    details = status.get("termination_details") or {}
    states: dict[str, Any] = {"life_cycle_state": status.get("state"), "state_message": details.get("message")}
    if status.get("state") == "TERMINATED":
        code = details.get("code")
        states["result_state"] = "SUCCESS" if code == "SUCCESS" else "CANCELED" if code == "USER_CANCELED" else "FAILED"
    return states


def _read_state(found: Mapping[str, Any]) -> str:
    """How far it is, and how it ended once it has."""
    states = _states(found)
    return str(states.get("result_state") or states.get("life_cycle_state") or "UNKNOWN")


def _has_ended(found: Mapping[str, Any]) -> bool:
    return _states(found).get("life_cycle_state") in _ENDED
