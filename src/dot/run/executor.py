"""`execute(plan, context) -> exit code`: does the steps of a plan, in order."""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from time import monotonic
from typing import assert_never

from dot.base.errors import DotError, ExitCode, IsolationError, OutsideError
from dot.base.frozen import FrozenMapping, thaw
from dot.base.layout import Layout
from dot.base.secrets import mask_words
from dot.dbt.session import Call, SeparateProcesses, Session, open_session
from dot.plan.plan import BuildPlan, mask_plan
from dot.plan.record import Outcome, RemoteRun, find_inherited, keeps_from_writing, make_record
from dot.plan.step import (
    SIDES,
    AskMacro,
    CheckIsolation,
    CheckRemote,
    ChooseFunctions,
    ComparisonStep,
    EnsureWorktree,
    InstallPackages,
    Question,
    ReadProject,
    RemoteStep,
    RunDbt,
    SelectNodes,
    Step,
    SubmitRun,
    WritePage,
    WriteProfile,
    WriteRecord,
)
from dot.run.baseline import write_baseline
from dot.run.check_isolation import IsolationCheck
from dot.run.context import Context, showing_progress
from dot.run.missing_files import explain_missing, find_missing
from dot.run.questions import Desk, make_call, read_project
from dot.run.secrets import read_secrets
from dot.run.side_effects import restore_manifest, watching_gitignore
from dot.run.submission import Submission, check_remote
from dot.run.worktree import ensure_worktree
from dot.system import store, yaml
from dot.system.process import Command, change_variables

LOG_MARK = b"=" * 30 + b" "
"""What dbt begins an invocation with in its log."""


def execute(plan: BuildPlan, context: Context, desk: Desk | None = None) -> int:
    """Carry out the plan; dbt's exit code. Raises `DotError` when the world refuses.

    When the packages cannot be installed or the project cannot be parsed, dbt's command is not run; the record is
    written all the same. A comparison needs a `desk`.
    """
    for build in plan.before:
        _build_first(build, context)
    for warning in plan.warnings:
        context.reporter.warn(warning)
    with ExitStack() as stack:
        run = _Run(plan, replace(context, locks=plan.locks), stack, desk)
        with ExitStack() as changing:
            run.lock(changing)
            if any(isinstance(step, CheckIsolation | Question) for step in plan.steps):
                run.session()  # dbt's import, the longest part of all, goes on beside the first steps
            for step in filter(_prepares, plan.steps):
                run.carry_out(step)
        for step in plan.steps:
            if not _prepares(step) and not isinstance(step, WritePage):
                run.carry_out(step)
    for step in plan.steps_of(WritePage):  # while nobody waits for it
        run.carry_out(step)
    if run.error:
        raise run.error
    return run.exit_code


def _build_first(plan: BuildPlan, context: Context) -> None:
    """Carry out the plan of a build that another plan needs, whose report stdout is for.

    A dbt that was started before has that stdout, and is left to the other plan.
    """
    context.reporter.say(f"building {plan.address}")
    with context.reporter.diverted():
        exit_code = execute(plan, replace(context, head_start=None))
    if exit_code:
        hint = "what dbt says above is the reason; without `--build`, what was built is compared"
        raise OutsideError.of(f"the build of {plan.address} failed", hint=hint)


def _prepares(step: Step) -> bool:
    """Whether it may change what all environments of a build share, or comes before a step that does."""
    return isinstance(step, CheckRemote | EnsureWorktree | WriteProfile | InstallPackages)


class _Run:
    """One execution of a plan: what its steps have come to so far."""

    def __init__(self, plan: BuildPlan, context: Context, stack: ExitStack, desk: Desk | None) -> None:
        self.plan = plan
        self._desk = desk
        self.context = context
        self.stack = stack
        self.started_at = _now()
        self.exit_code: int = ExitCode.OK
        self.error: DotError | None = None
        self.check: IsolationCheck | None = None
        self.has_begun = False
        self.remote: RemoteRun | None = None
        self._session: Session | None = None
        self._dbt = stack.enter_context(ExitStack())

    def lock(self, changing: ExitStack) -> None:
        """Hold what the plan locks, some of it until `changing` ends."""
        if self.plan.folders:
            self.context.hide_folder()
        self.context.hold_before(self.stack, changing)

    def carry_out(self, step: Step) -> None:
        match step:
            case EnsureWorktree():
                ensure_worktree(step, self.context)
            case WriteProfile():
                write_profile(step, self.context)
            case InstallPackages():
                self._install_packages(step)
            case CheckIsolation():
                self._attempt(lambda: self._check_isolation(step))
            case ChooseFunctions():
                self._attempt(lambda: write_baseline(step, self.context))
            case RunDbt():
                self._attempt(lambda: self._run_dbt(step))
            case CheckRemote() | SubmitRun():
                self._go_remote(step)
            case WriteRecord():
                self._write_record(step)
            case ReadProject() | SelectNodes() | AskMacro() | WritePage():
                self._compare(step)
            case _:
                assert_never(step)

    def _compare(self, step: ComparisonStep) -> None:
        match step:
            case ReadProject():
                read_project(self.session(), self._call(step), self._name_side(step), self.context)
            case SelectNodes():
                self.desk.select(step.side, lambda: self.session().select(self._call(step)))
            case AskMacro():
                self.desk.compare(self.session(), lambda: self._call(step), step)
            case WritePage():
                store.write_output(Path(step.path), self.desk.render_page(), mark=step.mark)
            case _:
                assert_never(step)

    @property
    def desk(self) -> Desk:
        """Who knows what to ask."""
        if self._desk is None:
            raise ValueError("a comparison needs somebody who knows what to compare")
        return self._desk

    def _call(self, step: Question) -> Call:
        variables = self.plan.sides[SIDES.index(step.side)].environment.vars
        return make_call(step, self.plan.dbt, variables, self.context)

    def _name_side(self, step: Question) -> str:
        return self.plan.sides[SIDES.index(step.side)].environment.name

    def _attempt(self, action: Callable[[], int | None]) -> None:
        """Do it if all went well so far; what isolation refuses is reported once the record is written."""
        if self.exit_code:
            return
        try:
            self.exit_code = action() or ExitCode.OK
        except IsolationError as error:
            self.error, self.exit_code = error, error.exit_code

    def session(self, *, is_single: bool = False) -> Session:
        """The dbt that all steps share, started when the first of them needs it."""
        if self._session is None:
            step = next(self.plan.steps_of(CheckIsolation), None) or next(self.plan.steps_of(RunDbt), None)
            cwd = Path(step.cwd if step else self.plan.project.folder)
            dbt, env = self.plan.dbt, self._environ
            if is_single:  # there is nothing to share
                self._session = SeparateProcesses(Command(dbt.command, cwd, env))
            else:
                opened = open_session(dbt, cwd, env, head_start=self.context.head_start)
                self._session = self._dbt.enter_context(opened)
        return self._session

    @cached_property
    def _environ(self) -> dict[str, str]:
        """The environment of every dbt that the steps start."""
        for submitting in self.plan.steps_of(SubmitRun):
            return {name: value for name, value in self.context.environ.items() if name in submitting.keeps}
        step = next(self.plan.steps_of(RunDbt), None)
        if not step:
            return dict(self.context.environ)
        env = change_variables(self.context.environ, step.env)
        variables = self.plan.environment.vars if self.plan.environment else {}
        return env | read_secrets(step.secrets, env, variables)

    def _args(self, argv: tuple[str, ...]) -> tuple[str, ...]:
        self.context.reporter.show_command(mask_words(argv))
        return self.plan.dbt.words_of(argv)

    def _install_packages(self, step: InstallPackages) -> None:
        marker = Path(step.marker)
        if store.read_text(marker) == step.digest and Path(step.folder).is_dir():
            return
        with self.context.take(Layout(self.context.project).users(marker.parent.name)):
            store.remove_tree(marker)
            since = monotonic()
            args, session = self._args(step.argv), self.session()
            with showing_progress(session, self.context.reporter, "installing packages", to_stderr=True) as is_held:
                self.exit_code = session.run(args, to_stderr=True, is_held=is_held)
            if not self.exit_code:
                store.write_whole(marker, step.digest, root=self.context.root)
                self.context.reporter.say(f"packages installed · {monotonic() - since:.1f} s")

    def _check_isolation(self, step: CheckIsolation) -> int:
        self.check = IsolationCheck(self.plan, step, replace(self.context, environ=self._environ))
        return self.check.before(self.session())

    def _run_dbt(self, step: RunDbt) -> int:
        session = self.session(is_single=True)
        with ExitStack() as locks:
            for path in step.locks:
                locks.enter_context(self.context.take(path))
            if not self.plan.commit:
                locks.enter_context(watching_gitignore(self.context.project, self.context.reporter))
            manifest = self._find_unchecked(step)
            before = store.read_text(manifest) if manifest and self.plan.command != "parse" else None
            self.has_begun = True
            exit_code = session.run(self._args(step.argv))
            if exit_code and manifest:
                restore_manifest(manifest, before, self.context)
        if self.check:
            self.check.after()
        if exit_code and self.plan.commit:
            self._explain_missing_files(step)
        return exit_code

    def _go_remote(self, step: RemoteStep) -> None:
        match step:
            case CheckRemote():
                check_remote(step, self.context)
            case SubmitRun():
                self._attempt(lambda: self._submit(step))
            case _:
                assert_never(step)

    def _submit(self, step: SubmitRun) -> int:
        self._dbt.close()  # which has been asked all, and would get the interrupts of a terminal
        submission = Submission(step, self.context)
        try:
            return submission.carry_out()
        except OutsideError as error:
            self.error = error
            return error.exit_code
        finally:
            self.remote = submission.run

    def _find_unchecked(self, step: RunDbt) -> Path | None:
        """The manifest that an isolated build's command writes without a check before it."""
        target = _value(step.argv, "--target-path")
        return Path(target) / "manifest.json" if target and self.plan.commit and not self.check else None

    def _explain_missing_files(self, step: RunDbt) -> None:
        """Say it when dbt would have found a file that it missed, had it run in another folder of the worktree."""
        root = next(Path(each.path) for each in self.plan.steps if isinstance(each, EnsureWorktree))
        logs, cwd = Path(_value(step.argv, "--log-path") or root), Path(step.cwd)
        folders = {"repository": root, "project": Path(_value(step.argv, "--project-dir") or root)}
        for file in find_missing(store.read_end(logs / "dbt.log", LOG_MARK) or "", cwd):
            for setting, folder in folders.items():
                if not store.matches(cwd, file) and store.matches(folder, file):
                    self.context.reporter.say(explain_missing(file, setting))
                    return

    def _write_record(self, step: WriteRecord) -> None:
        outcome = Outcome(
            started_at=self.started_at,
            finished_at=_now(),
            exit_code=self.exit_code,
            leaks=self.check.leaks if self.check else (),
            has_run=self._has_run(),
            inherited=find_inherited(self._environ),
            tests=FrozenMapping(self.check.tests) if self.check and self.check.tests else None,
            remote=self.remote,
            size=sum(store.measure_folder(folder) for folder in self._folders(step)),
        )
        record = make_record(mask_plan(self.plan), outcome)
        store.append_line(Path(step.path), record.model_dump_json(), root=self.context.root)

    def _has_run(self) -> bool:
        """Whether dbt may have come to a node. Where it did and ended with 1, it has written results."""
        if self.remote:
            return True
        may_be_silent = any(map(keeps_from_writing, (*self.plan.dbt_words, *self._environ)))
        is_silent = self.check is not None and not self.check.has_results and not may_be_silent
        return self.has_begun and not (self.exit_code == 1 and is_silent)

    def _folders(self, step: WriteRecord) -> list[Path]:
        """All that the build keeps on disk: its folder of the environment, and the worktree."""
        worktrees = (step.path for step in self.plan.steps if isinstance(step, EnsureWorktree))
        return [Path(step.path.parent), *map(Path, worktrees)]


def write_profile(step: WriteProfile, context: Context) -> None:
    """Write the isolated profile, and the user's anonymous id beside it."""
    path = Path(step.path)
    store.write_whole(path, yaml.dump(thaw(step.content)), root=context.root)
    if step.user_file:
        store.copy_private(Path(step.user_file), path.parent / step.user_file.name, root=context.root)


def _value(argv: tuple[str, ...], option: str) -> str | None:
    return argv[argv.index(option) + 1] if option in argv else None


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
