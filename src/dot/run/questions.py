"""What a comparison asks of dbt: invocations whose answers are read, and shown to nobody as they are."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

from dot.base.errors import DbtError
from dot.base.secrets import mask_words
from dot.dbt.engine import Dbt
from dot.dbt.session import Call, Selection, Session
from dot.plan.step import AskMacro, Question, SideName
from dot.run.context import Context
from dot.run.secrets import read_secrets
from dot.system.process import change_variables


class Desk(Protocol):
    """Who knows what no plan can say before the manifests are read: what to ask about, and what the answers mean."""

    def select(self, side: SideName, ask: Callable[[], Selection]) -> None:
        """Ask what is selected on this side, and remember it."""

    def compare(self, session: Session, prepare: Callable[[], Call], step: AskMacro) -> None:
        """Ask the macro, whose arguments alone are not in the call, if there is anything to ask; make the report."""

    def render_page(self) -> str:
        """The report as a page."""
        ...


def make_call(step: Question, dbt: Dbt, variables: Mapping[str, Any], context: Context) -> Call:
    """The invocation with the secrets of its side, and said to whoever wants to know."""
    context.reporter.show_command(mask_words(step.argv))
    env = {name: None if value is None else str(value) for name, value in step.env.items()}
    call = Call(dbt.words_of(step.argv), Path(step.cwd), env)
    secrets = read_secrets(step.secrets, change_variables(context.environ, env), variables)
    return replace(call, env={**env, **secrets})


def read_project(session: Session, call: Call, environment: str, context: Context) -> None:
    """Have dbt read the working tree. Raises `DbtError` if it cannot."""
    with context.reporter.progress(f"reading the working tree for {environment}"):
        exit_code, message = session.listen(call, lambda _: None)
    if exit_code:
        notes = tuple((message or "").splitlines()[:8])
        raise DbtError.of("dbt could not read the working tree", notes=notes, hint="`dot parse` says more")
